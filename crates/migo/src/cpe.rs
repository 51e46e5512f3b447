//! Payment documents: what a reply says of one, and the body that says it.
//!
//! Of MIGO's member names only `estado_comprobante` is documented; for the others, the likely ones are read together
//! with those of the SUNAT service behind it, flat or under `data` (facts: MIGO 1.2).
//! A document that was never reported is a state of its own (`0`), so no reply here is an absence.
//! Left out: what a state means for whoever holds the document.

use chasqui_types::{Condition, CpeState, CpeVerdict, Status, clean};
use serde_json::{Map, Value};

use crate::reply::{Question, RawReply, Verdict, refusal, token_or};
use crate::write::{push_member, push_text};

const DOCUMENT: &[&str] = &["estado_comprobante", "estadoCp"];
const STATUS: &[&str] = &["estado_contribuyente", "estadoRuc", "estado_ruc"];
const CONDITION: &[&str] = &["condicion_domicilio", "condicion_de_domicilio", "condDomiRuc"];
const REMARKS: &str = "observaciones";

/// Reads the reply to a question about one document.
pub fn read_cpe(reply: &RawReply<'_>) -> Verdict<CpeVerdict> {
    let verdict = reply.judge(Question::Always, |value| {
        let Value::Object(object) = value else { return Verdict::Malformed { why: "the body is not an object" } };
        refusal(&object).unwrap_or_else(|| match object.get("data") {
            Some(Value::Object(data)) => verdict_of(data),
            _ => verdict_of(&object),
        })
    });
    verdict.never_absent()
}

/// What is said of a document as MIGO's v1 answers it: codes as texts, blank where nothing is known.
pub fn write_cpe(verdict: &CpeVerdict) -> Vec<u8> {
    let document = verdict.document.as_ref().map_or("", CpeState::code);
    let status = verdict.status.as_ref().map_or("", |status| status.kind().code().unwrap_or(status.as_str()));
    let condition =
        verdict.condition.as_ref().map_or("", |condition| condition.kind().code().unwrap_or(condition.as_str()));
    let mut body = b"{\"success\":true".to_vec();
    push_member(&mut body, DOCUMENT[0], document);
    push_member(&mut body, STATUS[0], status);
    push_member(&mut body, CONDITION[0], condition);
    body.extend_from_slice(b",\"observaciones\":[");
    for (place, remark) in verdict.observaciones.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        push_text(&mut body, remark);
    }
    body.extend_from_slice(b"]}");
    body
}

fn verdict_of(object: &Map<String, Value>) -> Verdict<CpeVerdict> {
    if !DOCUMENT.iter().any(|name| object.contains_key(*name)) {
        return token_or(object, "the body does not say the document's state");
    }
    let Ok(document) = code_of(object, DOCUMENT) else {
        return Verdict::Malformed { why: "the document's state is no code" };
    };
    // The states of the issuer come along; one that cannot be read leaves the document's own untouched.
    let issuer = |names| code_of(object, names).ok().flatten();
    Verdict::Found(CpeVerdict {
        document: document.as_deref().map(CpeState::from_code),
        status: issuer(STATUS).map(|code| Status::from_code(&two(&code)).unwrap_or_else(|| Status::from_text(&code))),
        condition: issuer(CONDITION)
            .map(|code| Condition::from_code(&two(&code)).unwrap_or_else(|| Condition::from_text(&code))),
        observaciones: remarks_of(object.get(REMARKS)),
    })
}

/// The first of these members that says something; an error if one is neither text nor number.
fn code_of(object: &Map<String, Value>, names: &[&str]) -> Result<Option<Box<str>>, &'static str> {
    for name in names {
        if let Some(code) = crate::record::text(object, name)? {
            return Ok(Some(code));
        }
    }
    Ok(None)
}

/// Codes of the registry have two digits; sent as a number, `00` is 0.
fn two(code: &str) -> String {
    format!("{code:0>2}")
}

fn remarks_of(value: Option<&Value>) -> Vec<Box<str>> {
    match value {
        Some(Value::String(text)) => clean(text).into_iter().collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).filter_map(clean).collect(),
        _ => Vec::new(),
    }
}
