//! A server's memory, for whoever looks after it.

use std::time::Duration;

use chasqui_core::{Ask, Kind};
use chasqui_types::time::Timestamp;
use chasqui_types::{AbsenceReason, Ruc, SourceId};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::wire::{reason, to_json};
use super::{Question, Remote};
use crate::client::cache::{
    AbsentCount, AbsentNumber, AbsentNumbers, CacheCheck, CacheEntries, CacheHealth, CacheStats, Cleaned, Health,
    Marked, Replaced,
};
use crate::client::check;
use crate::client::error::Error;

#[derive(Deserialize)]
struct RemovedBody {
    removed: bool,
}

#[derive(Deserialize)]
struct RemovedCountBody {
    removed: usize,
}

#[derive(Deserialize)]
struct CleanedBody {
    found: usize,
    absent: usize,
    other: usize,
}

#[derive(Deserialize)]
struct StatsBody {
    timestamp: Timestamp,
    entries: Vec<EntriesBody>,
    absent: AbsentCountsBody,
    expired: usize,
    hits: u64,
    absent_hits: u64,
    misses: u64,
    evictions: u64,
    bytes: u64,
    capacity: u64,
    in_flight: usize,
}

#[derive(Deserialize)]
struct EntriesBody {
    service: String,
    kind: String,
    fresh: usize,
    stale: usize,
}

#[derive(Deserialize)]
struct AbsentCountsBody {
    reasons: Vec<ReasonBody>,
}

#[derive(Deserialize)]
struct ReasonBody {
    service: String,
    reason: String,
    count: usize,
}

#[derive(Deserialize)]
struct HealthBody {
    status: HealthWord,
    checks: Vec<CheckBody>,
}

#[derive(Deserialize)]
struct CheckBody {
    name: String,
    status: HealthWord,
    detail: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum HealthWord {
    Healthy,
    Warning,
    Unhealthy,
}

#[derive(Deserialize)]
struct AbsentListBody {
    total: usize,
    absent: Vec<AbsentNumberBody>,
}

#[derive(Deserialize)]
struct AbsentNumberBody {
    ruc: Ruc,
    reason_words: String,
    source: String,
    added_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct MarkedBody {
    #[serde(flatten)]
    number: AbsentNumberBody,
    replaced: Option<ReplacedBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReplacedBody {
    Found,
    Absent,
}

#[derive(Serialize)]
struct MarkBody<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<String>,
}

// === impl Remote ===

impl Remote {
    pub(super) async fn memory_stats(&self) -> Result<CacheStats, Error> {
        let reply = self.reply(Question::get("/v1/cache/stats", Ask::default())).await?;
        Ok(reply.body::<StatsBody>()?.into())
    }

    /// A memory that does not work is told with 503, and that is the answer.
    pub(super) async fn memory_health(&self) -> Result<CacheHealth, Error> {
        let reply = self.reply(Question::get("/v1/cache/health", Ask::default())).await?;
        Ok(reply.body_even_as::<HealthBody>(503)?.into())
    }

    pub(super) async fn clear_memory(&self, service: Option<&str>, kind: Option<Kind>) -> Result<usize, Error> {
        let service = service.map(|service| ("service", service));
        let kind = kind.map(|kind| ("kind", kind.as_str()));
        let query: Vec<(&str, &str)> = service.into_iter().chain(kind).collect();
        self.removed_count("/v1/cache", &query).await
    }

    pub(super) async fn clean_memory(&self) -> Result<Cleaned, Error> {
        let question = Question { method: Method::POST, ..Question::get("/v1/cache/clean", Ask::default()) };
        let CleanedBody { found, absent, other } = self.reply(question).await?.body()?;
        Ok(Cleaned { found, absent, other })
    }

    pub(super) async fn removed(&self, path: &str) -> Result<bool, Error> {
        let question = Question { method: Method::DELETE, ..Question::get(path, Ask::default()) };
        Ok(self.reply(question).await?.body::<RemovedBody>()?.removed)
    }

    pub(super) async fn removed_count(&self, path: &str, query: &[(&str, &str)]) -> Result<usize, Error> {
        let question = Question { method: Method::DELETE, query, ..Question::get(path, Ask::default()) };
        Ok(self.reply(question).await?.body::<RemovedCountBody>()?.removed)
    }

    pub(super) async fn remembered_absent(&self) -> Result<AbsentNumbers, Error> {
        let reply = self.reply(Question::get("/v1/cache/absent", Ask::default())).await?;
        let AbsentListBody { total, absent } = reply.body()?;
        Ok(AbsentNumbers { total, numbers: absent.into_iter().map(AbsentNumber::from).collect() })
    }

    pub(super) async fn remembered_absent_number(&self, ruc: Ruc) -> Result<Option<AbsentNumber>, Error> {
        let reply = self.reply(Question::get(&format!("/v1/cache/absent/{ruc}"), Ask::default())).await?;
        if reply.is_problem(404, "not_marked") {
            return Ok(None);
        }
        Ok(Some(reply.body::<AbsentNumberBody>()?.into()))
    }

    pub(super) async fn mark(&self, ruc: Ruc, reason: &str, ttl: Option<Duration>) -> Result<Marked, Error> {
        let body = Some(to_json(&MarkBody { reason, ttl: ttl.map(check::written) }));
        let path = format!("/v1/cache/absent/{ruc}");
        let question = Question { method: Method::PUT, body, ..Question::get(&path, Ask::default()) };
        let MarkedBody { number, replaced } = self.reply(question).await?.body()?;
        let replaced = replaced.map(|before| match before {
            ReplacedBody::Found => Replaced::Found,
            ReplacedBody::Absent => Replaced::Absent,
        });
        Ok(Marked { number: number.into(), replaced })
    }
}

impl From<StatsBody> for CacheStats {
    fn from(body: StatsBody) -> Self {
        let entry = |body: EntriesBody| CacheEntries {
            service: body.service,
            kind: body.kind,
            fresh: body.fresh,
            stale: body.stale,
        };
        let absent = |body: ReasonBody| AbsentCount { service: body.service, reason: body.reason, count: body.count };
        Self {
            taken_at: body.timestamp,
            entries: body.entries.into_iter().map(entry).collect(),
            absent: body.absent.reasons.into_iter().map(absent).collect(),
            expired: body.expired,
            hits: body.hits,
            absent_hits: body.absent_hits,
            misses: body.misses,
            evictions: body.evictions,
            bytes: body.bytes,
            capacity: body.capacity,
            in_flight: body.in_flight,
        }
    }
}

impl From<HealthWord> for Health {
    fn from(word: HealthWord) -> Self {
        match word {
            HealthWord::Healthy => Self::Healthy,
            HealthWord::Warning => Self::Warning,
            HealthWord::Unhealthy => Self::Unhealthy,
        }
    }
}

impl From<HealthBody> for CacheHealth {
    fn from(body: HealthBody) -> Self {
        let check = |body: CheckBody| CacheCheck { name: body.name, status: body.status.into(), detail: body.detail };
        Self { status: body.status.into(), checks: body.checks.into_iter().map(check).collect() }
    }
}

impl From<AbsentNumberBody> for AbsentNumber {
    fn from(body: AbsentNumberBody) -> Self {
        let reason: AbsenceReason = reason(&body.reason_words, &body.source);
        Self {
            ruc: body.ruc,
            reason,
            source: SourceId::new(body.source),
            added_at: body.added_at,
            expires_at: body.expires_at,
        }
    }
}
