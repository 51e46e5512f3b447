//! What memory holds and how it is used: `GET /v1/cache/stats`.
//!
//! Left out: numbers of natural persons, which the sample masks, because statistics end up on dashboards.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_core::{CacheStats, Kind, Record, Scope, Subject};
use chasqui_types::time::{Timestamp, to_rfc3339};
use chasqui_types::{Ruc, RucPrefix};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::lifetime;
use crate::routes::input::NoQuery;
use crate::routes::reply;

/// How many absent numbers are shown.
const SAMPLE: usize = 10;

/// What memory holds and how it was used since the start.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheStats)]
struct StatsBody {
    /// When this was counted.
    #[schema(example = "2026-11-20T15:01:30Z")]
    timestamp: String,
    /// Entries that are not absences, by service and kind.
    entries: Vec<EntriesBody>,
    /// Absent numbers.
    absent: AbsentCountsBody,
    /// Entries past everything, not yet cleaned.
    #[schema(example = 2)]
    expired: usize,
    /// How long entries hold.
    lifetimes: LifetimesBody,
    /// Questions answered with an entry that is no absence.
    #[schema(example = 9_500)]
    hits: u64,
    /// Questions answered with an absence.
    #[schema(example = 300)]
    absent_hits: u64,
    /// Questions without an entry.
    #[schema(example = 200)]
    misses: u64,
    /// Both kinds of hits, of all questions; null before the first.
    #[schema(required = true, example = 0.98)]
    hit_rate: Option<f64>,
    /// Misses, of all questions; null before the first.
    #[schema(required = true, example = 0.02)]
    miss_rate: Option<f64>,
    /// Entries that made room for others.
    #[schema(example = 0)]
    evictions: u64,
    /// Bytes held, finished bodies included.
    #[schema(example = 52_428_800)]
    bytes: u64,
    /// Bytes that may be held.
    #[schema(example = 268_435_456)]
    capacity: u64,
    /// Questions under way upstream.
    #[schema(example = 1)]
    in_flight: usize,
}

/// Entries of one service and kind.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheEntries)]
struct EntriesBody {
    /// Whose: `migo`, `sandbox`.
    #[schema(example = "migo")]
    service: String,
    /// `ruc`, `dni`, `rate`, `representatives`, `account`, `cpe` or `other`.
    #[schema(example = "ruc")]
    kind: &'static str,
    /// Within their time.
    #[schema(example = 10_000)]
    fresh: usize,
    /// Past it, still shown when nothing newer can be had.
    #[schema(example = 45)]
    stale: usize,
}

/// Absent numbers, counted.
#[derive(Serialize, ToSchema)]
#[schema(as = AbsentCounts)]
struct AbsentCountsBody {
    /// All of them.
    #[schema(example = 12)]
    total: usize,
    /// By service and reason.
    reasons: Vec<ReasonBody>,
    /// Up to ten of this gateway's, newest first; a natural person's number shows its ends only.
    #[schema(example = json!(["20000000001", "10…02"]))]
    sample: Vec<String>,
}

/// Absent numbers of one service and reason.
#[derive(Serialize, ToSchema)]
#[schema(as = AbsentReasonCount)]
struct ReasonBody {
    /// Whose: `migo`, `sandbox`.
    #[schema(example = "migo")]
    service: String,
    /// `not_found` and `omitted` are a source's word, `marked` is an operator's.
    #[schema(example = "not_found")]
    reason: &'static str,
    /// How many.
    #[schema(example = 12)]
    count: usize,
}

/// How long entries hold.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheLifetimes)]
struct LifetimesBody {
    /// A taxpayer is fresh.
    found: LifetimeBody,
    /// An absence holds.
    absent: LifetimeBody,
    /// Anything else is fresh.
    default: LifetimeBody,
    /// Past freshness, a taxpayer is still given when nothing newer can be had.
    stale_for: LifetimeBody,
    /// Past freshness, a taxpayer is given at once while a new answer is fetched.
    revalidate_for: LifetimeBody,
}

/// A length of time.
#[derive(Serialize, ToSchema)]
#[schema(as = Lifetime)]
struct LifetimeBody {
    /// For people.
    #[schema(example = "24h")]
    text: String,
    /// For programs.
    #[schema(example = 86_400)]
    seconds: u64,
}

