//! Long work, and somebody who may not want to wait for its end.
//!
//! Ctrl-C, or the signal by which service managers ask for the same, ends work at the next place where it can be ended,
//! so that what is there afterwards is known and can be said.
//! Left out: what is said.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::{Exit, Failure};
use crate::signals::Signals;

/// Waits for work, and for somebody who asks to stop.
pub(super) struct Patience {
    signals: Signals,
}

/// Whether work is still wanted; asked by the work itself.
#[derive(Clone, Default)]
pub(super) struct Wish(Arc<AtomicBool>);

// === impl Patience ===

impl Patience {
    /// From here on a request to stop no longer ends the process.
    pub(super) fn listen() -> Result<Self, Failure> {
        Ok(Self { signals: Signals::listen()? })
    }

    /// Runs work on a thread of its own, to its end; the work asks the wish whether to end early. `what` it is called.
    pub(super) async fn with<T: Send + 'static>(
        &mut self,
        what: &str,
        work: impl FnOnce(&Wish) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let wish = Wish::default();
        let asked = wish.clone();
        let mut work = tokio::task::spawn_blocking(move || work(&asked));
        loop {
            tokio::select! {
                ended = &mut work => return ended.map_err(|error| broken(what, &error)),
                () = self.signals.next() => wish.0.store(true, Ordering::Relaxed),
            }
        }
    }

    /// Runs work that cannot be asked to end; `None` if somebody asked, and then the end of the process ends it.
    pub(super) async fn unless_stopped<T: Send + 'static>(
        &mut self,
        what: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let work = tokio::task::spawn_blocking(work);
        self.until_stopped(work).await.map(|ended| ended.map_err(|error| broken(what, &error))).transpose()
    }

    /// Waits for something that may be dropped at any moment; `None` if somebody asked to stop.
    pub(super) async fn until_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            ended = work => Some(ended),
            () = self.signals.next() => None,
        }
    }
}

fn broken(what: &str, error: &tokio::task::JoinError) -> Failure {
    Failure::new(Exit::Unknown, format!("{what} broke down")).because(error)
}

// === impl Wish ===

impl Wish {
    /// Whether to go on.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
