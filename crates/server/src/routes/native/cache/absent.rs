//! Numbers that are remembered as absent: who said so, when, and until when it holds.
//!
//! An operator may add a number; its source is `operator`, so that it is never taken for an authority's word.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chasqui::config::parse_duration;
use chasqui_core::{Record, Scope};
use chasqui_types::Ruc;
use chasqui_types::time::{Timestamp, to_rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::stats::{absent_rucs, ends};
use super::{RemovedBody, RemovedCountBody};
use crate::app::Shared;
use crate::lifetime;
use crate::problem::Problem;
use crate::routes::input::{Members, NoQuery, RucPath};
use crate::routes::reply;

/// The most numbers that one answer lists.
const MAX_LISTED: usize = 10_000;
/// The longest reason, in characters.
const MAX_REASON: usize = 200;
const DEFAULT_REASON: &str = "marked by an operator";

/// Numbers that are remembered as absent.
#[derive(Serialize, ToSchema)]
#[schema(as = AbsentList)]
struct AbsentListBody {
    /// How many there are; at most 10,000 of them are listed.
    #[schema(example = 1)]
    total: usize,
    /// The newest first.
    absent: Vec<AbsentBody>,
}

/// A number that is remembered as absent.
#[derive(Serialize, ToSchema)]
#[schema(as = AbsentNumber)]
struct AbsentBody {
    /// The number.
    #[schema(example = "20000000001")]
    ruc: String,
    /// `not_found`: the source answered so. `omitted`: it left the number out of a collection. `marked`: an operator
    /// said so.
    #[schema(example = "not_found")]
    reason: &'static str,
    /// The same in words; an operator's own where one marked it.
    #[schema(example = "the source says that there is no such record")]
    reason_words: String,
    /// Who said so: `migo`, `sandbox`, or `operator`, which is no authority.
    #[schema(example = "migo")]
    source: String,
    /// When it was noted first.
    #[schema(example = "2026-11-20T15:01:30Z")]
    added_at: String,
    /// When it will be forgotten.
    #[schema(example = "2026-11-21T15:01:30Z")]
    expires_at: String,
    /// How long that is from now, for people.
    #[schema(example = "23h59m12s")]
    expires_in: String,
}

/// A number as it is remembered from now on, and what was remembered of it before.
#[derive(Serialize, ToSchema)]
#[schema(as = MarkedNumber)]
struct MarkedBody {
    #[serde(flatten)]
    marked: AbsentBody,
    /// What was remembered before: `found`, `absent`, or null for nothing.
    #[schema(required = true, example = "found")]
    replaced: Option<&'static str>,
}

/// Why and for how long a number is marked as absent.
#[derive(Default, ToSchema)]
#[schema(as = MarkAbsent)]
pub(crate) struct MarkBody {
    /// Why, in at most 200 characters.
    #[schema(example = "closed, seen on paper")]
    reason: Option<String>,
    /// For how long, at most `3650d`; the configured time for absences if missing.
    #[schema(example = "24h")]
    ttl: Option<String>,
}

// === impl AbsentBody ===

impl AbsentBody {
    /// `None` if the record is no absence.
    fn of(ruc: Ruc, record: &Record, now: Timestamp) -> Option<Self> {
        let absence = record.absence()?;
        Some(Self {
            ruc: ruc.to_string(),
            reason: absence.reason.code(),
            reason_words: absence.reason.to_string(),
            source: record.provenance().source.to_string(),
            added_at: to_rfc3339(absence.as_of),
            expires_at: to_rfc3339(record.fresh_until()),
            expires_in: lifetime::readable(reply::until(now, record.fresh_until())),
        })
    }
}

/// Numbers that are remembered as absent, the newest first.
#[utoipa::path(
    get, path = "/v1/cache/absent", tag = "cache", operation_id = "list_absent",
    responses((status = 200, description = "The numbers; at most 10,000 of them.", body = AbsentListBody)),
    extensions(("x-problems" = json!(["invalid_query"]))),
)]
pub(crate) async fn list_absent(State(shared): State<Shared>, _: NoQuery) -> Response {
    let now = shared.lookups.runtime().wall();
    let rucs = absent_rucs(&shared, now);
    let absent = rucs.iter().take(MAX_LISTED).filter_map(|(ruc, record)| AbsentBody::of(*ruc, record, now)).collect();
    reply::json(StatusCode::OK, &AbsentListBody { total: rucs.len(), absent })
}

/// Forgets all absent numbers.
///
/// Operators' marks are forgotten too.
#[utoipa::path(
    delete, path = "/v1/cache/absent", tag = "cache", operation_id = "forget_all_absent",
    responses((status = 200, description = "How many were forgotten.", body = RemovedCountBody)),
    extensions(("x-problems" = json!(["invalid_query"]))),
)]
pub(crate) async fn forget_all_absent(State(shared): State<Shared>, _: NoQuery) -> Response {
    let removed = shared.lookups.cache().clear(&Scope::absent_of(shared.lookups.keys().service()));
    tracing::info!(removed, "the absent numbers were forgotten");
    reply::json(StatusCode::OK, &RemovedCountBody { removed })
}

