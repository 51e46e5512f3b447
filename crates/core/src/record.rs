//! What memory keeps of an answer.
//!
//! A record never changes once it is made, so it is shared without copying.
//! Edges keep their finished bodies in its slots: rendered at the first question, handed out by reference ever after.
//! Left out: what a slot means; the edge that fills it knows.

use std::fmt;
use std::sync::OnceLock;

use bytes::Bytes;
use chasqui_types::time::Timestamp;
use chasqui_types::{Absence, Freshness, Lookup, Provenance, Ruc, Taxpayer};

use crate::key::Kind;

/// How many finished bodies a record can keep.
pub const N_SLOTS: usize = 4;

/// An answer as memory keeps it.
pub struct Record {
    subject: Subject,
    value: Value,
    provenance: Provenance,
    fresh_until: Timestamp,
    stale_until: Timestamp,
    slots: [OnceLock<Bytes>; N_SLOTS],
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A taxpayer.
    Ruc(Ruc),
    /// Something that a caller named.
    Named(Box<str>),
}

/// What is known of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Value {
    /// It exists.
    Taxpayer(Box<Taxpayer>),
    /// An authority says that it does not.
    Absent(Absence),
    /// Bytes that a caller stored.
    Bytes(Bytes),
}

// === impl Record ===

impl Record {
    /// An answer that is fresh until `fresh_until` and may be shown, marked stale, until `stale_until`.
    pub fn new(
        subject: Subject,
        value: Value,
        provenance: Provenance,
        fresh_until: Timestamp,
        stale_until: Timestamp,
    ) -> Self {
        let slots = std::array::from_fn(|_| OnceLock::new());
        Self { subject, value, provenance, fresh_until, stale_until: stale_until.max(fresh_until), slots }
    }

    /// What it is about.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What is known.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where it comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Until when it is fresh.
    pub fn fresh_until(&self) -> Timestamp {
        self.fresh_until
    }

    /// Until when it may be shown as stale.
    pub fn stale_until(&self) -> Timestamp {
        self.stale_until
    }

    /// Which kind of entry it is.
    pub fn kind(&self) -> Kind {
        match self.subject {
            Subject::Ruc(_) => Kind::Ruc,
            Subject::Named(_) => Kind::Other,
        }
    }

    /// The absence it records, if it does.
    pub fn absence(&self) -> Option<&Absence> {
        match &self.value {
            Value::Absent(absence) => Some(absence),
            Value::Taxpayer(_) | Value::Bytes(_) => None,
        }
    }

    /// The taxpayer it describes, or the absence of one. `None` when it is about something else.
    pub fn taxpayer(&self) -> Option<Lookup<&Taxpayer>> {
        match &self.value {
            Value::Taxpayer(taxpayer) => Some(Lookup::Found(taxpayer)),
            Value::Absent(absence) => Some(Lookup::Absent(absence.clone())),
            Value::Bytes(_) => None,
        }
    }

    /// Its freshness at `now`, or `None` once it may not be shown any more.
    ///
    /// An absence is never stale: past its time it says nothing, because an outage must not keep it alive.
    pub fn freshness(&self, now: Timestamp) -> Option<Freshness> {
        if now < self.fresh_until {
            Some(Freshness::Fresh)
        } else if now < self.stale_until && self.absence().is_none() {
            Some(Freshness::Stale)
        } else {
            None
        }
    }

    /// The finished body in `slot` (below [`N_SLOTS`]), rendered at the first call and shared ever after.
    pub fn body(&self, slot: usize, render: impl FnOnce() -> Bytes) -> Bytes {
        self.slots[slot].get_or_init(render).clone()
    }

    /// Bytes it takes in memory, finished bodies included: an estimate from above, stable over its life.
    pub fn weight(&self) -> usize {
        let text = match &self.value {
            Value::Taxpayer(taxpayer) => {
                taxpayer.fields().iter().map(|(_, text)| text.map_or(0, str::len)).sum::<usize>()
            }
            Value::Absent(_) => 64,
            Value::Bytes(bytes) => bytes.len(),
        };
        // A rendered body holds the field names (about 400 bytes), the texts once, and escapes.
        let body = match &self.value {
            Value::Taxpayer(_) => 700 + text + text / 8,
            Value::Absent(_) => 200,
            Value::Bytes(_) => 0,
        };
        size_of::<Self>() + size_of::<Taxpayer>() + text + N_SLOTS * body
    }
}

/// Masked: what it is about and when, not what it says.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("subject", &self.subject)
            .field("absent", &self.absence().is_some())
            .field("provenance", &self.provenance)
            .field("fresh_until", &self.fresh_until)
            .finish_non_exhaustive()
    }
}
