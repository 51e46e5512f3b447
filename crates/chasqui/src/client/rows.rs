//! Many numbers, answered row by row as the answers arrive.
//!
//! Numbers are asked a batch at a time, and the next batch only when most of the rows before it were taken, so that any
//! number of inputs takes a bounded amount of memory besides their texts. Answers are received in the background, so
//! that a slow reader makes nobody's time run out.
//! Left out: how a batch is asked; each way knows.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use chasqui_core::Effort;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::answer::{Outcome, Row, Summary};
use super::error::Error;

/// What becomes of a batch: its outcomes, each with its place in the batch, in any order.
pub(crate) struct Batch<T> {
    pub(crate) outcomes: BoxStream<'static, (usize, Outcome<T>)>,
    /// What it costs, where that is known.
    pub(crate) effort: Option<Arc<Effort>>,
}

/// Begins a batch.
type Begin<T> = Box<dyn FnMut(&[String]) -> Batch<T> + Send>;

/// Rows as they arrive, in any order; each says which input it answers. Every input has exactly one.
///
/// A [`Stream`], with a [`next`](Self::next) of its own for those who need no more. It asks only while it is read, and
/// must be read inside a Tokio runtime. Dropping it stops the work that only it wanted.
pub struct Rows<T> {
    begin: Begin<T>,
    inputs: std::vec::IntoIter<String>,
    /// Inputs in one batch.
    size: usize,
    /// How many inputs may have been begun and not been taken as rows, before another batch begins.
    room: usize,
    n_begun: usize,
    n_taken: usize,
    tasks: JoinSet<()>,
    sender: mpsc::UnboundedSender<Row<T>>,
    receiver: mpsc::UnboundedReceiver<Row<T>>,
    efforts: Vec<Arc<Effort>>,
    /// Whether every batch so far tells what it costs.
    is_counted: bool,
    summary: Summary,
}

// === impl Batch ===

impl<T: Send + 'static> Batch<T> {
    /// Puts bad inputs aside and asks for the rest.
    pub(crate) fn of<N>(
        inputs: &[String],
        read: impl Fn(&str) -> Result<N, Error>,
        ask: impl FnOnce(Vec<N>) -> Self,
    ) -> Self {
        let (mut bad, mut places, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (place, input) in inputs.iter().enumerate() {
            match read(input) {
                Ok(number) => {
                    places.push(place);
                    numbers.push(number);
                }
                Err(error) => bad.push((place, Outcome::Invalid(error))),
            }
        }
        let bad = futures_util::stream::iter(bad);
        if numbers.is_empty() {
            return Self { outcomes: bad.boxed(), effort: Some(Arc::default()) };
        }
        let Self { outcomes, effort } = ask(numbers);
        Self { outcomes: bad.chain(outcomes.map(move |(at, outcome)| (places[at], outcome))).boxed(), effort }
    }
}

// === impl Rows ===

impl<T: Send + 'static> Rows<T> {
    /// Rows for `inputs`, begun `size` at a time, about `at_once` batches under way.
    pub(crate) fn new(inputs: Vec<String>, size: usize, at_once: usize, begin: Begin<T>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            begin,
            inputs: inputs.into_iter(),
            size,
            room: size * (at_once - 1),
            n_begun: 0,
            n_taken: 0,
            tasks: JoinSet::new(),
            sender,
            receiver,
            efforts: Vec::new(),
            is_counted: true,
            summary: Summary::default(),
        }
    }

    /// The next row, in order of arrival; `None` after the last.
    ///
    /// Cancel-safe: a row that was not handed out comes at the next call.
    pub async fn next(&mut self) -> Option<Row<T>> {
        poll_fn(|context| self.poll_row(context)).await
    }

    /// What the rows taken so far say, together.
    pub fn summary(&self) -> Summary {
        let calls = || self.efforts.iter().map(|effort| effort.calls()).sum();
        Summary { upstream_calls: self.is_counted.then(calls), ..self.summary }
    }

    /// Waits for all rows that were not taken yet and puts them in input order.
    ///
    /// Not cancel-safe: rows received are lost; their answers stay in memory.
    pub async fn collect_in_order(mut self) -> (Vec<Row<T>>, Summary) {
        let mut rows = Vec::with_capacity(self.inputs.len());
        while let Some(row) = self.next().await {
            rows.push(row);
        }
        rows.sort_unstable_by_key(|row| row.index);
        (rows, self.summary())
    }

    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Option<Row<T>>> {
        while self.n_begun - self.n_taken <= self.room && self.inputs.len() > 0 {
            self.begin_batch();
        }
        while let Poll::Ready(Some(ended)) = self.tasks.poll_join_next(context) {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        match self.receiver.poll_recv(context) {
            Poll::Ready(Some(row)) => {
                self.n_taken += 1;
                self.summary.count(&row.outcome);
                Poll::Ready(Some(row))
            }
            // A task that ended has sent its rows before; so with none left and none to take, none will come. That
            // there are some to take and none is given is the runtime asking us to let others have their turn.
            Poll::Pending if !self.tasks.is_empty() || !self.receiver.is_empty() => Poll::Pending,
            Poll::Pending | Poll::Ready(None) => Poll::Ready(None),
        }
    }

    fn begin_batch(&mut self) {
        let mut inputs: Vec<String> = self.inputs.by_ref().take(self.size).collect();
        let first = self.n_begun;
        self.n_begun += inputs.len();
        let Batch { mut outcomes, effort } = (self.begin)(&inputs);
        self.is_counted &= effort.is_some();
        self.efforts.extend(effort);
        let sender = self.sender.clone();
        self.tasks.spawn(async move {
            while let Some((place, outcome)) = outcomes.next().await {
                let row = Row { index: first + place, input: std::mem::take(&mut inputs[place]), outcome };
                if sender.send(row).is_err() {
                    return;
                }
            }
        });
    }
}

