//! Answers as MIGO writes them, whatever was asked.
//!
//! Bodies are kept with their records, so that a hit copies nothing.
//! Left out: the bytes themselves, which `chasqui-migo` writes.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chasqui_core::{Answer, Record, Value};
use chasqui_migo::{
    Failure, write_account, write_cpe, write_person, write_rate, write_rates, write_representatives, write_taxpayer,
};

use super::refusal::Refusal;
use crate::body::slot;
use crate::headers;
use crate::routes::compatible;

/// What was found, or that there is no such record, in the words for its kind.
pub(super) fn answered(answer: &Answer, none: &'static str) -> Response {
    let mut response = match body_of(&answer.record) {
        Some(body) => compatible::json(StatusCode::OK, body),
        None => absent(none),
    };
    headers::describe(response.headers_mut(), answer);
    response
}

/// There is no such record, which nobody had to be asked for.
pub(super) fn absent(none: &'static str) -> Response {
    Refusal::from(Failure::not_found(none)).into_response()
}

/// MIGO's body; none for an absence.
pub(super) fn body_of(record: &Record) -> Option<Bytes> {
    let write = || match record.value() {
        Value::Taxpayer(taxpayer) => write_taxpayer(taxpayer).into(),
        Value::Person(person) => write_person(person).into(),
        Value::Rate(rate) => write_rate(rate).into(),
        Value::Rates(rates) => write_rates(rates).into(),
        Value::Representatives(representatives) => write_representatives(representatives).into(),
        Value::Account(account) => write_account(account).into(),
        Value::Cpe(verdict) => write_cpe(verdict).into(),
        _ => Bytes::new(),
    };
    Some(record.body(slot::MIGO, write)).filter(|body| !body.is_empty())
}
