//! A network that does its worst, and callers who do theirs: nothing hangs, nothing panics, nothing is taken for what it
//! is not.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chasqui::config::Config;
use chasqui::{Client, ConnectOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const FOUND: &str = "20131312955";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nx-request-id: r-7\r\n";

/// Serves each connection this way, side by side, as long as the returned set lives.
async fn serve<F: Future<Output = ()> + Send + 'static>(
    reply: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            connections.spawn(reply(listener.accept().await.unwrap().0));
        }
    });
    (address, serving)
}

/// Reads what is asked; what a test asks fits into one read.
async fn asked(stream: &mut TcpStream) -> usize {
    stream.read(&mut [0; 8192]).await.unwrap_or(0)
}

fn client(address: SocketAddr) -> Client {
    Client::connect(format!("http://{address}")).unwrap()
}

fn absent(index: usize, ruc: &str) -> String {
    const META: &str =
        r#"{"source":"migo","as_of":"2026-11-20T15:01:30Z","fetched_at":"2026-11-20T15:01:30Z","freshness":"fresh"}"#;
    format!(
        r#"{{"index":{index},"ruc":"{ruc}","outcome":"absent","taxpayer":null,"error":{{"code":"absent","detail":"no"}},"meta":{META}}}"#
    ) + "\n"
}

