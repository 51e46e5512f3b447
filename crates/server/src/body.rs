//! The native bodies: a taxpayer, a row of many, their summary.
//!
//! The command line prints the same bytes.
//! Left out: MIGO's bodies and the old app's, which belong to their routes.

use bytes::Bytes;
use chasqui_core::{Answer, RowOutcome};
use chasqui_types::time::to_rfc3339;
use chasqui_types::{Freshness, Lookup, Provenance, Taxpayer};

use crate::wire::{Object, list};

/// Slots of a record in which this crate keeps what it rendered.
pub(crate) mod slot {
    /// The native body of a fresh taxpayer.
    pub(crate) const NATIVE: usize = 0;
    /// MIGO's body.
    pub(crate) const MIGO: usize = 1;
    /// The `as_of` header.
    pub(crate) const AS_OF: usize = 2;
}

/// The native body of a found taxpayer: MIGO's flat fields, blanks null, and `meta`.
///
/// `None` if the answer is an absence, which has no body of its own but is a problem.
pub fn taxpayer(answer: &Answer) -> Option<Bytes> {
    let Lookup::Found(found) = answer.taxpayer() else { return None };
    let provenance = answer.record.provenance();
    Some(match answer.freshness {
        Freshness::Fresh => {
            answer.record.body(slot::NATIVE, || render_taxpayer(found, provenance, Freshness::Fresh).into())
        }
        Freshness::Stale => render_taxpayer(found, provenance, Freshness::Stale).into(),
    })
}

/// One row of many: `{ruc, outcome, taxpayer, error: {code, detail}, meta}`.
pub fn row(input: &str, outcome: &RowOutcome) -> Bytes {
    let mut bare = None;
    let mut meta_of = None;
    let mut error = None;
    let word = match outcome {
        RowOutcome::Invalid(reason) => {
            error = Some(("invalid_ruc", reason.to_string()));
            "invalid"
        }
        RowOutcome::Unknown(reason) => {
            error = Some((reason.code(), reason.public_message().to_owned()));
            "unknown"
        }
        RowOutcome::Answered(answer) => {
            meta_of = Some(meta(answer.record.provenance(), answer.freshness));
            match answer.taxpayer() {
                Lookup::Found(taxpayer) => {
                    bare = Some(fields(taxpayer).finish());
                    "found"
                }
                Lookup::Absent(absence) => {
                    error = Some(("absent", absence.reason.to_string()));
                    "absent"
                }
            }
        }
    };
    let error = error.map(|(code, detail)| Object::new().text("code", code).text("detail", &detail).finish());
    let or_null = |json: Option<Vec<u8>>| json.unwrap_or_else(|| b"null".to_vec());
    Object::new()
        .text("ruc", input)
        .text("outcome", word)
        .json("taxpayer", &or_null(bare))
        .json("error", &or_null(error))
        .json("meta", &or_null(meta_of))
        .finish()
        .into()
}

/// How many rows there are of each outcome, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows with a taxpayer.
    pub found: usize,
    /// Rows whose number does not exist.
    pub absent: usize,
    /// Rows that are no number.
    pub invalid: usize,
    /// Rows that could not be found out.
    pub unknown: usize,
    /// Calls made upstream.
    pub upstream_calls: u32,
}

// === impl Summary ===

impl Summary {
    /// Counts a row.
    pub fn count(&mut self, outcome: &RowOutcome) {
        match outcome {
            RowOutcome::Invalid(_) => self.invalid += 1,
            RowOutcome::Unknown(_) => self.unknown += 1,
            RowOutcome::Answered(answer) if answer.record.absence().is_some() => self.absent += 1,
            RowOutcome::Answered(_) => self.found += 1,
        }
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        Object::new()
            .plain("found", self.found)
            .plain("absent", self.absent)
            .plain("invalid", self.invalid)
            .plain("unknown", self.unknown)
            .plain("upstream_calls", self.upstream_calls)
            .finish()
    }
}

/// `{"results": […], "summary": {…}}`.
pub(crate) fn results(rows: &[Bytes], summary: &Summary) -> Bytes {
    Object::with_capacity(rows.iter().map(Bytes::len).sum::<usize>() + rows.len() + 128)
        .json("results", &list(rows))
        .json("summary", &summary.json())
        .finish()
        .into()
}

fn render_taxpayer(taxpayer: &Taxpayer, provenance: &Provenance, freshness: Freshness) -> Vec<u8> {
    fields(taxpayer).json("meta", &meta(provenance, freshness)).finish()
}

fn fields(taxpayer: &Taxpayer) -> Object {
    let start = Object::new().text("ruc", taxpayer.ruc.as_str());
    taxpayer.fields().into_iter().fold(start, |object, (name, text)| object.text_or_null(name, text))
}

fn meta(provenance: &Provenance, freshness: Freshness) -> Vec<u8> {
    Object::with_capacity(160)
        .text("source", provenance.source.as_str())
        .text("as_of", &to_rfc3339(provenance.as_of))
        .text("fetched_at", &to_rfc3339(provenance.fetched_at))
        .text("freshness", freshness.as_str())
        .finish()
}
