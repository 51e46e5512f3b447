//! The six-digit code of a district.
//!
//! Left out: names. Codes retire, so a table of names belongs to whoever shows them.

use std::fmt;
use std::str::FromStr;

/// A district's code as INEI numbers it: two digits each of department, province and district.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ubigeo([u8; 6]);

/// A text that is not six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ubigeo has six digits")]
pub struct ParseUbigeoError;

// === impl Ubigeo ===

impl Ubigeo {
    /// The six digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a Ubigeo holds ASCII digits")
    }

    /// The department's two digits.
    pub fn department(&self) -> &str {
        &self.as_str()[..2]
    }

    /// The province's four digits, department included.
    pub fn province(&self) -> &str {
        &self.as_str()[..4]
    }
}

impl FromStr for Ubigeo {
    type Err = ParseUbigeoError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 6] = text.as_bytes().try_into().map_err(|_| ParseUbigeoError)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(ParseUbigeoError) }
    }
}

impl fmt::Display for Ubigeo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Ubigeo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ubigeo({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_splits_into_its_levels() {
        let ubigeo: Ubigeo = "150122".parse().unwrap();
        assert_eq!((ubigeo.department(), ubigeo.province(), ubigeo.as_str()), ("15", "1501", "150122"));
    }

    #[test]
    fn anything_but_six_digits_is_refused() {
        for text in ["", "-", "15012", "1501222", "15012a", "１５０１２２"] {
            assert_eq!(text.parse::<Ubigeo>(), Err(ParseUbigeoError), "{text}");
        }
    }
}
