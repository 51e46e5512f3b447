//! What a reply means, before its record is looked at.
//!
//! The whole judgement of statuses is here, once for every endpoint: which replies carry a body worth reading, and what
//! all the others mean.
//! The rule that matters is what counts as "there is no such record"; everything that is not exactly that is a failure
//! to find out.
//! The content type takes no part in a verdict: proxies and error pages get it wrong both ways, the body does not.
//! Left out: reading records; see [`crate::read`].

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::message::Saying;

/// A reply as it came from the connection: what is needed to judge it, and nothing judged yet.
#[derive(Clone, Copy)]
pub struct RawReply<'a> {
    /// The status, redirects included: following one is the caller's decision.
    pub status: u16,
    /// The `Content-Type`, if any. It only helps to say what a body is that cannot be read.
    pub content_type: Option<&'a str>,
    /// The wait asked for with `Retry-After`, if any.
    pub retry_after: Option<Duration>,
    /// The whole body. How large it may be is the caller's limit.
    pub body: &'a [u8],
}

/// What a reply to a question means.
///
/// Exhaustive on purpose: whoever acts on a verdict decides about every one of them.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// The record, or the records.
    Found(T),
    /// The authority says that there is no such record.
    NotFound {
        /// In these words.
        message: String,
    },
    /// The token is missing or wrong: 401, or a 403, 404 or 200 whose message is `Unauthenticated.`
    TokenRefused,
    /// The token is known, and may not ask this (now): 403 with MIGO's JSON. The plan expired or its quota is used up.
    Denied {
        /// In these words.
        message: String,
    },
    /// The request itself was refused: 422 or 400 with MIGO's JSON.
    Rejected {
        /// 422 or 400.
        status: u16,
        /// In these words.
        message: String,
    },
    /// 429: too many calls.
    Throttled {
        /// The wait asked for, if one was.
        retry_after: Option<Duration>,
    },
    /// Any other status, and a 404 that is not MIGO's word on a record.
    Failed {
        /// The status.
        status: u16,
    },
    /// A 200 whose body is not what can be read.
    Malformed {
        /// What is wrong with it; never a part of the body.
        why: &'static str,
    },
}

/// Whether a 404 can be a word on a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// One record was asked for, so a 404 can be about it.
    One,
    /// One day's rate was asked for, or those of several: a 404 is about them only where it says so in as many words.
    Day,
    /// Several were asked for: MIGO leaves unknown ones out, so a 404 is about the call.
    Several,
    /// Something was asked for that always exists: a 404 of MIGO's says that it does not do this.
    Always,
}

// === impl RawReply ===

/// Status, type and size; a body names people.
impl fmt::Debug for RawReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawReply")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("retry_after", &self.retry_after)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl RawReply<'_> {
    /// Judges the status, and hands the JSON of a 200 to `read`.
    pub(crate) fn judge<T>(&self, question: Question, read: impl FnOnce(Value) -> Verdict<T>) -> Verdict<T> {
        match self.status {
            200 => match self.json() {
                Ok(value) => read(value),
                Err(why) => Verdict::Malformed { why },
            },
            401 => Verdict::TokenRefused,
            429 => Verdict::Throttled { retry_after: self.retry_after },
            400 | 403 | 404 | 422 => self.judge_refusal(question),
            status => Verdict::Failed { status },
        }
    }

    /// A refusal counts as one only when it is MIGO's own JSON; a proxy's page of the same status is a failure.
    fn judge_refusal<T>(&self, question: Question) -> Verdict<T> {
        let failed = Verdict::Failed { status: self.status };
        let Ok(Value::Object(body)) = self.json() else { return failed };
        if !matches!(body.get("success"), None | Some(Value::Bool(false))) {
            return failed;
        }
        let message = message_of(&body);
        let saying = message.map_or(Saying::Nothing, Saying::of);
        let said = || message.unwrap_or_default().to_owned();
        match (self.status, saying) {
            (403 | 404, Saying::TokenRefused) => Verdict::TokenRefused,
            (422, Saying::Nothing) => match first_error(&body) {
                Some(message) => Verdict::Rejected { status: 422, message: message.to_owned() },
                None => failed,
            },
            (_, Saying::Nothing) => failed,
            (403, _) => Verdict::Denied { message: said() },
            // Without `success` the body might be any gateway's: then only the words themselves are believed.
            (404, Saying::NotThere) if matches!(question, Question::One | Question::Day) => {
                Verdict::NotFound { message: said() }
            }
            (404, Saying::AboutRecord) if question == Question::One => Verdict::NotFound { message: said() },
            (404, Saying::Other) if question == Question::One && body.contains_key("success") => {
                Verdict::NotFound { message: said() }
            }
            (status @ (400 | 422), _) => Verdict::Rejected { status, message: said() },
            (404, Saying::NotThere | Saying::AboutRecord | Saying::Other) if question == Question::Always => {
                Verdict::Rejected { status: 404, message: said() }
            }
            _ => failed,
        }
    }

    fn json(&self) -> Result<Value, &'static str> {
        serde_json::from_slice(self.body).map_err(|error| {
            if self.body.trim_ascii().is_empty() {
                "the body is empty"
            } else if self.looks_like_a_page() {
                "the body is a web page"
            } else if error.is_eof() {
                "the body stops in the middle"
            } else {
                "the body is not JSON"
            }
        })
    }

    fn looks_like_a_page(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"<")
            || self.content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
    }
}

