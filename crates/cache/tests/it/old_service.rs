//! What the cache service of the system that Chasqui replaces did, with the names that its callers know.

use std::time::Duration;

use bytes::Bytes;
use chasqui_cache::MemoryCache;
use chasqui_core::{Cache, CacheKey, Kind, Scope, Value};
use chasqui_testkit::sample;
use chasqui_types::AbsenceReason;
use chasqui_types::time::Timestamp;

use crate::{AMPLE, keys, now};

const MINUTE: Duration = Duration::from_mins(1);

/// The old service's calls, in terms of the port.
struct Service {
    cache: MemoryCache,
    name: &'static str,
}

impl Service {
    fn new(name: &'static str) -> Self {
        Self { cache: MemoryCache::new(AMPLE), name }
    }

    fn key(&self, name: &str) -> CacheKey {
        keys(self.name).named(name)
    }

    fn set(&self, name: &str, bytes: &[u8], ttl: Duration) {
        self.cache.put(self.key(name), sample::bytes_record(name, Bytes::copy_from_slice(bytes), now(), ttl));
    }

    fn get(&self, name: &str, moment: Timestamp) -> Option<Bytes> {
        match self.cache.get(&self.key(name), moment)?.value() {
            Value::Bytes(bytes) => Some(bytes.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn delete(&self, name: &str) -> bool {
        self.cache.remove(&self.key(name), now())
    }

    fn clear(&self) -> usize {
        self.cache.clear(&Scope { service: Some(self.name.to_owned()), ..Scope::default() })
    }
}

#[test]
fn bytes_come_back_as_they_were_set_until_their_time() {
    let service = Service::new("migo");
    for name in ["ruc_20131312955", "con espacio", "línea\nnueva", "", &"x".repeat(1_000)] {
        let bytes: Vec<u8> = (0..=255).collect();
        service.set(name, &bytes, 15 * MINUTE);
        assert_eq!(service.get(name, now()).as_deref(), Some(&bytes[..]), "{name:?}");
        assert_eq!(service.get(name, now() + 15 * MINUTE), None, "{name:?}");
    }
}

#[test]
fn setting_again_replaces_and_deleting_forgets() {
    let service = Service::new("migo");
    service.set("one", b"1", MINUTE);
    service.set("one", b"2", MINUTE);
    assert_eq!(service.get("one", now()).as_deref(), Some(&b"2"[..]));
    assert!(service.delete("one"));
    assert!(!service.delete("one"));
    assert_eq!(service.get("one", now()), None);
}

#[test]
fn clearing_one_service_leaves_the_others() {
    let migo = Service::new("migo");
    migo.set("one", b"1", MINUTE);
    migo.set("two", b"2", MINUTE);
    let other = keys("nubefact").named("one");
    migo.cache.put(other.clone(), sample::bytes_record("one", "3", now(), MINUTE));
    assert_eq!(migo.clear(), 2);
    assert!(migo.cache.get(&other, now()).is_some());
    assert_eq!(migo.clear(), 0);
}

#[test]
fn clearing_the_absent_numbers_leaves_the_found_ones() {
    let Service { cache, name } = Service::new("migo");
    cache.put(keys(name).ruc(sample::ruc(1)), sample::found_record(sample::ruc(1), now(), MINUTE, MINUTE));
    cache.put(
        keys(name).ruc(sample::ruc(2)),
        sample::absent_record(sample::ruc(2), AbsenceReason::NotFound, now(), MINUTE),
    );
    assert_eq!(cache.clear(&Scope::absent_of(name)), 1);
    assert_eq!(cache.entries(&Scope { kind: Some(Kind::Ruc), ..Scope::default() }, now()).len(), 1);
}

#[test]
fn one_absent_number_tells_its_reason_and_its_time() {
    let Service { cache, name } = Service::new("migo");
    let key = keys(name).ruc(sample::company());
    let reason = AbsenceReason::Marked("seen on paper only".into());
    cache.put(key.clone(), sample::absent_record(sample::company(), reason.clone(), now(), 24 * 60 * MINUTE));
    let record = cache.get(&key, now() + MINUTE).unwrap();
    let absence = record.absence().unwrap();
    assert_eq!((&absence.reason, absence.as_of), (&reason, now()));
    assert_eq!(record.fresh_until(), now() + 24 * 60 * MINUTE);
    assert_eq!(cache.stats(now()).absent[&("migo".to_owned(), "marked")], 1);
}

#[test]
fn cleaning_up_counts_what_it_forgot() {
    let service = Service::new("migo");
    for n in 0..5 {
        service.set(&format!("n{n}"), b"1", MINUTE * (n + 1));
    }
    let cleaned = service.cache.clean_expired(now() + 3 * MINUTE);
    assert_eq!((cleaned.found, cleaned.absent, cleaned.other), (0, 0, 3));
    assert_eq!(service.get("n3", now()).as_deref(), Some(&b"1"[..]));
}
