//! Delimited text and plain lists: what separates the cells, and the records one after the other.
//!
//! Records are taken apart here and not by a CSV library, because three things are needed that none tells: the line
//! where a record begins, a quote that is never closed, and a bound on a record.
//! Blank lines are no records. Ragged records are kept as they are.
//! Left out: which record is a header, and which cell is a number.

use csv::StringRecord;

use super::error::ReadError;
use super::lines::{Lines, MAX_RECORD};
use super::shape::Encoding;
use super::source::Source;
use crate::number::Reading;
use crate::{Content, Row};

/// What separates the cells of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// None in a plain list.
    pub(super) delimiter: Option<u8>,
    /// The first line is a spreadsheet program's `sep=;` and no record.
    pub(super) has_sep_line: bool,
}

/// In this order where several fit equally: a comma also stands in amounts and names.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// So many lines, and so many bytes of them, decide.
const SAMPLE_LINES: usize = 200;
const SAMPLE_BYTES: usize = 1 << 20;

pub(super) struct TextRecords {
    lines: Lines,
    delimiter: Option<u8>,
    splitter: Splitter,
}

/// Takes records apart; a record may go over several lines.
#[derive(Default)]
struct Splitter {
    /// The quoted cell that is being read.
    field: String,
    is_open: bool,
}

// === impl Dialect ===

impl Dialect {
    /// As a person says it is, or as the first lines show.
    pub(super) fn of(source: &Source, encoding: Encoding, asked: Option<u8>) -> Result<Self, ReadError> {
        let mut lines = Lines::new(source.open()?, encoding);
        let mut sample: Vec<(String, String)> = Vec::new();
        let mut has_sep_line = false;
        let (mut said, mut n_bytes) = (None, 0);
        while let Some(line) = lines.next_line()? {
            if line.number == 1
                && let Some(delimiter) = sep_line(line.text)
            {
                (said, has_sep_line) = (Some(delimiter), true);
                continue;
            }
            n_bytes += line.text.len();
            sample.push((line.text.to_owned(), line.end.to_owned()));
            if sample.len() == SAMPLE_LINES || n_bytes > SAMPLE_BYTES {
                break;
            }
        }
        let delimiter = asked.or(said).or_else(|| delimiter_of(&sample));
        Ok(Self { delimiter, has_sep_line })
    }
}

fn sep_line(line: &str) -> Option<u8> {
    let line = line.trim().trim_matches('"');
    match line.as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Some(*delimiter),
        _ if line.eq_ignore_ascii_case("sep=") => Some(b'\t'),
        _ => None,
    }
}

/// The delimiter that gives most records the same number of cells; none where each line is one number.
fn delimiter_of(sample: &[(String, String)]) -> Option<u8> {
    let n_lines = sample.iter().filter(|(line, _)| !line.is_empty()).count();
    let n_numbers = sample.iter().filter(|(line, _)| Reading::of_text(line, true).is_like_a_number()).count();
    if n_numbers * 2 > n_lines {
        return None;
    }
    let mut best = (0, None);
    for delimiter in DELIMITERS {
        let widths = widths(sample, delimiter);
        let n_wide = widths.iter().filter(|&&width| width > 1).count();
        let same = |width: usize| widths.iter().filter(|&&other| other == width).count();
        let n_same = widths.iter().filter(|&&width| width > 1).map(|&width| same(width)).max().unwrap_or(0);
        if n_wide + n_same > best.0 {
            best = (n_wide + n_same, Some(delimiter));
        }
    }
    let is_quoted = sample.iter().any(|(line, _)| line.starts_with('"'));
    best.1.or(is_quoted.then_some(b','))
}

fn widths(sample: &[(String, String)], delimiter: u8) -> Vec<usize> {
    let (mut splitter, mut record, mut widths) = (Splitter::default(), StringRecord::new(), Vec::new());
    for (line, end) in sample {
        if !splitter.is_open && line.is_empty() {
            continue;
        }
        if splitter.feed(line, end, delimiter, &mut record) {
            widths.push(record.len());
            record.clear();
        }
    }
    widths
}

// === impl TextRecords ===

impl TextRecords {
    pub(super) fn new(source: &Source, encoding: Encoding, dialect: Dialect) -> Result<Self, ReadError> {
        let mut lines = Lines::new(source.open()?, encoding);
        if dialect.has_sep_line {
            lines.next_line()?;
        }
        Ok(Self { lines, delimiter: dialect.delimiter, splitter: Splitter::default() })
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    /// The next record, with the line where it begins.
    pub(super) fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if !matches!(row.content, Content::Text(_)) {
            row.content = Content::default();
        }
        let Content::Text(record) = &mut row.content else { return Ok(false) };
        record.clear();
        while let Some(line) = self.lines.next_line()? {
            if !self.splitter.is_open {
                if line.text.is_empty() {
                    continue;
                }
                row.place = line.number;
            }
            let Some(delimiter) = self.delimiter else {
                record.push_field(line.text);
                return Ok(true);
            };
            if self.splitter.feed(line.text, line.end, delimiter, record) {
                return Ok(true);
            }
            if self.splitter.field.len() + record.as_slice().len() > MAX_RECORD {
                return Err(ReadError::TooLong { line: row.place, limit: MAX_RECORD });
            }
        }
        if self.splitter.is_open {
            return Err(ReadError::OpenQuote { line: row.place });
        }
        Ok(false)
    }
}

// === impl Splitter ===

impl Splitter {
    /// Takes a line apart; false where its end is inside quotes, so that the next line belongs to the same record.
    ///
    /// A quote counts at the beginning of a cell only. Inside, two of them are one. What follows a closing quote up to
    /// the delimiter belongs to the cell.
    fn feed(&mut self, line: &str, end: &str, delimiter: u8, record: &mut StringRecord) -> bool {
        let mut rest = line;
        loop {
            if !self.is_open {
                let Some(quoted) = rest.strip_prefix('"') else {
                    let Some(at) = memchr::memchr(delimiter, rest.as_bytes()) else {
                        record.push_field(rest);
                        return true;
                    };
                    record.push_field(&rest[..at]);
                    rest = &rest[at + 1..];
                    continue;
                };
                rest = quoted;
                self.is_open = true;
                self.field.clear();
            }
            let Some(after) = self.quoted(rest) else {
                self.field.push_str(end);
                return false;
            };
            self.is_open = false;
            let at = memchr::memchr(delimiter, after.as_bytes());
            self.field.push_str(&after[..at.unwrap_or(after.len())]);
            record.push_field(&self.field);
            match at {
                Some(at) => rest = &after[at + 1..],
                None => return true,
            }
        }
    }

    /// Reads up to the closing quote, and gives what follows it.
    fn quoted<'a>(&mut self, mut rest: &'a str) -> Option<&'a str> {
        loop {
            let Some(at) = memchr::memchr(b'"', rest.as_bytes()) else {
                self.field.push_str(rest);
                return None;
            };
            self.field.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let Some(next) = after.strip_prefix('"') else { return Some(after) };
            self.field.push('"');
            rest = next;
        }
    }
}
