//! An observer that keeps count, for tests that ask what production's metrics would say.
//!
//! Left out: order; counts only.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use chasqui_core::{CacheUse, Family, Observer};
use chasqui_types::SourceId;

/// Counts what happens.
#[derive(Debug, Default)]
pub struct CountingObserver {
    questions: Mutex<BTreeMap<String, usize>>,
    calls: Mutex<BTreeMap<String, usize>>,
    waits: Mutex<Vec<Duration>>,
}

// === impl CountingObserver ===

impl CountingObserver {
    /// Questions by outcome and what memory had to do with it: `found hit`, `absent miss`, `unknown`.
    pub fn questions(&self) -> BTreeMap<String, usize> {
        self.questions.lock().expect("no panic happens under this lock").clone()
    }

    /// Calls by provider, family and outcome: `alpha ruc found`.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.calls.lock().expect("no panic happens under this lock").clone()
    }

    /// How long calls waited for room in a limit.
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().expect("no panic happens under this lock").clone()
    }
}

impl Observer for CountingObserver {
    fn question(&self, outcome: &'static str, cache: Option<CacheUse>) {
        let name = match cache {
            Some(cache) => format!("{outcome} {}", cache.as_str()),
            None => outcome.to_owned(),
        };
        *self.questions.lock().expect("no panic happens under this lock").entry(name).or_default() += 1;
    }

    fn call(&self, provider: &SourceId, family: Family, outcome: &'static str, _took: Duration) {
        let name = format!("{provider} {} {outcome}", family.as_str());
        *self.calls.lock().expect("no panic happens under this lock").entry(name).or_default() += 1;
    }

    fn waited(&self, _provider: &SourceId, _family: Family, waited: Duration) {
        self.waits.lock().expect("no panic happens under this lock").push(waited);
    }
}