/// What is remembered of one absent number.
#[utoipa::path(
    get, path = "/v1/cache/absent/{ruc}", tag = "cache", operation_id = "show_absent",
    params(("ruc" = String, Path, description = "The number.", example = "20000000001")),
    responses((status = 200, description = "Who said so, when, and until when it holds.", body = AbsentBody)),
    extensions(("x-problems" = json!(["invalid_ruc", "invalid_query", "not_marked"]))),
)]
pub(crate) async fn show_absent(
    State(shared): State<Shared>,
    _: NoQuery,
    RucPath(ruc): RucPath,
) -> Result<Response, Problem> {
    let body = remembered(&shared, ruc).ok_or_else(Problem::not_marked)?;
    Ok(reply::json(StatusCode::OK, &body))
}

/// Marks a number as absent, on an operator's word.
///
/// Its source is `operator`. What was remembered of it is forgotten; a number that was absent before keeps the moment
/// at which it was noted first.
#[utoipa::path(
    put, path = "/v1/cache/absent/{ruc}", tag = "cache", operation_id = "mark_absent",
    params(("ruc" = String, Path, description = "The number.", example = "20000000001")),
    request_body(
        content = MarkBody, description = "Nothing at all, or why and for how long.",
        content_type = "application/json",
    ),
    responses((status = 200, description = "As it is remembered from now on.", body = MarkedBody)),
    extensions(("x-optional-body" = json!(true)), ("x-problems" = json!(["invalid_ruc", "invalid_query", "@body"]))),
)]
pub(crate) async fn mark_absent(
    State(shared): State<Shared>,
    _: NoQuery,
    RucPath(ruc): RucPath,
    request: Request,
) -> Result<Response, Problem> {
    let mark = read_mark(&shared, request).await?;
    let reason = match &mark.reason {
        None => DEFAULT_REASON,
        Some(reason) => checked_reason(reason)?,
    };
    let ttl = mark.ttl.as_deref().map(parse_duration).transpose();
    let ttl = ttl.map_err(|wanted| Problem::invalid_body(format!("`ttl` is not understood: {wanted}.")))?;
    let replaced = shared.lookups.peek(ruc).map(|before| match before.record.absence() {
        Some(_) => "absent",
        None => "found",
    });
    let record = shared.lookups.mark_absent(ruc, reason, ttl);
    tracing::info!(number = ends(ruc), replaced, "an operator marked a number as absent");
    let marked = AbsentBody::of(ruc, &record, shared.lookups.runtime().wall()).expect("it was just marked as absent");
    Ok(reply::json(StatusCode::OK, &MarkedBody { marked, replaced }))
}

/// Forgets that a number is absent.
///
/// A taxpayer that is remembered stays.
#[utoipa::path(
    delete, path = "/v1/cache/absent/{ruc}", tag = "cache", operation_id = "forget_absent",
    params(("ruc" = String, Path, description = "The number.", example = "20000000001")),
    responses((status = 200, description = "Whether it was remembered as absent.", body = RemovedBody)),
    extensions(("x-problems" = json!(["invalid_ruc", "invalid_query"]))),
)]
pub(crate) async fn forget_absent(State(shared): State<Shared>, _: NoQuery, RucPath(ruc): RucPath) -> Response {
    // A taxpayer that is found between the two steps is forgotten with it, which costs one more question upstream.
    let removed = remembered(&shared, ruc).is_some() && shared.lookups.forget(ruc);
    reply::json(StatusCode::OK, &RemovedBody { removed })
}

fn remembered(shared: &Shared, ruc: Ruc) -> Option<AbsentBody> {
    let answer = shared.lookups.peek(ruc)?;
    AbsentBody::of(ruc, &answer.record, shared.lookups.runtime().wall())
}

/// A request without a body is one without wishes.
async fn read_mark(shared: &Shared, request: Request) -> Result<MarkBody, Problem> {
    const EXAMPLE: &str = r#"{"reason": "closed, seen on paper", "ttl": "24h"}"#;
    if http_body::Body::is_end_stream(request.body()) {
        return Ok(MarkBody::default());
    }
    let members = Members::read(shared, request, &["reason", "ttl"], EXAMPLE).await?;
    Ok(MarkBody { reason: members.text("reason")?, ttl: members.text("ttl")? })
}

fn checked_reason(reason: &str) -> Result<&str, Problem> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
        return Err(Problem::invalid_body(format!(
            "`reason` has 1 to {MAX_REASON} characters on one line; leave it out to give none."
        )));
    }
    Ok(reason)
}
