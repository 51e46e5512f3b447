//! The use case: one question, one answer.
//!
//! Memory first, within its freshness; then one flight per question, whoever else asks it meanwhile; then the
//! sources in their order, each behind its guard. What an outage leaves unanswered is an error, never an absence, and
//! is never remembered.
//! Left out: surfaces, and how many numbers at once are asked (the module `many`).

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chasqui_types::time::{Date, Timestamp, days, from_lima, to_lima};
use chasqui_types::{
    Absence, AbsenceReason, CpeQuery, Dni, ExchangeRate, Freshness, Lookup, Provenance, Ruc, SourceId, Taxpayer,
};
use futures_util::future::{Either, select};

use crate::cache::Cache;
use crate::error::LookupError;
use crate::flight::{Flights, Follower, Landing, Lead, Progress, Seat};
use crate::freshness::{FreshnessPolicy, later};
use crate::guard::{Asked, Guard, GuardSnapshot};
use crate::key::{CacheKey, Keys};
use crate::ports::{Observer, Runtime};
use crate::question::{Question, RawQuestion, RawReply, Reply};
use crate::record::{Record, Subject, Value};
use crate::registry::{Local, Said};

/// How look-ups are made.
#[derive(Debug, Clone)]
pub struct LookupsConfig {
    /// How long answers hold.
    pub freshness: FreshnessPolicy,
    /// How long a question may take in all.
    pub deadline: Duration,
    /// Collection calls at once.
    pub waves: usize,
}

/// How one question is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ask {
    /// Ask anew, whatever memory says.
    pub refresh: bool,
    /// How long the caller waits; the configured deadline if `None` or longer than that.
    pub patience: Option<Duration>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is known and where it comes from.
    pub record: Arc<Record>,
    /// Whether it is within its time.
    pub freshness: Freshness,
    /// What memory had to do with it.
    pub cache: CacheUse,
}

/// What memory had to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheUse {
    /// It was there.
    Hit,
    /// It came from a cache that several processes share, or from a call that another caller had under way.
    Shared,
    /// It was asked for.
    Miss,
    /// Its absence was there.
    AbsentHit,
}

/// Answers questions about taxpayers. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Lookups {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: LookupsConfig,
    pub(crate) keys: Keys,
    pub(crate) cache: Arc<dyn Cache>,
    pub(crate) local: Option<Local>,
    pub(crate) sources: Vec<Guard>,
    pub(crate) flights: Arc<Flights>,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) observer: Arc<dyn Observer>,
}

// === impl Lookups ===

impl Lookups {
    /// How often a caller starts anew when a flight ends without a word.
    const MAX_BOARDINGS: u32 = 3;

    /// Look-ups over `sources`, asked in this order, and over what this machine knows by itself.
    pub fn new(
        config: LookupsConfig,
        keys: Keys,
        cache: Arc<dyn Cache>,
        local: Option<Local>,
        sources: Vec<Guard>,
        runtime: Arc<dyn Runtime>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let flights = Arc::default();
        Self { inner: Arc::new(Inner { config, keys, cache, local, sources, flights, runtime, observer }) }
    }

    /// Who is this taxpayer?
    ///
    /// Cancel-safe: a question that went upstream goes on in the background and its answer is remembered.
    ///
    /// # Errors
    /// When it could not be found out; never because the number does not exist.
    pub async fn taxpayer(&self, ruc: Ruc, ask: Ask) -> Result<Answer, LookupError> {
        self.one(Question::Taxpayer(ruc), ask).await
    }

    /// Who holds this document? As [`taxpayer`](Self::taxpayer) in everything else.
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn person(&self, dni: Dni, ask: Ask) -> Result<Answer, LookupError> {
        self.one(Question::Person(dni), ask).await
    }

    /// Who represents this taxpayer? Absent if the authority knows of nobody.
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn representatives(&self, ruc: Ruc, ask: Ask) -> Result<Answer, LookupError> {
        self.one(Question::Representatives(ruc), ask).await
    }

