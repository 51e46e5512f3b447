//! The port to memory: what a cache of answers can do, and what it tells about itself.
//!
//! In process and synchronous, because a hit must cost less than a microsecond.
//! Left out: how entries are kept and evicted, and caches that are shared over a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use chasqui_types::time::Timestamp;

use crate::key::{CacheKey, Kind};
use crate::record::Record;

/// Keeps answers, bounded by bytes.
pub trait Cache: Send + Sync {
    /// The entry, if it is there and may still be shown at `now`. Counts a hit or a miss.
    fn get(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<Record>>;

    /// The same without counting, for looking around.
    fn peek(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<Record>>;

    /// Keeps an entry, in place of an older one.
    fn put(&self, key: CacheKey, record: Arc<Record>);

    /// Forgets an entry; whether there was one that could still be shown.
    fn remove(&self, key: &CacheKey, now: Timestamp) -> bool;

    /// Forgets the entries in `scope`; how many.
    fn clear(&self, scope: &Scope) -> usize;

    /// Every entry in `scope` that may still be shown at `now`.
    fn entries(&self, scope: &Scope, now: Timestamp) -> Vec<(CacheKey, Arc<Record>)>;

    /// Forgets the entries that may not be shown any more.
    fn clean_expired(&self, now: Timestamp) -> Cleaned;

    /// Counts, by kind and reason.
    fn stats(&self, now: Timestamp) -> CacheStats;

    /// Checks itself: a round trip, the room left, the list of absent numbers.
    fn health(&self, now: Timestamp) -> CacheHealth;
}

/// Which entries are meant. Nothing named: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of this service only.
    pub service: Option<String>,
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// Only absent (`true`) or only present (`false`) ones.
    pub absent: Option<bool>,
}

/// What a cache holds and how it was used since it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Entries by service and kind: found (or stored) ones that are fresh.
    pub fresh: BTreeMap<(String, &'static str), usize>,
    /// Entries by service and kind: past freshness, still to be shown.
    pub stale: BTreeMap<(String, &'static str), usize>,
    /// Absent entries by service and reason code.
    pub absent: BTreeMap<(String, &'static str), usize>,
    /// Entries past everything, not yet cleaned.
    pub expired: usize,
    /// Questions answered with a found entry.
    pub hits: u64,
    /// Questions answered with an absent entry.
    pub absent_hits: u64,
    /// Questions without an entry.
    pub misses: u64,
    /// Entries that made room for others.
    pub evictions: u64,
    /// Bytes held.
    pub bytes: u64,
    /// Bytes that may be held.
    pub capacity: u64,
}

/// How many expired entries were forgotten, by what they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Found taxpayers.
    pub found: usize,
    /// Absent numbers.
    pub absent: usize,
    /// Anything else.
    pub other: usize,
}

/// How a cache is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Every check passed.
    Healthy,
    /// It works, but something should be looked at.
    Warning,
    /// It does not work.
    Unhealthy,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// What was checked: `round_trip`, `capacity`, `absent_list`.
    pub name: &'static str,
    /// How it went.
    pub health: Health,
    /// What was seen.
    pub detail: String,
}

/// All checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheHealth {
    /// In the order in which they were made.
    pub checks: Vec<HealthCheck>,
}

// === impl Scope ===

impl Scope {
    /// Whether an entry is meant.
    pub fn covers(&self, key: &CacheKey, record: &Record) -> bool {
        self.service.as_deref().is_none_or(|service| service == key.service())
            && self.kind.is_none_or(|kind| kind == record.kind())
            && self.absent.is_none_or(|absent| absent == record.absence().is_some())
    }

    /// The absent entries of `service`.
    pub fn absent_of(service: &str) -> Self {
        Self { service: Some(service.to_owned()), kind: None, absent: Some(true) }
    }
}

// === impl CacheStats ===

impl CacheStats {
    /// Hits, absent ones included, of all questions; `None` before the first.
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub fn hit_rate(&self) -> Option<f64> {
        let hits = self.hits + self.absent_hits;
        let asked = hits + self.misses;
        (asked > 0).then(|| hits as f64 / asked as f64)
    }
}

// === impl Health ===

impl Health {
    /// `healthy`, `warning` or `unhealthy`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Warning => "warning",
            Self::Unhealthy => "unhealthy",
        }
    }
}

// === impl CacheHealth ===

impl CacheHealth {
    /// The worst of the checks.
    pub fn overall(&self) -> Health {
        self.checks.iter().map(|check| check.health).max().unwrap_or(Health::Healthy)
    }
}
