//! Words with a number each: how often they occur, or what stands for them.
//!
//! One table and one piece of memory for all words, because there are a million of them and each is short.
//! Left out: more than a bounded number of words; what is beyond it is written as it is.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// The real text has about a million. Others have no end, and must not take all memory.
const MAX_DISTINCT: usize = 6_000_000;

/// Words and their numbers.
pub(super) struct Tally {
    table: HashTable<Entry>,
    text: Vec<u8>,
    hasher: RandomState,
}

struct Entry {
    start: u32,
    len: u8,
    value: u32,
}

// === impl Tally ===

impl Tally {
    pub(super) fn new() -> Self {
        Self { table: HashTable::new(), text: Vec::new(), hasher: RandomState::default() }
    }

    /// Counts a word `n` times more.
    #[inline]
    pub(super) fn add(&mut self, word: &[u8], n: u32) {
        let hash = self.hasher.hash_one(word);
        if let Some(entry) = self.table.find_mut(hash, |entry| entry.text(&self.text) == word) {
            entry.value = entry.value.saturating_add(n);
        } else {
            self.insert(hash, word, n);
        }
    }

    #[inline]
    pub(super) fn get(&self, word: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(word);
        self.table.find(hash, |entry| entry.text(&self.text) == word).map(|entry| entry.value)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (word, n) in other.iter() {
            self.add(word, n);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.table.iter().map(|entry| (entry.text(&self.text), entry.value))
    }

    /// The numbered words, each with its place as its number.
    pub(super) fn of_places<'a>(words: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut tally = Self::new();
        for (place, word) in (0..).zip(words) {
            let hash = tally.hasher.hash_one(word);
            tally.insert(hash, word, place);
        }
        tally
    }

    fn insert(&mut self, hash: u64, word: &[u8], value: u32) {
        let start = u32::try_from(self.text.len());
        let len = u8::try_from(word.len());
        // A word that is longer than a byte can count would hardly occur twice.
        let (Ok(start), Ok(len), true) = (start, len, self.table.len() < MAX_DISTINCT) else {
            return;
        };
        self.text.extend_from_slice(word);
        let (text, hasher) = (&self.text, &self.hasher);
        let entry = Entry { start, len, value };
        self.table.insert_unique(hash, entry, |entry| hasher.hash_one(entry.text(text)));
    }
}

// === impl Entry ===

impl Entry {
    #[inline]
    fn text<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        &text[self.start as usize..][..usize::from(self.len)]
    }
}