    /// What is left in the account with the provider?
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn account(&self, ask: Ask) -> Result<Answer, LookupError> {
        self.one(Question::Account, ask).await
    }

    /// Is this payment document valid?
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn cpe(&self, query: CpeQuery, ask: Ask) -> Result<Answer, LookupError> {
        self.one(Question::Cpe(query), ask).await
    }

    /// Hands a request on to the provider, guarded and limited, once, and remembers nothing.
    ///
    /// Cancel-safe: dropping the future abandons the request.
    ///
    /// # Errors
    /// When the provider could not be asked, or failed.
    pub async fn forward(&self, question: RawQuestion, patience: Option<Duration>) -> Result<RawReply, LookupError> {
        let deadline = self.inner.runtime.now() + self.inner.patience(patience);
        let (asked, _) = self.inner.ask_sources(&Question::Raw(question), deadline, &|_| {}).await;
        match asked.result? {
            Reply::Raw(reply) => Ok(reply),
            _ => unreachable!("a provider replies to the question it was asked"),
        }
    }

    /// Asks one question: memory, then a flight, then the sources.
    pub(crate) async fn one(&self, question: Question, ask: Ask) -> Result<Answer, LookupError> {
        let subject = question.subject().expect("a question about one thing");
        let key = self.inner.keys.of(&subject);
        let mut kept = None;
        if !ask.refresh {
            match self.inner.remembered(&key) {
                Some(answer) if answer.freshness == Freshness::Fresh => {
                    self.inner.observe(Ok(&answer));
                    return Ok(answer);
                }
                other => kept = other,
            }
            if let Said::Enough(answer) = self.inner.registry_says(&subject) {
                self.inner.observe(Ok(&answer));
                return Ok(answer);
            }
            if let Some(answer) = kept.take_if(|answer| self.inner.may_answer_at_once(answer)) {
                self.refresh_in_background(question, subject, &key);
                self.inner.observe(Ok(&answer));
                return Ok(answer);
            }
        }
        let asked = if self.inner.is_local_only(&subject) {
            Err(LookupError::NoSource)
        } else {
            self.ask_or_join(&question, &subject, &key, ask).await
        };
        let result = match asked {
            // Who asked for a refresh wants to know that there is none; unless nobody could ever give one.
            Err(error) if !ask.refresh || matches!(error, LookupError::NoSource) => {
                let code = error.code();
                let rescued = self.inner.fall_back(&subject, error, kept);
                if rescued.as_ref().is_ok_and(|answer| answer.freshness == Freshness::Stale) {
                    tracing::warn!(?subject, code, "stale answer given, because none newer can be had");
                }
                rescued
            }
            result => result,
        };
        self.inner.observe(result.as_ref());
        result
    }

    /// What memory says, without asking anybody and without counting. A stale answer is given too.
    pub fn peek(&self, ruc: Ruc) -> Option<Answer> {
        let now = self.inner.runtime.wall();
        let record = self.inner.cache.peek(&self.inner.keys.ruc(ruc), now)?;
        Answer::remembered(record, now)
    }

    /// Notes that a number does not exist, on an operator's word, for `ttl` (the configured time if `None`).
    ///
    /// A number that is noted already keeps the moment at which it first was.
    pub fn mark_absent(&self, ruc: Ruc, reason: &str, ttl: Option<Duration>) -> Arc<Record> {
        let now = self.inner.runtime.wall();
        let key = self.inner.keys.ruc(ruc);
        self.inner.flights.disown(&key);
        let first = self.inner.cache.peek(&key, now).and_then(|record| record.absence().map(|absence| absence.as_of));
        let absence = Absence { reason: AbsenceReason::Marked(reason.into()), as_of: first.unwrap_or(now) };
        let fresh_until = later(now, ttl.unwrap_or(self.inner.config.freshness.absent));
        let provenance = Provenance { source: SourceId::new("operator"), as_of: absence.as_of, fetched_at: now };
        let record =
            Arc::new(Record::new(Subject::Ruc(ruc), Value::Absent(absence), provenance, fresh_until, fresh_until));
        self.inner.cache.put(key, Arc::clone(&record));
        record
    }

