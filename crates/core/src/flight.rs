//! One upstream call per key, however many ask.
//!
//! The first to ask for a key leads: it gets the [`Lead`], with which the answer is announced. Whoever asks meanwhile
//! follows and hears it. The lead lives in a background task, so that a flight outlives the caller who started it.
//! Left out: what is asked, and what is remembered.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::watch;

use crate::error::LookupError;
use crate::key::CacheKey;
use crate::record::Record;

/// What followers hear at the end.
#[derive(Debug, Clone)]
pub(crate) struct Landing {
    pub(crate) result: Result<Arc<Record>, LookupError>,
}

#[derive(Debug, Clone)]
pub(crate) enum Progress {
    /// On its way.
    Flying,
    /// Waits for room in a limit, or to try again.
    Waiting { until: Instant },
    /// Over.
    Landed(Landing),
}

pub(crate) type Follower = watch::Receiver<Progress>;

/// The questions under way.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    shards: [Mutex<HashMap<CacheKey, Follower>>; Flights::N_SHARDS],
}

/// The right and duty to announce an answer. Dropped without one, followers find the flight gone and start anew.
pub(crate) struct Lead {
    flights: Arc<Flights>,
    key: CacheKey,
    progress: watch::Sender<Progress>,
}

pub(crate) enum Seat {
    Lead(Lead, Follower),
    Follow(Follower),
}

// === impl Flights ===

impl Flights {
    const N_SHARDS: usize = 16;

    /// Takes a seat in the flight for `key`, starting it if there is none.
    pub(crate) fn board(self: &Arc<Self>, key: &CacheKey) -> Seat {
        let mut shard = self.shard(key).lock().expect("no panic happens under this lock");
        if let Some(follower) = shard.get(key) {
            return Seat::Follow(follower.clone());
        }
        let (progress, follower) = watch::channel(Progress::Flying);
        shard.insert(key.clone(), follower.clone());
        Seat::Lead(Lead { flights: Arc::clone(self), key: key.clone(), progress }, follower)
    }

    /// How many flights are under way.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().expect("no panic happens under this lock").len()).sum()
    }

    fn shard(&self, key: &CacheKey) -> &Mutex<HashMap<CacheKey, Follower>> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let n_shards = u64::try_from(Self::N_SHARDS).expect("a small constant");
        &self.shards[usize::try_from(hasher.finish() % n_shards).expect("below a small constant")]
    }
}

// === impl Lead ===

impl Lead {
    pub(crate) fn key(&self) -> &CacheKey {
        &self.key
    }

    /// Tells followers that nothing can happen before `until`.
    pub(crate) fn waits(&self, until: Instant) {
        self.progress.send_replace(Progress::Waiting { until });
    }

    /// Announces the answer. What is to be remembered must be in memory by now: a caller who comes after the flight
    /// looks there.
    pub(crate) fn land(self, landing: Landing) {
        self.leave();
        self.progress.send_replace(Progress::Landed(landing));
    }

    fn leave(&self) {
        self.flights.shard(&self.key).lock().expect("no panic happens under this lock").remove(&self.key);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        // After `land` the key may belong to a new flight already: leave that alone.
        if !matches!(*self.progress.borrow(), Progress::Landed(_)) {
            self.leave();
        }
    }
}
