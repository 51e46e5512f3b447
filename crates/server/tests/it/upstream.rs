//! An application over a real sandbox on a real socket, for tests about what the upstream does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use chasqui::config::{Config, Sources};
use chasqui::{Chasqui, Start};
use chasqui_core::Lookups;
use chasqui_sandbox::{Faults, Sandbox, SandboxConfig};
use chasqui_server::{App, Metrics};
use http_body_util::BodyExt;
use serde_json::Value;

/// The token that the sandbox knows.
pub(crate) const TOKEN: &str = "t0k3n-f0r-t3sts-0nly";

/// Settings for tests: no retries, short timeouts, a breaker that does not meddle.
const PATIENT: &[(&str, &str)] =
    &[("migo.retries", "0"), ("migo.timeout", "400ms"), ("lookup.deadline", "2s"), ("breaker.failures", "1000")];

pub(crate) struct Upstream {
    sandbox: Sandbox,
    chasqui: Chasqui,
    app: App,
}

/// A response, read whole.
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Upstream {
    pub(crate) async fn start(faults: Faults) -> Self {
        Self::start_with(faults, PATIENT).await
    }

    pub(crate) async fn start_with(faults: Faults, settings: &[(&str, &str)]) -> Self {
        let sandbox = sandbox(faults).await;
        let config = config(sandbox.address(), settings);
        let metrics = Arc::new(Metrics::new());
        let start = Start { serving: true, observer: Arc::clone(&metrics) as _, ..Start::default() };
        let chasqui = Chasqui::start(&config, start).await.unwrap();
        let app = App::new(&config, chasqui.lookups().clone(), chasqui.padron().cloned(), metrics);
        Self { sandbox, chasqui, app }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(crate) fn lookups(&self) -> &Lookups {
        self.chasqui.lookups()
    }

    pub(crate) async fn get(&self, path: &str) -> Received {
        self.send(Request::get(path).header("host", "localhost").body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Received {
        let request = Request::post(path).header("host", "localhost").header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Received {
        receive(&self.app, request).await
    }

    pub(crate) async fn stop(self) {
        self.chasqui.stop(Duration::from_secs(5)).await;
        self.sandbox.shutdown().await;
    }
}

pub(crate) async fn receive(app: &App, request: Request<Body>) -> Received {
    let response = app.handle(request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Received { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn sandbox(faults: Faults) -> Sandbox {
    let config = SandboxConfig { token: Some(TOKEN.to_owned()), faults, ..SandboxConfig::default() };
    Sandbox::start(config).await.unwrap()
}

/// A configuration that asks `upstream`, with `settings` on top.
pub(crate) fn config(upstream: SocketAddr, settings: &[(&str, &str)]) -> Config {
    let base_url = format!("http://{upstream}");
    let ours = [("migo.token", TOKEN), ("migo.base_url", &base_url), ("migo.plan", "premium")];
    let flag = |(key, value): (&str, &str)| ("test".to_owned(), key.to_owned(), value.to_owned());
    let flags = ours.into_iter().chain(settings.iter().copied()).map(flag).collect();
    Config::load(&Sources { flags, ..Sources::default() }).unwrap().config
}

impl Received {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
