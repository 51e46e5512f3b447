//! Cursors: where a page ended.
//!
//! A cursor says behind which hit the next page begins, and what had been decided until then, so that pages follow each
//! other without a gap or a repetition however often they are asked for.
//! Left out: keeping anything on our side.

use std::fmt::Write as _;

use super::Query;
use super::error::NamesError;
use super::fold::Folded;
use crate::container::HASH;

/// What a cursor is good for: an edition and a query.
pub(crate) type Binding = [u8; 8];

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The rank of its last hit.
    pub(crate) rank: u64,
    /// How many hits there were up to it.
    pub(crate) n_before: u32,
    /// What had been decided.
    pub(crate) decided: Decided,
}

/// What the first hits decide for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decided {
    /// Somebody has exactly this name, so nobody with one that is merely like it is meant.
    pub(crate) is_settled: bool,
    /// How many steps were taken in leaving words out.
    pub(crate) n_steps: u8,
}

pub(crate) fn binding(bound: &[u8; HASH], query: &Query) -> Binding {
    let mut hasher = blake3::Hasher::new();
    hasher.update(bound);
    let mut folded = Folded::default();
    folded.read_text(&query.text);
    for word in folded.iter() {
        hasher.update(word).update(b" ");
    }
    hasher.update(format!("{:?} {}", query.filters, query.persons).as_bytes());
    *hasher.finalize().as_bytes().first_chunk().expect("a hash has more than eight bytes")
}

// === impl Mark ===

impl Mark {
    pub(crate) fn write(self, binding: Binding) -> String {
        let mut bytes = Vec::new();
        bytes.extend(self.rank.to_be_bytes());
        bytes.extend(self.n_before.to_be_bytes());
        bytes.push(self.decided.n_steps << 1 | u8::from(self.decided.is_settled));
        bytes.extend(binding);
        bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    pub(crate) fn read(text: &str, binding: Binding) -> Result<Self, NamesError> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            Some(digit(pair[0])? << 4 | digit(pair[1])?)
        };
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        let bytes = bytes.filter(|_| rest.is_empty()).ok_or(NamesError::Cursor)?;
        let (said, bound) = bytes.split_last_chunk().ok_or(NamesError::Cursor)?;
        if *bound != binding {
            return Err(NamesError::Cursor);
        }
        let (rank, rest) = said.split_first_chunk().ok_or(NamesError::Cursor)?;
        let (n_before, rest) = rest.split_first_chunk().ok_or(NamesError::Cursor)?;
        let &[decided] = rest else { return Err(NamesError::Cursor) };
        Ok(Self {
            rank: u64::from_be_bytes(*rank),
            n_before: u32::from_be_bytes(*n_before),
            decided: Decided { is_settled: decided & 1 == 1, n_steps: decided >> 1 },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back_for_its_own_query_only(rank: u64, n_before: u32, is_settled: bool, n_steps in 0..100_u8, one: Binding, other: Binding) {
            let mark = Mark { rank, n_before, decided: Decided { is_settled, n_steps } };
            let text = mark.write(one);
            prop_assert_eq!(Mark::read(&text, one).unwrap(), mark);
            prop_assert_eq!(Mark::read(&text, other).is_ok(), one == other);
            prop_assert!(Mark::read(&text[1..], one).is_err());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            prop_assert!(Mark::read(&text, [0; 8]).is_err());
        }
    }
}
