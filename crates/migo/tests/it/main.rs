//! The wire format seen from outside: one module per promise.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod absence;
mod collections;
mod documents;
mod people;
mod rates;
mod verdicts;
mod writing;

use chasqui_migo::{RawReply, Verdict, read_taxpayer};
use chasqui_types::time::Date;
use chasqui_types::{Dni, Ruc, Taxpayer};

const ASKED: &str = "20131312955";

fn ruc(text: &str) -> Ruc {
    text.parse().unwrap()
}

fn dni(text: &str) -> Dni {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// What a verdict comes to, the record aside.
fn shown<T>(verdict: &Verdict<T>) -> String {
    match verdict {
        Verdict::Found(_) => "Found".to_owned(),
        Verdict::NotFound { message } => format!("NotFound({message})"),
        Verdict::TokenRefused => "TokenRefused".to_owned(),
        Verdict::Denied { message } => format!("Denied({message})"),
        Verdict::Rejected { status, message } => format!("Rejected {status}({message})"),
        Verdict::Throttled { .. } => "Throttled".to_owned(),
        Verdict::Failed { status } => format!("Failed {status}"),
        Verdict::Malformed { why } => format!("Malformed: {why}"),
    }
}

fn reply(status: u16, body: &[u8]) -> RawReply<'_> {
    RawReply { status, content_type: Some("application/json"), retry_after: None, body }
}

fn ask(status: u16, body: &str) -> Verdict<Taxpayer> {
    read_taxpayer(&reply(status, body.as_bytes()), ruc(ASKED))
}
