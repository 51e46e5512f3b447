//! Taxpayers searched by name.
//!
//! Left out: how names are likened, which is `chasqui-padron`'s.

use std::sync::Arc;
use std::time::Instant;

use chasqui_core::Registry as _;
use chasqui_padron::{Edition, Hit, Names, Query};
use chasqui_types::Taxpayer;
use chasqui_types::time::Timestamp;

use super::{OfflineRegistry, OpenEdition, RegistryError};

/// Taxpayers whose names fit, the best first.
#[derive(Debug, Clone)]
pub struct NamePage {
    /// The hits.
    pub hits: Vec<NameHit>,
    /// Asks for the next page, if there is one. Good for this query and this edition.
    pub cursor: Option<String>,
    /// Whether everything was looked at that could have belonged on this page. If not, there may be better hits.
    pub is_complete: bool,
    /// The edition that was searched.
    pub edition: Edition,
    /// The moment that it describes.
    pub as_of: Timestamp,
    /// When it came to this machine.
    pub fetched_at: Timestamp,
}

/// A taxpayer whose name fits.
#[derive(Debug, Clone)]
pub struct NameHit {
    /// The taxpayer.
    pub taxpayer: Taxpayer,
    /// How well the name fits, and why.
    pub hit: Hit,
}

impl OfflineRegistry {
    /// The edition whose names are searched: the one in use, or the one before it until the index is there.
    ///
    /// May block, as [`search`](Self::search) does the first time that an index is asked.
    pub fn searched(&self) -> Result<Edition, RegistryError> {
        let (open, _) = self.open_to_tell()?;
        Ok(self.names_of(open)?.0.padron().edition())
    }

    /// Finds the taxpayers whose names fit best, in the edition in use or, until its names are indexed, the one before.
    ///
    /// Blocks for as long as the query may take. `now` is the clock that its time is measured by.
    pub fn search(&self, query: &Query, now: &dyn Fn() -> Instant) -> Result<NamePage, RegistryError> {
        if query.persons && !self.search_persons {
            return Err(RegistryError::PersonsNotSearched);
        }
        let (open, suppressed) = self.open_to_tell()?;
        let (open, names) = self.names_of(open)?;
        let edition = open.padron().edition();
        let page = names.search(query, &|ruc| suppressed.contains(ruc), now)?;
        let mut hits = Vec::with_capacity(page.hits.len());
        for hit in page.hits {
            let row = open.padron().find(hit.ruc)?;
            // The index is bound to these very rows, so each hit has one.
            let Some(mut taxpayer) = row.and_then(|row| open.taxpayer(&row, &self.ubigeos)) else {
                continue;
            };
            taxpayer.padrones = self.standings(hit.ruc);
            hits.push(NameHit { taxpayer, hit });
        }
        let (as_of, fetched_at) = (open.as_of(), open.fetched_at());
        Ok(NamePage { hits, cursor: page.cursor, is_complete: page.is_complete, edition, as_of, fetched_at })
    }

    /// An edition with an index of its names: this one, or the one before it while the index is being built.
    fn names_of(&self, open: Arc<OpenEdition>) -> Result<(Arc<OpenEdition>, Arc<Names>), RegistryError> {
        match open.names() {
            Ok(names) => Ok((open, names)),
            Err(error @ RegistryError::NoNames { .. }) if self.wants_names => {
                let before = self.before(&open).ok_or(error)?;
                match before.names() {
                    Ok(names) => Ok((before, names)),
                    Err(_) => Err(RegistryError::NoNames { edition: open.padron().edition() }),
                }
            }
            Err(error) => Err(error),
        }
    }
}
