//! What happened to rows, from the files of changes that were kept.
//!
//! The files form a chain: each leads from one edition to the next, the last one to the edition that is open. Walked
//! forward it tells who follows the registry what to change; walked backward it tells what a row said before.
//! A file that does not fit, because it is of an edition that was taken back or made anew, is not part of the chain,
//! and where a link is missing, history begins.
//! Left out: the editions themselves, of which only the open one is needed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chasqui_types::Ruc;
use chasqui_types::time::Date;

use crate::diff::{Change, ChangeFile, ChangesError, FileChanges, editions_of};
use crate::edition::Edition;
use crate::error::PadronError;
use crate::padron::Padron;
use crate::row::Row;

/// The changes that lead to an edition, as far back as they were kept without a gap.
#[derive(Debug)]
pub struct Changes {
    last: Edition,
    /// Oldest first; each begins where the one before it ends.
    chain: Vec<ChangeFile>,
}

/// What a number's row was on some day.
#[derive(Debug, Clone)]
pub enum Past {
    /// It had this row.
    Known {
        /// The row; a line put together anew where only its cells are known.
        row: Row,
        /// The edition that had it: the last one up to that day.
        edition: Edition,
    },
    /// It had none.
    NotListed {
        /// The edition that had none: the last one up to that day.
        edition: Edition,
    },
    /// Nobody knows: the day is before the first edition of which anything was kept.
    BeforeFirstEdition {
        /// That edition.
        first: Edition,
    },
}

/// Up to where somebody has followed the changes: an edition, and how many of the changes that lead away from it.
///
/// As text it is the edition's name, and behind it, if some changes were read, the next edition's and a number.
/// Callers take it for what it is given as and hand it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    edition: Edition,
    /// Never with zero changes, so that there is one way to say each place.
    towards: Option<(Edition, u64)>,
}

/// A text that [`Since`] was never written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no place among the changes: give an edition such as 2026-11-21, or what the last answer gave as the next"
)]
pub struct ParseSinceError;

/// Walks forward through the changes, from file to file.
pub struct Walk<'a> {
    last: Edition,
    at: Option<FileChanges<'a>>,
    rest: std::slice::Iter<'a, ChangeFile>,
    since: Since,
}

// === impl Changes ===

