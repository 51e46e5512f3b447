//! Which numbers are in the edition, exactly, and which record is whose.
//!
//! A bit for every possible number, in lines of the processor's cache: each line opens with the count of members in
//! front of it, so that one line answers both. Stretches of numbers that nobody has take no room.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::corrupt::{Corrupt, MEMBERS};
use crate::key::Key;

/// Members in front of the line, then its bits.
const WORDS_PER_LINE: usize = 8;
const LINE: usize = WORDS_PER_LINE * 8;
const KEYS_PER_LINE: u32 = 7 * 64;
const LINES_PER_PAGE: u32 = 128;
const PAGE: usize = LINES_PER_PAGE as usize * LINE;
const KEYS_PER_PAGE: u32 = LINES_PER_PAGE * KEYS_PER_LINE;
const N_PAGES: usize = Key::COUNT.div_ceil(KEYS_PER_PAGE) as usize;
/// The directory: for each page its place among those that are there, from 1.
const DIRECTORY: usize = (N_PAGES * 4).next_multiple_of(LINE);

/// Where a key's bit is.
#[derive(Clone, Copy)]
struct Place {
    page: usize,
    line: usize,
    word: usize,
    bit: u32,
}

/// The members of an open file.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a> {
    directory: &'a [[u8; 4]],
    pages: &'a [[u8; PAGE]],
}

/// Members being gathered, by several threads at once.
pub(crate) struct Gathered {
    pages: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

// === impl Place ===

impl Place {
    fn of(key: Key) -> Self {
        let (page, in_page) = (key.index() / KEYS_PER_PAGE, key.index() % KEYS_PER_PAGE);
        let (line, in_line) = (in_page / KEYS_PER_LINE, in_page % KEYS_PER_LINE);
        Self { page: page as usize, line: line as usize, word: in_line as usize / 64, bit: in_line % 64 }
    }
}

// === impl Members ===

impl<'a> Members<'a> {
    pub(crate) fn read(section: &'a [u8]) -> Result<Self, Corrupt> {
        let (directory, pages) = section.split_at_checked(DIRECTORY).ok_or(MEMBERS)?;
        let (pages, rest) = pages.as_chunks();
        if !rest.is_empty() {
            return Err(MEMBERS);
        }
        Ok(Self { directory: directory.as_chunks().0, pages })
    }

    /// How many members stand in front of `key`, if it is one itself.
    #[inline]
    pub(crate) fn rank(&self, key: Key) -> Result<Option<u32>, Corrupt> {
        let place = Place::of(key);
        let Some(page) = self.page(place.page)? else {
            return Ok(None);
        };
        let (words, _) = page.as_chunks::<8>();
        let line = &words[place.line * WORDS_PER_LINE..][..WORDS_PER_LINE];
        let word = u64::from_le_bytes(line[1 + place.word]);
        if word >> place.bit & 1 == 0 {
            return Ok(None);
        }
        let in_word = (word & ((1 << place.bit) - 1)).count_ones();
        let in_line: u32 = line[1..=place.word].iter().map(|&word| u64::from_le_bytes(word).count_ones()).sum();
        let in_front = u32::try_from(u64::from_le_bytes(line[0])).map_err(|_| MEMBERS)?;
        in_front.checked_add(in_line + in_word).map(Some).ok_or(MEMBERS)
    }

    /// The first member that is not in front of `key`.
    pub(crate) fn first_from(&self, key: Key) -> Result<Option<Key>, Corrupt> {
        let mut place = Place::of(key);
        for page_number in place.page..N_PAGES {
            if let Some(page) = self.page(page_number)? {
                let (words, _) = page.as_chunks::<8>();
                for (line_number, line) in words.chunks(WORDS_PER_LINE).enumerate().skip(place.line) {
                    for (word_number, &word) in line[1..].iter().enumerate().skip(place.word) {
                        let word = u64::from_le_bytes(word) & (u64::MAX << place.bit);
                        place.bit = 0;
                        if word != 0 {
                            let index = page_number as u64 * u64::from(KEYS_PER_PAGE)
                                + line_number as u64 * u64::from(KEYS_PER_LINE)
                                + word_number as u64 * 64
                                + u64::from(word.trailing_zeros());
                            let key = u32::try_from(index).ok().and_then(Key::from_index);
                            return key.map(Some).ok_or(MEMBERS);
                        }
                    }
                    place.word = 0;
                }
            }
            place = Place { page: 0, line: 0, word: 0, bit: 0 };
        }
        Ok(None)
    }

