//! What the use cases need of the world: something to ask, a clock and a place for background work, and somebody who
//! counts.
//!
//! Left out: every implementation.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use chasqui_types::SourceId;
use chasqui_types::time::Timestamp;
use futures_util::future::BoxFuture;

use crate::error::ProviderError;
use crate::lookups::CacheUse;
use crate::question::{Family, Question, Reply};

/// Something that can be asked over a network.
///
/// An implementation translates: it turns a question into one request and one response into a [`Reply`]. It does not
/// retry, cache, wait its turn, time out or log; the guard around it does, so that every provider behaves alike under
/// stress.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Who it is.
    fn id(&self) -> &SourceId;

    /// Which questions make sense here. Asking another one is a bug in us.
    fn can_answer(&self, question: &Question) -> bool;

    /// Asks once.
    ///
    /// Cancel-safe: dropping the future abandons the request.
    async fn ask(&self, question: &Question) -> Result<Reply, ProviderError>;
}

/// Time, chance and background work.
pub trait Runtime: Send + Sync + 'static {
    /// A clock that only goes forward, for limits and deadlines.
    fn now(&self) -> Instant;

    /// The time of day, for freshness.
    fn wall(&self) -> Timestamp;

    /// Returns at `moment`.
    fn sleep_until(&self, moment: Instant) -> BoxFuture<'static, ()>;

    /// Runs work in the background; shutdown waits for it.
    fn spawn(&self, work: BoxFuture<'static, ()>);

    /// A number from 0 up to, not including, 1.
    fn chance(&self) -> f64;
}

/// Somebody who counts what happens. Every method is called often and must return at once.
pub trait Observer: Send + Sync {
    /// A question about one subject was answered, or not: `outcome` is `found`, `absent` or `unknown`.
    fn question(&self, outcome: &'static str, cache: Option<CacheUse>) {
        let _ = (outcome, cache);
    }

    /// A call was made; `outcome` is `found`, `absent` or the error's kind.
    fn call(&self, provider: &SourceId, family: Family, outcome: &'static str, took: Duration) {
        let _ = (provider, family, outcome, took);
    }

    /// A call waited for room in a limit.
    fn waited(&self, provider: &SourceId, family: Family, waited: Duration) {
        let _ = (provider, family, waited);
    }
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}
