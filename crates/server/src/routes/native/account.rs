//! `GET /v1/account`: what is left in the account with the provider.

use axum::extract::{Request, State};
use axum::response::Response;

use super::answer;
use crate::app::Shared;
use crate::body;
use crate::problem::Problem;

/// The account, which is noted for the metrics too.
pub(super) async fn show(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    let answered = shared.lookups.account(ask).await;
    if let Ok(answer) = &answered {
        shared.note_account(answer);
    }
    answer::send(answered, body::account)
}
