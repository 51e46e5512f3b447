//! The file of rows: which sections it has, and what it says of itself.
//!
//! Left out: its outer form, and what sections hold.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use crate::container::{self, FIELDS, HASH, Kind, array};
use crate::edition::Edition;
use crate::error::PadronError;

const KIND: Kind = Kind { magic: b"chq\0rows", format: 1, otherwise: "it is no file of a registry" };
const ROWS: Range<usize> = Edition::BYTES..Edition::BYTES + 8;

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

/// What the header says.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) edition: Edition,
    /// Rows in the file, those kept apart included.
    pub(crate) n_rows: u64,
    outer: container::Header<N_SECTIONS>,
}

/// Writes a file, section by section.
pub(crate) struct Writer(container::Writer<N_SECTIONS>);

// === impl Header ===

impl Header {
    /// Reads the header of a file's bytes, and checks that the sections fill the rest of it.
    pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Self, PadronError> {
        let outer = container::Header::read(KIND, bytes).map_err(PadronError::unusable(path))?;
        let edition = Edition::from_bytes(&array(&outer.fields[..Edition::BYTES]));
        let edition = edition.ok_or_else(|| PadronError::damaged(path, "its edition has no name"))?;
        Ok(Self { edition, n_rows: u64::from_le_bytes(array(&outer.fields[ROWS])), outer })
    }

    /// Stands for the whole file: it changes when any byte does.
    pub(crate) fn hash(&self) -> &[u8; HASH] {
        &self.outer.hash
    }

    /// Where a section lies.
    pub(crate) fn section(&self, section: Section) -> Range<usize> {
        self.outer.section(section as usize)
    }

    /// Reads every byte and compares.
    pub(crate) fn check(&self, path: &Path, bytes: &[u8]) -> Result<(), PadronError> {
        self.outer.check(bytes).map_err(|what| PadronError::damaged(path, what))
    }
}

// === impl Writer ===

impl Writer {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        container::Writer::new(File::create_new(path)?).map(Self)
    }

    /// Adds to the section that is being written.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.put(bytes)
    }

    /// Ends a section: it is what was put since the last one ended.
    pub(crate) fn end(&mut self, section: Section) -> io::Result<()> {
        self.0.end(section as usize)
    }

    /// Waits until everything is on the disk, and says how long the file is.
    pub(crate) fn finish(self, edition: Edition, n_rows: u64) -> io::Result<u64> {
        let mut fields = [0; FIELDS];
        fields[..Edition::BYTES].copy_from_slice(&edition.to_bytes());
        fields[ROWS].copy_from_slice(&n_rows.to_le_bytes());
        self.0.finish(KIND, &fields)
    }
}
