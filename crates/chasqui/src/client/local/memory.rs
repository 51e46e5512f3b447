//! This process's own memory, for whoever looks after it.
//!
//! Left out: what is remembered and for how long, which the configuration says.

use std::collections::BTreeMap;
use std::time::Duration;

use chasqui_core::{HealthCheck, Kind, Record, Scope, Subject};
use chasqui_types::Ruc;

use super::Local;
use crate::client::cache::{
    AbsentCount, AbsentNumber, AbsentNumbers, CacheCheck, CacheEntries, CacheHealth, CacheStats, Marked, Replaced,
};

/// The most numbers that one answer lists, as a server does.
const MAX_LISTED: usize = 10_000;

// === impl Local ===

impl Local {
    pub(super) fn memory_stats(&self) -> CacheStats {
        let taken_at = self.now();
        let stats = self.lookups.cache().stats(taken_at);
        let mut groups: BTreeMap<&(String, &'static str), (usize, usize)> = BTreeMap::new();
        for (group, n) in &stats.fresh {
            groups.entry(group).or_default().0 = *n;
        }
        for (group, n) in &stats.stale {
            groups.entry(group).or_default().1 = *n;
        }
        let entry = |((service, kind), (fresh, stale)): (&(String, &'static str), _)| CacheEntries {
            service: service.clone(),
            kind: (*kind).to_owned(),
            fresh,
            stale,
        };
        let absent = |((service, reason), count): (&(String, &'static str), &usize)| AbsentCount {
            service: service.clone(),
            reason: (*reason).to_owned(),
            count: *count,
        };
        CacheStats {
            taken_at,
            entries: groups.into_iter().map(entry).collect(),
            absent: stats.absent.iter().map(absent).collect(),
            expired: stats.expired,
            hits: stats.hits,
            absent_hits: stats.absent_hits,
            misses: stats.misses,
            evictions: stats.evictions,
            bytes: stats.bytes,
            capacity: stats.capacity,
            in_flight: self.lookups.in_flight(),
        }
    }

    pub(super) fn memory_health(&self) -> CacheHealth {
        let health = self.lookups.cache().health(self.now());
        let status = health.overall();
        let check =
            |check: HealthCheck| CacheCheck { name: check.name.to_owned(), status: check.health, detail: check.detail };
        CacheHealth { status, checks: health.checks.into_iter().map(check).collect() }
    }

    pub(super) fn remembered_absent(&self) -> AbsentNumbers {
        let scope = Scope { kind: Some(Kind::Ruc), ..Scope::absent_of(self.lookups.keys().service()) };
        let entries = self.lookups.cache().entries(&scope, self.now());
        let mut numbers: Vec<AbsentNumber> = entries.iter().filter_map(|(_, record)| absent_number(record)).collect();
        numbers.sort_unstable_by(|a, b| b.added_at.cmp(&a.added_at).then_with(|| a.ruc.cmp(&b.ruc)));
        let total = numbers.len();
        numbers.truncate(MAX_LISTED);
        AbsentNumbers { total, numbers }
    }

    pub(super) fn mark(&self, ruc: Ruc, reason: &str, ttl: Option<Duration>) -> Marked {
        let replaced = self.lookups.peek(ruc).map(|before| match before.record.absence() {
            Some(_) => Replaced::Absent,
            None => Replaced::Found,
        });
        let record = self.lookups.mark_absent(ruc, reason, ttl);
        Marked { number: absent_number(&record).expect("it was just marked as absent"), replaced }
    }
}

/// `None` if the record is no absence of a taxpayer.
pub(super) fn absent_number(record: &Record) -> Option<AbsentNumber> {
    let (Subject::Ruc(ruc), Some(absence)) = (record.subject(), record.absence()) else { return None };
    Some(AbsentNumber {
        ruc: *ruc,
        reason: absence.reason.clone(),
        source: record.provenance().source.clone(),
        added_at: absence.as_of,
        expires_at: record.fresh_until(),
    })
}
