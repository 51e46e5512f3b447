//! What a reply over the network means: an answer, an absence, or which error.
//!
//! An absence is believed from a Chasqui server alone, which says so in a problem with the code `absent`. A 404 of a
//! proxy, a web page or a wrong path is none.
//! Left out: the bodies themselves.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde::de::DeserializeOwned;

use super::wire::{AbsentBody, ProblemBody};
use crate::client::error::Error;

/// A reply, read whole.
pub(super) struct Reply {
    head: Head,
    body: Bytes,
}

/// What is known of a reply before its body is read.
pub(super) struct Head {
    status: u16,
    media_type: Option<String>,
    request_id: Option<Box<str>>,
    retry_after: Option<Duration>,
}

/// An answer as it came.
pub(super) enum Answering<B> {
    Found(B),
    Absent(AbsentBody),
}

/// Why nothing came back.
pub(super) fn unreachable(error: reqwest::Error) -> Error {
    // A connection that does not come up in time is no answer that is late.
    // The address may show somebody's number.
    if error.is_timeout() && !error.is_connect() {
        return late(error.without_url());
    }
    Error::Unreachable { status: None, source: Some(Arc::new(error.without_url())) }
}

/// Nothing came back in time.
pub(super) fn late(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Unknown {
        code: Cow::Borrowed("deadline"),
        detail: "The Chasqui server did not answer in time; nothing could be found out, which is no word on whether \
                 the record exists."
            .to_owned(),
        retry_after: None,
        request_id: None,
        source: Some(Arc::new(source)),
    }
}

/// When to ask again; a wait of more than a day is not believed.
pub(super) fn wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(Duration::from_hours(24))
}

// === impl Head ===

impl Head {
    pub(super) fn of(response: &Response) -> Self {
        let headers = response.headers();
        let text = |headers: &HeaderMap, name| headers.get(name)?.to_str().ok().map(str::to_owned);
        Self {
            status: response.status().as_u16(),
            media_type: text(headers, CONTENT_TYPE.as_str()),
            request_id: text(headers, "x-request-id").map(String::into_boxed_str),
            retry_after: text(headers, RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok()).map(wait),
        }
    }

    /// Whether it is a success of this media type.
    pub(super) fn is(&self, media_type: &str) -> bool {
        self.status == 200 && self.has(media_type)
    }

    fn has(&self, media_type: &str) -> bool {
        let own = self.media_type.as_deref().unwrap_or_default();
        own.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
    }

    pub(super) fn request_id(&self) -> Option<Box<str>> {
        self.request_id.clone()
    }

    pub(super) fn malformed(&self, why: impl Into<Cow<'static, str>>) -> Error {
        Error::Malformed { why: why.into(), request_id: self.request_id.clone() }
    }
}

// === impl Reply ===

impl Reply {
    /// The largest reply that is read: ten thousand absent numbers take about 3 MiB.
    const MAX_BODY: usize = 16 * 1024 * 1024;
    const JSON: &str = "application/json";
    const PROBLEM: &str = "application/problem+json";

    pub(super) async fn read(response: Response) -> Result<Self, Error> {
        let head = Head::of(&response);
        Self::read_after(head, response).await
    }

