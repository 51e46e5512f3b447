//! Many numbers at once: few calls, every row answered, answers as they arrive.
//!
//! Bad numbers are refused here and cost nothing, repeated ones are asked once, remembered ones are not asked, and the
//! rest goes upstream a hundred to a call, several calls at a time. A number that somebody else is asking for already
//! is not asked again. Each row says for itself whether it was found, is absent, is no number, or could not be found
//! out.
//! Left out: order of arrival is not order of input; who needs that sorts by `index`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use chasqui_types::{AbsenceReason, Freshness, ParseRucError, Ruc, SourceId, Taxpayer};
use futures_util::Stream;
use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{Semaphore, oneshot};

use crate::error::{LookupError, ProviderError};
use crate::flight::{Follower, Landing, Lead, Seat};
use crate::lookups::{Answer, Ask, CacheUse, Inner, Lookups};
use crate::question::{Question, Reply};
use crate::record::{Subject, Value};
use crate::registry::Said;

/// How many numbers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Many {
    /// Ask anew, whatever memory says.
    pub refresh: bool,
    /// How long the caller waits for all of them; the configured deadline if `None` or longer than that.
    pub patience: Option<Duration>,
    /// Numbers in one upstream call, from 1 to 100.
    pub per_call: usize,
}

/// One input, answered.
#[derive(Debug)]
pub struct Row {
    /// Which input, from 0.
    pub index: usize,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// What became of one input.
#[derive(Debug, Clone)]
pub enum RowOutcome {
    /// It is not a number.
    Invalid(ParseRucError),
    /// It was answered: found or absent.
    Answered(Answer),
    /// It could not be found out.
    Unknown(LookupError),
}

/// What the answers cost so far.
#[derive(Debug, Default)]
pub struct Effort {
    calls: AtomicU32,
    collections: AtomicU32,
    cache_hits: AtomicU64,
}

/// The rows, as they are answered. Dropping it stops the work that only it wanted.
pub struct Rows {
    ready: VecDeque<Row>,
    /// Inputs that ask for the same number share its answer.
    indexes: HashMap<Ruc, Vec<usize>>,
    work: FuturesUnordered<BoxFuture<'static, (Ruc, RowOutcome)>>,
    effort: Arc<Effort>,
    /// Tells the calls that nobody waits any more; dropped after the waiters.
    _wanted: oneshot::Sender<()>,
}

impl Default for Many {
    fn default() -> Self {
        Self { refresh: false, patience: None, per_call: Many::MAX_PER_CALL }
    }
}

impl Many {
    /// The most numbers that one upstream call takes.
    pub const MAX_PER_CALL: usize = 100;
}

// === impl Lookups ===

impl Lookups {
    /// Who are these taxpayers?
    ///
    /// Calls begin at once, in the background, so that a slow reader of the rows keeps nobody else waiting.
    /// Must run where the runtime can spawn.
    pub fn taxpayers<S: AsRef<str>>(&self, inputs: &[S], many: Many) -> Rows {
        let mut ready = VecDeque::new();
        let mut indexes: HashMap<Ruc, Vec<usize>> = HashMap::new();
        let mut distinct = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            match input.as_ref().trim().parse::<Ruc>() {
                Ok(ruc) => {
                    let places = indexes.entry(ruc).or_default();
                    if places.is_empty() {
                        distinct.push(ruc);
                    }
                    places.push(index);
                }
                Err(error) => ready.push_back(Row { index, outcome: RowOutcome::Invalid(error) }),
            }
        }
        let (wanted, gone) = oneshot::channel();
        let work = FuturesUnordered::new();
        let mut rows = Rows { ready, indexes, work, effort: Arc::default(), _wanted: wanted };
        self.plan(&mut rows, distinct, many, gone);
        rows
    }

