//! SUNAT's file and lists from the hosts that have them, and nothing twice.

use super::host::{Host, Reply};
use super::{synthetic, zipped};
use crate::program::{Run, World};

const FILE: &str = "/padron.zip";

/// A host that has a registry of so many rows.
fn host(n_rows: u64) -> Host {
    Host::new().with(FILE, registry("\"v1\"", n_rows))
}

fn registry(etag: &'static str, n_rows: u64) -> Reply {
    Reply::File { etag, body: zipped(&synthetic(n_rows, 1)) }
}

/// A world that fetches from there, and no lists.
fn world(host: &Host) -> World {
    World::new()
        .with("CHASQUI_PADRON__MIRRORS", &format!("{}{FILE}", host.base))
        .with("CHASQUI_PADRON__LISTS", "")
        .with("CHASQUI_PADRON__NAMES", "false")
}

/// A text that is no registry and does not become short when it is packed.
fn noise() -> Vec<u8> {
    (0..1_000).flat_map(|i: u32| i.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect()
}

#[track_caller]
fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{}", run.everything());
    for words in words {
        assert!(run.stderr.contains(words), "{words:?} in {}", run.stderr);
    }
}

#[test]
fn fetching_imports_what_is_new_and_downloads_nothing_twice() {
    let host = host(500);
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 0, &["edition 2026-11-20 is in use: 500 rows"]);
    check(&world.run(&["padron", "fetch"]), 0, &["nothing newer"]);
    assert_eq!(host.statuses(FILE), [200, 304]);
    host.says(FILE, registry("\"v2\"", 510));
    check(&world.run(&["padron", "fetch"]), 0, &["edition 2026-11-20-2 is in use: 510 rows", "rows came"]);
    assert_eq!(host.statuses(FILE), [200]);
    check(&world.run(&["padron", "fetch", "--force"]), 0, &["edition 2026-11-20-3 is in use"]);
    assert_eq!(host.statuses(FILE), [200], "what is forced is downloaded again");
    // Without an edition it is of no use to know that nothing is newer.
    std::fs::remove_file(world.path().join("padron/current")).expect("it is there");
    check(&world.run(&["padron", "fetch"]), 0, &["already imported"]);
    assert_eq!(host.statuses(FILE), [200]);
}

#[test]
fn nobody_to_fetch_from_is_an_outage_and_nothing_to_fetch_from_a_matter_of_configuration() {
    let dead = World::new().with("CHASQUI_PADRON__MIRRORS", "http://127.0.0.1:9/padron.zip");
    check(&dead.run(&["padron", "fetch"]), 3, &["could not be reached"]);
    let none = World::new().with("CHASQUI_PADRON__MIRRORS", "").with("CHASQUI_PADRON__LISTS", "");
    check(&none.run(&["padron", "fetch"]), 4, &["padron.mirrors is empty"]);
}

#[test]
fn a_file_that_was_refused_is_kept_and_imported_without_another_download() {
    let host = host(1_000);
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 0, &[]);
    host.says(FILE, registry("\"v9\"", 500));
    check(&world.run(&["padron", "fetch"]), 3, &["was not put into use", "--force", "the file is kept as"]);
    check(&world.run(&["padron", "fetch"]), 3, &["is there still", "was not put into use"]);
    check(&world.run(&["padron", "fetch", "--force"]), 0, &["is there still", "overridden by --force"]);
    assert_eq!(host.statuses(FILE), [200, 200, 304, 304]);
    assert!(!world.path().join("padron/download.zip").exists());
    check(&world.run(&["padron", "fetch"]), 0, &["nothing newer"]);
}

#[test]
fn a_file_that_is_no_registry_is_fetched_anew_the_next_time() {
    let host = Host::new().with(FILE, Reply::File { etag: "\"v8\"", body: zipped(&noise()) });
    let world = world(&host);
    for _ in 0..2 {
        check(&world.run(&["padron", "fetch"]), 3, &["does not begin with the registry's columns", "is kept as"]);
    }
    assert_eq!(host.statuses(FILE), [200, 200]);
}

#[test]
fn a_line_that_breaks_is_picked_up_where_it_broke() {
    let body = zipped(&synthetic(2_000, 1));
    let (etag, after) = ("\"v1\"", body.len() / 7);
    let host = Host::new().with(FILE, Reply::Broken { etag, body: body.clone(), after });
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 3, &["the line to 127.0.0.1 broke after"]);
    let statuses = host.statuses(FILE);
    assert!(statuses[0] == 200 && statuses[1..].iter().all(|status| *status == 206), "{statuses:?}");
    host.says(FILE, Reply::File { etag, body });
    check(&world.run(&["padron", "fetch"]), 0, &["of them from before", "2,000 rows"]);
    assert_eq!(host.statuses(FILE), [206]);
}

#[test]
fn an_address_is_imported_as_the_mirrors_are() {
    let host = host(500);
    let world = World::new().with("CHASQUI_PADRON__MIRRORS", "").with("CHASQUI_PADRON__NAMES", "false");
    let url = format!("{}{FILE}", host.base);
    check(&world.run(&["padron", "import", &url]), 0, &["fetched ", "edition 2026-11-20 is in use: 500 rows"]);
    check(&world.run(&["padron", "import", &url]), 0, &["nothing newer"]);
    assert_eq!(host.statuses(FILE), [200, 304]);
    host.says(FILE, registry("\"v2\"", 501));
    check(&world.run(&["padron", "import", &url, "--edition", "2026-11-21"]), 0, &["edition 2026-11-21 is in use"]);
    let elsewhere = format!("{}{FILE}", host.base.replace("127.0.0.1", "localhost"));
    host.says("/moved.zip", Reply::Elsewhere(elsewhere));
    let moved = world.run(&["padron", "import", &format!("{}/moved.zip", host.base)]);
    check(&moved, 3, &["sends on to http://localhost, which is none of the configured mirrors"]);
    check(&world.run(&["padron", "import", "http://"]), 2, &["no http or https address"]);
}

#[test]
fn ctrl_c_ends_a_download_and_says_that_it_goes_on() {
    // Somebody who takes the question and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}/padron.zip", silent.local_addr().expect("it listens"));
    let world = World::new().with("CHASQUI_PADRON__MIRRORS", &url);
    let running = world.spawn(&["padron", "fetch"]);
    let (_held, _) = silent.accept().expect("it asks");
    running.signal("INT");
    check(&running.wait(), 130, &["the download was broken off; fetching again goes on where it ended"]);
}
