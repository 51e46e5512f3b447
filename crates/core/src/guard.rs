//! The guard around one provider: the only way in which it is asked.
//!
//! Outer to inner: deadline, retry, breaker, limit, attempt timeout, provider. Each attempt pays for itself and is
//! judged by the breaker; a refusal of our own is never counted against the upstream; a wait that would pass the
//! deadline is not taken but handed to the caller.
//! Left out: who joins whose question, and what is remembered of the answer.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chasqui_types::SourceId;
use futures_util::future::{Either, select};

use crate::backoff::{Backoff, RetryBudget};
use crate::breaker::{Admission, Breaker, BreakerConfig, Condition, Outcome};
use crate::error::{Blame, LookupError, ProviderError, RestCause, Retry};
use crate::limiter::{Limit, Limiter};
use crate::ports::{Observer, Provider, Runtime};
use crate::question::{Family, Question, Reply};

/// How a provider is guarded.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Tries after the first, and the pauses before them.
    pub backoff: Backoff,
    /// When the provider is left alone.
    pub breaker: BreakerConfig,
    /// The provider's call limits. A family without one is not limited.
    pub limits: HashMap<Family, Limit>,
}

/// A provider behind its guard.
pub struct Guard {
    provider: Arc<dyn Provider>,
    config: GuardConfig,
    limiters: HashMap<Family, Limiter>,
    breaker: Mutex<Breaker>,
    budget: Mutex<RetryBudget>,
    /// Families that the provider denies us, and until when they are left alone.
    denied: Mutex<HashMap<Family, Instant>>,
    runtime: Arc<dyn Runtime>,
    observer: Arc<dyn Observer>,
}

/// How a guarded provider is doing.
#[derive(Debug, Clone)]
pub struct GuardSnapshot {
    /// Who.
    pub provider: SourceId,
    /// The breaker.
    pub condition: Condition,
    /// Calls left in each limit.
    pub room: Vec<(Family, u32)>,
}

/// A reply, or why there is none, and what it cost.
pub(crate) struct Asked {
    pub(crate) result: Result<Reply, LookupError>,
    pub(crate) calls: u32,
}

/// The time that a question has.
#[derive(Debug, Clone, Copy)]
struct Time {
    deadline: Instant,
    /// What an attempt is meant to have.
    full: Duration,
}

impl Time {
    /// The last moment at which an attempt is worth its price: a tenth of its time is left, or a second.
    fn latest_start(self) -> Instant {
        let useful = (self.full / 10).min(Duration::from_secs(1));
        self.deadline.checked_sub(useful).unwrap_or(self.deadline)
    }
}

/// Told the moment for which a question waits, so that impatient callers can go.
pub(crate) type OnWait<'a> = &'a (dyn Fn(Instant) + Send + Sync);

// === impl Guard ===

impl Guard {
    /// Puts a guard around `provider`.
    pub fn new(
        provider: Arc<dyn Provider>,
        config: GuardConfig,
        runtime: Arc<dyn Runtime>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let limiters = config.limits.iter().map(|(family, limit)| (*family, Limiter::new(*limit))).collect();
        let breaker = Mutex::new(Breaker::new(config.breaker));
        let budget = Mutex::new(RetryBudget::new(runtime.now()));
        Self { provider, config, limiters, breaker, budget, denied: Mutex::default(), runtime, observer }
    }

    /// Who is guarded.
    pub fn id(&self) -> &SourceId {
        self.provider.id()
    }

    /// How it is doing.
    pub fn snapshot(&self) -> GuardSnapshot {
        let now = self.runtime.now();
        let mut room: Vec<_> = self.limiters.iter().map(|(family, limiter)| (*family, limiter.room(now))).collect();
        room.sort_unstable();
        GuardSnapshot { provider: self.id().clone(), condition: self.breaker().condition(now), room }
    }

    /// Whether calls go through freely.
    pub(crate) fn is_serving(&self) -> bool {
        self.breaker().condition(self.runtime.now()) == Condition::Serving
    }

    /// Whether calls are refused.
    pub(crate) fn is_resting(&self) -> bool {
        self.breaker().condition(self.runtime.now()) == Condition::Resting
    }

