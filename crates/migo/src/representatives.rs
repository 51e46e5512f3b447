//! Those who may sign for a company: what a reply says, and the body that says it.
//!
//! One of them whose parts are missing is still told, as it came; one who belongs to another company spoils the reply.
//! Left out: whether a list with nobody in it is an absence. MIGO says that with a 404; an empty list is told as one.

use chasqui_types::{Dni, Representative, Ruc, clean};
use serde_json::{Map, Value};

use crate::record::number_of;
use crate::reply::{Question, RawReply, Verdict, refusal, token_or};
use crate::write::{BLANK, push_member, wrapped};

/// Reads the reply to a question about the representatives of one company.
pub fn read_representatives(reply: &RawReply<'_>, asked: Ruc) -> Verdict<Vec<Representative>> {
    reply.judge(Question::One, |value| match &value {
        Value::Array(items) => read_items(items, asked),
        Value::Object(object) => refusal(object).unwrap_or_else(|| match object.get("data") {
            Some(Value::Array(items)) => read_items(items, asked),
            _ => token_or(object, "the body holds no list of representatives"),
        }),
        _ => Verdict::Malformed { why: "the body holds no list of representatives" },
    })
}

/// The representatives of a company as MIGO's v1 answers them: `{"success":true,"data":[…]}` (facts: MIGO 1.2).
pub fn write_representatives<'a>(representatives: impl IntoIterator<Item = &'a Representative>) -> Vec<u8> {
    wrapped(representatives, |body, representative| {
        body.push(b'{');
        for (name, text) in representative.fields() {
            push_member(body, name, text.unwrap_or(BLANK));
        }
        push_member(body, "ruc", representative.ruc.as_str());
        body.push(b'}');
    })
}

fn read_items(items: &[Value], asked: Ruc) -> Verdict<Vec<Representative>> {
    let mut representatives = Vec::with_capacity(items.len());
    for item in items {
        let Value::Object(object) = item else {
            return Verdict::Malformed { why: "a representative is not an object" };
        };
        if number_of(object).is_some_and(|ruc| ruc != asked) {
            return Verdict::Malformed { why: "the record is another number's" };
        }
        let representative = representative_of(object, asked);
        // Nothing in it, nobody told.
        if representative.fields().iter().any(|(_, text)| text.is_some()) {
            representatives.push(representative);
        }
    }
    if representatives.is_empty() && !items.is_empty() {
        return Verdict::Malformed { why: "nothing in the list is a representative" };
    }
    Verdict::Found(representatives)
}

fn representative_of(object: &Map<String, Value>, ruc: Ruc) -> Representative {
    let text = |name: &str| match object.get(name)? {
        Value::String(text) => clean(text),
        Value::Number(number) => Some(number.to_string().into_boxed_str()),
        _ => None,
    };
    let documento = text("documento");
    let mut dni = text("dni");
    // A DNI that was sent as a number has lost its leading zeros.
    let is_dni = documento.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("DNI"));
    if let Some(number) = object.get("dni").and_then(Value::as_u64).filter(|_| is_dni) {
        dni = Some(format!("{number:0width$}", width = Dni::LEN).into_boxed_str());
    }
    Representative { documento, dni, nombre: text("nombre"), cargo: text("cargo"), fecha: text("fecha"), ruc }
}
