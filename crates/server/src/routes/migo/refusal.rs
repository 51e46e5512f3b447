//! Refusals in MIGO's words, and the one that MIGO does not have: could not find out.
//!
//! Left out: the sentences themselves, which `chasqui-migo` and the module of Spanish sentences hold.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chasqui_core::LookupError;
use chasqui_migo::Failure;

use super::request::REFRESH;
use crate::edge::Code;
use crate::problem::{self, Problem};
use crate::routes::compatible::{self, spanish};

/// A refusal in MIGO's words.
pub(super) struct Refusal {
    failure: Failure,
    wait: Option<Duration>,
    /// The methods that an address knows, with a 405.
    allow: Option<&'static str>,
    /// Why there is no answer, for the log.
    code: Option<Code>,
}

// === impl Refusal ===

impl Refusal {
    /// What a client is told to wait where nothing better is known: as long as a provider's first rest.
    const WAIT: Duration = Duration::from_secs(5);

    pub(super) fn bad_refresh() -> Self {
        Failure::invalid(REFRESH, spanish::BAD_REFRESH).into()
    }

    /// The address exists, with these methods.
    pub(super) fn wrong_method(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Failure::method_not_allowed().into() }
    }

    /// Could not find out. Always a 503, whatever the reason: MIGO's clients know no other that says nothing of the
    /// record.
    pub(super) fn unknown(code: &'static str, words: &str, wait: Option<Duration>) -> Self {
        let failure = Failure::unavailable(words);
        // Whoever waits for what is suppressed would wait for good.
        let wait = (code != "suppressed").then(|| wait.unwrap_or(Self::WAIT));
        Self { failure, wait, allow: None, code: Some(Code(code)) }
    }

    /// The same about something other than a RUC.
    pub(super) fn unknown_other(error: &LookupError) -> Self {
        let words = match error.code() {
            "deadline" => "El proveedor no respondió a tiempo; no se sabe la respuesta.",
            "upstream_error" => "El proveedor falló; no se sabe la respuesta.",
            _ => spanish::unknown(error),
        };
        Self::unknown(error.code(), words, problem::retry_after(error))
    }

    /// The words of the one before, if there is one, and the longer wait of both.
    pub(super) fn or_later(self, before: Option<Self>) -> Self {
        match before {
            Some(before) => Self { wait: before.wait.max(self.wait), ..before },
            None => self,
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, wait: None, allow: None, code: None }
    }
}

/// About a RUC.
impl From<LookupError> for Refusal {
    fn from(error: LookupError) -> Self {
        Self::unknown(error.code(), spanish::unknown(&error), problem::retry_after(&error))
    }
}

/// A body that did not arrive.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let failure = Failure::unsuccessful(problem.status().as_u16(), spanish::refusal(&problem));
        Self { failure, wait: problem.retry_after(), allow: None, code: Some(Code(problem.code())) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = self.failure.into_parts();
        let status = StatusCode::from_u16(status).expect("MIGO's statuses are statuses");
        let mut response = compatible::json(status, body);
        if let Some(wait) = self.wait {
            let seconds = HeaderValue::from(problem::whole_seconds(wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Some(allow) = self.allow {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(code) = self.code {
            response.extensions_mut().insert(code);
        }
        response
    }
}
