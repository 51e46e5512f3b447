//! The taxpayer number.
//!
//! A [`Ruc`] is parsed once and trusted afterwards, so a mistyped number never costs a call.
//! Left out: trimming and unmasking what people type; whoever received the text does that.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A taxpayer number whose prefix is one SUNAT issues and whose check digit is right.
///
/// Eleven ASCII digits: two of prefix, eight of body, one check digit (mod 11, weights 5 4 3 2 7 6 5 4 3 2).
/// Holding one is proof of that, so nothing downstream checks again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ruc([u8; Ruc::LEN]);

/// Who a number was issued to, as far as its first two digits tell.
///
/// The meanings of 15, 16 and 17 differ between sources, so only natural person against entity is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RucPrefix {
    /// 10: a natural person; digits 3 to 10 are their DNI.
    Person,
    /// 15, 16 or 17: a natural person or other holder without a DNI in the number.
    OtherPerson,
    /// 20: a legal entity, foreign ones included.
    Entity,
}

/// Why a text is not a taxpayer number. The first reason that applies, in the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseRucError {
    /// A character other than `0` to `9`; counted from 1, in characters.
    #[error("character {position} is not a digit")]
    NotADigit {
        /// Position of the first such character, from 1.
        position: usize,
    },
    /// Too few or too many digits.
    #[error("expected {} digits, found {found}", Ruc::LEN)]
    Length {
        /// How many digits there were.
        found: usize,
    },
    /// The first two digits are none of 10, 15, 16, 17, 20.
    #[error("a RUC starts with 10, 15, 16, 17 or 20")]
    Prefix,
    /// The last digit does not follow from the first ten.
    #[error("the check digit does not match")]
    CheckDigit,
}

// === impl Ruc ===

impl Ruc {
    /// How many digits a number has.
    pub const LEN: usize = 11;
    const WEIGHTS: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a Ruc holds ASCII digits")
    }

    /// The number as an integer, below 21·10⁹.
    pub fn to_u64(self) -> u64 {
        self.0.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    }

    /// Builds the number of `prefix` (10, 15, 16, 17 or 20) and an eight-digit `body`, computing the check digit.
    ///
    /// `None` for another prefix or a body of more than eight digits.
    pub fn from_body(prefix: u8, body: u32) -> Option<Self> {
        if !matches!(prefix, 10 | 15 | 16 | 17 | 20) || body > 99_999_999 {
            return None;
        }
        let mut digits = [b'0'; Self::LEN];
        let mut rest = u64::from(prefix) * 100_000_000 + u64::from(body);
        for slot in digits[..10].iter_mut().rev() {
            *slot = b'0' + u8::try_from(rest % 10).expect("a remainder of ten is one digit");
            rest /= 10;
        }
        digits[10] = Self::check_digit(&digits[..10]);
        Some(Self(digits))
    }

    /// Who the number was issued to.
    pub fn prefix(&self) -> RucPrefix {
        match &self.0[..2] {
            b"10" => RucPrefix::Person,
            b"20" => RucPrefix::Entity,
            _ => RucPrefix::OtherPerson,
        }
    }

    fn check_digit(body: &[u8]) -> u8 {
        let sum: u32 = body.iter().zip(Self::WEIGHTS).map(|(&digit, weight)| u32::from(digit - b'0') * weight).sum();
        b'0' + u8::try_from((11 - sum % 11) % 10).expect("a remainder of ten is one digit")
    }
}

impl AsRef<str> for Ruc {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for Ruc {
    type Err = ParseRucError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(position) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(ParseRucError::NotADigit { position: position + 1 });
        }
        let digits: [u8; Self::LEN] =
            text.as_bytes().try_into().map_err(|_| ParseRucError::Length { found: text.len() })?;
        if !matches!(&digits[..2], b"10" | b"15" | b"16" | b"17" | b"20") {
            return Err(ParseRucError::Prefix);
        }
        let (body, last) = digits.split_at(Self::LEN - 1);
        if Self::check_digit(body) != last[0] {
            return Err(ParseRucError::CheckDigit);
        }
        Ok(Self(digits))
    }
}

impl fmt::Display for Ruc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Masked, because a person's number contains their identity document.
impl fmt::Debug for Ruc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        write!(f, "Ruc({}…{})", &text[..2], &text[9..])
    }
}

impl TryFrom<String> for Ruc {
    type Error = ParseRucError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Ruc> for String {
    fn from(ruc: Ruc) -> Self {
        ruc.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_vector_is_judged_as_written() {
        for line in include_str!("../tests/data/ruc_vectors.tsv").lines().skip(1) {
            let mut cells = line.split('\t');
            let (number, expected) = (cells.next().unwrap(), cells.next().unwrap());
            let verdict = match number.parse::<Ruc>() {
                Ok(_) => "ok",
                Err(ParseRucError::NotADigit { .. }) => "digit",
                Err(ParseRucError::Length { .. }) => "length",
                Err(ParseRucError::Prefix) => "prefix",
                Err(ParseRucError::CheckDigit) => "check_digit",
            };
            assert_eq!(verdict, expected, "{number}");
        }
    }

    #[test]
    fn numbers_are_refused_for_the_first_reason_that_applies() {
        check("2013131295", "expected 11 digits, found 10");
        check("2013131295x", "character 11 is not a digit");
        check("ñ", "character 1 is not a digit");
        check("12345678901", "a RUC starts with 10, 15, 16, 17 or 20");
        check("20131312954", "the check digit does not match");
    }

    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(text.parse::<Ruc>().unwrap_err().to_string(), message);
    }

    #[test]
    fn a_number_never_shows_itself_by_accident() {
        let ruc: Ruc = "10101174102".parse().unwrap();
        assert_eq!(format!("{ruc:?}"), "Ruc(10…02)");
        assert_eq!(ruc.prefix(), RucPrefix::Person);
    }

    proptest! {
        #[test]
        fn a_built_number_reads_back(prefix in prop::sample::select(vec![10u8, 15, 16, 17, 20]), body in 0u32..100_000_000) {
            let ruc = Ruc::from_body(prefix, body).unwrap();
            prop_assert_eq!(ruc.as_str().parse::<Ruc>(), Ok(ruc));
            prop_assert_eq!(ruc.to_u64() / 10 % 100_000_000, u64::from(body));
            let json = serde_json::to_string(&ruc).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ruc>(&json).unwrap(), ruc);
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(body in 0u32..100_000_000, at in 0usize..10, other in 1u8..10) {
            let ruc = Ruc::from_body(20, body).unwrap();
            let mut digits = ruc.as_str().as_bytes().to_vec();
            digits[at] = b'0' + (digits[at] - b'0' + other) % 10;
            // Remainders 0 and 10 share the printed digit 1 and 0, so mod 11 folded to ten digits can miss; the
            // folded pairs are the only misses.
            if let Ok(twin) = String::from_utf8(digits).unwrap().parse::<Ruc>() {
                prop_assert!(matches!(twin.0[10], b'0' | b'1'));
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = text.parse::<Ruc>();
        }
    }
}
