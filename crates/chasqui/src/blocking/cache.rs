//! Memory, for those who wait.

use std::sync::Arc;
use std::time::Duration;

use chasqui_core::{Cleaned, Kind};

use super::worker::Worker;
use crate::client::{self as asynchronous, AbsentNumber, AbsentNumbers, CacheHealth, CacheStats, Error, Marked};

/// Memory, as [`Client::cache`](super::Client::cache) gives it. Cheap to clone.
///
/// The methods are those of [`chasqui::CacheHandle`](crate::CacheHandle), which says more about each.
#[derive(Debug, Clone)]
pub struct CacheHandle {
    inner: asynchronous::CacheHandle,
    worker: Arc<Worker>,
}

// === impl CacheHandle ===

impl CacheHandle {
    pub(super) fn new(inner: asynchronous::CacheHandle, worker: &Arc<Worker>) -> Self {
        Self { inner, worker: Arc::clone(worker) }
    }

    /// What memory holds, and how it was used.
    pub fn stats(&self) -> Result<CacheStats, Error> {
        self.run(async |cache| cache.stats().await)
    }

    /// Whether memory does its work.
    pub fn health(&self) -> Result<CacheHealth, Error> {
        self.run(async |cache| cache.health().await)
    }

    /// Forgets everything, operators' marks included; how many entries that were.
    pub fn clear(&self) -> Result<usize, Error> {
        self.run(async |cache| cache.clear().await)
    }

    /// Forgets what belongs to a service and is of a kind; how many entries that were.
    pub fn clear_some(&self, service: Option<&str>, kind: Option<Kind>) -> Result<usize, Error> {
        let service = service.map(str::to_owned);
        self.run(async move |cache| cache.clear_some(service.as_deref(), kind).await)
    }

    /// Forgets the entries that may not be shown any more.
    pub fn clean(&self) -> Result<Cleaned, Error> {
        self.run(async |cache| cache.clean().await)
    }

    /// Forgets one number, whatever is remembered of it; whether there was something.
    pub fn forget(&self, ruc: impl AsRef<str>) -> Result<bool, Error> {
        let ruc = ruc.as_ref().to_owned();
        self.run(async move |cache| cache.forget(ruc).await)
    }

    /// The numbers that are remembered as absent.
    ///
    /// Replaces `MigoAPIService.get_invalid_rucs_report`.
    pub fn absent(&self) -> Result<AbsentNumbers, Error> {
        self.run(async |cache| cache.absent().await)
    }

    /// What is remembered of one absent number.
    pub fn absent_number(&self, ruc: impl AsRef<str>) -> Result<Option<AbsentNumber>, Error> {
        let ruc = ruc.as_ref().to_owned();
        self.run(async move |cache| cache.absent_number(ruc).await)
    }

    /// Marks a number as absent on an operator's word.
    pub fn mark_absent(
        &self,
        ruc: impl AsRef<str>,
        reason: impl AsRef<str>,
        ttl: Option<Duration>,
    ) -> Result<Marked, Error> {
        let (ruc, reason) = (ruc.as_ref().to_owned(), reason.as_ref().to_owned());
        self.run(async move |cache| cache.mark_absent(ruc, reason, ttl).await)
    }

    /// Forgets that a number is absent; whether it was remembered so.
    pub fn forget_absent(&self, ruc: impl AsRef<str>) -> Result<bool, Error> {
        let ruc = ruc.as_ref().to_owned();
        self.run(async move |cache| cache.forget_absent(ruc).await)
    }

    /// Forgets all absent numbers, operators' marks included; how many that were.
    ///
    /// Replaces `MigoAPIService.clear_invalid_rucs_cache`.
    pub fn forget_all_absent(&self) -> Result<usize, Error> {
        self.run(async |cache| cache.forget_all_absent().await)
    }

    fn run<T, F>(&self, ask: impl FnOnce(asynchronous::CacheHandle) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.worker.run(ask(self.inner.clone()))
    }
}
