//! A workbook that is there already, with the result columns added to one of its sheets.
//!
//! Every other part of it is copied as it is, packed; of the sheet, everything but the rows that get cells is copied
//! event by event. So formulas, looks, other sheets, charts and whatever else there is survive untouched, and no more
//! than a row is ever in memory. A sheet without a header gets none: a new row would move every formula.
//! Left out: tables and filters of the sheet, which end where they ended; the results stand to the right of them.

mod element;
mod survey;

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek as _, SeekFrom, Write as _};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

use super::error::WriteError;
use super::output::Output;
use super::xml::{self, Letters, MAX_COLUMNS, Place, RESULT_WIDTHS};
use super::{Sink, into_output};
use crate::columns::free_names;
use crate::read::Bytes;
use crate::{Input, Lang, N_COLUMNS, ResultCells, Row};
use element::{Cells, Element};
use survey::Survey;

/// What is gathered before it is packed.
const CHUNK: usize = 1 << 16;

/// The part that only a workbook with macros has.
const MACROS: &str = "xl/vbaProject.bin";

pub(super) struct Patch {
    archive: ZipArchive<Box<dyn Bytes>>,
    /// The place of the sheet among the parts.
    sheet: usize,
    /// The sheet, unpacked.
    reader: Reader<BufReader<File>>,
    event: Vec<u8>,
    zip: ZipWriter<BufWriter<Output>>,
    xml: String,
    survey: Survey,
    header_place: Option<u64>,
    names: [String; N_COLUMNS],
    /// The last row that was seen, from 1.
    row: u64,
    depth: usize,
    is_in_rows: bool,
    has_widths: bool,
}

/// Where copying stopped.
enum Stop {
    /// The row that was looked for was written.
    Row,
    /// There is nothing more.
    End,
}

// === impl Patch ===

impl Patch {
    pub(super) fn begin(
        out: Output,
        input: &Input,
        entry: &str,
        lang: Lang,
        may_hold_macros: bool,
    ) -> Result<Self, WriteError> {
        let shape = input.shape();
        let mut archive = ZipArchive::new(input.content()?)?;
        match (position(&archive, MACROS).is_some(), may_hold_macros) {
            (true, false) => return Err(WriteError::Macros),
            (false, true) => return Err(WriteError::NoMacros),
            _ => {}
        }
        let sheet = position(&archive, entry).ok_or_else(|| WriteError::sheet("it is not in the workbook"))?;
        // Beside the output, because there is room for it or for nothing.
        let mut unpacked = match out.folder() {
            Some(folder) => tempfile::tempfile_in(folder)?,
            None => tempfile::tempfile()?,
        };
        let first_row = shape.header_place.unwrap_or(1);
        let survey = survey::unpack(archive.by_index(sheet)?, &mut unpacked, first_row)?;
        let n_columns = survey.start + N_COLUMNS;
        if n_columns > MAX_COLUMNS {
            return Err(WriteError::TooManyColumns { n_columns });
        }
        unpacked.seek(SeekFrom::Start(0))?;
        let mut patch = Self {
            zip: ZipWriter::new(BufWriter::with_capacity(CHUNK, out)),
            reader: Reader::from_reader(BufReader::with_capacity(CHUNK, unpacked)),
            names: free_names(lang, shape.header.iter().flatten().map(String::as_str)),
            header_place: shape.header_place,
            event: Vec::new(),
            xml: String::new(),
            row: 0,
            depth: 0,
            is_in_rows: false,
            has_widths: false,
            archive,
            sheet,
            survey,
        };
        for part in 0..sheet {
            patch.copy_part(part)?;
        }
        patch.start_sheet()?;
        Ok(patch)
    }

    fn copy_part(&mut self, part: usize) -> Result<(), WriteError> {
        self.zip.raw_copy_file(self.archive.by_index_raw(part)?)?;
        Ok(())
    }

    fn start_sheet(&mut self) -> Result<(), WriteError> {
        let entry = self.archive.by_index_raw(self.sheet)?;
        let mut options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(entry.last_modified().unwrap_or_default());
        if let Some(mode) = entry.unix_mode() {
            options = options.unix_permissions(mode);
        }
        let name = entry.name()?.into_owned();
        drop(entry);
        self.zip.start_file(name, options)?;
        Ok(())
    }