    /// Answers from memory what can be, joins what is under way, and sets up calls for the rest.
    fn plan(&self, rows: &mut Rows, distinct: Vec<Ruc>, many: Many, gone: oneshot::Receiver<()>) {
        let patience = self.inner.patience(many.patience);
        let deadline = self.inner.runtime.now() + patience;
        let mut leads = Vec::new();
        let mut refreshes = Vec::new();
        for ruc in distinct {
            let key = self.inner.keys.ruc(ruc);
            let mut kept = None;
            if !many.refresh
                && let Some(answer) = self.inner.remembered(&key)
            {
                rows.effort.cache_hits.fetch_add(1, Ordering::Relaxed);
                if answer.freshness == Freshness::Fresh {
                    self.inner.observe(Ok(&answer));
                    rows.settle(ruc, &RowOutcome::Answered(answer));
                    continue;
                }
                kept = Some(answer);
            }
            if !many.refresh {
                if let Said::Enough(answer) = self.inner.registry_says(&Subject::Ruc(ruc)) {
                    self.inner.observe(Ok(&answer));
                    rows.settle(ruc, &RowOutcome::Answered(answer));
                    continue;
                }
                if let Some(answer) = kept.take_if(|answer| self.inner.may_answer_at_once(answer)) {
                    self.inner.observe(Ok(&answer));
                    rows.settle(ruc, &RowOutcome::Answered(answer));
                    if self.inner.somebody_can_be_asked()
                        && let Seat::Lead(lead, _) = self.inner.flights.board(&key)
                    {
                        refreshes.push((ruc, lead));
                    }
                    continue;
                }
            }
            if self.inner.is_local_only(&Subject::Ruc(ruc)) {
                let result = self.inner.fall_back(&Subject::Ruc(ruc), LookupError::NoSource, kept);
                self.inner.observe(result.as_ref());
                rows.settle(ruc, &result.map_or_else(RowOutcome::Unknown, RowOutcome::Answered));
                continue;
            }
            let waiter = Waiter { lookups: self.clone(), ruc, kept, patience, deadline, many };
            match self.inner.flights.board(&key) {
                Seat::Follow(follower) => rows.work.push(Box::pin(waiter.wait(follower, CacheUse::Shared))),
                Seat::Lead(lead, follower) => {
                    // The flight before this one may have landed between the look at memory and now.
                    if !many.refresh
                        && let Some(answer) = self.inner.fresh(&key)
                    {
                        self.inner.observe(Ok(&answer));
                        rows.settle(ruc, &RowOutcome::Answered(answer));
                        continue;
                    }
                    leads.push((ruc, lead));
                    rows.work.push(Box::pin(waiter.wait(follower, CacheUse::Miss)));
                }
            }
        }
        // Others may join these calls, so they have the time that any flight has, however hurried this caller is.
        let deadline = self.inner.runtime.now() + self.inner.config.deadline;
        let waves = Arc::new(Semaphore::new(self.inner.config.waves.max(1)));
        let per_call = many.per_call.clamp(1, Many::MAX_PER_CALL);
        let calls = |numbers| -> Vec<Call> {
            chunks(numbers, per_call)
                .map(|chunk| Call { inner: Arc::clone(&self.inner), chunk, deadline, effort: Arc::clone(&rows.effort) })
                .collect()
        };
        let (calls, refreshes) = (calls(leads), calls(refreshes));
        if !calls.is_empty() {
            self.inner.runtime.spawn(Box::pin(run_all(calls, Arc::clone(&waves), Some(gone))));
        }
        if !refreshes.is_empty() {
            self.inner.runtime.spawn(Box::pin(run_all(refreshes, waves, None)));
        }
    }
}

/// Begins each call once there is room in `waves`. When the caller has gone, only numbers that somebody else waits for
/// are still asked.
async fn run_all(calls: Vec<Call>, waves: Arc<Semaphore>, gone: Option<oneshot::Receiver<()>>) {
    let mut gone = gone;
    let mut is_wanted = true;
    for mut call in calls {
        let mut turn = pin!(Arc::clone(&waves).acquire_owned());
        let mut permit = None;
        if let Some(caller) = gone.as_mut().filter(|_| is_wanted) {
            match select(turn.as_mut(), caller).await {
                Either::Left((acquired, _)) => permit = Some(acquired),
                Either::Right(_) => is_wanted = false,
            }
        }
        let permit = match permit {
            Some(permit) => permit,
            None => turn.await,
        };
        let permit = permit.expect("the semaphore is never closed");
        if !is_wanted {
            call.chunk.retain(|(_, lead)| lead.is_awaited());
        }
        if call.chunk.is_empty() {
            continue;
        }
        let inner = Arc::clone(&call.inner);
        inner.runtime.spawn(Box::pin(async move {
            call.run().await;
            drop(permit);
        }));
    }
}

fn chunks<T>(items: Vec<T>, size: usize) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.into_iter();
    std::iter::from_fn(move || Some(items.by_ref().take(size).collect::<Vec<T>>()).filter(|chunk| !chunk.is_empty()))
}

