//! Whether and when to try again, as decisions with the time as an argument.
//!
//! Left out: what deserves another try; [`ProviderError::retry`](crate::ProviderError::retry) says that.

use std::time::{Duration, Instant};

/// The pauses between tries: doubling from `base`, each shortened by chance so that callers do not march in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first pause.
    pub base: Duration,
    /// Tries after the first.
    pub retries: u32,
}

/// Keeps retries from multiplying an outage: they are paid from a purse that ordinary calls fill.
///
/// Each call adds a fifth of a retry and each ten seconds a whole one, up to ten.
#[derive(Debug, Clone)]
pub struct RetryBudget {
    tenths: u32,
    filled_at: Instant,
}

// === impl Backoff ===

impl Backoff {
    /// The longest pause there is.
    pub const MAX: Duration = Duration::from_secs(30);

    /// The pause before retry number `retry` (from 0), or `None` when there are no more. `chance` is from 0 up to 1.
    pub fn pause(&self, retry: u32, chance: f64) -> Option<Duration> {
        if retry >= self.retries {
            return None;
        }
        let longest = self.base.saturating_mul(2u32.saturating_pow(retry)).min(Self::MAX);
        Some(longest.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0))
    }
}

// === impl RetryBudget ===

impl RetryBudget {
    const FULL: u32 = 100;
    const RETRY: u32 = 10;
    const CALL: u32 = 2;
    const REFILL_EVERY: Duration = Duration::from_secs(10);

    /// A full purse.
    pub fn new(now: Instant) -> Self {
        Self { tenths: Self::FULL, filled_at: now }
    }

    /// An ordinary call is made.
    pub fn deposit(&mut self) {
        self.tenths = (self.tenths + Self::CALL).min(Self::FULL);
    }

    /// Whether a retry can be paid; if so, it is.
    pub fn withdraw(&mut self, now: Instant) -> bool {
        let periods = now.saturating_duration_since(self.filled_at).as_secs() / Self::REFILL_EVERY.as_secs();
        if let Ok(periods @ 1..) = u32::try_from(periods) {
            self.tenths = self.tenths.saturating_add(periods.saturating_mul(Self::RETRY)).min(Self::FULL);
            self.filled_at += Self::REFILL_EVERY * periods;
        }
        match self.tenths.checked_sub(Self::RETRY) {
            Some(rest) => {
                self.tenths = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do; nothing here waits")]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_between_half_and_whole() {
        let backoff = Backoff { base: Duration::from_millis(500), retries: 3 };
        assert_eq!(backoff.pause(0, 0.0), Some(Duration::from_millis(250)));
        assert_eq!(backoff.pause(0, 1.0), Some(Duration::from_millis(500)));
        assert_eq!(backoff.pause(2, 1.0), Some(Duration::from_secs(2)));
        assert_eq!(backoff.pause(3, 1.0), None);
        let endless = Backoff { base: Duration::from_secs(20), retries: u32::MAX };
        assert_eq!(endless.pause(4_000_000, 1.0), Some(Backoff::MAX));
    }

    #[test]
    fn an_empty_purse_pays_no_retry_until_calls_or_time_fill_it() {
        let start = Instant::now();
        let mut budget = RetryBudget::new(start);
        assert_eq!((0..20).filter(|_| budget.withdraw(start)).count(), 10);
        for _ in 0..5 {
            budget.deposit();
        }
        assert!(budget.withdraw(start), "five calls pay one retry");
        assert!(!budget.withdraw(start));
        assert!(budget.withdraw(start + Duration::from_secs(10)), "ten seconds pay another");
        assert!(!budget.withdraw(start + Duration::from_secs(19)));
        assert_eq!((0..20).filter(|_| budget.withdraw(start + Duration::from_secs(100_000))).count(), 10);
    }
}
