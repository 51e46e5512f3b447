//! What must hold before an edition may be used.
//!
//! A download can be whole and still be wrong: half the rows, columns moved, a status gone. The edition in use is what
//! the new one is measured against.
//! Left out: the text's form, which nothing can override.

use std::collections::{BTreeMap, BTreeSet};

use crate::edition::Edition;
use crate::report::Report;

/// Rows that a new edition has at least, against the one before it: the registry grows by a little every day.
const MIN_ROWS: f64 = 0.95;
/// How far the share of a status may move.
const MAX_SHIFT: f64 = 0.05;
/// So many bad lines are nothing, whatever their share.
const FEW_BAD: u64 = 100;
const MAX_BAD: f64 = 0.000_1;

/// An objection to an edition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Objection {
    /// Far fewer rows than before.
    #[error("it has {rows} rows, and {current} has {before}")]
    TooFewRows {
        /// Rows of the new one.
        rows: u64,
        /// The edition in use.
        current: Edition,
        /// Its rows.
        before: u64,
    },
    /// A status has become far more or far less frequent.
    #[error("{now:.1} % of its rows are {status}, and {before:.1} % of those of {current}")]
    StatusMoved {
        /// Which.
        status: String,
        /// Its share now, in percent.
        now: f64,
        /// The edition in use.
        current: Edition,
        /// Its share there, in percent.
        before: f64,
    },
    /// Many lines are no rows.
    #[error("{bad} of its lines are no rows")]
    TooManyBadLines {
        /// How many.
        bad: u64,
    },
    /// It is older than the edition in use.
    #[error("it is of {edition}, older than {current}, which is in use")]
    Older {
        /// The new edition.
        edition: Edition,
        /// The edition in use.
        current: Edition,
    },
}

/// Every objection to a new edition.
pub(super) fn objections(new: &Report, current: Option<&Report>) -> Vec<Objection> {
    let mut objections = Vec::new();
    let bad = new.bad.count();
    if bad >= FEW_BAD && share(bad, new.rows + bad) >= MAX_BAD {
        objections.push(Objection::TooManyBadLines { bad });
    }
    let Some(current) = current else {
        return objections;
    };
    if new.edition < current.edition {
        objections.push(Objection::Older { edition: new.edition, current: current.edition });
    }
    if share(new.rows, current.rows) < MIN_ROWS {
        objections.push(Objection::TooFewRows { rows: new.rows, current: current.edition, before: current.rows });
    }
    let statuses: BTreeSet<&String> = new.by_status.keys().chain(current.by_status.keys()).collect();
    for status in statuses {
        let of = |counts: &BTreeMap<String, u64>, rows| share(counts.get(status).copied().unwrap_or(0), rows);
        let (now, before) = (of(&new.by_status, new.rows), of(&current.by_status, current.rows));
        if (now - before).abs() > MAX_SHIFT {
            let (now, before) = (now * 100.0, before * 100.0);
            objections.push(Objection::StatusMoved { status: status.clone(), now, current: current.edition, before });
        }
    }
    objections
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than some digits")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
