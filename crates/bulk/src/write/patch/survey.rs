//! A sheet, gone through once before anything is added to it.
//!
//! Where the new columns go depends on its widest row, and a sheet that is damaged says so before anything was asked.
//! It is unpacked on the way, because a part of an archive cannot be held open beside the archive.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::read::ZipFile;

use super::element::{self, Cells};
use crate::write::error::WriteError;

/// What must be known before.
#[derive(Default)]
pub(super) struct Survey {
    /// The first column, from 0, from which on no row of the table holds anything.
    pub(super) start: usize,
    /// What the last cell of the header looks like.
    pub(super) header_style: Option<String>,
    row: u64,
    is_in_rows: bool,
    cells: Cells,
    /// The cell that is open: its column, and its look.
    cell: Option<(usize, Option<String>)>,
}

/// Unpacks a sheet into a file. Rows above `first_row`, the header, have no say in where the table ends.
pub(super) fn unpack<R: Read>(
    sheet: ZipFile<'_, R>,
    unpacked: &mut File,
    first_row: u64,
) -> Result<Survey, WriteError> {
    let (size, file) = (sheet.size(), BufWriter::with_capacity(1 << 16, unpacked));
    // A part that holds more than it declares is made to do harm.
    let tee = Tee { from: sheet.take(size.saturating_add(1)), to: file, n_bytes: 0, failure: None };
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, tee));
    let (mut survey, mut buffer, mut depth) = (Survey::default(), Vec::new(), 0_usize);
    let outcome = loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break Ok(()),
            Ok(event) => {
                if let Err(error) = survey.see(&event, &mut depth, first_row) {
                    break Err(error);
                }
            }
            Err(error) => break Err(WriteError::sheet(error)),
        }
    };
    let mut tee = reader.into_inner().into_inner();
    // A full disk shows as a sheet that cannot be read, and must not be called one.
    if let Some(error) = tee.failure {
        return Err(error.into());
    }
    outcome?;
    if tee.n_bytes > size || depth > 0 {
        return Err(WriteError::sheet("it is not as long as the workbook says"));
    }
    tee.to.flush()?;
    Ok(survey)
}

// === impl Survey ===

impl Survey {
    fn see(&mut self, event: &Event<'_>, depth: &mut usize, first_row: u64) -> Result<(), WriteError> {
        match event {
            Event::Start(start) => {
                self.open(start, *depth, first_row)?;
                *depth += 1;
            }
            Event::Empty(start) => {
                self.open(start, *depth, first_row)?;
                self.close(*depth);
            }
            Event::End(_) => {
                *depth = depth.saturating_sub(1);
                self.close(*depth);
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, start: &BytesStart<'_>, depth: usize, first_row: u64) -> Result<(), WriteError> {
        match (depth, start.local_name().as_ref()) {
            (1, "sheetData") => self.is_in_rows = true,
            (2, "row") if self.is_in_rows => {
                let number = element::row_number(start, self.row);
                self.row = number.ok_or_else(|| WriteError::sheet("a row has a bad number"))?;
                self.cells = Cells::default();
            }
            (3, "c") if self.is_in_rows => {
                let style = (self.row == first_row).then(|| element::attribute(start, "s").map(Into::into)).flatten();
                self.cell = Some((self.cells.column(start), style));
            }
            // A cell that holds nothing but a look may be written over.
            (4, _) if self.row >= first_row => {
                if let Some((column, style)) = self.cell.take() {
                    self.start = self.start.max(column + 1);
                    if self.row == first_row {
                        self.header_style = style;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, depth: usize) {
        match depth {
            1 => self.is_in_rows = false,
            3 => self.cell = None,
            _ => {}
        }
    }
}

/// Reads, and writes down what it read.
struct Tee<R, W> {
    from: R,
    to: W,
    n_bytes: u64,
    failure: Option<io::Error>,
}

impl<R: Read, W: io::Write> Read for Tee<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.from.read(buffer)?;
        self.n_bytes += n_bytes as u64;
        if let Err(error) = self.to.write_all(&buffer[..n_bytes]) {
            let kind = error.kind();
            self.failure = Some(error);
            return Err(kind.into());
        }
        Ok(n_bytes)
    }
}
