//! MIGO's bodies for taxpayers, exactly: 22 members, in MIGO's order, blanks as `-`.
//!
//! Left out: statuses and headers, which whoever answers sets.

use chasqui_types::Taxpayer;

pub(crate) const BLANK: &str = "-";

/// One taxpayer as MIGO's v1 and v2 answer it: `{"success":true,"ruc":"…",…}` (facts: MIGO 1.3).
pub fn write_taxpayer(taxpayer: &Taxpayer) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    push_taxpayer(&mut body, taxpayer);
    body
}

/// Several taxpayers as MIGO's v1 collection answers them: an array at top level (facts: MIGO 1.2).
pub fn write_taxpayers<'a>(taxpayers: impl IntoIterator<Item = &'a Taxpayer>) -> Vec<u8> {
    let mut body = vec![b'['];
    for taxpayer in taxpayers {
        if body.len() > 1 {
            body.push(b',');
        }
        push_taxpayer(&mut body, taxpayer);
    }
    body.push(b']');
    body
}

fn push_taxpayer(body: &mut Vec<u8>, taxpayer: &Taxpayer) {
    body.extend_from_slice(br#"{"success":true,"ruc":""#);
    body.extend_from_slice(taxpayer.ruc.as_str().as_bytes());
    body.push(b'"');
    for (name, text) in taxpayer.fields() {
        body.extend_from_slice(b",\"");
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        push_text(body, text.unwrap_or(BLANK));
    }
    body.push(b'}');
}

/// `"name":"text"`, after a comma unless it is the first member.
pub(crate) fn push_member(body: &mut Vec<u8>, name: &str, text: &str) {
    if body.last() != Some(&b'{') {
        body.push(b',');
    }
    push_text(body, name);
    body.push(b':');
    push_text(body, text);
}

/// `{"success":true,"data":[…]}`, each item written by `push`.
pub(crate) fn wrapped<T>(items: impl IntoIterator<Item = T>, push: impl Fn(&mut Vec<u8>, T)) -> Vec<u8> {
    let mut body = b"{\"success\":true,\"data\":[".to_vec();
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        push(&mut body, item);
    }
    body.extend_from_slice(b"]}");
    body
}

/// A JSON string; the only part that needs escaping.
pub(crate) fn push_text(body: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(body, text).expect("a text is always JSON, and memory takes every byte");
}
