//! People, those who represent a company, and the account with a provider.
//!
//! Left out: masking. These are the answers themselves, the one place where a number and a name may stand.

use bytes::Bytes;
use chasqui_core::{Answer, Subject, Value};
use chasqui_types::Representative;

use super::kept;
use crate::wire::{Object, list};

/// The native body of a found person: `{dni, nombre, meta}`.
///
/// `None` if the answer is no person: an absence has no body of its own but is a problem.
pub fn person(answer: &Answer) -> Option<Bytes> {
    let Value::Person(person) = answer.record.value() else { return None };
    Some(kept(answer, || Object::with_capacity(320).text("dni", person.dni.as_str()).text("nombre", &person.nombre)))
}

/// The native body of a company's representatives: `{ruc, representantes: [{documento, dni, nombre, cargo, fecha}],
/// meta}`, blanks null.
///
/// `None` if the answer is about something else, or is an absence.
pub fn representatives(answer: &Answer) -> Option<Bytes> {
    let (Subject::Representatives(ruc), Value::Representatives(people)) =
        (answer.record.subject(), answer.record.value())
    else {
        return None;
    };
    Some(kept(answer, || {
        Object::new().text("ruc", ruc.as_str()).json("representantes", &list(people.iter().map(representative)))
    }))
}

/// The native body of the account with the provider: `{nombre, email, consultas, meta}`, blanks null.
///
/// `None` if the answer is about something else.
pub fn account(answer: &Answer) -> Option<Bytes> {
    let Value::Account(account) = answer.record.value() else { return None };
    Some(kept(answer, || {
        let object = Object::with_capacity(320)
            .text_or_null("nombre", account.nombre.as_deref())
            .text_or_null("email", account.email.as_deref());
        match account.consultas {
            Some(left) => object.plain("consultas", left),
            None => object.plain("consultas", "null"),
        }
    }))
}

fn representative(one: &Representative) -> Vec<u8> {
    one.fields()
        .into_iter()
        .fold(Object::with_capacity(192), |object, (name, text)| object.text_or_null(name, text))
        .finish()
}
