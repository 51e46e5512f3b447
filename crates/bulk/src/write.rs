//! The same file, enriched: the input's columns as they are, then the results.
//!
//! The output takes the place of a former one in one step, when it is whole; until then, and after any failure, a
//! former output is what it was. The same input and findings give the same bytes, today and tomorrow.
//! Left out: what the results are, and reading, of which it only needs the input's shape.

mod book;
mod error;
mod json;
mod layout;
mod output;
mod patch;
mod text;
mod value;
mod xml;

use std::io::{BufWriter, Write};
use std::path::Path;

pub use error::WriteError;

use crate::{Finding, Format, Input, Lang, ResultCells, Row};
use layout::Layout;
use output::Output;

/// How an output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutFormat {
    /// Delimited text.
    Csv,
    /// A workbook. Where the input is one too, it is that one with columns added.
    Xlsx,
    /// One JSON object a line.
    Ndjson,
}

/// How an output is to be written.
#[derive(Debug, Clone)]
pub struct WriteOptions {
    /// The language of the result columns.
    pub lang: Lang,
    /// The kind of file.
    pub format: OutFormat,
    /// What stands between two cells of a text; by default what the input has, or what the language is used to.
    pub delimiter: Option<u8>,
}

/// An output on its way.
///
/// Dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct Writer {
    sink: Box<dyn Sink>,
    lang: Lang,
    cells: ResultCells,
}

/// A kind of file.
trait Sink: Send {
    /// Writes a row, of which `results` are the cells of the result columns.
    fn row(&mut self, row: &Row, results: &ResultCells) -> Result<(), WriteError>;

    /// Writes what follows the rows.
    fn finish(self: Box<Self>) -> Result<Output, WriteError>;
}

// === impl OutFormat ===

impl OutFormat {
    /// The format that the ending of a name stands for.
    pub fn of(path: &Path) -> Option<Self> {
        match ending(path)?.as_str() {
            "csv" | "txt" | "tsv" => Some(Self::Csv),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// The format an input is written back in, where nothing says otherwise.
    pub fn like(input: &Input) -> Self {
        match input.shape().format {
            Format::Csv { .. } | Format::List { .. } => Self::Csv,
            Format::Xlsx { .. } => Self::Xlsx,
            Format::Ndjson { .. } => Self::Ndjson,
        }
    }
}

fn ending(path: &Path) -> Option<String> {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase())
}

// === impl Writer ===

impl Writer {
    /// Begins an output that will take the place of what is at `path`, which may be anything but the input.
    ///
    /// Until then it stands beside it, under the same name with `.chasqui-partial` behind. A device is written to as
    /// it is.
    pub fn create(path: &Path, input: &Input, options: &WriteOptions) -> Result<Self, WriteError> {
        let out = Output::create(path, input.path())?;
        Self::begin(out, ending(path).as_deref(), input, options)
    }

    /// Begins an output that goes on as it comes, such as standard output. No workbook can be written so.
    pub fn to(out: Box<dyn Write + Send>, input: &Input, options: &WriteOptions) -> Result<Self, WriteError> {
        Self::begin(Output::stream(out), None, input, options)
    }

    /// Writes a row and what became of its number; `None` for a number that is bad, and for one never asked.
    ///
    /// Rows come in the order of the input.
    pub fn write(&mut self, row: &Row, finding: Option<&Finding>) -> Result<(), WriteError> {
        self.cells.fill(self.lang, row, finding);
        self.sink.row(row, &self.cells)
    }

    /// Writes a row with the result cells of a former run as they are.
    pub fn copy(&mut self, row: &Row, cells: &[String]) -> Result<(), WriteError> {
        self.cells.copy(cells);
        self.sink.row(row, &self.cells)
    }

    /// Everything was written: from here on the output is there, whole and on disk.
    pub fn finish(self) -> Result<(), WriteError> {
        self.sink.finish()?.commit()
    }

    fn begin(out: Output, ending: Option<&str>, input: &Input, options: &WriteOptions) -> Result<Self, WriteError> {
        let lang = options.lang;
        let sink: Box<dyn Sink> = match options.format {
            OutFormat::Csv => {
                let delimiter = options.delimiter.unwrap_or_else(|| delimiter(ending, input, lang));
                Box::new(text::Text::begin(out, Layout::of_table(input, lang)?, delimiter)?)
            }
            OutFormat::Ndjson => Box::new(json::Json::begin(out, Layout::of_objects(input, lang)?)),
            OutFormat::Xlsx => {
                if !out.is_seekable() {
                    return Err(WriteError::NotSeekable);
                }
                let may_hold_macros = ending == Some("xlsm");
                match &input.shape().format {
                    Format::Xlsx { entry, .. } => {
                        Box::new(patch::Patch::begin(out, input, entry, lang, may_hold_macros)?)
                    }
                    _ if may_hold_macros => return Err(WriteError::NoMacros),
                    _ => Box::new(book::Book::begin(out, input, lang)?),
                }
            }
        };
        Ok(Self { sink, lang, cells: ResultCells::default() })
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("lang", &self.lang).finish_non_exhaustive()
    }
}

/// What the input has; else what spreadsheet programs in that language are used to.
fn delimiter(ending: Option<&str>, input: &Input, lang: Lang) -> u8 {
    match (ending, &input.shape().format, lang) {
        (Some("tsv"), ..) => b'\t',
        (_, Format::Csv { delimiter, .. }, _) => *delimiter,
        (_, _, Lang::Es) => b';',
        (_, _, Lang::En) => b',',
    }
}

/// What waits in a buffer is written too.
fn into_output(out: BufWriter<Output>) -> Result<Output, WriteError> {
    out.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests;
