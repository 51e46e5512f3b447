//! What native look-ups share: how a request wants to be answered, and how an answer is sent, whole or line by line.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use chasqui_core::{Answer, Ask, LookupError, RowOutcome, Rows};
use futures_util::StreamExt;

use crate::edge::Streaming;
use crate::headers;
use crate::problem::{Problem, absent_response};
use crate::routes::input::{self, Query};

pub(super) const NDJSON: &str = "application/x-ndjson";

/// The one parameter that every look-up takes.
pub(super) const REFRESH: &str = "refresh";

/// How a request that takes no parameter but `refresh` wants to be answered.
pub(super) fn ask(query: Option<&str>, headers: &HeaderMap) -> Result<Ask, Problem> {
    let refresh = Query::read(query, &[REFRESH])?.flag(REFRESH)?;
    Ok(Ask { refresh, patience: input::patience(headers) })
}

/// Sends what was found in the body that `render` gives it, or the problem that there is nothing.
pub(super) fn send(
    answered: Result<Answer, LookupError>,
    render: fn(&Answer) -> Option<Bytes>,
) -> Result<Response, Problem> {
    let answer = answered.map_err(|error| Problem::from(&error))?;
    if let Some(absence) = answer.record.absence() {
        return Ok(absent_response(&answer, absence));
    }
    Ok(described(render(&answer).expect("an answer that is no absence has a body"), &answer))
}

pub(super) fn described(body: Bytes, answer: &Answer) -> Response {
    let mut response = json(body);
    headers::describe(response.headers_mut(), answer);
    response
}

pub(super) fn json(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    // Room for all that will be said about the answer, so that the map need not grow on the way out.
    *headers = HeaderMap::with_capacity(12);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Whether rows are wanted as they arrive: `?format=ndjson` says so, else the kinds of answer that are accepted.
pub(super) fn wants_lines(query: &Query, headers: &HeaderMap) -> Result<bool, Problem> {
    match query.text("format") {
        Some("ndjson") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Problem::invalid_query("`format` is either json or ndjson.")),
        None => Ok(headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains(NDJSON))),
    }
}

/// Sends rows as they arrive, one per line, each with its `index`.
///
/// A client that goes away drops the stream, and with it the calls that were not begun.
pub(super) fn lines(
    inputs: Vec<String>,
    rows: Rows,
    render: impl Fn(&str, &RowOutcome) -> Bytes + Send + 'static,
) -> Response {
    let lines = rows.map(move |row| {
        let plain = render(&inputs[row.index], &row.outcome);
        let mut line = Vec::with_capacity(plain.len() + 24);
        line.extend_from_slice(b"{\"index\":");
        line.extend_from_slice(itoa::Buffer::new().format(row.index).as_bytes());
        line.push(b',');
        line.extend_from_slice(&plain[1..]);
        line.push(b'\n');
        Ok::<_, std::convert::Infallible>(Bytes::from(line))
    });
    let mut response = Response::new(Body::from_stream(lines));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    response.extensions_mut().insert(Streaming);
    response
}
