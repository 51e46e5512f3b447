//! A long list, worked off however long it takes.
//!
//! One question has a deadline; a file of a hundred thousand numbers has none. What a limit puts off is waited for, an
//! outage is waited out for a while, and what fails for itself is taken apart until only the culprit is left without
//! an answer. A refused token ends it at once, because no patience mends that.
//! Left out: where numbers come from and where answers go; whoever runs it hands in and takes out, at their own pace.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chasqui_types::Number;
use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::error::{LookupError, ProviderError, Retry};
use crate::lookups::{Answer, Ask, Lookups};
use crate::many::{Many, RowOutcome};

/// How patient an errand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long an outage is waited out, from the first failure since the last answer. Limits are always waited for.
    pub give_up_after: Duration,
}

/// Numbers on their way. Dropping it stops the calls that nobody else waits for.
pub struct Errand {
    lookups: Lookups,
    patience: Patience,
    /// Taxpayers and people: their limits and their outages are apart.
    lanes: [Lane; 2],
    flying: FuturesUnordered<BoxFuture<'static, Landed>>,
    settled: VecDeque<Settled>,
}

/// One number, done with.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Which.
    pub number: Number,
    /// Its answer, or why there is none after all.
    pub result: Result<Answer, LookupError>,
}

/// Why nothing moves just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Until when.
    pub until: Instant,
    /// The error's code: `limited`, `upstream_resting`, `upstream_error`, `deadline`.
    pub code: &'static str,
}

/// Numbers of one kind.
struct Lane {
    per_call: usize,
    /// Too few for a call, so far.
    open: Vec<Number>,
    queue: VecDeque<Chunk>,
    /// Calls under way.
    n_flying: usize,
    /// Numbers that are not settled yet, wherever they are.
    n_numbers: usize,
    pause: Option<Pause>,
    outage: Option<Outage>,
    /// Calls that brought an answer.
    successes: u64,
    /// Why nothing is asked any more.
    stopped: Option<LookupError>,
}

/// Numbers that are asked for together.
struct Chunk {
    numbers: Vec<Number>,
    failures: u32,
    /// The lane's successes when this chunk failed first.
    successes_before: u64,
    /// What it failed with when it was last asked for, as opposed to refused.
    failed_with: Option<LookupError>,
}

/// A time without answers.
struct Outage {
    since: Instant,
    pauses: u32,
}

/// A call that ended.
struct Landed {
    lane: usize,
    chunk: Chunk,
    results: Vec<Settled>,
}

// === impl Lookups ===

impl Lookups {
    /// Begins to work off a list. Must run where the runtime can spawn.
    pub fn errand(&self, patience: Patience) -> Errand {
        let lanes = [Many::MAX_PER_CALL, 1].map(Lane::new);
        Errand { lookups: self.clone(), patience, lanes, flying: FuturesUnordered::new(), settled: VecDeque::new() }
    }
}

// === impl Errand ===

impl Errand {
    /// A wait of nothing would be asked for again at once.
    const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
    const FIRST_PAUSE: Duration = Duration::from_secs(1);
    const LONGEST_PAUSE: Duration = Duration::from_secs(30);
    /// So often a call may fail before its numbers are suspected rather than the provider.
    const SUSPICIOUS: u32 = 3;
    /// So many numbers of one kind are held while those of the other are looked for: some megabytes.
    const LOOK_AHEAD: usize = 50_000;

    /// Whether more numbers would be put to use. Handing in more than that costs memory and gains nothing.
    ///
    /// One lane that waits for its limit leaves the other hungry: what that one needs may stand far behind in the list.
    pub fn is_hungry(&self) -> bool {
        let at_once = self.at_once();
        let is_short = self.lanes.iter().any(|lane| lane.queue.len() < at_once);
        is_short && self.settled.is_empty() && self.lanes.iter().all(|lane| lane.n_numbers < Self::LOOK_AHEAD)
    }

    /// Whether numbers are done with that were not taken out yet.
    pub fn has_settled(&self) -> bool {
        !self.settled.is_empty()
    }

