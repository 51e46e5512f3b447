//! What can go wrong with changes that were kept.
//!
//! Left out: a number that did not change, and a day before the first edition, which are answers.

use std::path::PathBuf;

use crate::container::Unusable;
use crate::corrupt::Corrupt;
use crate::edition::Edition;
use crate::error::PadronError;

/// Why changes could not be written or read. None of them says anything about a taxpayer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangesError {
    /// An edition, or the folder, could not be read or written.
    #[error(transparent)]
    Padron(#[from] PadronError),
    /// A file of changes is not what was written.
    #[error(
        "{} is damaged: {what}; remove it and compare the two editions again if they are still kept; \
         without it, history begins later",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        what: String,
    },
    /// Written by another version of this program, in a format this one does not know.
    #[error("{} has format {found}, and this version reads format {expected}; compare the editions again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// The changes of an edition that is not the later one.
    #[error("{new} is not later than {old}, and changes are kept forward only; compare them the other way round")]
    Backwards {
        /// The edition that was given as the old one.
        old: Edition,
        /// The edition that was given as the new one.
        new: Edition,
    },
    /// The changes from there on are not kept, so nobody can say what they were.
    #[error(
        "the changes since {from} are not kept: they reach from {first} to {last}; read {last} whole and go on from there"
    )]
    NotKept {
        /// Where the caller stands.
        from: Edition,
        /// The first edition from which they are.
        first: Edition,
        /// The last one, which they lead to.
        last: Edition,
    },
    /// The edition that was handed in is not the one these changes lead to.
    #[error("these changes lead to {expected}, not to {found}; open them again for the edition that is asked")]
    OtherEdition {
        /// Where they lead.
        expected: Edition,
        /// What was handed in.
        found: Edition,
    },
}

impl ChangesError {
    pub(crate) fn damaged(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), what: what.into() }
    }

    /// For `map_err`: why the file at `path` cannot be used.
    pub(crate) fn unusable(path: impl Into<PathBuf>) -> impl FnOnce(Unusable) -> Self {
        move |unusable| match unusable {
            Unusable::Damaged(what) => Self::damaged(path, what),
            Unusable::Format { found, expected } => Self::Format { path: path.into(), found, expected },
        }
    }

    pub(crate) fn corrupt(path: impl Into<PathBuf>, corrupt: Corrupt) -> Self {
        Self::damaged(path, corrupt.to_string())
    }
}
