//! What is counted, in Prometheus' text format: `GET /metrics`.
//!
//! Counters that are kept while requests are answered come from [`Metrics`](crate::Metrics); this module adds what is
//! looked at in the moment of asking: memory, breakers, limits.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_core::breaker::Condition;
use chasqui_core::{CacheStats, GuardSnapshot};
use chasqui_types::time::from_lima;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Labelled;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::app::{Inner, Shared};
use crate::routes::operations::ready::{PadronLook, look};
use crate::routes::operations::source;
use crate::routes::reply;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EntryLabels {
    service: String,
    kind: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    service: String,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    provider: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RoomLabels {
    provider: String,
    family: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListLabels {
    list: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    source: String,
}

/// What is counted, for Prometheus. No label holds a number, a name or a token.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses((
        status = 200, description = "OpenMetrics text.", body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )),
)]
pub(crate) async fn metrics(State(shared): State<Shared>) -> Response {
    shared.metrics.set_in_flight(shared.in_flight.load(Ordering::Relaxed));
    let text = shared.metrics.expose(&moment(&shared, &look(&shared).await));
    reply::bytes_of(StatusCode::OK, MEDIA_TYPE, text)
}

/// What is looked at now, without the closing mark.
fn moment(inner: &Inner, padron: &PadronLook) -> String {
    let mut registry = Registry::with_prefix("chasqui");
    let build = BuildLabels { version: env!("CARGO_PKG_VERSION"), source: source(inner).to_owned() };
    registry.register("build", "Version, and who answers", Info::new(build));
    let flights = Gauge::<i64>::default();
    flights.set(whole(inner.lookups.in_flight()));
    registry.register("flights", "Questions under way upstream", flights);
    memory(&mut registry, &inner.survey().stats);
    providers(&mut registry, &inner.lookups.sources());
    registry_here(&mut registry, inner, padron);
    let mut text = String::new();
    encode(&mut text, &registry).expect("writing to a string cannot fail");
    text.truncate(text.trim_end_matches("# EOF\n").len());
    text
}

/// The registry on this machine, where there is one.
fn registry_here(registry: &mut Registry, inner: &Inner, padron: &PadronLook) {
    let Some(state) = &padron.state else { return };
    let now = inner.lookups.runtime().wall();
    let mut tell = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let is_healthy = state.edition.is_some() && padron.troubles().is_empty();
    tell("padron_healthy", "1 if the offline registry is as it should be; /readyz says what is not", is_healthy.into());
    if let Some(edition) = &state.edition {
        tell(
            "padron_rows",
            "Taxpayers that the offline registry lists",
            i64::try_from(edition.rows).unwrap_or(i64::MAX),
        );
        let can_search = padron.searched.as_ref().is_some_and(Result::is_ok);
        tell("padron_names", "1 if names of the offline registry can be searched", can_search.into());
    }
    if let Some(n_suppressed) = padron.n_suppressed {
        tell("padron_suppressed", "Numbers that the offline registry does not tell about", whole(n_suppressed));
    }
    if let Some(edition) = &state.edition {
        let age = Gauge::<i64>::default();
        age.set(now.duration_since(edition.as_of).as_secs());
        registry.register_with_unit("padron_age", "Age of the offline registry's edition", Unit::Seconds, age);
    }
    let lists = Labelled::<ListLabels, Gauge>::default();
    for (list, as_of) in &padron.lists {
        let age = from_lima((*as_of).into()).map_or(0, |as_of| now.duration_since(as_of).as_secs());
        lists.get_or_create_owned(&ListLabels { list: list.name() }).set(age);
    }
    registry.register_with_unit("padron_list_age", "Age of SUNAT's small lists", Unit::Seconds, lists);
}

fn memory(registry: &mut Registry, stats: &CacheStats) {
    let entries = Labelled::<EntryLabels, Gauge>::default();
    for (state, counts) in [("fresh", &stats.fresh), ("stale", &stats.stale)] {
        for ((service, kind), n) in counts {
            let labels = EntryLabels { service: service.clone(), kind, state };
            entries.get_or_create_owned(&labels).set(whole(*n));
        }
    }
    registry.register("cache_entries", "Entries in memory that are not absences", entries);
    let absent = Labelled::<ReasonLabels, Gauge>::default();
    for ((service, reason), n) in &stats.absent {
        absent.get_or_create_owned(&ReasonLabels { service: service.clone(), reason }).set(whole(*n));
    }
    registry.register("cache_absent", "Absences in memory, by reason", absent);
    let expired = Gauge::<i64>::default();
    expired.set(whole(stats.expired));
    registry.register("cache_expired", "Entries past everything, not yet cleaned", expired);
    for (name, help, bytes) in
        [("cache_held", "Memory held", stats.bytes), ("cache_capacity", "Memory that may be held", stats.capacity)]
    {
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        registry.register_with_unit(name, help, Unit::Bytes, gauge);
    }
    for (name, help, n) in [
        ("cache_hits", "Questions answered with an entry that is no absence", stats.hits),
        ("cache_absent_hits", "Questions answered with an absence", stats.absent_hits),
        ("cache_misses", "Questions without an entry", stats.misses),
        ("cache_evictions", "Entries that made room for others", stats.evictions),
    ] {
        let counter = Counter::<u64, AtomicU64>::default();
        counter.inc_by(n);
        registry.register(name, help, counter);
    }
}

fn providers(registry: &mut Registry, sources: &[GuardSnapshot]) {
    let states = Labelled::<StateLabels, Gauge>::default();
    let room = Labelled::<RoomLabels, Gauge>::default();
    for source in sources {
        let provider = source.provider.as_str();
        for condition in [Condition::Serving, Condition::Probing, Condition::Resting] {
            let labels = StateLabels { provider: provider.to_owned(), state: condition.as_str() };
            states.get_or_create_owned(&labels).set(i64::from(condition == source.condition));
        }
        for (family, calls) in &source.room {
            let labels = RoomLabels { provider: provider.to_owned(), family: family.as_str() };
            room.get_or_create_owned(&labels).set(i64::from(*calls));
        }
    }
    registry.register("breaker_state", "1 for the state that a provider's breaker is in", states);
    registry.register("limit_room", "Calls that a provider's limit leaves right now", room);
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