/// What a 200 means whose `success` says that there is nothing to read; `None` where there is.
pub(crate) fn refusal<T>(body: &Map<String, Value>) -> Option<Verdict<T>> {
    match body.get("success") {
        Some(Value::Bool(false)) => Some(judge_false(body)),
        None | Some(Value::Null | Value::Bool(true)) => None,
        Some(_) => Some(Verdict::Malformed { why: "success is not a boolean" }),
    }
}

/// A reply without records may say `Unauthenticated.` under a 200.
pub(crate) fn token_or<T>(body: &Map<String, Value>, why: &'static str) -> Verdict<T> {
    match judge_false::<T>(body) {
        Verdict::TokenRefused if body.get("success") != Some(&Value::Bool(true)) => Verdict::TokenRefused,
        _ => Verdict::Malformed { why },
    }
}

/// What a 200 says that carries no record, because its `success` is false or all it has is a message.
fn judge_false<T>(body: &Map<String, Value>) -> Verdict<T> {
    let message = message_of(body);
    match message.map_or(Saying::Nothing, Saying::of) {
        Saying::TokenRefused => Verdict::TokenRefused,
        Saying::NotThere => Verdict::NotFound { message: message.unwrap_or_default().to_owned() },
        Saying::Nothing | Saying::Elsewhere | Saying::AboutRecord | Saying::Other => {
            Verdict::Malformed { why: "success is false, and the message does not say that the record is unknown" }
        }
    }
}

/// The `message`, when it is a text.
fn message_of(body: &Map<String, Value>) -> Option<&str> {
    body.get("message").and_then(Value::as_str)
}

/// The first sentence under `errors`: `{"errors": {"ruc": ["…"]}}`.
fn first_error(body: &Map<String, Value>) -> Option<&str> {
    let first = body.get("errors")?.as_object()?.values().next()?;
    first.as_str().or_else(|| first.as_array()?.first()?.as_str())
}

// === impl Verdict ===

impl<T> Verdict<T> {
    /// The same verdict where absence makes no sense: then a claim of it says that MIGO does not do this.
    pub(crate) fn never_absent(self) -> Self {
        match self {
            Self::NotFound { message } => Self::Rejected { status: 404, message },
            other => other,
        }
    }

    /// The same verdict over another record.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Verdict<U> {
        match self {
            Self::Found(record) => Verdict::Found(change(record)),
            Self::NotFound { message } => Verdict::NotFound { message },
            Self::TokenRefused => Verdict::TokenRefused,
            Self::Denied { message } => Verdict::Denied { message },
            Self::Rejected { status, message } => Verdict::Rejected { status, message },
            Self::Throttled { retry_after } => Verdict::Throttled { retry_after },
            Self::Failed { status } => Verdict::Failed { status },
            Self::Malformed { why } => Verdict::Malformed { why },
        }
    }
}

/// Without the provider's words, which may repeat whatever it was sent.
impl<T: fmt::Debug> fmt::Debug for Verdict<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(record) => f.debug_tuple("Found").field(record).finish(),
            Self::NotFound { .. } => f.debug_struct("NotFound").finish_non_exhaustive(),
            Self::TokenRefused => f.write_str("TokenRefused"),
            Self::Denied { .. } => f.debug_struct("Denied").finish_non_exhaustive(),
            Self::Rejected { status, .. } => f.debug_struct("Rejected").field("status", status).finish_non_exhaustive(),
            Self::Throttled { retry_after } => f.debug_struct("Throttled").field("retry_after", retry_after).finish(),
            Self::Failed { status } => f.debug_struct("Failed").field("status", status).finish(),
            Self::Malformed { why } => f.debug_struct("Malformed").field("why", why).finish(),
        }
    }
}
