//! One part of an open index: its words, its names and what is known of whose they are.
//!
//! Reading never trusts a number it read: bytes that make no sense are an error.
//! Left out: what is looked for.

use std::ops::Range;

use chasqui_types::{Condition, ConditionKind, Ruc, Status, StatusKind};

use crate::corrupt::Corrupt;
use crate::key::Key;
use crate::text::decode;

use super::bucket;
use super::build::width;
use super::error::NAMES;
use super::file::{Header, Section};
use super::fold::MAX_WORDS;
use super::postings::{Group, take_number};
use super::typo;

/// Names between two known positions.
pub(crate) const ENTRIES_PER_BLOCK: usize = 8;
/// The first key of prefix 20, which is that of legal entities.
pub(crate) const KEY_OF_ENTITIES: u32 = 400_000_000;

/// What is known of a taxpayer besides the name; many share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) prefix: u8,
    pub(crate) status: StatusKind,
    pub(crate) condition: ConditionKind,
    pub(crate) ubigeo: Box<str>,
}

/// A part, ready to be read.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    text: &'a [u8],
    ends: &'a [[u8; 4]],
    numbers: &'a [[u8; 4]],
    places: &'a [[u8; 4]],
    masks: &'a [[u8; 4]],
    lists: &'a [[u8; 8]],
    postings: &'a [u8],
    names: &'a [u8],
    blocks: &'a [[u8; 4]],
    keys: &'a [[u8; 4]],
    states: &'a [u8],
    width: usize,
    buckets: &'a [[u8; 8]],
}

/// The words of one name, by their numbers.
pub(crate) struct Tokens {
    numbers: [u32; MAX_WORDS],
    n: usize,
}

/// The states of a part, by their places.
pub(crate) fn states(section: &[u8]) -> Result<Vec<State>, Corrupt> {
    let lines = section.split(|&byte| byte == b'\n');
    let mut all = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let line = decode(line);
        let mut cells = line.split('|');
        let mut cell = || cells.next().ok_or(NAMES);
        let prefix = cell()?.parse().map_err(|_| NAMES)?;
        let (status, condition, ubigeo) = (cell()?, cell()?, cell()?);
        all.push(State {
            prefix,
            status: Status::from_text(status).kind(),
            condition: Condition::from_text(condition).kind(),
            ubigeo: ubigeo.into(),
        });
    }
    Ok(all)
}

