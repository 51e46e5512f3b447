//! A number of either kind, where both may stand side by side.

use std::fmt;

use crate::{Dni, Ruc};

/// The number of a taxpayer or of an identity document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Number {
    /// Of a taxpayer: eleven digits.
    Ruc(Ruc),
    /// Of an identity document: eight digits.
    Dni(Dni),
}

// === impl Number ===

impl Number {
    /// The digits.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ruc(ruc) => ruc.as_str(),
            Self::Dni(dni) => dni.as_str(),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Masked, as each kind masks itself.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ruc(ruc) => fmt::Debug::fmt(ruc, f),
            Self::Dni(dni) => fmt::Debug::fmt(dni, f),
        }
    }
}

impl From<Ruc> for Number {
    fn from(ruc: Ruc) -> Self {
        Self::Ruc(ruc)
    }
}

impl From<Dni> for Number {
    fn from(dni: Dni) -> Self {
        Self::Dni(dni)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_its_digits_and_masks_them_in_debug_output() {
        let numbers: [Number; 2] =
            ["20131312955".parse::<Ruc>().unwrap().into(), "10117410".parse::<Dni>().unwrap().into()];
        assert_eq!(numbers.map(|number| number.to_string()), ["20131312955", "10117410"]);
        assert!(!format!("{numbers:?}").contains("10117410"));
    }
}
