//! What changed in the registry, and how a row stood on a day.
//!
//! Left out: writing changes down, which an import does.

use std::path::PathBuf;
use std::sync::Arc;

use chasqui_padron::{Change, Changes, Edition, Past, Since, Suppressed};
use chasqui_types::Ruc;
use chasqui_types::time::{Date, Timestamp};

use super::{OfflineRegistry, OpenEdition, RegistryError};

/// Changes that were opened, and which files they were opened of.
pub(super) struct Kept {
    /// The edition that was in use.
    open: Arc<OpenEdition>,
    files: Vec<PathBuf>,
    /// The edition that they lead to.
    last: Arc<OpenEdition>,
    changes: Arc<Changes>,
}

/// The changes that lead to the edition in use, without those of suppressed numbers.
///
/// It stays as it is when another edition comes into use. Until the changes that lead to that one were written down,
/// a feed leads to the one before it, so that nobody who follows is told that what comes next is not kept.
#[derive(Clone)]
pub struct Feed {
    /// In use when the feed was opened.
    open: Arc<OpenEdition>,
    last: Arc<OpenEdition>,
    changes: Arc<Changes>,
    suppressed: Arc<Suppressed>,
}

/// Some of the changes, the oldest first.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// The changes.
    pub changes: Vec<Change>,
    /// Who comes back with it is given what follows, and nothing twice.
    pub next: Since,
    /// Whether there was nothing behind them yet.
    pub is_last: bool,
}

/// What became of one number.
#[derive(Debug, Clone)]
pub struct History {
    /// What changed, the newest first.
    pub changes: Vec<Change>,
    /// The first edition of which anything is known.
    pub first: Edition,
    /// The edition up to which it is known.
    pub last: Edition,
}

// === impl OfflineRegistry ===

impl OfflineRegistry {
    /// The changes that lead to the edition in use, as far back as they were kept without a gap.
    ///
    /// Reads the folder, so it is not for where one must not block.
    pub fn changes(&self) -> Result<Feed, RegistryError> {
        let (open, suppressed) = self.open_to_tell()?;
        let (last, changes) = self.kept(&open)?;
        Ok(Feed { open, last, changes, suppressed })
    }

    /// The same changes, without those of numbers that were suppressed since the feed was opened.
    pub fn look_again(&self, feed: &Feed) -> Result<Feed, RegistryError> {
        let (_, suppressed) = self.open_to_tell()?;
        Ok(Feed { suppressed, ..feed.clone() })
    }

    /// What became of a number. Blocks as [`changes`](Self::changes) does.
    pub fn history(&self, ruc: Ruc) -> Result<History, RegistryError> {
        self.changes()?.history(ruc)
    }

    /// What a number's row was on a day. Blocks as [`changes`](Self::changes) does.
    pub fn on(&self, ruc: Ruc, day: Date) -> Result<Past, RegistryError> {
        self.changes()?.on(ruc, day)
    }

    fn kept(&self, open: &Arc<OpenEdition>) -> Result<(Arc<OpenEdition>, Arc<Changes>), RegistryError> {
        // They are written after an edition came into use, so what was opened before need not be all there is.
        let files = Changes::paths(&self.dir)?;
        let mut kept = self.changes.lock().expect("no panic happens under this lock");
        if let Some(kept) = kept.as_ref().filter(|kept| Arc::ptr_eq(&kept.open, open) && kept.files == files) {
            return Ok((Arc::clone(&kept.last), Arc::clone(&kept.changes)));
        }
        let (mut last, mut changes) = (Arc::clone(open), Changes::open(&self.dir, open.padron())?);
        if changes.files().is_empty()
            && let Some(before) = self.before(open)
        {
            changes = Changes::open(&self.dir, before.padron())?;
            last = before;
        }
        let changes = Arc::new(changes);
        let (open, told) = (Arc::clone(open), (Arc::clone(&last), Arc::clone(&changes)));
        *kept = Some(Kept { open, files, last, changes });
        Ok(told)
    }
}

// === impl Feed ===

impl Feed {
    /// The first edition of which anything is known.
    pub fn first(&self) -> Edition {
        self.changes.first()
    }

    /// The edition that they lead to.
    pub fn last(&self) -> Edition {
        self.changes.last()
    }

    /// The moment that the edition describes which they lead to.
    pub fn as_of(&self) -> Timestamp {
        self.last.as_of()
    }

    /// What became of a number.
    pub fn history(&self, ruc: Ruc) -> Result<History, RegistryError> {
        if self.suppressed.contains(ruc) {
            return Err(RegistryError::Suppressed);
        }
        Ok(History { changes: self.changes.history(ruc)?, first: self.first(), last: self.last() })
    }

    /// What a number's row was on a day.
    pub fn on(&self, ruc: Ruc, day: Date) -> Result<Past, RegistryError> {
        if self.suppressed.contains(ruc) {
            return Err(RegistryError::Suppressed);
        }
        let edition = self.open.padron().edition();
        if edition.date() <= day {
            let row = self.open.padron().find(ruc)?;
            return Ok(row.map_or(Past::NotListed { edition }, |row| Past::Known { row, edition }));
        }
        Ok(self.changes.on(self.last.padron(), ruc, day)?)
    }

    /// Up to `limit` changes behind a place; from the first that were kept if `None`.
    pub fn page(&self, since: Option<Since>, limit: usize) -> Result<FeedPage, RegistryError> {
        let since = since.unwrap_or(Since::from(self.changes.first()));
        if since == Since::from(self.open.padron().edition()) {
            // Whoever holds the edition in use lacks nothing, whether or not what leads to it was written down yet.
            return Ok(FeedPage { changes: Vec::new(), next: since, is_last: true });
        }
        let mut walk = self.changes.since(since)?;
        let mut changes = Vec::new();
        loop {
            let next = walk.place();
            match walk.next()? {
                Some(change) if self.suppressed.hides_text(change.number()) => {}
                // Looked at all the same, to know whether there is anything behind the page.
                Some(_) if changes.len() >= limit => return Ok(FeedPage { changes, next, is_last: false }),
                Some(change) => changes.push(change),
                None => return Ok(FeedPage { changes, next: walk.place(), is_last: true }),
            }
        }
    }
}
