//! The wire format seen from outside: one module per promise.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod absence;
mod collections;
mod verdicts;
mod writing;

use chasqui_migo::{RawReply, Verdict, read_taxpayer};
use chasqui_types::{Ruc, Taxpayer};

const ASKED: &str = "20131312955";

fn ruc(text: &str) -> Ruc {
    text.parse().unwrap()
}

fn reply(status: u16, body: &[u8]) -> RawReply<'_> {
    RawReply { status, content_type: Some("application/json"), retry_after: None, body }
}

fn ask(status: u16, body: &str) -> Verdict<Taxpayer> {
    read_taxpayer(&reply(status, body.as_bytes()), ruc(ASKED))
}
