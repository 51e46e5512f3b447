//! Asking in process: the look-ups themselves, and what they say as a client tells it.
//!
//! Left out: memory's own operations, in the module below.

mod memory;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chasqui_core::{self as core, Ask, Kind, LookupError, Lookups, Many, RateAnswer, RowOutcome, Value};
use chasqui_types::time::{Date, Timestamp};
use chasqui_types::{
    Account, Billing, CpeQuery, CpeVerdict, Dni, Freshness, Lookup, Person, Provenance, Representative, Ruc, SourceId,
    Taxpayer,
};
use futures_util::StreamExt;

use super::answer::{Answer, DayRate, Invoicing, Outcome};
use super::cache::{AbsentNumber, AbsentNumbers, CacheHealth, CacheStats, Cleaned, Marked};
use super::error::Error;
use super::rows::Batch;
use super::way::{Answered, Way};
use crate::assembly::Chasqui;

/// Asks in process.
pub(crate) struct Local {
    lookups: Lookups,
    /// Held so that the sandbox, where it answers, lives as long as whoever may ask it.
    _chasqui: Chasqui,
}

// === impl Local ===

impl Local {
    pub(crate) fn new(chasqui: Chasqui) -> Self {
        Self { lookups: chasqui.lookups().clone(), _chasqui: chasqui }
    }

    fn now(&self) -> Timestamp {
        self.lookups.runtime().wall()
    }

    fn rated(&self, answered: Result<Lookup<RateAnswer>, LookupError>) -> Answered<DayRate> {
        Ok(match answered? {
            Lookup::Found(answer) => day_rate(&answer),
            Lookup::Absent(absence) => {
                let source = SourceId::new(self.lookups.keys().service().to_owned());
                let provenance = Provenance { source, as_of: absence.as_of, fetched_at: absence.as_of };
                Answer { lookup: Lookup::Absent(absence), provenance, freshness: Freshness::Fresh }
            }
        })
    }

    fn batch<T: Send + 'static>(
        &self,
        rucs: &[Ruc],
        ask: Ask,
        read: impl Fn(Answer<Taxpayer>) -> Answer<T> + Send + 'static,
    ) -> Batch<T> {
        let rows =
            self.lookups.taxpayers(rucs, Many { refresh: ask.refresh, patience: ask.patience, ..Many::default() });
        let effort = Some(rows.effort());
        let outcomes = rows.map(move |row| {
            let outcome = match row.outcome {
                RowOutcome::Answered(answer) => Ok(read(taxpayer(&answer))),
                RowOutcome::Unknown(error) => Err(error.into()),
                RowOutcome::Invalid(error) => Err(error.into()),
            };
            (row.index, Outcome::from(outcome))
        });
        Batch { outcomes: outcomes.boxed(), effort }
    }
}

#[async_trait]
impl Way for Local {
    fn describe(&self) -> String {
        format!("in process, {}", self.lookups.keys().service())
    }

    async fn taxpayer(&self, ruc: Ruc, ask: Ask) -> Answered<Taxpayer> {
        Ok(taxpayer(&self.lookups.taxpayer(ruc, ask).await?))
    }

    async fn person(&self, dni: Dni, ask: Ask) -> Answered<Person> {
        let answer = self.lookups.person(dni, ask).await?;
        Ok(told(&answer, |value| match value {
            Value::Person(person) => Some(person.clone()),
            _ => None,
        }))
    }

    async fn representatives(&self, ruc: Ruc, ask: Ask) -> Answered<Vec<Representative>> {
        let answer = self.lookups.representatives(ruc, ask).await?;
        Ok(told(&answer, |value| match value {
            Value::Representatives(people) => Some(people.clone()),
            _ => None,
        }))
    }

    async fn account(&self, ask: Ask) -> Answered<Account> {
        let answer = self.lookups.account(ask).await?;
        Ok(told(&answer, |value| match value {
            Value::Account(account) => Some(account.clone()),
            _ => None,
        }))
    }

    async fn latest_rate(&self, ask: Ask) -> Answered<DayRate> {
        self.rated(self.lookups.latest_rate(ask).await)
    }

    async fn rate_on(&self, date: Date, ask: Ask) -> Answered<DayRate> {
        self.lookups.check_rate_date(date)?;
        self.rated(self.lookups.rate_on(date, ask).await)
    }

