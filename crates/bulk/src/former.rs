//! The output of a former run, taken up again: what has an answer is kept, what has none is asked for again.
//!
//! It is read beside the input, row by row, so that a file somebody sorted or edited meanwhile is refused rather than
//! mixed up.
//! Left out: the journal, which is of a run that did not end.

use std::path::Path;

use serde_json::{Map, Value};

use crate::columns::{Lang, N_COLUMNS, Outcome};
use crate::read::{Format, Input, ReadError, ReadOptions, Rows, Shape};
use crate::row::{Cell, Content, Row};

/// The output of a former run.
#[derive(Debug)]
pub struct Former {
    input: Input,
    columns: Columns,
    lang: Lang,
}

/// Its rows, read beside those of the input.
pub struct FormerRows<'a> {
    rows: Rows,
    columns: &'a Columns,
    row: Row,
}

/// A row that needs not be asked for again.
#[derive(Clone)]
pub struct Kept {
    /// What became of it.
    pub outcome: Outcome,
    /// Its result cells, as they stand there.
    pub cells: [String; N_COLUMNS],
}

/// Where the result columns stand.
#[derive(Debug)]
enum Columns {
    /// From this cell on.
    From(usize),
    /// From the cell on that says what became of the number: a sheet without a header gets none.
    ByWord,
    /// Under these keys.
    Keys(Box<[String; N_COLUMNS]>),
}

/// Why a former output cannot be taken up again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormerError {
    /// It cannot be read.
    #[error("it cannot be read")]
    Read(#[from] ReadError),
    /// It has no result columns.
    #[error("it has no result columns, so it is not the output of a batch")]
    NoColumns,
    /// It does not go with the input.
    #[error("its row {place} is not that of the input; one of them was sorted or edited: run without --only-unknown")]
    OtherRows {
        /// The row of the input, as a person counts.
        place: u64,
    },
}

// === impl Former ===

impl Former {
    /// Opens the output that a run over `input` left behind.
    pub fn open(path: &Path, input: &Input) -> Result<Self, FormerError> {
        let shape = input.shape();
        let is_json =
            path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ndjson") || it.eq_ignore_ascii_case("jsonl"));
        let name = shape.header.as_ref().and_then(|names| names.get(shape.column)).cloned();
        let options = ReadOptions {
            column: if is_json { name } else { Some((shape.column + 1).to_string()) },
            // A spreadsheet program that it was saved with took the zeros of a DNI away.
            pad_dni: true,
            ..ReadOptions::default()
        };
        let sheet = match &shape.format {
            Format::Xlsx { sheet, .. } if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("xlsx")) => {
                Some(sheet.clone())
            }
            _ => None,
        };
        let former = Input::open(path, &ReadOptions { sheet, ..options })?;
        let (columns, lang) = Columns::of(former.shape()).ok_or(FormerError::NoColumns)?;
        Ok(Self { input: former, columns, lang })
    }

    /// The language that its columns are in.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The hash of its content.
    pub fn fingerprint(&self) -> Result<blake3::Hash, ReadError> {
        self.input.fingerprint()
    }

    /// Begins to read it beside the input.
    pub fn rows(&self) -> Result<FormerRows<'_>, ReadError> {
        Ok(FormerRows { rows: self.input.rows()?, columns: &self.columns, row: Row::default() })
    }
}

// === impl FormerRows ===

impl FormerRows<'_> {
    /// What is kept for the next row of the input; `None` if it has to be asked for again.
    pub fn next(&mut self, row: &Row) -> Result<Option<Kept>, FormerError> {
        let other = FormerError::OtherRows { place: row.place };
        if !self.rows.next_into(&mut self.row)? {
            return Err(other);
        }
        let Some(cells) = self.columns.cells(&self.row.content) else { return Err(other) };
        let outcome = Outcome::from_words(&cells[0]);
        let is_same = match row.number {
            Some(Ok(number)) => self.row.number == Some(Ok(number)),
            // Nobody was asked for it, whatever it looks like by now.
            _ => outcome == Some(Outcome::Invalid),
        };
        if !is_same {
            return Err(other);
        }
        // What was no number then may be one now, read with other options.
        let is_kept = |outcome: &Outcome| match outcome {
            Outcome::Found | Outcome::Absent => true,
            Outcome::Invalid => matches!(row.number, Some(Err(_))),
            Outcome::Unknown => false,
        };
        Ok(outcome.filter(is_kept).map(|outcome| Kept { outcome, cells }))
    }
}

// === impl Columns ===

impl Columns {
    fn of(shape: &Shape) -> Option<(Self, Lang)> {
        let Some(header) = &shape.header else { return Some((Self::ByWord, Lang::Es)) };
        for lang in [Lang::Es, Lang::En] {
            if matches!(shape.format, Format::Ndjson { .. }) {
                let keys = lang.names().map(|name| header.iter().rfind(|key| is_name(key, name)).cloned());
                if keys.iter().all(Option::is_some) {
                    return Some((Self::Keys(Box::new(keys.map(Option::unwrap_or_default))), lang));
                }
            } else {
                let fits = |names: &[String]| names.iter().zip(lang.names()).all(|(there, name)| is_name(there, name));
                if let Some(start) = header.windows(N_COLUMNS).rposition(fits) {
                    return Some((Self::From(start), lang));
                }
            }
        }
        None
    }

    fn cells(&self, content: &Content) -> Option<[String; N_COLUMNS]> {
        match (self, content) {
            (Self::From(start), Content::Text(record)) => {
                Some(std::array::from_fn(|i| record.get(start + i).unwrap_or_default().to_owned()))
            }
            (Self::From(start), Content::Sheet(cells)) => Some(std::array::from_fn(|i| match cells.get(start + i) {
                Some(Cell::Text(text)) => text.to_string(),
                _ => String::new(),
            })),
            (Self::ByWord, Content::Sheet(cells)) => {
                let is_word = |cell: &Cell| matches!(cell, Cell::Text(text) if Outcome::from_words(text).is_some());
                Self::From(cells.iter().rposition(is_word)?).cells(content)
            }
            (Self::Keys(keys), Content::Json(line)) => {
                let members: Map<String, Value> = serde_json::from_str(line).ok()?;
                Some(std::array::from_fn(|i| {
                    members.get(&keys[i]).and_then(Value::as_str).unwrap_or_default().to_owned()
                }))
            }
            _ => None,
        }
    }
}

/// Whether a header is that of a result column, or of one that had to step aside for a column of the input.
fn is_name(header: &str, name: &str) -> bool {
    header.trim().strip_prefix(name).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('_').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Masked: what became of it, because the cells hold names.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for FormerRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormerRows").finish_non_exhaustive()
    }
}
