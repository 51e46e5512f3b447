//! Whether this gateway should be sent requests: `GET /readyz`.
//!
//! A provider that fails does not make the gateway unready: what is remembered is still answered, and taking the
//! gateway away would help nobody. It is unready when memory does not work and while it stops.
//! Left out: asking a provider, which would spend calls.

mod padron;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_core::breaker::Condition;
use chasqui_core::{GuardSnapshot, Health};
use chasqui_types::time::{Timestamp, to_rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use self::padron::PadronBody;
pub(super) use self::padron::{PadronLook, look};
use crate::app::Shared;
use crate::lifetime;
use crate::routes::operations::source;
use crate::routes::reply::{self, HealthBody};
use crate::survey::Survey;

/// How the gateway and what it leans on are doing.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
struct ReadyBody {
    /// `ready`; `degraded`: it answers, but something should be looked at; `not_ready`: send requests elsewhere.
    #[schema(example = "ready")]
    status: &'static str,
    /// What keeps it from being ready, in words. Empty when it is.
    #[schema(example = json!([]))]
    because: Vec<String>,
    /// Chasqui's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// When this was looked at.
    #[schema(example = "2026-11-20T15:01:30Z")]
    timestamp: String,
    /// Who answers: `migo`, or `sandbox`.
    #[schema(example = "migo")]
    source: String,
    /// Whether answers are made up, as the sandbox's are.
    #[schema(example = false)]
    made_up: bool,
    /// Memory.
    cache: HealthBody,
    /// Providers, in the order in which they are asked.
    providers: Vec<ProviderBody>,
    /// How old the taxpayers are that memory holds.
    data: DataAgeBody,
    /// The database: `none yet`, because this version has none.
    #[schema(example = "none yet")]
    store: &'static str,
    /// The offline registry.
    padron: PadronBody,
}

/// How a provider is doing.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderState)]
struct ProviderBody {
    /// Who.
    #[schema(example = "migo")]
    provider: String,
    /// `serving`; `probing`: one call goes through to see; `resting`: it failed and is left alone for a moment.
    #[schema(example = "serving")]
    state: &'static str,
    /// Calls that its limits leave right now, by family of endpoints. A family that is not here has no limit.
    #[schema(example = json!({"ruc": 900, "batch": 450}))]
    room: BTreeMap<&'static str, u32>,
}

/// How old the taxpayers are that memory holds.
#[derive(Serialize, ToSchema)]
#[schema(as = DataAge)]
struct DataAgeBody {
    /// How many there are.
    #[schema(example = 10_045)]
    taxpayers: usize,
    /// The moment that the oldest describes; null without any.
    #[schema(required = true, example = "2026-11-19T09:00:00Z")]
    oldest_as_of: Option<String>,
    /// The moment that the newest describes; null without any.
    #[schema(required = true, example = "2026-11-20T15:01:30Z")]
    newest_as_of: Option<String>,
    /// How old the oldest is, for people; null without any.
    #[schema(required = true, example = "30h1m30s")]
    oldest_age: Option<String>,
}

// === impl ProviderBody ===

impl ProviderBody {
    fn of(snapshot: &GuardSnapshot) -> Self {
        let room = snapshot.room.iter().map(|(family, calls)| (family.as_str(), *calls)).collect();
        Self { provider: snapshot.provider.to_string(), state: snapshot.condition.as_str(), room }
    }
}

// === impl DataAgeBody ===

impl DataAgeBody {
    fn of(survey: &Survey, now: Timestamp) -> Self {
        Self {
            taxpayers: survey.taxpayers,
            oldest_as_of: survey.oldest.map(to_rfc3339),
            newest_as_of: survey.newest.map(to_rfc3339),
            oldest_age: survey.oldest.map(|oldest| lifetime::readable(reply::until(oldest, now))),
        }
    }
}

/// Whether this gateway should be sent requests.
///
/// Asks nobody: it tells how earlier calls went. What it says of memory is at most a second old.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", operation_id = "readyz",
    responses(
        (status = 200, description = "It should, even if `degraded`.", body = ReadyBody),
        (status = 503, description = "It should not: memory does not work, or it is stopping.", body = ReadyBody),
    ),
)]
pub(crate) async fn readyz(State(shared): State<Shared>) -> Response {
    let lookups = &shared.lookups;
    let now = lookups.runtime().wall();
    let survey = shared.survey();
    let health = &survey.health;
    let sources = lookups.sources();
    let is_stopping = shared.stopping.load(Ordering::Relaxed);
    let mut because = Vec::new();
    if is_stopping {
        because.push("the gateway is stopping".to_owned());
    }
    let overall = health.overall();
    because.extend(
        health
            .checks
            .iter()
            .filter(|check| check.health != Health::Healthy)
            .map(|check| format!("cache check {} is {}: {}", check.name, check.health.as_str(), check.detail)),
    );
    because.extend(
        sources
            .iter()
            .filter(|source| source.condition != Condition::Serving)
            .map(|source| format!("{} is {}", source.provider, source.condition.as_str())),
    );
    let padron = look(&shared).await;
    because.extend(padron.troubles());
    let (status, word) = if is_stopping || overall == Health::Unhealthy {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    } else if because.is_empty() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::OK, "degraded")
    };
    let source = source(&shared);
    let body = ReadyBody {
        status: word,
        because,
        version: env!("CARGO_PKG_VERSION"),
        timestamp: to_rfc3339(now),
        source: source.to_owned(),
        made_up: source == "sandbox",
        cache: health.clone().into(),
        providers: sources.iter().map(ProviderBody::of).collect(),
        data: DataAgeBody::of(&survey, now),
        store: "none yet",
        padron: padron.into(),
    };
    reply::json(status, &body)
}
