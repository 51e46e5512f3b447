//! The index's file: which sections it has, and which rows it belongs to.
//!
//! It is bound to a file of rows by that file's hash, because what it holds are places in it.
//! Left out: its outer form, and what sections hold.

use std::fs::File;
use std::io;
use std::path::Path;

use super::error::NamesError;
use crate::container::{self, FIELDS, HASH, Kind, Unusable};

/// The format is raised by every change of how names are folded, too.
const KIND: Kind = Kind { magic: b"chq\0name", format: 1, otherwise: "it is no index of names" };

/// The sections of one part. The file holds two parts: persons, then legal entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// The words one after the other, in the order of the alphabet.
    Text,
    /// Where each of them ends.
    Ends,
    /// The number of each: the more frequent, the smaller.
    Numbers,
    /// Its place in the alphabet, by number.
    Places,
    /// What rules out most pairs when looking for typos, by place.
    Masks,
    /// Where the list of each begins and how long it is, by number.
    Lists,
    /// The lists of entries.
    Postings,
    /// The names, each as the numbers of its words.
    Names,
    /// Where each eighth of them begins.
    Blocks,
    /// Whose name it is.
    Keys,
    /// In which state they are, as a place in the next one.
    States,
    /// The states there are.
    Kinds,
    /// How entries are ordered.
    Buckets,
}

const N_SECTIONS: usize = 13;
/// Persons, then legal entities.
pub(crate) const N_PARTS: usize = 2;
const N_ENTRIES: usize = N_SECTIONS * N_PARTS;

/// What the header says.
#[derive(Debug, Clone)]
pub(crate) struct Header(container::Header<N_ENTRIES>);

/// Writes a file, section by section.
pub(crate) struct Writer(container::Writer<N_ENTRIES>);

fn entry(part: usize, section: Section) -> usize {
    part * N_SECTIONS + section as usize
}

#[cfg(test)]
impl Section {
    pub(crate) const ALL: [Self; N_SECTIONS] = [
        Self::Text,
        Self::Ends,
        Self::Numbers,
        Self::Places,
        Self::Masks,
        Self::Lists,
        Self::Postings,
        Self::Names,
        Self::Blocks,
        Self::Keys,
        Self::States,
        Self::Kinds,
        Self::Buckets,
    ];
}

// === impl Header ===

impl Header {
    /// Reads the header of a file's bytes, and checks that the sections fill the rest of it.
    ///
    /// `None` if it is an index, but of other rows or of another version.
    pub(crate) fn read(path: &Path, bytes: &[u8], bound: &[u8; HASH]) -> Result<Option<Self>, NamesError> {
        match container::Header::read(KIND, bytes) {
            Ok(outer) if outer.fields.starts_with(bound) => Ok(Some(Self(outer))),
            Ok(_) | Err(Unusable::Format { .. }) => Ok(None),
            Err(Unusable::Damaged(what)) => Err(NamesError::damaged(path, what)),
        }
    }

    /// Stands for the whole file: it changes when any byte does.
    pub(crate) fn hash(&self) -> &[u8; HASH] {
        &self.0.hash
    }

    /// A section of the bytes the header was read against.
    pub(crate) fn section<'a>(&self, bytes: &'a [u8], part: usize, section: Section) -> &'a [u8] {
        &bytes[self.0.section(entry(part, section))]
    }

    /// Reads every byte and compares.
    pub(crate) fn check(&self, path: &Path, bytes: &[u8]) -> Result<(), NamesError> {
        self.0.check(bytes).map_err(|what| NamesError::damaged(path, what))
    }
}

// === impl Writer ===

impl Writer {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        container::Writer::new(file).map(Self)
    }

    /// Adds to the section that is being written.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.put(bytes)
    }

    /// Ends a section: it is what was put since the last one ended.
    pub(crate) fn end(&mut self, part: usize, section: Section) -> io::Result<()> {
        self.0.end(entry(part, section))
    }

    /// Waits until everything is on the disk.
    pub(crate) fn finish(self, bound: &[u8; HASH]) -> io::Result<()> {
        let mut fields = [0; FIELDS];
        fields[..HASH].copy_from_slice(bound);
        self.0.finish(KIND, &fields).map(drop)
    }
}
