//! Questions about people and about the account: one number at most, one answer.
//!
//! Left out: who represents a company, which is asked by its RUC; and payment documents.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::Ask;
use chasqui_migo::{Failure, request as wire};

use super::answer::answered;
use super::refusal::Refusal;
use super::request::{dni, last_part, read, read_head};
use crate::app::{Inner, Shared};

/// v1, one person by the body.
pub(super) async fn one(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    answer_one(&shared, fields.text(wire::DNI), ask).await
}

/// v2, one person by the address.
pub(super) async fn one_by_path(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, uri) = read_head(request)?;
    answer_one(&shared, last_part(&uri), ask).await
}

async fn answer_one(inner: &Inner, number: Option<&str>, ask: Ask) -> Result<Response, Refusal> {
    let answer = inner.lookups.person(dni(number)?, ask).await.map_err(|error| Refusal::unknown_other(&error))?;
    Ok(answered(&answer, Failure::DNI_NOT_FOUND))
}

/// v1, what is left in the account: that of this gateway, which is the one that pays.
pub(super) async fn account(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, _) = read(&shared, request).await?;
    let answer = shared.lookups.account(ask).await.map_err(|error| Refusal::unknown_other(&error))?;
    shared.note_account(&answer);
    // An account is never absent, so these words are never read.
    Ok(answered(&answer, ""))
}
