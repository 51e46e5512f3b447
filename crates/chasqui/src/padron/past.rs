//! What changed in the registry, and how a row stood on a day.
//!
//! Left out: writing changes down, which an import does.

use std::path::PathBuf;
use std::sync::Arc;

use chasqui_padron::{Change, Changes, Edition, Past, Since, Suppressed};
use chasqui_types::Ruc;
use chasqui_types::time::Date;

use super::{OfflineRegistry, OpenEdition, RegistryError};

/// Changes that were opened, and which files they were opened of.
pub(super) struct Kept {
    open: Arc<OpenEdition>,
    files: Vec<PathBuf>,
    changes: Arc<Changes>,
}

/// The changes that lead to the edition in use, without those of suppressed numbers.
pub struct Feed {
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
    /// The edition in use.
    pub last: Edition,
}

// === impl OfflineRegistry ===

impl OfflineRegistry {
    /// The changes that lead to the edition in use, as far back as they were kept without a gap.
    ///
    /// Reads the folder, so it is not for where one must not block.
    pub fn changes(&self) -> Result<Feed, RegistryError> {
        let (open, suppressed) = self.open_to_tell()?;
        Ok(Feed { changes: self.kept(&open)?, suppressed })
    }

    /// What became of a number. Blocks as [`changes`](Self::changes) does.
    pub fn history(&self, ruc: Ruc) -> Result<History, RegistryError> {
        let Feed { changes, suppressed } = self.changes()?;
        if suppressed.contains(ruc) {
            return Err(RegistryError::Suppressed);
        }
        let (first, last) = (changes.first(), changes.last());
        Ok(History { changes: changes.history(ruc)?, first, last })
    }

    /// What a number's row was on a day. Blocks as [`changes`](Self::changes) does.
    pub fn on(&self, ruc: Ruc, day: Date) -> Result<Past, RegistryError> {
        let (open, suppressed) = self.open_to_tell()?;
        if suppressed.contains(ruc) {
            return Err(RegistryError::Suppressed);
        }
        Ok(self.kept(&open)?.on(open.padron(), ruc, day)?)
    }

    fn kept(&self, open: &Arc<OpenEdition>) -> Result<Arc<Changes>, RegistryError> {
        // They are written after an edition came into use, so what was opened before need not be all there is.
        let files = Changes::paths(&self.dir)?;
        let mut kept = self.changes.lock().expect("no panic happens under this lock");
        if let Some(kept) = kept.as_ref().filter(|kept| Arc::ptr_eq(&kept.open, open) && kept.files == files) {
            return Ok(Arc::clone(&kept.changes));
        }
        let changes = Arc::new(Changes::open(&self.dir, open.padron())?);
        *kept = Some(Kept { open: Arc::clone(open), files, changes: Arc::clone(&changes) });
        Ok(changes)
    }
}

// === impl Feed ===

impl Feed {
    /// The first edition of which anything is known.
    pub fn first(&self) -> Edition {
        self.changes.first()
    }

    /// The edition in use.
    pub fn last(&self) -> Edition {
        self.changes.last()
    }

    /// Up to `limit` changes behind a place; from the first that were kept if `None`.
    pub fn page(&self, since: Option<Since>, limit: usize) -> Result<FeedPage, RegistryError> {
        let mut walk = self.changes.since(since.unwrap_or(Since::from(self.changes.first())))?;
        let mut changes = Vec::new();
        while changes.len() < limit {
            match walk.next()? {
                Some(change) if self.suppressed.hides_text(change.number()) => {}
                Some(change) => changes.push(change),
                None => return Ok(FeedPage { changes, next: walk.place(), is_last: true }),
            }
        }
        Ok(FeedPage { changes, next: walk.place(), is_last: false })
    }
}
