//! Whether the cache does its work, in three checks that an operator reads.
//!
//! A cache that cannot keep anything is unhealthy, because every question then goes upstream; one that is full, or
//! mostly filled with absent numbers, works but should be looked at.
//! Left out: how often to check, and whom to tell.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use chasqui_core::{Cache, CacheHealth, Health, HealthCheck, Keys, Record, Scope, Subject, Value};
use chasqui_types::time::Timestamp;
use chasqui_types::{Provenance, SourceId};

use crate::memory::MemoryCache;

/// Above this share of the capacity, in percent, a cache that evicts is short of room.
const FULL: u64 = 95;
/// Up to this many, absent numbers are nothing to look at, whatever their share.
const FEW_ABSENT: usize = 1_000;
/// Under pressure a probe may be evicted before it is read back; several in a row are no accident.
const PROBES: u32 = 3;

pub(crate) fn check(cache: &MemoryCache, now: Timestamp) -> CacheHealth {
    CacheHealth { checks: vec![round_trip(cache, now), capacity(cache, now), absent_list(cache, now)] }
}

fn round_trip(cache: &MemoryCache, now: Timestamp) -> HealthCheck {
    let (health, detail) = if (0..PROBES).any(|_| probe(cache, now)) {
        (Health::Healthy, "an entry was put, read back and removed")
    } else {
        (Health::Unhealthy, "an entry that was put could not be read back")
    };
    HealthCheck { name: "round_trip", health, detail: detail.to_owned() }
}

/// Each probe has a name of its own, so that two checks at once do not remove each other's.
fn probe(cache: &MemoryCache, now: Timestamp) -> bool {
    const LIFE: Duration = Duration::from_mins(1);
    let name = format!("probe.{}", cache.probes.fetch_add(1, Ordering::Relaxed));
    let key = Keys::new("chasqui", [0; 32]).expect("the name is lower-case letters").named(&name);
    let until = now.checked_add(LIFE).unwrap_or(Timestamp::MAX);
    let provenance = Provenance { source: SourceId::new("chasqui"), as_of: now, fetched_at: now };
    let value = Value::Bytes(Bytes::from_static(b"probe"));
    let record = Arc::new(Record::new(Subject::Named(name.into()), value, provenance, until, until));
    cache.put(key.clone(), Arc::clone(&record));
    let came_back = cache.peek(&key, now).is_some_and(|read| Arc::ptr_eq(&read, &record));
    cache.remove(&key, now) && came_back
}

fn capacity(cache: &MemoryCache, now: Timestamp) -> HealthCheck {
    let stats = cache.stats(now);
    let percent = u128::from(stats.bytes) * 100 / u128::from(stats.capacity.max(1));
    let is_short = percent > u128::from(FULL) && stats.evictions > 0;
    let detail = format!(
        "{} of {} bytes held ({percent} %), {} entries made room for others",
        stats.bytes, stats.capacity, stats.evictions
    );
    HealthCheck { name: "capacity", health: if is_short { Health::Warning } else { Health::Healthy }, detail }
}

fn absent_list(cache: &MemoryCache, now: Timestamp) -> HealthCheck {
    let of = |absent| cache.entries(&Scope { absent, ..Scope::default() }, now).len();
    let (absent, all) = (of(Some(true)), of(None));
    let is_long = absent > FEW_ABSENT && absent * 2 > all;
    let detail = format!("{absent} of {all} entries are absent numbers");
    HealthCheck { name: "absent_list", health: if is_long { Health::Warning } else { Health::Healthy }, detail }
}
