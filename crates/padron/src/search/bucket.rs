//! The order in which equally good answers are given: active taxpayers first, then shorter names.
//!
//! One small number says it, and entries of a part stand in its order.
//! Left out: the smaller number first, which is the order inside a bucket.

use std::ops::Range;

use super::fold::MAX_WORDS;

const MAX_LETTERS: usize = 511;
const INACTIVE: u16 = 1 << 15;

pub(crate) fn of(is_active: bool, n_words: usize, n_letters: usize) -> u16 {
    let small = |n: usize, most: usize| u16::try_from(n.min(most)).expect("it is at most that");
    let name = small(n_words, MAX_WORDS) << 9 | small(n_letters, MAX_LETTERS);
    if is_active { name } else { INACTIVE | name }
}

/// The buckets of names of so many words.
pub(crate) fn with_words(is_active: bool, n_words: usize) -> Range<u16> {
    // The largest bucket of all is one of 63 words and 511 letters; nobody asks for names that long.
    of(is_active, n_words, 0)..of(is_active, n_words, MAX_LETTERS).saturating_add(1)
}

pub(crate) fn is_active(bucket: u16) -> bool {
    bucket & INACTIVE == 0
}

pub(crate) fn n_words(bucket: u16) -> u8 {
    ((bucket & !INACTIVE) >> 9).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_ones_come_first_and_shorter_names_before_longer_ones() {
        let order =
            [of(true, 1, 30), of(true, 3, 14), of(true, 3, 15), of(true, 4, 10), of(false, 1, 5), of(false, 90, 999)];
        assert!(order.is_sorted());
        assert!(with_words(true, 3).contains(&order[1]) && !with_words(true, 3).contains(&order[3]));
        assert!(!is_active(order[4]) && is_active(order[3]) && n_words(order[3]) == 4);
    }
}
