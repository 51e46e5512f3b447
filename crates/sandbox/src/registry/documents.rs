//! What the tax authority would say of payment documents that nobody issued.
//!
//! Left out: amounts and days. The real service compares them; here they change nothing.

use chasqui_types::{CpeKind, CpeQuery, CpeState, CpeVerdict};

use super::{Dice, taxpayer};

/// The made-up state of a document; it depends on issuer, kind, series and number alone.
///
/// Of a hundred documents 75 are accepted, 10 not reported, 10 voided, and the rest are for printed ones. A document
/// of an issuer who does not exist is not reported. `F001`-`1` of `20131312955` is always accepted.
pub fn cpe(query: &CpeQuery) -> CpeVerdict {
    let Some(issuer) = taxpayer(query.ruc_emisor) else {
        return CpeVerdict {
            document: Some(CpeState::NotReported),
            status: None,
            condition: None,
            observaciones: Vec::new(),
        };
    };
    let is_fixed = query.ruc_emisor.as_str() == super::ALWAYS_FOUND
        && (query.tipo_comprobante, &*query.serie, query.numero) == (CpeKind::Invoice, "F001", 1);
    let series = query.serie.bytes().chain(query.tipo_comprobante.code().bytes());
    let series = series.fold(0_u64, |sum, letter| sum.wrapping_mul(31).wrapping_add(u64::from(letter)));
    let mut dice = Dice::new(series, query.ruc_emisor.to_u64() ^ (u64::from(query.numero) << 32));
    let (state, remark) = match dice.percent() {
        _ if is_fixed => (CpeState::Accepted, None),
        0..10 => (CpeState::NotReported, None),
        10..20 => (CpeState::Voided, Some("SANDBOX: EL COMPROBANTE FUE DADO DE BAJA")),
        20..23 => (CpeState::Authorised, None),
        23..25 => (CpeState::NotAuthorised, Some("SANDBOX: SIN AUTORIZACION DE IMPRESION")),
        _ => (CpeState::Accepted, None),
    };
    CpeVerdict {
        document: Some(state),
        status: issuer.estado_del_contribuyente,
        condition: issuer.condicion_de_domicilio,
        observaciones: remark.map(Into::into).into_iter().collect(),
    }
}
