//! Taxpayers searched by name.
//!
//! Left out: how names are likened, which is `chasqui-padron`'s.

use std::time::Instant;

use chasqui_padron::{Edition, Hit, Query};
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
    /// Finds the taxpayers of the edition in use whose names fit best.
    ///
    /// Blocks for as long as the query may take. `now` is the clock that its time is measured by.
    pub fn search(&self, query: &Query, now: &dyn Fn() -> Instant) -> Result<NamePage, RegistryError> {
        if query.persons && !self.search_persons {
            return Err(RegistryError::PersonsNotSearched);
        }
        let (open, suppressed) = self.open_to_tell()?;
        let edition = open.padron().edition();
        let page = open.names()?.search(query, &|ruc| suppressed.contains(ruc), now)?;
        let mut hits = Vec::with_capacity(page.hits.len());
        for hit in page.hits {
            let row = open.padron().find(hit.ruc)?;
            let taxpayer = row.and_then(|row| OpenEdition::taxpayer(&row, edition, &self.ubigeos));
            // The index is bound to these very rows, so each hit has one.
            hits.extend(taxpayer.map(|taxpayer| NameHit { taxpayer, hit }));
        }
        let (as_of, fetched_at) = (open.as_of(), open.fetched_at());
        Ok(NamePage { hits, cursor: page.cursor, is_complete: page.is_complete, edition, as_of, fetched_at })
    }
}
