//! `POST /api/dni/consultar-async/`: the holder of a document.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_core::Value;
use chasqui_migo::write_person;
use chasqui_types::Dni;

use super::{Refusal, failure, read};
use crate::app::Shared;
use crate::body::slot;
use crate::headers;
use crate::routes::compatible::{self, spanish};

pub(super) async fn one(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    let number = fields.text("dni").map(str::trim).filter(|number| !number.is_empty());
    let number = number.ok_or_else(|| Refusal::bad_request("DNI es requerido"))?;
    let dni: Dni = match number.parse() {
        Ok(dni) => dni,
        Err(error) => {
            let body = failure(&spanish::bad_dni(&error), Some(("dni", number))).plain("invalid_format", true);
            return Ok(compatible::json(StatusCode::OK, body.finish()));
        }
    };
    let answer = shared.lookups.person(dni, ask).await.map_err(|error| Refusal::unknown_otherwise(&error))?;
    let mut response = if let Value::Person(person) = answer.record.value() {
        let body = answer.record.body(slot::MIGO, || write_person(person).into());
        compatible::json(StatusCode::OK, body)
    } else {
        let body = failure(spanish::NO_PERSON, Some(("dni", number)))
            .plain("invalid_sunat", true)
            .plain("status_code", StatusCode::NOT_FOUND.as_u16());
        compatible::json(StatusCode::OK, body.finish())
    };
    headers::describe(response.headers_mut(), &answer);
    Ok(response)
}
