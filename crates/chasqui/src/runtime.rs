//! Time, chance and background work, from the real world.
//!
//! The one place where clocks are read. Background work is tracked, so that shutdown waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chasqui_core::Runtime;
use chasqui_types::time::Timestamp;
use futures_util::future::BoxFuture;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use crate::padron::OfflineRegistry;

/// The process's own clock and executor.
#[derive(Debug, Clone, Default)]
pub struct TokioRuntime {
    tasks: TaskTracker,
}

// === impl TokioRuntime ===

impl TokioRuntime {
    /// Waits for background work, at most `within`; whether all of it ended.
    pub async fn drain(&self, within: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(within, self.tasks.wait()).await.is_ok()
    }

    /// Looks again and again whether there is a newer edition, until it is aborted.
    pub(crate) fn repeat(&self, every: Duration, padron: &Arc<OfflineRegistry>) -> AbortHandle {
        let padron = Arc::clone(padron);
        let watch = self.tasks.spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let padron = Arc::clone(&padron);
                // Opening reads a whole file, which no thread that answers others has time for.
                if let Err(error) = tokio::task::spawn_blocking(move || padron.reload()).await {
                    tracing::error!(%error, "looking for a newer edition of the padrón failed");
                }
            }
        });
        watch.abort_handle()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is sent to")]
impl Runtime for TokioRuntime {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, moment: Instant) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(tokio::time::Instant::from_std(moment)))
    }

    fn spawn(&self, work: BoxFuture<'static, ()>) {
        self.tasks.spawn(work);
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }
}