/// Somebody who waits for one number.
struct Waiter {
    lookups: Lookups,
    ruc: Ruc,
    kept: Option<Answer>,
    patience: Duration,
    deadline: Instant,
    many: Many,
}

impl Waiter {
    async fn wait(self, follower: Follower, cache: CacheUse) -> (Ruc, RowOutcome) {
        let inner = &self.lookups.inner;
        let result = match inner.follow(follower, self.patience, self.deadline).await {
            Ok(Some(landing)) => landing.result.map(|record| Answer { record, freshness: Freshness::Fresh, cache }),
            // Whoever led was dropped before it asked: this number is asked alone.
            Ok(None) => {
                let left = self.deadline.saturating_duration_since(inner.runtime.now());
                let ask = Ask { refresh: self.many.refresh, patience: Some(left) };
                let result = self.lookups.taxpayer(self.ruc, ask).await;
                return (self.ruc, result.map_or_else(RowOutcome::Unknown, RowOutcome::Answered));
            }
            Err(error) => Err(error),
        };
        let result = match result {
            Err(error) if !self.many.refresh || matches!(error, LookupError::NoSource) => {
                inner.fall_back(&Subject::Ruc(self.ruc), error, self.kept)
            }
            result => result,
        };
        inner.observe(result.as_ref());
        (self.ruc, result.map_or_else(RowOutcome::Unknown, RowOutcome::Answered))
    }
}

/// One upstream call for a chunk of numbers that we lead.
struct Call {
    inner: Arc<Inner>,
    chunk: Vec<(Ruc, Lead)>,
    deadline: Instant,
    effort: Arc<Effort>,
}

impl Call {
    async fn run(self) {
        self.effort.collections.fetch_add(1, Ordering::Relaxed);
        if let [(ruc, _)] = self.chunk[..] {
            self.run_alone(ruc).await;
        } else {
            self.run_together().await;
        }
    }

    async fn run_alone(self, ruc: Ruc) {
        let (verdict, source) = self.ask_alone(ruc).await;
        if let Err(error) = &verdict {
            error.log(&ruc);
        }
        for (ruc, lead) in self.chunk {
            land(&self.inner, &source, ruc, lead, verdict.clone());
        }
    }

    async fn run_together(self) {
        let rucs: Vec<Ruc> = self.chunk.iter().map(|(ruc, _)| *ruc).collect();
        let question = Question::Taxpayers(rucs.clone());
        let on_wait = |until| self.chunk.iter().for_each(|(_, lead)| lead.waits(until));
        let (asked, source) = self.inner.ask_sources(&question, self.deadline, &on_wait).await;
        self.effort.calls.fetch_add(asked.calls, Ordering::Relaxed);
        let (found, not_found, unreadable) = match asked.result {
            Ok(Reply::Taxpayers { found, not_found, unreadable }) => (found, not_found, unreadable),
            Ok(_) => unreachable!("a provider replies to the question it was asked"),
            Err(error) => {
                error.log(&format_args!("{} numbers", rucs.len()));
                for (ruc, lead) in self.chunk {
                    land(&self.inner, &source, ruc, lead, Err(error.clone()));
                }
                return;
            }
        };
        // A reply that describes nobody may be trouble in disguise. A few numbers are asked alone before it is believed.
        let mut believed = Ok(());
        let mut alone = HashMap::new();
        if found.is_empty() && not_found.is_empty() && unreadable.is_empty() {
            (believed, alone) = self.ask_a_few_alone(&rucs, &source).await;
        }
        let mut found: HashMap<Ruc, _> = found.into_iter().map(|taxpayer| (taxpayer.ruc, taxpayer)).collect();
        let not_found: HashSet<Ruc> = not_found.into_iter().collect();
        let unreadable: HashSet<Ruc> = unreadable.into_iter().collect();
        for (ruc, lead) in self.chunk {
            let verdict = match (alone.remove(&ruc), found.remove(&ruc)) {
                (Some(verdict), _) => verdict,
                (None, Some(taxpayer)) => Ok(Verdict::Found(Box::new(taxpayer))),
                (None, None) if unreadable.contains(&ruc) => Err(malformed(&source, "an item of the collection")),
                (None, None) if not_found.contains(&ruc) => Ok(Verdict::Absent(AbsenceReason::NotFound)),
                (None, None) => believed.clone().map(|()| Verdict::Absent(AbsenceReason::Omitted)),
            };
            land(&self.inner, &source, ruc, lead, verdict);
        }
    }

