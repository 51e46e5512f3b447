//! Why an output could not be written, in words that say what to do.
//!
//! Left out: the journal's errors, which name their own file.

use std::io::{self, ErrorKind};

use crate::ReadError;

/// Why an output could not be written.
///
/// Whatever it is, neither the input nor a former output was changed. Where the output could be begun, whoever shows
/// this names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The output would replace the input, perhaps by way of a link.
    #[error("`{out}` is the input itself; name another file with -o")]
    IsInput {
        /// Its path.
        out: String,
    },
    /// A folder was named.
    #[error("`{out}` is a folder; name a file in it with -o")]
    IsFolder {
        /// Its path.
        out: String,
    },
    /// Its folder is not there.
    #[error("the folder of `{out}` does not exist; make it first, or name another one with -o")]
    NoFolder {
        /// Its path.
        out: String,
    },
    /// The system does not let us.
    #[error("`{out}` may not be written; close it in other programs, or name a file in a folder of yours with -o")]
    NotAllowed {
        /// Its path.
        out: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another run writes it.
    #[error("another run is writing `{out}`; wait until it ends, or name another file with -o")]
    InUse {
        /// Its path.
        out: String,
    },
    /// A workbook can only be written to a file.
    #[error("a workbook cannot go to standard output; name a file with -o, or choose csv or ndjson")]
    NotSeekable,
    /// Spreadsheet programs open workbooks with macros only under their own ending.
    #[error("the workbook holds macros; name an output that ends in .xlsm")]
    Macros,
    /// The same, the other way round.
    #[error("the output holds no macros; name one that ends in .xlsx")]
    NoMacros,
    /// A sheet has no room for the rows.
    #[error(
        "a sheet has room for {} rows, and there are {n_rows}; name an output that ends in .csv",
        super::xml::MAX_ROWS
    )]
    TooManyRows {
        /// How many there are, header included.
        n_rows: u64,
    },
    /// A sheet has no room for the columns.
    #[error(
        "a sheet has room for {} columns, and there are {n_columns}; name an output that ends in .csv",
        super::xml::MAX_COLUMNS
    )]
    TooManyColumns {
        /// How many there are, the result columns included.
        n_columns: usize,
    },
    /// A table cannot have a column for each key.
    #[error("the lines have more than {} different keys; name an output that ends in .ndjson", super::xml::MAX_COLUMNS)]
    TooManyKeys,
    /// A cell of a sheet has no room for a text.
    #[error(
        "a text at line {place} is longer than the {} characters of a sheet's cell; name an output that ends in .csv",
        super::xml::MAX_TEXT
    )]
    TextTooLong {
        /// Where it stands.
        place: u64,
    },
    /// No room is left.
    #[error("the disk is full; free space and run again with --resume")]
    Full {
        /// What the system said.
        source: io::Error,
    },
    /// The input could not be read while it was written back.
    #[error("the input could not be read again")]
    Input {
        /// Why.
        #[from]
        source: ReadError,
    },
    /// The sheet is no XML, or not the one that its rows were read from.
    #[error("the sheet is damaged; open the workbook in a spreadsheet program and save it again")]
    Sheet {
        /// How.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk or the system failed.
    #[error("the output could not be written")]
    Io {
        /// What the system said.
        source: io::Error,
    },
}

// === impl WriteError ===

impl WriteError {
    /// Whoever read standard output went away, which is no failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io { source } if source.kind() == ErrorKind::BrokenPipe)
    }

    pub(super) fn sheet(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Sheet { source: source.into() }
    }

    /// Why the output could not be begun.
    pub(super) fn opening(out: &std::path::Path, source: io::Error) -> Self {
        let out = out.display().to_string();
        match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::NoFolder { out },
            ErrorKind::IsADirectory => Self::IsFolder { out },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::NotAllowed { out, source },
            _ => source.into(),
        }
    }
}

impl From<io::Error> for WriteError {
    fn from(source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { source },
            _ => Self::Io { source },
        }
    }
}

impl From<zip::result::ZipError> for WriteError {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(source) => source.into(),
            other => Self::sheet(other),
        }
    }
}