    pub(crate) fn can_answer(&self, question: &Question) -> bool {
        self.provider.can_answer(question)
    }

    /// Asks until there is a reply, another try cannot help, or `deadline` is near.
    ///
    /// Cancel-safe: dropping the future abandons the request, gives up its place in the limit's queue, and lets the
    /// next caller probe if this one did.
    pub(crate) async fn ask(&self, question: &Question, deadline: Instant, on_wait: OnWait<'_>) -> Asked {
        let started = self.runtime.now();
        let full = self.config.timeout.min(deadline.saturating_duration_since(started));
        let time = Time { deadline, full };
        let mut calls = 0;
        let mut tries = 0;
        let failure = loop {
            let error = match self.attempt(question, time, on_wait, &mut calls).await {
                Ok(reply) => return Asked { result: Ok(reply), calls },
                Err(error) => error,
            };
            tracing::debug!(provider = %self.id(), family = question.family().as_str(), error = error.kind(), "attempt failed");
            let pause = match error.retry() {
                _ if !question.is_repeatable() => break error,
                Retry::Never => break error,
                Retry::WithBackoff => self.config.backoff.pause(tries, self.runtime.chance()),
                Retry::After(wait) => (tries < self.config.backoff.retries).then_some(wait),
            };
            let now = self.runtime.now();
            let Some(again_at) = pause.map(|pause| now + pause).filter(|again_at| *again_at < time.latest_start())
            else {
                break error;
            };
            if !self.budget.lock().expect("no panic happens under this lock").withdraw(now) {
                break error;
            }
            tries += 1;
            // A pause that the provider asked for is one that callers should know of; our own are short.
            if let Retry::After(_) = error.retry() {
                on_wait(again_at);
            }
            self.runtime.sleep_until(again_at).await;
        };
        let elapsed = self.runtime.now().saturating_duration_since(started);
        Asked { result: Err(LookupError::Source { attempts: calls, elapsed, source: failure }), calls }
    }

    async fn attempt(
        &self,
        question: &Question,
        time: Time,
        on_wait: OnWait<'_>,
        calls: &mut u32,
    ) -> Result<Reply, ProviderError> {
        let family = question.family();
        let mut permit = Some(self.admit(family)?);
        if let Some(limiter) = self.limiters.get(&family) {
            if limiter.is_full(self.runtime.now()) {
                // Whoever waits for room must not keep others from probing meanwhile, and asks for leave again after.
                permit = None;
            }
            match limiter.acquire(&*self.runtime, time.latest_start(), on_wait).await {
                Ok(Duration::ZERO) => {}
                Ok(waited) => self.observer.waited(self.id(), family, waited),
                Err(at) => {
                    let retry_after = at.saturating_duration_since(self.runtime.now());
                    return Err(ProviderError::Limited { provider: self.id().clone(), family, retry_after });
                }
            }
        }
        let permit = match permit {
            Some(permit) => permit,
            None => self.admit(family)?,
        };
        let now = self.runtime.now();
        let limit = self.config.timeout.min(time.deadline.saturating_duration_since(now));
        if limit.is_zero() {
            return Err(ProviderError::OutOfTime { provider: self.id().clone() });
        }
        *calls += 1;
        self.budget.lock().expect("no panic happens under this lock").deposit();
        let result = match select(pin!(self.provider.ask(question)), self.runtime.sleep_until(now + limit)).await {
            Either::Left((result, _)) => result,
            Either::Right(((), _)) => Err(ProviderError::TimedOut { provider: self.id().clone(), limit }),
        };
        let took = self.runtime.now().saturating_duration_since(now);
        self.observer.call(self.id(), family, outcome_word(&result), took);
        let result = result.map_err(|error| self.heed(family, error));
        let outcome = match &result {
            // One odd address must not send the provider to rest for everybody: questions that we understand will tell.
            Err(_) if !question.is_repeatable() => Outcome::Nothing,
            result => Self::verdict(result, permit.admission, time.full),
        };
        permit.settle(outcome);
        result
    }