    /// Asks the first, the middle and the last of `rucs` alone, as long as each is absent; whether that speaks for the
    /// others, and what is known of those that were asked.
    async fn ask_a_few_alone(&self, rucs: &[Ruc], source: &SourceId) -> (Result<(), LookupError>, Verdicts) {
        let mut known = Verdicts::new();
        for ruc in [rucs[0], rucs[rucs.len() / 2], rucs[rucs.len() - 1]] {
            if known.contains_key(&ruc) {
                continue;
            }
            let (verdict, _) = self.ask_alone(ruc).await;
            let believed = match &verdict {
                Ok(Verdict::Absent(_)) => Ok(()),
                Ok(Verdict::Found(_)) => {
                    Err(malformed(source, "an empty collection that leaves out a number that exists"))
                }
                Err(error) => Err(error.clone()),
            };
            known.insert(ruc, verdict);
            if believed.is_err() {
                return (believed, known);
            }
        }
        (Ok(()), known)
    }

    async fn ask_alone(&self, ruc: Ruc) -> (Result<Verdict, LookupError>, SourceId) {
        let on_wait = |until| self.chunk.iter().for_each(|(_, lead)| lead.waits(until));
        let (asked, source) = self.inner.ask_sources(&Question::Taxpayer(ruc), self.deadline, &on_wait).await;
        self.effort.calls.fetch_add(asked.calls, Ordering::Relaxed);
        let verdict = asked.result.map(|reply| match reply {
            Reply::Taxpayer(Some(taxpayer)) => Verdict::Found(taxpayer),
            Reply::Taxpayer(None) => Verdict::Absent(AbsenceReason::NotFound),
            _ => unreachable!("a provider replies to the question it was asked"),
        });
        (verdict, source)
    }
}

fn malformed(source: &SourceId, why: &'static str) -> LookupError {
    let source = ProviderError::Malformed { provider: source.clone(), why: why.into() };
    LookupError::Source { attempts: 1, elapsed: Duration::ZERO, source }
}

/// What is known of one number of a call.
#[derive(Clone)]
enum Verdict {
    Found(Box<Taxpayer>),
    Absent(AbsenceReason),
}

type Verdicts = HashMap<Ruc, Result<Verdict, LookupError>>;

fn land(inner: &Inner, source: &SourceId, ruc: Ruc, lead: Lead, verdict: Result<Verdict, LookupError>) {
    let result = verdict.map(|verdict| match verdict {
        Verdict::Found(taxpayer) => inner.remember_found(&lead, source, Subject::Ruc(ruc), Value::Taxpayer(taxpayer)),
        Verdict::Absent(reason) => inner.remember_absent(&lead, source, Subject::Ruc(ruc), reason),
    });
    lead.land(Landing { result });
}

// === impl Rows ===

impl Rows {
    /// What the answers cost; final once the rows are all there.
    pub fn effort(&self) -> Arc<Effort> {
        Arc::clone(&self.effort)
    }

    /// Waits for all rows and puts them in input order.
    ///
    /// Cancel-safe in that calls under way go on and are remembered; rows received are lost.
    pub async fn in_order(mut self) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.ready.len());
        while let Some(row) = self.next().await {
            rows.push(row);
        }
        rows.sort_unstable_by_key(|row| row.index);
        rows
    }

    fn settle(&mut self, ruc: Ruc, outcome: &RowOutcome) {
        let places = self.indexes.remove(&ruc).unwrap_or_default();
        self.ready.extend(places.into_iter().map(|index| Row { index, outcome: outcome.clone() }));
    }
}

impl Stream for Rows {
    type Item = Row;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Row>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Poll::Ready(Some(row));
            }
            // Calls may outlast the patience of the caller, who has every row by then.
            if self.indexes.is_empty() {
                return Poll::Ready(None);
            }
            match self.work.poll_next_unpin(context) {
                Poll::Ready(Some((ruc, outcome))) => self.settle(ruc, &outcome),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

// === impl Effort ===

impl Effort {
    /// Upstream calls made, retries included.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Calls planned and begun, retries not included.
    pub fn batches(&self) -> u32 {
        self.collections.load(Ordering::Relaxed)
    }

    /// Distinct numbers that memory answered.
    pub fn cache_hits(&self) -> u64 {
        self.cache_hits.load(Ordering::Relaxed)
    }
}
