//! What can go wrong with editions that are there.
//!
//! Left out: a number that is not in the edition, which is an answer; and imports, whose errors are their own.

use std::io;
use std::path::PathBuf;

use crate::container::Unusable;
use crate::corrupt::Corrupt;
use crate::edition::Edition;

/// Why the registry could not be opened, read or changed. None of them says anything about a taxpayer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PadronError {
    /// The system refused to read.
    #[error("could not read {}", path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The system refused to write.
    #[error("could not write {}; see that there is room, and that the folder may be written to", path.display())]
    Write {
        /// What was written.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not what the import wrote: damaged, cut short or of something else.
    #[error("{} is damaged: {what}; import that edition again, or go back to the one before it", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        what: String,
    },
    /// Written by another version of this program, in a format this one does not know.
    #[error("{} has format {found}, and this version reads format {expected}; import the edition again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// An import, or another change, is going on.
    #[error("somebody else is changing {}; try again when they are done", dir.display())]
    Busy {
        /// The registry's folder.
        dir: PathBuf,
    },
    /// What names the edition in use names none.
    #[error(
        "{} does not name an edition, so nobody knows which is in use; put one of those that are there into use, or import one",
        path.display()
    )]
    NoCurrent {
        /// The file.
        path: PathBuf,
    },
    /// There is no older edition to go back to.
    #[error("there is no edition older than {} to go back to", current.map_or_else(|| "none".to_owned(), |edition| edition.to_string()))]
    NothingOlder {
        /// The edition in use.
        current: Option<Edition>,
    },
}

impl PadronError {
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

    /// For `map_err`: a refusal to read `path`.
    pub(crate) fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.into(), source }
    }

    /// For `map_err`: a refusal to write `path`.
    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.into(), source }
    }
}