impl Changes {
    /// Opens the files in `dir` that lead to the edition which is open.
    pub fn open(dir: &Path, padron: &Padron) -> Result<Self, ChangesError> {
        let last = padron.edition();
        let files = files(dir)?;
        let mut chain: Vec<ChangeFile> = Vec::new();
        let (mut next, mut hash) = (last, *padron.hash());
        'links: loop {
            // Of several that lead to an edition, the one of the shortest step is the last.
            let leading_there = files.range(..(next, next)).rev().take_while(|((new, _), _)| *new == next);
            for ((_, old), path) in leading_there {
                let file = ChangeFile::open(path)?;
                let [before, after] = *file.hashes();
                // An edition of the same name may have been made of other bytes since.
                if file.editions() == [*old, next] && after == hash {
                    (next, hash) = (*old, before);
                    chain.push(file);
                    continue 'links;
                }
            }
            break;
        }
        chain.reverse();
        Ok(Self { last, chain })
    }

    /// Every file of changes in `dir`, whether or not it leads anywhere.
    pub fn paths(dir: &Path) -> Result<Vec<PathBuf>, ChangesError> {
        Ok(files(dir)?.into_values().collect())
    }

    /// The first edition of which anything is known.
    pub fn first(&self) -> Edition {
        self.chain.first().map_or(self.last, |file| file.editions()[0])
    }

    /// The edition that the changes lead to.
    pub fn last(&self) -> Edition {
        self.last
    }

    /// The files, oldest first.
    pub fn files(&self) -> &[ChangeFile] {
        &self.chain
    }

    /// The changes from some place on, oldest first.
    pub fn since(&self, since: Since) -> Result<Walk<'_>, ChangesError> {
        let not_kept = || ChangesError::NotKept { from: since.edition, first: self.first(), last: self.last };
        let start = if since.edition == self.last {
            self.chain.len()
        } else {
            let of_edition = self.chain.iter().position(|file| file.editions()[0] == since.edition);
            of_edition.ok_or_else(not_kept)?
        };
        let rest = self.chain[start..].iter();
        let mut walk = Walk { last: self.last, at: None, rest, since: Since::from(since.edition) };
        if let Some((towards, n_changes)) = since.towards {
            // The edition it was on the way to may have been taken back since.
            let file = walk.rest.next().filter(|file| file.editions()[1] == towards).ok_or_else(not_kept)?;
            if n_changes > file.differences().rows() {
                return Err(not_kept());
            }
            walk.at = Some(file.changes(n_changes));
            walk.since = since;
        }
        Ok(walk)
    }

    /// What became of the row that counts of a number, the newest change first.
    pub fn history(&self, ruc: Ruc) -> Result<Vec<Change>, ChangesError> {
        let changes = self.chain.iter().rev().filter_map(|file| file.find(ruc).transpose());
        changes.collect()
    }

    /// What the row that counts of a number was on a day.
    ///
    /// `padron` is the edition that these changes lead to. A day without an edition is as the last one before it said.
    pub fn on(&self, padron: &Padron, ruc: Ruc, day: Date) -> Result<Past, ChangesError> {
        if padron.edition() != self.last {
            return Err(ChangesError::OtherEdition { expected: self.last, found: padron.edition() });
        }
        let mut row = padron.find(ruc)?;
        let mut edition = self.last;
        for file in self.chain.iter().rev() {
            if edition.date() <= day {
                break;
            }
            if let Some(change) = file.find(ruc)? {
                let undone = change.undo(row);
                row = undone.map_err(|corrupt| ChangesError::corrupt(file.path(), corrupt))?;
            }
            edition = file.editions()[0];
        }
        Ok(match row {
            _ if edition.date() > day => Past::BeforeFirstEdition { first: edition },
            Some(row) => Past::Known { row, edition },
            None => Past::NotListed { edition },
        })
    }
}

/// The files of changes in a folder, by the edition they lead to and the one they come from.
fn files(dir: &Path) -> Result<BTreeMap<(Edition, Edition), PathBuf>, PadronError> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(PadronError::read(dir)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(PadronError::read(dir))?;
        let editions = entry.file_name().to_str().and_then(editions_of);
        files.extend(editions.map(|(old, new)| ((new, old), entry.path())));
    }
    Ok(files)
}

// === impl Since ===

impl From<Edition> for Since {
    /// From an edition on.
    fn from(edition: Edition) -> Self {
        Self { edition, towards: None }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.towards {
            None => self.edition.fmt(f),
            Some((towards, n_changes)) => f.pad(&format!("{}~{towards}~{n_changes}", self.edition)),
        }
    }
}

impl FromStr for Since {
    type Err = ParseSinceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '~');
        let mut edition = || parts.next().and_then(|name| name.parse().ok());
        let first = edition().ok_or(ParseSinceError)?;
        let towards = edition();
        let n_changes = parts.next().and_then(|number| number.parse().ok()).filter(|&number| number > 0);
        let since = Self { edition: first, towards: towards.zip(n_changes) };
        // One way to write each.
        if since.to_string() == text { Ok(since) } else { Err(ParseSinceError) }
    }
}

// === impl Walk ===

impl Walk<'_> {
    /// The next change, or `None` once the last edition is reached.
    #[expect(clippy::should_implement_trait, reason = "a damaged file is an error, and ends the walk")]
    pub fn next(&mut self) -> Result<Option<Change>, ChangesError> {
        loop {
            if let Some(changes) = &mut self.at
                && let Some(change) = changes.next()?
            {
                let [edition, towards] = change.editions();
                self.since = Since { edition, towards: Some((towards, changes.at())) };
                return Ok(Some(change));
            }
            let Some(file) = self.rest.next() else {
                self.at = None;
                self.since = Since::from(self.last);
                return Ok(None);
            };
            self.since = Since::from(file.editions()[0]);
            self.at = Some(file.changes(0));
        }
    }

    /// Where the walk is: who comes back with it is given what follows, and nothing twice.
    pub fn place(&self) -> Since {
        self.since
    }
}
