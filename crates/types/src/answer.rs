//! What can be said in answer to a question, and where it comes from.
//!
//! The third possibility, "could not find out", is not here on purpose: it is an error, so no code path can mistake an
//! outage for an answer.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::time::Timestamp;

/// What an authority said of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<T> {
    /// It exists.
    Found(T),
    /// The authority says that there is no such record.
    Absent(Absence),
}

/// An authority's word that a record does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// How it said so.
    pub reason: AbsenceReason,
    /// When it said so.
    pub as_of: Timestamp,
}

/// How an authority said that a record does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AbsenceReason {
    /// It answered the question for this one record with "not found".
    NotFound,
    /// It left the record out of a well-formed collection reply.
    Omitted,
    /// The edition of the offline registry does not list it, and is trusted in that.
    Unlisted,
    /// An operator marked it so, with these words.
    Marked(Box<str>),
}

/// Who answered: `migo`, `sandbox`, `padron`, …
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceId(Cow<'static, str>);

/// Where an answer comes from and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Who answered.
    pub source: SourceId,
    /// The moment the data describe; the moment of asking where the source gives none.
    pub as_of: Timestamp,
    /// When we asked.
    pub fetched_at: Timestamp,
}

/// Whether an answer is within its freshness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// Within its time.
    Fresh,
    /// Past its time, shown because nothing newer can be had yet.
    Stale,
}

// === impl Lookup ===

impl<T> Lookup<T> {
    /// The record, if there is one.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(record) => Some(record),
            Self::Absent(_) => None,
        }
    }

    /// The same verdict over a reference.
    pub fn as_ref(&self) -> Lookup<&T> {
        match self {
            Self::Found(record) => Lookup::Found(record),
            Self::Absent(absence) => Lookup::Absent(absence.clone()),
        }
    }

    /// The same verdict over another record.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Self::Found(record) => Lookup::Found(change(record)),
            Self::Absent(absence) => Lookup::Absent(absence),
        }
    }
}

// === impl Provenance ===

impl Provenance {
    /// The moment that the source itself says its data describe; `None` where it says none.
    pub fn stated_as_of(&self) -> Option<Timestamp> {
        Some(self.as_of).filter(|as_of| *as_of != self.fetched_at)
    }
}

// === impl AbsenceReason ===

impl AbsenceReason {
    /// A stable word for it: `not_found`, `omitted`, `unlisted`, `marked`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Omitted => "omitted",
            Self::Unlisted => "unlisted",
            Self::Marked(_) => "marked",
        }
    }
}

impl fmt::Display for AbsenceReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("the source says that there is no such record"),
            Self::Omitted => f.write_str("the source left it out of a collection that it answered"),
            Self::Unlisted => f.write_str("the offline registry does not list it"),
            Self::Marked(words) => f.write_str(words),
        }
    }
}

// === impl SourceId ===

impl SourceId {
    /// MIGO.
    pub const MIGO: Self = Self(Cow::Borrowed("migo"));
    /// SUNAT's registry, on this machine.
    pub const PADRON: Self = Self(Cow::Borrowed("padron"));
    /// The simulated upstream.
    pub const SANDBOX: Self = Self(Cow::Borrowed("sandbox"));

    /// A source of any name; lower-case letters, digits and `-`.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceId({})", self.0)
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

// === impl Freshness ===

impl Freshness {
    /// `fresh` or `stale`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}
