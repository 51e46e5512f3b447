//! Questions about taxpayers: one, a hundred, and who represents them.
//!
//! Left out: people, who have a module of their own.

use std::collections::HashSet;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_core::{Ask, Many, RowOutcome};
use chasqui_migo::{Failure, MAX_COLLECTION, request as wire};
use chasqui_types::Ruc;

use super::answer::{absent, answered, body_of};
use super::refusal::Refusal;
use super::request::{is_digits, last_part, read, read_head, ruc};
use crate::app::{Inner, Shared};
use crate::headers::Blend;
use crate::routes::compatible::{self, Fields};
use crate::wire::list;

/// v1, one number in the body.
pub(super) async fn one(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    answer_one(&shared, fields.text(wire::RUC), ask).await
}

/// v1 and v2, one number in the address.
pub(super) async fn one_by_path(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, uri) = read_head(request)?;
    answer_one(&shared, last_part(&uri), ask).await
}

async fn answer_one(inner: &Inner, number: Option<&str>, ask: Ask) -> Result<Response, Refusal> {
    match ruc(number)? {
        Some(ruc) => Ok(answered(&inner.lookups.taxpayer(ruc, ask).await?, Failure::RUC_NOT_FOUND)),
        None => Ok(absent(Failure::RUC_NOT_FOUND)),
    }
}

/// v1, up to a hundred numbers: the records that exist, in the order of asking. It fails whole if any number could not
/// be found out, because an omission would say that there is no such record.
pub(super) async fn collection(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    let rucs = numbers(&fields)?;
    let many = Many { refresh: ask.refresh, patience: ask.patience, ..Many::default() };
    let rows = shared.lookups.taxpayers(&rucs.iter().map(Ruc::as_str).collect::<Vec<_>>(), many);
    let (mut found, mut blend) = (Vec::with_capacity(rucs.len()), Blend::default());
    let mut refusal: Option<Refusal> = None;
    for row in rows.in_order().await {
        match row.outcome {
            RowOutcome::Answered(answer) => {
                blend.add(&answer);
                found.extend(body_of(&answer.record));
            }
            RowOutcome::Unknown(error) => refusal = Some(Refusal::from(error).or_later(refusal)),
            RowOutcome::Invalid(_) => unreachable!("only numbers were asked for"),
        }
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let mut response = compatible::json(StatusCode::OK, list(found));
    blend.describe(response.headers_mut());
    Ok(response)
}

/// v1, who may sign for a company.
pub(super) async fn representatives(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    const NONE: &str = Failure::REPRESENTATIVES_NOT_FOUND;
    let (ask, fields) = read(&shared, request).await?;
    match ruc(fields.text(wire::RUC))? {
        Some(ruc) => Ok(answered(&shared.lookups.representatives(ruc, ask).await?, NONE)),
        None => Ok(absent(NONE)),
    }
}

/// The distinct numbers of a collection. What is no number for its check digit or prefix is left out of the answer,
/// as MIGO leaves it out.
fn numbers(fields: &Fields) -> Result<Vec<Ruc>, Failure> {
    let texts = fields.list(wire::RUC).filter(|texts| !texts.is_empty());
    let texts = texts.ok_or_else(|| Failure::invalid(wire::RUC, Failure::RUC_REQUIRED))?;
    if texts.len() > MAX_COLLECTION {
        return Err(Failure::invalid(wire::RUC, Failure::COLLECTION_TOO_LARGE));
    }
    if let Some(place) = texts.iter().position(|text| !is_digits(text, Ruc::LEN)) {
        return Err(Failure::invalid(&format!("{}.{place}", wire::RUC), Failure::RUC_INVALID));
    }
    let mut seen = HashSet::with_capacity(texts.len());
    Ok(texts.iter().filter_map(|text| text.parse().ok()).filter(|ruc| seen.insert(*ruc)).collect())
}
