//! The first reading: which numbers there are, which words, and what is wrong.
//!
//! Everything that decides whether an edition may be used is known after it, before a byte is written.
//! Left out: the decision.

use std::collections::{BTreeMap, HashSet};

use super::source::Chunk;
use super::tally::Tally;
use crate::key::Key;
use crate::line::{self, BadLine, NAME, STATUS};
use crate::members::Gathered;
use crate::record;
use crate::report::{BadLines, Sample};

/// Enough to see what is the matter.
const MAX_SAMPLES: usize = 20;
const MAX_SAMPLE_LEN: usize = 160;
const MAX_STATES_LEN: usize = 100;

/// What one thread, or all of them together, counted.
pub(super) struct Counted {
    pub(super) words: Tally,
    pub(super) shapes: Tally,
    /// By status and condition, with the `|` between them.
    pub(super) states: Tally,
    pub(super) prefixes: BTreeMap<[u8; 2], u64>,
    pub(super) n_rows: u64,
    /// Rows whose number has no key.
    pub(super) n_foreign: u64,
    /// Rows kept as the line they were.
    pub(super) n_odd: u64,
    pub(super) n_nameless: u64,
    /// Numbers that occur more than once.
    pub(super) repeated: HashSet<Key>,
    pub(super) bad: BadLines,
    shape: Vec<u8>,
}

impl Counted {
    pub(super) fn new() -> Self {
        Self {
            words: Tally::new(),
            shapes: Tally::new(),
            states: Tally::new(),
            prefixes: BTreeMap::new(),
            n_rows: 0,
            n_foreign: 0,
            n_odd: 0,
            n_nameless: 0,
            repeated: HashSet::new(),
            bad: BadLines::default(),
            shape: Vec::new(),
        }
    }

    pub(super) fn chunk(&mut self, chunk: &Chunk, members: &Gathered) {
        for (number, line) in chunk.lines() {
            if let Err(reason) = self.line(line, members) {
                *self.bad.by_reason.entry(reason).or_default() += 1;
                if self.bad.samples.len() < MAX_SAMPLES {
                    self.bad.samples.push(Sample { line: number, reason, text: shown(line) });
                }
            }
        }
    }

    fn line(&mut self, line: &[u8], members: &Gathered) -> Result<(), BadLine> {
        let cells = line::cut(line)?;
        self.n_rows += 1;
        *self.prefixes.entry([line[0], line[1]]).or_default() += 1;
        let states = &line[cells.spans[STATUS].0 as usize..cells.spans[STATUS + 1].1 as usize];
        // Real ones have 41 letters at most; whatever these are, the row counts.
        self.states.add(&states[..states.len().min(MAX_STATES_LEN)], 1);
        let name = line::part(line, cells.spans[NAME]);
        self.n_nameless += u64::from(name.iter().all(|byte| b" -".contains(byte)));
        let Some(key) = Key::parse(line::part(line, cells.spans[0])) else {
            self.n_foreign += 1;
            return Ok(());
        };
        if !members.insert(key) {
            self.repeated.insert(key);
        }
        self.n_odd += u64::from(!cells.canonical);
        record::shape(line, &cells, &mut self.shape);
        self.shapes.add(&self.shape, 1);
        if cells.canonical {
            record::for_each_word(line, &cells, |word| self.words.add(word, 1));
        }
        Ok(())
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        self.words.merge(&other.words);
        self.shapes.merge(&other.shapes);
        self.states.merge(&other.states);
        for (prefix, n) in other.prefixes {
            *self.prefixes.entry(prefix).or_default() += n;
        }
        self.n_rows += other.n_rows;
        self.n_foreign += other.n_foreign;
        self.n_odd += other.n_odd;
        self.n_nameless += other.n_nameless;
        self.repeated.extend(other.repeated);
        for (reason, n) in other.bad.by_reason {
            *self.bad.by_reason.entry(reason).or_default() += n;
        }
        self.bad.samples.extend(other.bad.samples);
        self.bad.samples.sort_unstable_by_key(|sample| sample.line);
        self.bad.samples.truncate(MAX_SAMPLES);
        self
    }
}

/// A bad line as a report may show it: a company's as it is, any other with its letters and digits hidden.
fn shown(line: &[u8]) -> String {
    let is_company = line.len() > 11 && line.starts_with(b"20") && line[..11].iter().all(u8::is_ascii_digit);
    let text = crate::text::decode(&line[..line.len().min(MAX_SAMPLE_LEN)]);
    let hide = |letter: char| match letter {
        letter if letter.is_ascii_digit() => '9',
        letter if letter.is_alphabetic() => 'x',
        other => other,
    };
    text.chars().map(|letter| if is_company { letter } else { hide(letter) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_shows_no_person() {
        assert_eq!(shown(b"10101174102|QUISPE \xd1AHUI"), "99999999999|xxxxxx xxxxx");
        assert_eq!(shown(b"20100000131|PRUEBA"), "20100000131|PRUEBA");
        assert_eq!(shown(b"QUISPE|20100000131"), "xxxxxx|99999999999");
    }
}
