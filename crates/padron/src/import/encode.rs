//! The second reading: every row as a record, and the records in the order of their numbers.
//!
//! The text is in no order. Records are gathered in memory in the order of the text (they take a quarter of it), each
//! leaving word of its position under its number's rank, and are copied out in the order of ranks.
//! Left out: writing to disk.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use super::ImportError;
use super::source::Chunk;
use super::tally::Tally;
use crate::apart::NUMBER;
use crate::corrupt::put_length;
use crate::key::Key;
use crate::line::{self, Cells};
use crate::members::Members;
use crate::padron::BLOCK;
use crate::record;
use crate::words::{Code, put_literal};

/// No record has this position.
const NOWHERE: u32 = u32::MAX;
/// Rows out of the ordinary are kept in memory; a text with more of them than this is none of the registry's.
const MAX_APART: usize = 256 << 20;

/// Words and what stands for them.
pub(super) struct Coder {
    code: Code,
    places: Tally,
}

/// What all threads share.
pub(super) struct Plan<'a> {
    pub(super) members: Members<'a>,
    pub(super) repeated: &'a HashSet<Key>,
    pub(super) shapes: Coder,
    pub(super) words: Coder,
    /// By rank, where the record is.
    positions: Vec<AtomicU32>,
    /// Where the next records go.
    next: AtomicU64,
    n_apart_bytes: AtomicUsize,
}

/// What one thread made.
#[derive(Default)]
pub(super) struct Encoded {
    records: Vec<(u32, Vec<u8>)>,
    apart: Vec<Line>,
    repeated: Vec<Line>,
    pub(super) n_rows: u64,
    body: Vec<u8>,
    shape: Vec<u8>,
    ranks: Vec<(u32, u32)>,
}

/// A line kept as it is. Ordered by number, then by its place in the text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    number: [u8; NUMBER],
    at: u64,
    text: Vec<u8>,
}

/// All records, to be copied out in order.
pub(super) struct Gathering {
    records: Vec<(u32, Vec<u8>)>,
    positions: Vec<AtomicU32>,
}

/// A position among the records, which have less than four gigabytes: [`Plan::place`] sees to that.
fn position(position: usize) -> u32 {
    u32::try_from(position).expect("records have less than four gigabytes")
}

// === impl Coder ===

impl Coder {
    pub(super) fn new<'a>(code: Code, words: impl Iterator<Item = &'a [u8]>) -> Self {
        Self { code, places: Tally::of_places(words) }
    }

    #[inline]
    fn put(&self, word: &[u8], output: &mut Vec<u8>) {
        match self.places.get(word) {
            Some(place) => self.code.put(place, output),
            None => put_literal(word, output),
        }
    }
}

// === impl Plan ===

impl<'a> Plan<'a> {
    pub(super) fn new(
        members: Members<'a>,
        n_members: u32,
        repeated: &'a HashSet<Key>,
        shapes: Coder,
        words: Coder,
    ) -> Self {
        let positions = (0..n_members).map(|_| AtomicU32::new(NOWHERE)).collect();
        Self {
            members,
            repeated,
            shapes,
            words,
            positions,
            next: AtomicU64::new(0),
            n_apart_bytes: AtomicUsize::new(0),
        }
    }

    pub(super) fn chunk(&self, encoded: &mut Encoded, chunk: &Chunk) -> Result<(), ImportError> {
        let mut records = Vec::with_capacity(chunk.text.len() / 3);
        encoded.ranks.clear();
        for (at, line) in chunk.lines() {
            let Ok(cells) = line::cut(line) else { continue };
            encoded.n_rows += 1;
            let number = line::part(line, cells.spans[0]);
            let key = Key::parse(number);
            let apart = match key {
                None => &mut encoded.apart,
                Some(key) if !self.repeated.is_empty() && self.repeated.contains(&key) => &mut encoded.repeated,
                Some(key) => {
                    let rank = self.members.rank(key).ok().flatten().ok_or(ImportError::Changed)?;
                    encoded.ranks.push((rank, position(records.len())));
                    self.record(line, &cells, &mut encoded.shape, &mut encoded.body, &mut records);
                    continue;
                }
            };
            let number = number.try_into().map_err(|_| ImportError::Changed)?;
            if self.n_apart_bytes.fetch_add(line.len(), Ordering::Relaxed) > MAX_APART {
                return Err(ImportError::TooOdd);
            }
            apart.push(Line { number, at, text: line.to_vec() });
        }
        records.shrink_to_fit();
        let start = self.place(records.len())?;
        for &(rank, offset) in &encoded.ranks {
            self.set(rank, start + offset)?;
        }
        // One without records would share its start with another.
        if !records.is_empty() {
            encoded.records.push((start, records));
        }
        Ok(())
    }

