//! Why a file could not be read, in words that say what to do.
//!
//! Left out: bad numbers, which are part of a row and stop nothing.

use std::io;

/// Why a file could not be read.
///
/// Where the file could be opened, whoever shows this names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not there.
    #[error("there is no file `{file}`; check its name and its folder")]
    Missing {
        /// Its path.
        file: String,
    },
    /// Its owner does not let us.
    #[error("`{file}` may not be read; ask its owner for permission, or copy it to a folder of yours")]
    NotAllowed {
        /// Its path.
        file: String,
    },
    /// A folder was named.
    #[error("`{file}` is a folder; name a file in it")]
    IsFolder {
        /// Its path.
        file: String,
    },
    /// A device or a pipe, which can be gone through only once.
    #[error("`{file}` is no ordinary file; save it first, or pipe it in")]
    NotAFile {
        /// Its path.
        file: String,
    },
    /// The disk or the system failed.
    #[error("the file could not be read")]
    Io {
        /// What the system said.
        source: io::Error,
    },
    /// Somebody wrote to it meanwhile.
    #[error("the file changed while it was read; close it in other programs and run again")]
    Changed,
    /// There is nothing in it.
    #[error("the file is empty; there is nothing to look up")]
    Empty,
    /// It is something else.
    #[error("this is {what}; {advice}")]
    Foreign {
        /// What it is.
        what: &'static str,
        /// What to do with it.
        advice: &'static str,
    },
    /// A record that no table has.
    #[error("the record at line {line} is longer than {} MiB; look for a quote that is never closed", .limit >> 20)]
    TooLong {
        /// Where it begins, from 1.
        line: u64,
        /// How long a record may be, in bytes.
        limit: usize,
    },
    /// The rest of the file is inside quotes.
    #[error("the quote that opens in line {line} is never closed; close it or take it out")]
    OpenQuote {
        /// Where its record begins, from 1.
        line: u64,
    },
    /// Half of a file, or one with wrong bytes in it.
    #[error("the file is damaged or not complete; save it again")]
    Damaged {
        /// Which part of it, and how.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A workbook made to fill the memory, or too large for any.
    #[error("the workbook unpacks to more than we read ({what}); save the sheet as CSV")]
    TooBig {
        /// Which bound it breaks.
        what: &'static str,
    },
    /// The workbook has no such sheet.
    #[error("there is no sheet `{asked}`; there are: {}", .there.join(", "))]
    NoSheet {
        /// The sheet asked for.
        asked: String,
        /// The sheets there are.
        there: Vec<String>,
    },
    /// The workbook has charts at most.
    #[error("the workbook has no sheet with cells; save the table as CSV or XLSX")]
    NoSheets,
    /// There is no such column.
    #[error("there is no column `{asked}`; {}", listed(.there))]
    NoColumn {
        /// The column asked for.
        asked: String,
        /// The columns there are.
        there: Vec<String>,
    },
    /// No column looks like numbers of taxpayers or documents.
    #[error("no column holds RUC or DNI numbers; say which one with --column; {}", listed(.there))]
    NoNumbers {
        /// The columns there are.
        there: Vec<String>,
    },
}

/// At most so many columns are listed.
const LISTED: usize = 20;

fn listed(columns: &[String]) -> String {
    let n_more = columns.len().saturating_sub(LISTED);
    let listed = columns[..columns.len() - n_more].join(", ");
    match (columns.len(), n_more) {
        (0, _) => "there are none".to_owned(),
        (_, 0) => format!("there are: {listed}"),
        _ => format!("there are: {listed} and {n_more} more"),
    }
}

/// A name out of a file in one line, whatever stands in it.
pub(crate) fn one_line(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl ReadError {
    pub(crate) fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Damaged { source: source.into() }
    }
}
