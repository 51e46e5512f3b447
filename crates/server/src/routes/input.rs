//! Reading what clients send: bodies within their bounds, numbers and days in paths, flags, and how long a client is
//! ready to wait.
//!
//! What is refused is never repeated in the refusal, because it may hold somebody's number.
//! Left out: JSON members of bodies, which [`Members`] reads, and what fields mean; each group of routes has its own.

mod members;

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use chasqui_types::time::Date;
use chasqui_types::{Dni, Ruc};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::OwnedSemaphorePermit;

pub(crate) use self::members::Members;
use crate::app::{App, Inner};
use crate::problem::Problem;

/// The taxpayer's number that a path names.
pub(crate) struct RucPath(pub(crate) Ruc);

/// The person's number that a path names.
pub(crate) struct DniPath(pub(crate) Dni);

/// The day that a path names, as `YYYY-MM-DD`.
pub(crate) struct DatePath(pub(crate) Date);

/// A request without parameters.
pub(crate) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for RucPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        segment(parts, state).await.parse().map(Self).map_err(|error| Problem::invalid_ruc(&error))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for DniPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        segment(parts, state).await.parse().map(Self).map_err(|error| Problem::invalid_dni(&error))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for DatePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        date(&segment(parts, state).await).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::read(parts.uri.query(), &[]).map(|_| Self)
    }
}

/// The one variable piece of a path. What cannot be decoded has at least one character that is no digit.
async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S) -> String {
    Path::<String>::from_request_parts(parts, state).await.map_or_else(|_| "?".to_owned(), |Path(text)| text)
}

/// Reads `YYYY-MM-DD`, and nothing that a date library might take for it besides.
pub(crate) fn date(text: &str) -> Result<Date, Problem> {
    let is_plain = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(place, b)| if place == 4 || place == 7 { b == b'-' } else { b.is_ascii_digit() });
    let date = if is_plain { text.parse().ok() } else { None };
    date.ok_or_else(|| Problem::invalid_date("A day is written as YYYY-MM-DD, such as 2026-11-20."))
}

/// No question of today's routes is larger: ten thousand numbers take a tenth of it.
const LARGEST_QUESTION: u64 = 1024 * 1024;

/// Reads a body, at most as large and for as long as is allowed.
///
/// The bytes count against what all bodies together may hold, until the last reference to them is gone.
pub(crate) async fn read_body(inner: &Inner, body: Body) -> Result<Bytes, Problem> {
    match tokio::time::timeout(App::BODY_TIME, collect(inner, body)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "The body took too long to arrive.",
        )),
    }
}

async fn collect(inner: &Inner, body: Body) -> Result<Bytes, Problem> {
    let limit = inner.rules.max_body.min(LARGEST_QUESTION);
    let mut body = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX));
    let mut held: Option<Held> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return Problem::too_large(limit);
            }
            Problem::invalid_body("The body broke off before its end.")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        // A frame of a request is what one read of a socket brought, far below four gibibytes.
        let n_bytes = u32::try_from(data.len()).map_err(|_| Problem::too_large(limit))?;
        let room = inner.bodies.clone().try_acquire_many_owned(n_bytes).map_err(|_| {
            inner.metrics.shed();
            Problem::overloaded()
        })?;
        match &mut held {
            None => held = Some(Held { pieces: Pieces::One(data), room }),
            Some(held) => held.add(&data, room),
        }
    }
    Ok(held.map_or_else(Bytes::new, Bytes::from_owner))
}

/// A body's bytes and the room that they take.
struct Held {
    pieces: Pieces,
    room: OwnedSemaphorePermit,
}

enum Pieces {
    /// As it came, not copied.
    One(Bytes),
    Many(BytesMut),
}

// === impl Held ===

impl Held {
    fn add(&mut self, data: &[u8], room: OwnedSemaphorePermit) {
        self.room.merge(room);
        if let Pieces::One(first) = &self.pieces {
            self.pieces = Pieces::Many(BytesMut::from(&first[..]));
        }
        if let Pieces::Many(all) = &mut self.pieces {
            all.extend_from_slice(data);
        }
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        match &self.pieces {
            Pieces::One(bytes) => bytes,
            Pieces::Many(bytes) => bytes,
        }
    }
}

/// The parameters of a request, each known and given at most once.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

// === impl Query ===

impl Query {
    /// Reads the parameters of a route that takes `known` ones. Any other is refused: misspelt, it would silently do
    /// nothing.
    pub(crate) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(Self::default()) };
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|_| Problem::invalid_query("The query cannot be read."))?;
        for (place, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(Problem::invalid_query(match known {
                    [] => "This route takes no parameters.".to_owned(),
                    known => format!("This route takes {} and no other parameter.", listed(known)),
                }));
            }
            if pairs[..place].iter().any(|(before, _)| before == name) {
                return Err(Problem::invalid_query(format!("`{name}` is given more than once.")));
            }
        }
        Ok(Self(pairs))
    }

    /// A parameter's text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// A flag: `refresh`, `refresh=true`, `refresh=1`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        self.text(name).map_or(Ok(false), |text| yes_or_no(name, text))
    }
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

fn yes_or_no(name: &str, text: &str) -> Result<bool, Problem> {
    match text {
        "" | "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Problem::invalid_query(format!("`{name}` is either true or false."))),
    }
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
            return yes_or_no(name, value);
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
    fn parameters_that_a_route_does_not_know_are_refused_and_not_repeated() {
        let query = Query::read(Some("from=2026-01-01&refresh"), &["from", "to", "refresh"]).unwrap();
        assert_eq!((query.text("from"), query.text("to")), (Some("2026-01-01"), None));
        assert!(query.flag("refresh").unwrap());
        assert!(Query::read(Some(""), &[]).is_ok());
        for (query, known, detail) in [
            ("10117410=1", &["refresh"][..], "This route takes `refresh` and no other parameter."),
            ("a=1", &["from", "to", "refresh"], "This route takes `from`, `to` and `refresh` and no other parameter."),
            ("a=1", &[], "This route takes no parameters."),
            ("refresh&refresh", &["refresh"], "`refresh` is given more than once."),
        ] {
            assert_eq!(Query::read(Some(query), known).unwrap_err().detail(), detail);
        }
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        assert_eq!(date("2026-11-20").unwrap().to_string(), "2026-11-20");
        for text in ["", "20261120", "2026-11-20T00:00", "2026-02-30", "26-11-2020", "+2026-11-2", "20/11/2026"] {
            assert_eq!(date(text).unwrap_err().code(), "invalid_date", "{text}");
        }
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
