//! One thread reads, others work.
//!
//! Unpacking is a stream and cannot be shared, but it is the smaller part; what follows needs whole lines only, in any
//! order. Left out: what is done with them.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use super::source::{Chunk, Source};
use super::{ImportError, Progress, Stage};

/// Reads the text on this thread, and hands its pieces to a thread for each worker. Says how long the text is.
pub(super) fn with_workers<W: Send>(
    source: &mut Source,
    stage: Stage,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    workers: Vec<W>,
    each: impl Fn(&mut W, &Chunk) -> Result<(), ImportError> + Sync,
) -> Result<(Vec<W>, u64), ImportError> {
    let failed = AtomicBool::new(false);
    // Some pieces ahead, so that neither side waits for a slow one of the other; few, because they take memory.
    let (sender, receiver) = mpsc::sync_channel::<Chunk>(workers.len() * 2);
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .into_iter()
            .map(|mut worker| {
                let (receiver, each, failed) = (Arc::clone(&receiver), &each, &failed);
                scope.spawn(move || {
                    loop {
                        let chunk = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok(chunk) = chunk else {
                            return Ok(worker);
                        };
                        if let Err(error) = each(&mut worker, &chunk) {
                            failed.store(true, Ordering::Relaxed);
                            return Err(error);
                        }
                    }
                })
            })
            .collect();
        // From here on the workers alone hold it, so that sending fails once all of them have ended.
        drop(receiver);
        let read = source.read(stage, progress, &mut |chunk| {
            if failed.load(Ordering::Relaxed) || sender.send(chunk).is_err() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        drop(sender);
        let workers = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<W>, ImportError>>();
        // A worker's error first: it is why the reading stopped where it did.
        Ok((workers?, read?))
    })
}
