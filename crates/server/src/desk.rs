//! Work that keeps a thread busy, so much of it at once: searches, and whatever reads files.
//!
//! As many pieces run as there are cores, because more would only slow each other down, and a bounded number waits. Work
//! that nobody waits for any more is not begun, and is told so if it was.
//! Left out: how long a piece of work may take, which it sees to itself.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;

use crate::problem::Problem;

/// Where such work is done.
pub(crate) struct Desk {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// The right to do one piece of work.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
}

/// Who waits for a piece of work.
pub(crate) struct Caller(Weak<()>);

/// Somebody who waits for a place, until they have one or go away.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

// === impl Caller ===

impl Caller {
    /// Whether they went away.
    pub(crate) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }
}

// === impl Desk ===

impl Desk {
    /// So many wait for each place: at a quarter of a second each, the last of them does for four seconds.
    const WAITING_FOR_EACH: usize = 16;

    /// A place for each core.
    pub(crate) fn new() -> Self {
        let n_places = thread::available_parallelism().map_or(2, NonZeroUsize::get);
        Self::with(n_places, n_places * Self::WAITING_FOR_EACH)
    }

    fn with(n_places: usize, most_waiting: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(n_places)), waiting: AtomicUsize::new(0), most_waiting }
    }

    /// A place, as soon as there is one; `None` where too many wait already.
    ///
    /// Cancel-safe: who goes away waits no more.
    pub(crate) async fn place(&self) -> Option<Place> {
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(Place { _permit: permit });
        }
        let n_before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if n_before >= self.most_waiting {
            return None;
        }
        Some(self.place_at_last().await)
    }

    /// A place, however many wait: for who was let in long ago and comes back for more.
    pub(crate) async fn place_at_last(&self) -> Place {
        let permit = Arc::clone(&self.places).acquire_owned().await;
        Place { _permit: permit.expect("the places are never closed") }
    }

    /// Does a piece of work, and gives its place back.
    ///
    /// Dropping the future keeps work from being begun; what is under way keeps its place to its end.
    pub(crate) async fn work<T: Send + 'static>(
        place: Place,
        work: impl FnOnce(&Caller) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let here = Arc::new(());
        let caller = Caller(Arc::downgrade(&here));
        let work = tokio::task::spawn_blocking(move || {
            let done = work(&caller);
            drop(place);
            done
        });
        let done = AbortOnDropHandle::new(work).await;
        drop(here);
        done.map_err(|error| match error.try_into_panic() {
            // The edge tells of it as of any other.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Problem::from(&chasqui_core::LookupError::Stopped),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn so_many_work_so_many_wait_and_the_rest_is_told_at_once() {
        let desk = Desk::with(1, 1);
        let (end, ended) = mpsc::channel::<()>();
        let place = desk.place().await.unwrap();
        let busy = Desk::work(place, move |_| ended.recv().unwrap());
        let mut busy = Box::pin(busy);
        assert!((&mut busy).now_or_never().is_none());
        let mut waiting = Box::pin(desk.place());
        assert!((&mut waiting).now_or_never().is_none());
        assert!(desk.place().now_or_never().expect("nobody else may wait").is_none());
        // One who came long ago waits all the same.
        assert!(desk.place_at_last().now_or_never().is_none());

        end.send(()).unwrap();
        busy.await.unwrap();
        assert_eq!(Desk::work(waiting.await.unwrap(), |_| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn who_goes_away_leaves_nothing_behind() {
        let desk = Desk::with(1, 1);
        let (begun, begins) = mpsc::channel::<()>();
        let (end, ended) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let place = desk.place().await.unwrap();
        let mut busy = Box::pin(Desk::work(place, move |caller| {
            begun.send(()).unwrap();
            ended.recv().unwrap();
            tell.send(caller.is_gone()).unwrap();
        }));
        assert!((&mut busy).now_or_never().is_none());
        begins.recv().unwrap();
        let mut waiting = Box::pin(desk.place());
        assert!((&mut waiting).now_or_never().is_none());

        drop((waiting, busy));
        let mut next = Box::pin(desk.place());
        assert!((&mut next).now_or_never().is_none(), "what is under way keeps its place");
        end.send(()).unwrap();
        assert!(told.recv().unwrap(), "it is told that nobody waits");
        assert!(next.await.is_some(), "who went away does not wait any more");
        assert_eq!(desk.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_panic_stays_one() {
        let desk = Desk::with(1, 1);
        let place = desk.place().await.unwrap();
        let work = std::panic::AssertUnwindSafe(Desk::work(place, |_| panic!("it breaks")));
        let caught: Result<Result<(), _>, _> = work.catch_unwind().await;
        assert!(caught.is_err());
        assert!(desk.place().now_or_never().flatten().is_some(), "the place is free again");
    }
}