    /// Forgets a number; whether it was remembered.
    pub fn forget(&self, ruc: Ruc) -> bool {
        let key = self.inner.keys.ruc(ruc);
        self.inner.flights.disown(&key);
        self.inner.cache.remove(&key, self.inner.runtime.wall())
    }

    /// How the sources are doing, in the order in which they are asked.
    pub fn sources(&self) -> Vec<GuardSnapshot> {
        self.inner.sources.iter().map(Guard::snapshot).collect()
    }

    /// Questions under way upstream.
    pub fn in_flight(&self) -> usize {
        self.inner.flights.len()
    }

    /// The configuration.
    pub fn config(&self) -> &LookupsConfig {
        &self.inner.config
    }

    /// Names of entries in memory.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// Memory.
    pub fn cache(&self) -> &Arc<dyn Cache> {
        &self.inner.cache
    }

    /// The clock that everything here goes by.
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.inner.runtime
    }

    fn refresh_in_background(&self, question: Question, subject: Subject, key: &CacheKey) {
        // While everybody rests there is nobody to ask, and each hit would start a flight in vain.
        if !self.inner.somebody_can_be_asked() {
            return;
        }
        if let Seat::Lead(lead, _) = self.inner.flights.board(key) {
            self.launch(question, subject, lead);
        }
    }

    async fn ask_or_join(
        &self,
        question: &Question,
        subject: &Subject,
        key: &CacheKey,
        ask: Ask,
    ) -> Result<Answer, LookupError> {
        let patience = self.inner.patience(ask.patience);
        let deadline = self.inner.runtime.now() + patience;
        for _ in 0..Self::MAX_BOARDINGS {
            let (follower, cache) = match self.inner.flights.board(key) {
                Seat::Follow(follower) => (follower, CacheUse::Shared),
                Seat::Lead(lead, follower) => {
                    // The flight before this one may have landed between the look at memory and now.
                    if !ask.refresh
                        && let Some(answer) = self.inner.fresh(key)
                    {
                        return Ok(answer);
                    }
                    self.launch(question.clone(), subject.clone(), lead);
                    (follower, CacheUse::Miss)
                }
            };
            if let Some(landing) = self.inner.follow(follower, patience, deadline).await? {
                return landing.result.map(|record| Answer { record, freshness: Freshness::Fresh, cache });
            }
        }
        Err(LookupError::Stopped)
    }

    fn launch(&self, question: Question, subject: Subject, lead: Lead) {
        let inner = Arc::clone(&self.inner);
        self.inner.runtime.spawn(Box::pin(async move {
            let deadline = inner.runtime.now() + inner.config.deadline;
            let (asked, source) = inner.ask_sources(&question, deadline, &|until| lead.waits(until)).await;
            let result = match asked.result {
                Ok(reply) => Ok(inner.remember_reply(&lead, &source, subject, reply)),
                Err(error) => {
                    error.log(&subject);
                    Err(error)
                }
            };
            lead.land(Landing { result });
        }));
    }
}

// === impl Inner ===

impl Inner {
    pub(crate) fn remembered(&self, key: &CacheKey) -> Option<Answer> {
        let now = self.runtime.wall();
        Answer::remembered(self.cache.get(key, now)?, now)
    }

    /// What memory holds within its freshness, without counting.
    pub(crate) fn fresh(&self, key: &CacheKey) -> Option<Answer> {
        let now = self.runtime.wall();
        Answer::remembered(self.cache.peek(key, now)?, now).filter(|answer| answer.freshness == Freshness::Fresh)
    }

