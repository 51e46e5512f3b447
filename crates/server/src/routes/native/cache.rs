//! The cache, for whoever runs the gateway: `/v1/cache/…`.
//!
//! Nothing here goes upstream.
//! Left out: what is remembered and for how long, which configuration says.

pub(crate) mod absent;
pub(crate) mod stats;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use chasqui_core::{Health, Kind, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use self::absent::{forget_absent, forget_all_absent, list_absent, mark_absent, show_absent};
use self::stats::stats;
use crate::app::Shared;
use crate::problem::Problem;
use crate::routes::input::{NoQuery, RucPath};
use crate::routes::reply::{self, HealthBody};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/v1/cache", delete(clear))
        .route("/v1/cache/stats", get(stats))
        .route("/v1/cache/health", get(health))
        .route("/v1/cache/clean", post(clean))
        .route("/v1/cache/ruc/{ruc}", delete(forget))
        .route("/v1/cache/absent", get(list_absent).delete(forget_all_absent))
        .route("/v1/cache/absent/{ruc}", get(show_absent).put(mark_absent).delete(forget_absent))
}

/// How many entries were forgotten.
#[derive(Serialize, ToSchema)]
#[schema(as = RemovedCount)]
pub(crate) struct RemovedCountBody {
    /// How many.
    #[schema(example = 3)]
    removed: usize,
}

/// Whether there was something to forget.
#[derive(Serialize, ToSchema)]
#[schema(as = Removed)]
pub(crate) struct RemovedBody {
    /// Whether there was.
    #[schema(example = true)]
    removed: bool,
}

/// How many expired entries were forgotten, by what they were.
#[derive(Serialize, ToSchema)]
#[schema(as = Cleaned)]
struct CleanedBody {
    /// Taxpayers.
    #[schema(example = 120)]
    found: usize,
    /// Absent numbers.
    #[schema(example = 7)]
    absent: usize,
    /// Anything else.
    #[schema(example = 0)]
    other: usize,
}

/// Whether memory does its work.
///
/// Three checks: a round trip, the room left, the share of absent numbers.
#[utoipa::path(
    get, path = "/v1/cache/health", tag = "cache", operation_id = "cache_health",
    responses(
        (status = 200, description = "It works; `warning` says that something should be looked at.", body = HealthBody),
        (status = 503, description = "It does not work: every question goes upstream.", body = HealthBody),
    ),
    extensions(("x-problems" = json!(["invalid_query"]))),
)]
pub(crate) async fn health(State(shared): State<Shared>, _: NoQuery) -> Response {
    let lookups = &shared.lookups;
    let health = lookups.cache().health(lookups.runtime().wall());
    let status = match health.overall() {
        Health::Healthy | Health::Warning => StatusCode::OK,
        Health::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    reply::json(status, &HealthBody::from(health))
}

/// Forgets everything, or what belongs to a service or is of a kind.
///
/// Without any parameter everything is forgotten, absent numbers and operators' marks included.
#[utoipa::path(
    delete, path = "/v1/cache", tag = "cache", operation_id = "clear_cache",
    params(
        (
            "service" = inline(Option<String>), Query,
            description = "Only entries of this service: `migo`, `sandbox`.",
            example = "migo",
        ),
        (
            "kind" = inline(Option<String>), Query,
            description = "Only entries of this kind: `ruc`, `dni`, `rate`, `representatives`, `account`, `cpe`, `other`.",
            example = "ruc",
        ),
    ),
    responses((status = 200, description = "How many entries were forgotten.", body = RemovedCountBody)),
    extensions(("x-problems" = json!(["invalid_query"]))),
)]
pub(crate) async fn clear(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let scope = scope(query.as_deref())?;
    let removed = shared.lookups.cache().clear(&scope);
    let service = scope.service.as_deref().unwrap_or("all");
    let kind = scope.kind.map_or("all", Kind::as_str);
    tracing::info!(service, kind, removed, "the cache was cleared");
    Ok(reply::json(StatusCode::OK, &RemovedCountBody { removed }))
}

/// Forgets the entries that may not be shown any more.
///
/// They would be forgotten anyway, when they are asked for or when room is needed.
#[utoipa::path(
    post, path = "/v1/cache/clean", tag = "cache", operation_id = "clean_cache",
    responses((status = 200, description = "How many entries were forgotten, by what they were.", body = CleanedBody)),
    extensions(("x-problems" = json!(["invalid_query"]))),
)]
pub(crate) async fn clean(State(shared): State<Shared>, _: NoQuery) -> Response {
    let lookups = &shared.lookups;
    let cleaned = lookups.cache().clean_expired(lookups.runtime().wall());
    let body = CleanedBody { found: cleaned.found, absent: cleaned.absent, other: cleaned.other };
    reply::json(StatusCode::OK, &body)
}

/// Forgets one number, whatever is remembered of it.
///
/// The next question for it goes upstream.
#[utoipa::path(
    delete, path = "/v1/cache/ruc/{ruc}", tag = "cache", operation_id = "forget_ruc",
    params(("ruc" = String, Path, description = "The number.", example = "20131312955")),
    responses((status = 200, description = "Whether it was remembered.", body = RemovedBody)),
    extensions(("x-problems" = json!(["invalid_ruc", "invalid_query"]))),
)]
pub(crate) async fn forget(State(shared): State<Shared>, _: NoQuery, RucPath(ruc): RucPath) -> Response {
    reply::json(StatusCode::OK, &RemovedBody { removed: shared.lookups.forget(ruc) })
}

/// Which entries a query means.
///
/// A parameter that is misspelt or empty is refused: taken for "not given", it would forget everything.
fn scope(query: Option<&str>) -> Result<Scope, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query.unwrap_or_default())
        .map_err(|_| Problem::invalid_query("The query cannot be read."))?;
    let mut scope = Scope::default();
    for (name, value) in pairs {
        match name.as_str() {
            "service" if scope.service.is_none() && !value.is_empty() => scope.service = Some(value),
            "kind" if scope.kind.is_none() => {
                let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == value);
                scope.kind = Some(kind.ok_or_else(|| {
                    let words = Kind::ALL.map(Kind::as_str).join(", ");
                    Problem::invalid_query(format!("`kind` is one of {words}."))
                })?);
            }
            "service" | "kind" => {
                return Err(Problem::invalid_query(format!("`{name}` is given at most once, and not empty.")));
            }
            _ => return Err(Problem::invalid_query("The parameters are `service` and `kind`.")),
        }
    }
    Ok(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_what_is_meant() {
        assert_eq!(scope(None).unwrap(), Scope::default());
        let expected = Scope { service: Some("migo".into()), kind: Some(Kind::Ruc), absent: None };
        assert_eq!(scope(Some("service=migo&kind=ruc")).unwrap(), expected);
    }

    #[test]
    fn a_query_that_could_mean_everything_by_mistake_is_refused() {
        for query in ["service=", "kind=", "kind=person", "knd=ruc", "service=a&service=b", "kind=ruc&kind=other", "x"]
        {
            assert_eq!(scope(Some(query)).unwrap_err().code(), "invalid_query", "{query}");
        }
    }
}
