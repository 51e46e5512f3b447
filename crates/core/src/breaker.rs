//! Lets a failing provider rest instead of asking it again at once.
//!
//! Serving: calls go through. Enough failures in a short time, and no fewer than successes: resting, calls are refused. When the rest is over one
//! call goes through to see (probing): if it succeeds the provider serves again, if not it rests twice as long.
//! A refused token makes it rest for long, because only an operator can mend that.
//! The breaker is a value that takes the time as an argument. Left out: what counts as a failure;
//! [`ProviderError::blame`](crate::ProviderError::blame) says that.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::error::RestCause;

/// When to rest, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// This many failures, and at least as many as successes, …
    pub failures: u32,
    /// … within this time make the provider rest …
    pub within: Duration,
    /// … for this long the first time, doubling with each probe that fails …
    pub rest: Duration,
    /// … up to this long.
    pub max_rest: Duration,
    /// How long it rests once it refused our token.
    pub auth_rest: Duration,
}

/// How a provider is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Calls go through.
    Serving,
    /// One call goes through to see.
    Probing,
    /// Calls are refused.
    Resting,
}

/// What a call is told before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Go.
    Serve,
    /// Go, and everybody waits to hear how it went.
    Probe,
    /// Do not.
    Refuse {
        /// Ask again after this long.
        for_another: Duration,
        /// Why it rests.
        because: RestCause,
    },
}

/// How an admitted call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The provider did its part.
    Success,
    /// It did not.
    Failure,
    /// It refused our token or denied us.
    Auth,
    /// Nothing was learnt: the call was dropped, or never made.
    Nothing,
}

/// The breaker of one provider.
#[derive(Debug)]
pub struct Breaker {
    config: BreakerConfig,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The last calls, oldest first, and whether each failed: one less than twice as many as failures make it rest, so
    /// that enough failures among them are the greater part.
    Serving {
        recent: VecDeque<(Instant, bool)>,
    },
    Resting {
        until: Instant,
        rest: Duration,
        because: RestCause,
    },
    Probing {
        rest: Duration,
        because: RestCause,
    },
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            failures: 5,
            within: Duration::from_secs(30),
            rest: Duration::from_secs(5),
            max_rest: Duration::from_mins(1),
            auth_rest: Duration::from_mins(10),
        }
    }
}

// === impl Breaker ===

impl Breaker {
    /// While somebody probes, others are told to come back after this long.
    const PROBE_PATIENCE: Duration = Duration::from_secs(1);

    /// A provider that serves.
    pub fn new(config: BreakerConfig) -> Self {
        Self { config, state: State::Serving { recent: VecDeque::new() } }
    }

    /// May a call be made at `now`? Whoever is admitted must [`settle`](Self::settle).
    pub fn admit(&mut self, now: Instant) -> Admission {
        match &self.state {
            State::Serving { .. } => Admission::Serve,
            State::Probing { because, .. } => {
                Admission::Refuse { for_another: Self::PROBE_PATIENCE, because: *because }
            }
            State::Resting { until, because, .. } if now < *until => {
                Admission::Refuse { for_another: *until - now, because: *because }
            }
            State::Resting { rest, because, .. } => {
                self.state = State::Probing { rest: *rest, because: *because };
                Admission::Probe
            }
        }
    }

    /// Tells how a call went that was admitted with `admission`.
    pub fn settle(&mut self, now: Instant, admission: Admission, outcome: Outcome) {
        match (&mut self.state, admission, outcome) {
            (State::Serving { recent }, _, Outcome::Failure | Outcome::Success) => {
                let failures = usize::try_from(self.config.failures).unwrap_or(usize::MAX).max(1);
                recent.push_back((now, outcome == Outcome::Failure));
                let most = failures.saturating_mul(2) - 1;
                while recent.len() > most || recent.front().is_some_and(|(at, _)| *at + self.config.within < now) {
                    recent.pop_front();
                }
                if recent.iter().filter(|(_, failed)| *failed).count() >= failures {
                    self.rest(now, self.config.rest, RestCause::Failures);
                }
            }
            (State::Probing { .. }, Admission::Probe, Outcome::Success) => {
                self.state = State::Serving { recent: VecDeque::new() };
            }
            (State::Probing { rest, .. }, Admission::Probe, Outcome::Failure) => {
                let longer = rest.saturating_mul(2).min(self.config.max_rest);
                self.rest(now, longer, RestCause::Failures);
            }
            // The next caller may probe at once: this one found out nothing.
            (State::Probing { rest, because }, Admission::Probe, Outcome::Nothing) => {
                self.state = State::Resting { until: now, rest: *rest, because: *because };
            }
            (State::Serving { .. }, _, Outcome::Auth) | (State::Probing { .. }, Admission::Probe, Outcome::Auth) => {
                self.rest(now, self.config.auth_rest, RestCause::Auth);
            }
            // Nothing was learnt, or the call is from before the rest and comes home late.
            (State::Serving { .. } | State::Resting { .. } | State::Probing { .. }, _, _) => {}
        }
    }

    /// How the provider is doing at `now`.
    pub fn condition(&self, now: Instant) -> Condition {
        match &self.state {
            State::Serving { .. } => Condition::Serving,
            State::Resting { until, .. } if now < *until => Condition::Resting,
            State::Probing { .. } | State::Resting { .. } => Condition::Probing,
        }
    }

