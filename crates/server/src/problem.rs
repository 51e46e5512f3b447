//! Errors of the native routes, as RFC 9457 problems.
//!
//! The only place where a look-up's error meets an HTTP status.
//! A problem is a value until the edge renders it, because only the edge knows the request's id.

mod registry;

use std::fmt::Display;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chasqui_core::{Answer, Kind, LookupError, RateDateError};
use chasqui_migo::Failure;
use chasqui_types::time::to_rfc3339;
use chasqui_types::{Absence, ParseDniError, ParseRucError, Provenance, SourceId};

use crate::headers;
use crate::metrics::Surface;
use crate::routes::spanish;
use crate::wire::Object;

/// An error that a client is told.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after: Option<Duration>,
    provenance: Option<Box<Provenance>>,
    /// The whole chain of what went wrong, for the log alone.
    cause: Option<String>,
}

// === impl Problem ===

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None, provenance: None, cause: None }
    }

    pub(crate) fn invalid_ruc(error: &ParseRucError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_ruc", format!("This is no RUC: {error}."))
    }

    pub(crate) fn invalid_dni(error: &ParseDniError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_dni", format!("This is no DNI: {error}."))
    }

    pub(crate) fn invalid_date(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_date", detail)
    }

    pub(crate) fn invalid_cpe(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_cpe", detail)
    }

    pub(crate) fn invalid_body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", detail)
    }

    pub(crate) fn invalid_query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_query", detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_route",
            "There is no such route; /openapi.json lists those there are.",
        )
    }

    pub(crate) fn method_not_allowed() -> Self {
        let detail = "This route does not know this method; /openapi.json lists those there are.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    pub(crate) fn unsupported_media_type(expected: &str) -> Self {
        let detail = format!("The body has to be {expected}, and Content-Type has to say so.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let detail = format!("The body is larger than the {limit} bytes that are accepted (server.max_body).");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    pub(crate) fn overloaded() -> Self {
        let detail = "Too many requests are being worked on; ask again in a moment.";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail);
        Self { retry_after: Some(Duration::from_secs(1)), ..problem }
    }

    pub(crate) fn internal() -> Self {
        let detail = "Something went wrong inside the gateway; its log has more under this request's id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    pub(crate) fn absent(answer: &Answer, absence: &Absence) -> Self {
        let what = match answer.record.kind() {
            Kind::Dni => "There is no such person",
            Kind::Representatives => "Nobody is known to represent this taxpayer",
            Kind::Rate => "No rate was published for that day, nor shortly before it",
            Kind::Ruc | Kind::Account | Kind::Cpe | Kind::Other => "There is no such taxpayer",
        };
        Self::said_by(answer.record.provenance().clone(), format!("{what}: {}.", absence.reason))
    }

    /// No rate holds on a day, as `source` has it.
    pub(crate) fn no_rate(source: SourceId, absence: &Absence) -> Self {
        let provenance = Provenance { source, as_of: absence.as_of, fetched_at: absence.as_of };
        Self::said_by(provenance, "No rate was published for that day, nor shortly before it.")
    }

    fn said_by(provenance: Provenance, detail: impl Into<String>) -> Self {
        Self { provenance: Some(Box::new(provenance)), ..Self::new(StatusCode::NOT_FOUND, "absent", detail) }
    }

    pub(crate) fn not_marked() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_marked", "Memory does not hold this number as absent.")
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What happened, as the client is told.
    #[cfg(test)]
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What went wrong, as only the log is told.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body of the finished response.
    pub(crate) fn body(&self, request_id: &str) -> Vec<u8> {
        let mut object = Object::new()
            .text("type", &format!("/docs/errors#{}", self.code))
            .text("title", self.status.canonical_reason().unwrap_or("Error"))
            .plain("status", self.status.as_u16())
            .text("code", self.code)
            .text("detail", &self.detail)
            .text("request_id", request_id);
        if let Some(provenance) = &self.provenance {
            object = object.text("source", provenance.source.as_str()).text("as_of", &to_rfc3339(provenance.as_of));
        }
        if let Some(wait) = self.retry_after {
            object = object.plain("retry_after", whole_seconds(wait));
        }
        object.finish()
    }

    /// The finished response, in the shape that the clients of `surface` parse.
    pub(crate) fn render(&self, surface: Surface, request_id: &str) -> Response {
        let (media_type, body) = match surface {
            Surface::Native | Surface::Operations => ("application/problem+json", self.body(request_id)),
            Surface::Migo => {
                ("application/json", Failure::unsuccessful(self.status.as_u16(), spanish::refusal(self)).into_parts().1)
            }
            Surface::Old => {
                let object = Object::new().plain("success", false).text("error", spanish::refusal(self));
                ("application/json", object.finish())
            }
        };
        let mut response = Response::new(Body::from(Bytes::from(body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        response
    }
}

impl From<&LookupError> for Problem {
    fn from(error: &LookupError) -> Self {
        let status = status_of(error);
        let told = Self::new(status, error.code(), error.public_message());
        Self { retry_after: retry_after(error), cause: Some(error.chain()), ..told }
    }
}

impl From<RateDateError> for Problem {
    fn from(error: RateDateError) -> Self {
        Self::invalid_date(sentence(&error))
    }
}

/// An error's words as a sentence.
fn sentence(error: &impl Display) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// Carries the problem to the edge, which renders it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// The status that fits an error. One place for every surface.
pub(crate) fn status_of(error: &LookupError) -> StatusCode {
    match error.code() {
        "limited" => StatusCode::TOO_MANY_REQUESTS,
        "upstream_resting" | "stopped" | "no_source" => StatusCode::SERVICE_UNAVAILABLE,
        "suppressed" => StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
        "deadline" => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    }
}

/// The wait a client is told: the error's own, or a second where the status promises one.
pub(crate) fn retry_after(error: &LookupError) -> Option<Duration> {
    let promised = matches!(error.code(), "limited" | "upstream_resting" | "stopped");
    error.retry_after().or_else(|| promised.then(|| Duration::from_secs(1)))
}

/// Rounded up, so that whoever comes back on time is not early; never zero.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// Describes an absence in headers as well.
pub(crate) fn absent_response(answer: &Answer, absence: &Absence) -> Response {
    let mut response = Problem::absent(answer, absence).into_response();
    headers::describe(response.headers_mut(), answer);
    response
}
