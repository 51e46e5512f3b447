//! The thread that works for callers who wait.
//!
//! It has a runtime of its own and is never entered from a caller's thread, so that no runtime is started, waited for
//! or dropped inside another one.

use std::fmt;
use std::sync::mpsc;

use tokio::runtime::{Builder, Runtime};

use crate::client::Error;

/// Runs what callers wait for.
pub(super) struct Worker {
    /// Always there, until it is taken to be shut down.
    runtime: Option<Runtime>,
}

// === impl Worker ===

impl Worker {
    pub(super) fn start() -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("chasqui-blocking")
            .enable_all()
            .build()
            .map_err(Error::setup)?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Waits for `work`.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.wait(work).unwrap_or_else(|| Err(Error::stopped()))
    }

    /// The same for work that cannot fail; `None` if it did not come to its end.
    pub(super) fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        // A channel of the standard library: those of the runtime refuse to wait on a thread of another runtime.
        let (sender, receiver) = mpsc::sync_channel(1);
        self.runtime.as_ref().expect("it is taken at the end only").spawn(async move {
            let _ = sender.send(work.await);
        });
        receiver.recv().ok()
    }
}

/// Waits for nobody: the last clone may be dropped inside a runtime, where waiting would panic.
impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}
