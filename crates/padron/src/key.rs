//! Numbers of taxpayers as small integers.
//!
//! A RUC is one of five prefixes, eight digits, and a check digit that follows from them, so all possible ones can be
//! counted: that place is the key under which the file keeps a row.
//! Left out: numbers that are not well formed; they have no key, and are kept apart by their text.

use chasqui_types::Ruc;

const PREFIXES: [u8; 5] = [10, 15, 16, 17, 20];
const BODIES: u32 = 100_000_000;

/// The place of a well-formed number among all of them, in the numbers' own order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u32);

impl Key {
    /// How many keys there are.
    pub(crate) const COUNT: u32 = 5 * BODIES;

    pub(crate) fn of(ruc: Ruc) -> Self {
        let number = ruc.to_u64() / 10;
        let prefix = number / u64::from(BODIES);
        let index = PREFIXES.iter().position(|&one| u64::from(one) == prefix).expect("a Ruc has one of the prefixes");
        let body = u32::try_from(number % u64::from(BODIES)).expect("a body has eight digits");
        Self(u32::try_from(index).expect("there are five prefixes") * BODIES + body)
    }

    /// The key of a cell's text, if it is a well-formed number.
    pub(crate) fn parse(cell: &[u8]) -> Option<Self> {
        std::str::from_utf8(cell).ok()?.parse().ok().map(Self::of)
    }

    pub(crate) fn from_index(index: u32) -> Option<Self> {
        (index < Self::COUNT).then_some(Self(index))
    }

    pub(crate) fn index(self) -> u32 {
        self.0
    }

    pub(crate) fn ruc(self) -> Ruc {
        let prefix = PREFIXES[usize::try_from(self.0 / BODIES).expect("a prefix's place is small")];
        Ruc::from_body(prefix, self.0 % BODIES).expect("a key holds a prefix and a body")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_and_numbers_are_the_same_thing_in_the_same_order(one in 0..Key::COUNT, other in 0..Key::COUNT) {
            let (one, other) = (Key(one), Key(other));
            prop_assert!(Key::of(one.ruc()) == one);
            prop_assert!(Key::parse(one.ruc().as_str().as_bytes()) == Some(one));
            prop_assert_eq!(one < other, one.ruc() < other.ruc());
        }
    }

    #[test]
    fn what_is_no_number_has_no_key() {
        for text in ["", "20131312954", "00131312955", "2013131295\u{e9}", "201313129550"] {
            assert!(Key::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