fn number(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

fn pair(bytes: [u8; 8]) -> (u32, u32) {
    let both = u64::from_le_bytes(bytes);
    let half = |half: u64| u32::try_from(half & u64::from(u32::MAX)).expect("it has 32 bits");
    (half(both), half(both >> 32))
}

fn get(numbers: &[[u8; 4]], at: usize) -> Result<u32, Corrupt> {
    numbers.get(at).copied().map(number).ok_or(NAMES)
}

// === impl Part ===

impl<'a> Part<'a> {
    pub(crate) fn read(header: &Header, bytes: &'a [u8], part: usize, n_states: usize) -> Self {
        let section = |section| header.section(bytes, part, section);
        Self {
            text: section(Section::Text),
            ends: section(Section::Ends).as_chunks().0,
            numbers: section(Section::Numbers).as_chunks().0,
            places: section(Section::Places).as_chunks().0,
            masks: section(Section::Masks).as_chunks().0,
            lists: section(Section::Lists).as_chunks().0,
            postings: section(Section::Postings),
            names: section(Section::Names),
            blocks: section(Section::Blocks).as_chunks().0,
            keys: section(Section::Keys).as_chunks().0,
            states: section(Section::States),
            width: width(n_states),
            buckets: section(Section::Buckets).as_chunks().0,
        }
    }

    /// How many names there are.
    pub(crate) fn n_entries(&self) -> u32 {
        u32::try_from(self.keys.len()).unwrap_or(u32::MAX)
    }

    /// The word at a place in the alphabet.
    pub(crate) fn word(&self, place: u32) -> Result<&'a [u8], Corrupt> {
        let place = place as usize;
        let start = if place == 0 { 0 } else { get(self.ends, place - 1)? };
        self.text.get(start as usize..get(self.ends, place)? as usize).ok_or(NAMES)
    }

    /// The place of a word.
    pub(crate) fn place(&self, word: &[u8]) -> Result<Option<u32>, Corrupt> {
        let place = self.first_not_before(|other| other < word)?;
        Ok(if (place as usize) < self.ends.len() && self.word(place)? == word { Some(place) } else { None })
    }

    /// The places of words that begin so.
    pub(crate) fn beginning_with(&self, start: &[u8]) -> Result<Range<u32>, Corrupt> {
        let from = self.first_not_before(|word| word < start)?;
        let to = self.first_not_before(|word| word < start || word.starts_with(start))?;
        Ok(from..to)
    }

    fn first_not_before(&self, is_before: impl Fn(&[u8]) -> bool) -> Result<u32, Corrupt> {
        let (mut from, mut to) = (0, u32::try_from(self.ends.len()).map_err(|_| NAMES)?);
        while from < to {
            let middle = from.midpoint(to);
            if is_before(self.word(middle)?) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Ok(from)
    }

    /// The number of the word at a place.
    pub(crate) fn number(&self, place: u32) -> Result<u32, Corrupt> {
        get(self.numbers, place as usize)
    }

    /// The place of the word of a number.
    pub(crate) fn place_of(&self, number: u32) -> Result<u32, Corrupt> {
        get(self.places, number as usize)
    }

    /// How many names have the word of a number.
    pub(crate) fn count(&self, number: u32) -> Result<u32, Corrupt> {
        Ok(pair(*self.lists.get(number as usize).ok_or(NAMES)?).1)
    }

    /// The names that have any of these words.
    pub(crate) fn group(&self, numbers: impl Iterator<Item = u32>) -> Result<Group<'a>, Corrupt> {
        let mut lists = Vec::new();
        for number in numbers {
            let (at, n) = pair(*self.lists.get(number as usize).ok_or(NAMES)?);
            if n > self.n_entries() {
                return Err(NAMES);
            }
            lists.push((self.postings.get(at as usize..).ok_or(NAMES)?, n as usize));
        }
        Group::new(lists)
    }

    /// Hands the places of words that may be so few edits away from one to `each`, until it breaks off.
    pub(crate) fn near(
        &self,
        word: &[u8],
        edits: u8,
        mut each: impl FnMut(u32) -> Result<bool, Corrupt>,
    ) -> Result<(), Corrupt> {
        let wanted = typo::mask(word);
        let mut place = 0;
        for masks in self.masks.chunks(64) {
            // First all of them without a branch, then those few that may be.
            let mut may_be = [false; 64];
            for (may_be, &mask) in may_be.iter_mut().zip(masks) {
                *may_be = typo::may_be_near(number(mask), wanted, edits);
            }
            for (at, _) in (0..).zip(may_be).filter(|&(_, may_be)| may_be) {
                if !each(place + at)? {
                    return Ok(());
                }
            }
            place += 64;
        }
        Ok(())
    }

    /// Reads the words of a name.
    #[inline]
    pub(crate) fn tokens(&self, entry: u32, tokens: &mut Tokens) -> Result<(), Corrupt> {
        let block = entry as usize / ENTRIES_PER_BLOCK;
        let mut input = self.names.get(get(self.blocks, block)? as usize..).ok_or(NAMES)?;
        for _ in 0..entry as usize % ENTRIES_PER_BLOCK {
            let (&n, rest) = input.split_first().ok_or(NAMES)?;
            input = rest;
            // A number ends with its first byte below 128.
            let mut left = n;
            while left > 0 {
                let (&byte, rest) = input.split_first().ok_or(NAMES)?;
                input = rest;
                left -= u8::from(byte < 0x80);
            }
        }
        let (&n, rest) = input.split_first().ok_or(NAMES)?;
        input = rest;
        tokens.n = usize::from(n);
        for number in tokens.numbers.get_mut(..tokens.n).ok_or(NAMES)? {
            *number = take_number(&mut input).ok_or(NAMES)?;
        }
        Ok(())
    }

    pub(crate) fn ruc(&self, entry: u32) -> Result<Ruc, Corrupt> {
        Key::from_index(get(self.keys, entry as usize)?).map(Key::ruc).ok_or(NAMES)
    }

    /// The state of a taxpayer, as a place among the part's states.
    #[inline]
    pub(crate) fn state(&self, entry: u32) -> Result<usize, Corrupt> {
        let bytes = self.states.get(entry as usize * self.width..).and_then(|from| from.get(..self.width));
        let bytes = bytes.ok_or(NAMES)?;
        Ok(bytes.iter().rev().fold(0, |state, &byte| state << 8 | usize::from(byte)))
    }

    pub(crate) fn bucket(&self, entry: u32) -> Result<u16, Corrupt> {
        let behind = self.buckets.partition_point(|&bucket| pair(bucket).1 <= entry);
        let bucket = self.buckets.get(behind.wrapping_sub(1)).ok_or(NAMES)?;
        u16::try_from(pair(*bucket).0).map_err(|_| NAMES)
    }

    /// The entries of names of so many words.
    pub(crate) fn with_words(&self, is_active: bool, n_words: usize) -> Range<u32> {
        let buckets = bucket::with_words(is_active, n_words);
        self.first_entry(buckets.start)..self.first_entry(buckets.end)
    }

    fn first_entry(&self, wanted: u16) -> u32 {
        let at = self.buckets.partition_point(|&bucket| pair(bucket).0 < u32::from(wanted));
        self.buckets.get(at).map_or(self.n_entries(), |&bucket| pair(bucket).1)
    }
}

// === impl Tokens ===

impl Tokens {
    pub(crate) fn new() -> Self {
        Self { numbers: [0; MAX_WORDS], n: 0 }
    }

    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.numbers[..self.n.min(MAX_WORDS)]
    }
}
