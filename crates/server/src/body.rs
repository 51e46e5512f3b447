//! The native bodies: a taxpayer, a row of many and their summary here; people, rates, documents, verdicts on
//! invoicing, names and the past in the modules below.
//!
//! The command line prints the same bytes.
//! Left out: MIGO's bodies and the old app's, which belong to their routes.

mod billing;
mod documents;
mod names;
mod past;
mod people;
mod rates;

use std::time::Duration;

use bytes::Bytes;
use chasqui_core::{Answer, RowOutcome};
use chasqui_types::time::to_rfc3339;
use chasqui_types::{Freshness, Lookup, Provenance, Standing, Standings, Taxpayer};

pub(crate) use self::billing::results as billing_results;
pub use self::billing::{BillingSummary, billing};
pub use self::documents::cpe;
pub use self::names::names;
pub(crate) use self::past::end_line;
pub use self::past::{change_lines, changes, day, history};
pub use self::people::{account, person, representatives};
pub use self::rates::{rate, rates};
use crate::problem::{self, whole_seconds};
use crate::wire::{Object, list};

/// Slots of a record in which this crate keeps what it rendered.
pub(crate) mod slot {
    /// The native body of a fresh answer.
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
    Some(kept(answer, || fields(found)))
}

/// One row of many: `{ruc, outcome, taxpayer, error: {code, detail, retry_after}, meta}`.
pub fn row(input: &str, outcome: &RowOutcome) -> Bytes {
    let parts = RowParts::of(outcome);
    let start = Object::new().text("ruc", input).text("outcome", parts.word);
    parts.write(start).finish().into()
}

/// What rows of every kind say of one input.
struct RowParts {
    word: &'static str,
    taxpayer: Option<Vec<u8>>,
    error: Option<Vec<u8>>,
    meta: Option<Vec<u8>>,
}

// === impl RowParts ===

impl RowParts {
    fn of(outcome: &RowOutcome) -> Self {
        let bare = |word| Self { word, taxpayer: None, error: None, meta: None };
        match outcome {
            RowOutcome::Invalid(reason) => {
                Self { error: Some(error("invalid_ruc", &reason.to_string(), None)), ..bare("invalid") }
            }
            RowOutcome::Unknown(reason) => {
                let wait = problem::retry_after(reason);
                Self { error: Some(error(reason.code(), reason.public_message(), wait)), ..bare("unknown") }
            }
            RowOutcome::Answered(answer) => {
                let meta = Some(meta(answer.record.provenance(), answer.freshness));
                match answer.taxpayer() {
                    Lookup::Found(taxpayer) => {
                        Self { taxpayer: Some(fields(taxpayer).finish()), meta, ..bare("found") }
                    }
                    Lookup::Absent(absence) => {
                        let error = error("absent", &absence.reason.to_string(), None);
                        Self { error: Some(error), meta, ..bare("absent") }
                    }
                }
            }
        }
    }

    fn write(self, object: Object) -> Object {
        let or_null = |json: Option<Vec<u8>>| json.unwrap_or_else(|| b"null".to_vec());
        object
            .json("taxpayer", &or_null(self.taxpayer))
            .json("error", &or_null(self.error))
            .json("meta", &or_null(self.meta))
    }
}

/// Why a row has no taxpayer, and when asking again could help, in seconds.
fn error(code: &str, detail: &str, wait: Option<Duration>) -> Vec<u8> {
    let object = Object::with_capacity(192).text("code", code).text("detail", detail);
    match wait {
        Some(wait) => object.plain("retry_after", whole_seconds(wait)).finish(),
        None => object.plain("retry_after", "null").finish(),
    }
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

/// A body with its `meta`, which is kept with the record while the answer is fresh, so that a hit copies nothing.
fn kept(answer: &Answer, fields: impl FnOnce() -> Object) -> Bytes {
    match answer.freshness {
        Freshness::Fresh => answer.record.body(slot::NATIVE, || with_meta(fields(), answer)),
        Freshness::Stale => with_meta(fields(), answer),
    }
}

fn with_meta(object: Object, answer: &Answer) -> Bytes {
    object.json("meta", &meta(answer.record.provenance(), answer.freshness)).finish().into()
}

/// MIGO's flat fields, and what SUNAT's small lists say.
pub(crate) fn fields(taxpayer: &Taxpayer) -> Object {
    let start = Object::new().text("ruc", taxpayer.ruc.as_str());
    let flat = taxpayer.fields().into_iter().fold(start, |object, (name, text)| object.text_or_null(name, text));
    match &taxpayer.padrones {
        Some(standings) => flat.json("padrones", &padrones(standings)),
        None => flat.plain("padrones", "null"),
    }
}

/// `{"agente_de_retencion": {"incluido", "desde", "resolucion", "al"}, …}`; null for a list that nobody has.
fn padrones(standings: &Standings) -> Vec<u8> {
    let lists = standings.iter().fold(Object::new(), |object, (list, standing)| match standing {
        Some(Standing { is_listed, since, resolution, as_of }) => {
            let since = since.map(|day| day.to_string());
            let standing = Object::with_capacity(128)
                .plain("incluido", is_listed)
                .text_or_null("desde", since.as_deref())
                .text_or_null("resolucion", resolution.as_deref())
                .text("al", &as_of.to_string());
            object.json(list.name(), &standing.finish())
        }
        None => object.plain(list.name(), "null"),
    });
    lists.finish()
}

fn meta(provenance: &Provenance, freshness: Freshness) -> Vec<u8> {
    Object::with_capacity(160)
        .text("source", provenance.source.as_str())
        .text("as_of", &to_rfc3339(provenance.as_of))
        .text("fetched_at", &to_rfc3339(provenance.fetched_at))
        .text("freshness", freshness.as_str())
        .finish()
}