#[tokio::test]
async fn any_time_is_as_good_as_another() {
    let (address, _serving) = serve(async |mut stream| {
        asked(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n").await;
    })
    .await;
    let mut options = ConnectOptions::default();
    (options.timeout, options.connect_timeout) = (Duration::MAX, Duration::MAX);
    let far = Client::connect_with(format!("http://{address}"), &options).unwrap();
    assert_eq!(far.within(Duration::MAX).taxpayer(FOUND).await.unwrap_err().code(), "unreachable");
    let (silent, _mute) = serve(async |_stream| std::future::pending().await).await;
    assert_eq!(client(silent).within(Duration::ZERO).taxpayer(FOUND).await.unwrap_err().code(), "deadline");

    let here = Client::start(&Config::default_config()).await.unwrap();
    // The sandbox may be faster than the clock.
    let at_once = here.within(Duration::ZERO).taxpayer(FOUND).await;
    assert!(at_once.is_ok() || at_once.is_err_and(|error| error.code() == "deadline"));
    assert!(here.within(Duration::MAX).taxpayer(FOUND).await.unwrap().found().is_some());
    let (_, summary) = here.within(Duration::MAX).taxpayers([FOUND]).collect_in_order().await;
    assert_eq!(summary.found, 1);
}

#[tokio::test]
async fn a_list_that_comes_byte_by_byte_is_whole() {
    let (address, _serving) = serve(async |mut stream| {
        asked(&mut stream).await;
        stream.set_nodelay(true).unwrap();
        let body = absent(1, FOUND) + &absent(0, FOUND);
        let _ = stream.write_all(format!("{HEAD}transfer-encoding: chunked\r\n\r\n").as_bytes()).await;
        for byte in body.as_bytes() {
            let _ = stream.write_all(b"1\r\n").await;
            let _ = stream.write_all(&[*byte]).await;
            let _ = stream.write_all(b"\r\n").await;
            stream.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        let _ = stream.write_all(b"0\r\n\r\n").await;
    })
    .await;
    let (rows, summary) = client(address).taxpayers([FOUND, FOUND]).collect_in_order().await;
    assert_eq!((rows[0].index, summary.absent), (0, 2));
}

#[tokio::test]
async fn a_list_whose_end_never_comes_ends_with_its_last_row() {
    let (address, _serving) = serve(async |mut stream| {
        asked(&mut stream).await;
        let _ = stream.write_all(format!("{HEAD}\r\n{}", absent(0, FOUND)).as_bytes()).await;
        std::future::pending::<()>().await;
    })
    .await;
    let asked = client(address).taxpayers([FOUND]);
    let collected = tokio::time::timeout(Duration::from_secs(15), asked.collect_in_order()).await;
    assert_eq!(collected.expect("it does not wait for the end").1.absent, 1);
}

#[tokio::test]
async fn a_list_that_falls_silent_leaves_the_rest_unknown_in_time() {
    let (address, _serving) = serve(async |mut stream| {
        asked(&mut stream).await;
        let _ = stream.write_all(format!("{HEAD}\r\n{}", absent(1, FOUND)).as_bytes()).await;
        std::future::pending::<()>().await;
    })
    .await;
    let hurried = client(address).within(Duration::from_secs(1));
    let (rows, _) = hurried.taxpayers([FOUND, FOUND]).collect_in_order().await;
    let error = rows[0].outcome.error().unwrap();
    assert_eq!((error.code(), error.request_id(), error.is_invalid()), ("deadline", Some("r-7"), false));
    assert!(rows[1].outcome.is_absent());
}

#[tokio::test]
async fn a_row_without_end_and_a_row_that_is_none_name_the_request() {
    for body in ["x".repeat(300 * 1024), "{\"index\":7}\n".to_owned(), absent(9, FOUND)] {
        let (address, _serving) = serve(move |mut stream: TcpStream| {
            let body = body.clone();
            async move {
                asked(&mut stream).await;
                let _ = stream.write_all(format!("{HEAD}\r\n{body}").as_bytes()).await;
            }
        })
        .await;
        let (rows, _) = client(address).taxpayers([FOUND]).collect_in_order().await;
        let error = rows[0].outcome.error().unwrap();
        assert_eq!((error.code(), error.request_id()), ("malformed", Some("r-7")));
    }
}

#[tokio::test]
async fn a_key_follows_no_redirect() {
    let n_visits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&n_visits);
    let (elsewhere, _there) = serve(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(())
    })
    .await;
    for status in [301, 302, 307, 308] {
        let (address, _serving) = serve(move |mut stream| async move {
            asked(&mut stream).await;
            let head = format!("HTTP/1.1 {status} Go\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
        })
        .await;
        let client = Client::connect_with_key(format!("http://{address}"), "k3y".to_owned().into()).unwrap();
        assert_eq!(client.taxpayer(FOUND).await.unwrap_err().code(), "malformed");
        assert_eq!(client.taxpayers([FOUND]).collect_in_order().await.1.unknown, 1);
    }
    assert_eq!(n_visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn thousands_who_ask_at_once_share_a_bounded_number_of_connections() {
    const CALLERS: usize = 2_000;
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let (address, _serving) = serve(move |mut stream| {
        let (open, most) = (Arc::clone(&open), Arc::clone(&seen));
        async move {
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            while asked(&mut stream).await > 0 {
                let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
            }
            open.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let client = client(address);
    let asking: JoinSet<_> = std::iter::repeat_n(client, CALLERS)
        .map(|client| async move { client.taxpayer(FOUND).await.unwrap_err().code().to_owned() })
        .collect();
    let codes = asking.join_all().await;
    assert_eq!((codes.len(), codes.iter().all(|code| code == "unreachable")), (CALLERS, true));
    // 128 are used; others come up for a question that found one that had become free, or are about to be given up.
    assert!(most.load(Ordering::SeqCst) <= 3 * 128, "{most:?} connections");
}

#[tokio::test]
async fn who_waits_for_a_place_waits_no_longer_than_said() {
    let (address, _serving) = serve(async |_stream| std::future::pending::<()>().await).await;
    let client = client(address);
    let mut patient = JoinSet::new();
    for _ in 0..300 {
        let client = client.clone();
        patient.spawn(async move { drop(client.taxpayer(FOUND).await) });
    }
    tokio::task::yield_now().await;
    let hurried = client.within(Duration::from_millis(200));
    let error = tokio::time::timeout(Duration::from_secs(15), hurried.taxpayer(FOUND)).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "deadline");
}

#[test]
fn a_client_outlives_the_runtime_that_it_was_first_used_in() {
    let body: &'static str = r#"{"nombre":null,"email":null,"consultas":1,"meta":{"source":"migo","as_of":"2026-11-20T15:01:30Z","fetched_at":"2026-11-20T15:01:30Z","freshness":"fresh"}}"#;
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (address, _serving) = server.block_on(serve(move |mut stream| async move {
        while asked(&mut stream).await > 0 {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
            let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await;
        }
    }));
    let client = client(address);
    // As the tests of a program do that keeps its client in a `static`.
    for _ in 0..5 {
        assert!(runtime().block_on(client.account()).unwrap().found().is_some());
    }
}

#[test]
fn one_blocking_client_serves_many_threads() {
    let client = chasqui::blocking::Client::start(&Config::default_config()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                assert!(client.taxpayer(FOUND).unwrap().found().is_some());
                assert_eq!(client.clone().taxpayers([FOUND, "x"]).count(), 2);
            });
        }
    });
}
