//! `POST /v1/cpe/validate`: is this payment document valid?

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::Ask;
use chasqui_types::time::Date;
use chasqui_types::{CpeKind, CpeQuery, Decimal};

use super::answer::{self, REFRESH};
use crate::app::Shared;
use crate::body;
use crate::problem::Problem;
use crate::routes::input::{self, Members, Query};

const KNOWN: [&str; 7] = ["ruc_emisor", "tipo_comprobante", "serie", "numero", "fecha_emision", "monto", REFRESH];
const EXAMPLE: &str = r#"{"ruc_emisor": "20131312955", "tipo_comprobante": "01", "serie": "F001", "numero": 123, "fecha_emision": "2026-11-20", "monto": "118.00"}"#;
/// The longest series, in characters.
const MAX_SERIES: usize = 4;

/// What the tax authority says of a document.
pub(super) async fn validate(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let by_query = Query::read(request.uri().query(), &[REFRESH])?.flag(REFRESH)?;
    let patience = input::patience(request.headers());
    let members = Members::read(&shared, request, &KNOWN, EXAMPLE).await?;
    let refresh = members.flag(REFRESH)? || by_query;
    let query = query(&members)?;
    answer::send(shared.lookups.cpe(query, Ask { refresh, patience }).await, body::cpe)
}

fn query(members: &Members) -> Result<CpeQuery, Problem> {
    let text = |name| {
        let text = members.text(name)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        text.ok_or_else(|| members.missing(name))
    };
    let ruc_emisor = text("ruc_emisor")?.parse().map_err(|error| Problem::invalid_ruc(&error))?;
    let tipo_comprobante = CpeKind::from_code(&text("tipo_comprobante")?)
        .ok_or_else(|| Problem::invalid_cpe("`tipo_comprobante` is one of 01, 03, 07, 08 and R1."))?;
    let serie = text("serie")?.to_ascii_uppercase();
    if !is_series(&serie) {
        return Err(Problem::invalid_cpe(format!("`serie` has 1 to {MAX_SERIES} letters and digits, such as F001.")));
    }
    let numero = number(&text("numero")?)
        .ok_or_else(|| Problem::invalid_cpe("`numero` is a whole number from 1 to 99999999."))?;
    let fecha_emision = issued(&text("fecha_emision")?)?;
    let monto = members.text("monto")?.map(|text| total(text.trim())).transpose()?;
    Ok(CpeQuery { ruc_emisor, tipo_comprobante, serie: serie.into(), numero, fecha_emision, monto })
}

/// `YYYY-MM-DD`, or `DD/MM/YYYY` as MIGO's clients and printed documents write it.
fn issued(text: &str) -> Result<Date, Problem> {
    let date = if text.contains('/') { chasqui_migo::request::parse_issued(text) } else { input::date(text).ok() };
    date.ok_or_else(|| Problem::invalid_date("`fecha_emision` is written as YYYY-MM-DD, such as 2026-11-20."))
}

fn total(text: &str) -> Result<Decimal, Problem> {
    amount(text)
        .ok_or_else(|| Problem::invalid_cpe("`monto` is an amount with at most two decimals, such as \"118.00\"."))
}

/// Whether a text may be the series of a document.
pub(in crate::routes) fn is_series(text: &str) -> bool {
    (1..=MAX_SERIES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Reads a document's number within its series.
pub(in crate::routes) fn number(text: &str) -> Option<u32> {
    let is_plain = text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && *number > 0)
}

/// Reads a document's total.
pub(in crate::routes) fn amount(text: &str) -> Option<Decimal> {
    // Digits and one point: the decimal's own reading would take an exponent and a sign too.
    let is_plain = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let amount: Option<Decimal> = if is_plain { text.parse().ok() } else { None };
    amount.filter(|amount| amount.normalize().scale() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_days_are_read_as_people_write_them() {
        assert_eq!(total("118.00").unwrap().to_string(), "118.00");
        assert_eq!(total("118").unwrap().to_string(), "118");
        for text in ["", "-1", "1,5", "1.005", "1e2", "S/ 5"] {
            assert_eq!(total(text).unwrap_err().code(), "invalid_cpe", "{text}");
        }
        assert_eq!(issued("2026-11-20").unwrap(), issued("20/11/2026").unwrap());
        for text in ["20-11-2026", "2026/11/20", "31/02/2026", "ayer"] {
            assert_eq!(issued(text).unwrap_err().code(), "invalid_date", "{text}");
        }
    }
}
