//! Exchange rates: the last one, that of a day, those of a range.
//!
//! A day without a published rate has the last one published before it, and the answer says which. A published rate
//! never expires, so a range is put together from the days that memory holds and one call for the rest.
//! "Today" is Lima's. Left out: wording; and inventing a rate where none was published within a fortnight.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chasqui_types::time::{Date, Timestamp, days, to_lima};
use chasqui_types::{Absence, AbsenceReason, ExchangeRate, Lookup, RateFlag};

use crate::error::{LookupError, ProviderError};
use crate::lookups::{Answer, Ask, CacheUse, Lookups};
use crate::question::Question;
use crate::record::{Record, Subject, Value};

/// The rate that holds on a day.
#[derive(Debug, Clone)]
pub struct RateAnswer {
    /// The day that was asked about.
    pub date: Date,
    /// What was published on it, or last before it, and where that comes from.
    pub answer: Answer,
    /// What a person should look at.
    pub flags: Vec<RateFlag>,
}

/// A day for which no rate can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RateDateError {
    /// Rates are published from 2010 on.
    #[error("rates are published from {} on", ExchangeRate::FIRST_DAY)]
    TooEarly,
    /// The day has not come yet in Lima.
    #[error("that day has not come yet: in Lima it is {today}")]
    Future {
        /// Lima's day.
        today: Date,
    },
    /// The range ends before it begins.
    #[error("the range ends before it begins")]
    Backwards,
    /// The range is longer than can be answered at once.
    #[error("at most {} days can be asked at once", Lookups::MAX_RATE_DAYS)]
    TooLong,
}

// === impl RateAnswer ===

impl RateAnswer {
    /// The rate itself. Its date is the day on which it was published.
    ///
    /// # Panics
    /// If the record holds no rate, which [`Lookups`] does not give.
    pub fn rate(&self) -> &ExchangeRate {
        match self.answer.record.value() {
            Value::Rate(rate) => rate,
            _ => unreachable!("a rate answer holds a rate"),
        }
    }
}

// === impl Lookups ===

impl Lookups {
    /// How far back the last published rate is looked for: the longest run of days without one is a few.
    pub const LOOK_BACK: i32 = 15;
    /// The longest range that is answered at once: ten years.
    pub const MAX_RATE_DAYS: i32 = 3_660;
    /// How long an answer waits for what only its flags need.
    const PATIENCE_FOR_FLAGS: Duration = Duration::from_secs(2);
    /// The longest range that is asked of a provider in one call: a year and the days to look back from it.
    const DAYS_PER_CALL: i32 = 366 + Self::LOOK_BACK;

    /// Lima's day.
    pub fn today(&self) -> Date {
        to_lima(self.inner.runtime.wall()).date()
    }

    /// Whether a rate can be asked for this day.
    ///
    /// # Errors
    /// With the reason why not.
    pub fn check_rate_date(&self, date: Date) -> Result<(), RateDateError> {
        let today = self.today();
        match date {
            _ if date < ExchangeRate::FIRST_DAY => Err(RateDateError::TooEarly),
            _ if date > today => Err(RateDateError::Future { today }),
            _ => Ok(()),
        }
    }

    /// Whether rates can be asked for this range.
    ///
    /// # Errors
    /// With the reason why not.
    pub fn check_rate_range(&self, from: Date, to: Date) -> Result<(), RateDateError> {
        self.check_rate_date(from)?;
        self.check_rate_date(to)?;
        if to < from {
            return Err(RateDateError::Backwards);
        }
        let n_days = from.until(to).map_or(i32::MAX, |span| span.get_days() + 1);
        if n_days > Self::MAX_RATE_DAYS { Err(RateDateError::TooLong) } else { Ok(()) }
    }

    /// What was the last published rate?
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn latest_rate(&self, ask: Ask) -> Result<Lookup<RateAnswer>, LookupError> {
        let answer = self.one(Question::LatestRate, ask).await?;
        let today = self.today();
        if let Some(day) = published_on(&answer.record) {
            if day > today {
                return Err(self.impossible(&answer, "the rate of a day that has not come yet"));
            }
            // Whether it jumps shows only beside the one before it: worth one call a day, and no failure.
            if answer.cache == CacheUse::Miss && self.known_before(day).is_none() {
                let patience = Some(Self::PATIENCE_FOR_FLAGS.min(self.inner.patience(ask.patience)));
                let _ =
                    self.fetch_range(back(day, Self::LOOK_BACK), back(day, 1), patience, &mut BTreeMap::new()).await;
            }
        }
        Ok(self.rated(today, answer))
    }

