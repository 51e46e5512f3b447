//! The sandbox seen through a real client: one module per promise.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod control;
mod documents;
mod endpoints;
mod faults;
mod load;
mod people;
mod rates;
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

/// One call to every endpoint, each with a good question of a number that exists.
fn every_question(world: &World) -> Vec<(&'static str, RequestBuilder)> {
    let post = |path: &str, mut body: Value| {
        body["token"] = json!("T");
        world.post(path, &body)
    };
    vec![
        ("ruc", world.ask(FOUND)),
        ("collection", world.ask_many(&[FOUND])),
        ("v1_get_ruc", world.get("/api/v1/ruc/20131312955")),
        ("v2_ruc", world.get("/api/v2/ruc/20131312955")),
        ("dni", post("/api/v1/dni", json!({"dni": "10117410"}))),
        ("v2_dni", world.get("/api/v2/dni/10117410")),
        ("latest_rate", post("/api/v1/exchange/latest", json!({}))),
        ("rate", post("/api/v1/exchange/date", json!({"fecha": "2024-05-15"}))),
        ("rates", post("/api/v1/exchange", json!({"fecha_inicio": "2024-05-15", "fecha_fin": "2024-05-20"}))),
        ("v2_latest_rate", world.get("/api/v2/tipo-cambio/sunat/ultimo")),
        ("v2_rate", world.get("/api/v2/tipo-cambio/sunat?fecha=2024-05-15")),
        ("representatives", post("/api/v1/ruc/representantes-legales", json!({"ruc": FOUND}))),
        ("account", post("/api/v1/account", json!({}))),
        (
            "cpe",
            post(
                "/api/v1/cpe",
                json!({
                    "ruc_emisor": FOUND, "tipo_comprobante": "01", "serie": "F001", "numero": "1",
                    "fecha_emision": "09/01/2026",
                }),
            ),
        ),
    ]
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
