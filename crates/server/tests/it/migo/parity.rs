//! The same requests to the sandbox and to a server in front of it: status, type and bytes are the same.

use std::time::Duration;

use chasqui::config::{Config, Sources};
use chasqui_sandbox::{Sandbox, SandboxConfig};
use chasqui_server::Server;
use chasqui_types::Ruc;
use reqwest::multipart::Form;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const FOUND: &str = "20131312955";
const ABSENT: &str = "20000000001";

/// A sandbox, and a server that knows it as MIGO.
pub(super) struct Pair {
    pub(super) sandbox: Sandbox,
    pub(super) server: String,
    client: Client,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Pair {
    pub(super) async fn start() -> Self {
        Self::with_faults("").await
    }

    pub(super) async fn with_faults(faults: &str) -> Self {
        let sandbox = Sandbox::start(SandboxConfig { faults: faults.parse().unwrap(), ..SandboxConfig::default() })
            .await
            .unwrap();
        let flag = |key: &str, value: &str| ("--set".to_owned(), key.to_owned(), value.to_owned());
        let flags = vec![
            flag("server.listen", "127.0.0.1:0"),
            flag("migo.base_url", &sandbox.base_url()),
            flag("migo.token", "the-servers-own"),
            flag("migo.retries", "0"),
            flag("migo.timeout", "1s"),
            flag("breaker.failures", "1000"),
        ];
        let config = Config::load(&Sources { flags, ..Sources::default() }).unwrap().config;
        let server = Server::bind(&config).await.unwrap();
        let address = format!("http://{}", server.address());
        let stop = CancellationToken::new();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let run = server.run(stop.clone());
        #[expect(clippy::disallowed_methods, reason = "the test waits for the server at its end")]
        let running = tokio::spawn(async move { run.await.unwrap() });
        Self { sandbox, server: address, client, stop, running }
    }

    /// Sends what `build` makes of each base URL to both, and compares.
    pub(super) async fn check(&self, what: &str, build: impl Fn(&Client, &str) -> RequestBuilder) -> String {
        let theirs = shown(build(&self.client, &self.sandbox.base_url())).await;
        let ours = shown(build(&self.client, &self.server)).await;
        assert_eq!(ours, theirs, "{what}");
        ours
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> String {
        self.check(&format!("{path} {body}"), |client, base| client.post(format!("{base}{path}")).json(body)).await
    }

    pub(super) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        self.check(&format!("{path} {pairs:?}"), |client, base| client.post(format!("{base}{path}")).form(pairs)).await
    }

    pub(super) async fn multipart(&self, path: &str, pairs: &[(&'static str, &str)]) -> String {
        self.check(&format!("{path} {pairs:?}"), |client, base| {
            let form = pairs.iter().fold(Form::new(), |form, (name, text)| form.text(*name, (*text).to_owned()));
            client.post(format!("{base}{path}")).multipart(form)
        })
        .await
    }

    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap();
        self.sandbox.shutdown().await;
    }
}

async fn shown(request: RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    format!("{status} {content_type} {}", response.text().await.unwrap())
}

#[tokio::test]
async fn one_number_in_every_encoding_and_version() {
    let pair = Pair::start().await;
    let numbers = [FOUND, ABSENT, "20131312954", "99999999999", "2013131295", "2013131295x", "", " 20131312955"];
    for (number, status) in numbers.into_iter().zip(["200", "404", "404", "404", "422", "422", "422", "422"]) {
        for path in ["/api/v1/ruc", "/api/v1/ruc/"] {
            for answer in [
                pair.post(path, &json!({"token": "T", "ruc": number})).await,
                pair.form(path, &[("token", "T"), ("ruc", number)]).await,
                pair.multipart(path, &[("token", "T"), ("ruc", number)]).await,
            ] {
                assert!(answer.starts_with(status), "{number}: {answer}");
            }
        }
        for path in [format!("/api/v1/ruc/{number}"), format!("/api/v2/ruc/{number}/")] {
            if number.len() > 2 && !number.starts_with(' ') {
                pair.check(&path, |client, base| client.get(format!("{base}{path}")).bearer_auth("T")).await;
            }
        }
    }
    for body in [json!({"token": "T"}), json!({"token": "T", "ruc": [FOUND]}), json!({"token": "T", "ruc": true})] {
        assert!(pair.post("/api/v1/ruc", &body).await.starts_with("422 "), "{body}");
    }
    let by_number = json!({"token": 7, "ruc": 20_131_312_955_u64});
    assert!(pair.post("/api/v1/ruc", &by_number).await.starts_with("200 "));
    pair.stop().await;
}

#[tokio::test]
async fn collections_in_every_encoding() {
    let pair = Pair::start().await;
    let path = "/api/v1/ruc/collection";
    let known: Vec<String> = (0..)
        .filter_map(|body| Ruc::from_body(20, body))
        .filter(|ruc| chasqui_sandbox::taxpayer(*ruc).is_some())
        .take(101)
        .map(String::from)
        .collect();
    let mixed = [FOUND, ABSENT, &known[2], &known[0], "20131312954", "99999999999", FOUND];
    let lists = [&mixed[..], &[ABSENT], &["20131312954"], &[FOUND, "7"], &[FOUND, ""]];
    for list in lists {
        pair.post(path, &json!({"token": "T", "ruc": list})).await;
        for name in ["ruc[]", "ruc[0]"] {
            let pairs: Vec<_> = [("token", "T")].into_iter().chain(list.iter().map(|number| (name, *number))).collect();
            pair.form(path, &pairs).await;
            pair.multipart(path, &pairs).await;
        }
    }
    assert!(pair.post(path, &json!({"token": "T", "ruc": known[..100]})).await.starts_with("200 "));
    assert!(pair.post(path, &json!({"token": "T", "ruc": known})).await.starts_with("422 "));
    for body in [json!([]), json!([1, null]), json!(FOUND), json!(null), json!([FOUND, {}])] {
        assert!(pair.post(path, &json!({"token": "T", "ruc": body})).await.starts_with("422 "), "{body}");
    }
    pair.stop().await;
}

#[tokio::test]
async fn a_missing_token_comes_before_everything_else() {
    let pair = Pair::start().await;
    for path in ["/api/v1/ruc", "/api/v1/ruc/collection"] {
        for body in [json!({"ruc": "x"}), json!({"token": "", "ruc": FOUND}), json!({"token": ["T"]}), json!([])] {
            assert!(pair.post(path, &body).await.starts_with("401 "), "{body}");
        }
        pair.form(path, &[("ruc", FOUND)]).await;
        pair.multipart(path, &[("ruc[]", FOUND), ("token", " ")]).await;
        for body in ["", "{", "token=T"] {
            pair.check(body, |client, base| client.post(format!("{base}{path}")).body(body)).await;
        }
    }
    for path in ["/api/v1/ruc/20131312955", "/api/v2/ruc/x"] {
        for token in ["", "Basic T", "Bearer", "Bearer  "] {
            let build =
                |client: &Client, base: &str| client.get(format!("{base}{path}")).header("authorization", token);
            assert!(pair.check(token, build).await.starts_with("401 "), "{token}");
        }
        pair.check(path, |client, base| client.get(format!("{base}{path}"))).await;
        pair.check(path, |client, base| client.get(format!("{base}{path}")).header("authorization", "bearer T")).await;
    }
    pair.stop().await;
}

#[tokio::test]
async fn other_addresses_and_methods() {
    let pair = Pair::start().await;
    for path in ["/api/v1", "/api/v2", "/api/v1/nada", "/api/v2/ruc", "/api/v2/ruc/1/2"] {
        // Those that are handed on need a token, so that nobody without one costs a call.
        let answer = pair.check(path, |client, base| client.get(format!("{base}{path}")).bearer_auth("T")).await;
        assert!(answer.contains("Recurso no encontrado"), "{path}: {answer}");
    }
    for (method, path) in [
        (Method::GET, "/api/v1/ruc"),
        (Method::PUT, "/api/v1/ruc/collection"),
        (Method::GET, "/api/v1/ruc/collection"),
        (Method::POST, "/api/v1/ruc/20131312955"),
        (Method::DELETE, "/api/v2/ruc/20131312955/"),
    ] {
        let answer = pair.check(path, |client, base| client.request(method.clone(), format!("{base}{path}"))).await;
        assert!(answer.starts_with("405 "), "{path}: {answer}");
    }
    pair.stop().await;
}

/// What a real outage looks like through real sockets: a 503 to every kind of question.
#[tokio::test]
async fn faults_of_the_provider_are_never_absence() {
    let faults = [
        "status=500",
        "status=503",
        "throttle=1",
        "throttle",
        "unauthorized",
        "forbidden",
        "malformed",
        "html",
        "html=404",
        "truncated",
        "reset",
        "silence",
        "outage=10s/10s",
    ];
    // At once, because each pair takes its time to stop.
    futures_util::future::join_all(faults.map(check_fault)).await;
}

async fn check_fault(fault: &str) {
    let pair = Pair::with_faults(fault).await;
    let base = &pair.server;
    let post = |path: &str, body: &Value| pair.client.post(format!("{base}{path}")).json(body);
    let get = |path: &str| pair.client.get(format!("{base}{path}")).bearer_auth("T");
    let requests = [
        post("/api/v1/ruc", &json!({"token": "T", "ruc": FOUND})),
        post("/api/v1/ruc/collection", &json!({"token": "T", "ruc": [FOUND, ABSENT]})),
        get("/api/v1/ruc/20000000001"),
        get("/api/v2/ruc/20131312955"),
    ];
    for response in futures_util::future::join_all(requests.map(RequestBuilder::send)).await {
        let response = response.unwrap();
        assert_eq!(response.status(), 503, "{fault}");
        let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(wait >= 1, "{fault}");
        let body: Value = response.json().await.unwrap();
        assert!(body["message"].is_string(), "{fault}");
    }
    // The old app's route tells the same outage in its own way.
    let old = post("/api/ruc/consultar-async/", &json!({"ruc": ABSENT})).send().await.unwrap();
    assert!(old.status().as_u16() >= 429, "{fault}: {}", old.status());
    assert!(old.json::<Value>().await.unwrap().get("invalid_sunat").is_none(), "{fault}");
    // Nothing of it is remembered: once the fault is over, both numbers are answered as they are. A provider that
    // refused our token is left alone for longer than a test lasts.
    pair.sandbox.set_faults("".parse().unwrap());
    if !matches!(fault, "unauthorized" | "forbidden") {
        pair.post("/api/v1/ruc/collection", &json!({"token": "T", "ruc": [FOUND, ABSENT]})).await;
        pair.post("/api/v1/ruc", &json!({"token": "T", "ruc": ABSENT})).await;
    }
    pair.stop().await;
}
