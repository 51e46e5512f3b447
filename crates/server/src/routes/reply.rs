//! Answers about the gateway itself, as opposed to those about taxpayers: JSON that nobody may keep.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use chasqui_core::{CacheHealth, HealthCheck};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether memory does its work.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheHealth)]
pub(crate) struct HealthBody {
    /// The worst of the checks: `healthy`, `warning` or `unhealthy`.
    #[schema(example = "healthy")]
    status: &'static str,
    /// Every check, in the order in which they were made.
    checks: Vec<CheckBody>,
}

/// One check of memory.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheCheck)]
struct CheckBody {
    /// `round_trip`, `capacity` or `absent_list`.
    #[schema(example = "round_trip")]
    name: &'static str,
    /// `healthy`, `warning` or `unhealthy`.
    #[schema(example = "healthy")]
    status: &'static str,
    /// What was seen.
    #[schema(example = "an entry was put, read back and removed")]
    detail: String,
}

impl From<CacheHealth> for HealthBody {
    fn from(health: CacheHealth) -> Self {
        let status = health.overall().as_str();
        let check =
            |check: HealthCheck| CheckBody { name: check.name, status: check.health.as_str(), detail: check.detail };
        Self { status, checks: health.checks.into_iter().map(check).collect() }
    }
}

/// A body that holds only now.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).expect("bodies have string keys and write to memory");
    bytes_of(status, "application/json", bytes)
}

/// The same of any media type.
pub(crate) fn bytes_of(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// How long from `now` until `moment`; nothing if it is over.
pub(crate) fn until(now: chasqui_types::time::Timestamp, moment: chasqui_types::time::Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or_default()
}
