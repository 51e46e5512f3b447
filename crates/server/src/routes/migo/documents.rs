//! The question whether a payment document is valid.
//!
//! Fields are looked at in MIGO's order, and the first that is wrong is the one the client is told.
//! Left out: what a state means.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_migo::{Failure, request as wire};
use chasqui_types::{CpeKind, CpeQuery, Decimal};

use super::answer::answered;
use super::refusal::Refusal;
use super::request::read;
use crate::app::Shared;
use crate::routes::compatible::Fields;

/// v1, one document.
pub(super) async fn validate(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    let query = query(&fields)?;
    let answer = shared.lookups.cpe(query, ask).await.map_err(|error| Refusal::unknown_other(&error))?;
    // A document that was never reported is a state, not an absence, so these words are never read.
    Ok(answered(&answer, ""))
}

fn query(fields: &Fields) -> Result<CpeQuery, Failure> {
    let given = |field: &str| fields.text(field).filter(|text| !text.is_empty());
    let required = |field: &str| given(field).ok_or_else(|| Failure::required(field));
    let ruc_emisor = required(wire::ISSUER)?.parse().map_err(|_| Failure::invalid_choice(wire::ISSUER))?;
    let kind = CpeKind::from_code(required(wire::KIND)?);
    let tipo_comprobante = kind.ok_or_else(|| Failure::invalid_choice(wire::KIND))?;
    let serie = required(wire::SERIES)?.into();
    let number = required(wire::NUMBER)?;
    let is_number = number.bytes().all(|letter| letter.is_ascii_digit());
    let numero = number.parse().ok().filter(|_| is_number).ok_or_else(|| Failure::invalid_choice(wire::NUMBER))?;
    let issued = wire::parse_issued(required(wire::ISSUED)?);
    let fecha_emision = issued.ok_or_else(|| Failure::invalid_date(wire::ISSUED, "DD/MM/AAAA"))?;
    let monto = match given(wire::AMOUNT) {
        None => None,
        Some(text) => {
            let total = text.parse::<Decimal>().ok().filter(|total| !total.is_sign_negative());
            Some(total.ok_or_else(|| Failure::invalid_choice(wire::AMOUNT))?)
        }
    };
    Ok(CpeQuery { ruc_emisor, tipo_comprobante, serie, numero, fecha_emision, monto })
}
