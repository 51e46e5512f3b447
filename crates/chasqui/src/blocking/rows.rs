//! Many numbers, row by row, for those who wait.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;

use super::worker::Worker;
use crate::client::{self as asynchronous, Row, Summary};

/// Rows as they arrive, in any order; each says which input it answers. Every input has exactly one.
///
/// It asks only while it is read. Dropping it stops the work that only it wanted.
pub struct Rows<T: Send + 'static> {
    /// Away while the worker waits for the next row.
    inner: Option<asynchronous::Rows<T>>,
    /// Rows that had arrived together with one that was waited for.
    ready: VecDeque<Row<T>>,
    summary: Summary,
    worker: Arc<Worker>,
}

// === impl Rows ===

impl<T: Send + 'static> Rows<T> {
    /// How many rows are fetched from the worker at a time, if they are there.
    const AT_A_TIME: usize = 256;

    pub(super) fn new(inner: asynchronous::Rows<T>, worker: &Arc<Worker>) -> Self {
        Self { summary: inner.summary(), inner: Some(inner), ready: VecDeque::new(), worker: Arc::clone(worker) }
    }

    /// What the rows taken so far say, together.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Waits for all rows that were not taken yet and puts them in input order.
    pub fn collect_in_order(mut self) -> (Vec<Row<T>>, Summary) {
        let mut rows: Vec<Row<T>> = self.by_ref().collect();
        rows.sort_unstable_by_key(|row| row.index);
        (rows, self.summary)
    }

    /// Waits for one row, and takes those that are there along with it.
    fn fetch(&mut self) {
        let mut inner = self.inner.take().expect("it comes back from each fetch");
        let fetched = self.worker.wait(async move {
            let mut ready = VecDeque::new();
            let mut next = inner.next().await;
            while let Some(row) = next {
                ready.push_back(row);
                if ready.len() == Self::AT_A_TIME {
                    break;
                }
                next = inner.next().now_or_never().flatten();
            }
            (inner, ready)
        });
        // Anything else would lose rows without a word.
        let (inner, ready) = fetched.expect("the worker lives as long as the rows, which hold it");
        self.inner = Some(inner);
        self.ready = ready;
    }
}

impl<T: Send + 'static> Iterator for Rows<T> {
    type Item = Row<T>;

    fn next(&mut self) -> Option<Row<T>> {
        if self.ready.is_empty() {
            self.fetch();
        }
        let row = self.ready.pop_front()?;
        let upstream_calls = self.inner.as_ref().and_then(|inner| inner.summary().upstream_calls);
        self.summary.count(&row.outcome);
        self.summary.upstream_calls = upstream_calls;
        Some(row)
    }
}

/// How far it is, and nothing of whom it is about.
impl<T: Send + 'static> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("summary", &self.summary).finish_non_exhaustive()
    }
}