    #[inline]
    fn page(&self, number: usize) -> Result<Option<&'a [u8; PAGE]>, Corrupt> {
        let place = self.directory.get(number).ok_or(MEMBERS)?;
        match u32::from_le_bytes(*place).checked_sub(1) {
            None => Ok(None),
            Some(place) => self.pages.get(place as usize).map(Some).ok_or(MEMBERS),
        }
    }
}

// === impl Gathered ===

impl Gathered {
    pub(crate) fn new() -> Self {
        Self { pages: (0..N_PAGES).map(|_| OnceLock::new()).collect() }
    }

    /// Adds a member, and says whether it was none before.
    pub(crate) fn insert(&self, key: Key) -> bool {
        let place = Place::of(key);
        let page = self.pages[place.page].get_or_init(|| {
            // Zeroed words rather than made one by one, because most pages are filled at random.
            (0..PAGE / 8).map(|_| AtomicU64::new(0)).collect()
        });
        let word = &page[place.line * WORDS_PER_LINE + 1 + place.word];
        word.fetch_or(1 << place.bit, Ordering::Relaxed) >> place.bit & 1 == 0
    }

    /// The section that [`Members::read`] reads, and how many members there are.
    pub(crate) fn write(self) -> (Vec<u8>, u32) {
        let n_pages = self.pages.iter().filter(|page| page.get().is_some()).count();
        let mut section = Vec::with_capacity(DIRECTORY + n_pages * PAGE);
        let mut place = 0_u32;
        for page in &self.pages {
            let there = page.get().is_some();
            place += u32::from(there);
            section.extend(if there { place } else { 0 }.to_le_bytes());
        }
        section.resize(DIRECTORY, 0);
        let mut n_members = 0_u32;
        for page in self.pages.into_iter().filter_map(OnceLock::into_inner) {
            for line in page.chunks(WORDS_PER_LINE) {
                section.extend(u64::from(n_members).to_le_bytes());
                for word in &line[1..] {
                    let word = word.load(Ordering::Relaxed);
                    n_members += word.count_ones();
                    section.extend(word.to_le_bytes());
                }
            }
        }
        (section, n_members)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(index: u32) -> Key {
        Key::from_index(index).unwrap()
    }

    proptest! {
        #[test]
        fn members_are_known_exactly_and_in_order(
            indexes in prop::collection::btree_set(prop_oneof![0..Key::COUNT, 0..2_000_u32, Key::COUNT - 70..Key::COUNT], 0..300),
            others in prop::collection::vec(0..3_000_u32, 50),
        ) {
            let gathered = Gathered::new();
            for &index in &indexes {
                prop_assert!(gathered.insert(key(index)));
                prop_assert!(!gathered.insert(key(index)));
            }
            let (section, n_members) = gathered.write();
            prop_assert_eq!(n_members as usize, indexes.len());
            let members = Members::read(&section).unwrap();
            let mut from = Some(key(0));
            for (rank, &index) in (0..).zip(&indexes) {
                prop_assert_eq!(members.rank(key(index)).unwrap(), Some(rank));
                let next = members.first_from(from.unwrap()).unwrap().unwrap();
                prop_assert_eq!(next.index(), index);
                from = Key::from_index(index + 1);
            }
            if let Some(from) = from {
                prop_assert!(members.first_from(from).unwrap().is_none());
            }
            for index in others {
                prop_assert_eq!(members.rank(key(index)).unwrap().is_some(), indexes.contains(&index));
            }
        }
    }
}
