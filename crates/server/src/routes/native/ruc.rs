//! `GET /v1/ruc/{ruc}` and `POST /v1/ruc/lookup`: one taxpayer, or up to a thousand.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use chasqui_core::{Ask, Many, RowOutcome};
use chasqui_types::Lookup;
use futures_util::StreamExt;
use serde::Deserialize;

use crate::app::Shared;
use crate::body::{self, Summary};
use crate::edge::Streaming;
use crate::headers::{self, Blend};
use crate::problem::{Problem, absent_response};
use crate::routes::input::{self, RucPath};

/// The most numbers that one look-up takes.
const MAX_NUMBERS: usize = 1_000;
const NDJSON: &str = "application/x-ndjson";

/// One taxpayer, from the freshest place that the policy allows.
pub(crate) async fn show(
    State(shared): State<Shared>,
    RucPath(ruc): RucPath,
    request: Request,
) -> Result<Response, Problem> {
    let ask =
        Ask { refresh: input::flag(request.uri().query(), "refresh")?, patience: input::patience(request.headers()) };
    let answer = shared.lookups.taxpayer(ruc, ask).await.map_err(|error| Problem::from(&error))?;
    match answer.taxpayer() {
        Lookup::Found(_) => {
            let body = body::taxpayer(&answer).expect("a found answer has a body");
            let mut response = json(body);
            headers::describe(response.headers_mut(), &answer);
            Ok(response)
        }
        Lookup::Absent(absence) => Ok(absent_response(&answer, &absence)),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct LookupRequest {
    rucs: Vec<String>,
    #[serde(default)]
    refresh: bool,
}

/// Many taxpayers: one row per input number, in input order; or NDJSON rows as they arrive, each with its `index`, for
/// who accepts `application/x-ndjson`.
pub(crate) async fn lookup(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let refresh = input::flag(request.uri().query(), "refresh")?;
    let patience = input::patience(request.headers());
    let streamed = accepts_ndjson(request.headers());
    let asked: LookupRequest = input::read_json(&shared, request).await?;
    if asked.rucs.is_empty() || asked.rucs.len() > MAX_NUMBERS {
        let detail = format!("`rucs` has to hold 1 to {MAX_NUMBERS} numbers, and holds {}.", asked.rucs.len());
        return Err(Problem::invalid_body(detail));
    }
    let many = Many { refresh: refresh || asked.refresh, patience, ..Many::default() };
    let rows = shared.lookups.taxpayers(&asked.rucs, many);
    if streamed {
        return Ok(stream(asked.rucs, rows));
    }
    let effort = rows.effort();
    let (mut summary, mut blend) = (Summary::default(), Blend::default());
    let mut bodies = Vec::with_capacity(asked.rucs.len());
    for row in rows.in_order().await {
        summary.count(&row.outcome);
        if let RowOutcome::Answered(answer) = &row.outcome {
            blend.add(answer);
        }
        bodies.push(body::row(&asked.rucs[row.index], &row.outcome));
    }
    summary.upstream_calls = effort.calls();
    let mut response = json(body::results(&bodies, &summary));
    blend.describe(response.headers_mut());
    Ok(response)
}

/// A client that goes away drops the stream, and with it the calls that were not begun.
fn stream(inputs: Vec<String>, rows: chasqui_core::Rows) -> Response {
    let lines = rows.map(move |row| {
        let plain = body::row(&inputs[row.index], &row.outcome);
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

fn accepts_ndjson(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains(NDJSON))
}

pub(crate) fn json(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    // Room for all that will be said about the answer, so that the map need not grow on the way out.
    *headers = HeaderMap::with_capacity(12);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
