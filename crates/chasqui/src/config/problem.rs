//! What is wrong with a configuration, all of it at once.
//!
//! A problem says where, which key, and what was expected; never a secret's value.

use std::fmt;

use super::origin::Origin;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    pub(super) origin: Option<Origin>,
    pub(super) column: Option<usize>,
    pub(super) key: Option<String>,
    pub(super) message: String,
}

/// Everything that is wrong, at least one thing, in the order file, variables, flags.
///
/// `Display` gives one line each: `chasqui.toml:12: server.listen: expected HOST:PORT, found "x"`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub(super) Vec<Problem>);

// === impl Problem ===

impl Problem {
    pub(super) fn new(origin: Origin, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { origin: Some(origin), column: None, key: Some(key.into()), message: message.into() }
    }

    /// Where the value stands; `None` for a rule between keys that no one place breaks.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// The key, as a path with dots; `None` where the text could not be read.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Places in the file by line, then the other layers by weight.
    pub(super) fn rank(&self) -> (u8, usize, usize) {
        let column = self.column.unwrap_or(0);
        match &self.origin {
            Some(Origin::File { line, .. }) => (0, *line, column),
            Some(Origin::Env { .. } | Origin::SecretFile { .. }) => (1, 0, 0),
            Some(Origin::Flag { .. }) => (2, 0, 0),
            Some(Origin::Default) | None => (3, 0, 0),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{}", OneLine(&origin.to_string()))?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{}: ", OneLine(key))?;
        }
        write!(f, "{}", OneLine(&self.message))
    }
}

// === impl Problems ===

impl Problems {
    pub(super) fn from_unsorted(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(Problem::rank);
        Self(problems)
    }

    /// The problems.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// Text that people gave, kept on one line and away from the terminal's controls.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}
