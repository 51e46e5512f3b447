//! Why an import made no edition.
//!
//! Left out: what went wrong with editions that are there already.

use std::io;
use std::path::{Path, PathBuf};

use super::gates::Objection;
use crate::error::PadronError;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no new edition. The one in use is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The system refused to read the file.
    #[error("could not read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A zip that is cut short or damaged.
    #[error("{} is not a whole zip; fetch it again", path.display())]
    BadZip {
        /// The file.
        path: PathBuf,
        /// What is the matter.
        #[source]
        source: BoxError,
    },
    /// A zip that does not hold exactly one file.
    #[error("{} holds {found} files, and the registry is one", path.display())]
    NotOneFile {
        /// The zip.
        path: PathBuf,
        /// How many there are.
        found: usize,
    },
    /// A text without end, or a zip that would become one.
    #[error("{} unpacks to more than any registry could have", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The first line does not name the registry's columns.
    #[error("{} does not begin with the registry's columns: it is another file, or SUNAT has changed its form", path.display())]
    NotARegistry {
        /// The file.
        path: PathBuf,
    },
    /// The columns, and nothing below them.
    #[error("{} has no rows", path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// More rows out of the ordinary than a registry could have.
    #[error("too many rows have a wrong number or are too long; this is no registry")]
    TooOdd,
    /// The file changed while it was read.
    #[error("the file changed while it was read; import it again when it is complete")]
    Changed,
    /// Something speaks against using the edition.
    #[error(
        "the new edition was not put into use: {}; fetch the file again, or force it if it is right",
        all(objections)
    )]
    Refused {
        /// All of it.
        objections: Vec<Objection>,
    },
    /// The caller broke off.
    #[error("the import was broken off")]
    Cancelled,
    /// The folder of editions could not be read or written.
    #[error(transparent)]
    Folder(#[from] PadronError),
}

impl ImportError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn bad_zip(path: &Path, source: impl Into<BoxError>) -> Self {
        Self::BadZip { path: path.to_owned(), source: source.into() }
    }
}

fn all(objections: &[Objection]) -> String {
    objections.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
