//! Words, and the numbers that stand for them.
//!
//! Names and addresses are made of few words used often, so each is written as a number of one, two or three bytes,
//! the shorter the more often it occurs; a word too rare to be worth a place is written as it is. Unlike a compressed
//! block, any string can be read alone.
//! Left out: which words there are; counting them is part of the import.

use crate::corrupt::{Corrupt, WORDS, put_length, take, take_length};

/// A word's place: its length and its bytes, or where its bytes are among the long ones.
pub(crate) const SLOT: usize = 16;
const LONG: u8 = 0xff;
/// Announces a word that has no number.
const LITERAL: u8 = 0xff;
/// What precedes the slots: how the numbers are divided, how many slots there are.
const PREFACE: usize = 16;

/// How many values of the first byte stand for numbers of one, two and three bytes; one value is the literal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    one: u32,
    two: u32,
    three: u32,
}

/// The words of a file, by number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    code: Code,
    slots: &'a [[u8; SLOT]],
    long: &'a [u8],
}

// === impl Code ===

impl Code {
    /// The most words that have a number.
    pub(crate) const MAX_WORDS: usize = 8_000_000;

    /// The division that makes the text shortest, for words that occur so often, the most frequent first.
    pub(crate) fn best(counts: &[u64]) -> Self {
        let mut before = Vec::with_capacity(counts.len() + 1);
        before.push(0_u64);
        for count in counts {
            before.push(before[before.len() - 1] + count);
        }
        let up_to = |n: u32| before[(n as usize).min(counts.len())];
        let divisions = (0..=255_u32).flat_map(|one| (0..=255 - one).map(move |two| (one, two)));
        let fitting = divisions.map(|(one, two)| Self { one, two, three: 255 - one - two });
        fitting
            .filter(|code| code.capacity() >= counts.len() as u64)
            // Bytes saved against writing three for each.
            .max_by_key(|code| up_to(code.one) + up_to(code.one + code.two * 256))
            .expect("all in three bytes has room for every word")
    }

    fn capacity(self) -> u64 {
        u64::from(self.one) + u64::from(self.two) * 256 + u64::from(self.three) * 65_536
    }

    pub(crate) fn put(self, number: u32, output: &mut Vec<u8>) {
        if number < self.one {
            output.push(low(number));
            return;
        }
        let number = number - self.one;
        if number < self.two * 256 {
            output.extend([low(self.one + number / 256), low(number)]);
            return;
        }
        let number = number - self.two * 256;
        output.extend([low(self.one + self.two + number / 65_536), low(number / 256), low(number)]);
    }
}

/// The lowest byte.
fn low(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// Writes a word that has no number.
pub(crate) fn put_literal(word: &[u8], output: &mut Vec<u8>) {
    output.push(LITERAL);
    put_length(word.len(), output);
    output.extend_from_slice(word);
}

/// Whether a word is worth a number: its place costs as much as it saves.
pub(crate) fn earns_a_place(word_len: usize, count: u64) -> bool {
    let place = SLOT + if word_len < SLOT { 0 } else { word_len };
    count * (word_len as u64 + 2) > place as u64 + count * 3
}

/// The section that [`Words::read`] reads.
pub(crate) fn write<'a>(code: Code, words: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut section = Vec::with_capacity(PREFACE + words.len() * SLOT);
    let length = |n: usize| u32::try_from(n).expect("words are at most MAX_WORDS, and short");
    let n_words = length(words.len());
    for number in [code.one, code.two, code.three, n_words] {
        section.extend(number.to_le_bytes());
    }
    let mut long = Vec::new();
    for word in words {
        let mut slot = [0; SLOT];
        if word.len() < SLOT {
            slot[0] = length(word.len()).to_le_bytes()[0];
            slot[1..=word.len()].copy_from_slice(word);
        } else {
            slot[0] = LONG;
            slot[4..8].copy_from_slice(&length(long.len()).to_le_bytes());
            slot[8..12].copy_from_slice(&length(word.len()).to_le_bytes());
            long.extend_from_slice(word);
        }
        section.extend(slot);
    }
    section.extend(long);
    section
}