impl<T: Send + 'static> Stream for Rows<T> {
    type Item = Row<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Row<T>>> {
        self.poll_row(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.inputs.len() + self.n_begun - self.n_taken;
        (0, Some(left))
    }
}

/// How far it is, and nothing of whom it is about.
impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("waiting", &self.inputs.len())
            .field("begun", &self.n_begun)
            .field("taken", &self.n_taken)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chasqui_types::{Freshness, Provenance, SourceId, time::Timestamp};

    use super::*;

    const SIZE: usize = 10;
    const AT_ONCE: usize = 2;

    /// Rows for `n` inputs and how many batches were begun; each batch answers its inputs with their places, backwards.
    fn rows(n: usize) -> (Rows<usize>, Arc<AtomicUsize>) {
        let n_batches = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&n_batches);
        let inputs = (0..n).map(|number| number.to_string()).collect();
        let begin = move |inputs: &[String]| {
            count.fetch_add(1, Ordering::SeqCst);
            let outcomes: Vec<_> = (0..inputs.len()).rev().map(|place| (place, found(place))).collect();
            Batch { outcomes: futures_util::stream::iter(outcomes).boxed(), effort: Some(Arc::default()) }
        };
        (Rows::new(inputs, SIZE, AT_ONCE, Box::new(begin)), n_batches)
    }

    fn found<T>(record: T) -> Outcome<T> {
        let moment = Timestamp::UNIX_EPOCH;
        let provenance = Provenance { source: SourceId::new("test"), as_of: moment, fetched_at: moment };
        Outcome::Found { record, provenance, freshness: Freshness::Fresh }
    }

    #[tokio::test]
    async fn batches_are_begun_as_rows_are_taken_and_no_sooner() {
        let (mut rows, n_batches) = rows(100);
        assert_eq!(n_batches.load(Ordering::SeqCst), 0, "nothing before the first is wanted");
        rows.next().await.unwrap();
        assert_eq!(n_batches.load(Ordering::SeqCst), AT_ONCE);
        for _ in 1..SIZE {
            rows.next().await.unwrap();
        }
        tokio::task::yield_now().await;
        assert_eq!(n_batches.load(Ordering::SeqCst), AT_ONCE, "half of it waits to be taken");
        rows.next().await.unwrap();
        assert_eq!(n_batches.load(Ordering::SeqCst), AT_ONCE + 1);
        assert_eq!(rows.size_hint(), (0, Some(89)));
    }

    #[tokio::test]
    async fn every_input_has_its_row_however_many_there_are() {
        for n in [0, 1, SIZE, SIZE + 1, 5_003] {
            let (rows, _) = rows(n);
            let (rows, summary) = rows.collect_in_order().await;
            assert_eq!((rows.len(), summary.found, summary.upstream_calls), (n, n, Some(0)));
            let in_place = |(place, row): (usize, &Row<usize>)| {
                row.index == place && row.input == place.to_string() && row.outcome.found() == Some(&(place % SIZE))
            };
            assert!(rows.iter().enumerate().all(in_place));
        }
    }

    #[tokio::test]
    async fn answers_are_received_while_nobody_reads() {
        let (ended, mut has_ended) = tokio::sync::oneshot::channel::<()>();
        let mut ended = Some(ended);
        let begin = move |inputs: &[String]| {
            let ended = ended.take();
            let outcomes = futures_util::stream::iter(0..inputs.len()).map(move |place| {
                let _ = &ended;
                (place, found(place))
            });
            Batch { outcomes: outcomes.boxed(), effort: None }
        };
        let inputs = (0..SIZE).map(|number| number.to_string()).collect();
        let mut rows = Rows::new(inputs, SIZE, AT_ONCE, Box::new(begin));
        rows.next().await.unwrap();
        while has_ended.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
            tokio::task::yield_now().await;
        }
        assert_eq!(rows.summary().total(), 1, "the others wait to be taken");
        assert_eq!(rows.collect_in_order().await.1.total(), SIZE);
    }

    #[tokio::test]
    async fn dropping_the_rows_stops_what_only_they_wanted() {
        let (guard, mut gone) = tokio::sync::oneshot::channel::<()>();
        let mut guard = Some(guard);
        let begin = move |_: &[String]| {
            let guard = guard.take();
            let never = futures_util::stream::once(async move {
                let _guard = guard;
                std::future::pending().await
            });
            Batch::<usize> { outcomes: never.boxed(), effort: None }
        };
        let mut rows = Rows::new(vec!["x".to_owned()], SIZE, AT_ONCE, Box::new(begin));
        tokio::select! {
            biased;
            _ = rows.next() => panic!("nothing is answered"),
            () = tokio::task::yield_now() => {}
        }
        assert!(gone.try_recv().is_err_and(|error| error == tokio::sync::oneshot::error::TryRecvError::Empty));
        drop(rows);
        assert!(gone.await.is_err(), "its future was dropped");
    }

    #[tokio::test]
    async fn a_panic_is_not_swallowed_and_no_rows_are_lost_over_it() {
        let begin = |_: &[String]| Batch::<usize> {
            outcomes: futures_util::stream::once(async { panic!("a bug") }).boxed(),
            effort: None,
        };
        let rows = Rows::new(vec!["x".to_owned()], SIZE, AT_ONCE, Box::new(begin));
        let ended = tokio::task::JoinSet::from_iter([rows.collect_in_order()]).join_next().await.unwrap();
        assert!(ended.unwrap_err().is_panic());
    }
}
