//! Each entry goes by its own time.

use std::time::Duration;

use chasqui_cache::MemoryCache;
use chasqui_core::{Cache, Health, Scope};
use chasqui_testkit::sample;
use chasqui_types::AbsenceReason;

use crate::{AMPLE, keys, now};

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn each_absent_number_is_on_its_own_clock() {
    let cache = MemoryCache::new(AMPLE);
    for n in 0..24 {
        let noted = now() + n * HOUR;
        cache.put(
            keys("one").ruc(sample::ruc(n)),
            sample::absent_record(sample::ruc(n), AbsenceReason::NotFound, noted, 24 * HOUR),
        );
    }
    for n in 0..24 {
        let moment = now() + (24 + n) * HOUR;
        let left = cache.entries(&Scope::absent_of("one"), moment).len();
        assert_eq!(left, usize::try_from(23 - n).unwrap(), "{n} hours after the first was to go");
    }
}

#[test]
fn noting_one_number_does_not_keep_the_others_longer() {
    let cache = MemoryCache::new(AMPLE);
    let (old, new) = (keys("one").ruc(sample::ruc(1)), keys("one").ruc(sample::ruc(2)));
    cache.put(old.clone(), sample::absent_record(sample::ruc(1), AbsenceReason::NotFound, now(), 24 * HOUR));
    cache
        .put(new.clone(), sample::absent_record(sample::ruc(2), AbsenceReason::NotFound, now() + 23 * HOUR, 24 * HOUR));
    let moment = now() + 24 * HOUR;
    assert!(cache.get(&old, moment).is_none() && cache.get(&new, moment).is_some());
}

#[test]
fn an_expired_entry_is_dropped_on_sight() {
    let cache = MemoryCache::new(AMPLE);
    let key = keys("one").ruc(sample::company());
    cache.put(key.clone(), sample::found_record(sample::company(), now(), HOUR, HOUR));
    let moment = now() + 2 * HOUR;
    assert_eq!((cache.stats(moment).expired, cache.stats(moment).bytes > 0), (1, true));
    assert!(cache.peek(&key, moment).is_none());
    assert_eq!(cache.stats(moment).expired, 1, "looking around changes nothing");
    assert!(cache.get(&key, moment).is_none());
    assert_eq!((cache.stats(moment).expired, cache.stats(moment).bytes), (0, 0));
}

#[test]
fn a_memory_mostly_full_of_absent_numbers_warns() {
    let cache = MemoryCache::new(AMPLE);
    let fill = |from, to| {
        for n in from..to {
            cache.put(
                keys("one").ruc(sample::ruc(n)),
                sample::absent_record(sample::ruc(n), AbsenceReason::Omitted, now(), HOUR),
            );
        }
    };
    fill(0, 1_000);
    assert_eq!(cache.health(now()).overall(), Health::Healthy, "a thousand are few");
    fill(1_000, 1_001);
    assert_eq!(cache.health(now()).checks[2].health, Health::Warning);
    for n in 2_000..3_001 {
        cache.put(keys("one").ruc(sample::ruc(n)), sample::found_record(sample::ruc(n), now(), HOUR, HOUR));
    }
    assert_eq!(cache.health(now()).overall(), Health::Healthy, "half of the entries are not most");
}
