//! Problems by code, with an example of each.
//!
//! The examples are made by the code that makes the real ones, so that statuses and words cannot drift.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use chasqui::RegistryError;
use chasqui::padron::ChangesError;
use chasqui_core::{Answer, CacheUse, LookupError, ProviderError, RateDateError, Record, RestCause, Subject, Value};
use chasqui_types::time::Timestamp;
use chasqui_types::{Absence, AbsenceReason, Freshness, ParseDniError, ParseRucError, Provenance, Ruc, SourceId};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{Content, Header, ObjectBuilder, Ref, RefOr, Response, Type, example::Example};

use crate::problem::Problem;

const REQUEST_ID: &str = "5f3a9c01-00000000002a";

/// One kind of problem.
pub(super) struct Described {
    pub(super) code: &'static str,
    pub(super) status: u16,
    body: serde_json::Value,
    has_retry_after: bool,
}

/// In which shape a route tells its problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// RFC 9457, with the code.
    Native,
    /// A sentence, as the old app did.
    Old,
    /// A message, as MIGO does.
    Migo,
}

// === impl Shape ===

impl Shape {
    pub(super) fn of(tags: &[String]) -> Self {
        match tags.first().map(String::as_str) {
            Some("old app") => Self::Old,
            Some("migo") => Self::Migo,
            _ => Self::Native,
        }
    }

    /// What sets the names of its responses apart.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Native => "",
            Self::Old => "old.",
            Self::Migo => "migo.",
        }
    }
}

// === impl Described ===

impl Described {
    fn of(problem: &Problem) -> Self {
        let body = serde_json::from_slice(&problem.body(REQUEST_ID)).expect("a problem is JSON");
        let (code, status) = (problem.code(), problem.status().as_u16());
        Self { code, status, body, has_retry_after: problem.retry_after().is_some() }
    }

    pub(super) fn example(&self) -> Example {
        let detail = self.body["detail"].as_str().unwrap_or_default();
        ExampleBuilder::new().summary(detail).value(Some(self.body.clone())).build()
    }
}

/// Every kind that a route may name.
pub(super) fn described() -> Vec<Described> {
    let edge = [
        Problem::new(StatusCode::BAD_REQUEST, "no_host", "The request names no host."),
        Problem::forbidden("A page of another site may not ask here."),
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", "The body took too long to arrive."),
        Problem::too_large(8 * 1024 * 1024),
        Problem::unsupported_media_type("application/json"),
        Problem::internal(),
        Problem::overloaded(),
    ];
    let input = [
        Problem::invalid_ruc(&ParseRucError::CheckDigit),
        Problem::invalid_dni(&ParseDniError::Length { found: 7 }),
        Problem::from(RateDateError::TooEarly),
        Problem::invalid_cpe("`numero` is a whole number from 1 to 99999999."),
        Problem::invalid_query("`refresh` is either true or false."),
        Problem::invalid_body("The body is not JSON (line 1, column 9)."),
        Problem::not_marked(),
        absent(),
    ];
    let lookup = lookup_errors().map(|error| Problem::from(&error));
    let registry = registry_errors().map(|error| Problem::from(&error));
    edge.iter().chain(&input).chain(&lookup).chain(&registry).map(Described::of).collect()
}

/// Says that a response may be one of these problems, besides what it already says.
pub(super) fn add(response: &mut Response, problems: &[&Described], shape: Shape) {
    let codes: Vec<String> = problems.iter().map(|problem| format!("`{}`", problem.code)).collect();
    let sentence = format!("Problem: {}.", codes.join(", "));
    if response.description.is_empty() {
        response.description = sentence;
    } else {
        response.description = format!("{} {sentence}", response.description);
    }
    let (media_type, schema) = match shape {
        Shape::Native => ("application/problem+json", "Problem"),
        Shape::Old => ("application/json", "OldFailure"),
        Shape::Migo => ("application/json", "MigoFailure"),
    };
    let mut content = Content::new(Some(Ref::from_schema_name(schema)));
    if shape == Shape::Native {
        for problem in problems {
            let reference = Ref::new(format!("#/components/examples/{}", problem.code));
            content.examples.insert(problem.code.to_owned(), RefOr::Ref(reference));
        }
    }
    response.content.insert(media_type.to_owned(), RefOr::T(content));
    if problems.iter().any(|problem| problem.has_retry_after) {
        let mut header = Header::new(ObjectBuilder::new().schema_type(Type::Integer).build());
        header.description = Some("Seconds to wait before asking again, where that is known.".to_owned());
        response.headers.insert("Retry-After".to_owned(), RefOr::T(header));
    }
}

fn absent() -> Problem {
    let as_of: Timestamp = "2026-11-20T15:01:30Z".parse().expect("it is a timestamp");
    let ruc: Ruc = "20131312955".parse().expect("its check digit is right");
    let absence = Absence { reason: AbsenceReason::NotFound, as_of };
    let provenance = Provenance { source: SourceId::MIGO, as_of, fetched_at: as_of };
    let record = Record::new(Subject::Ruc(ruc), Value::Absent(absence.clone()), provenance, as_of, as_of);
    let answer = Answer { record: Arc::new(record), freshness: Freshness::Fresh, cache: CacheUse::AbsentHit };
    Problem::absent(&answer, &absence)
}

fn lookup_errors() -> [LookupError; 8] {
    let provider = SourceId::MIGO;
    let failed = |source| LookupError::Source { attempts: 1, elapsed: Duration::from_millis(120), source };
    let for_another = Duration::from_secs(5);
    [
        LookupError::Limited { retry_after: Duration::from_mins(2) },
        failed(ProviderError::Failed { provider: provider.clone(), status: 500 }),
        failed(ProviderError::TokenRefused { provider: provider.clone() }),
        failed(ProviderError::Resting { provider, for_another, because: RestCause::Failures }),
        LookupError::NoSource,
        LookupError::Suppressed,
        LookupError::Stopped,
        LookupError::Deadline { limit: Duration::from_secs(30) },
    ]
}

fn registry_errors() -> [RegistryError; 4] {
    let edition = |name: &str| name.parse().expect("it names an edition");
    let [from, first, last] = ["2026-09-30", "2026-11-01", "2026-11-20"].map(edition);
    [
        RegistryError::NoEdition { dir: "padron".into() },
        RegistryError::NoNames { edition: last },
        RegistryError::Unreadable { trouble: String::new() },
        RegistryError::Changes(ChangesError::NotKept { from, first, last }),
    ]
}
