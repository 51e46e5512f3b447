//! However much is put in, no more than the capacity is held, and what is asked for often stays.

use std::sync::Arc;
use std::time::Duration;

use chasqui_cache::MemoryCache;
use chasqui_core::{Cache, Health, Record, Scope};
use chasqui_testkit::sample;
use chasqui_types::AbsenceReason;
use proptest::prelude::*;

use crate::{AMPLE, keys, now};

const HOUR: Duration = Duration::from_hours(1);

/// A record of one of the kinds there are, up to a few kilobytes heavy.
fn varied(n: u32, kind: u8, size: usize) -> Arc<Record> {
    match kind {
        0 => sample::found_record(sample::ruc(n), now(), HOUR, HOUR),
        1 => sample::absent_record(sample::ruc(n), AbsenceReason::Omitted, now(), HOUR),
        _ => sample::bytes_record("b", vec![0; size], now(), HOUR),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ten_times_the_capacity_never_weighs_more_than_the_capacity(
        capacity in 20_000u64..400_000,
        kinds in prop::collection::vec((0u8..3, 0usize..20_000), 50),
        names in 1u32..2_000,
    ) {
        let cache = MemoryCache::new(capacity);
        let mut put = 0;
        for n in 0.. {
            let (kind, size) = kinds[n % kinds.len()];
            let n = u32::try_from(n).unwrap() * 7 % names;
            let record = varied(n, kind, size);
            put += u64::try_from(record.weight()).unwrap();
            cache.put(keys("one").named(&format!("n{n}")), record);
            let stats = cache.stats(now());
            prop_assert!(stats.bytes <= capacity, "{} of {capacity}", stats.bytes);
            if put > 10 * capacity {
                break;
            }
        }
    }
}

#[test]
fn many_parts_together_hold_no_more_than_the_capacity() {
    let capacity = 4 * AMPLE + 5;
    let cache = MemoryCache::new(capacity);
    for n in 0..30_000 {
        cache.put(keys("one").ruc(sample::ruc(n)), sample::found_record(sample::ruc(n), now(), HOUR, HOUR));
    }
    let stats = cache.stats(now());
    assert!(stats.bytes <= capacity && stats.capacity <= capacity, "{stats:?}");
    assert!(stats.bytes > capacity / 10 * 9, "the room is used: {stats:?}");
    let held = stats.fresh.values().sum::<usize>() as u64;
    assert_eq!(stats.evictions + held, 30_000, "every entry is held or was counted when it went");
}

#[test]
fn what_is_asked_for_often_stays_while_strangers_pass_through() {
    let cache = MemoryCache::new(AMPLE);
    let favourite = keys("one").ruc(sample::company());
    cache.put(favourite.clone(), sample::found_record(sample::company(), now(), HOUR, HOUR));
    for n in 0..20_000 {
        assert!(cache.get(&favourite, now()).is_some(), "gone after {n} strangers");
        cache.put(keys("one").ruc(sample::ruc(n)), sample::found_record(sample::ruc(n), now(), HOUR, HOUR));
    }
    assert!(cache.stats(now()).evictions > 0);
}

#[test]
fn an_entry_heavier_than_the_capacity_is_not_kept_nor_is_what_it_was_to_replace() {
    let cache = MemoryCache::new(100_000);
    let key = keys("one").named("report");
    cache.put(key.clone(), sample::bytes_record("report", "small", now(), HOUR));
    assert!(cache.peek(&key, now()).is_some());
    cache.put(key.clone(), sample::bytes_record("report", vec![0; 200_000], now(), HOUR));
    assert!(cache.peek(&key, now()).is_none(), "the old bytes are not the truth any more");
    assert_eq!((cache.stats(now()).bytes, cache.stats(now()).evictions), (0, 0));
}

#[test]
fn a_cache_without_room_for_one_entry_is_unhealthy_and_harmless() {
    for capacity in [0, 1, 100] {
        let cache = MemoryCache::new(capacity);
        let key = keys("one").ruc(sample::company());
        cache.put(key.clone(), sample::found_record(sample::company(), now(), HOUR, HOUR));
        assert!(cache.get(&key, now()).is_none());
        assert_eq!(cache.health(now()).overall(), Health::Unhealthy);
    }
}

#[test]
fn a_small_cache_keeps_a_few_entries() {
    let cache = MemoryCache::new(64 * 1024);
    for n in 0..4 {
        cache.put(keys("one").ruc(sample::ruc(n)), sample::found_record(sample::ruc(n), now(), HOUR, HOUR));
    }
    assert_eq!(cache.entries(&Scope::default(), now()).len(), 4);
}

#[test]
fn a_full_cache_that_evicts_warns() {
    let cache = MemoryCache::new(200_000);
    assert_eq!(cache.health(now()).overall(), Health::Healthy);
    for n in 0..1_000 {
        cache.put(
            keys("one").ruc(sample::ruc(n)),
            sample::absent_record(sample::ruc(n), AbsenceReason::Omitted, now(), HOUR),
        );
    }
    let health = cache.health(now());
    assert_eq!(health.overall(), Health::Warning, "{health:?}");
    assert_eq!(health.checks[1].health, Health::Warning, "{health:?}");
    cache.clear(&Scope::default());
    assert_eq!(cache.health(now()).overall(), Health::Healthy, "there is room again");
}

#[test]
fn clearing_counts_what_it_forgot_while_others_put_and_evict() {
    let cache = MemoryCache::new(AMPLE / 8);
    let until_full = || {
        for n in 0..2_000 {
            cache.put(keys("noise").ruc(sample::ruc(n)), sample::found_record(sample::ruc(n), now(), HOUR, HOUR));
        }
    };
    until_full();
    std::thread::scope(|scope| {
        scope.spawn(until_full);
        for _ in 0..20 {
            assert_eq!(cache.clear(&Scope { service: Some("nobody".into()), ..Scope::default() }), 0);
        }
    });
}
