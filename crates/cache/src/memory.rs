//! The cache itself: a concurrent table that forgets by weight, and counters.
//!
//! The table is split into parts with a lock and an equal share of the capacity each. A part is never small, because
//! an entry heavier than its part's share cannot be kept.
//! Left out: what is healthy (the module `health`).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chasqui_core::{Cache, CacheHealth, CacheKey, CacheStats, Cleaned, Record, Scope, Value};
use chasqui_types::Freshness;
use chasqui_types::time::Timestamp;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, sync};

use crate::entry::{ByBytes, Displacing, Entry};
use crate::health;

/// Answers in memory, bounded by bytes.
pub struct MemoryCache {
    table: sync::Cache<CacheKey, Entry, ByBytes, DefaultHashBuilder, Displacing>,
    hits: AtomicU64,
    absent_hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
    pub(crate) probes: AtomicU64,
}

// === impl MemoryCache ===

impl MemoryCache {
    const MAX_PARTS: u64 = 32;
    const MIN_PART: u64 = 8 * 1024 * 1024;
    /// A taxpayer with its finished bodies takes about five kilobytes. Only a hint to the table.
    const USUAL_ENTRY: u64 = 4 * 1024;
    /// The table gives up parts that hold fewer entries than this, by the hint.
    const FEWEST_ENTRIES: u64 = 64;

    /// An empty cache that holds at most `capacity_bytes`, keys and bookkeeping included.
    ///
    /// An entry that takes more than about 97 % of it is not kept, nor, in a large cache, one that takes more than
    /// that share of one of its parts: at least 8 MiB.
    pub fn new(capacity_bytes: u64) -> Self {
        let wanted = (capacity_bytes / Self::MIN_PART).clamp(1, Self::MAX_PARTS);
        let parts = 1 << wanted.ilog2();
        let entries = (capacity_bytes / Self::USUAL_ENTRY).max(parts * Self::FEWEST_ENTRIES);
        let options = OptionsBuilder::new()
            .shards(usize::try_from(parts).expect("at most MAX_PARTS"))
            .estimated_items_capacity(usize::try_from(entries).unwrap_or(usize::MAX))
            // The table rounds the share of a part up.
            .weight_capacity(capacity_bytes - capacity_bytes % parts)
            .build()
            .expect("both capacities are set");
        Self {
            table: sync::Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), Displacing),
            hits: AtomicU64::new(0),
            absent_hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
            probes: AtomicU64::new(0),
        }
    }

    /// Drops an entry that may not be shown any more, unless it was replaced meanwhile.
    fn drop_expired(&self, key: &CacheKey, expired: &Arc<Record>) {
        self.table.remove_if(key, |entry| Arc::ptr_eq(&entry.record, expired));
    }
}

impl Cache for MemoryCache {
    fn get(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<Record>> {
        let record = self.table.get(key).map(|entry| entry.record);
        match record {
            Some(record) if record.freshness(now).is_some() => {
                let counter = if record.absence().is_some() { &self.absent_hits } else { &self.hits };
                counter.fetch_add(1, Ordering::Relaxed);
                Some(record)
            }
            other => {
                if let Some(expired) = other {
                    self.drop_expired(key, &expired);
                }
                self.misses.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }

    fn peek(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<Record>> {
        self.table.peek(key).map(|entry| entry.record).filter(|record| record.freshness(now).is_some())
    }

    fn put(&self, key: CacheKey, record: Arc<Record>) {
        let entry = Entry::new(&key, record);
        let mut displaced = Vec::new();
        self.table.insert_with_lifecycle(key.clone(), entry, &mut displaced);
        // An entry of the same key was replaced, or is the new one, too heavy to be kept: neither made room for others.
        let evicted = displaced.iter().filter(|(other, _)| *other != key).count();
        if evicted > 0 {
            self.evictions.fetch_add(u64::try_from(evicted).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    fn remove(&self, key: &CacheKey, now: Timestamp) -> bool {
        self.table.remove(key).is_some_and(|(_, entry)| entry.record.freshness(now).is_some())
    }

    fn clear(&self, scope: &Scope) -> usize {
        // Counted one by one: the table's length before and after would count what others put and evict meanwhile.
        let forgotten = Cell::new(0);
        self.table.retain(|key, entry| {
            let is_meant = scope.covers(key, &entry.record);
            forgotten.set(forgotten.get() + usize::from(is_meant));
            !is_meant
        });
        forgotten.get()
    }

    fn entries(&self, scope: &Scope, now: Timestamp) -> Vec<(CacheKey, Arc<Record>)> {
        self.table
            .iter()
            .map(|(key, entry)| (key, entry.record))
            .filter(|(key, record)| record.freshness(now).is_some() && scope.covers(key, record))
            .collect()
    }

    fn clean_expired(&self, now: Timestamp) -> Cleaned {
        let cleaned = Cell::new(Cleaned::default());
        self.table.retain(|_, entry| {
            let is_expired = entry.record.freshness(now).is_none();
            if is_expired {
                let mut counts = cleaned.get();
                match entry.record.value() {
                    Value::Taxpayer(_) => counts.found += 1,
                    Value::Absent(_) => counts.absent += 1,
                    _ => counts.other += 1,
                }
                cleaned.set(counts);
            }
            !is_expired
        });
        cleaned.get()
    }

    fn stats(&self, now: Timestamp) -> CacheStats {
        let mut stats = CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            absent_hits: self.absent_hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.load(Ordering::Relaxed),
            bytes: self.table.weight(),
            capacity: self.table.capacity(),
            ..CacheStats::default()
        };
        for (key, entry) in self.table.iter() {
            let (counts, word) = match (entry.record.freshness(now), entry.record.absence()) {
                (None, _) => {
                    stats.expired += 1;
                    continue;
                }
                (Some(_), Some(absence)) => (&mut stats.absent, absence.reason.code()),
                (Some(Freshness::Fresh), None) => (&mut stats.fresh, entry.record.kind().as_str()),
                (Some(Freshness::Stale), None) => (&mut stats.stale, entry.record.kind().as_str()),
            };
            count(counts, key.service(), word);
        }
        stats
    }

    fn health(&self, now: Timestamp) -> CacheHealth {
        health::check(self, now)
    }
}

fn count(counts: &mut BTreeMap<(String, &'static str), usize>, service: &str, word: &'static str) {
    *counts.entry((service.to_owned(), word)).or_default() += 1;
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache")
            .field("entries", &self.table.len())
            .field("bytes", &self.table.weight())
            .field("capacity", &self.table.capacity())
            .finish_non_exhaustive()
    }
}
