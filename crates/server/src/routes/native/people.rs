//! `GET /v1/dni/{dni}` and `GET /v1/ruc/{ruc}/representatives`: people, and those who may sign for a company.

use axum::extract::{Request, State};
use axum::response::Response;

use super::answer;
use crate::app::Shared;
use crate::body;
use crate::problem::Problem;
use crate::routes::input::{DniPath, RucPath};

/// The holder of a document.
pub(super) async fn person(
    State(shared): State<Shared>,
    DniPath(dni): DniPath,
    request: Request,
) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    answer::send(shared.lookups.person(dni, ask).await, body::person)
}

/// Who represents a taxpayer.
pub(super) async fn representatives(
    State(shared): State<Shared>,
    RucPath(ruc): RucPath,
    request: Request,
) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    answer::send(shared.lookups.representatives(ruc, ask).await, body::representatives)
}