    /// Hands in a number. Handed in twice, it is settled twice.
    pub fn add(&mut self, number: Number) {
        let lane = match number {
            Number::Ruc(_) => &mut self.lanes[0],
            Number::Dni(_) => &mut self.lanes[1],
        };
        if let Some(error) = &lane.stopped {
            self.settled.push_back(Settled { number, result: Err(error.clone()) });
            return;
        }
        lane.n_numbers += 1;
        lane.open.push(number);
        if lane.open.len() == lane.per_call {
            lane.close();
        }
    }

    /// How many numbers were handed in and are not settled yet.
    pub fn len(&self) -> usize {
        self.settled.len() + self.lanes.iter().map(|lane| lane.n_numbers).sum::<usize>()
    }

    /// Whether every number that was handed in is settled and taken out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why nothing moves, where that is so.
    pub fn pause(&self) -> Option<Pause> {
        if !self.flying.is_empty() {
            return None;
        }
        self.lanes.iter().filter(|lane| !lane.queue.is_empty()).filter_map(|lane| lane.pause).min_by_key(|it| it.until)
    }

    /// The next number that is done with; `None` once all are that were handed in. More may be handed in after.
    ///
    /// Cancel-safe: calls go on, and nothing is lost.
    pub async fn next(&mut self) -> Option<Settled> {
        loop {
            if let Some(settled) = self.settled.pop_front() {
                return Some(settled);
            }
            self.depart();
            let wake_at = self.lanes.iter().filter_map(Lane::departs_at).min();
            match (self.flying.is_empty(), wake_at) {
                (true, None) => return None,
                (false, None) => {
                    let landed = self.flying.next().await.expect("something is flying");
                    self.land(landed);
                }
                (is_quiet, Some(moment)) => {
                    let timer = self.lookups.inner.runtime.sleep_until(moment);
                    if is_quiet {
                        timer.await;
                    } else if let Either::Left((Some(landed), _)) = select(self.flying.next(), timer).await {
                        self.land(landed);
                    }
                }
            }
        }
    }

    fn at_once(&self) -> usize {
        self.lookups.inner.config.waves.max(1)
    }

    /// Begins every call that may begin now.
    fn depart(&mut self) {
        let (now, at_once) = (self.lookups.inner.runtime.now(), self.at_once());
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            // Nothing else is to be had: what is too little for a call goes as it is.
            if lane.queue.is_empty() && lane.n_flying < at_once && !lane.open.is_empty() {
                lane.close();
            }
            lane.pause = lane.pause.filter(|pause| pause.until > now);
            while lane.pause.is_none()
                && lane.n_flying < at_once
                && let Some(chunk) = lane.queue.pop_front()
            {
                lane.n_flying += 1;
                self.flying.push(Box::pin(ask(self.lookups.clone(), index, chunk)));
            }
        }
    }

    fn land(&mut self, landed: Landed) {
        let Landed { lane, chunk, results } = landed;
        let now = self.lookups.inner.runtime.now();
        let lane = &mut self.lanes[lane];
        lane.n_flying -= 1;
        // Of what is suppressed nobody will ever be told: that is no trouble of the provider's, and is not waited out.
        let is_settled = |settled: &Settled| matches!(settled.result, Ok(_) | Err(LookupError::Suppressed));
        let (answered, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(is_settled);
        let brought_something = answered.iter().any(|settled| settled.result.is_ok());
        if brought_something {
            lane.successes += 1;
            lane.outage = None;
            // Whoever was refused because of an outage need not wait for its end any longer.
            lane.pause = lane.pause.filter(|pause| pause.code == "limited");
        }
        lane.n_numbers -= answered.len();
        self.settled.extend(answered);
        // What failed together has one cause.
        let cause = failed.iter().find_map(|settled| settled.result.as_ref().err().cloned());
        let numbers = failed.into_iter().map(|settled| settled.number).collect();
        let Some(cause) = cause else { return };
        lane.put_back(Chunk { numbers, ..chunk }, &cause, now, &mut self.settled);
        if !brought_something && lane.stopped.is_none() {
            lane.wait_out(&cause, now, self.patience, &mut self.settled);
        }
    }
}

