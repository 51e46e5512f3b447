//! What a batch came to: sums, reasons, where the output is, and what to do about rows without an answer.
//!
//! Bad rows are named by their place and not by what stands there, because standard error ends up in logs.
//! Left out: the rows, which are in the output.

use std::time::Duration;

use chasqui_bulk::{BadNumber, Finding, Lang, Outcome, Row};

use super::plan::{Destination, Plan};
use crate::exit::Exit;
use crate::output;
use crate::text::{counted, duration, one_line, thousands};

/// So many bad rows are named; a wrong column would name them all.
const NAMED: usize = 10;

/// How many rows there are of each outcome.
#[derive(Debug, Default)]
pub(super) struct RowCounts {
    found: usize,
    absent: usize,
    invalid: usize,
    unknown: usize,
    bad: Vec<(u64, BadNumber)>,
    reasons: Vec<(String, usize)>,
    sources: Vec<(String, usize)>,
}

/// What a run came to.
pub(super) struct Summary {
    pub(super) rows: RowCounts,
    pub(super) calls: u32,
    pub(super) took: Duration,
}

// === impl RowCounts ===

impl RowCounts {
    /// Counts a row that was asked for.
    pub(super) fn count(&mut self, row: &Row, finding: Option<&Finding>) {
        self.count_outcome(row, Outcome::of(row, finding));
        match finding {
            Some(Finding::Unknown(code)) => add(&mut self.reasons, code),
            Some(Finding::Found(facts)) => add(&mut self.sources, facts.origin.source.as_str()),
            Some(Finding::Absent(origin)) => add(&mut self.sources, origin.source.as_str()),
            None => {}
        }
    }

    /// Counts a row that is kept from a former run.
    pub(super) fn count_kept(&mut self, row: &Row, outcome: Outcome) {
        self.count_outcome(row, outcome);
    }

    fn count_outcome(&mut self, row: &Row, outcome: Outcome) {
        match outcome {
            Outcome::Found => self.found += 1,
            Outcome::Absent => self.absent += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::Invalid => {
                self.invalid += 1;
                if let Some(Err(reason)) = row.number
                    && self.bad.len() < NAMED
                {
                    self.bad.push((row.place, reason));
                }
            }
        }
    }

    fn all(&self) -> usize {
        self.found + self.absent + self.invalid + self.unknown
    }
}

/// Counts a word; there are few different ones.
fn add(counts: &mut Vec<(String, usize)>, word: &str) {
    match counts.iter_mut().find(|(known, _)| known == word) {
        Some((_, many)) => *many += 1,
        None => counts.push((word.to_owned(), 1)),
    }
}

// === impl Summary ===

impl Summary {
    /// Not finding out outweighs a bad number, and that outweighs an absent one: the worst to overlook comes first.
    pub(super) fn exit(&self) -> Exit {
        match self.rows {
            RowCounts { unknown: 1.., .. } => Exit::Unknown,
            RowCounts { invalid: 1.., .. } => Exit::Usage,
            RowCounts { absent: 1.., .. } => Exit::Absent,
            _ => Exit::Done,
        }
    }

    /// Tells people.
    pub(super) fn report(&self, plan: &Plan) {
        let rows = &self.rows;
        for (place, reason) in &rows.bad {
            output::warning(&format!("row {place}: {}", reason.words(Lang::En)));
        }
        if rows.invalid > rows.bad.len() {
            output::warning(&format!("{} have no valid number", counted(rows.invalid - rows.bad.len(), "more row")));
        }
        for (code, many) in &rows.reasons {
            output::error(&format!("{} without an answer ({code}): {}", counted(*many, "row"), advice(code)));
        }
        output::note(&format!(
            "{}: {} found, {} absent, {} invalid, {} unknown; {} in {}",
            counted(rows.all(), "row"),
            thousands(rows.found),
            thousands(rows.absent),
            thousands(rows.invalid),
            thousands(rows.unknown),
            counted(self.calls as usize, "upstream call"),
            duration(self.took)
        ));
        if rows.sources.len() > 1 {
            let sources: Vec<String> =
                rows.sources.iter().map(|(source, many)| format!("{source} {}", thousands(*many))).collect();
            output::note(&format!("rows answered by {}", sources.join(", ")));
        }
        let Destination::File(path) = &plan.destination else { return };
        output::note(&format!("written to {}", one_line(&path.display().to_string())));
        if rows.unknown > 0 {
            output::note(&format!(
                "run the same command with --only-unknown to ask again for the {} without an answer",
                counted(rows.unknown, "row")
            ));
        }
    }
}

/// What to do about rows without an answer.
fn advice(code: &str) -> &'static str {
    match code {
        "limited" => "the provider's call limit is used up; run again later with --only-unknown",
        "upstream_auth" => "check the token (CHASQUI_MIGO__TOKEN_FILE) and the plan of the MIGO account",
        "no_source" => "nobody was asked, because of --offline; leave it out",
        "suppressed" => "the registry does not tell about them, because their holders asked for that",
        "upstream_error" | "upstream_resting" | "deadline" => {
            "the provider failed; this says nothing about whether they exist"
        }
        _ => "run again with --only-unknown",
    }
}
