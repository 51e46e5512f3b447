//! How long an answer holds.
//!
//! Times come from configuration; the defaults are those of the system that Chasqui replaces.

use std::time::Duration;

use chasqui_types::time::Timestamp;

use crate::record::{Record, Value};

/// How long each kind of answer is fresh, and how long it may be shown after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshnessPolicy {
    /// A taxpayer that was found.
    pub found: Duration,
    /// A number that an authority says does not exist.
    pub absent: Duration,
    /// Anything else that a caller stores.
    pub default: Duration,
    /// Past freshness, how long an answer may be shown as stale when nothing newer can be had.
    pub stale_for: Duration,
    /// Past freshness, how long the old answer is given at once while a new one is fetched.
    pub revalidate_for: Duration,
}

impl Default for FreshnessPolicy {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        Self {
            found: Duration::from_secs(HOUR),
            absent: Duration::from_secs(24 * HOUR),
            default: Duration::from_secs(15 * MINUTE),
            stale_for: Duration::from_secs(24 * HOUR),
            revalidate_for: Duration::from_secs(5 * MINUTE),
        }
    }
}

impl FreshnessPolicy {
    /// Until when `value`, learnt at `now`, is fresh and may be shown as stale.
    pub fn until(&self, value: &Value, now: Timestamp) -> (Timestamp, Timestamp) {
        let (fresh, stale) = match value {
            Value::Taxpayer(_) => (self.found, self.stale_for),
            Value::Absent(_) => (self.absent, Duration::ZERO),
            Value::Bytes(_) => (self.default, Duration::ZERO),
        };
        let fresh_until = later(now, fresh);
        (fresh_until, later(fresh_until, stale))
    }

    /// Whether a stale record is given at once while a new one is fetched.
    pub fn revalidates(&self, record: &Record, now: Timestamp) -> bool {
        now < later(record.fresh_until(), self.revalidate_for)
    }
}

/// `from` plus `by`, or the end of time.
pub(crate) fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}
