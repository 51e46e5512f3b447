//! One row of a file of numbers: where it stands, its number, and everything else in it.
//!
//! A row is filled anew for each row of the file, so that a million of them cost the memory of one.
//! Left out: how a file is taken apart, which its reader knows.

use std::fmt;

use chasqui_types::{Number, ParseRucError};

/// A row, as its reader found it.
#[derive(Debug, Default)]
pub struct Row {
    /// Where a person finds it: the line of a text (where its record begins) or the row of a sheet, from 1.
    pub place: u64,
    /// Its number; `None` before the first row was read.
    pub number: Option<Result<Number, BadNumber>>,
    /// The number is not what the cell shows: zeros or digits that a spreadsheet took away were put back.
    pub is_recovered: bool,
    /// What the row holds.
    pub content: Content,
}

impl Row {
    /// How many bytes its texts have.
    pub fn n_bytes(&self) -> usize {
        match &self.content {
            Content::Text(record) => record.as_slice().len(),
            Content::Json(line) => line.len(),
            Content::Sheet(cells) => cells.iter().map(Cell::n_bytes).sum(),
        }
    }
}

/// What a row holds. It shows of what kind it is and never what it says: that may be names and documents of people.
pub enum Content {
    /// The cells of a delimited text, or the one of a plain list.
    Text(csv::StringRecord),
    /// The cells of a sheet, from its first column on.
    Sheet(Vec<Cell>),
    /// The line of a newline-delimited JSON file, without its end.
    Json(String),
}

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// A text.
    Text(Box<str>),
    /// A number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A day, or a moment, as the sheet's serial number of it.
    DateTime(f64),
    /// A formula that failed: `#N/A`, …
    Error(Box<str>),
}

impl Cell {
    fn n_bytes(&self) -> usize {
        match self {
            Self::Text(text) | Self::Error(text) => text.len(),
            Self::Empty | Self::Number(_) | Self::Bool(_) | Self::DateTime(_) => size_of::<Self>(),
        }
    }
}

/// Why a cell holds no number that could be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadNumber {
    /// It is empty.
    Empty,
    /// It holds something else than digits.
    NotANumber,
    /// It has neither 8 nor 11 digits.
    Length {
        /// How many it has.
        found: usize,
    },
    /// It has eleven digits and is no RUC.
    Ruc(ParseRucError),
    /// A spreadsheet rounded it, so some of its digits are lost.
    Rounded,
    /// It may be a DNI that lost its leading zeros in a spreadsheet.
    ShortDni {
        /// How many digits are left.
        found: usize,
    },
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(record) => write!(f, "Text({} cells)", record.len()),
            Self::Sheet(cells) => write!(f, "Sheet({} cells)", cells.len()),
            Self::Json(line) => write!(f, "Json({} bytes)", line.len()),
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(csv::StringRecord::new())
    }
}
