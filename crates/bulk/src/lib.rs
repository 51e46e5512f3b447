#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod columns;
mod finding;
mod former;
mod journal;
mod number;
mod read;
mod row;
mod write;

pub use columns::{Lang, N_COLUMNS, Outcome, ResultCells};
pub use finding::{Facts, Finding, Origin};
pub use former::{Former, FormerError, FormerRows, Kept};
pub use journal::{Journal, JournalError, RunKey};
pub use read::{Bytes, Encoding, Format, FormatKind, Input, ReadError, ReadOptions, Rows, Shape, Why};
pub use row::{BadNumber, Cell, Content, Row};
pub use write::{OutFormat, WriteError, WriteOptions, Writer};
