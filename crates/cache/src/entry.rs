//! What one entry costs, and which ones had to go.
//!
//! The cache below asks for an entry's weight at every turn, so the weight is computed once and kept beside the record.
//! Left out: which entry goes; the cache decides that.

use std::sync::Arc;

use chasqui_core::{CacheKey, Record};
use quick_cache::{Lifecycle, Weighter};

/// A record and the bytes that it takes, key and bookkeeping included.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) record: Arc<Record>,
    weight: u64,
}

#[derive(Clone)]
pub(crate) struct ByBytes;

/// Hands every displaced entry to whoever made the change, who counts it and drops it outside the lock.
#[derive(Clone)]
pub(crate) struct Displacing;

// === impl Entry ===

impl Entry {
    /// The table's slot with room to grow, and the reference counts of key and record.
    const OVERHEAD: usize = 160;

    pub(crate) fn new(key: &CacheKey, record: Arc<Record>) -> Self {
        let bytes = record.weight() + key.as_str().len() + Self::OVERHEAD;
        Self { record, weight: u64::try_from(bytes).unwrap_or(u64::MAX) }
    }
}

impl Weighter<CacheKey, Entry> for ByBytes {
    fn weight(&self, _key: &CacheKey, entry: &Entry) -> u64 {
        entry.weight
    }
}

impl Lifecycle<CacheKey, Entry> for Displacing {
    type RequestState = Vec<(CacheKey, Entry)>;

    fn on_evict(&self, displaced: &mut Self::RequestState, key: CacheKey, entry: Entry) {
        displaced.push((key, entry));
    }
}
