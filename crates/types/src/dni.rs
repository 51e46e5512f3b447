//! The number of a national identity document.
//!
//! A DNI is personal data wherever it stands, so it shows itself only through [`Dni::as_str`] and `Display`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Ruc;

/// Eight ASCII digits. There is no check digit inside; the one printed beside it is [`Dni::verification_digit`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Dni([u8; Dni::LEN]);

/// Why a text is no DNI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDniError {
    /// A character other than `0` to `9`; counted from 1, in characters.
    #[error("character {position} is not a digit")]
    NotADigit {
        /// Position of the first such character, from 1.
        position: usize,
    },
    /// Too few or too many digits.
    #[error("expected {} digits, found {found}", Dni::LEN)]
    Length {
        /// How many digits there were.
        found: usize,
    },
}

// === impl Dni ===

impl Dni {
    /// How many digits a number has. Leading zeros count.
    pub const LEN: usize = 8;

    /// The eight digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a Dni holds ASCII digits")
    }

    /// The digit printed beside the number on the card.
    ///
    /// It is the check digit of the RUC that starts with 10 (checked over 200,000 numbers: facts, MIGO 4).
    pub fn verification_digit(self) -> char {
        char::from(self.ruc().as_str().as_bytes()[Ruc::LEN - 1])
    }

    /// The RUC that its holder has, if they have one of the ordinary kind.
    pub fn ruc(self) -> Ruc {
        let body = self.0.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        Ruc::from_body(10, body).expect("eight digits make a body")
    }

    /// The DNI inside a RUC that starts with 10; no other RUC holds one.
    pub fn of_ruc(ruc: Ruc) -> Option<Self> {
        let body = ruc.as_str().strip_prefix("10")?;
        body[..Self::LEN].parse().ok()
    }
}

impl AsRef<str> for Dni {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for Dni {
    type Err = ParseDniError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(position) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(ParseDniError::NotADigit { position: position + 1 });
        }
        text.as_bytes().try_into().map(Self).map_err(|_| ParseDniError::Length { found: text.len() })
    }
}

impl fmt::Display for Dni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Masked: the last two digits.
impl fmt::Debug for Dni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dni(…{})", &self.as_str()[6..])
    }
}

impl TryFrom<String> for Dni {
    type Error = ParseDniError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Dni> for String {
    fn from(dni: Dni) -> Self {
        dni.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The card's own rule: weights 3 2 7 6 5 4 3 2, and a table of eleven digits.
    fn by_the_cards_rule(dni: Dni) -> char {
        let weights = [3, 2, 7, 6, 5, 4, 3, 2];
        let sum: usize =
            dni.as_str().bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
        char::from(b"65432110987"[sum % 11])
    }

    #[test]
    fn a_number_is_read_with_its_zeros_and_shown_masked() {
        let dni: Dni = "10117410".parse().unwrap();
        assert_eq!((dni.verification_digit(), dni.ruc().as_str()), ('2', "10101174102"));
        assert_eq!(format!("{dni:?}"), "Dni(…10)");
        assert_eq!("00000001".parse::<Dni>().unwrap().as_str(), "00000001");
        assert_eq!(Dni::of_ruc(dni.ruc()), Some(dni));
        assert_eq!(Dni::of_ruc("20131312955".parse().unwrap()), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, message) in [
            ("", "expected 8 digits, found 0"),
            ("1011741", "expected 8 digits, found 7"),
            ("101174102", "expected 8 digits, found 9"),
            ("1011741O", "character 8 is not a digit"),
            ("1011-7410", "character 5 is not a digit"),
        ] {
            assert_eq!(text.parse::<Dni>().unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn the_verification_digit_is_the_cards(number in 0u32..100_000_000) {
            let dni: Dni = format!("{number:08}").parse().unwrap();
            prop_assert_eq!(dni.verification_digit(), by_the_cards_rule(dni));
            prop_assert_eq!(Dni::of_ruc(dni.ruc()), Some(dni));
        }
    }
}
