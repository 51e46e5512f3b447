//! What a hit costs in process, beside a read of the standard library's map in the same run.
//!
//! `cargo run --release -p chasqui-cache --example hit_cost`; one line for people, and nanoseconds in it.
//! Left out: questions, flights and sources; this is memory alone, on one thread.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]
#![expect(clippy::print_stdout, reason = "it is run to be read")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chasqui_cache::MemoryCache;
use chasqui_core::{Cache, CacheKey, Keys, Record, Subject, Value};
use chasqui_types::time::Timestamp;
use chasqui_types::{Provenance, Ruc, SourceId, Taxpayer};

const N_ENTRIES: u32 = 10_000;
const N_ROUNDS: u32 = 200;
const BYTES: u64 = 256 * 1024 * 1024;

fn main() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a timestamp");
    let keys = Keys::new("bench", [7; 32]).expect("a service name");
    let cache = MemoryCache::new(BYTES);
    let mut map = HashMap::new();
    let mut names = Vec::new();
    for n in 0..N_ENTRIES {
        let ruc = Ruc::from_body(20, n).expect("eight digits");
        let record = found(ruc, now);
        cache.put(keys.ruc(ruc), Arc::clone(&record));
        map.insert(keys.ruc(ruc), record);
        names.push(keys.ruc(ruc));
    }
    // The first round of each warms up; the second counts.
    for counts in [false, true] {
        let hit = nanoseconds(&names, |key| cache.get(key, now));
        let read = nanoseconds(&names, |key| map.get(key).cloned());
        if counts {
            println!("cache hit {hit:.0} ns, map read {read:.0} ns, {N_ENTRIES} entries");
        }
    }
    assert_eq!(cache.stats(now).misses, 0, "every question was a hit");
}

fn nanoseconds(keys: &[CacheKey], mut read: impl FnMut(&CacheKey) -> Option<Arc<Record>>) -> f64 {
    let started = Instant::now();
    for _ in 0..N_ROUNDS {
        for key in keys {
            black_box(read(black_box(key)));
        }
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(N_ROUNDS * N_ENTRIES)
}

fn found(ruc: Ruc, now: Timestamp) -> Arc<Record> {
    let until = now + Duration::from_hours(1);
    let provenance = Provenance { source: SourceId::new("bench"), as_of: now, fetched_at: now };
    Arc::new(Record::new(Subject::Ruc(ruc), Value::Taxpayer(Box::new(Taxpayer::new(ruc))), provenance, until, until))
}
