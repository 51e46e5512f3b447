//! The changes between two editions as a file, `changes-OLD-NEW.chq`.
//!
//! A header, blocks of changes in the order in which they were found, and an index that says of each block where it
//! lies, what it hashes to, and which number it begins with. Opening reads header and index alone; a block is checked
//! when it is read, so that a question about one number costs one block, however many files are kept.
//! Left out: which files belong together; that is the history's.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use chasqui_types::Ruc;

use super::Differences;
use super::change::{CHANGES, Change, Number};
use super::error::ChangesError;
use crate::container::{HASH, Kind, array};
use crate::edition::Edition;
use crate::error::PadronError;
use crate::map::Map;

const KIND: Kind = Kind { magic: b"chq\0chng", format: 1, otherwise: "it holds no changes" };
const HEADER: usize = 256;
const OLD: usize = 16;
const NEW: usize = 48;
const OLD_HASH: usize = 80;
const NEW_HASH: usize = 112;
const COUNTS: usize = 144;
const INDEX: usize = 176;
const INDEX_HASH: usize = 192;
/// Whether kept apart, the number, the length of the block, where it begins, its hash.
const ENTRY: usize = 56;
/// Changes in a block, but for the last.
const BLOCK: u64 = 64;

const PREFIX: &str = "changes-";
const SUFFIX: &str = ".chq";

/// The name of the file of two editions' changes.
pub(super) fn name(old: Edition, new: Edition) -> String {
    format!("{PREFIX}{old}-{new}{SUFFIX}")
}

/// Of which editions a file of that name holds the changes.
pub(crate) fn editions_of(name: &str) -> Option<(Edition, Edition)> {
    let both = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    // Editions have dashes of their own; only one way to cut gives two of them.
    both.match_indices('-').find_map(|(at, _)| Some((both[..at].parse().ok()?, both[at + 1..].parse().ok()?)))
}

/// Writes a file of changes.
pub(super) struct Writer {
    file: BufWriter<File>,
    at: u64,
    block: Vec<u8>,
    n_in_block: u64,
    /// Of the first change in the block.
    first: [u8; 12],
    index: Vec<u8>,
}

/// A file of changes, open.
pub struct ChangeFile {
    path: PathBuf,
    map: Map,
    editions: (Edition, Edition),
    /// Of the editions, which a name alone does not tell apart once one is made anew.
    hashes: [[u8; HASH]; 2],
    differences: Differences,
    /// Where the blocks end and the index begins.
    index: usize,
}

/// What the index says of a block.
struct Entry<'a>(&'a [u8; ENTRY]);

// === impl Writer ===

