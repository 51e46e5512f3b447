//! What an import has to say: counts, and what it could not use.
//!
//! Kept beside the edition, because the next import is measured against it, as JSON whose last member hashes what stands
//! in front of it.
//! Left out: anything about a person; samples are masked before they get here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::edition::Edition;
use crate::error::PadronError;
use crate::folder::REPORT;
use crate::line::BadLine;

/// The report of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The edition it made.
    pub edition: Edition,
    /// What it was made of.
    pub source: SourceReport,
    /// Rows in the edition.
    pub rows: u64,
    /// Of these, how many have a number that is not well formed. They are found by its text.
    pub foreign: u64,
    /// Numbers that stood in the text more than once; the last row counts.
    pub repeated: u64,
    /// Rows kept with all their text, because of a `|` in a name or a missing one at the end.
    pub odd: u64,
    /// Rows without a name.
    pub nameless: u64,
    /// Rows by the first two digits of their number.
    pub by_prefix: BTreeMap<String, u64>,
    /// Rows by status.
    pub by_status: BTreeMap<String, u64>,
    /// Rows by condition.
    pub by_condition: BTreeMap<String, u64>,
    /// Lines that are no rows.
    pub bad: BadLines,
    /// Distinct words that have a number.
    pub words: u64,
    /// Bytes of the file of rows.
    pub file_bytes: u64,
    /// Objections that were overridden.
    pub overridden: Vec<String>,
}

/// Where an edition comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Name of the file, without its folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Length of the text in it.
    pub text_bytes: u64,
    /// BLAKE3 hash of the file, in hexadecimal.
    pub blake3: String,
}

/// Lines that are no rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BadLines {
    /// How many, by what is the matter.
    pub by_reason: BTreeMap<BadLine, u64>,
    /// The first ones.
    pub samples: Vec<Sample>,
}

/// A line that is no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Its number in the text, from 1.
    pub line: u64,
    /// What is the matter.
    pub reason: BadLine,
    /// The line, its letters and digits hidden unless it is a company's.
    pub text: String,
}

// === impl Report ===

impl Report {
    /// Reads the report in an edition's folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, PadronError> {
        let path = folder.join(REPORT);
        let text = fs::read(&path).map_err(PadronError::read(&path))?;
        let said = &text[..text.len().saturating_sub(seal(b"").len())];
        if text[said.len()..] != *seal(said).as_bytes() {
            return Err(PadronError::damaged(path, "it was changed"));
        }
        serde_json::from_slice(&text).map_err(|error| PadronError::damaged(path, error.to_string()))
    }

    /// What [`Report::read`] reads.
    pub(crate) fn to_text(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a report is made of texts and numbers");
        // The seal closes it again.
        text.truncate(text.len() - "\n}".len());
        let seal = seal(&text);
        text.extend_from_slice(seal.as_bytes());
        text
    }
}

/// The last member of a report, and its end.
fn seal(said: &[u8]) -> String {
    format!(",\n  \"seal\": \"{}\"\n}}\n", blake3::hash(said))
}

// === impl BadLines ===

impl BadLines {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.by_reason.values().sum()
    }
}
