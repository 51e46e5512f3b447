//! Memory, for whoever looks after it: what it holds, how it is, what it should forget.
//!
//! Nothing here asks a provider. In process it is this client's own memory, else the server's.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chasqui_core::Kind;
pub use chasqui_core::{Cleaned, Health};
use chasqui_types::time::Timestamp;
use chasqui_types::{AbsenceReason, Ruc, SourceId};

use super::check;
use super::error::Error;
use super::way::Way;

/// Memory, as [`Client::cache`](super::Client::cache) gives it. Cheap to clone.
///
/// Replaces `APICacheService`, as far as people called it: answers are remembered without being told to.
#[derive(Clone)]
pub struct CacheHandle {
    way: Arc<dyn Way>,
}

/// What memory holds, and how it was used since the start.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CacheStats {
    /// When this was counted.
    pub taken_at: Timestamp,
    /// Entries that are not absences, by service and kind.
    pub entries: Vec<CacheEntries>,
    /// Absent numbers, by service and reason.
    pub absent: Vec<AbsentCount>,
    /// Entries past everything, not yet cleaned.
    pub expired: usize,
    /// Questions answered with an entry that is no absence.
    pub hits: u64,
    /// Questions answered with an absence.
    pub absent_hits: u64,
    /// Questions without an entry.
    pub misses: u64,
    /// Entries that made room for others.
    pub evictions: u64,
    /// Bytes held.
    pub bytes: u64,
    /// Bytes that may be held.
    pub capacity: u64,
    /// Questions under way upstream.
    pub in_flight: usize,
}

/// Entries of one service and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheEntries {
    /// Whose: `migo`, `sandbox`.
    pub service: String,
    /// `ruc`, `dni`, `rate`, `representatives`, `account`, `cpe` or `other`.
    pub kind: String,
    /// Within their time.
    pub fresh: usize,
    /// Past it, still shown when nothing newer can be had.
    pub stale: usize,
}

/// Absent numbers of one service and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsentCount {
    /// Whose: `migo`, `sandbox`.
    pub service: String,
    /// `not_found`, `omitted` or `marked`.
    pub reason: String,
    /// How many.
    pub count: usize,
}

/// Whether memory does its work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheHealth {
    /// The worst of the checks.
    pub status: Health,
    /// Every check, in the order in which they were made.
    pub checks: Vec<CacheCheck>,
}

/// One check of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheCheck {
    /// `round_trip`, `capacity` or `absent_list`.
    pub name: String,
    /// How it went.
    pub status: Health,
    /// What was seen.
    pub detail: String,
}

/// Numbers that are remembered as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsentNumbers {
    /// How many there are.
    pub total: usize,
    /// The newest of them first; at most 10,000.
    pub numbers: Vec<AbsentNumber>,
}

/// A number that is remembered as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsentNumber {
    /// The number.
    pub ruc: Ruc,
    /// How it was said.
    pub reason: AbsenceReason,
    /// Who said so: a provider, or `operator`, which is no authority.
    pub source: SourceId,
    /// When it was noted first.
    pub added_at: Timestamp,
    /// When it will be forgotten.
    pub expires_at: Timestamp,
}

/// A number as it is remembered from now on, and what it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marked {
    /// From now on.
    pub number: AbsentNumber,
    /// What was remembered before.
    pub replaced: Option<Replaced>,
}

/// What was remembered of a number before it was marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replaced {
    /// A taxpayer.
    Found,
    /// An absence.
    Absent,
}

// === impl CacheHandle ===

impl CacheHandle {
    pub(crate) fn new(way: Arc<dyn Way>) -> Self {
        Self { way }
    }

    /// What memory holds, and how it was used.
    ///
    /// Replaces `APICacheService.get_cache_stats`.
    pub async fn stats(&self) -> Result<CacheStats, Error> {
        self.way.cache_stats().await
    }

