//! The clock and the background work of a test, on tokio's own time.
//!
//! Under `#[tokio::test(start_paused = true)]` nothing here takes real time: when every task waits, the clock jumps to
//! the next timer. Without it the same runtime goes by the real clock.
//! Left out: chance; it always falls the same way.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chasqui_core::Runtime;
use chasqui_types::time::Timestamp;
use futures_util::future::BoxFuture;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

/// Time that a test holds in its hands.
#[derive(Debug)]
pub struct TestRuntime {
    started: Instant,
    wall_at_start: Timestamp,
    chance: f64,
    tasks: TaskTracker,
    handles: Mutex<Vec<AbortHandle>>,
}

// === impl TestRuntime ===

impl TestRuntime {
    /// The time of day at which every test starts: noon of a Saturday, in UTC.
    pub const START: &str = "2026-11-21T12:00:00Z";

    /// A clock that starts now, with `chance` at its lowest.
    pub fn new() -> Arc<Self> {
        Self::with_chance(0.0)
    }

    /// The same with another `chance`, from 0 up to 1.
    pub fn with_chance(chance: f64) -> Arc<Self> {
        let wall_at_start = Self::START.parse().expect("START is a timestamp");
        let tasks = TaskTracker::new();
        tasks.close();
        Arc::new(Self { started: moment(), wall_at_start, chance, tasks, handles: Mutex::default() })
    }

    /// Time since the clock was made.
    pub fn elapsed(&self) -> Duration {
        moment().saturating_duration_since(self.started)
    }

    /// Moves the clock, letting everything happen that is due meanwhile.
    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits until nothing runs in the background any more.
    pub async fn settle(&self) {
        self.tasks.wait().await;
    }

    /// Kills what runs in the background, as a shutdown that lost its patience would.
    pub fn kill(&self) {
        for handle in self.handles.lock().expect("no panic happens under this lock").drain(..) {
            handle.abort();
        }
    }

    /// How many tasks run in the background.
    pub fn n_tasks(&self) -> usize {
        self.tasks.len()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that tests ask for the time")]
fn moment() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl Runtime for TestRuntime {
    fn now(&self) -> Instant {
        moment()
    }

    fn wall(&self) -> Timestamp {
        self.wall_at_start + self.elapsed()
    }

    fn sleep_until(&self, moment: Instant) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(moment.into()))
    }

    fn spawn(&self, work: BoxFuture<'static, ()>) {
        let handle = self.tasks.spawn(work).abort_handle();
        self.handles.lock().expect("no panic happens under this lock").push(handle);
    }

    fn chance(&self) -> f64 {
        self.chance
    }
}
