//! Files of numbers, as spreadsheet programs and scripts write them.
//!
//! What a file is, is told by its content and never by its name. It is gone through once when it is opened, so that a
//! file that cannot be read to its end says so before anything was asked, and its width and length are known.
//! Left out: writing. An input is never changed.

mod column;
mod error;
mod json;
mod lines;
mod package;
mod shape;
mod sheet;
mod sniff;
mod source;
mod text;
mod workbook;
mod xml;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use self::column::{Choice, SAMPLE_ROWS, Sample, texts};
use self::json::{JsonRecords, Keys};
use self::lines::Lines;
use self::sheet::SheetRecords;
use self::sniff::Kind;
use self::source::Source;
use self::text::{Dialect, TextRecords};
use self::workbook::Workbook;
use crate::number::Reading;
use crate::{BadNumber, Content, Row};

pub use error::ReadError;
pub use shape::{Encoding, Format, FormatKind, Shape, Why};
pub use source::Bytes;

/// What a person says about a file; what is not said is found out.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The column of numbers: its header, its letters (`A`, `AB`) or its place from 1; in JSON, its key.
    pub column: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// What stands between two cells of a text.
    pub delimiter: Option<u8>,
    /// Which kind of text it is. A workbook is one whatever is said here.
    pub format: Option<FormatKind>,
    /// A text of six or seven digits is a DNI without its leading zeros.
    pub pad_dni: bool,
}

/// An opened file of numbers, which can be gone through any number of times.
pub struct Input {
    source: Arc<Source>,
    opened: Opened,
    shape: Shape,
    pad_dni: bool,
}

/// The rows of an input, one after the other.
pub struct Rows {
    source: Arc<Source>,
    records: Records,
    /// Where the number stands: a column, or a key of JSON.
    column: usize,
    key: Option<String>,
    /// Records that are no rows, still to come.
    n_above: usize,
    pad_dni: bool,
}

/// What it takes to go through a file again.
enum Opened {
    Text(Encoding, Dialect),
    Json(Encoding),
    Sheet(Arc<Workbook>),
}

enum Records {
    Text(TextRecords),
    Json(JsonRecords),
    Sheet(Box<SheetRecords>),
}

// === impl Input ===

impl Input {
    /// Opens a file, finds out what it is, and goes through it once.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        Self::of(Source::of_path(path)?, options)
    }

    /// The same for content that is in memory.
    pub fn of_bytes(content: Vec<u8>, options: &ReadOptions) -> Result<Self, ReadError> {
        Self::of(Source::Memory(content.into()), options)
    }

    /// What was found out.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Where it stands, unless it is in memory.
    pub fn path(&self) -> Option<&Path> {
        self.source.path()
    }

    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.source.size()
    }

    /// The content itself, from its beginning. Refused where it changed meanwhile, as in every pass.
    pub fn content(&self) -> Result<Box<dyn Bytes>, ReadError> {
        self.source.open()
    }

    /// The hash of the whole content, which is read for it.
    pub fn fingerprint(&self) -> Result<blake3::Hash, ReadError> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(self.source.open()?).map_err(|source| ReadError::Io { source })?;
        self.source.check()?;
        Ok(hasher.finalize())
    }

    /// Begins to go through the rows.
    pub fn rows(&self) -> Result<Rows, ReadError> {
        let key = match &self.shape.format {
            Format::Ndjson { key } => key.clone(),
            Format::Csv { .. } | Format::List { .. } | Format::Xlsx { .. } => None,
        };
        let is_json = matches!(self.opened, Opened::Json(_));
        let n_above = if is_json { 0 } else { self.shape.preamble.len() + usize::from(self.shape.header.is_some()) };
        Ok(Rows {
            source: Arc::clone(&self.source),
            records: self.opened.records(&self.source)?,
            column: self.shape.column,
            key,
            n_above,
            pad_dni: self.pad_dni,
        })
    }

    fn of(source: Source, options: &ReadOptions) -> Result<Self, ReadError> {
        let asked = options.column.as_deref().map(str::trim).filter(|column| !column.is_empty());
        let opened = Opened::of(&source, options)?;
        let (choice, header, format) = match &opened {
            Opened::Json(encoding) => {
                let Keys { keys, chosen } = Keys::of(JsonRecords::new(&source, *encoding)?, asked)?;
                let choice = chosen.unwrap_or(Choice { column: 0, header: None, chosen: Why::OnlyOne });
                let key = keys.get(choice.column).cloned();
                (choice, (!keys.is_empty()).then_some(keys), Format::Ndjson { key })
            }
            Opened::Text(encoding, dialect) => {
                let format = match dialect.delimiter {
                    Some(delimiter) => Format::Csv { delimiter, encoding: *encoding },
                    None => Format::List { encoding: *encoding },
                };
                (choose(&source, &opened, asked)?, None, format)
            }
            Opened::Sheet(workbook) => {
                let (sheet, entry) = (workbook.sheet.clone(), workbook.entry.clone());
                let format = Format::Xlsx { sheet, entry, from_1904: workbook.from_1904 };
                (choose(&source, &opened, asked)?, None, format)
            }
        };
        let shape = Shape {
            format,
            header,
            header_place: None,
            preamble: Vec::new(),
            column: choice.column,
            chosen: choice.chosen,
            n_columns: 0,
            n_rows: 0,
        };
        let mut input = Self { source: Arc::new(source), opened, shape, pad_dni: options.pad_dni };
        input.survey(choice.header)?;
        Ok(input)
    }

    /// Goes through the whole file: what stands above the rows, how wide it is and how long.
    fn survey(&mut self, header: Option<usize>) -> Result<(), ReadError> {
        let is_json = matches!(self.opened, Opened::Json(_));
        let header = header.filter(|_| !is_json);
        let mut records = self.opened.records(&self.source)?;
        let (mut row, mut n_records) = (Row::default(), 0_usize);
        while records.next_into(&mut row)? {
            match header {
                Some(header) if n_records < header => self.shape.preamble.push(texts(&row.content)),
                Some(header) if n_records == header => {
                    self.shape.header = Some(texts(&row.content));
                    self.shape.header_place = Some(row.place);
                }
                _ => self.shape.n_rows += 1,
            }
            if let Content::Text(record) = &row.content {
                self.shape.n_columns = self.shape.n_columns.max(record.len());
            }
            n_records += 1;
        }
        if let Records::Sheet(records) = &records {
            self.shape.n_columns = records.widest();
        }
        self.source.check()
    }
}

