//! The holder of a DNI: what a reply says, and the body that says it.
//!
//! The absence law is the one of [`crate::reply`]; a name is taken only for the number that stands beside it.
//! Left out: splitting a name. MIGO sends one text, surnames first, and where they end is anyone's guess.

use chasqui_types::{Dni, Person, clean};
use serde_json::{Map, Value};

use crate::reply::{Question, RawReply, Verdict, refusal, token_or};
use crate::write::push_member;

/// Reads the reply to a question about one person, v1 and v2 alike.
pub fn read_person(reply: &RawReply<'_>, asked: Dni) -> Verdict<Person> {
    reply.judge(Question::One, |value| {
        let Value::Object(object) = value else { return Verdict::Malformed { why: "the body is not an object" } };
        refusal(&object).unwrap_or_else(|| person_of(&object, asked))
    })
}

/// One person as MIGO's v1 and v2 answer it: `{"success":true,"dni":"…","nombre":"…"}` (facts: MIGO 1.2).
pub fn write_person(person: &Person) -> Vec<u8> {
    let mut body = b"{\"success\":true".to_vec();
    push_member(&mut body, "dni", person.dni.as_str());
    push_member(&mut body, "nombre", &person.nombre);
    body.push(b'}');
    body
}

fn person_of(object: &Map<String, Value>, asked: Dni) -> Verdict<Person> {
    match number_of(object) {
        Some(dni) if dni == asked => {}
        Some(_) => return Verdict::Malformed { why: "the record is another number's" },
        None => return token_or(object, "the record does not say whose it is"),
    }
    // A person without a name would look found and say nothing.
    match object.get("nombre").and_then(Value::as_str).and_then(clean) {
        Some(nombre) => Verdict::Found(Person { dni: asked, nombre }),
        None => Verdict::Malformed { why: "the record has no name" },
    }
}

/// The number an object says it is about; one that was sent as a number has lost its leading zeros.
fn number_of(object: &Map<String, Value>) -> Option<Dni> {
    match object.get("dni")? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => format!("{:08}", number.as_u64()?).parse().ok(),
        _ => None,
    }
}
