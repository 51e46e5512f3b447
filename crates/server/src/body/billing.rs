//! Verdicts on invoicing: whether each taxpayer may be invoiced, and why not.
//!
//! What could not be found out has no verdict: `valid` is null, never false.
//! Left out: the rules themselves, which the domain types own.

use bytes::Bytes;
use chasqui_core::RowOutcome;
use chasqui_types::time::Timestamp;
use chasqui_types::{Billing, BillingObstacle, BillingWarning};

use super::RowParts;
use crate::wire::{Object, list};

/// One row: `{ruc, outcome, valid, obstacles: [{code, words}], warnings: [{code, words}], taxpayer, error, meta}`.
///
/// `now` tells how old the data are. A text that is no number may not be invoiced either; its obstacle is
/// `invalid_ruc`.
pub fn billing(input: &str, outcome: &RowOutcome, now: Timestamp) -> Bytes {
    let verdict = verdict(outcome, now);
    let valid = match (&verdict, outcome) {
        (Some(verdict), _) if verdict.is_valid() => "true",
        (Some(_), _) | (None, RowOutcome::Invalid(_)) => "false",
        (None, _) => "null",
    };
    let mut obstacles: Vec<Vec<u8>> = Vec::new();
    let mut warnings: Vec<Vec<u8>> = Vec::new();
    if let Some(verdict) = verdict {
        obstacles.extend(verdict.obstacles.iter().map(|one| reason(one.as_str(), one.words())));
        warnings.extend(verdict.warnings.iter().map(|one| reason(one.as_str(), one.words())));
    } else if matches!(outcome, RowOutcome::Invalid(_)) {
        obstacles.push(reason("invalid_ruc", "El número no es un RUC"));
    }
    let parts = RowParts::of(outcome);
    let start = Object::new()
        .text("ruc", input)
        .text("outcome", parts.word)
        .plain("valid", valid)
        .json("obstacles", &list(obstacles))
        .json("warnings", &list(warnings));
    parts.write(start).finish().into()
}

/// How many taxpayers there are of each verdict and criterion, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BillingSummary {
    /// May be invoiced.
    pub valid: usize,
    /// May not, for any of the reasons below.
    pub invalid: usize,
    /// Could not be found out.
    pub unknown: usize,
    /// Are no numbers.
    pub invalid_ruc: usize,
    /// Do not exist.
    pub absent: usize,
    /// Are not active.
    pub not_active: usize,
    /// Are not at a confirmed address.
    pub not_located: usize,
    /// Have a name that is too short.
    pub short_name: usize,
    /// Have an address that is too short.
    pub short_address: usize,
    /// Have data that are too old.
    pub old_data: usize,
    /// Calls made upstream.
    pub upstream_calls: u32,
}

// === impl BillingSummary ===

impl BillingSummary {
    /// Counts a row, judged at `now`.
    pub fn count(&mut self, outcome: &RowOutcome, now: Timestamp) {
        let Some(verdict) = verdict(outcome, now) else {
            if matches!(outcome, RowOutcome::Invalid(_)) {
                self.invalid += 1;
                self.invalid_ruc += 1;
            } else {
                self.unknown += 1;
            }
            return;
        };
        *(if verdict.is_valid() { &mut self.valid } else { &mut self.invalid }) += 1;
        for obstacle in verdict.obstacles {
            match obstacle {
                BillingObstacle::Absent => self.absent += 1,
                BillingObstacle::NotActive => self.not_active += 1,
                BillingObstacle::NotLocated => self.not_located += 1,
                _ => {}
            }
        }
        for warning in verdict.warnings {
            match warning {
                BillingWarning::ShortName => self.short_name += 1,
                BillingWarning::ShortAddress => self.short_address += 1,
                BillingWarning::OldData => self.old_data += 1,
                _ => {}
            }
        }
    }

    fn json(&self) -> Vec<u8> {
        Object::new()
            .plain("valid", self.valid)
            .plain("invalid", self.invalid)
            .plain("unknown", self.unknown)
            .plain("invalid_ruc", self.invalid_ruc)
            .plain("absent", self.absent)
            .plain("not_active", self.not_active)
            .plain("not_located", self.not_located)
            .plain("short_name", self.short_name)
            .plain("short_address", self.short_address)
            .plain("old_data", self.old_data)
            .plain("upstream_calls", self.upstream_calls)
            .finish()
    }
}

/// `{"results": […], "summary": {…}}`.
pub(crate) fn results(rows: &[Bytes], summary: &BillingSummary) -> Bytes {
    Object::with_capacity(rows.iter().map(Bytes::len).sum::<usize>() + rows.len() + 256)
        .json("results", &list(rows))
        .json("summary", &summary.json())
        .finish()
        .into()
}

/// `None` where there is nothing to judge.
fn verdict(outcome: &RowOutcome, now: Timestamp) -> Option<Billing> {
    match outcome {
        RowOutcome::Answered(answer) => Some(Billing::of(&answer.taxpayer(), now)),
        RowOutcome::Invalid(_) | RowOutcome::Unknown(_) => None,
    }
}

fn reason(code: &str, words: &str) -> Vec<u8> {
    Object::with_capacity(96).text("code", code).text("words", words).finish()
}
