//! MIGO's routes, `/api/v1` and `/api/v2`, for clients that change only their base URL.
//!
//! A client must not be able to tell these answers from MIGO's, but for the headers that say where they come from, and
//! for one status: what could not be found out is a 503, because MIGO's 404 means that there is no such record.
//! Every other address below the two is handed on to MIGO.
//! Left out: the bodies, which `chasqui-migo` writes.

mod answer;
mod documents;
mod forward;
mod members;
mod people;
mod rates;
mod refusal;
mod request;
mod taxpayers;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use chasqui_migo::{Failure, request as wire};

use self::refusal::Refusal;
use crate::app::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route(wire::V1_ACCOUNT, posted(people::account))
        .route(wire::V1_RUC, posted(taxpayers::one))
        .route(wire::V1_COLLECTION, posted(taxpayers::collection))
        .route(wire::V1_REPRESENTATIVES, posted(taxpayers::representatives))
        .route(wire::V1_DNI, posted(people::one))
        .route(wire::V1_LATEST_RATE, posted(rates::latest))
        .route(wire::V1_RATE, posted(rates::on_day))
        .route(wire::V1_RATES, posted(rates::in_range))
        .route(wire::V1_CPE, posted(documents::validate))
        .route(&format!("{}/{{ruc}}", wire::V1_RUC), any(below_ruc))
        .route(&format!("{}/{{ruc}}", wire::V2_RUC), got(taxpayers::one_by_path))
        .route(&format!("{}/{{dni}}", wire::V2_DNI), got(people::one_by_path))
        .route(wire::V2_RATE, got(rates::on_day_by_query))
        .route(wire::V2_LATEST_RATE, got(rates::latest_by_path))
        .route("/api/v1", any(forward::forward))
        .route("/api/v1/{*rest}", any(forward::forward))
        .route("/api/v2", any(forward::forward))
        .route("/api/v2/{*rest}", any(forward::forward))
}

fn posted<T: 'static>(handler: impl Handler<T, Shared>) -> MethodRouter<Shared> {
    post(handler).fallback(wrong_method)
}

fn got<T: 'static>(handler: impl Handler<T, Shared>) -> MethodRouter<Shared> {
    get(handler).fallback(wrong_method)
}

/// v1 has questions of its own below the address of a taxpayer, such as `agentes-retencion`, told from a number by
/// being a word.
async fn below_ruc(state: State<Shared>, request: Request) -> Result<Response, Refusal> {
    if request::last_part(request.uri()).is_some_and(is_word) {
        return forward::forward(state, request).await;
    }
    match *request.method() {
        Method::GET | Method::HEAD => taxpayers::one_by_path(state, request).await,
        _ => Err(Refusal::wrong_method("GET,HEAD")),
    }
}

/// Whether the last part of an address is a question's name and no number.
pub(crate) fn is_word(part: &str) -> bool {
    part.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b'-')
}

async fn wrong_method() -> Refusal {
    Failure::method_not_allowed().into()
}