    /// Does what the provider asks of a whole family: wait, or stop asking.
    fn heed(&self, family: Family, error: ProviderError) -> ProviderError {
        let now = self.runtime.now();
        match error {
            ProviderError::Throttled { provider, retry_after: Some(wait) } => {
                let Some(limit) = self.config.limits.get(&family) else {
                    return ProviderError::Throttled { provider, retry_after: Some(wait) };
                };
                // No window is longer than the limit's own: a wait of a day is somebody's mistake, and there is no
                // one to take it back.
                let wait = wait.min(limit.per().max(self.config.breaker.max_rest));
                if let Some(limiter) = self.limiters.get(&family) {
                    limiter.pause_until(now + wait);
                }
                ProviderError::Throttled { provider, retry_after: Some(wait) }
            }
            ProviderError::Denied { provider } => {
                tracing::warn!(%provider, family = family.as_str(), "provider denies this kind of question; it is left alone");
                let until = now + self.config.breaker.auth_rest;
                self.denied.lock().expect("no panic happens under this lock").insert(family, until);
                ProviderError::Denied { provider }
            }
            other => other,
        }
    }

    /// What an attempt says of the provider. `full` is the time that an attempt is meant to have.
    fn verdict(result: &Result<Reply, ProviderError>, admission: Admission, full: Duration) -> Outcome {
        match result {
            Ok(_) => Outcome::Success,
            // An attempt that our own deadline cut short says little; but whoever probes must come to a verdict.
            Err(ProviderError::TimedOut { limit, .. }) if *limit < full / 2 && admission != Admission::Probe => {
                Outcome::Nothing
            }
            Err(ProviderError::TokenRefused { .. }) => Outcome::Auth,
            Err(error) => match error.blame() {
                Blame::Upstream => Outcome::Failure,
                // It answered, and in its senses. That ends a rest, but pays for no failure.
                Blame::Operator | Blame::Us if admission == Admission::Probe => Outcome::Success,
                Blame::Operator | Blame::Us => Outcome::Nothing,
            },
        }
    }

    fn admit(&self, family: Family) -> Result<Permit<'_>, ProviderError> {
        let now = self.runtime.now();
        let refused =
            |for_another, because| Err(ProviderError::Resting { provider: self.id().clone(), for_another, because });
        let denied_until = self.denied.lock().expect("no panic happens under this lock").get(&family).copied();
        if let Some(left) =
            denied_until.and_then(|until| until.checked_duration_since(now)).filter(|left| !left.is_zero())
        {
            return refused(left, RestCause::Auth);
        }
        match self.breaker().admit(now) {
            Admission::Refuse { for_another, because } => refused(for_another, because),
            admission => Ok(Permit { guard: self, admission, settled: false }),
        }
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().expect("no panic happens under this lock")
    }
}

/// An admitted call. Dropped unsettled it reports that nothing was learnt, so that a cancelled probe cannot leave the
/// breaker probing forever.
struct Permit<'a> {
    guard: &'a Guard,
    admission: Admission,
    settled: bool,
}

impl Permit<'_> {
    fn settle(mut self, outcome: Outcome) {
        self.report(outcome);
    }

    fn report(&mut self, outcome: Outcome) {
        self.settled = true;
        let now = self.guard.runtime.now();
        let mut breaker = self.guard.breaker();
        let before = breaker.condition(now);
        breaker.settle(now, self.admission, outcome);
        let after = breaker.condition(now);
        drop(breaker);
        if before != after {
            match after {
                Condition::Resting => tracing::warn!(provider = %self.guard.id(), "provider is sent to rest"),
                Condition::Probing => tracing::debug!(provider = %self.guard.id(), "provider may be probed"),
                Condition::Serving => tracing::info!(provider = %self.guard.id(), "provider serves again"),
            }
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.report(Outcome::Nothing);
        }
    }
}

fn outcome_word(result: &Result<Reply, ProviderError>) -> &'static str {
    match result {
        Ok(reply) if reply.is_absence() => "absent",
        Ok(_) => "found",
        Err(error) => error.kind(),
    }
}
