//! How long an answer holds.
//!
//! Times come from configuration; the defaults are those of the system that Chasqui replaces.

use std::time::Duration;

use chasqui_types::time::{Date, Timestamp, from_lima, to_lima};

use crate::record::{Record, Subject, Value};

/// How long each kind of answer is fresh, and how long it may be shown after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshnessPolicy {
    /// A taxpayer that was found.
    pub found: Duration,
    /// A number that an authority says does not exist.
    pub absent: Duration,
    /// A person.
    pub person: Duration,
    /// Anything else.
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
            person: Duration::from_secs(24 * HOUR),
            default: Duration::from_secs(15 * MINUTE),
            stale_for: Duration::from_secs(24 * HOUR),
            revalidate_for: Duration::from_secs(5 * MINUTE),
        }
    }
}

impl FreshnessPolicy {
    /// How long it holds that today's rate is not published.
    pub const UNPUBLISHED: Duration = Duration::from_mins(5);
    /// How long it holds that the rate of one of the last days is not published.
    pub const LATE: Duration = Duration::from_hours(1);
    /// How long the number of queries left holds: each call changes it.
    pub const BALANCE: Duration = Duration::from_mins(1);

    /// Until when `value`, learnt of `subject` at `now`, is fresh and may be shown as stale.
    ///
    /// A published rate never expires. The latest one holds until Lima's next day if it is today's, else for a few
    /// minutes, because today's may be published any moment; so does the absence of today's.
    pub fn until(&self, subject: &Subject, value: &Value, now: Timestamp) -> (Timestamp, Timestamp) {
        let today = to_lima(now).date();
        let (fresh, stale) = match (subject, value) {
            (Subject::Rate(day), Value::Absent(_)) if *day >= today => (Self::UNPUBLISHED, Duration::ZERO),
            // What was not published yesterday may be published late; what was not last month will not be.
            (Subject::Rate(day), Value::Absent(_)) if is_within_a_week(*day, today) => {
                (Self::LATE.min(self.absent), Duration::ZERO)
            }
            (_, Value::Absent(_)) => (self.absent, Duration::ZERO),
            (Subject::LatestRate, Value::Rate(rate)) if rate.date >= today => {
                let tomorrow = today.tomorrow().ok().and_then(|day| from_lima(day.into()));
                let fresh_until = tomorrow.unwrap_or(now);
                return (fresh_until, later(fresh_until, self.stale_for));
            }
            (Subject::LatestRate, _) => (Self::UNPUBLISHED, self.stale_for),
            (_, Value::Rate(_)) => return (Timestamp::MAX, Timestamp::MAX),
            (_, Value::Taxpayer(_)) => (self.found, self.stale_for),
            (_, Value::Person(_)) => (self.person, self.stale_for),
            (_, Value::Account(_)) => (Self::BALANCE, self.stale_for),
            // "It was not reported" is no more kept alive by an outage than an absence is.
            (_, Value::Cpe(verdict)) if !verdict.is_settled() => (self.default, Duration::ZERO),
            (_, Value::Rates(_) | Value::Representatives(_) | Value::Cpe(_)) => (self.default, self.stale_for),
            (_, Value::Bytes(_)) => (self.default, Duration::ZERO),
        };
        let fresh_until = later(now, fresh);
        (fresh_until, later(fresh_until, stale))
    }

    /// Whether a stale record is given at once while a new one is fetched.
    pub fn revalidates(&self, record: &Record, now: Timestamp) -> bool {
        now < later(record.fresh_until(), self.revalidate_for)
    }
}

fn is_within_a_week(day: Date, today: Date) -> bool {
    day.until(today).is_ok_and(|span| span.get_days() <= 7)
}

/// `from` plus `by`, or the end of time.
pub(crate) fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}
