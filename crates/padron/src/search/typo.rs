//! Words that are nearly the same.
//!
//! An edit is a letter too many, too few or wrong, or two neighbours that changed places. Before two words are compared
//! letter by letter, a mask of one number each rules out most pairs: an edit changes at most two of a word's letters.
//! Left out: which words there are.

/// Words longer than this are compared by what they begin with only.
const MAX: usize = 31;
const LETTERS: u32 = (1 << 27) - 1;

/// How many edits a word may be away from what was meant: none in short ones, where that would mean anything.
pub(crate) fn allowed(word: &[u8]) -> u8 {
    match word.len() {
        // A number is a name of its own, not a misspelt other one.
        _ if word.iter().any(u8::is_ascii_digit) => 0,
        0..=3 => 0,
        4..=7 => 1,
        8..=MAX => 2,
        _ => 0,
    }
}

/// Which letters a word has, and how many: 26 bits of letters, one for digits, five of length.
pub(crate) fn mask(word: &[u8]) -> u32 {
    let letters =
        word.iter().fold(0, |mask, letter| mask | 1 << if letter.is_ascii_uppercase() { letter - b'A' } else { 26 });
    letters | u32::try_from(word.len().min(MAX)).expect("it is at most 31") << 27
}

/// Whether two words of these masks may be so few edits apart.
#[inline]
pub(crate) fn may_be_near(one: u32, other: u32, edits: u8) -> bool {
    let letters = ((one ^ other) & LETTERS).count_ones();
    // Without a branch, so that many can be compared at once.
    (letters <= 2 * u32::from(edits)) & ((one >> 27).abs_diff(other >> 27) <= u32::from(edits))
}

/// How many edits two words are apart, if that is at most `limit`.
pub(crate) fn edits(one: &[u8], other: &[u8], limit: u8) -> Option<u8> {
    let limit = usize::from(limit);
    if one.len() > MAX || other.len() > MAX || one.len().abs_diff(other.len()) > limit {
        return None;
    }
    // Three rows of the table of all pairs of beginnings; cells too far from the diagonal cost too much anyway.
    let far = limit + 1;
    let mut before = [far; MAX + 1];
    let mut last = [far; MAX + 1];
    for (at, cell) in last.iter_mut().enumerate().take(far) {
        *cell = at;
    }
    for row in 1..=one.len() {
        let mut new = [far; MAX + 1];
        if row <= limit {
            new[0] = row;
        }
        let mut nearest = new[0];
        for column in row.saturating_sub(limit).max(1)..=(row + limit).min(other.len()) {
            let same = one[row - 1] == other[column - 1];
            let mut cost = last[column - 1] + usize::from(!same);
            cost = cost.min(last[column] + 1).min(new[column - 1] + 1);
            if row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1] {
                cost = cost.min(before[column - 2] + 1);
            }
            new[column] = cost.min(far);
            nearest = nearest.min(cost);
        }
        if nearest > limit {
            return None;
        }
        (before, last) = (last, new);
    }
    u8::try_from(last[other.len()]).ok().filter(|&edits| usize::from(edits) <= limit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expected: Option<u8>) {
        let (one, other) = (one.as_bytes(), other.as_bytes());
        assert_eq!(edits(one, other, 2), expected);
        assert_eq!(edits(other, one, 2), expected);
    }

    #[test]
    fn each_kind_of_mistake_counts_once() {
        check("QUISPE", "QUISPE", Some(0));
        check("QUISPE", "QUISPES", Some(1));
        check("QUISPE", "UISPE", Some(1));
        check("QUISPE", "QUIZPE", Some(1));
        check("QUISPE", "QUISEP", Some(1));
        check("QUISPE", "UQISEP", Some(2));
        check("QUISPE", "KISPE", Some(2));
        check("QUISPE", "MAMANI", None);
        check("", "AB", Some(2));
    }

    #[test]
    fn short_words_and_numbers_are_meant_as_they_stand() {
        for (word, n) in [("SAC", 0), ("ROSA", 1), ("MENDOZA", 1), ("RODRIGUEZ", 2), ("PERU2000", 0)] {
            assert_eq!(allowed(word.as_bytes()), n, "{word}");
        }
    }

    proptest! {
        #[test]
        fn the_mask_rules_out_nothing_that_is_near(one in "[A-E0]{0,9}", other in "[A-E0]{0,9}") {
            for limit in 0..=2 {
                let found = edits(one.as_bytes(), other.as_bytes(), limit);
                prop_assert_eq!(found, edits(one.as_bytes(), other.as_bytes(), 9).filter(|&edits| edits <= limit));
                if found.is_some() {
                    prop_assert!(may_be_near(mask(one.as_bytes()), mask(other.as_bytes()), limit));
                }
            }
        }
    }
}
