//! The client library against a real server, side by side with the same client in process: same questions, same answers,
//! same errors.

mod contract;
mod memory;
mod speed;

use std::time::Duration;

use chasqui::{Chasqui, Client, ConnectOptions, Start};
use chasqui_sandbox::{Faults, Sandbox};
use chasqui_server::{ServeError, Server};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::upstream::{config, sandbox};

const FOUND: &str = "20131312955";
const ABSENT: &str = "20000000001";

/// Failures are told at once, and a breaker does not meddle.
const PLAIN: &[(&str, &str)] = &[
    ("server.listen", "127.0.0.1:0"),
    ("migo.retries", "0"),
    ("migo.timeout", "400ms"),
    ("lookup.deadline", "2s"),
    ("breaker.failures", "1000"),
];

/// A client, the upstream under it, and the server between them if there is one.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) client: Client,
    sandbox: Sandbox,
    server: Option<Running>,
}

/// A server that runs until it is told to stop.
struct Running {
    url: String,
    stop: CancellationToken,
    run: JoinSet<Result<(), ServeError>>,
}

/// Both ways, over upstreams that behave alike.
pub(crate) async fn ways(faults: &str, settings: &[(&str, &str)]) -> [Way; 2] {
    [in_process(faults, settings).await, through_a_server(faults, settings).await]
}

async fn in_process(faults: &str, settings: &[(&str, &str)]) -> Way {
    let sandbox = sandbox(parsed(faults)).await;
    let config = config(sandbox.address(), &with(settings));
    let client = Client::from(Chasqui::start(&config, Start::default()).await.unwrap());
    Way { name: "in process", client, sandbox, server: None }
}

async fn through_a_server(faults: &str, settings: &[(&str, &str)]) -> Way {
    let sandbox = sandbox(parsed(faults)).await;
    let server = Server::bind(&config(sandbox.address(), &with(settings))).await.unwrap();
    let (url, stop) = (format!("http://{}", server.address()), CancellationToken::new());
    let mut run = JoinSet::new();
    run.spawn(server.run(stop.clone()));
    let mut options = ConnectOptions::default();
    options.timeout = Duration::from_secs(30);
    let client = Client::connect_with(&url, &options).unwrap();
    Way { name: "through a server", client, sandbox, server: Some(Running { url, stop, run }) }
}

pub(crate) async fn stop_all(ways: [Way; 2]) {
    for way in ways {
        way.stop().await;
    }
}

fn parsed(faults: &str) -> Faults {
    if faults.is_empty() { Faults::default() } else { faults.parse().unwrap() }
}

fn with<'a>(settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    // The last word on a key is the test's.
    let is_plain = |(key, _): &&(&str, &str)| settings.iter().all(|(own, _)| own != key);
    PLAIN.iter().filter(is_plain).chain(settings).copied().collect()
}

// === impl Way ===

impl Way {
    async fn stop(self) {
        drop(self.client);
        if let Some(Running { stop, mut run, .. }) = self.server {
            stop.cancel();
            run.join_next().await.unwrap().unwrap().unwrap();
        }
        self.sandbox.shutdown().await;
    }
}
