//! The outer form of large files: a header, then sections, every byte under a checksum.
//!
//! The header says where each section lies and what it hashes to, and ends with its own hash. Sections follow each
//! other without a gap that is not hashed, so a changed byte is found wherever it is. The header is written last, so
//! that a file that was not finished is no file of ours.
//! Left out: what sections hold, and what the few bytes mean that each kind of file says of itself.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::ops::Range;

pub(crate) const HASH: usize = 32;
/// What a kind of file says of itself in its header.
pub(crate) const FIELDS: usize = 48;

const HEADER: usize = 4096;
/// Sections begin where a line of the processor's cache does.
const ALIGN: usize = 64;
const MAGIC: Range<usize> = 0..8;
const FORMAT: Range<usize> = 8..12;
const SAID: usize = 16;
const TABLE: usize = SAID + FIELDS;
const ENTRY: usize = 16 + HASH;

/// A kind of file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// What such a file begins with.
    pub(crate) magic: &'static [u8; 8],
    /// Raised by every change of what the bytes mean.
    pub(crate) format: u32,
    /// What is said of a file that is of no such kind.
    pub(crate) otherwise: &'static str,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not what was written.
    Damaged(&'static str),
    /// It is whole, and of another format.
    Format { found: u32, expected: u32 },
}

/// What the header of a file of so many sections says.
#[derive(Debug, Clone)]
pub(crate) struct Header<const SECTIONS: usize> {
    /// What the kind of file says of itself.
    pub(crate) fields: [u8; FIELDS],
    /// Stands for the whole file: it changes when any byte does.
    pub(crate) hash: [u8; HASH],
    sections: [Entry; SECTIONS],
}

/// Writes a file, section by section.
pub(crate) struct Writer<const SECTIONS: usize> {
    file: BufWriter<File>,
    /// Where the section begins that is being written, and where it is.
    start: u64,
    at: u64,
    hasher: blake3::Hasher,
    sections: [Entry; SECTIONS],
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    offset: u64,
    length: u64,
    hash: [u8; HASH],
}

// === impl Kind ===

impl Kind {
    /// The header that these bytes begin with, if it is whole.
    pub(crate) fn unseal<const LENGTH: usize>(self, bytes: &[u8]) -> Result<&[u8; LENGTH], Unusable> {
        if !bytes.starts_with(self.magic) {
            return Err(Unusable::Damaged(self.otherwise));
        }
        let header: &[u8; LENGTH] = bytes.first_chunk().ok_or(Unusable::Damaged("it is cut short"))?;
        let (said, hash) = header.split_last_chunk::<HASH>().expect("a header is longer than a hash");
        if blake3::hash(said) != *hash {
            return Err(Unusable::Damaged("its header was changed"));
        }
        let found = u32::from_le_bytes(array(&header[FORMAT]));
        if found == self.format { Ok(header) } else { Err(Unusable::Format { found, expected: self.format }) }
    }

    /// Completes a header: what it begins with, and what it hashes to.
    pub(crate) fn seal<const LENGTH: usize>(self, header: &mut [u8; LENGTH]) {
        header[MAGIC].copy_from_slice(self.magic);
        header[FORMAT].copy_from_slice(&self.format.to_le_bytes());
        let (said, hash) = header.split_last_chunk_mut::<HASH>().expect("a header is longer than a hash");
        *hash = *blake3::hash(said).as_bytes();
    }
}

/// A part of a header whose length is known.
pub(crate) fn array<const LENGTH: usize>(part: &[u8]) -> [u8; LENGTH] {
    part.try_into().expect("the part was cut to this length")
}

// === impl Header ===

impl<const SECTIONS: usize> Header<SECTIONS> {
    /// Reads the header of a file's bytes, and checks that the sections fill the rest of it.
    pub(crate) fn read(kind: Kind, bytes: &[u8]) -> Result<Self, Unusable> {
        let header = kind.unseal::<HEADER>(bytes)?;
        let sections: [Entry; SECTIONS] =
            std::array::from_fn(|index| Entry::read(&array(&header[TABLE + index * ENTRY..][..ENTRY])));
        let mut in_order: Vec<&Entry> = sections.iter().collect();
        // Those without a byte lie in front of the one that begins where they do.
        in_order.sort_unstable_by_key(|section| (section.offset, section.length));
        let mut end = HEADER as u64;
        for section in in_order {
            if section.offset != end {
                return Err(Unusable::Damaged("its sections do not follow each other"));
            }
            end = section.padded_end().ok_or(Unusable::Damaged("a section has no end"))?;
        }
        if end != bytes.len() as u64 {
            return Err(Unusable::Damaged("it is longer or shorter than its header says"));
        }
        let hash = array(&header[HEADER - HASH..]);
        Ok(Self { fields: array(&header[SAID..TABLE]), hash, sections })
    }

    /// Where a section lies. The header was read against the same bytes, so it lies inside them.
    pub(crate) fn section(&self, section: usize) -> Range<usize> {
        let Entry { offset, length, .. } = self.sections[section];
        let place = |place: u64| usize::try_from(place).expect("a section lies inside the mapped bytes");
        place(offset)..place(offset + length)
    }

    /// Reads every byte and compares; an error says what does not hold.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), &'static str> {
        for section in &self.sections {
            let start = usize::try_from(section.offset).ok();
            let end = section.padded_end().and_then(|end| usize::try_from(end).ok());
            let bytes = start.zip(end).and_then(|(start, end)| bytes.get(start..end));
            if bytes.is_none_or(|bytes| blake3::hash(bytes) != section.hash) {
                return Err("some of its bytes were changed");
            }
        }
        Ok(())
    }
}

