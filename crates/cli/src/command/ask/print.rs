//! What became of each number, printed: for people, as the server's bodies, or for a spreadsheet.
//!
//! Rows are handed in by input order. Formats that can be printed line by line are; a table waits for its widest cell.
//! Left out: reasons and sums, which are not data and go to standard error; and what a row holds, which its sheet says.

use std::time::Duration;

use bytes::Bytes;
use chasqui_core::Answer;
use chasqui_types::time::to_rfc3339;

use super::tally::LONGEST;
use super::{Format, Outcome, Sheet, is_made_up};
use crate::command::SANDBOX_ADVICE;
use crate::exit::Failure;
use crate::table::{self, Word};
use crate::text::{cut, one_line, whole_seconds};
use crate::{csv, output};

/// Prints rows in one format.
pub(super) struct Printer<'a, S> {
    sheet: &'a S,
    format: Format,
    is_alone: bool,
    n_rows: usize,
    grid: Vec<Vec<Word>>,
    is_made_up: bool,
}

/// The columns about the outcome, after those of the sheet.
const AFTER: [&str; 5] = ["outcome", "error_code", "source", "as_of", "freshness"];

// === impl Printer ===

impl<'a, S: Sheet> Printer<'a, S> {
    /// A printer for so many inputs.
    pub(super) fn new(sheet: &'a S, format: Format, inputs: usize) -> Self {
        Self { sheet, format, is_alone: inputs == 1, n_rows: 0, grid: Vec::new(), is_made_up: false }
    }

    /// The next row in input order.
    pub(super) fn row(&mut self, input: &str, outcome: &Outcome) -> Result<(), Failure> {
        let is_first = self.n_rows == 0;
        self.n_rows += 1;
        self.is_made_up |= outcome.answer().is_some_and(is_made_up);
        match self.format {
            Format::Table if self.is_alone => match outcome {
                Outcome::Answered(answer) => output::data(self.sheet.alone(input, answer)),
                // A bad number and an unknown one have no data to print.
                Outcome::Invalid(_) | Outcome::Unknown(_) => Ok(()),
            },
            Format::Table => {
                // A blank would look like a line without a number.
                let shown = if input.is_empty() { "\"\"".to_owned() } else { cut(input, LONGEST) };
                self.grid.extend(self.sheet.lines(&shown, outcome));
                Ok(())
            }
            Format::Json if self.is_alone => output::line(&self.sheet.body(input, outcome, true)),
            Format::Json => {
                output::data(if is_first { "[\n" } else { ",\n" })?;
                output::data(self.sheet.body(input, outcome, false))
            }
            Format::Ndjson => output::line(&self.sheet.body(input, outcome, false)),
            Format::Csv => {
                if is_first {
                    output::data(csv::line(self.sheet.columns().into_iter().chain(AFTER)))?;
                }
                self.sheet.cells(input, outcome).into_iter().try_for_each(|cells| {
                    let cells: Vec<_> =
                        cells.into_iter().chain(after::<S>(outcome)).map(|cell| one_line(&cell)).collect();
                    output::data(csv::line(cells.iter().map(String::as_str)))
                })
            }
        }
    }

    /// What follows the last row.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.format {
            Format::Json if !self.is_alone => output::data("\n]\n"),
            Format::Table => {
                let mut text = String::new();
                if !self.is_alone {
                    text = table::grid(&self.sheet.header(), self.grid);
                }
                if self.is_made_up {
                    text.push_str(&made_up());
                }
                output::data(text)
            }
            _ => Ok(()),
        }
    }
}

/// The last line of a table of made-up data.
pub(crate) fn made_up() -> String {
    format!("SANDBOX: made-up data, not SUNAT's; {SANDBOX_ADVICE}\n")
}

/// The outcome in a word, and the code where there is an error.
fn word<S: Sheet>(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Invalid(_) => ("invalid", S::INVALID),
        Outcome::Unknown(error) => ("unknown", error.code()),
        Outcome::Answered(answer) if answer.record.absence().is_some() => ("absent", "absent"),
        Outcome::Answered(_) => ("found", ""),
    }
}

fn after<S: Sheet>(outcome: &Outcome) -> [String; 5] {
    let (word, code) = word::<S>(outcome);
    let [source, as_of, freshness] = provenance(outcome.answer());
    [word.to_owned(), code.to_owned(), source, as_of, freshness]
}

/// Source, as of when, and freshness, as spreadsheets get them.
pub(crate) fn provenance(answer: Option<&Answer>) -> [String; 3] {
    answer.map_or_else(Default::default, |answer| {
        let provenance = answer.record.provenance();
        let freshness = answer.freshness.as_str().to_owned();
        [provenance.source.to_string(), to_rfc3339(provenance.as_of), freshness]
    })
}

/// A row for programs: the input, what became of it, the body that a server answers with, the error.
pub(crate) fn row<S: Sheet>(key: &str, input: &str, outcome: &Outcome, name: &str, body: Option<&Bytes>) -> Bytes {
    let (word, code) = word::<S>(outcome);
    let (detail, wait) = match outcome {
        Outcome::Invalid(reason) => (reason.clone(), None),
        Outcome::Unknown(error) => (error.public_message().to_owned(), error.retry_after()),
        Outcome::Answered(answer) => {
            (answer.record.absence().map(|absence| absence.reason.to_string()).unwrap_or_default(), None)
        }
    };
    let error = if code.is_empty() { "null".to_owned() } else { error_object(code, &detail, wait) };
    let mut row = format!("{{{}:{},\"outcome\":{},{}:", text(key), text(input), text(word), text(name)).into_bytes();
    row.extend_from_slice(body.map_or(&b"null"[..], |body| body));
    row.extend_from_slice(format!(",\"error\":{error}}}").as_bytes());
    row.into()
}

/// Why there is no answer, for programs.
pub(crate) fn error_object(code: &str, detail: &str, wait: Option<Duration>) -> String {
    let wait = wait.map_or_else(|| "null".to_owned(), |wait| whole_seconds(wait).to_string());
    format!("{{\"code\":{},\"detail\":{},\"retry_after\":{wait}}}", text(code), text(detail))
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
