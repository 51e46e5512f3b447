//! What every implementation of a port must do, as suites that its own tests call.
//!
//! Left out: what only one implementation promises, such as how fast it is or what it evicts.

use std::sync::Arc;
use std::time::Duration;

use chasqui_core::{Cache, Health, Keys, Kind, Scope, Value};
use chasqui_types::time::Timestamp;
use chasqui_types::{AbsenceReason, Freshness};

use crate::{TestRuntime, sample};

const MINUTE: Duration = Duration::from_mins(1);

/// Holds a cache to its port. `make` gives an empty one with room for a few hundred entries.
pub fn cache(make: &dyn Fn() -> Arc<dyn Cache>) {
    let now = TestRuntime::START.parse().expect("START is a timestamp");
    what_was_put_is_shared_until_its_time(&*make(), now);
    questions_are_counted_and_looking_around_is_not(&*make(), now);
    a_newer_entry_takes_the_place_of_an_older_one(&*make(), now);
    removing_tells_whether_there_was_something_to_show(&*make(), now);
    a_scope_forgets_what_it_covers_and_nothing_else(&*make(), now);
    cleaning_forgets_what_is_expired_and_counts_it(&*make(), now);
    counts_are_by_service_kind_and_reason(&*make(), now);
    a_cache_that_works_says_so(&*make(), now);
}

fn what_was_put_is_shared_until_its_time(cache: &dyn Cache, now: Timestamp) {
    let key = keys("one").ruc(sample::company());
    assert!(cache.get(&key, now).is_none(), "empty");
    let record = sample::found_record(sample::company(), now, MINUTE, MINUTE);
    cache.put(key.clone(), Arc::clone(&record));
    assert!(Arc::ptr_eq(&cache.get(&key, now).expect("it was put"), &record), "a hit copies nothing");
    let stale = cache.get(&key, now + MINUTE).expect("past freshness it may still be shown");
    assert_eq!(stale.freshness(now + MINUTE), Some(Freshness::Stale));
    assert!(cache.get(&key, now + 2 * MINUTE).is_none(), "past everything");
    assert!(cache.get(&key, now).is_none(), "what expired is gone, whatever the clock does");
}

fn questions_are_counted_and_looking_around_is_not(cache: &dyn Cache, now: Timestamp) {
    let (found, absent) = (keys("one").ruc(sample::company()), keys("one").ruc(sample::ruc(1)));
    cache.put(found.clone(), sample::found_record(sample::company(), now, MINUTE, Duration::ZERO));
    cache.put(absent.clone(), sample::absent_record(sample::ruc(1), AbsenceReason::NotFound, now, MINUTE));
    for _ in 0..3 {
        cache.get(&found, now);
        cache.peek(&found, now);
    }
    cache.get(&absent, now);
    cache.get(&absent, now + MINUTE);
    cache.get(&keys("two").ruc(sample::company()), now);
    let stats = cache.stats(now);
    assert_eq!((stats.hits, stats.absent_hits, stats.misses), (3, 1, 2));
}

fn a_newer_entry_takes_the_place_of_an_older_one(cache: &dyn Cache, now: Timestamp) {
    let key = keys("one").ruc(sample::company());
    cache.put(key.clone(), sample::absent_record(sample::company(), AbsenceReason::NotFound, now, MINUTE));
    cache.put(key.clone(), sample::found_record(sample::company(), now, MINUTE, Duration::ZERO));
    assert!(cache.peek(&key, now).expect("it was put").absence().is_none());
    assert_eq!(cache.entries(&Scope::default(), now).len(), 1);
    assert_eq!(cache.stats(now).evictions, 0, "a replaced entry did not make room for others");
}

fn removing_tells_whether_there_was_something_to_show(cache: &dyn Cache, now: Timestamp) {
    let key = keys("one").named("report");
    assert!(!cache.remove(&key, now), "never put");
    cache.put(key.clone(), sample::bytes_record("report", "1", now, MINUTE));
    assert!(cache.remove(&key, now));
    assert!(!cache.remove(&key, now), "gone");
    cache.put(key.clone(), sample::bytes_record("report", "1", now, MINUTE));
    assert!(!cache.remove(&key, now + MINUTE), "expired");
}

