//! What operators and their machines ask: is it alive, is it ready, how is it doing, what can it be asked.
//!
//! These routes are never shed, because they are needed most when everything else is refused.
//! Left out: the console, which comes with its own issue.

pub(crate) mod ready;
pub(crate) mod scrape;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

use self::ready::readyz;
use self::scrape::metrics;
use crate::app::{Inner, Shared};
use crate::openapi::Documents;
use crate::routes::reply;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(index))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(openapi))
}

/// The process runs.
#[derive(Serialize, ToSchema)]
#[schema(as = Alive)]
struct AliveBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process runs.
///
/// Looks at nothing else, so that a supervisor restarts only what is stuck. Answered under any host name.
#[utoipa::path(
    get, path = "/healthz", tag = "operations", operation_id = "healthz",
    responses((status = 200, description = "It does.", body = AliveBody)),
)]
pub(crate) async fn healthz() -> Response {
    reply::json(StatusCode::OK, &AliveBody { status: "ok" })
}

/// This description.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operations", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json")),
)]
pub(crate) async fn openapi(State(shared): State<Shared>) -> Response {
    reply::bytes_of(StatusCode::OK, "application/json", documents(&shared).openapi.clone())
}

/// The routes, for people.
#[utoipa::path(
    get, path = "/", tag = "operations", operation_id = "index",
    responses((
        status = 200, description = "One line per route.", body = String, content_type = "text/plain; charset=utf-8",
    )),
)]
pub(crate) async fn index(State(shared): State<Shared>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    let source = source(&shared);
    let warning = if source == "sandbox" { ": made-up data, only to try things out" } else { "" };
    let text = format!("Chasqui {version}\nsource: {source}{warning}\n\n{}", documents(&shared).index);
    reply::bytes_of(StatusCode::OK, "text/plain; charset=utf-8", text)
}

/// Who answers: `migo`, or `sandbox` for made-up data.
fn source(inner: &Inner) -> &str {
    inner.lookups.keys().service()
}

fn documents(inner: &Inner) -> &Documents {
    inner.documents.get_or_init(Documents::render)
}