/// Shows what the file is, and nothing that is in it.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (format, n_rows) = (&self.shape.format, self.shape.n_rows);
        f.debug_struct("Input").field("format", format).field("n_rows", &n_rows).finish_non_exhaustive()
    }
}

/// Looks at the first records of a table.
fn choose(source: &Source, opened: &Opened, asked: Option<&str>) -> Result<Choice, ReadError> {
    let mut records = opened.records(source)?;
    let (mut sample, mut row) = (Sample::default(), Row::default());
    while sample.n_rows() < SAMPLE_ROWS && records.next_into(&mut row)? {
        sample.add(&row);
    }
    if sample.n_rows() == 0 {
        return Err(ReadError::Empty);
    }
    sample.choose(asked)
}

// === impl Opened ===

impl Opened {
    fn of(source: &Source, options: &ReadOptions) -> Result<Self, ReadError> {
        let encoding = match sniff::kind(&mut source.open()?)? {
            Kind::Zip => return Workbook::open(source, options.sheet.as_deref()).map(Arc::new).map(Self::Sheet),
            Kind::Text(encoding) => encoding,
        };
        let is_json = match options.format {
            Some(FormatKind::Ndjson) => true,
            Some(FormatKind::Csv | FormatKind::List) => false,
            Some(FormatKind::Xlsx) => {
                return Err(ReadError::Foreign { what: "a text and no workbook", advice: "leave its format out" });
            }
            None => is_json(&mut Lines::new(source.open()?, encoding))?,
        };
        if is_json {
            return Ok(Self::Json(encoding));
        }
        let mut dialect = Dialect::of(source, encoding, options.delimiter)?;
        dialect.delimiter = match options.format {
            Some(FormatKind::List) => None,
            Some(FormatKind::Csv) => dialect.delimiter.or(Some(b',')),
            _ => dialect.delimiter,
        };
        Ok(Self::Text(encoding, dialect))
    }

    fn records(&self, source: &Source) -> Result<Records, ReadError> {
        Ok(match self {
            Self::Text(encoding, dialect) => Records::Text(TextRecords::new(source, *encoding, *dialect)?),
            Self::Json(encoding) => Records::Json(JsonRecords::new(source, *encoding)?),
            Self::Sheet(workbook) => Records::Sheet(Box::new(SheetRecords::new(source, workbook)?)),
        })
    }
}

/// Whether the first line that holds something is an object.
fn is_json(lines: &mut Lines) -> Result<bool, ReadError> {
    while let Some(line) = lines.next_line()? {
        if !line.text.trim().is_empty() {
            json::refuse_spread(line.text)?;
            return Ok(line.text.trim_start().starts_with('{'));
        }
    }
    Err(ReadError::Empty)
}

// === impl Records ===

impl Records {
    fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        match self {
            Self::Text(records) => records.next_into(row),
            Self::Json(records) => records.next_into(row),
            Self::Sheet(records) => records.next_into(row),
        }
    }
}

// === impl Rows ===

impl Rows {
    /// Fills `row` with the next row; false after the last one.
    pub fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        loop {
            if !self.records.next_into(row)? {
                self.source.check()?;
                return Ok(false);
            }
            if self.n_above == 0 {
                break;
            }
            self.n_above -= 1;
        }
        let empty = Reading { number: Err(BadNumber::Empty), is_recovered: false };
        let reading = match &row.content {
            Content::Text(record) => record.get(self.column).map_or(empty, |text| Reading::of_text(text, self.pad_dni)),
            Content::Sheet(cells) => cells.get(self.column).map_or(empty, |cell| Reading::of_cell(cell, self.pad_dni)),
            Content::Json(line) => json::reading(line, self.key.as_deref(), self.pad_dni),
        };
        row.number = Some(reading.number);
        row.is_recovered = reading.is_recovered;
        Ok(true)
    }

    /// How far in the file this is, in bytes of [`Input::size`].
    pub fn bytes_read(&self) -> u64 {
        match &self.records {
            Records::Text(records) => records.bytes_read(),
            Records::Json(records) => records.bytes_read(),
            Records::Sheet(records) => self.source.size() * records.progress() / 1000,
        }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("bytes_read", &self.bytes_read()).finish_non_exhaustive()
    }
}
