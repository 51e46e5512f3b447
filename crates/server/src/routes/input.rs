//! Reading what clients send: bodies within their bounds, flags, and how long a client is ready to wait.
//!
//! Left out: what the fields mean; each group of routes has its own.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use chasqui_types::Ruc;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::app::{App, Inner};
use crate::problem::Problem;

/// The number that a path names.
pub(crate) struct RucPath(pub(crate) Ruc);

impl<S: Send + Sync> FromRequestParts<S> for RucPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What cannot be decoded has at least one character that is no digit.
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.unwrap_or(Path("?".to_owned()));
        text.parse().map(Self).map_err(|error| Problem::invalid_ruc(&error))
    }
}

/// Reads a body, at most as large and for as long as is allowed.
pub(crate) async fn read_body(inner: &Inner, body: Body) -> Result<Bytes, Problem> {
    let limit = inner.rules.max_body;
    let limited = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX));
    match tokio::time::timeout(App::BODY_TIME, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::too_large(limit)),
        Ok(Err(_)) => Err(Problem::invalid_body("The body broke off before its end.")),
        Err(_) => Err(Problem::new(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "The body took too long to arrive.",
        )),
    }
}

/// Reads a JSON body of a request that says that it is one.
pub(crate) async fn read_json<T: serde::de::DeserializeOwned>(inner: &Inner, request: Request) -> Result<T, Problem> {
    if media_type(request.headers()) != Some("application/json") {
        return Err(Problem::unsupported_media_type("application/json"));
    }
    let body = read_body(inner, request.into_body()).await?;
    serde_json::from_slice(&body).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "The body's JSON does not have the expected members",
            _ => "The body is not JSON",
        };
        Problem::invalid_body(format!("{what} (line {}, column {}).", error.line(), error.column()))
    })
}

/// The media type, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or(text).trim())
}

/// A flag of the query: `refresh`, `refresh=true`, `refresh=1`.
pub(crate) fn flag(query: Option<&str>, name: &str) -> Result<bool, Problem> {
    let Some(query) = query else { return Ok(false) };
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, "true"));
        if key == name {
            return match value {
                "" | "1" | "true" => Ok(true),
                "0" | "false" => Ok(false),
                _ => Err(Problem::invalid_query(format!("`{name}` is either true or false."))),
            };
        }
    }
    Ok(false)
}

/// How long the client is ready to wait, from `Prefer: wait=SECONDS` (RFC 7240).
pub(crate) fn patience(headers: &HeaderMap) -> Option<Duration> {
    headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).find_map(
        |preference| {
            let (name, seconds) = preference.trim().split_once('=')?;
            (name.trim() == "wait").then(|| seconds.trim().parse().ok().map(Duration::from_secs))?
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_as_people_write_them() {
        assert!(!flag(None, "refresh").unwrap());
        assert!(flag(Some("refresh"), "refresh").unwrap());
        assert!(flag(Some("a=b&refresh=1"), "refresh").unwrap());
        assert!(!flag(Some("refresh=false"), "refresh").unwrap());
        assert!(flag(Some("refresh=maybe"), "refresh").is_err());
    }

    #[test]
    fn a_client_says_how_long_it_waits() {
        let mut headers = HeaderMap::new();
        assert_eq!(patience(&headers), None);
        headers.insert("prefer", "respond-async, wait=3".parse().unwrap());
        assert_eq!(patience(&headers), Some(Duration::from_secs(3)));
        headers.insert("prefer", "wait=soon".parse().unwrap());
        assert_eq!(patience(&headers), None);
    }
}
