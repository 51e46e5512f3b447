//! What differs between two editions, row by row and cell by cell.
//!
//! Both editions lie in the order of their numbers, so both are walked through at once, and nothing but the two rows at
//! hand is in memory. Rows that are the same bytes are passed over without a look at their cells.
//! A line that is spelt otherwise and says the same in every cell, such as one with its last `|` missing, is no
//! difference.
//! Left out: keeping what was found; that is the file's, and reading it again is the history's.

mod change;
mod error;
mod file;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

pub use change::{Change, FieldChange, What};
pub use error::ChangesError;
pub(crate) use file::editions_of;
pub use file::{ChangeFile, FileChanges};

use crate::edition::Edition;
use crate::error::PadronError;
use crate::folder;
use crate::padron::{Cursor, Padron};
use crate::row::{Column, Row};
use crate::swap::Swap;
use change::Number;

/// How much differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Differences {
    /// Rows of which the old edition has nothing.
    pub added: u64,
    /// Rows of which the new edition has nothing.
    pub removed: u64,
    /// Rows that both have, and that differ.
    pub changed: u64,
    /// Cells that differ in them.
    pub cells: u64,
}

/// What a side of the comparison has next.
#[derive(Clone, Copy)]
enum Next<'a> {
    /// The row that counts of a number.
    Counts(&'a Row),
    /// The first of the rows kept apart, or none.
    Apart(Option<&'a Row>),
}

/// Rows kept apart, by number.
struct Groups<'a> {
    cursor: Cursor<'a>,
    ahead: Option<Row>,
}

/// Hands every difference between two editions to `each`, until it breaks off; says how many it handed over.
///
/// First come the rows that count, in the order of their numbers, then those kept apart, in the order of theirs. Those
/// have no identity but their number: equal ones are paired first, then what is left, in the order of the text.
pub fn diff(
    old: &Padron,
    new: &Padron,
    mut each: impl FnMut(&Change) -> ControlFlow<()>,
) -> Result<Differences, PadronError> {
    let mut differences = Differences::default();
    let editions = (old.edition(), new.edition());
    let mut hand_over = |apart: bool, old: Option<&Row>, new: Option<&Row>| {
        let Some(change) = compare(editions, apart, old, new) else { return ControlFlow::Continue(()) };
        differences.count(&change);
        each(&change)
    };
    let (mut left, mut right) = (old.rows()?, new.rows()?);
    let (mut left_last, mut right_last) = (Number::NONE, Number::NONE);
    let mut before = next(left.next()?, &mut left_last);
    let mut after = next(right.next()?, &mut right_last);
    loop {
        let (one, other) = match (before, after) {
            (Next::Counts(one), Next::Counts(other)) => match Number::of(one).cmp(&Number::of(other)) {
                std::cmp::Ordering::Less => (Some(one), None),
                std::cmp::Ordering::Equal => (Some(one), Some(other)),
                std::cmp::Ordering::Greater => (None, Some(other)),
            },
            (Next::Counts(one), Next::Apart(_)) => (Some(one), None),
            (Next::Apart(_), Next::Counts(other)) => (None, Some(other)),
            (Next::Apart(_), Next::Apart(_)) => break,
        };
        if hand_over(false, one, other).is_break() {
            return Ok(differences);
        }
        let (left_moves, right_moves) = (one.is_some(), other.is_some());
        if left_moves {
            before = next(left.next()?, &mut left_last);
        }
        if right_moves {
            after = next(right.next()?, &mut right_last);
        }
    }
    let (before, after) = (before.apart(), after.apart());
    let (mut left, mut right) = (Groups { cursor: left, ahead: before }, Groups { cursor: right, ahead: after });
    while let Some(number) = [left.number(), right.number()].into_iter().flatten().min() {
        let (old, new) = (left.take(number)?, right.take(number)?);
        let (mut old, mut new) = (without(&old, &new), without(&new, &old));
        loop {
            let (one, other) = (old.next(), new.next());
            if one.is_none() && other.is_none() {
                break;
            }
            if hand_over(true, one, other).is_break() {
                return Ok(differences);
            }
        }
    }
    Ok(differences)
}

