//! The same over a real socket: what a slow or greedy client can hold, and how the server stops.

use std::net::SocketAddr;
use std::time::Duration;

use chasqui_sandbox::{Fault, Faults, Sandbox, SandboxConfig};
use chasqui_server::{ServeError, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::config;

const NOWHERE: &str = "http://127.0.0.1:9";
const ASK: &str = "GET /v1/ruc/20131312955 HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A server that runs until it is told to stop.
struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    run: JoinSet<Result<(), ServeError>>,
}

// === impl Running ===

impl Running {
    async fn over(upstream: &str, shutdown: &str) -> Self {
        Self::with(upstream, shutdown, "").await
    }

    /// The same with more lines in the section of the server.
    async fn with(upstream: &str, shutdown: &str, more: &str) -> Self {
        let config = config(&format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nshutdown = \"{shutdown}\"\n{more}\n\
             [migo]\ntoken = \"T\"\nbase_url = \"{upstream}\"\nretries = 0\n"
        ));
        let server = Server::bind(&config).await.unwrap();
        let (address, stop) = (server.address(), CancellationToken::new());
        let mut run = JoinSet::new();
        run.spawn(server.run(stop.clone()));
        Self { address, stop, run }
    }

    /// Sends bytes and reads whatever comes back until the server closes.
    async fn send(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that closes early may cut off what is still being sent, or its own last words.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks over a connection that stays open, and waits until the question is upstream.
    async fn ask(&self, sandbox: &Sandbox) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(ASK.as_bytes()).await.unwrap();
        while sandbox.calls().total() == 0 {
            tokio::task::yield_now().await;
        }
        stream
    }

    async fn stopped(mut self) {
        self.stop.cancel();
        self.run.join_next().await.unwrap().unwrap().unwrap();
    }
}

async fn sandbox(fault: Fault) -> Sandbox {
    Sandbox::start(SandboxConfig { faults: Faults::always(fault), ..SandboxConfig::default() }).await.unwrap()
}

#[tokio::test]
async fn headers_of_a_hundred_kibibytes_are_refused() {
    let server = Running::over(NOWHERE, "1s").await;
    let padding = "x".repeat(100 * 1024);
    let answer = server
        .send(format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Padding: {padding}\r\n\r\n").as_bytes())
        .await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let padding = "x".repeat(10 * 1024);
    let close =
        format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Padding: {padding}\r\n\r\n");
    assert!(server.send(close.as_bytes()).await.starts_with("HTTP/1.1 200"), "ten are fine");
    server.stopped().await;
}

/// Time is paused: the ten seconds pass at once.
#[tokio::test(start_paused = true)]
async fn headers_that_do_not_end_are_cut() {
    let server = Running::over(NOWHERE, "1s").await;
    let answer = server.send(b"GET /healthz HTTP/1.1\r\nHost: local").await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    server.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_cut() {
    let server = Running::over(NOWHERE, "1s").await;
    let silent = tokio::time::timeout(Duration::from_mins(1), server.send(b"")).await;
    assert_eq!(silent.expect("it does not hold a connection for ever"), "");
    server.stopped().await;
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_server_stops() {
    let sandbox = sandbox(Fault::Latency { ms: 300, jitter_ms: 0 }).await;
    let server = Running::over(&sandbox.base_url(), "20s").await;
    let mut stream = server.ask(&sandbox).await;
    let address = server.address;

    server.stopped().await;

    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"ruc\":\"20131312955\""), "{answer}");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_request_that_hangs_does_not_keep_the_server() {
    let sandbox = sandbox(Fault::Silence).await;
    let server = Running::over(&sandbox.base_url(), "200ms").await;
    let _stream = server.ask(&sandbox).await;
    tokio::time::timeout(Duration::from_secs(2), server.stopped()).await.expect("it stops without its request");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn idle_connections_do_not_keep_the_server() {
    let server = Running::over(NOWHERE, "20s").await;
    let silent = TcpStream::connect(server.address).await.unwrap();
    let mut used = TcpStream::connect(server.address).await.unwrap();
    used.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    used.read_exact(&mut some).await.unwrap();
    assert_eq!(&some, b"HTTP/1.1 200");
    tokio::time::timeout(Duration::from_secs(5), server.stopped()).await.expect("nothing is under way");
    drop(silent);
}

/// A connection over which a question was answered, so that it surely has its place.
async fn used(server: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    stream.read_exact(&mut some).await.unwrap();
    assert_eq!(&some, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn connections_beyond_their_places_wait_until_one_is_free() {
    let server = Running::with(NOWHERE, "1s", "max_in_flight = 1").await;
    let mut open = Vec::new();
    for _ in 0..2 + 64 {
        open.push(used(&server).await);
    }
    let mut one_more = Box::pin(used(&server));
    let early = tokio::time::timeout(Duration::from_millis(100), &mut one_more).await;
    assert!(early.is_err(), "there is no place for it");
    open.pop();
    tokio::time::timeout(Duration::from_secs(5), one_more).await.expect("there is one now");
    server.stopped().await;
}

/// Time is paused: the half minute passes at once.
#[tokio::test(start_paused = true)]
async fn a_client_that_asks_and_never_reads_is_cut() {
    let server = Running::over(NOWHERE, "1s").await;
    let mut greedy = TcpStream::connect(server.address).await.unwrap();
    // More answers than the system keeps for a client that does not fetch them.
    let ask = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200);
    let cut = async {
        loop {
            if greedy.write_all(&ask).await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(5), cut).await.expect("the server closes the connection");
    server.stopped().await;
}