    /// Whether a stale answer is given at once while a new one is fetched: soon after its time, and whenever asking
    /// would be refused or would be a probe.
    pub(crate) fn may_answer_at_once(&self, answer: &Answer) -> bool {
        self.config.freshness.revalidates(&answer.record, self.runtime.wall())
            || !self.sources.iter().any(Guard::is_serving)
    }

    /// Whether any source would take a question.
    pub(crate) fn somebody_can_be_asked(&self) -> bool {
        !self.sources.iter().all(Guard::is_resting)
    }

    pub(crate) fn patience(&self, asked: Option<Duration>) -> Duration {
        asked.unwrap_or(self.config.deadline).min(self.config.deadline)
    }

    /// Asks the sources in their order; the first that answers, found or absent, has the word.
    pub(crate) async fn ask_sources(
        &self,
        question: &Question,
        deadline: Instant,
        on_wait: &(dyn Fn(Instant) + Send + Sync),
    ) -> (Asked, SourceId) {
        let mut calls = 0;
        let mut last = (LookupError::NoSource, SourceId::new("none"));
        for guard in self.sources.iter().filter(|guard| guard.can_answer(question)) {
            let asked = guard.ask(question, deadline, on_wait).await;
            calls += asked.calls;
            match asked.result {
                Ok(reply) => return (Asked { result: Ok(reply), calls }, guard.id().clone()),
                Err(error) => last = (error, guard.id().clone()),
            }
        }
        (Asked { result: Err(last.0), calls }, last.1)
    }

    /// Waits for a landing. `None` if the flight ended without a word.
    pub(crate) async fn follow(
        &self,
        mut follower: Follower,
        patience: Duration,
        deadline: Instant,
    ) -> Result<Option<Landing>, LookupError> {
        let mut timer = self.runtime.sleep_until(deadline);
        loop {
            match &*follower.borrow_and_update() {
                Progress::Landed(landing) => return Ok(Some(landing.clone())),
                Progress::Waiting { until } if *until > deadline => {
                    let retry_after = until.saturating_duration_since(self.runtime.now());
                    return Err(LookupError::Limited { retry_after });
                }
                Progress::Waiting { .. } | Progress::Flying => {}
            }
            match select(pin!(follower.changed()), &mut timer).await {
                Either::Left((Ok(()), _)) => {}
                Either::Left((Err(_), _)) => return Ok(None),
                Either::Right(((), _)) => return Err(LookupError::Deadline { limit: patience }),
            }
        }
    }

    /// Remembers what a source replied to a question about one thing.
    pub(crate) fn remember_reply(&self, lead: &Lead, source: &SourceId, subject: Subject, reply: Reply) -> Arc<Record> {
        match reply.into_value() {
            Some(value) => self.remember_found(lead, source, subject, value),
            None => self.remember_absent(lead, source, subject, AbsenceReason::NotFound),
        }
    }

    pub(crate) fn remember_found(
        &self,
        lead: &Lead,
        source: &SourceId,
        subject: Subject,
        mut value: Value,
    ) -> Arc<Record> {
        let now = self.runtime.wall();
        if let Value::Taxpayer(taxpayer) = &mut value {
            taxpayer.padrones = self.standings(source, taxpayer.ruc);
        }
        let as_of = match &value {
            Value::Taxpayer(taxpayer) => taxpayer.updated_at(),
            Value::Rate(rate) => from_lima(rate.date.into()),
            Value::Rates(rates) => rates.last().and_then(|rate| from_lima(rate.date.into())),
            _ => None,
        };
        let record = self.remember(lead, subject, value, source, as_of.unwrap_or(now), now);
        // What a range or the latest rate says of single days is remembered for those days too.
        match (record.subject(), record.value()) {
            (Subject::Rates(from, to), Value::Rates(rates)) => self.remember_days(&record, *from, *to, rates),
            (Subject::LatestRate, Value::Rate(rate)) if rate.date <= to_lima(now).date() => {
                self.remember_days(&record, rate.date, rate.date, std::slice::from_ref(rate));
            }
            _ => {}
        }
        record
    }