    /// Which rate was published for exactly this day? Absent if none was.
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn rate_published_on(&self, date: Date, ask: Ask) -> Result<Lookup<RateAnswer>, LookupError> {
        let answer = self.one(Question::RateOn(date), ask).await?;
        Ok(self.rated(date, answer))
    }

    /// Which rate holds on this day, which [`check_rate_date`](Self::check_rate_date) passed?
    ///
    /// A day that memory does not hold is asked together with those before it, in one call: they tell which rate holds
    /// if the day has none of its own, and whether it jumps if it has.
    ///
    /// # Errors
    /// When it could not be found out, that of the days before it included.
    pub async fn rate_on(&self, date: Date, ask: Ask) -> Result<Lookup<RateAnswer>, LookupError> {
        if !ask.refresh
            && let Some(own) = self.inner.remembered(&self.inner.keys.of(&Subject::Rate(date)))
        {
            let held = if own.record.absence().is_none() { Some(own) } else { self.known_before(date) };
            if let Some(answer) = held {
                self.inner.observe(Ok(&answer));
                return Ok(self.rated(date, answer));
            }
        }
        let mut known = BTreeMap::new();
        let fetched = self.fetch_range(back(date, Self::LOOK_BACK), date, ask.patience, &mut known).await?;
        let holds = known.into_values().rev().find(|answer| answer.record.absence().is_none());
        Ok(holds.map_or_else(
            || Lookup::Absent(Absence { reason: AbsenceReason::NotFound, as_of: fetched }),
            |answer| self.rated(date, answer),
        ))
    }

    /// Which rates hold on each day of a range, which [`check_rate_range`](Self::check_rate_range) passed?
    ///
    /// One row a day, in order; a day without a rate of its own has the last one published before it. Days before the
    /// first rate within reach have no row.
    ///
    /// # Errors
    /// When one of the days could not be found out: a gap must not pass for a day without a rate.
    pub async fn rates(&self, from: Date, to: Date, ask: Ask) -> Result<Vec<RateAnswer>, LookupError> {
        let mut known = if ask.refresh { BTreeMap::new() } else { self.known_days(back(from, Self::LOOK_BACK), to) };
        // The days before the first matter only if the first has no rate of its own, or none that is known.
        let has_own =
            |known: &BTreeMap<Date, Answer>| known.get(&from).is_some_and(|answer| answer.record.absence().is_none());
        let first = if has_own(&known) { from } else { back(from, Self::LOOK_BACK) };
        let first = match last_published(&known, first, from) {
            Some(answer) => published_on(&answer.record).unwrap_or(first),
            None => first,
        };
        let missing: Vec<Date> = series(first, to).filter(|day| !known.contains_key(day)).collect();
        let mut rest = &missing[..];
        while let (Some(begin), Some(last)) = (rest.first().copied(), rest.last().copied()) {
            // As few calls as the longest range allows, each from the first day that is missing.
            let end = last.min(begin.checked_add(days(Self::DAYS_PER_CALL - 1)).unwrap_or(last));
            self.fetch_range(begin, end, ask.patience, &mut known).await?;
            rest = &rest[rest.partition_point(|day| *day <= end)..];
        }
        let mut rows = Vec::new();
        let mut holds = self.known_before(first).map(|before| (before, Vec::new()));
        for day in series(first, to) {
            if let Some(own) = known.get(&day).filter(|answer| answer.record.absence().is_none()) {
                let flags = flags(&own.record, holds.as_ref().map(|(before, _)| before));
                holds = Some((own.clone(), flags));
            }
            if let Some((answer, flags)) = holds.clone().filter(|_| day >= from) {
                rows.push(RateAnswer { date: day, flags: aged(flags, &answer.record, day), answer });
            }
        }
        Ok(rows)
    }

    /// What memory holds of each day, absences included, without counting.
    fn known_days(&self, from: Date, to: Date) -> BTreeMap<Date, Answer> {
        series(from, to)
            .filter_map(|day| Some((day, self.inner.fresh(&self.inner.keys.of(&Subject::Rate(day)))?)))
            .collect()
    }

