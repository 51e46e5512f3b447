//! What a client says of a server that is not there, or is none. Nothing of it is an absence.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chasqui::{Client, ConnectOptions, Error, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const FOUND: &str = "20131312955";

/// Answers every request with the same bytes; an empty text is silence.
async fn listener(reply: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut connections = tokio::task::JoinSet::new();
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections.spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                if reply.is_empty() {
                    std::future::pending::<()>().await;
                }
                let _ = stream.write_all(reply.as_bytes()).await;
            });
        }
    });
    address
}

async fn codes(address: SocketAddr) -> [String; 3] {
    let mut options = ConnectOptions::default();
    options.timeout = Duration::from_millis(300);
    let client = Client::connect_with(format!("http://{address}"), &options).unwrap();
    let one = client.taxpayer(FOUND).await.unwrap_err();
    let (rows, summary) = client.taxpayers([FOUND, "x", FOUND]).collect_in_order().await;
    assert_eq!((summary.invalid, summary.unknown), (1, 2), "every input has its row");
    let Outcome::Unknown(many) = &rows[2].outcome else { panic!("{rows:?}") };
    let health = client.cache().health().await.unwrap_err();
    [one, many.clone(), health].map(|error: Error| error.code().to_owned())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let nobody = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    assert_eq!(codes(nobody).await, ["unreachable"; 3]);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_late() {
    assert_eq!(codes(listener("").await).await, ["deadline"; 3]);
}

#[tokio::test]
async fn what_is_no_chasqui_server_never_says_that_a_number_does_not_exist() {
    for (reply, code) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "malformed"),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 17\r\nconnection: close\r\n\r\n{\"code\":\"absent\"}",
            "malformed",
        ),
        ("HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "malformed"),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
            "malformed",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
            "malformed",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "unreachable",
        ),
        ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unauthenticated"),
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{", "unreachable"),
        ("SSH-2.0-OpenSSH_9.6\r\n", "unreachable"),
    ] {
        let codes = codes(listener(reply).await).await;
        // A list in another format than was asked for is odd before it is short.
        let whole = [&codes[0], &codes[2]];
        assert_eq!(whole, [code; 2], "{reply}");
        assert!([code, "malformed"].contains(&codes[1].as_str()), "{reply}: {codes:?}");
    }
}

#[tokio::test]
async fn a_stream_of_rows_that_breaks_off_leaves_the_rest_unknown() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n";
    const ROW: &str = r#"{"index":1,"ruc":"20000000001","outcome":"absent","taxpayer":null,"error":{"code":"absent","detail":"no","retry_after":null},"meta":{"source":"migo","as_of":"2026-11-20T15:01:30Z","fetched_at":"2026-11-20T15:01:30Z","freshness":"fresh"}}"#;
    let reply: &'static str = Box::leak(format!("{HEAD}{ROW}\n{ROW}\n{{\"index\":0,").into_boxed_str());
    let client = Client::connect(format!("http://{}", listener(reply).await)).unwrap();
    let (rows, _) = client.taxpayers([FOUND, "20000000001"]).collect_in_order().await;
    let error = rows[0].outcome.error().unwrap();
    assert_eq!((error.code(), error.request_id()), ("unreachable", None));
    assert!(rows[1].outcome.is_absent());
}

#[tokio::test]
async fn a_key_goes_as_a_bearer_and_wishes_go_where_a_server_reads_them() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/chasqui/", listener.local_addr().unwrap());
    let client = Client::connect_with_key(url, "k3y-0f-t3sts".to_owned().into()).unwrap();
    assert!(!format!("{client:?}").contains("k3y"));
    let client = client.anew().within(Duration::from_millis(2_500));
    let served = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let n_bytes = stream.read(&mut request).await.unwrap();
        String::from_utf8_lossy(&request[..n_bytes]).to_ascii_lowercase()
    };
    let (request, answer) = tokio::join!(served, client.taxpayer(FOUND));
    assert_eq!(answer.unwrap_err().code(), "unreachable");
    assert!(request.starts_with("get /chasqui/v1/ruc/20131312955?refresh=true http/1.1\r\n"), "{request}");
    for header in ["authorization: bearer k3y-0f-t3sts\r\n", "prefer: wait=3\r\n", "accept: application/json\r\n"] {
        assert!(request.contains(header), "{header}: {request}");
    }
}
