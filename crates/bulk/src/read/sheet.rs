//! The rows of a sheet, one after the other.
//!
//! The cells are read here and not by a spreadsheet library, because those that exist believe what a workbook says of
//! its own size, give up on a whole sheet for one error value that they do not know, and can be stopped only by
//! leaving the process.
//! A formula is what it came to when the workbook was saved. A row without any filled cell is no row.
//! Left out: formats of cells, beyond which of them show a day.

use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use super::error::ReadError;
use super::package::Part;
use super::source::Source;
use super::workbook::Workbook;
use super::xml::{Xml, push_reference, unescaped};
use crate::{Cell, Content, Row};

const MAX_ROWS: u64 = 1_048_576;
const MAX_COLUMNS: usize = 16_384;

pub(super) struct SheetRecords {
    xml: Xml,
    workbook: Arc<Workbook>,
    row: u64,
    widest: usize,
    is_at_end: bool,
    text: String,
}

/// What a cell says of itself.
#[derive(Clone, Copy)]
struct Head {
    column: Option<usize>,
    style: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    /// The place of a text among those of the workbook.
    Shared,
    Text,
    Bool,
    Error,
}

// === impl SheetRecords ===

impl SheetRecords {
    pub(super) fn new(source: &Source, workbook: &Arc<Workbook>) -> Result<Self, ReadError> {
        let mut xml = Xml::new(Part::open(source, workbook.place)?);
        let is_at_end = loop {
            match xml.next()? {
                Event::Start(element) if element.local_name().as_ref() == "sheetData" => break false,
                Event::Eof => break true,
                _ => {}
            }
        };
        if is_at_end {
            return Err(ReadError::damaged("the sheet has no cells, not even none"));
        }
        let text = String::new();
        Ok(Self { xml, workbook: Arc::clone(workbook), row: 0, widest: 0, is_at_end, text })
    }

    /// Of a thousand.
    pub(super) fn progress(&self) -> u64 {
        self.xml.progress()
    }

    /// The last column in use so far, also where its cells are empty.
    pub(super) fn widest(&self) -> usize {
        self.widest
    }

    pub(super) fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if !matches!(row.content, Content::Sheet(_)) {
            row.content = Content::Sheet(Vec::new());
        }
        let Content::Sheet(cells) = &mut row.content else { return Ok(false) };
        cells.clear();
        while !self.is_at_end {
            let head = match self.xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "row" => {
                        self.row = row_of(&element).unwrap_or(self.row + 1);
                        cells.clear();
                        continue;
                    }
                    "c" => Head::of(&element)?,
                    _ => continue,
                },
                Event::End(element) => match element.local_name().as_ref() {
                    "row" if cells.iter().any(|cell| *cell != Cell::Empty) => {
                        row.place = self.row;
                        return Ok(true);
                    }
                    "sheetData" => {
                        self.is_at_end = true;
                        // What follows the cells is of no interest, but its checksum is.
                        self.xml.drain()?;
                        break;
                    }
                    _ => continue,
                },
                Event::Eof => return Err(ReadError::damaged("the sheet ends in its middle")),
                _ => continue,
            };
            let column = head.column.unwrap_or(cells.len());
            if self.row == 0 || self.row > MAX_ROWS || column >= MAX_COLUMNS {
                return Err(ReadError::damaged("a cell is outside of any sheet"));
            }
            let cell = self.cell(head)?;
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            cells[column] = cell;
            self.widest = self.widest.max(cells.len());
        }
        Ok(false)
    }

    fn cell(&mut self, head: Head) -> Result<Cell, ReadError> {
        self.text.clear();
        let (mut is_text, mut is_reading) = (false, false);
        loop {
            match self.xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "v" => is_text = true,
                    "t" => is_text = !is_reading,
                    "rPh" => is_reading = true,
                    _ => {}
                },
                Event::Text(piece) if is_text => self.text.push_str(&piece.xml10_content()),
                Event::CData(piece) if is_text => self.text.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) if is_text => push_reference(&reference, &mut self.text),
                Event::End(element) => match element.local_name().as_ref() {
                    "v" | "t" => is_text = false,
                    "rPh" => is_reading = false,
                    "c" => return self.value(head),
                    _ => {}
                },
                Event::Eof => return Err(ReadError::damaged("the sheet ends in a cell")),
                _ => {}
            }
        }
    }

    fn value(&self, head: Head) -> Result<Cell, ReadError> {
        let text = self.text.as_str();
        let of_text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
        Ok(match head.kind {
            _ if text.is_empty() => Cell::Empty,
            Kind::Shared => {
                let place = text.trim().parse().ok();
                let shared = place.and_then(|place| self.workbook.texts.get(place));
                of_text(shared.ok_or_else(|| ReadError::damaged("the text of a cell is not there"))?)
            }
            Kind::Text if text.contains("_x") => of_text(&unescaped(text)),
            Kind::Text => of_text(text),
            Kind::Bool => Cell::Bool(matches!(text.trim(), "1" | "true" | "TRUE")),
            Kind::Error => Cell::Error(text.into()),
            Kind::Number => match text.trim().parse::<f64>() {
                Ok(number) if self.workbook.days.get(head.style).copied().unwrap_or(false) => Cell::DateTime(number),
                Ok(number) => Cell::Number(number),
                Err(_) => of_text(text),
            },
        })
    }
}

fn row_of(element: &BytesStart<'_>) -> Option<u64> {
    let mut attributes = element.attributes();
    let row = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == "r")?;
    row.value.trim().parse().ok()
}

// === impl Head ===

impl Head {
    fn of(element: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut head = Self { column: None, style: 0, kind: Kind::Number };
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(ReadError::damaged)?;
            match attribute.key.as_ref() {
                "r" => head.column = column_of(&attribute.value),
                "s" => head.style = attribute.value.parse().unwrap_or(0),
                "t" => {
                    head.kind = match attribute.value.as_ref() {
                        "s" => Kind::Shared,
                        "n" => Kind::Number,
                        "b" => Kind::Bool,
                        "e" => Kind::Error,
                        // Texts of formulas, texts in place, days in ISO format.
                        _ => Kind::Text,
                    }
                }
                _ => {}
            }
        }
        Ok(head)
    }
}

/// The column of `AB12`, from 0; beyond all columns where there are too many letters.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let column =
        letters.take(4).fold(0, |column, letter| column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    column.checked_sub(1)
}