    /// Copies up to a row and that row, with `results` behind its cells; to the end if there is no such row.
    fn copy_to(&mut self, row: Option<u64>, results: &ResultCells) -> Result<Stop, WriteError> {
        loop {
            let mut buffer = std::mem::take(&mut self.event);
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer).map_err(WriteError::sheet)?;
            let stop = self.copy_event(&event, row, results);
            drop(event);
            self.event = buffer;
            if self.xml.len() >= CHUNK {
                self.write()?;
            }
            if let Some(stop) = stop? {
                return Ok(stop);
            }
        }
    }

    fn copy_event(
        &mut self,
        event: &Event<'_>,
        wanted: Option<u64>,
        results: &ResultCells,
    ) -> Result<Option<Stop>, WriteError> {
        match event {
            Event::Eof => return Ok(Some(Stop::End)),
            Event::Start(start) | Event::Empty(start) => {
                let is_empty = matches!(event, Event::Empty(_));
                match (self.depth, start.local_name().as_ref()) {
                    (2, "row") if self.is_in_rows => return self.copy_row(start, is_empty, wanted, results),
                    (1, "dimension") => {
                        self.push_dimension(start, is_empty);
                        self.depth += usize::from(!is_empty);
                        return Ok(None);
                    }
                    (1, "cols") if !is_empty => return self.copy_widths(start).map(|()| None),
                    (1, "cols") => return Ok(None),
                    (1, "sheetData") => {
                        if !self.has_widths {
                            let Element { prefix, .. } = Element::of(start);
                            xml::push(&mut self.xml, format_args!("<{prefix}cols>"));
                            self.push_widths(prefix);
                            xml::push(&mut self.xml, format_args!("</{prefix}cols>"));
                        }
                        self.is_in_rows = !is_empty;
                    }
                    _ => {}
                }
                self.depth += usize::from(!is_empty);
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.is_in_rows &= self.depth > 1;
            }
            _ => {}
        }
        element::push_event(&mut self.xml, event);
        Ok(None)
    }

    fn copy_row(
        &mut self,
        start: &BytesStart<'_>,
        is_empty: bool,
        wanted: Option<u64>,
        results: &ResultCells,
    ) -> Result<Option<Stop>, WriteError> {
        let row = element::row_number(start, self.row).ok_or_else(|| WriteError::sheet("a row has a bad number"))?;
        self.row = row;
        let is_wanted = wanted == Some(row);
        if !is_wanted && self.header_place != Some(row) {
            // Everything in it comes by itself.
            element::push_start(&mut self.xml, start, is_empty, None);
            self.depth += usize::from(!is_empty);
            return Ok(None);
        }
        let Element { prefix, .. } = Element::of(start);
        let place = Place { prefix, row, column: self.survey.start, style: None };
        let mut added = String::new();
        if is_wanted {
            push_cells(&mut added, place, results.iter());
        } else {
            let style = self.survey.header_style.as_deref();
            push_cells(&mut added, Place { style, ..place }, self.names.iter().map(String::as_str));
        }
        // What it says of the row's width is not true any more, and need not be said.
        element::push_start(&mut self.xml, start, false, Some("spans"));
        if is_empty {
            self.xml.push_str(&added);
        } else {
            self.copy_cells(&added)?;
        }
        xml::push(&mut self.xml, format_args!("</{}>", start.name().as_ref()));
        Ok(is_wanted.then_some(Stop::Row))
    }

    /// Copies what is in a row, and puts the added cells where they belong among the others.
    fn copy_cells(&mut self, added: &str) -> Result<(), WriteError> {
        let ours = self.survey.start..self.survey.start + N_COLUMNS;
        let (mut cells, mut buffer, mut depth, mut is_added) = (Cells::default(), Vec::new(), 0_usize, false);
        loop {
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer).map_err(WriteError::sheet)?;
            let mut is_ours = false;
            match &event {
                Event::Start(start) | Event::Empty(start) => {
                    if depth == 0 {
                        let column = (start.local_name().as_ref() == "c").then(|| cells.column(start));
                        if !is_added && column.is_none_or(|column| column >= ours.start) {
                            self.xml.push_str(added);
                            is_added = true;
                        }
                        // The survey saw that there is nothing in it but a look.
                        is_ours = column.is_some_and(|column| ours.contains(&column));
                    }
                    if matches!(event, Event::Start(_)) {
                        depth += 1;
                        if is_ours {
                            let end = start.to_end().into_owned();
                            self.reader.read_to_end_into(end.name(), &mut Vec::new()).map_err(WriteError::sheet)?;
                            depth -= 1;
                        }
                    }
                }
                Event::End(_) if depth == 0 => {
                    if !is_added {
                        self.xml.push_str(added);
                    }
                    return Ok(());
                }
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(WriteError::sheet("a row does not end")),
                _ => {}
            }
            if !is_ours {
                element::push_event(&mut self.xml, &event);
            }
        }
    }

    fn push_dimension(&mut self, start: &BytesStart<'_>, is_empty: bool) {
        let ours = self.survey.start + N_COLUMNS - 1;
        let widened = element::attribute(start, "ref").and_then(|range| {
            let (first, last) = range.split_once(':').unwrap_or((&range, &range));
            let (column, row) = xml::parse_place(last)?;
            Some(format!("{first}:{}{row}", Letters(column.max(ours))))
        });
        match widened {
            Some(range) => element::push_with(&mut self.xml, start, is_empty, "ref", &range),
            None => element::push_start(&mut self.xml, start, is_empty, None),
        }
    }

    /// Copies the widths of columns, with ours among them: two that speak of one column make a workbook unreadable.
    fn copy_widths(&mut self, start: &BytesStart<'_>) -> Result<(), WriteError> {
        // Counted from 1 here.
        let (first, last) = (self.survey.start + 1, self.survey.start + N_COLUMNS);
        let prefix = Element::of(start).prefix;
        element::push_start(&mut self.xml, start, false, None);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer).map_err(WriteError::sheet)?;
            match &event {
                Event::Start(column) | Event::Empty(column) => {
                    let bound = |name| element::attribute(column, name)?.parse::<usize>().ok();
                    let bounds = bound("min").zip(bound("max"));
                    let (min, max) = bounds.ok_or_else(|| WriteError::sheet("a column has no bounds"))?;
                    if min < first {
                        element::push_bounds(&mut self.xml, column, min, max.min(first - 1));
                    }
                    if max > last {
                        if !self.has_widths {
                            self.push_widths(prefix);
                        }
                        element::push_bounds(&mut self.xml, column, min.max(last + 1), max);
                    }
                    if matches!(event, Event::Start(_)) {
                        let end = column.to_end().into_owned();
                        self.reader.read_to_end_into(end.name(), &mut Vec::new()).map_err(WriteError::sheet)?;
                    }
                }
                Event::End(end) => {
                    if !self.has_widths {
                        self.push_widths(prefix);
                    }
                    xml::push(&mut self.xml, format_args!("</{}>", end.name().as_ref()));
                    return Ok(());
                }
                Event::Eof => return Err(WriteError::sheet("the columns do not end")),
                other => element::push_event(&mut self.xml, other),
            }
        }
    }

    fn push_widths(&mut self, prefix: &str) {
        self.has_widths = true;
        for (column, width) in (self.survey.start + 1..).zip(RESULT_WIDTHS) {
            xml::push(
                &mut self.xml,
                format_args!(r#"<{prefix}col min="{column}" max="{column}" width="{width}" customWidth="1"/>"#),
            );
        }
    }

    fn write(&mut self) -> Result<(), WriteError> {
        self.zip.write_all(self.xml.as_bytes())?;
        self.xml.clear();
        Ok(())
    }
}

impl Sink for Patch {
    fn row(&mut self, row: &Row, results: &ResultCells) -> Result<(), WriteError> {
        match self.copy_to(Some(row.place), results)? {
            Stop::Row => Ok(()),
            Stop::End => Err(WriteError::sheet(format!("row {} is not there any more", row.place))),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Output, WriteError> {
        while !matches!(self.copy_to(None, &ResultCells::default())?, Stop::End) {}
        self.write()?;
        for part in self.sheet + 1..self.archive.len() {
            self.copy_part(part)?;
        }
        into_output(self.zip.finish()?)
    }
}

/// Where a part stands. Some programs write the separators of their own system into its name.
fn position(archive: &ZipArchive<Box<dyn Bytes>>, part: &str) -> Option<usize> {
    archive.file_names_raw().position(|name| String::from_utf8_lossy(name).replace('\\', "/") == part)
}

fn push_cells<'a>(xml: &mut String, place: Place<'_>, texts: impl Iterator<Item = &'a str>) {
    for (column, text) in (place.column..).zip(texts) {
        if !text.is_empty() {
            xml::push_text(xml, Place { column, ..place }, text);
        }
    }
}
