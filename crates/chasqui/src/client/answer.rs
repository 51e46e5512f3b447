//! What a client is told: one answer, or one row of many.
//!
//! The same types whichever way was asked.

use std::fmt;

use chasqui_types::time::Date;
use chasqui_types::{
    Absence, Billing, BillingObstacle, ExchangeRate, Freshness, Lookup, Provenance, RateFlag, Taxpayer,
};

use super::error::Error;

/// What an authority said, and where that comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// Found or absent.
    pub lookup: Lookup<T>,
    /// Who said so, and when.
    pub provenance: Provenance,
    /// Whether it is within its time. An absence always is.
    pub freshness: Freshness,
}

/// What became of one number of many. There will be no fifth.
#[derive(Debug, Clone)]
pub enum Outcome<T> {
    /// It exists.
    #[non_exhaustive]
    Found {
        /// What is known of it.
        record: T,
        /// Who said so, and when.
        provenance: Provenance,
        /// Whether it is within its time.
        freshness: Freshness,
    },
    /// An authority says that it does not exist.
    #[non_exhaustive]
    Absent {
        /// How it said so.
        absence: Absence,
        /// Who said so, and when.
        provenance: Provenance,
    },
    /// It is no number. Nobody was asked.
    Invalid(Error),
    /// It could not be found out, which is no word on whether it exists.
    Unknown(Error),
}

/// One number of many, and what became of it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Row<T> {
    /// Its place among the inputs, from 0.
    pub index: usize,
    /// The input, as it was given.
    pub input: String,
    /// What became of it.
    pub outcome: Outcome<T>,
}

/// How many rows there are of each outcome, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Rows whose number exists.
    pub found: usize,
    /// Rows whose number does not exist.
    pub absent: usize,
    /// Rows that are no number.
    pub invalid: usize,
    /// Rows that could not be found out.
    pub unknown: usize,
    /// Calls made upstream, where that is known: in process, of taxpayers. A server's stream of rows does not tell.
    pub upstream_calls: Option<u32>,
}

/// The exchange rate that holds on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DayRate {
    /// The day that was asked about.
    pub date: Date,
    /// What was published on it, or last before it; its own date says when.
    pub rate: ExchangeRate,
    /// What a person should look at.
    pub flags: Vec<RateFlag>,
}

/// A taxpayer, and whether it may be invoiced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invoicing {
    /// Who it is.
    pub taxpayer: Taxpayer,
    /// The verdict.
    pub billing: Billing,
}

// === impl Answer ===

impl<T> Answer<T> {
    /// The record, if there is one.
    pub fn found(&self) -> Option<&T> {
        match &self.lookup {
            Lookup::Found(record) => Some(record),
            Lookup::Absent(_) => None,
        }
    }

    /// The record itself, if there is one.
    pub fn into_found(self) -> Option<T> {
        self.lookup.found()
    }

    /// Whether an authority says that there is no such record.
    pub fn is_absent(&self) -> bool {
        self.absence().is_some()
    }

    /// The authority's word that there is no such record, if that is the answer.
    pub fn absence(&self) -> Option<&Absence> {
        match &self.lookup {
            Lookup::Absent(absence) => Some(absence),
            Lookup::Found(_) => None,
        }
    }

    /// The same answer over another record.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { lookup: self.lookup.map(change), provenance: self.provenance, freshness: self.freshness }
    }
}

impl Answer<Invoicing> {
    /// Whether the taxpayer may be invoiced; one that does not exist may not.
    pub fn may_be_invoiced(&self) -> bool {
        self.found().is_some_and(|known| known.billing.is_valid())
    }

    /// The verdict, that on a taxpayer who does not exist included.
    pub fn billing(&self) -> Billing {
        self.found().map_or_else(nobody, |known| known.billing.clone())
    }
}

// === impl Outcome ===

impl<T> Outcome<T> {
    /// The record, if it was found.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found { record, .. } => Some(record),
            Self::Absent { .. } | Self::Invalid(_) | Self::Unknown(_) => None,
        }
    }

    /// The record itself, if it was found.
    pub fn into_found(self) -> Option<T> {
        match self {
            Self::Found { record, .. } => Some(record),
            Self::Absent { .. } | Self::Invalid(_) | Self::Unknown(_) => None,
        }
    }

    /// Whether an authority says that there is no such record.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent { .. })
    }

    /// Why there is no answer, if there is none.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Invalid(error) | Self::Unknown(error) => Some(error),
            Self::Found { .. } | Self::Absent { .. } => None,
        }
    }

    /// `found`, `absent`, `invalid` or `unknown`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Absent { .. } => "absent",
            Self::Invalid(_) => "invalid",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The same as asking for this one number alone would have given.
    ///
    /// # Errors
    /// Where the number is none, or could not be found out.
    pub fn into_result(self) -> Result<Answer<T>, Error> {
        match self {
            Self::Found { record, provenance, freshness } => {
                Ok(Answer { lookup: Lookup::Found(record), provenance, freshness })
            }
            Self::Absent { absence, provenance } => {
                Ok(Answer { lookup: Lookup::Absent(absence), provenance, freshness: Freshness::Fresh })
            }
            Self::Invalid(error) | Self::Unknown(error) => Err(error),
        }
    }
}

impl Outcome<Invoicing> {
    /// Whether the taxpayer may be invoiced; `None` where that could not be found out, which is no "no".
    ///
    /// What is no number, and who does not exist, may not.
    pub fn may_be_invoiced(&self) -> Option<bool> {
        match self {
            Self::Found { record, .. } => Some(record.billing.is_valid()),
            Self::Absent { .. } | Self::Invalid(_) => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// The verdict, that on a taxpayer who does not exist included; `None` where there is nobody to judge.
    pub fn billing(&self) -> Option<Billing> {
        match self {
            Self::Found { record, .. } => Some(record.billing.clone()),
            Self::Absent { .. } => Some(nobody()),
            Self::Invalid(_) | Self::Unknown(_) => None,
        }
    }
}

impl<T> From<Result<Answer<T>, Error>> for Outcome<T> {
    fn from(result: Result<Answer<T>, Error>) -> Self {
        match result {
            Ok(Answer { lookup: Lookup::Found(record), provenance, freshness }) => {
                Self::Found { record, provenance, freshness }
            }
            Ok(Answer { lookup: Lookup::Absent(absence), provenance, .. }) => Self::Absent { absence, provenance },
            Err(error) if error.is_invalid() => Self::Invalid(error),
            Err(error) => Self::Unknown(error),
        }
    }
}

fn nobody() -> Billing {
    Billing { obstacles: vec![BillingObstacle::Absent], warnings: Vec::new() }
}

// === impl Row ===

/// Masked: the input may be somebody's number.
impl<T: fmt::Debug> fmt::Debug for Row<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("index", &self.index).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

// === impl Summary ===

impl Summary {
    /// Rows, all together.
    pub fn total(&self) -> usize {
        self.found + self.absent + self.invalid + self.unknown
    }

    pub(crate) fn count<T>(&mut self, outcome: &Outcome<T>) {
        match outcome {
            Outcome::Found { .. } => self.found += 1,
            Outcome::Absent { .. } => self.absent += 1,
            Outcome::Invalid(_) => self.invalid += 1,
            Outcome::Unknown(_) => self.unknown += 1,
        }
    }
}
