//! Names of editions.
//!
//! An edition is one day's registry, named by its date; a second one of the same date is told apart by a number.
//! Left out: where editions lie, and choosing the date.

use std::fmt;
use std::str::FromStr;

use chasqui_types::time::Date;
use serde::{Deserialize, Serialize};

/// One day's registry: `2026-11-21`, or `2026-11-21-2` for the second of that day. Ordered as they came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Edition {
    date: Date,
    number: u16,
}

/// A text that names no edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an edition is named by its date, such as 2026-11-21, or 2026-11-21-2 for the second of that day")]
pub struct ParseEditionError;

// === impl Edition ===

impl Edition {
    /// How many bytes a name takes in a header.
    pub(crate) const BYTES: usize = 32;

    /// The name as a header has it: what it does not fill is zeros.
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let (mut bytes, name) = ([0; Self::BYTES], self.to_string());
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        bytes
    }

    /// Reads what [`Edition::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        std::str::from_utf8(bytes).ok()?.trim_end_matches('\0').parse().ok()
    }

    /// The first edition of a date.
    pub fn first_of(date: Date) -> Self {
        Self { date, number: 1 }
    }

    /// The date of the data.
    pub fn date(self) -> Date {
        self.date
    }

    /// The edition of the same date that comes after this one.
    pub(crate) fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => f.pad(&self.date.to_string()),
            number => f.pad(&format!("{}-{number}", self.date)),
        }
    }
}

impl FromStr for Edition {
    type Err = ParseEditionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (date, number) = text.split_at_checked(10).ok_or(ParseEditionError)?;
        let date = date.parse().map_err(|_| ParseEditionError)?;
        let number = match number.strip_prefix('-') {
            None if number.is_empty() => 1,
            None => return Err(ParseEditionError),
            Some(number) => number.parse().ok().filter(|&number| number > 1).ok_or(ParseEditionError)?,
        };
        let edition = Self { date, number };
        // One way to write each, because the name is a folder's too.
        if edition.to_string() == text { Ok(edition) } else { Err(ParseEditionError) }
    }
}

impl TryFrom<String> for Edition {
    type Error = ParseEditionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Edition> for String {
    fn from(edition: Edition) -> Self {
        edition.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_read_back_and_are_ordered() {
        let names = ["2025-12-31", "2026-11-21", "2026-11-21-2", "2026-11-21-10", "2026-11-22"];
        let editions: Vec<Edition> = names.iter().map(|name| name.parse().unwrap()).collect();
        assert!(editions.is_sorted());
        assert_eq!(editions.iter().map(Edition::to_string).collect::<Vec<_>>(), names);
        assert_eq!(editions[1].next(), editions[2]);
    }

    #[test]
    fn other_names_are_refused() {
        for name in [
            "",
            "2026-11-2",
            "2026-11-21-0",
            "2026-11-21-1",
            "2026-11-21-+2",
            "2026-11-21-65536",
            "2026-11-21-02",
            "2026-11-21-",
            "2026-02-30",
            "../../../etc",
            "2026-11-21x",
        ] {
            assert_eq!(name.parse::<Edition>(), Err(ParseEditionError), "{name}");
        }
    }
}