fn a_scope_forgets_what_it_covers_and_nothing_else(cache: &dyn Cache, now: Timestamp) {
    let clear = |service: Option<&str>, kind, absent| {
        for service in ["one", "two"] {
            fill(cache, service, now);
        }
        cache.clear(&Scope { service: service.map(str::to_owned), kind, absent })
    };
    assert_eq!(clear(None, None, None), 2 * 6);
    assert!(cache.entries(&Scope::default(), now).is_empty());
    assert_eq!(clear(Some("one"), None, None), 6);
    assert_eq!(cache.entries(&Scope::default(), now).len(), 6, "the other service keeps its entries");
    assert_eq!(clear(Some("two"), Some(Kind::Ruc), None), 5);
    assert_eq!(clear(Some("two"), Some(Kind::Ruc), Some(true)), 2);
    assert_eq!(cache.entries(&Scope::absent_of("one"), now).len(), 2);
    assert_eq!(clear(Some("two"), None, Some(false)), 4);
    assert_eq!(clear(Some("three"), None, None), 0);
}

fn cleaning_forgets_what_is_expired_and_counts_it(cache: &dyn Cache, now: Timestamp) {
    fill(cache, "one", now);
    let later = now + MINUTE;
    cache.put(keys("one").named("kept"), sample::bytes_record("kept", "1", now, 2 * MINUTE));
    assert_eq!(cache.stats(later).expired, 6);
    let cleaned = cache.clean_expired(later);
    assert_eq!((cleaned.found, cleaned.absent, cleaned.other), (3, 2, 1));
    assert_eq!(cache.clean_expired(later), chasqui_core::Cleaned::default());
    assert_eq!((cache.stats(later).expired, cache.entries(&Scope::default(), later).len()), (0, 1));
}

fn counts_are_by_service_kind_and_reason(cache: &dyn Cache, now: Timestamp) {
    fill(cache, "one", now);
    let stale = keys("two").ruc(sample::company());
    cache.put(stale, sample::found_record(sample::company(), now - MINUTE, MINUTE, MINUTE));
    let stats = cache.stats(now);
    let of = |service: &str, word, n| ((service.to_owned(), word), n);
    assert_eq!(stats.fresh, [of("one", "other", 1), of("one", "ruc", 3)].into());
    assert_eq!(stats.stale, [of("two", "ruc", 1)].into());
    assert_eq!(stats.absent, [of("one", "marked", 1), of("one", "not_found", 1)].into());
    assert!(stats.bytes > 0 && stats.bytes <= stats.capacity, "{stats:?}");
}

fn a_cache_that_works_says_so(cache: &dyn Cache, now: Timestamp) {
    fill(cache, "one", now);
    let before = cache.stats(now);
    let health = cache.health(now);
    assert_eq!(health.overall(), Health::Healthy, "{health:?}");
    let names: Vec<_> = health.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["round_trip", "capacity", "absent_list"]);
    assert_eq!(cache.stats(now), before, "checking leaves no trace");
}

/// Six entries of a service that expire after a minute: three found, two absent, one other.
fn fill(cache: &dyn Cache, service: &str, now: Timestamp) {
    let keys = keys(service);
    for ruc in sample::rucs(3) {
        cache.put(keys.ruc(ruc), sample::found_record(ruc, now, MINUTE, Duration::ZERO));
    }
    for (ruc, reason) in [
        (sample::ruc(10), AbsenceReason::NotFound),
        (sample::person(), AbsenceReason::Marked("seen on paper only".into())),
    ] {
        cache.put(keys.ruc(ruc), sample::absent_record(ruc, reason, now, MINUTE));
    }
    let record = sample::bytes_record("report", "1", now, MINUTE);
    assert!(matches!(record.value(), Value::Bytes(_)));
    cache.put(keys.named("report"), record);
}

fn keys(service: &str) -> Keys {
    Keys::new(service, [7; 32]).expect("a word of lower-case letters")
}