    /// Settles which of the rows of one number counts, and hands everything over.
    pub(super) fn finish(self, all: Vec<Encoded>) -> Result<(Gathering, Vec<Vec<u8>>), ImportError> {
        let (mut gathered, mut apart, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for mut encoded in all {
            gathered.append(&mut encoded.records);
            apart.append(&mut encoded.apart);
            repeated.append(&mut encoded.repeated);
        }
        repeated.sort_unstable();
        let (mut shape, mut body, mut records) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = Vec::new();
        for same in repeated.chunk_by(|one, other| one.number == other.number) {
            let line = same.last().ok_or(ImportError::Changed)?;
            let cells = line::cut(&line.text).map_err(|_| ImportError::Changed)?;
            let key = Key::parse(&line.number).ok_or(ImportError::Changed)?;
            let rank = self.members.rank(key).ok().flatten().ok_or(ImportError::Changed)?;
            last.push((rank, position(records.len()), line.at));
            self.record(&line.text, &cells, &mut shape, &mut body, &mut records);
        }
        let start = self.place(records.len())?;
        for &(rank, offset, _) in &last {
            self.set(rank, start + offset)?;
        }
        if !records.is_empty() {
            gathered.push((start, records));
        }
        gathered.sort_unstable_by_key(|&(start, _)| start);
        let counting: HashSet<u64> = last.into_iter().map(|(_, _, at)| at).collect();
        apart.extend(repeated.into_iter().filter(|line| !counting.contains(&line.at)));
        apart.sort_unstable();
        if self.positions.iter().any(|position| position.load(Ordering::Relaxed) == NOWHERE) {
            return Err(ImportError::Changed);
        }
        let apart = apart.into_iter().map(|line| line.text).collect();
        Ok((Gathering { records: gathered, positions: self.positions }, apart))
    }

    fn record(&self, line: &[u8], cells: &Cells, shape: &mut Vec<u8>, body: &mut Vec<u8>, records: &mut Vec<u8>) {
        body.clear();
        record::shape(line, cells, shape);
        self.shapes.put(shape, body);
        if cells.canonical {
            record::for_each_word(line, cells, |word| self.words.put(word, body));
        } else {
            body.extend_from_slice(line);
        }
        put_length(body.len(), records);
        records.extend_from_slice(body);
    }

    /// Claims the positions of `n_bytes` of records.
    fn place(&self, n_bytes: usize) -> Result<u32, ImportError> {
        let start = self.next.fetch_add(n_bytes as u64, Ordering::Relaxed);
        match (u32::try_from(start), u32::try_from(start + n_bytes as u64)) {
            (Ok(start), Ok(end)) if end < NOWHERE => Ok(start),
            _ => Err(ImportError::TooOdd),
        }
    }

    fn set(&self, rank: u32, position: u32) -> Result<(), ImportError> {
        // A second row of a number that the first reading saw once.
        match self.positions[rank as usize].swap(position, Ordering::Relaxed) {
            NOWHERE => Ok(()),
            _ => Err(ImportError::Changed),
        }
    }
}

// === impl Gathering ===

/// Ranks copied at a time.
const BATCH: usize = 1 << 15;

impl Gathering {
    pub(super) fn n_bytes(&self) -> u64 {
        self.records.iter().map(|(_, records)| records.len() as u64).sum()
    }

    /// Copies the records out in order, in pieces, and gives the position of the first of each block.
    pub(super) fn copy_out<E>(self, mut put: impl FnMut(&[u8]) -> Result<(), E>) -> Result<Vec<u8>, E> {
        let mut offsets = Vec::with_capacity(self.positions.len() / BLOCK as usize * 4 + 4);
        let (mut piece, mut written) = (Vec::new(), 0);
        for batch in self.positions.chunks(BATCH) {
            piece.clear();
            for (rank, at) in batch.iter().enumerate() {
                if rank % BLOCK as usize == 0 {
                    offsets.extend(position(written + piece.len()).to_le_bytes());
                }
                piece.extend_from_slice(self.record(at.load(Ordering::Relaxed)));
            }
            put(&piece)?;
            written += piece.len();
        }
        Ok(offsets)
    }

    /// A record with its length.
    fn record(&self, position: u32) -> &[u8] {
        let chunk = self.records.partition_point(|&(start, _)| start <= position) - 1;
        let (start, records) = &self.records[chunk];
        let from = &records[(position - start) as usize..];
        let mut behind = from;
        let _ = record::next(&mut behind);
        &from[..from.len() - behind.len()]
    }
}