// === impl Writer ===

impl<const SECTIONS: usize> Writer<SECTIONS> {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        const { assert!(TABLE + SECTIONS * ENTRY <= HEADER - HASH, "the table has room in the header") };
        let mut file = BufWriter::with_capacity(1 << 20, file);
        file.write_all(&[0; HEADER])?;
        let start = HEADER as u64;
        Ok(Self { file, start, at: start, hasher: blake3::Hasher::new(), sections: [Entry::EMPTY; SECTIONS] })
    }

    /// Adds to the section that is being written.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Ends a section: it is what was put since the last one ended.
    pub(crate) fn end(&mut self, section: usize) -> io::Result<()> {
        let (offset, length) = (self.start, self.at - self.start);
        let padding = usize::try_from(self.at.next_multiple_of(ALIGN as u64) - self.at).expect("it is less than ALIGN");
        self.put(&[0; ALIGN][..padding])?;
        let hash = *self.hasher.finalize().as_bytes();
        self.hasher.reset();
        self.start = self.at;
        self.sections[section] = Entry { offset, length, hash };
        Ok(())
    }

    /// Writes the header, waits until everything is on the disk, and says how long the file is.
    pub(crate) fn finish(mut self, kind: Kind, fields: &[u8; FIELDS]) -> io::Result<u64> {
        let mut header = [0; HEADER];
        header[SAID..TABLE].copy_from_slice(fields);
        for (section, place) in self.sections.iter().zip(header[TABLE..].chunks_exact_mut(ENTRY)) {
            section.write(place);
        }
        kind.seal(&mut header);
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(self.at)
    }
}

// === impl Entry ===

impl Entry {
    const EMPTY: Self = Self { offset: 0, length: 0, hash: [0; HASH] };

    fn read(bytes: &[u8; ENTRY]) -> Self {
        let number = |at: usize| u64::from_le_bytes(array(&bytes[at..at + 8]));
        Self { offset: number(0), length: number(8), hash: array(&bytes[16..]) }
    }

    fn write(&self, bytes: &mut [u8]) {
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.length.to_le_bytes());
        bytes[16..].copy_from_slice(&self.hash);
    }

    /// What is hashed goes as far as the next section, so that no byte is left out.
    fn padded_end(&self) -> Option<u64> {
        self.offset.checked_add(self.length)?.checked_next_multiple_of(ALIGN as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { magic: b"chq\0test", format: 3, otherwise: "it is none" };

    /// A file of three sections, of which the second one is empty, and its bytes.
    fn file(dir: &std::path::Path) -> Vec<u8> {
        let path = dir.join("file");
        let mut writer = Writer::<3>::new(File::create(&path).unwrap()).unwrap();
        for (section, content) in [(2, &b"last comes first"[..]), (1, b""), (0, &[7; 100])] {
            writer.put(content).unwrap();
            writer.end(section).unwrap();
        }
        let n_bytes = writer.finish(KIND, &[9; FIELDS]).unwrap();
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(bytes.len() as u64, n_bytes);
        bytes
    }

    fn read(kind: Kind, bytes: &[u8]) -> Result<Header<3>, Unusable> {
        let header = Header::read(kind, bytes)?;
        header.check(bytes).map(|()| header).map_err(Unusable::Damaged)
    }

    #[test]
    fn sections_read_back_in_whichever_order_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = file(folder.path());
        let header = read(KIND, &bytes).unwrap();
        assert_eq!(header.fields, [9; FIELDS]);
        assert_eq!(&bytes[header.section(2)], b"last comes first");
        assert!(header.section(1).is_empty());
        assert_eq!(bytes[header.section(0)], [7; 100]);
    }

    #[test]
    fn a_changed_byte_is_found_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let whole = file(folder.path());
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            assert!(matches!(read(KIND, &bytes), Err(Unusable::Damaged(_))), "byte {at}");
        }
        for length in 0..whole.len() {
            assert!(matches!(read(KIND, &whole[..length]), Err(Unusable::Damaged(_))), "length {length}");
        }
        assert!(matches!(read(KIND, &[&whole[..], b"\0"].concat()), Err(Unusable::Damaged(_))), "longer");
    }

    #[test]
    fn another_format_and_another_kind_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = file(folder.path());
        let found = read(Kind { format: 4, ..KIND }, &bytes).unwrap_err();
        assert_eq!(found, Unusable::Format { found: 3, expected: 4 });
        let found = read(Kind { magic: b"chq\0else", ..KIND }, &bytes).unwrap_err();
        assert_eq!(found, Unusable::Damaged("it is none"));
    }

    #[test]
    fn a_table_that_makes_no_sense_is_damage_even_where_it_is_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let whole = file(folder.path());
        for (at, number) in [(0, 0), (0, u64::MAX), (8, 0), (8, 5000), (8, u64::MAX), (8, u64::MAX - HEADER as u64 - 1)]
        {
            for section in 0..3 {
                let mut bytes = whole.clone();
                let place = TABLE + section * ENTRY + at;
                if bytes[place..place + 8] == number.to_le_bytes() {
                    continue;
                }
                bytes[place..place + 8].copy_from_slice(&number.to_le_bytes());
                KIND.seal::<HEADER>((&mut bytes[..HEADER]).try_into().unwrap());
                assert!(matches!(read(KIND, &bytes), Err(Unusable::Damaged(_))), "{at} {number} of {section}");
            }
        }
    }
}