impl From<Duration> for LifetimeBody {
    fn from(time: Duration) -> Self {
        Self { text: lifetime::readable(time), seconds: time.as_secs() }
    }
}

/// What memory holds, by service, kind and reason, and how it was used.
#[utoipa::path(
    get, path = "/v1/cache/stats", tag = "cache", operation_id = "cache_stats",
    responses((status = 200, description = "The counts.", body = StatsBody)),
    extensions(("x-problems" = json!(["invalid_query"]))),
)]
pub(crate) async fn stats(State(shared): State<Shared>, _: NoQuery) -> Response {
    let lookups = &shared.lookups;
    let now = lookups.runtime().wall();
    let stats = lookups.cache().stats(now);
    let freshness = &lookups.config().freshness;
    let hit_rate = stats.hit_rate();
    let body = StatsBody {
        timestamp: to_rfc3339(now),
        entries: entries(&stats),
        absent: AbsentCountsBody {
            total: stats.absent.values().sum(),
            reasons: reasons(&stats),
            sample: sample(&shared, now),
        },
        expired: stats.expired,
        lifetimes: LifetimesBody {
            found: freshness.found.into(),
            absent: freshness.absent.into(),
            default: freshness.default.into(),
            stale_for: freshness.stale_for.into(),
            revalidate_for: freshness.revalidate_for.into(),
        },
        hits: stats.hits,
        absent_hits: stats.absent_hits,
        misses: stats.misses,
        hit_rate,
        miss_rate: hit_rate.map(|rate| 1.0 - rate),
        evictions: stats.evictions,
        bytes: stats.bytes,
        capacity: stats.capacity,
        in_flight: lookups.in_flight(),
    };
    reply::json(StatusCode::OK, &body)
}

fn entries(stats: &CacheStats) -> Vec<EntriesBody> {
    let mut counts: BTreeMap<&(String, &'static str), (usize, usize)> = BTreeMap::new();
    for (group, n) in &stats.fresh {
        counts.entry(group).or_default().0 = *n;
    }
    for (group, n) in &stats.stale {
        counts.entry(group).or_default().1 = *n;
    }
    counts
        .into_iter()
        .map(|((service, kind), (fresh, stale))| EntriesBody { service: service.clone(), kind, fresh, stale })
        .collect()
}

fn reasons(stats: &CacheStats) -> Vec<ReasonBody> {
    stats
        .absent
        .iter()
        .map(|((service, reason), count)| ReasonBody { service: service.clone(), reason, count: *count })
        .collect()
}

fn sample(shared: &Shared, now: Timestamp) -> Vec<String> {
    absent_rucs(shared, now).into_iter().take(SAMPLE).map(|(ruc, _)| masked(ruc)).collect()
}

/// The numbers that memory holds as absent, newest first.
pub(super) fn absent_rucs(shared: &Shared, now: Timestamp) -> Vec<(Ruc, std::sync::Arc<Record>)> {
    let lookups = &shared.lookups;
    let scope = Scope { kind: Some(Kind::Ruc), ..Scope::absent_of(lookups.keys().service()) };
    let mut rucs: Vec<_> = lookups
        .cache()
        .entries(&scope, now)
        .into_iter()
        .filter_map(|(_, record)| match record.subject() {
            Subject::Ruc(ruc) => Some((*ruc, record)),
            _ => None,
        })
        .collect();
    rucs.sort_unstable_by(|(one, a), (two, b)| {
        let noted = |record: &Record| record.absence().map(|absence| absence.as_of);
        noted(b).cmp(&noted(a)).then_with(|| one.cmp(two))
    });
    rucs
}

/// An organisation's number whole, a person's by its ends.
fn masked(ruc: Ruc) -> String {
    let text = ruc.as_str();
    match ruc.prefix() {
        RucPrefix::Entity => text.to_owned(),
        RucPrefix::Person | RucPrefix::OtherPerson => ends(ruc),
    }
}

/// A number by its ends, for the log.
pub(super) fn ends(ruc: Ruc) -> String {
    let text = ruc.as_str();
    format!("{}…{}", &text[..2], &text[9..])
}
