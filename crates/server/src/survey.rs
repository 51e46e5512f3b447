//! A look over all that memory holds, shared by whoever asks within the same second.
//!
//! It visits every entry, so probes and scrapes that come often must not each make their own.
//! Left out: how it is told; the routes know.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use chasqui_core::{CacheHealth, CacheStats, Kind, Scope};
use chasqui_types::time::Timestamp;

use crate::app::Inner;

/// What memory held at one moment.
pub(crate) struct Survey {
    taken: Instant,
    pub(crate) health: CacheHealth,
    pub(crate) stats: CacheStats,
    /// Taxpayers, and the oldest and newest moment that they describe.
    pub(crate) taxpayers: usize,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) newest: Option<Timestamp>,
}

// === impl Inner ===

impl Inner {
    /// How long a look at memory is good for.
    const SURVEY_TIME: Duration = Duration::from_secs(1);

    /// The last look at memory, or a new one if that is over a second old.
    pub(crate) fn survey(&self) -> Arc<Survey> {
        let now = self.lookups.runtime().now();
        // Held while looking, so that those who come meanwhile wait for this look instead of taking their own.
        let mut last = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(survey) = last.as_ref().filter(|survey| now.duration_since(survey.taken) < Self::SURVEY_TIME) {
            return Arc::clone(survey);
        }
        let survey = Arc::new(self.look(now));
        *last = Some(Arc::clone(&survey));
        survey
    }

    fn look(&self, taken: Instant) -> Survey {
        let (cache, wall) = (self.lookups.cache(), self.lookups.runtime().wall());
        let found = Scope { kind: Some(Kind::Ruc), absent: Some(false), ..Scope::default() };
        let entries = cache.entries(&found, wall);
        let moments = || entries.iter().map(|(_, record)| record.provenance().as_of);
        Survey {
            taken,
            health: cache.health(wall),
            stats: cache.stats(wall),
            taxpayers: entries.len(),
            oldest: moments().min(),
            newest: moments().max(),
        }
    }
}
