//! How many of what, the reasons behind it, and the exit code that follows.
//!
//! Numbers are masked here, because standard error ends up in logs.
//! Left out: the answers themselves, which are data.

use chasqui_core::{LookupError, RowOutcome};
use chasqui_server::body::Summary;
use chasqui_types::ParseRucError;

use crate::exit::{Exit, chain};
use crate::output;
use crate::text::{counted, masked, seconds, thousands};

/// What became of all numbers so far.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) summary: Summary,
    bad: Vec<(usize, String, ParseRucError)>,
    /// One error for each code, and how many numbers it left unanswered.
    unknown: Vec<(LookupError, usize)>,
}

/// So many bad numbers are named; a wrong column of a spreadsheet would name them all.
const NAMED: usize = 10;

// === impl Tally ===

impl Tally {
    pub(super) fn count(&mut self, index: usize, input: &str, outcome: &RowOutcome) {
        self.summary.count(outcome);
        match outcome {
            RowOutcome::Invalid(reason) if self.bad.len() < NAMED => {
                self.bad.push((index + 1, masked(input), *reason));
            }
            RowOutcome::Unknown(error) => {
                match self.unknown.iter_mut().find(|(known, _)| known.code() == error.code()) {
                    Some((_, many)) => *many += 1,
                    None => self.unknown.push((error.clone(), 1)),
                }
            }
            RowOutcome::Invalid(_) | RowOutcome::Answered(_) => {}
        }
    }

    /// Not finding out outweighs a bad number, and that outweighs an absent one: the worst to overlook comes first.
    pub(super) fn exit(&self) -> Exit {
        match &self.summary {
            summary if summary.unknown > 0 => Exit::Unknown,
            summary if summary.invalid > 0 => Exit::Usage,
            summary if summary.absent > 0 => Exit::Absent,
            _ => Exit::Done,
        }
    }

    /// Says what went wrong and, where there are several numbers, the sums.
    pub(super) fn report(&self, inputs: usize, offline: bool) {
        let is_alone = inputs == 1;
        for (position, shown, reason) in &self.bad {
            let place = if is_alone { String::new() } else { format!("number {}, ", thousands(*position)) };
            output::error(&format!("{place}{shown}, is not a RUC: {reason}"));
        }
        if self.summary.invalid > self.bad.len() {
            output::error(&format!("{} more are not a RUC", thousands(self.summary.invalid - self.bad.len())));
        }
        for (error, many) in &self.unknown {
            let subject = if is_alone { String::new() } else { format!("{}: ", counted(*many, "number")) };
            output::error(&format!("{subject}could not be found out ({}): {}", error.code(), why(error, offline)));
        }
        if !is_alone {
            let Summary { found, absent, invalid, unknown, upstream_calls } = self.summary;
            output::note(&format!(
                "{}: {} found, {} absent, {} invalid, {} unknown; {}",
                counted(inputs, "number"),
                thousands(found),
                thousands(absent),
                thousands(invalid),
                thousands(unknown),
                counted(upstream_calls as usize, "upstream call"),
            ));
        }
    }
}

/// The causes, and what to do about them.
fn why(error: &LookupError, offline: bool) -> String {
    if offline {
        return "nothing is asked with --offline, and there is no padrón on this machine; leave --offline out"
            .to_owned();
    }
    let advice = match error.code() {
        "limited" | "upstream_resting" => "ask again later",
        "upstream_auth" => "check the token (CHASQUI_MIGO__TOKEN_FILE) and the plan of the MIGO account",
        "deadline" => "ask again, or raise lookup.deadline and migo.timeout",
        "no_source" => "set CHASQUI_MIGO__TOKEN_FILE, and have migo in lookup.ruc",
        _ => "ask again, or let `chasqui doctor` check what can be reached",
    };
    let wait = error.retry_after().map(|wait| format!(", in {}", seconds(wait))).unwrap_or_default();
    format!("{}; {advice}{wait}", chain(error))
}