    /// Reads the body that follows a head.
    pub(super) async fn read_after(head: Head, mut response: Response) -> Result<Self, Error> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > Self::MAX_BODY {
                return Err(head.malformed("its answer is larger than any could be"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { head, body: body.freeze() })
    }

    /// The body of an answer that cannot be an absence.
    pub(super) fn body<B: DeserializeOwned>(&self) -> Result<B, Error> {
        if self.head.is(Self::JSON) { self.parse() } else { Err(self.error()) }
    }

    /// The body of an answer, or the absence that it is.
    pub(super) fn answer<B: DeserializeOwned>(&self) -> Result<Answering<B>, Error> {
        if self.is_problem(404, "absent") {
            return self.parse().map(Answering::Absent);
        }
        self.body().map(Answering::Found)
    }

    /// The body of an answer about the server itself that also comes with `status`.
    pub(super) fn body_even_as<B: DeserializeOwned>(&self, status: u16) -> Result<B, Error> {
        if self.head.status == status && self.head.has(Self::JSON) { self.parse() } else { self.body() }
    }

    /// Whether it is the problem of this status and code.
    pub(super) fn is_problem(&self, status: u16, code: &str) -> bool {
        self.head.status == status && self.problem().is_some_and(|problem| problem.code == code)
    }

    /// Why it is no answer.
    pub(super) fn error(&self) -> Error {
        let status = self.head.status;
        let request_id = self.head.request_id.clone();
        let said = || Cow::Owned(format!("it answered with status {status}"));
        match (status, self.problem()) {
            (401 | 403, problem) => {
                let code = if status == 401 { "unauthenticated" } else { "forbidden" };
                let (code, detail) = problem.map_or_else(
                    || (code.into(), format!("Status {status}, of the server or of what stands in front of it.")),
                    |problem| (problem.code.into(), problem.detail),
                );
                Error::Refused { code, detail, request_id }
            }
            (422, Some(problem)) => Error::Invalid { code: problem.code.into(), detail: problem.detail, request_id },
            (408 | 429 | 451 | 500.., Some(problem)) => Error::Unknown {
                code: problem.code.into(),
                detail: problem.detail,
                retry_after: problem.retry_after.map(wait).or(self.head.retry_after),
                request_id,
                source: None,
            },
            (429, None) => Error::Unknown {
                code: "limited".into(),
                detail: "Too many requests, says what stands in front of the Chasqui server; ask again later.".into(),
                retry_after: self.head.retry_after,
                request_id,
                source: None,
            },
            (502..=504, None) => Error::Unreachable { status: Some(status), source: None },
            (200, _) => self.head.malformed("its answer is of another kind than was asked for"),
            (_, Some(problem)) => self.head.malformed(format!("{}, {}: {}", said(), problem.code, problem.detail)),
            (_, None) => self.head.malformed(said()),
        }
    }

    fn problem(&self) -> Option<ProblemBody> {
        if !self.head.has(Self::PROBLEM) {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }

    fn parse<B: DeserializeOwned>(&self) -> Result<B, Error> {
        // What exactly is odd may repeat what was asked; that it is odd is enough.
        serde_json::from_slice(&self.body).map_err(|_| self.head.malformed("its answer lacks what it should say"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, media_type: &str, body: &'static str, told: &str) {
        let head = Head {
            status,
            media_type: Some(media_type.to_owned()),
            request_id: Some("r-1".into()),
            retry_after: Some(Duration::from_secs(7)),
        };
        let reply = Reply { head, body: Bytes::from_static(body.as_bytes()) };
        let shown = match reply.answer::<serde_json::Value>() {
            Ok(Answering::Found(_)) => "found".to_owned(),
            Ok(Answering::Absent(_)) => "absent".to_owned(),
            Err(error) => {
                let id = error.request_id().unwrap_or("-");
                format!("{} {} {id}", error.code(), error.retry_after().map_or(0, |wait| wait.as_secs()))
            }
        };
        assert_eq!(shown, told, "{status} {media_type} {body}");
    }

    #[test]
    fn an_absence_is_believed_from_a_chasqui_server_alone() {
        const ABSENT: &str = r#"{"code":"absent","detail":"There is no such taxpayer: no.","source":"migo","as_of":"2026-11-20T15:01:30Z"}"#;
        let problem = "application/problem+json";
        check(404, problem, ABSENT, "absent");
        check(404, "Application/Problem+JSON; charset=utf-8", ABSENT, "absent");
        check(404, "application/json", ABSENT, "malformed 0 r-1");
        check(404, "text/html", "<html>", "malformed 0 r-1");
        check(404, problem, r#"{"code":"no_such_route","detail":"no"}"#, "malformed 0 r-1");
        check(404, problem, r#"{"code":"absent"}"#, "malformed 0 r-1");
        check(410, problem, ABSENT, "malformed 0 r-1");
        check(503, problem, ABSENT, "absent 7 r-1");
    }

    #[test]
    fn every_other_reply_says_whose_turn_it_is() {
        let problem = "application/problem+json";
        check(200, "application/json", "{}", "found");
        check(200, "application/json", "{", "malformed 0 r-1");
        check(200, "text/html", "<html>", "malformed 0 r-1");
        check(204, "application/json", "{}", "malformed 0 r-1");
        check(302, "text/html", "", "malformed 0 r-1");
        check(401, "text/html", "", "unauthenticated 0 r-1");
        check(403, problem, r#"{"code":"forbidden","detail":"no"}"#, "forbidden 0 r-1");
        check(422, problem, r#"{"code":"invalid_date","detail":"no"}"#, "invalid_date 0 r-1");
        check(429, problem, r#"{"code":"limited","detail":"no","retry_after":3}"#, "limited 3 r-1");
        check(429, "text/plain", "slow down", "limited 7 r-1");
        check(502, problem, r#"{"code":"upstream_error","detail":"no","new":1}"#, "upstream_error 7 r-1");
        check(502, "text/html", "<html>", "unreachable 0 -");
        check(500, "text/html", "<html>", "malformed 0 r-1");
    }
}