    fn rest(&mut self, now: Instant, rest: Duration, because: RestCause) {
        // After a refused token the next failure starts from the ordinary rest again.
        let next = if because == RestCause::Auth { self.config.rest } else { rest };
        self.state = State::Resting { until: now + rest, rest: next, because };
    }
}

// === impl Condition ===

impl Condition {
    /// `serving`, `probing` or `resting`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Probing => "probing",
            Self::Resting => "resting",
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do; nothing here waits")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn fail(breaker: &mut Breaker, now: Instant, times: u32) {
        for _ in 0..times {
            let admission = breaker.admit(now);
            breaker.settle(now, admission, Outcome::Failure);
        }
    }

    #[test]
    fn five_failures_in_half_a_minute_make_it_rest() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        fail(&mut breaker, start, 4);
        assert_eq!(breaker.condition(start), Condition::Serving);
        fail(&mut breaker, start + secs(31), 4);
        assert_eq!(breaker.condition(start + secs(31)), Condition::Serving, "the first four are forgotten");
        fail(&mut breaker, start + secs(31), 1);
        assert_eq!(
            breaker.admit(start + secs(32)),
            Admission::Refuse { for_another: secs(4), because: RestCause::Failures }
        );
    }

    #[test]
    fn a_few_failures_among_many_successes_do_not() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        for _ in 0..100 {
            fail(&mut breaker, start, 1);
            breaker.settle(start, Admission::Serve, Outcome::Success);
            breaker.settle(start, Admission::Serve, Outcome::Success);
        }
        assert_eq!(breaker.condition(start), Condition::Serving);
    }

    #[test]
    fn a_provider_that_fails_every_second_time_is_sent_to_rest() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        for _ in 0..5 {
            fail(&mut breaker, start, 1);
            breaker.settle(start, Admission::Serve, Outcome::Success);
        }
        assert_eq!(breaker.condition(start), Condition::Resting);
    }

    #[test]
    fn nothing_learnt_counts_for_nothing() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        for _ in 0..20 {
            breaker.settle(start, Admission::Serve, Outcome::Nothing);
        }
        fail(&mut breaker, start, 5);
        assert_eq!(breaker.condition(start), Condition::Resting);
    }

    #[test]
    fn one_probe_at_a_time_decides_and_the_rest_doubles() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        fail(&mut breaker, start, 5);
        let mut now = start + secs(5);
        for expected in [10, 20, 40, 60, 60] {
            assert_eq!(breaker.admit(now), Admission::Probe);
            assert!(matches!(breaker.admit(now), Admission::Refuse { .. }), "one at a time");
            breaker.settle(now, Admission::Probe, Outcome::Failure);
            assert_eq!(
                breaker.admit(now),
                Admission::Refuse { for_another: secs(expected), because: RestCause::Failures }
            );
            now += secs(expected);
        }
        assert_eq!(breaker.admit(now), Admission::Probe);
        breaker.settle(now, Admission::Probe, Outcome::Success);
        assert_eq!(breaker.admit(now), Admission::Serve);
    }

    #[test]
    fn a_probe_that_was_dropped_lets_the_next_caller_probe() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        fail(&mut breaker, start, 5);
        let now = start + secs(5);
        assert_eq!(breaker.admit(now), Admission::Probe);
        breaker.settle(now, Admission::Probe, Outcome::Nothing);
        assert_eq!(breaker.admit(now), Admission::Probe);
    }

    #[test]
    fn a_refused_token_makes_it_rest_for_long_at_once() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        let admission = breaker.admit(start);
        breaker.settle(start, admission, Outcome::Auth);
        assert_eq!(breaker.admit(start), Admission::Refuse { for_another: secs(600), because: RestCause::Auth });
        assert_eq!(breaker.admit(start + secs(600)), Admission::Probe);
    }

    #[test]
    fn late_news_from_before_the_rest_changes_nothing() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        let early = breaker.admit(start);
        fail(&mut breaker, start, 5);
        breaker.settle(start + secs(1), early, Outcome::Success);
        assert_eq!(breaker.condition(start + secs(1)), Condition::Resting);
        assert_eq!(breaker.admit(start + secs(5)), Admission::Probe);
        breaker.settle(start + secs(5), early, Outcome::Failure);
        assert_eq!(breaker.condition(start + secs(5)), Condition::Probing, "only the probe decides");
    }

    proptest! {
        #[test]
        fn never_two_probes_at_once(steps in prop::collection::vec((0u64..20, 0u8..5), 1..300)) {
            let mut now = Instant::now();
            let mut breaker = Breaker::new(BreakerConfig::default());
            let mut out: Vec<Admission> = Vec::new();
            for (advance, action) in steps {
                now += secs(advance);
                if action == 0 {
                    match breaker.admit(now) {
                        Admission::Refuse { for_another, .. } => prop_assert!(for_another > Duration::ZERO),
                        admission => out.push(admission),
                    }
                    prop_assert!(out.iter().filter(|a| **a == Admission::Probe).count() <= 1);
                } else if let Some(admission) = out.pop() {
                    let outcome = [Outcome::Success, Outcome::Failure, Outcome::Auth, Outcome::Nothing][usize::from(action - 1)];
                    breaker.settle(now, admission, outcome);
                }
            }
        }
    }
}
