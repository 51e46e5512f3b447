//! The native routes, `/v1`: look-ups, the registry on this machine, and the cache for whoever runs it.

mod account;
mod answer;
mod billing;
pub(crate) mod cache;
mod changes;
pub(super) mod documents;
mod history;
mod people;
mod rates;
mod registry;
mod ruc;
mod taxpayers;

use axum::Router;
use axum::routing::{get, post};

use crate::app::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/v1/ruc/{ruc}", get(ruc::show))
        .route("/v1/ruc/lookup", post(ruc::lookup))
        .route("/v1/ruc/{ruc}/representatives", get(people::representatives))
        .route("/v1/ruc/{ruc}/billing", get(billing::one))
        .route("/v1/ruc/{ruc}/history", get(history::history))
        .route("/v1/taxpayers", get(taxpayers::search))
        .route("/v1/padron/changes", get(changes::follow))
        .route("/v1/billing", post(billing::many))
        .route("/v1/dni/{dni}", get(people::person))
        .route("/v1/rates", get(rates::range))
        .route("/v1/rates/latest", get(rates::latest))
        .route("/v1/rates/{date}", get(rates::on))
        .route("/v1/cpe/validate", post(documents::validate))
        .route("/v1/account", get(account::show))
        .merge(cache::router())
}