impl Writer {
    pub(super) fn begin(file: File) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 18, file);
        // The header is written last, so that a file that was not finished is none.
        file.write_all(&[0; HEADER])?;
        Ok(Self { file, at: HEADER as u64, block: Vec::new(), n_in_block: 0, first: [0; 12], index: Vec::new() })
    }

    pub(super) fn put(&mut self, change: &Change) -> io::Result<()> {
        if self.n_in_block == 0 {
            self.first = place(change.is_apart(), change.key());
        }
        change.encode(&mut self.block);
        self.n_in_block += 1;
        if self.n_in_block == BLOCK { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> io::Result<()> {
        if self.n_in_block == 0 {
            return Ok(());
        }
        let length = u32::try_from(self.block.len()).map_err(|_| io::Error::other("rows are too long"))?;
        self.index.extend_from_slice(&self.first);
        self.index.extend(length.to_le_bytes());
        self.index.extend(self.at.to_le_bytes());
        self.index.extend(blake3::hash(&self.block).as_bytes());
        self.file.write_all(&self.block)?;
        self.at += u64::from(length);
        self.block.clear();
        self.n_in_block = 0;
        Ok(())
    }

    /// Writes index and header; `hashes` are the editions'.
    pub(super) fn finish(
        mut self,
        editions: [Edition; 2],
        hashes: [&[u8; HASH]; 2],
        differences: &Differences,
    ) -> io::Result<File> {
        self.end_block()?;
        self.file.write_all(&self.index)?;
        let mut header = [0; HEADER];
        for (at, edition) in [OLD, NEW].into_iter().zip(editions) {
            header[at..][..Edition::BYTES].copy_from_slice(&edition.to_bytes());
        }
        for (at, hash) in [OLD_HASH, NEW_HASH].into_iter().zip(hashes) {
            header[at..][..HASH].copy_from_slice(hash);
        }
        let Differences { added, removed, changed, cells } = *differences;
        let numbers = [added, removed, changed, cells, self.at, self.index.len() as u64];
        for (at, number) in (COUNTS..).step_by(8).zip(numbers) {
            header[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        header[INDEX_HASH..][..HASH].copy_from_slice(blake3::hash(&self.index).as_bytes());
        KIND.seal(&mut header);
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

// === impl ChangeFile ===

impl ChangeFile {
    /// Opens a file, and checks all of it but its blocks.
    pub fn open(path: &Path) -> Result<Self, ChangesError> {
        let file = File::open(path).map_err(PadronError::read(path))?;
        let map = Map::of(&file).map_err(PadronError::read(path))?;
        Self::read(path.to_owned(), map)
    }

    fn read(path: PathBuf, map: Map) -> Result<Self, ChangesError> {
        let damaged = |what: &str| ChangesError::damaged(&path, what);
        let header = KIND.unseal::<HEADER>(&map).map_err(ChangesError::unusable(&path))?;
        let edition = |at: usize| Edition::from_bytes(&array(&header[at..at + Edition::BYTES]));
        let editions = edition(OLD).zip(edition(NEW)).ok_or_else(|| damaged("its editions have no name"))?;
        let number = |at: usize| u64::from_le_bytes(array(&header[at..at + 8]));
        let hash_at = |at: usize| array(&header[at..at + HASH]);
        let differences = Differences {
            added: number(COUNTS),
            removed: number(COUNTS + 8),
            changed: number(COUNTS + 16),
            cells: number(COUNTS + 24),
        };
        let whole = number(INDEX).checked_add(number(INDEX + 8)) == Some(map.len() as u64);
        let index = usize::try_from(number(INDEX)).ok().filter(|&index| whole && index >= HEADER);
        let index = index.ok_or_else(|| damaged("it is longer or shorter than its header says"))?;
        let expected: [u8; HASH] = hash_at(INDEX_HASH);
        if blake3::hash(&map[index..]) != expected {
            return Err(damaged("its index was changed"));
        }
        let (hashes, rows) = ([hash_at(OLD_HASH), hash_at(NEW_HASH)], differences.rows());
        let file = Self { path, map, editions, hashes, differences, index };
        file.check_index(rows).map(|()| file)
    }

    /// The blocks follow each other without a gap, and are as many as the changes need.
    fn check_index(&self, rows: u64) -> Result<(), ChangesError> {
        let mut end = HEADER;
        for entry in self.entries() {
            if entry.range().is_none_or(|range| std::mem::replace(&mut end, range.end) != range.start) {
                return Err(ChangesError::damaged(&self.path, "its blocks do not follow each other"));
            }
        }
        let (entries, rest) = self.map[self.index..].as_chunks::<ENTRY>();
        if end == self.index && rest.is_empty() && entries.len() as u64 == rows.div_ceil(BLOCK) {
            Ok(())
        } else {
            Err(ChangesError::damaged(&self.path, "it has more or fewer blocks than its header says"))
        }
    }

    /// The edition before the changes, and the one after them.
    pub fn editions(&self) -> [Edition; 2] {
        [self.editions.0, self.editions.1]
    }

    /// How many changes there are.
    pub fn differences(&self) -> Differences {
        self.differences
    }

    /// Reads every byte, and every change.
    pub fn verify(&self) -> Result<(), ChangesError> {
        let mut found = Differences::default();
        let mut changes = self.changes(0);
        while let Some(change) = changes.next()? {
            found.count(&change);
        }
        if found == self.differences {
            Ok(())
        } else {
            Err(ChangesError::damaged(&self.path, "it has more or fewer changes than its header says"))
        }
    }

    /// The changes, from the one that so many others come before.
    pub fn changes(&self, from: u64) -> FileChanges<'_> {
        FileChanges { file: self, at: from.min(self.differences.rows()), block: &[], in_block: None }
    }

    /// What became of the row that counts of a number.
    pub fn find(&self, ruc: Ruc) -> Result<Option<Change>, ChangesError> {
        let number = Number::of_ruc(ruc);
        let wanted = place(false, number);
        let entries = self.map[self.index..].as_chunks::<ENTRY>().0;
        let Some(block) = entries.partition_point(|entry| entry[..wanted.len()] <= wanted[..]).checked_sub(1) else {
            return Ok(None);
        };
        let mut changes = self.changes(block as u64 * BLOCK);
        for _ in 0..BLOCK {
            match changes.next()? {
                Some(change) if change.is_apart() || change.key() > number => break,
                Some(change) if change.key() == number => return Ok(Some(change)),
                Some(_) => {}
                None => break,
            }
        }
        Ok(None)
    }

    /// What the old and the new edition hash to.
    pub(crate) fn hashes(&self) -> &[[u8; HASH]; 2] {
        &self.hashes
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.map[self.index..].as_chunks::<ENTRY>().0.iter().map(Entry)
    }

    /// The bytes of a block, once they are found whole.
    fn block(&self, block: u64) -> Result<&[u8], ChangesError> {
        let entry = usize::try_from(block).ok().and_then(|block| self.entries().nth(block));
        let bytes = entry.and_then(|entry| Some((self.map[..self.index].get(entry.range()?)?, entry.0)));
        match bytes {
            Some((bytes, entry)) if blake3::hash(bytes).as_bytes()[..] == entry[24..] => Ok(bytes),
            _ => Err(ChangesError::damaged(&self.path, "some of its changes were changed")),
        }
    }
}

/// Says which editions, and how many changes.
impl std::fmt::Debug for ChangeFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeFile")
            .field("editions", &self.editions)
            .field("differences", &self.differences)
            .finish_non_exhaustive()
    }
}

// === impl Entry ===

impl Entry<'_> {
    fn range(&self) -> Option<Range<usize>> {
        let length = u32::from_le_bytes(self.0[12..16].try_into().expect("four bytes")) as usize;
        let start = u64::from_le_bytes(self.0[16..24].try_into().expect("eight bytes"));
        let start = usize::try_from(start).ok()?;
        Some(start..start.checked_add(length)?)
    }
}

/// Walks through the changes of a file.
pub struct FileChanges<'a> {
    file: &'a ChangeFile,
    at: u64,
    /// What is left of the block at hand, and which block that is.
    block: &'a [u8],
    in_block: Option<u64>,
}

