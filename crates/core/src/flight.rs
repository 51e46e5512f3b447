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

    /// Takes the flight for `key` off the board, if there is one: it still lands, but what it brings is not remembered,
    /// and the next caller starts anew.
    pub(crate) fn disown(&self, key: &CacheKey) {
        self.shard(key).lock().expect("no panic happens under this lock").remove(key);
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

    /// Whether what it brings is still wanted in memory.
    pub(crate) fn is_current(&self) -> bool {
        let shard = self.flights.shard(&self.key).lock().expect("no panic happens under this lock");
        shard.get(&self.key).is_some_and(|follower| follower.same_channel(&self.progress.subscribe()))
    }

    /// Whether anybody waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        // One receiver stands on the board, for those who come later.
        self.progress.receiver_count() > usize::from(self.is_current())
    }

    fn leave(&self) {
        let mut shard = self.flights.shard(&self.key).lock().expect("no panic happens under this lock");
        if shard.get(&self.key).is_some_and(|follower| follower.same_channel(&self.progress.subscribe())) {
            shard.remove(&self.key);
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.leave();
    }
}
