//! An app without a socket, over providers that follow scripts.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bytes::Bytes;
use chasqui::OfflineRegistry;
use chasqui::config::Config;
use chasqui_cache::MemoryCache;
use chasqui_core::RegistryPolicy;
use chasqui_server::{App, Metrics};
use chasqui_testkit::{Script, World, WorldBuilder};
use http_body_util::BodyExt;
use serde_json::Value;

pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The app and the world under it.
pub(crate) struct Http {
    pub(crate) world: World,
    app: App,
}

/// An answer, whole.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

// === impl Http ===

impl Http {
    const CACHE_BYTES: u64 = 64 * 1024 * 1024;

    /// Failures are told at once: no retries, no rests.
    pub(crate) fn bare(script: Script) -> Self {
        Self::over(Self::world(script).bare())
    }

    /// A world with ample memory.
    pub(crate) fn world(script: Script) -> WorldBuilder {
        World::of(Arc::new(MemoryCache::new(Self::CACHE_BYTES)), script)
    }

    pub(crate) fn over(world: WorldBuilder) -> Self {
        Self::of(world.start(), None)
    }

    /// Over a registry on this machine too, which is asked first.
    pub(crate) fn with_registry(world: WorldBuilder, registry: &Arc<OfflineRegistry>, policy: RegistryPolicy) -> Self {
        let world = world.registry(Arc::clone(registry) as _, policy).start();
        Self::of(world, Some(Arc::clone(registry)))
    }

    fn of(world: World, registry: Option<Arc<OfflineRegistry>>) -> Self {
        let app = App::new(&Config::default_config(), world.lookups.clone(), registry, Arc::new(Metrics::new()));
        Self { world, app }
    }

    /// The answer as it is begun, its body not yet read.
    pub(crate) async fn begin(&self, request: Request<Body>) -> axum::response::Response {
        self.app.handle(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// With any token at all.
    pub(crate) async fn get_with_token(&self, path: &str) -> Answered {
        let request = request(Method::GET, path).header(header::AUTHORIZATION, "Bearer T");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answered {
        self.post_as(JSON, path, body.to_string()).await
    }

    pub(crate) async fn post_as(&self, content_type: &str, path: &str, body: impl Into<Body>) -> Answered {
        let request = request(Method::POST, path).header(header::CONTENT_TYPE, content_type);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let (head, body) = self.app.handle(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answered { status: head.status, headers: head.headers, body }
    }
}

/// A request to this machine, yet without a body.
pub(crate) fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080")
}

// === impl Answered ===

impl Answered {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and body in one line.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.text())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The headers that say where the answer comes from: source, freshness and use of memory.
    pub(crate) fn origin(&self) -> String {
        ["x-chasqui-source", "x-chasqui-freshness", "x-cache"].map(|name| self.header(name).unwrap_or("-")).join(" ")
    }
}