// === impl FileChanges ===

impl FileChanges<'_> {
    /// The next change, or `None` behind the last one.
    #[expect(clippy::should_implement_trait, reason = "a damaged file is an error, and ends the walk")]
    pub fn next(&mut self) -> Result<Option<Change>, ChangesError> {
        let corrupt = |corrupt| ChangesError::corrupt(&self.file.path, corrupt);
        if self.at == self.file.differences.rows() {
            return if self.block.is_empty() { Ok(None) } else { Err(corrupt(CHANGES)) };
        }
        if self.in_block != Some(self.at / BLOCK) {
            if !self.block.is_empty() {
                return Err(corrupt(CHANGES));
            }
            self.block = self.file.block(self.at / BLOCK)?;
            self.in_block = Some(self.at / BLOCK);
            for _ in 0..self.at % BLOCK {
                Change::decode(self.file.editions, &mut self.block).map_err(corrupt)?;
            }
        }
        let change = Change::decode(self.file.editions, &mut self.block).map_err(corrupt)?;
        self.at += 1;
        Ok(Some(change))
    }

    /// How many changes of the file come before the next one.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }
}

/// What blocks are ordered by: rows that count come first, each kind by number.
fn place(apart: bool, number: Number) -> [u8; 12] {
    let mut place = [0; 12];
    place[0] = apart.into();
    place[1..].copy_from_slice(number.as_bytes());
    place
}
