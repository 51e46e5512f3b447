//! The file's outer form: a header, then sections, every byte under a checksum.
//!
//! The header says where each section lies and what it hashes to, and ends with its own hash. Sections follow each
//! other without a gap that is not hashed, so a changed byte is found wherever it is.
//! Left out: what sections hold.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use crate::edition::Edition;
use crate::error::PadronError;

const MAGIC: &[u8; 8] = b"chq\0rows";
/// Raised by every change of what the bytes mean.
const FORMAT: u32 = 1;
const HEADER: usize = 4096;
const HASH: usize = 32;
/// Sections begin where a line of the processor's cache does.
const ALIGN: usize = 64;
const EDITION: Range<usize> = 16..48;
const ROWS: Range<usize> = 48..56;
const TABLE: usize = 64;
const ENTRY: usize = 16 + HASH;

/// The sections, in the order of the header's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Members,
    Offsets,
    Records,
    Shapes,
    Words,
    Apart,
}

const N_SECTIONS: usize = 6;

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    offset: u64,
    length: u64,
    hash: [u8; HASH],
}

/// What the header says.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) edition: Edition,
    /// Rows in the file, those kept apart included.
    pub(crate) n_rows: u64,
    /// Stands for the whole file: it changes when any byte does.
    pub(crate) hash: [u8; HASH],
    sections: [Entry; N_SECTIONS],
}

/// Writes a file, section by section.
pub(crate) struct Writer {
    file: BufWriter<File>,
    /// Where the section begins that is being written, and where it is.
    start: u64,
    at: u64,
    hasher: blake3::Hasher,
    sections: [Entry; N_SECTIONS],
}

// === impl Header ===

impl Header {
    /// Reads the header of a file's bytes, and checks that the sections fill the rest of it.
    pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Self, PadronError> {
        let damaged = |what: &str| PadronError::damaged(path, what);
        if !bytes.starts_with(MAGIC) {
            return Err(damaged("it is no file of a registry"));
        }
        let header: &[u8; HEADER] = bytes.first_chunk().ok_or_else(|| damaged("it is cut short"))?;
        let found = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
        if found != FORMAT {
            return Err(PadronError::Format { path: path.to_owned(), found, expected: FORMAT });
        }
        let (said, hash) = header.split_last_chunk::<HASH>().expect("a header is longer than a hash");
        if blake3::hash(said) != *hash {
            return Err(damaged("its header was changed"));
        }
        let name = std::str::from_utf8(&header[EDITION]).map_err(|_| damaged("its edition has no name"))?;
        let edition = name.trim_end_matches('\0').parse().map_err(|_| damaged("its edition has no name"))?;
        let number = |range: Range<usize>| {
            u64::from_le_bytes(header[range].try_into().expect("every range here has eight bytes"))
        };
        let mut sections = [Entry::default(); N_SECTIONS];
        for (index, section) in sections.iter_mut().enumerate() {
            let at = TABLE + index * ENTRY;
            section.offset = number(at..at + 8);
            section.length = number(at + 8..at + 16);
            section.hash.copy_from_slice(&header[at + 16..at + ENTRY]);
        }
        let mut in_order: Vec<&Entry> = sections.iter().collect();
        in_order.sort_unstable_by_key(|section| section.offset);
        let mut end = HEADER as u64;
        for section in in_order {
            if section.offset != end {
                return Err(damaged("its sections do not follow each other"));
            }
            end = section.padded_end().ok_or_else(|| damaged("a section has no end"))?;
        }
        if end != bytes.len() as u64 {
            return Err(damaged("it is longer or shorter than its header says"));
        }
        Ok(Self { edition, n_rows: number(ROWS), hash: *hash, sections })
    }

    /// Where a section lies. The header was read against the same bytes, so it lies inside them.
    pub(crate) fn section(&self, section: Section) -> Range<usize> {
        let Entry { offset, length, .. } = self.sections[section as usize];
        let place = |place: u64| usize::try_from(place).expect("a section lies inside the mapped bytes");
        place(offset)..place(offset + length)
    }

    /// Reads every byte and compares.
    pub(crate) fn check(&self, path: &Path, bytes: &[u8]) -> Result<(), PadronError> {
        for section in &self.sections {
            let start = usize::try_from(section.offset).ok();
            let end = section.padded_end().and_then(|end| usize::try_from(end).ok());
            let bytes = start.zip(end).and_then(|(start, end)| bytes.get(start..end));
            if bytes.is_none_or(|bytes| blake3::hash(bytes) != section.hash) {
                return Err(PadronError::damaged(path, "some of its bytes were changed"));
            }
        }
        Ok(())
    }
}

impl Entry {
    fn padded_end(&self) -> Option<u64> {
        self.offset.checked_add(self.length)?.checked_next_multiple_of(ALIGN as u64)
    }
}

// === impl Writer ===

impl Writer {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create_new(path)?);
        // The header is written last, so that a file that was not finished is no file of a registry.
        file.write_all(&[0; HEADER])?;
        let sections = [Entry::default(); N_SECTIONS];
        Ok(Self { file, start: HEADER as u64, at: HEADER as u64, hasher: blake3::Hasher::new(), sections })
    }

    /// Adds to the section that is being written.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Ends a section: it is what was put since the last one ended.
    pub(crate) fn end(&mut self, section: Section) -> io::Result<()> {
        let (offset, length) = (self.start, self.at - self.start);
        let padding = usize::try_from(self.at.next_multiple_of(ALIGN as u64) - self.at).expect("it is less than ALIGN");
        self.put(&[0; ALIGN][..padding])?;
        let hash = *self.hasher.finalize().as_bytes();
        self.hasher.reset();
        self.start = self.at;
        self.sections[section as usize] = Entry { offset, length, hash };
        Ok(())
    }

    /// Writes the header, and waits until everything is on the disk.
    pub(crate) fn finish(mut self, edition: Edition, n_rows: u64) -> io::Result<u64> {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        let name = edition.to_string();
        header[EDITION][..name.len()].copy_from_slice(name.as_bytes());
        header[ROWS].copy_from_slice(&n_rows.to_le_bytes());
        for (index, section) in self.sections.iter().enumerate() {
            let entry = &mut header[TABLE + index * ENTRY..][..ENTRY];
            entry[..8].copy_from_slice(&section.offset.to_le_bytes());
            entry[8..16].copy_from_slice(&section.length.to_le_bytes());
            entry[16..].copy_from_slice(&section.hash);
        }
        let (said, hash) = header.split_last_chunk_mut::<HASH>().expect("a header is longer than a hash");
        *hash = *blake3::hash(said).as_bytes();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(self.at)
    }
}