// === impl Words ===

impl<'a> Words<'a> {
    pub(crate) fn read(mut section: &'a [u8]) -> Result<Self, Corrupt> {
        let mut number =
            || take(&mut section, 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).ok_or(WORDS);
        let code = Code { one: number()?, two: number()?, three: number()? };
        let n_words = number()? as usize;
        if [code.one, code.two, code.three].iter().any(|&share| share > 255) || code.one + code.two + code.three > 255 {
            return Err(WORDS);
        }
        let slots = n_words.checked_mul(SLOT).and_then(|n| take(&mut section, n)).ok_or(WORDS)?;
        Ok(Self { code, slots: slots.as_chunks().0, long: section })
    }

    /// Takes the next word off `input`.
    #[inline]
    pub(crate) fn next(&self, input: &mut &'a [u8]) -> Result<&'a [u8], Corrupt> {
        let (&first, rest) = input.split_first().ok_or(WORDS)?;
        *input = rest;
        let Code { one, two, .. } = self.code;
        let first_value = u32::from(first);
        let number = if first_value < one {
            first_value
        } else if first_value < one + two {
            let (&low, rest) = input.split_first().ok_or(WORDS)?;
            *input = rest;
            one + (first_value - one) * 256 + u32::from(low)
        } else if first == LITERAL {
            let length = take_length(input).ok_or(WORDS)?;
            return take(input, length).ok_or(WORDS);
        } else {
            let (low, rest) = input.split_first_chunk::<2>().ok_or(WORDS)?;
            *input = rest;
            let low = u32::from(u16::from_be_bytes(*low));
            one + two * 256 + (first_value - one - two) * 65_536 + low
        };
        let slot = self.slots.get(number as usize).ok_or(WORDS)?;
        match slot[0] {
            LONG => {
                let at = u32::from_le_bytes([slot[4], slot[5], slot[6], slot[7]]) as usize;
                let length = u32::from_le_bytes([slot[8], slot[9], slot[10], slot[11]]) as usize;
                self.long.get(at..).and_then(|from| from.get(..length)).ok_or(WORDS)
            }
            length => slot.get(1..=usize::from(length)).ok_or(WORDS),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_of_every_length_of_number_read_back() {
        let words: Vec<Vec<u8>> =
            (0..70_000_u32).map(|n| format!("{}{n}", "Ñ".repeat(n as usize % 9)).into()).collect();
        let code = Code { one: 100, two: 100, three: 55 };
        let section = write(code, words.iter().map(Vec::as_slice));
        let read = Words::read(&section).unwrap();
        for number in [0, 99, 100, 355, 356, 25_699, 25_700, 69_999] {
            let mut input = Vec::new();
            code.put(number, &mut input);
            put_literal(b"literal", &mut input);
            let mut left = input.as_slice();
            assert_eq!(read.next(&mut left).unwrap(), words[number as usize], "{number}");
            assert_eq!(read.next(&mut left).unwrap(), b"literal");
            assert!(left.is_empty());
        }
    }

    #[test]
    fn the_division_follows_how_often_words_occur() {
        assert!(Code::best(&[10; 200]).one >= 200);
        let many = Code::best(&vec![1; 1_000_000]);
        assert!(many.capacity() >= 1_000_000 && many.three >= 15, "{many:?}");
        assert!(Code::best(&vec![1; Code::MAX_WORDS]).capacity() >= Code::MAX_WORDS as u64);
    }

    #[test]
    fn a_rare_word_is_not_worth_a_place() {
        assert!(!earns_a_place(7, 1) && !earns_a_place(7, 2) && earns_a_place(7, 3));
        assert!(!earns_a_place(1, 1_000_000) && earns_a_place(2, 17));
        assert!(!earns_a_place(100, 1) && earns_a_place(100, 2));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(section in prop::collection::vec(any::<u8>(), 0..200), input: Vec<u8>) {
            if let Ok(words) = Words::read(&section) {
                let mut input = input.as_slice();
                while words.next(&mut input).is_ok() {}
            }
        }
    }
}
