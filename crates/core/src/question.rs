//! What can be asked of a source, and what comes back.
//!
//! Left out: how a question is worded on the wire; each provider knows that.

use chasqui_types::{Ruc, Taxpayer};

/// A question, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Who is this taxpayer?
    Taxpayer(Ruc),
    /// Who are these? At most 100 distinct numbers (the collection limit of MIGO).
    Taxpayers(Vec<Ruc>),
}

/// What a source replied. The variant matches the question's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// To [`Question::Taxpayer`]. `None` is the authority's word that there is no such record, and nothing else.
    Taxpayer(Option<Box<Taxpayer>>),
    /// To [`Question::Taxpayers`].
    Taxpayers {
        /// Those it described, in any order.
        found: Vec<Taxpayer>,
        /// Those it said do not exist, by name.
        not_found: Vec<Ruc>,
        /// Those it mentioned in a way that cannot be read: neither found nor absent.
        unreadable: Vec<Ruc>,
    },
}

/// A group of a provider's endpoints that shares one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// One taxpayer at a time.
    Ruc,
    /// People and legal representatives.
    Dni,
    /// Collections of taxpayers.
    Batch,
    /// Exchange rates.
    Rate,
    /// Validity of documents.
    Cpe,
    /// The account with the provider.
    Account,
}

// === impl Question ===

impl Question {
    /// Which limit it counts against.
    pub fn family(&self) -> Family {
        match self {
            Self::Taxpayer(_) => Family::Ruc,
            Self::Taxpayers(_) => Family::Batch,
        }
    }
}

// === impl Family ===

impl Family {
    /// Every family.
    pub const ALL: [Self; 6] = [Self::Ruc, Self::Dni, Self::Batch, Self::Rate, Self::Cpe, Self::Account];

    /// Its name in configuration, logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ruc => "ruc",
            Self::Dni => "dni",
            Self::Batch => "batch",
            Self::Rate => "rate",
            Self::Cpe => "cpe",
            Self::Account => "account",
        }
    }
}
