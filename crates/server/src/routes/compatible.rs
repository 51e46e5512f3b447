//! What the two groups of routes for clients that exist already share: fields in three encodings, Spanish sentences,
//! MIGO's object for a taxpayer.
//!
//! Left out: statuses and bodies of refusals, in which the two groups differ.

mod fields;
pub(crate) mod spanish;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use chasqui_core::{Answer, Ask};
use chasqui_migo::write_taxpayer;
use chasqui_types::Lookup;

pub(crate) use self::fields::{Fields, Unreadable};
use crate::app::Inner;
use crate::body::slot;
use crate::problem::Problem;
use crate::routes::input;

/// The fields of a request's body, and the rest of the request.
///
/// The first `Err` is a body that did not arrive, the second one that cannot be read.
pub(crate) async fn read(inner: &Inner, request: Request) -> Result<(Parts, Result<Fields, Unreadable>), Problem> {
    let (head, body) = request.into_parts();
    let body = input::read_body(inner, body).await?;
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fields = Fields::read(content_type, body).await;
    Ok((head, fields))
}

/// How the client wants to be answered. `flags` are the fields of the body that ask for a new answer, besides
/// `refresh` in the query.
pub(crate) fn ask(head: &Parts, fields: &Fields, flags: &[&str]) -> Result<Ask, Problem> {
    let by_query = input::flag(head.uri.query(), "refresh")?;
    let refresh = by_query || flags.iter().any(|name| fields.flag(name));
    Ok(Ask { refresh, patience: input::patience(&head.headers) })
}

/// A found taxpayer as MIGO writes one, `success` included. Kept with the record, so that a hit copies nothing.
pub(crate) fn migo_object(answer: &Answer) -> Option<Bytes> {
    let Lookup::Found(taxpayer) = answer.taxpayer() else { return None };
    Some(answer.record.body(slot::MIGO, || write_taxpayer(taxpayer).into()))
}

/// A JSON answer. Only a success may be kept by whoever stands between.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if !status.is_success() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
