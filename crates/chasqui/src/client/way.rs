//! The two ways to an answer: in process, and through a Chasqui server.
//!
//! What reaches a way was checked already; what it gives back is the same whichever it is.
//! Left out: many batches, which [`Rows`](super::Rows) works off.

use std::time::Duration;

use async_trait::async_trait;
use chasqui_core::{Ask, Kind};
use chasqui_types::time::Date;
use chasqui_types::{Account, CpeQuery, CpeVerdict, Dni, Person, Representative, Ruc, Taxpayer};

use super::answer::{Answer, DayRate, Invoicing};
use super::cache::{AbsentNumber, AbsentNumbers, CacheHealth, CacheStats, Cleaned, Marked};
use super::error::Error;
use super::rows::Batch;

pub(crate) type Answered<T> = Result<Answer<T>, Error>;

#[async_trait]
pub(crate) trait Way: Send + Sync {
    /// How it is shown to a developer, without secrets.
    fn describe(&self) -> String;

    async fn taxpayer(&self, ruc: Ruc, ask: Ask) -> Answered<Taxpayer>;
    async fn person(&self, dni: Dni, ask: Ask) -> Answered<Person>;
    async fn representatives(&self, ruc: Ruc, ask: Ask) -> Answered<Vec<Representative>>;
    async fn account(&self, ask: Ask) -> Answered<Account>;
    async fn latest_rate(&self, ask: Ask) -> Answered<DayRate>;
    async fn rate_on(&self, date: Date, ask: Ask) -> Answered<DayRate>;
    async fn rates(&self, from: Date, to: Date, ask: Ask) -> Result<Vec<Answer<DayRate>>, Error>;
    async fn cpe(&self, query: CpeQuery, ask: Ask) -> Answered<CpeVerdict>;
    async fn billing(&self, ruc: Ruc, ask: Ask) -> Answered<Invoicing>;

    /// At most a thousand.
    fn taxpayers(&self, rucs: Vec<Ruc>, ask: Ask) -> Batch<Taxpayer>;
    /// At most a thousand.
    fn billings(&self, rucs: Vec<Ruc>, ask: Ask) -> Batch<Invoicing>;

    async fn cache_stats(&self) -> Result<CacheStats, Error>;
    async fn cache_health(&self) -> Result<CacheHealth, Error>;
    async fn clear(&self, service: Option<&str>, kind: Option<Kind>) -> Result<usize, Error>;
    async fn clean(&self) -> Result<Cleaned, Error>;
    async fn forget(&self, ruc: Ruc) -> Result<bool, Error>;
    async fn absent_numbers(&self) -> Result<AbsentNumbers, Error>;
    async fn absent_number(&self, ruc: Ruc) -> Result<Option<AbsentNumber>, Error>;
    async fn mark_absent(&self, ruc: Ruc, reason: &str, ttl: Option<Duration>) -> Result<Marked, Error>;
    async fn forget_absent(&self, ruc: Ruc) -> Result<bool, Error>;
    async fn forget_all_absent(&self) -> Result<usize, Error>;
}
