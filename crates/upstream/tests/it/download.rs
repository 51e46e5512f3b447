//! Files come whole or not at all, whatever the line and the other side do.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use chasqui_upstream::{
    Download, DownloadError, DownloadProgress, Downloaded, Downloader, DownloaderConfig, Form, MirrorError, Validators,
};

use crate::server::{Reply, Server, reply};

const ETAG: (&str, &str) = ("etag", "\"v1\"");
const MODIFIED: (&str, &str) = ("last-modified", "Fri, 20 Nov 2026 07:38:00 GMT");

/// A folder to fetch into, and what is asked for.
struct World {
    folder: tempfile::TempDir,
    known: Option<Validators>,
    min: u64,
    max: u64,
    form: Form,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), known: None, min: 10, max: 100_000, form: Form::Zip }
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("padron.zip")
    }

    async fn fetch(&self, mirrors: &[String]) -> Result<Downloaded, DownloadError> {
        self.fetch_with(mirrors, &mut |_| ControlFlow::Continue(())).await
    }

    async fn fetch_with(
        &self,
        mirrors: &[String],
        progress: &mut (dyn FnMut(DownloadProgress) -> ControlFlow<()> + Send),
    ) -> Result<Downloaded, DownloadError> {
        let downloader = Downloader::new(DownloaderConfig {
            mirrors: mirrors.to_vec(),
            user_agent: None,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_millis(300),
        });
        let into = self.target();
        let download =
            Download { into: &into, known: self.known.as_ref(), min: self.min, max: self.max, form: self.form };
        downloader.unwrap().fetch(&download, progress).await
    }

    /// What the only mirror's failure was.
    async fn failure(&self, server: &Server) -> MirrorError {
        match self.fetch(&[server.url()]).await {
            Err(DownloadError::NoMirror { mut failures }) => failures.pop().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn zip(n_bytes: usize) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend((4..n_bytes).map(|at| u8::try_from(at % 251).unwrap()));
    bytes
}

fn whole(body: &[u8]) -> Reply {
    Reply::Bytes(reply("200 OK", &[ETAG, MODIFIED], body))
}

/// The beginning of a file, and then the line breaks.
fn broken(body: &[u8], n_bytes: usize) -> Reply {
    let length = body.len().to_string();
    Reply::Bytes(reply("200 OK", &[ETAG, MODIFIED, ("content-length", &length)], &body[..n_bytes]))
}

/// The rest of a file.
fn rest(body: &[u8], from: usize) -> Reply {
    let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
    Reply::Bytes(reply("206 Partial Content", &[ETAG, MODIFIED, ("content-range", &range)], &body[from..]))
}

fn validators(etag: Option<&str>, last_modified: Option<&str>) -> Validators {
    Validators { etag: etag.map(str::to_owned), last_modified: last_modified.map(str::to_owned), sha256: None }
}

#[tokio::test]
async fn a_file_is_fetched_whole_and_told_by_its_hash() {
    let (world, body) = (World::new(), zip(5_000));
    let server = Server::start(vec![whole(&body)]);
    let mut seen = Vec::new();
    let mut see = |progress: DownloadProgress| {
        seen.push((progress.done, progress.total));
        ControlFlow::Continue(())
    };
    match world.fetch_with(&[server.url()], &mut see).await.unwrap() {
        Downloaded::Fetched { host, n_bytes: 5_000, n_resumed: 0, validators } => {
            assert_eq!((host.as_str(), validators.etag.as_deref()), ("127.0.0.1", Some("\"v1\"")));
            assert_eq!(validators.modified().unwrap().to_string(), "2026-11-20T07:38:00Z");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(world.target()).unwrap(), body);
    assert_eq!(world.names(), ["padron.zip"], "nothing is left over");
    assert_eq!((seen.first(), seen.last()), (Some(&(0, Some(5_000))), Some(&(5_000, Some(5_000)))));
    let request = &server.requests()[0];
    assert!(request.starts_with("get /padron_reducido_ruc.zip ") && request.contains("accept-encoding: identity"));
    assert!(request.contains("user-agent: mozilla/5.0 (compatible; chasqui/") && !request.contains("range"));
}

#[tokio::test]
async fn the_hash_is_the_one_that_everybody_computes() {
    let mut world = World::new();
    (world.form, world.min) = (Form::Any, 1);
    let server = Server::start(vec![whole(b"abc")]);
    let Downloaded::Fetched { validators, .. } = world.fetch(&[server.url()]).await.unwrap() else { panic!() };
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(validators.sha256.as_deref(), Some(expected));
}

#[tokio::test]
async fn a_broken_line_is_picked_up_where_it_broke() {
    let (world, body) = (World::new(), zip(5_000));
    let server = Server::start(vec![broken(&body, 1_000), rest(&body, 1_000)]);
    let fetched = world.fetch(&[server.url()]).await.unwrap();
    assert!(matches!(fetched, Downloaded::Fetched { n_resumed: 1_000, n_bytes: 5_000, .. }), "{fetched:?}");
    assert_eq!(fs::read(world.target()).unwrap(), body);
    let request = &server.requests()[1];
    assert!(request.contains("range: bytes=1000-") && request.contains("if-range: \"v1\""), "{request}");
}

#[tokio::test]
async fn a_later_run_goes_on_and_has_the_same_hash() {
    let (world, body) = (World::new(), zip(5_000));
    let server = Server::start(vec![broken(&body, 3_000), Reply::Bytes(reply("503 Busy", &[], b""))]);
    let failed = world.fetch(&[server.url()]).await.unwrap_err();
    assert!(failed.to_string().contains("127.0.0.1 answered with status 503"), "{failed}");
    assert_eq!(world.names(), ["padron.zip.part", "padron.zip.part.json"]);
    let server = Server::start(vec![rest(&body, 3_000)]);
    let Downloaded::Fetched { validators: resumed, .. } = world.fetch(&[server.url()]).await.unwrap() else { panic!() };
    assert_eq!(fs::read(world.target()).unwrap(), body);
    let server = Server::start(vec![whole(&body)]);
    let Downloaded::Fetched { validators: at_once, .. } = world.fetch(&[server.url()]).await.unwrap() else { panic!() };
    assert_eq!(resumed, at_once);
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_begun_anew() {
    let (old, new) = (zip(5_000), zip(6_000));
    let range = "bytes 1000-5999/6000";
    let other = ("etag", "\"v2\"");
    let replies = [
        // The host notices, as it should.
        vec![Reply::Bytes(reply("200 OK", &[other], &new))],
        // The host sends the rest of another version.
        vec![
            Reply::Bytes(reply("206 Partial Content", &[other, ("content-range", range)], &new[1_000..])),
            Reply::Bytes(reply("200 OK", &[other], &new)),
        ],
        // The host sends another part than the one that was asked for.
        vec![rest(&old, 2_000), Reply::Bytes(reply("200 OK", &[other], &new))],
        // What is there goes beyond what the host has.
        vec![
            Reply::Bytes(reply("416 Range Not Satisfiable", &[("content-range", "bytes */500")], b"")),
            Reply::Bytes(reply("200 OK", &[other], &new)),
        ],
    ];
    for later in replies {
        let world = World::new();
        let n_requests = later.len() + 1;
        let server = Server::start([vec![broken(&old, 1_000)], later].concat());
        let fetched = world.fetch(&[server.url()]).await.unwrap();
        assert!(matches!(fetched, Downloaded::Fetched { n_resumed: 0, n_bytes: 6_000, .. }), "{fetched:?}");
        assert_eq!(fs::read(world.target()).unwrap(), new);
        assert_eq!(server.requests().len(), n_requests);
    }
}

#[tokio::test]
async fn without_a_mark_of_the_version_nothing_is_continued() {
    let (world, body) = (World::new(), zip(5_000));
    let half = reply("200 OK", &[("etag", "W/\"weak\""), ("content-length", "5000")], &body[..1_000]);
    let server = Server::start(vec![Reply::Bytes(half), Reply::Bytes(reply("200 OK", &[], &body))]);
    assert!(matches!(world.fetch(&[server.url()]).await.unwrap(), Downloaded::Fetched { n_resumed: 0, .. }));
    assert!(!server.requests()[1].contains("range"));
}

#[tokio::test]
async fn what_has_not_changed_is_not_fetched() {
    let body = zip(5_000);
    let (etag, modified) = (Some(ETAG.1), Some(MODIFIED.1));
    let not_modified = Reply::Bytes(reply("304 Not Modified", &[], b""));
    // A host that pays no attention to what it is told still gives itself away by its headers.
    for (known, answer) in [
        (validators(etag, modified), not_modified),
        (validators(etag, None), whole(&body)),
        (validators(Some("\"of another mirror\""), modified), whole(&body)),
    ] {
        let world = World { known: Some(known), ..World::new() };
        // What an attempt at another version left is of no use any more.
        fs::write(world.folder.path().join("padron.zip.part"), b"PK").unwrap();
        let note = r#"{"validators":{"etag":"\"v0\""},"total":5000}"#;
        fs::write(world.folder.path().join("padron.zip.part.json"), note).unwrap();
        let server = Server::start(vec![answer]);
        let fetched = world.fetch(&[server.url()]).await.unwrap();
        assert!(matches!(fetched, Downloaded::Unchanged { .. }), "{fetched:?}");
        assert!(world.names().is_empty(), "{:?}", world.names());
        let request = &server.requests()[0];
        assert!(request.contains("if-none-match") || request.contains("if-modified-since"), "{request}");
        assert!(request.contains("if-range: \"v0\""), "{request}");
    }
}

#[tokio::test]
async fn the_same_bytes_under_another_mark_are_unchanged_too() {
    let (mut world, body) = (World::new(), zip(5_000));
    let server = Server::start(vec![whole(&body)]);
    let Downloaded::Fetched { validators, .. } = world.fetch(&[server.url()]).await.unwrap() else { panic!() };
    fs::remove_file(world.target()).unwrap();
    world.known = Some(validators.clone());
    let server = Server::start(vec![Reply::Bytes(reply("200 OK", &[("etag", "\"v2\"")], &body))]);
    match world.fetch(&[server.url()]).await.unwrap() {
        Downloaded::Unchanged { validators: now, .. } => {
            assert_eq!((now.etag.as_deref(), now.sha256), (Some("\"v2\""), validators.sha256));
        }
        other @ Downloaded::Fetched { .. } => panic!("{other:?}"),
    }
    assert!(world.names().is_empty(), "{:?}", world.names());
}

#[tokio::test]
async fn mirrors_are_tried_in_their_order_and_go_on_where_another_broke() {
    let (world, body) = (World::new(), zip(5_000));
    let gone = Server::start(vec![]);
    let failing = Server::start(vec![Reply::Bytes(reply("500 Oops", &[], b"oops"))]);
    let breaking = Server::start(vec![broken(&body, 2_000), Reply::Bytes(reply("503 Busy", &[], b""))]);
    let good = Server::start(vec![rest(&body, 2_000)]);
    let mirrors = [gone.url(), failing.url(), breaking.url(), good.url()];
    let fetched = world.fetch(&mirrors).await.unwrap();
    assert!(matches!(fetched, Downloaded::Fetched { n_bytes: 5_000, n_resumed: 2_000, .. }), "{fetched:?}");
    // The one that broke was asked to go on before the next one was.
    assert_eq!((failing.requests().len(), breaking.requests().len()), (1, 2));
}

#[tokio::test]
async fn when_no_mirror_has_it_each_says_why() {
    let world = World::new();
    let failing = Server::start(vec![Reply::Bytes(reply("500 Oops", &[], b"oops"))]);
    let page = Server::start(vec![Reply::Bytes(reply("200 OK", &[("content-type", "text/html")], &[b' '; 500]))]);
    let said = world.fetch(&[failing.url(), page.url()]).await.unwrap_err().to_string();
    assert!(said.contains("answered with status 500; 127.0.0.1 sent something else"), "{said}");
    let said = world.fetch(&[]).await.unwrap_err().to_string();
    assert_eq!(said, "no mirror gave the file: none is configured");
}

#[tokio::test]
async fn redirects_stay_within_the_configured_hosts() {
    let (world, body) = (World::new(), zip(5_000));
    let target = Server::start(vec![whole(&body)]);
    let sends_on = |to: &str| Server::start(vec![Reply::Bytes(reply("302 Found", &[("location", to)], b""))]);
    // Another port and path of the same host.
    let server = sends_on(&target.url());
    assert!(matches!(world.fetch(&[server.url()]).await.unwrap(), Downloaded::Fetched { .. }));

    let elsewhere = format!("http://localhost:{}/padron.zip", target.address.port());
    for to in ["http://evil.example/padron.zip", "//evil.example/padron.zip", "ftp://127.0.0.1/padron.zip", &elsewhere]
    {
        match world.failure(&sends_on(to)).await {
            MirrorError::Redirected { host, to: shown } => {
                assert_eq!(host, "127.0.0.1");
                assert!(to.contains(shown.rsplit('/').next().unwrap()), "{shown}");
            }
            other => panic!("{to}: {other:?}"),
        }
    }
    // The host of another mirror will do.
    let target = Server::start(vec![whole(&body)]);
    let server = sends_on(&format!("http://localhost:{}/padron.zip", target.address.port()));
    let other_mirror = format!("http://localhost:{}/other.zip", target.address.port());
    assert!(matches!(world.fetch(&[server.url(), other_mirror]).await.unwrap(), Downloaded::Fetched { .. }));

    let circle = Server::start(vec![Reply::Bytes(reply("301 Moved", &[("location", "/again")], b"")); 6]);
    assert!(matches!(world.failure(&circle).await, MirrorError::Redirected { .. }));
    let nowhere = Server::start(vec![Reply::Bytes(reply("302 Found", &[], b""))]);
    assert!(matches!(world.failure(&nowhere).await, MirrorError::Status { status: 302, .. }));
}

#[tokio::test]
async fn what_cannot_be_the_file_is_not_kept() {
    let page = b"<html><body>Servicio no disponible</body></html>";
    let long = zip(200_000);
    let gzip = [ETAG, ("content-encoding", "gzip")];
    let chunked = [ETAG, ("transfer-encoding", "chunked")];
    let in_chunks = |body: &[u8]| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    for (answer, expected) in [
        (reply("200 OK", &[ETAG], page), "looks like a web page"),
        (reply("200 OK", &[ETAG, ("content-type", "Text/HTML; charset=utf-8")], &zip(500)), "looks like a web page"),
        (reply("200 OK", &[ETAG], b"RUC|NOMBRE O RAZON SOCIAL|"), "it is no zip"),
        (reply("200 OK", &gzip, &zip(500)), "packed in a way that was not asked for"),
        (reply("200 OK", &[ETAG], b"PK\x03\x04"), "a file of 4 bytes, and it should have between 10 and 100000"),
        (reply("200 OK", &[ETAG], &long), "a file of 200000 bytes"),
        // Found out on the way, because the length is not announced.
        (reply("200 OK", &chunked, &in_chunks(&long)), "and it should have between 10 and 100000"),
        (reply("200 OK", &chunked, &in_chunks(b"PK\x03\x04")), "a file of 4 bytes"),
        (reply("200 OK", &chunked, b"0\r\n\r\n"), "a file of 0 bytes"),
        (reply("204 No Content", &[ETAG], b""), "status 204"),
        (reply("206 Partial Content", &[ETAG], &zip(500)), "status 206"),
        (reply("304 Not Modified", &[ETAG], b""), "status 304"),
        (b"not HTTP at all\r\n\r\n".to_vec(), "could not be reached"),
    ] {
        let world = World::new();
        let said = world.failure(&Server::start(vec![Reply::Bytes(answer)])).await.to_string();
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(world.names().is_empty(), "{expected}: {:?}", world.names());
    }
}

#[tokio::test]
async fn a_line_that_falls_silent_is_given_up_and_what_came_is_kept() {
    let (world, body) = (World::new(), zip(5_000));
    let half = reply("200 OK", &[ETAG, ("content-length", "5000")], &body[..1_000]);
    let silent = Server::start(vec![Reply::Stall(half), Reply::Stall(Vec::new())]);
    let said = world.fetch(&[silent.url()]).await.unwrap_err().to_string();
    assert!(said.contains("did not answer in time"), "{said}");
    assert_eq!(fs::read(world.folder.path().join("padron.zip.part")).unwrap(), body[..1_000]);
    let server = Server::start(vec![rest(&body, 1_000)]);
    assert!(matches!(world.fetch(&[server.url()]).await.unwrap(), Downloaded::Fetched { n_resumed: 1_000, .. }));
}

#[tokio::test]
async fn the_caller_may_break_off_and_come_back() {
    let (world, body) = (World::new(), zip(90_000));
    let server = Server::start(vec![whole(&body)]);
    let mut break_off = |progress: DownloadProgress| {
        if progress.done > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let broken_off = world.fetch_with(&[server.url()], &mut break_off).await;
    assert!(matches!(broken_off, Err(DownloadError::Cancelled)), "{broken_off:?}");
    let part = fs::read(world.folder.path().join("padron.zip.part")).unwrap();
    assert!(!part.is_empty() && body.starts_with(&part));
    let server = Server::start(vec![if part.len() == body.len() { whole(&body) } else { rest(&body, part.len()) }]);
    world.fetch(&[server.url()]).await.unwrap();
    assert_eq!(fs::read(world.target()).unwrap(), body);
}

#[tokio::test]
async fn two_downloads_of_one_file_do_not_meet() {
    let (world, body) = (World::new(), zip(5_000));
    let server = Server::start(vec![whole(&body)]);
    let part = fs::File::create(world.folder.path().join("padron.zip.part")).unwrap();
    part.lock().unwrap();
    assert!(matches!(world.fetch(&[server.url()]).await, Err(DownloadError::Busy { .. })));
    drop(part);
    world.fetch(&[server.url()]).await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_says_so_and_ends_the_download() {
    let (world, body) = (World::new(), zip(5_000));
    std::os::unix::fs::symlink("/dev/full", world.folder.path().join("padron.zip.part")).unwrap();
    let server = Server::start(vec![whole(&body), whole(&body)]);
    let failed = world.fetch(&[server.url(), server.url()]).await.unwrap_err();
    assert!(matches!(failed, DownloadError::DiskFull { .. }), "{failed:?}");
    assert!(failed.to_string().contains("goes on where this ended"), "{failed}");
    assert_eq!(server.requests().len(), 1, "another mirror would not help");
}

#[test]
fn an_address_that_is_none_is_refused() {
    for mirror in ["", "padron.zip", "ftp://127.0.0.1/x", "file:///etc/passwd"] {
        let config = DownloaderConfig {
            mirrors: vec![mirror.to_owned()],
            user_agent: None,
            connect_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(1),
        };
        let refused = Downloader::new(config).unwrap_err();
        assert!(matches!(refused, DownloadError::Address { place: 1 }), "{refused:?}");
    }
}