    /// The last rate published before a day, if memory knows that no later one was.
    fn known_before(&self, date: Date) -> Option<Answer> {
        let mut day = date;
        for _ in 0..Self::LOOK_BACK {
            day = day.yesterday().ok()?;
            let answer = self.inner.fresh(&self.inner.keys.of(&Subject::Rate(day)))?;
            if answer.record.absence().is_none() {
                return Some(answer);
            }
        }
        None
    }

    /// Asks for a range, and adds what is known of its days now.
    async fn fetch_range(
        &self,
        from: Date,
        to: Date,
        patience: Option<Duration>,
        known: &mut BTreeMap<Date, Answer>,
    ) -> Result<Timestamp, LookupError> {
        // The days themselves are what is remembered; the range is asked anew, because some day of it is missing.
        let answer = self.one(Question::RatesBetween(from, to), Ask { refresh: true, patience }).await?;
        let Value::Rates(rates) = answer.record.value() else {
            unreachable!("a range answers with rates");
        };
        for day in series(from, to) {
            let rate = rates.iter().find(|rate| rate.date == day);
            let value = rate.map(|rate| Value::Rate(rate.clone()));
            // What was published once stays so, whatever this reply leaves out.
            let held = self.inner.fresh(&self.inner.keys.of(&Subject::Rate(day)));
            let held = held.filter(|held| value.is_none() && held.record.absence().is_none());
            let answer = held.unwrap_or_else(|| {
                let record = self.inner.day_of_range(&answer.record, day, value);
                Answer { record, freshness: answer.freshness, cache: answer.cache }
            });
            known.insert(day, answer);
        }
        Ok(answer.record.provenance().fetched_at)
    }

    fn impossible(&self, answer: &Answer, why: &'static str) -> LookupError {
        self.inner.flights.disown(&self.inner.keys.of(answer.record.subject()));
        self.inner.cache.remove(&self.inner.keys.of(answer.record.subject()), self.inner.runtime.wall());
        let provider = answer.record.provenance().source.clone();
        let source = ProviderError::Malformed { provider, why: why.into() };
        LookupError::Source { attempts: 1, elapsed: Duration::ZERO, source }
    }

    /// Dresses an answer about a day; an absence stays one.
    fn rated(&self, date: Date, answer: Answer) -> Lookup<RateAnswer> {
        if let Some(absence) = answer.record.absence() {
            return Lookup::Absent(absence.clone());
        }
        let settled = answer.record.rate_flags().map(<[RateFlag]>::to_vec);
        let flags = settled.unwrap_or_else(|| {
            let before = published_on(&answer.record).and_then(|day| self.known_before(day));
            let flags = flags(&answer.record, before.as_ref());
            if before.is_some() {
                answer.record.settle_rate_flags(&flags);
            }
            flags
        });
        let flags = aged(flags, &answer.record, date);
        Lookup::Found(RateAnswer { date, answer, flags })
    }
}

fn back(date: Date, n_days: i32) -> Date {
    date.checked_sub(days(n_days)).unwrap_or(ExchangeRate::FIRST_DAY).max(ExchangeRate::FIRST_DAY)
}

fn series(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.series(days(1)).take_while(move |day| *day <= to)
}

fn published_on(record: &Arc<Record>) -> Option<Date> {
    match record.value() {
        Value::Rate(rate) => Some(rate.date),
        _ => None,
    }
}

/// The last published rate from `to` back to `from`, if every day after it is known to have none.
fn last_published(known: &BTreeMap<Date, Answer>, from: Date, to: Date) -> Option<Answer> {
    let mut day = to;
    loop {
        let answer = known.get(&day)?;
        if answer.record.absence().is_none() {
            return Some(answer.clone());
        }
        if day <= from {
            return None;
        }
        day = day.yesterday().ok()?;
    }
}

/// Adds that a rate is old for the day on which it is to hold.
fn aged(mut flags: Vec<RateFlag>, record: &Arc<Record>, day: Date) -> Vec<RateFlag> {
    const WEEK: i32 = 7;
    if published_on(record) == Some(day) {
        return flags;
    }
    let age = published_on(record).and_then(|published| published.until(day).ok()).map_or(0, |span| span.get_days());
    if age > WEEK {
        flags.push(RateFlag::Old);
    }
    flags
}

fn flags(record: &Arc<Record>, before: Option<&Answer>) -> Vec<RateFlag> {
    let Value::Rate(rate) = record.value() else { return Vec::new() };
    let before = before.and_then(|before| match before.record.value() {
        Value::Rate(rate) => Some(rate),
        _ => None,
    });
    rate.flags(before)
}