    async fn rates(&self, from: Date, to: Date, ask: Ask) -> Result<Vec<Answer<DayRate>>, Error> {
        self.lookups.check_rate_range(from, to)?;
        Ok(self.lookups.rates(from, to, ask).await?.iter().map(day_rate).collect())
    }

    async fn cpe(&self, query: CpeQuery, ask: Ask) -> Answered<CpeVerdict> {
        let answer = self.lookups.cpe(query, ask).await?;
        Ok(told(&answer, |value| match value {
            Value::Cpe(verdict) => Some(verdict.clone()),
            _ => None,
        }))
    }

    async fn billing(&self, ruc: Ruc, ask: Ask) -> Answered<Invoicing> {
        let answer = self.taxpayer(ruc, ask).await?;
        Ok(judged(answer, self.now()))
    }

    fn taxpayers(&self, rucs: Vec<Ruc>, ask: Ask) -> Batch<Taxpayer> {
        self.batch(&rucs, ask, |answer| answer)
    }

    fn billings(&self, rucs: Vec<Ruc>, ask: Ask) -> Batch<Invoicing> {
        let runtime = Arc::clone(self.lookups.runtime());
        self.batch(&rucs, ask, move |answer| judged(answer, runtime.wall()))
    }

    async fn cache_stats(&self) -> Result<CacheStats, Error> {
        Ok(self.memory_stats())
    }

    async fn cache_health(&self) -> Result<CacheHealth, Error> {
        Ok(self.memory_health())
    }

    async fn clear(&self, service: Option<&str>, kind: Option<Kind>) -> Result<usize, Error> {
        let service = service.map(str::to_owned);
        Ok(self.lookups.cache().clear(&core::Scope { service, kind, absent: None }))
    }

    async fn clean(&self) -> Result<Cleaned, Error> {
        Ok(self.lookups.cache().clean_expired(self.now()))
    }

    async fn forget(&self, ruc: Ruc) -> Result<bool, Error> {
        Ok(self.lookups.forget(ruc))
    }

    async fn absent_numbers(&self) -> Result<AbsentNumbers, Error> {
        Ok(self.remembered_absent())
    }

    async fn absent_number(&self, ruc: Ruc) -> Result<Option<AbsentNumber>, Error> {
        Ok(self.lookups.peek(ruc).and_then(|answer| memory::absent_number(&answer.record)))
    }

    async fn mark_absent(&self, ruc: Ruc, reason: &str, ttl: Option<Duration>) -> Result<Marked, Error> {
        Ok(self.mark(ruc, reason, ttl))
    }

    async fn forget_absent(&self, ruc: Ruc) -> Result<bool, Error> {
        let is_absent = self.lookups.peek(ruc).is_some_and(|answer| answer.record.absence().is_some());
        Ok(is_absent && self.lookups.forget(ruc))
    }

    async fn forget_all_absent(&self) -> Result<usize, Error> {
        Ok(self.lookups.cache().clear(&core::Scope::absent_of(self.lookups.keys().service())))
    }
}

fn taxpayer(answer: &core::Answer) -> Answer<Taxpayer> {
    told(answer, |value| match value {
        Value::Taxpayer(taxpayer) => Some((**taxpayer).clone()),
        _ => None,
    })
}

/// What the core says, as a client tells it.
fn told<T>(answer: &core::Answer, read: impl FnOnce(&Value) -> Option<T>) -> Answer<T> {
    let lookup = match answer.record.absence() {
        Some(absence) => Lookup::Absent(absence.clone()),
        None => Lookup::Found(read(answer.record.value()).expect("a look-up answers the question it was asked")),
    };
    Answer { lookup, provenance: answer.record.provenance().clone(), freshness: answer.freshness }
}

fn day_rate(rate: &RateAnswer) -> Answer<DayRate> {
    told(&rate.answer, |_| Some(DayRate { date: rate.date, rate: rate.rate().clone(), flags: rate.flags.clone() }))
}

fn judged(answer: Answer<Taxpayer>, now: Timestamp) -> Answer<Invoicing> {
    let billing = Billing::of(&answer.lookup.as_ref(), now);
    answer.map(|taxpayer| Invoicing { taxpayer, billing })
}