    pub(crate) fn remember_absent(
        &self,
        lead: &Lead,
        source: &SourceId,
        subject: Subject,
        reason: AbsenceReason,
    ) -> Arc<Record> {
        let now = self.runtime.wall();
        self.remember(lead, subject, Value::Absent(Absence { reason, as_of: now }), source, now, now)
    }

    /// Remembers each day of a range for itself: its rate, or that none was published for it.
    fn remember_days(&self, range: &Record, from: Date, to: Date, rates: &[ExchangeRate]) {
        let published: HashMap<Date, &ExchangeRate> = rates.iter().map(|rate| (rate.date, rate)).collect();
        for day in from.series(days(1)).take_while(|day| *day <= to) {
            let rate = published.get(&day).map(|rate| Value::Rate((*rate).clone()));
            let key = self.keys.of(&Subject::Rate(day));
            // What was published once stays so, whatever a later reply leaves out.
            if rate.is_some() || self.fresh(&key).is_none_or(|answer| answer.record.absence().is_some()) {
                self.cache.put(key, self.day_of_range(range, day, rate));
            }
        }
    }

    /// What a range says of one of its days, as memory keeps it.
    pub(crate) fn day_of_range(&self, range: &Record, day: Date, rate: Option<Value>) -> Arc<Record> {
        let provenance = range.provenance().clone();
        let now = provenance.fetched_at;
        let subject = Subject::Rate(day);
        let value =
            rate.unwrap_or(Value::Absent(Absence { reason: AbsenceReason::Omitted, as_of: provenance.fetched_at }));
        let as_of = from_lima(day.into()).unwrap_or(now);
        let (fresh_until, stale_until) = self.config.freshness.until(&subject, &value, now);
        Arc::new(Record::new(subject, value, Provenance { as_of, ..provenance }, fresh_until, stale_until))
    }

    fn remember(
        &self,
        lead: &Lead,
        subject: Subject,
        value: Value,
        source: &SourceId,
        as_of: Timestamp,
        now: Timestamp,
    ) -> Arc<Record> {
        let (fresh_until, stale_until) = self.config.freshness.until(&subject, &value, now);
        let provenance = Provenance { source: source.clone(), as_of, fetched_at: now };
        let record = Arc::new(Record::new(subject, value, provenance, fresh_until, stale_until));
        // A range is remembered by its days. Else an operator may have marked or forgotten it meanwhile, and theirs is
        // the last word.
        if lead.is_current() && !matches!(record.subject(), Subject::Rates(..)) {
            self.cache.put(lead.key().clone(), Arc::clone(&record));
        }
        record
    }

    pub(crate) fn observe(&self, result: Result<&Answer, &LookupError>) {
        match result {
            Ok(answer) if answer.record.absence().is_some() => self.observer.question("absent", Some(answer.cache)),
            Ok(answer) => self.observer.question("found", Some(answer.cache)),
            Err(_) => self.observer.question("unknown", None),
        }
    }
}

// === impl Answer ===

impl Answer {
    /// The taxpayer, or the absence of one.
    ///
    /// # Panics
    /// If the record is about something else, which no look-up of a taxpayer returns.
    pub fn taxpayer(&self) -> Lookup<&Taxpayer> {
        self.record.taxpayer().expect("a look-up of a taxpayer answers with one, or with its absence")
    }

    fn remembered(record: Arc<Record>, now: Timestamp) -> Option<Self> {
        let freshness = record.freshness(now)?;
        let cache = if record.absence().is_some() { CacheUse::AbsentHit } else { CacheUse::Hit };
        Some(Self { record, freshness, cache })
    }
}

// === impl CacheUse ===

impl CacheUse {
    /// `hit`, `shared`, `miss` or `absent-hit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Shared => "shared",
            Self::Miss => "miss",
            Self::AbsentHit => "absent-hit",
        }
    }
}
