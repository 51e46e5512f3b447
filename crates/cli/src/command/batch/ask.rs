//! Asking for every number that has no answer yet, each once, and keeping what is said.
//!
//! Left out: which numbers go together and how long one waits, which the core's errand decides.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use chasqui_bulk::{Facts, Finding, Former, FormerRows, Input, Journal, Origin, Row, Rows, RunKey};
use chasqui_core::{Answer, Errand, Lookups, Runtime as _, Settled, Value};
use chasqui_types::{Number, SourceId};
use tempfile::TempDir;

use super::Run;
use super::meter::Meter;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{counted, one_line, thousands};

/// So often the progress is shown anew, whether anything moves or not.
const TICK: Duration = Duration::from_millis(200);
/// So much of what was answered may be lost to a power cut.
const SYNC_EVERY: Duration = Duration::from_millis(500);

/// After so many numbers handed in others have their turn.
const BREATH: usize = 1_000;

/// For fewer numbers no thread is begun.
const FEW: usize = 256;

/// What became of the numbers so far.
pub(super) struct Answers {
    journal: Option<Journal>,
    /// Where a run to standard output keeps its journal.
    _folder: Option<TempDir>,
    /// What this machine knows by itself costs nothing to ask again, so it is kept nowhere.
    lookups: Lookups,
    unanswered: HashMap<Number, Cow<'static, str>>,
}

/// The numbers of a file that have to be asked for, each once.
struct Numbers<'a> {
    rows: Rows,
    former: Option<FormerRows<'a>>,
    row: Row,
    pending: HashSet<Number>,
    n_rows: u64,
}

/// Asks until every number of the file has an answer, or there is none to be had.
pub(super) async fn ask(
    run: &Run<'_>,
    mut errand: Errand,
    former: Option<&Former>,
    answers: &mut Answers,
    meter: &mut Meter,
) -> Result<(), Failure> {
    let mut numbers = Numbers::of(run.input, former)?;
    let mut ticker = tokio::time::interval(TICK);
    let mut synced_at = run.runtime.now();
    loop {
        while errand.is_hungry()
            && let Some(number) = numbers.next_to_ask(answers)?
        {
            errand.add(number);
            // Somebody who wants to stop is listened to, however long the list.
            if errand.len().is_multiple_of(BREATH) {
                tokio::task::yield_now().await;
            }
        }
        tokio::select! {
            biased;
            settled = errand.next() => {
                let Some(settled) = settled else { break };
                numbers.pending.remove(&settled.number);
                meter.count(&settled.result);
                answers.note(settled)?;
                if !errand.has_settled() {
                    answers.flush()?;
                }
            }
            _ = ticker.tick() => {}
        }
        let now = run.runtime.now();
        if now.saturating_duration_since(synced_at) >= SYNC_EVERY {
            answers.sync()?;
            synced_at = now;
        }
        meter.show(now, numbers.n_settled(), errand.pause());
    }
    answers.sync()
}

// === impl Answers ===

impl Answers {
    /// Nobody is asked, so there is nothing to keep.
    pub(super) fn offline(lookups: Lookups) -> Self {
        Self { journal: None, _folder: None, lookups, unanswered: HashMap::new() }
    }

    /// Begins a journal, or goes on with one.
    pub(super) fn open(run: &Run<'_>, lookups: Lookups, former: Option<&Former>) -> Result<Self, Failure> {
        let (plan, source) = (run.plan, lookups.keys().service().to_owned());
        let unreadable = |error| Failure::of(Exit::Usage, &error);
        let settings = match former {
            Some(former) => format!("--only-unknown of {}", former.fingerprint().map_err(unreadable)?.to_hex()),
            None => String::new(),
        };
        let key = RunKey { input: run.input.fingerprint().map_err(unreadable)?, source, settings };
        let refused = |error| Failure::of(Exit::Usage, &error);
        let Some(path) = plan.journal() else {
            let folder = tempfile::tempdir()
                .map_err(|error| Failure::new(Exit::Unknown, "there is no room for temporary files").because(&error))?;
            let journal = Journal::create(&folder.path().join("journal"), &key).map_err(refused)?;
            return Ok(Self { journal: Some(journal), _folder: Some(folder), lookups, unanswered: HashMap::new() });
        };
        let shown = one_line(&path.display().to_string());
        let journal = if plan.restart {
            Journal::restart(&path, &key).map_err(refused)?
        } else if plan.resume && path.exists() {
            let journal = Journal::open(&path, &key).map_err(refused)?;
            output::note(&format!("going on: {} kept in {shown}", counted(journal.len(), "answer")));
            if journal.damaged() > 0 {
                let damaged = thousands(usize::try_from(journal.damaged()).unwrap_or(usize::MAX));
                output::warning(&format!("{damaged} damaged lines of {shown} were left out; they are asked for again"));
            }
            journal
        } else {
            if plan.resume {
                output::note("no interrupted run was found; this one begins at the beginning");
            }
            Journal::create(&path, &key).map_err(refused)?
        };
        Ok(Self { journal: Some(journal), _folder: None, lookups, unanswered: HashMap::new() })
    }

    /// Makes what was answered so far safe; how many answers that are.
    pub(super) fn keep(&mut self) -> Result<usize, Failure> {
        self.sync()?;
        Ok(self.journal.as_ref().map_or(0, Journal::len))
    }

