//! The account with MIGO: what a reply says, and the body that says it.
//!
//! One public client alone shows this reply, so its types are read loosely (facts: MIGO 1.2).
//! Left out: how many queries are few.

use chasqui_types::{Account, clean};
use serde_json::{Map, Value};

use crate::reply::{Question, RawReply, Verdict, refusal, token_or};
use crate::write::{BLANK, push_member};

/// Reads the reply to a question about the account. It is never an absence: whoever may ask has one.
pub fn read_account(reply: &RawReply<'_>) -> Verdict<Account> {
    let verdict = reply.judge(Question::Always, |value| {
        let Value::Object(object) = value else { return Verdict::Malformed { why: "the body is not an object" } };
        refusal(&object).unwrap_or_else(|| account_of(&object))
    });
    verdict.never_absent()
}

/// The account as MIGO's v1 answers it; a number of queries that is not known is `null`.
pub fn write_account(account: &Account) -> Vec<u8> {
    let mut body = b"{\"success\":true".to_vec();
    push_member(&mut body, "nombre", account.nombre.as_deref().unwrap_or(BLANK));
    push_member(&mut body, "email", account.email.as_deref().unwrap_or(BLANK));
    let consultas = account.consultas.map_or_else(|| "null".to_owned(), |number| number.to_string());
    body.extend_from_slice(b",\"consultas\":");
    body.extend_from_slice(consultas.as_bytes());
    body.push(b'}');
    body
}

fn account_of(object: &Map<String, Value>) -> Verdict<Account> {
    if !["nombre", "email", "consultas"].iter().any(|name| object.contains_key(*name)) {
        return token_or(object, "the body describes no account");
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str).and_then(clean);
    let consultas = object.get("consultas").and_then(count_of);
    Verdict::Found(Account { nombre: text("nombre"), email: text("email"), consultas })
}

/// A count, whether number or text, with or without separators of thousands; `None` for words such as "sin límite".
fn count_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().replace([',', ' '], "").parse().ok(),
        _ => None,
    }
}