// === impl Lane ===

impl Lane {
    fn new(per_call: usize) -> Self {
        Self {
            per_call,
            open: Vec::new(),
            queue: VecDeque::new(),
            n_flying: 0,
            n_numbers: 0,
            pause: None,
            outage: None,
            successes: 0,
            stopped: None,
        }
    }

    fn close(&mut self) {
        let numbers = std::mem::take(&mut self.open);
        self.queue.push_back(Chunk { numbers, failures: 0, successes_before: 0, failed_with: None });
    }

    /// When the next call can begin, where that is known and does not hang on one that has to land first.
    fn departs_at(&self) -> Option<Instant> {
        self.pause.filter(|_| !self.queue.is_empty()).map(|pause| pause.until)
    }

    /// Decides what becomes of numbers that a call left without an answer.
    fn put_back(&mut self, mut chunk: Chunk, cause: &LookupError, now: Instant, settled: &mut VecDeque<Settled>) {
        let trouble = Trouble::of(cause);
        if was_asked(cause) && matches!(trouble, Trouble::Failure | Trouble::Rest) {
            if chunk.failures == 0 {
                chunk.successes_before = self.successes;
            }
            chunk.failures += 1;
        }
        if trouble == Trouble::Failure {
            chunk.failed_with = Some(cause.clone());
        }
        if chunk.failures >= Errand::SUSPICIOUS && self.suspects(&chunk, cause) {
            self.take_apart(chunk, cause, settled);
        } else {
            self.queue.push_front(chunk);
        }
        if self.stopped.is_some() || trouble == Trouble::Lasting {
            self.stop(cause, settled);
        } else if trouble == Trouble::Limit {
            self.pause_for(cause.retry_after().unwrap_or(Errand::FIRST_PAUSE), now, cause.code());
        }
    }

    /// Pauses, longer each time that nothing is had, until patience ends.
    fn wait_out(&mut self, cause: &LookupError, now: Instant, patience: Patience, settled: &mut VecDeque<Settled>) {
        let trouble = Trouble::of(cause);
        if trouble == Trouble::Limit {
            return;
        }
        let pauses = self.outage.as_ref().map_or(0, |outage| outage.pauses);
        let growing = Errand::LONGEST_PAUSE.min(Errand::FIRST_PAUSE * 2_u32.saturating_pow(pauses.min(5)));
        let promised = cause.retry_after().filter(|_| trouble != Trouble::Failure);
        let pause = promised.unwrap_or(growing);
        // Who asks for a pause has not failed us before it is over.
        let since = if trouble == Trouble::Throttle { now + pause } else { now };
        let outage = self.outage.get_or_insert(Outage { since, pauses: 0 });
        if now + pause > outage.since + patience.give_up_after {
            self.stop(cause, settled);
        } else if self.pause.is_none() {
            // Calls that fail together are one failure.
            outage.pauses += 1;
            self.pause_for(pause, now, cause.code());
        }
    }

    /// Whether it is rather the numbers than the provider that make a call fail.
    fn suspects(&self, chunk: &Chunk, cause: &LookupError) -> bool {
        let may_pass = Trouble::of(cause) != Trouble::Failure || may_pass(cause);
        let others_succeed = self.successes > chunk.successes_before;
        // Where there is no other call to compare with, its halves are compared with each other.
        let is_alone = self.queue.is_empty() && self.n_flying == 0;
        others_succeed || !may_pass || (is_alone && chunk.numbers.len() > 1)
    }

    fn pause_for(&mut self, wait: Duration, now: Instant, code: &'static str) {
        let until = now + wait.max(Errand::SHORTEST_PAUSE);
        if self.pause.is_none_or(|pause| pause.until < until) {
            self.pause = Some(Pause { until, code });
        }
    }