    /// Whether memory does its work. An unhealthy one is an answer, not an error.
    ///
    /// Replaces the health check of `APICacheService`.
    pub async fn health(&self) -> Result<CacheHealth, Error> {
        self.way.cache_health().await
    }

    /// Forgets everything, operators' marks included; how many entries that were.
    ///
    /// Replaces `APICacheService.clear`.
    pub async fn clear(&self) -> Result<usize, Error> {
        self.way.clear(None, None).await
    }

    /// Forgets what belongs to a service (`migo`, `sandbox`) and is of a kind; how many entries that were.
    ///
    /// Replaces `APICacheService.clear` of one service.
    pub async fn clear_some(&self, service: Option<&str>, kind: Option<Kind>) -> Result<usize, Error> {
        if service == Some("") {
            return Err(Error::invalid("invalid_query", "`service` is not empty; leave it out to mean all."));
        }
        self.way.clear(service, kind).await
    }

    /// Forgets the entries that may not be shown any more; they would be forgotten anyway when room is needed.
    ///
    /// Replaces `APICacheService.cleanup_expired`.
    pub async fn clean(&self) -> Result<Cleaned, Error> {
        self.way.clean().await
    }

    /// Forgets one number, whatever is remembered of it; whether there was something.
    ///
    /// Replaces `APICacheService.delete_ruc`.
    pub async fn forget(&self, ruc: impl AsRef<str>) -> Result<bool, Error> {
        self.way.forget(check::ruc(ruc.as_ref())?).await
    }

    /// The numbers that are remembered as absent: who said so, when, and until when it holds.
    ///
    /// Replaces `MigoAPIService.get_invalid_rucs_report` and `APICacheService.get_all_invalid_rucs`.
    pub async fn absent(&self) -> Result<AbsentNumbers, Error> {
        self.way.absent_numbers().await
    }

    /// What is remembered of one absent number; `None` if memory does not hold it as absent, which says nothing about
    /// whether it exists.
    ///
    /// Replaces `APICacheService.is_ruc_invalid` and `APICacheService.get_invalid_ruc_info`.
    pub async fn absent_number(&self, ruc: impl AsRef<str>) -> Result<Option<AbsentNumber>, Error> {
        self.way.absent_number(check::ruc(ruc.as_ref())?).await
    }

    /// Marks a number as absent on an operator's word, with a reason of 1 to 200 characters, for `ttl` (the configured
    /// time if `None`).
    ///
    /// Its source is `operator`, so that it is never taken for an authority's word.
    /// Replaces `APICacheService.add_invalid_ruc`.
    pub async fn mark_absent(
        &self,
        ruc: impl AsRef<str>,
        reason: impl AsRef<str>,
        ttl: Option<Duration>,
    ) -> Result<Marked, Error> {
        let ruc = check::ruc(ruc.as_ref())?;
        let (reason, ttl) = (check::reason(reason.as_ref())?, check::lifetime(ttl)?);
        self.way.mark_absent(ruc, reason, ttl).await
    }

    /// Forgets that a number is absent; whether it was remembered so. A taxpayer that is remembered stays.
    ///
    /// Replaces `APICacheService.remove_invalid_ruc`.
    pub async fn forget_absent(&self, ruc: impl AsRef<str>) -> Result<bool, Error> {
        self.way.forget_absent(check::ruc(ruc.as_ref())?).await
    }

    /// Forgets all absent numbers, operators' marks included; how many that were.
    ///
    /// Replaces `MigoAPIService.clear_invalid_rucs_cache` and `APICacheService.clear_invalid_rucs`.
    pub async fn forget_all_absent(&self) -> Result<usize, Error> {
        self.way.forget_all_absent().await
    }
}

impl fmt::Debug for CacheHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CacheHandle").field(&self.way.describe()).finish()
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

    /// Absent numbers, all together.
    pub fn n_absent(&self) -> usize {
        self.absent.iter().map(|group| group.count).sum()
    }
}
