//! Payment documents: what was asked and what the tax authority says.
//!
//! Codes come with the words of the authority's tables.

use bytes::Bytes;
use chasqui_core::{Answer, Subject, Value};
use chasqui_types::{CpeQuery, CpeState, CpeVerdict};

use super::kept;
use crate::wire::{Object, list};

/// The native body of a verdict on a payment document: the question's fields, `valid`, the three states as
/// `{code, words}`, `observaciones`, `meta`; blanks null.
///
/// `valid` is null where the source said nothing of the document itself.
/// `None` if the answer is about something else.
pub fn cpe(answer: &Answer) -> Option<Bytes> {
    let (Subject::Cpe(query), Value::Cpe(verdict)) = (answer.record.subject(), answer.record.value()) else {
        return None;
    };
    Some(kept(answer, || judged(asked(query), verdict)))
}

fn asked(query: &CpeQuery) -> Object {
    Object::new()
        .text("ruc_emisor", query.ruc_emisor.as_str())
        .text("tipo_comprobante", query.tipo_comprobante.code())
        .text("serie", &query.serie)
        .text("numero", &query.numero.to_string())
        .text("fecha_emision", &query.fecha_emision.to_string())
        .text_or_null("monto", query.monto.map(|amount| amount.to_string()).as_deref())
}

fn judged(object: Object, verdict: &CpeVerdict) -> Object {
    let coded = |code: Option<&str>, words: &str| {
        Object::with_capacity(64).text_or_null("code", code).text("words", words).finish()
    };
    let or_null = |json: Option<Vec<u8>>| json.unwrap_or_else(|| b"null".to_vec());
    let document = verdict.document.as_ref();
    let valid = match document.map(|state| matches!(state, CpeState::Accepted | CpeState::Authorised)) {
        Some(true) => "true",
        Some(false) => "false",
        None => "null",
    };
    let status = verdict.status.as_ref().map(|status| coded(status.kind().code(), status.as_str()));
    let condition = verdict.condition.as_ref().map(|condition| coded(condition.kind().code(), condition.as_str()));
    object
        .plain("valid", valid)
        .json("estado_comprobante", &or_null(document.map(|state| coded(Some(state.code()), state.words()))))
        .json("estado_contribuyente", &or_null(status))
        .json("condicion_domicilio", &or_null(condition))
        .json("observaciones", &list(verdict.observaciones.iter().map(|text| json_text(text))))
}

fn json_text(text: &str) -> Vec<u8> {
    serde_json::to_vec(text).expect("text writes to memory")
}
