//! Rows that have no place of their own, kept as the lines they were.
//!
//! A few numbers have another prefix or a wrong check digit, and a number may stand in the text more than once: the
//! last row counts, the others are kept here. They are found by the text of their number.
//! Left out: rows that count.

use crate::corrupt::{APART, Corrupt, take};
use crate::row::Row;

/// Digits of a number, as text.
pub(crate) const NUMBER: usize = 11;
/// A number, a byte of nothing, and where the line begins.
const ENTRY: usize = 16;

/// The lines kept apart, ordered by number, then by their place in the text.
#[derive(Clone, Copy)]
pub(crate) struct Apart<'a> {
    entries: &'a [[u8; ENTRY]],
    lines: &'a [u8],
}

impl<'a> Apart<'a> {
    pub(crate) fn read(mut section: &'a [u8]) -> Result<Self, Corrupt> {
        let n_lines = take(&mut section, 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
        let n_entries = n_lines.and_then(|n_lines| (n_lines as usize).checked_mul(ENTRY)).ok_or(APART)?;
        let entries = take(&mut section, n_entries).ok_or(APART)?;
        Ok(Self { entries: entries.as_chunks().0, lines: section })
    }

    /// Reads one of the lines into `row`, and says whether there is one.
    pub(crate) fn get(&self, place: usize, row: &mut Row) -> Result<bool, Corrupt> {
        let Some(entry) = self.entries.get(place) else {
            return Ok(false);
        };
        let end = self.entries.get(place + 1).map_or(self.lines.len(), start);
        let line = self.lines.get(start(entry)..end).ok_or(APART)?;
        *row = Row::parse(line).map_err(|_| APART)?;
        Ok(true)
    }

    /// Adds every line with that number.
    pub(crate) fn find(&self, number: &[u8], rows: &mut Vec<Row>) -> Result<(), Corrupt> {
        let first = self.entries.partition_point(|entry| &entry[..NUMBER] < number);
        let with_number = self.entries[first..].iter().take_while(|entry| &entry[..NUMBER] == number);
        for place in first..first + with_number.count() {
            let mut row = Row::new();
            self.get(place, &mut row)?;
            rows.push(row);
        }
        Ok(())
    }
}

fn start(entry: &[u8; ENTRY]) -> usize {
    u32::from_le_bytes([entry[12], entry[13], entry[14], entry[15]]) as usize
}

fn position(position: usize) -> [u8; 4] {
    u32::try_from(position).expect("an import refuses a text with so many odd rows").to_le_bytes()
}

/// The section that [`Apart::read`] reads, of lines in their order, all of which begin with a number.
pub(crate) fn write(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut section = Vec::with_capacity(4 + lines.iter().map(|line| line.len() + ENTRY).sum::<usize>());
    section.extend(position(lines.len()));
    let mut start = 0;
    for line in lines {
        section.extend_from_slice(&line[..NUMBER]);
        section.push(0);
        section.extend(position(start));
        start += line.len();
    }
    for line in lines {
        section.extend_from_slice(line);
    }
    section
}
