//! The sandbox seen through a real client: one module per promise.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod control;
mod endpoints;
mod faults;
mod load;
mod registry;

use chasqui_sandbox::{Faults, Sandbox, SandboxConfig};
use chasqui_types::Ruc;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// Always found.
const FOUND: &str = "20131312955";
/// Never found.
const ABSENT: &str = "20000000001";

struct World {
    sandbox: Sandbox,
    client: Client,
}

impl World {
    async fn new() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    async fn failing(faults: &str) -> Self {
        let faults: Faults = faults.parse().unwrap();
        Self::with(SandboxConfig { faults, ..SandboxConfig::default() }).await
    }

    async fn with(config: SandboxConfig) -> Self {
        // A proxy of the machine's environment must not stand between.
        let client = Client::builder().no_proxy().build().unwrap();
        Self { sandbox: Sandbox::start(config).await.unwrap(), client }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path)).bearer_auth("T")
    }

    fn ask(&self, number: &str) -> RequestBuilder {
        self.post("/api/v1/ruc", &json!({"token": "T", "ruc": number}))
    }

    fn ask_many(&self, numbers: &[&str]) -> RequestBuilder {
        self.post("/api/v1/ruc/collection", &json!({"token": "T", "ruc": numbers}))
    }
}

/// Status and body in one line.
async fn shown(response: Response) -> String {
    let status = response.status().as_u16();
    format!("{status} {}", response.text().await.unwrap())
}

async fn send(request: RequestBuilder) -> String {
    shown(request.send().await.unwrap()).await
}

/// The numbers of a collection's records, in order.
async fn numbers(request: RequestBuilder) -> Vec<String> {
    let items: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
    items.iter().map(|item| item["ruc"].as_str().unwrap().to_owned()).collect()
}

/// Numbers that the sandbox has somebody for.
fn known(n_numbers: usize) -> Vec<Ruc> {
    (0..)
        .filter_map(|body| Ruc::from_body(20, body))
        .filter(|ruc| chasqui_sandbox::taxpayer(*ruc).is_some())
        .take(n_numbers)
        .collect()
}