    /// Halves what fails while other calls succeed, until the one number is left that spoils them.
    fn take_apart(&mut self, chunk: Chunk, cause: &LookupError, settled: &mut VecDeque<Settled>) {
        let mut numbers = chunk.numbers;
        if let [number] = numbers[..] {
            let result = Err(chunk.failed_with.unwrap_or_else(|| cause.clone()));
            self.n_numbers -= 1;
            settled.push_back(Settled { number, result });
            return;
        }
        let second = numbers.split_off(numbers.len() / 2);
        for numbers in [second, numbers] {
            let failures = Errand::SUSPICIOUS - 1;
            let failed_with = chunk.failed_with.clone();
            let successes_before = chunk.successes_before;
            self.queue.push_front(Chunk { numbers, failures, successes_before, failed_with });
        }
    }

    /// Asks nothing any more; what is left has no answer, for this reason.
    fn stop(&mut self, cause: &LookupError, settled: &mut VecDeque<Settled>) {
        self.stopped = Some(cause.clone());
        self.pause = None;
        let left = self.queue.drain(..).flat_map(|chunk| chunk.numbers).chain(self.open.drain(..));
        let n_before = settled.len();
        settled.extend(left.map(|number| Settled { number, result: Err(cause.clone()) }));
        self.n_numbers -= settled.len() - n_before;
    }
}

/// What an error means for those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Asking this failed.
    Failure,
    /// Nothing was asked, because the provider failed before.
    Rest,
    /// The provider asked us to slow down.
    Throttle,
    /// Nothing was asked, because the limit that we keep leaves no room yet.
    Limit,
    /// Somebody has to mend something first.
    Lasting,
}

// === impl Trouble ===

impl Trouble {
    fn of(error: &LookupError) -> Self {
        match (error.code(), error) {
            (_, LookupError::Unlisted { source, .. }) => Self::of(source),
            ("upstream_auth" | "no_source" | "stopped", _) => Self::Lasting,
            ("upstream_resting", _) => Self::Rest,
            (_, LookupError::Source { source: ProviderError::Throttled { .. }, .. }) => Self::Throttle,
            ("limited", _) => Self::Limit,
            _ => Self::Failure,
        }
    }
}

/// Whether the provider heard of it at all: some of those that are refused were refused at their second try.
fn was_asked(error: &LookupError) -> bool {
    match error {
        LookupError::Unlisted { source, .. } => was_asked(source),
        LookupError::Source { attempts, .. } => *attempts > 0,
        LookupError::Deadline { .. } => true,
        LookupError::Limited { .. } | LookupError::NoSource | LookupError::Suppressed | LookupError::Stopped => false,
    }
}

/// Whether asking the same again could help, as far as the error tells.
fn may_pass(error: &LookupError) -> bool {
    match error {
        LookupError::Unlisted { source, .. } => may_pass(source),
        LookupError::Source { source, .. } => source.retry() != Retry::Never,
        LookupError::Deadline { .. } | LookupError::Limited { .. } => true,
        LookupError::NoSource | LookupError::Suppressed | LookupError::Stopped => false,
    }
}

async fn ask(lookups: Lookups, lane: usize, chunk: Chunk) -> Landed {
    let results = match chunk.numbers[..] {
        [number @ Number::Dni(dni)] => {
            vec![Settled { number, result: lookups.person(dni, Ask::default()).await }]
        }
        [number @ Number::Ruc(ruc)] => {
            vec![Settled { number, result: lookups.taxpayer(ruc, Ask::default()).await }]
        }
        ref numbers => {
            let inputs: Vec<&str> = numbers.iter().map(Number::as_str).collect();
            let rows = lookups.taxpayers(&inputs, Many::default()).in_order().await;
            let settled = numbers.iter().zip(rows).map(|(number, row)| {
                let result = match row.outcome {
                    RowOutcome::Answered(answer) => Ok(answer),
                    RowOutcome::Unknown(error) => Err(error),
                    RowOutcome::Invalid(_) => unreachable!("a Ruc is a valid number"),
                };
                Settled { number: *number, result }
            });
            settled.collect()
        }
    };
    Landed { lane, chunk, results }
}