    /// What this machine knows by itself of the numbers of some rows; `None` where a row has none, or
    /// [`of`](Self::of) has to be asked.
    ///
    /// In the order of the numbers, in which the registry has them too, and on all cores.
    pub(super) fn look_ahead(&self, rows: &[Row]) -> Vec<Option<Finding>> {
        let is_kept = |number| self.journal.as_ref().is_some_and(|journal| journal.contains(number));
        let numbers = rows.iter().enumerate().filter_map(|(place, row)| Some((row.number?.ok()?, place)));
        let mut wanted: Vec<(Number, usize)> = numbers.filter(|(number, _)| !is_kept(*number)).collect();
        wanted.sort_unstable();
        let n_threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = wanted.len().div_ceil(n_threads).max(FEW);
        let look = |share: &[(Number, usize)]| -> Vec<(usize, Option<Finding>)> {
            share
                .iter()
                .map(|&(number, place)| (place, self.lookups.local(number).map(|answer| finding(&answer))))
                .collect()
        };
        let mut known: Vec<Option<Finding>> = rows.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            let mut shares = wanted.chunks(share);
            let own = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|share| scope.spawn(move || look(share))).collect();
            let mut found = look(own);
            for other in others {
                found.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            for (place, finding) in found {
                known[place] = finding;
            }
        });
        known
    }

    /// What became of a number.
    pub(super) fn of(&mut self, number: Number) -> Result<Finding, Failure> {
        if let Some(journal) = &mut self.journal
            && let Some(finding) = journal.read(number).map_err(|error| Failure::of(Exit::Unknown, &error))?
        {
            // Somebody may have asked not to be told about since the registry told this.
            let is_registrys = matches!(&finding, Finding::Found(facts) if facts.origin.source == SourceId::PADRON);
            if is_registrys && self.lookups.is_suppressed(number) {
                return Ok(Finding::Unknown(Cow::Borrowed("suppressed")));
            }
            return Ok(finding);
        }
        if let Some(answer) = self.lookups.local(number) {
            return Ok(finding(&answer));
        }
        let unasked = || if self.lookups.is_suppressed(number) { "suppressed" } else { "no_source" };
        Ok(Finding::Unknown(self.unanswered.get(&number).cloned().unwrap_or_else(|| Cow::Borrowed(unasked()))))
    }

    /// The output is whole, so the journal has served.
    pub(super) fn remove(self) {
        if let Some(journal) = self.journal
            && let Err(error) = journal.remove()
        {
            output::warning(&one_line(&error.to_string()));
        }
    }

    fn is_settled(&self, number: Number) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.contains(number))
            || self.unanswered.contains_key(&number)
            || self.lookups.local(number).is_some()
    }

    fn note(&mut self, settled: Settled) -> Result<(), Failure> {
        match settled.result {
            Ok(answer) => {
                let finding = finding(&answer);
                let journal = self.journal.as_mut().expect("who asks keeps a journal");
                journal.note(settled.number, &finding).map_err(|error| Failure::of(Exit::Unknown, &error))
            }
            Err(error) => {
                self.unanswered.insert(settled.number, Cow::Borrowed(error.code()));
                Ok(())
            }
        }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.journal.as_mut().map_or(Ok(()), Journal::flush).map_err(|error| Failure::of(Exit::Unknown, &error))
    }

    fn sync(&mut self) -> Result<(), Failure> {
        self.journal.as_mut().map_or(Ok(()), Journal::sync).map_err(|error| Failure::of(Exit::Unknown, &error))
    }
}

// === impl Numbers ===

impl<'a> Numbers<'a> {
    fn of(input: &Input, former: Option<&'a Former>) -> Result<Self, Failure> {
        let rows = input.rows().map_err(|error| Failure::of(Exit::Usage, &error))?;
        let former = former.map(Former::rows).transpose().map_err(|error| Failure::of(Exit::Usage, &error))?;
        Ok(Self { rows, former, row: Row::default(), pending: HashSet::new(), n_rows: 0 })
    }

    /// The next number that nobody was asked for yet; `None` at the end of the file.
    fn next_to_ask(&mut self, answers: &Answers) -> Result<Option<Number>, Failure> {
        let unreadable = |error| Failure::of(Exit::Usage, &error);
        while self.rows.next_into(&mut self.row).map_err(unreadable)? {
            self.n_rows += 1;
            let is_kept = match &mut self.former {
                Some(former) => former.next(&self.row).map_err(|error| Failure::of(Exit::Usage, &error))?.is_some(),
                None => false,
            };
            if let Some(Ok(number)) = self.row.number
                && !is_kept
                && !answers.is_settled(number)
                && self.pending.insert(number)
            {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// How many rows need nothing more.
    fn n_settled(&self) -> u64 {
        self.n_rows.saturating_sub(self.pending.len() as u64)
    }
}

/// What the result columns tell of an answer.
fn finding(answer: &Answer) -> Finding {
    let origin = Origin::from(answer.record.provenance());
    match answer.record.value() {
        Value::Taxpayer(taxpayer) => Finding::Found(Box::new(Facts::of_taxpayer(taxpayer, origin))),
        Value::Person(person) => Finding::Found(Box::new(Facts::of_person(person, origin))),
        _ => Finding::Absent(origin),
    }
}
