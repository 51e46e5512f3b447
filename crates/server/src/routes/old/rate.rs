//! `GET /api/tipo-cambio/`: the last published exchange rate.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_migo::write_rate;
use chasqui_types::Lookup;

use super::{REFRESH, Refusal, failure};
use crate::app::Shared;
use crate::body::slot;
use crate::headers;
use crate::routes::compatible::{self, Fields, spanish};

pub(super) async fn latest(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (head, _) = request.into_parts();
    let ask = compatible::ask(&head, &Fields::default(), &REFRESH);
    let ask = ask.map_err(|_| Refusal::bad_request(spanish::BAD_REFRESH))?;
    let rate = shared.lookups.latest_rate(ask).await.map_err(|error| Refusal::unknown_otherwise(&error))?;
    let Lookup::Found(rate) = rate else {
        let body = failure(spanish::NO_RATE, None).plain("status_code", StatusCode::NOT_FOUND.as_u16());
        return Ok(compatible::json(StatusCode::OK, body.finish()));
    };
    let body = rate.answer.record.body(slot::MIGO, || write_rate(rate.rate()).into());
    let mut response = compatible::json(StatusCode::OK, body);
    headers::describe(response.headers_mut(), &rate.answer);
    Ok(response)
}

pub(super) async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Esta ruta solo acepta GET.")
}