/// Compares two editions, and keeps what differs as a file in `dir`, for history and for who follows the changes.
///
/// Blocks; the file takes the place of one of the same editions. `old` need only be open: an import may have removed
/// it meanwhile. Refused where `new` is not the later one: history goes forward.
pub fn write_changes(dir: &Path, old: &Padron, new: &Padron) -> Result<Differences, ChangesError> {
    let (from, to) = (old.edition(), new.edition());
    if from >= to {
        return Err(ChangesError::Backwards { old: from, new: to });
    }
    let _lock = folder::lock(dir)?;
    let path = dir.join(file::name(from, to));
    let failed = |error| PadronError::write(&path)(error);
    // The name is one that the next import removes, should this be the last we do.
    let (swap, file) = Swap::begin(dir, ".building-changes").map_err(failed)?;
    let mut writer = file::Writer::begin(file).map_err(failed)?;
    let mut written = Ok(());
    let differences = diff(old, new, |change| {
        written = writer.put(change);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written.map_err(failed)?;
    let file = writer.finish([from, to], [old.hash(), new.hash()], &differences).map_err(failed)?;
    swap.place(&file, &path).map_err(failed)?;
    Ok(differences)
}

/// Looks at the next row of a side: rows that count come in rising order, and behind them those kept apart.
///
/// The first row kept apart is of no well-formed number, or of one that has a row already.
fn next<'a>(row: Option<&'a Row>, last: &mut Number) -> Next<'a> {
    match row {
        Some(row) if Number::of(row) > *last && row.ruc().is_some() => {
            *last = Number::of(row);
            Next::Counts(row)
        }
        row => Next::Apart(row),
    }
}

/// The rows that others do not have too, byte for byte; of equal ones the first are taken for those that both have.
fn without<'a>(rows: &'a [Row], others: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    let mut both: HashMap<&[u8], usize> = HashMap::new();
    for other in others {
        *both.entry(other.raw()).or_default() += 1;
    }
    rows.iter().filter(move |row| match both.get_mut(row.raw()) {
        Some(left @ 1..) => {
            *left -= 1;
            false
        }
        _ => true,
    })
}

fn compare(editions: (Edition, Edition), apart: bool, old: Option<&Row>, new: Option<&Row>) -> Option<Change> {
    let (number, what) = match (old, new) {
        (None, None) => return None,
        (None, Some(new)) => (Number::of(new), What::Added(new.clone())),
        (Some(old), None) => (Number::of(old), What::Removed(old.clone())),
        (Some(old), Some(new)) => {
            if old.raw() == new.raw() {
                return None;
            }
            let cells: Vec<FieldChange> =
                Column::ALL.iter().filter_map(|&column| FieldChange::between(column, old, new)).collect();
            if cells.is_empty() {
                return None;
            }
            (Number::of(old), What::Changed(cells))
        }
    };
    Some(Change::new(editions, number, apart, what))
}

// === impl Differences ===

impl Differences {
    /// How many rows differ, in whatever way.
    pub fn rows(&self) -> u64 {
        // A file may say anything.
        self.added.saturating_add(self.removed).saturating_add(self.changed)
    }

    fn count(&mut self, change: &Change) {
        match change.what() {
            What::Added(_) => self.added += 1,
            What::Removed(_) => self.removed += 1,
            What::Changed(cells) => {
                self.changed += 1;
                self.cells += cells.len() as u64;
            }
        }
    }
}

// === impl Next ===

impl Next<'_> {
    /// The first of the rows kept apart, to be held while others are read.
    fn apart(self) -> Option<Row> {
        match self {
            Self::Counts(_) => None,
            Self::Apart(row) => row.cloned(),
        }
    }
}

// === impl Groups ===

impl Groups<'_> {
    fn number(&self) -> Option<Number> {
        self.ahead.as_ref().map(Number::of)
    }

    /// The rows of that number, in the order of the text.
    fn take(&mut self, number: Number) -> Result<Vec<Row>, PadronError> {
        let mut rows = Vec::new();
        while self.number() == Some(number) {
            rows.extend(self.ahead.take());
            self.ahead = self.cursor.next()?.cloned();
        }
        Ok(rows)
    }
}
