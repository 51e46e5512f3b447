//! What can go wrong with an index of names.
//!
//! Left out: finding nothing, which is an answer; and running out of time, which the answer says of itself.

use std::path::PathBuf;

use crate::corrupt::Corrupt;
use crate::error::PadronError;

/// Why names could not be searched. None of them says anything about a taxpayer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// The edition, or the index, could not be read or written.
    #[error(transparent)]
    Padron(#[from] PadronError),
    /// The index is not what was written. The edition is not touched by that.
    #[error("{} is damaged: {what}; build the index of names again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        what: String,
    },
    /// Somebody else is building it.
    #[error("somebody else is building {}; try again when they are done", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Whoever watched the progress broke off.
    #[error("building the index of names was broken off")]
    Cancelled,
    /// A cursor that no page of this edition and this query gave.
    #[error("the cursor belongs to another query or another edition; ask for the first page again")]
    Cursor,
}

impl NamesError {
    pub(crate) fn damaged(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), what: what.into() }
    }

    pub(crate) fn corrupt(path: impl Into<PathBuf>, corrupt: Corrupt) -> Self {
        Self::damaged(path, corrupt.to_string())
    }
}

/// The index does not hold what it should.
pub(crate) const NAMES: Corrupt = Corrupt { part: "names" };
