//! The question whether a payment document is valid.
//!
//! Fields are looked at in MIGO's order, and the first that is wrong is the one the client is told. What a field may
//! hold is the same as in our own route, so that neither hands on what no document has.
//! Left out: what a state means.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_migo::{Failure, request as wire};
use chasqui_types::{CpeKind, CpeQuery};

use super::answer::answered;
use super::refusal::Refusal;
use super::request::read;
use crate::app::Shared;
use crate::routes::compatible::Fields;
use crate::routes::native::documents;

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
    // As it was written: whether MIGO tells `f001` from `F001` is for MIGO to say.
    let serie = Some(required(wire::SERIES)?).filter(|text| documents::is_series(text));
    let serie = serie.ok_or_else(|| Failure::invalid_choice(wire::SERIES))?.into();
    let numero = documents::number(required(wire::NUMBER)?);
    let numero = numero.ok_or_else(|| Failure::invalid_choice(wire::NUMBER))?;
    let issued = wire::parse_issued(required(wire::ISSUED)?);
    let fecha_emision = issued.ok_or_else(|| Failure::invalid_date(wire::ISSUED, "DD/MM/AAAA"))?;
    let total = |text| documents::amount(text).ok_or_else(|| Failure::invalid_choice(wire::AMOUNT));
    let monto = given(wire::AMOUNT).map(total).transpose()?;
    Ok(CpeQuery { ruc_emisor, tipo_comprobante, serie, numero, fecha_emision, monto })
}
