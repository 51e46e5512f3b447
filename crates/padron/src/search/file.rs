//! The outer form of the index's file: a header, then sections, every byte under a checksum.
//!
//! It is built like the file of rows, and bound to one by that file's hash, because what it holds are places in it.
//! Left out: what sections hold.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;

use super::error::NamesError;

const MAGIC: &[u8; 8] = b"chq\0name";
/// Raised by every change of what the bytes mean, of how names are folded too.
const FORMAT: u32 = 1;
const HEADER: usize = 4096;
pub(crate) const HASH: usize = 32;
/// Sections begin where a line of the processor's cache does.
const ALIGN: usize = 64;
/// The hash of the rows' file.
const BOUND: Range<usize> = 16..16 + HASH;
const TABLE: usize = 64;
const ENTRY: usize = 16 + HASH;

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

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    offset: u64,
    length: u64,
    hash: [u8; HASH],
}

/// What the header says.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Stands for the whole file: it changes when any byte does.
    pub(crate) hash: [u8; HASH],
    sections: [Entry; N_ENTRIES],
}

/// Writes a file, section by section.
pub(crate) struct Writer {
    file: BufWriter<File>,
    start: u64,
    at: u64,
    hasher: blake3::Hasher,
    sections: [Entry; N_ENTRIES],
}

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
        let damaged = |what: &str| NamesError::damaged(path, what);
        if !bytes.starts_with(MAGIC) {
            return Err(damaged("it is no index of names"));
        }
        let header: &[u8; HEADER] = bytes.first_chunk().ok_or_else(|| damaged("it is cut short"))?;
        let (said, hash) = header.split_last_chunk::<HASH>().expect("a header is longer than a hash");
        if blake3::hash(said) != *hash {
            return Err(damaged("its header was changed"));
        }
        if u32::from_le_bytes([header[8], header[9], header[10], header[11]]) != FORMAT || header[BOUND] != bound[..] {
            return Ok(None);
        }
        let number = |at: usize| {
            let bytes = header[at..at + 8].try_into().expect("eight bytes");
            u64::from_le_bytes(bytes)
        };
        let mut sections = [Entry::default(); N_ENTRIES];
        let mut end = HEADER as u64;
        for (index, section) in sections.iter_mut().enumerate() {
            let at = TABLE + index * ENTRY;
            section.offset = number(at);
            section.length = number(at + 8);
            section.hash.copy_from_slice(&header[at + 16..at + ENTRY]);
            if section.offset != end {
                return Err(damaged("its sections do not follow each other"));
            }
            end = section.padded_end().ok_or_else(|| damaged("a section has no end"))?;
        }
        if end != bytes.len() as u64 {
            return Err(damaged("it is longer or shorter than its header says"));
        }
        Ok(Some(Self { hash: *hash, sections }))
    }

    /// A section of the bytes the header was read against.
    pub(crate) fn section<'a>(&self, bytes: &'a [u8], part: usize, section: Section) -> &'a [u8] {
        let Entry { offset, length, .. } = self.sections[entry(part, section)];
        let place = |place: u64| usize::try_from(place).expect("a section lies inside the mapped bytes");
        &bytes[place(offset)..place(offset + length)]
    }

    /// Reads every byte and compares.
    pub(crate) fn check(&self, path: &Path, bytes: &[u8]) -> Result<(), NamesError> {
        for section in &self.sections {
            let start = usize::try_from(section.offset).ok();
            let end = section.padded_end().and_then(|end| usize::try_from(end).ok());
            let bytes = start.zip(end).and_then(|(start, end)| bytes.get(start..end));
            if bytes.is_none_or(|bytes| blake3::hash(bytes) != section.hash) {
                return Err(NamesError::damaged(path, "some of its bytes were changed"));
            }
        }
        Ok(())
    }
}

// === impl Entry ===

impl Entry {
    /// What is hashed goes as far as the next section, so that no byte is left out.
    fn padded_end(&self) -> Option<u64> {
        self.offset.checked_add(self.length)?.checked_next_multiple_of(ALIGN as u64)
    }
}

// === impl Writer ===

impl Writer {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        // The header is written last, so that a file that was not finished is no index.
        file.write_all(&[0; HEADER])?;
        let sections = [Entry::default(); N_ENTRIES];
        Ok(Self { file, start: HEADER as u64, at: HEADER as u64, hasher: blake3::Hasher::new(), sections })
    }

    /// Adds to the section that is being written.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Ends a section: it is what was put since the last one ended. They are written in their order.
    pub(crate) fn end(&mut self, part: usize, section: Section) -> io::Result<()> {
        let (offset, length) = (self.start, self.at - self.start);
        let padding = usize::try_from(self.at.next_multiple_of(ALIGN as u64) - self.at).expect("it is less than ALIGN");
        self.put(&[0; ALIGN][..padding])?;
        let hash = *self.hasher.finalize().as_bytes();
        self.hasher.reset();
        self.start = self.at;
        self.sections[entry(part, section)] = Entry { offset, length, hash };
        Ok(())
    }

    /// Writes the header, and waits until everything is on the disk.
    pub(crate) fn finish(mut self, bound: &[u8; HASH]) -> io::Result<()> {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        header[BOUND].copy_from_slice(bound);
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
        self.file.get_ref().sync_all()
    }
}
