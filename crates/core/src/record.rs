//! What memory keeps of an answer.
//!
//! A record never changes once it is made, so it is shared without copying.
//! Edges keep their finished bodies in its slots: rendered at the first question, handed out by reference ever after.
//! Left out: what a slot means; the edge that fills it knows.

use std::fmt;
use std::sync::OnceLock;

use bytes::Bytes;
use chasqui_types::time::{Date, Timestamp};
use chasqui_types::{
    Absence, Account, CpeQuery, CpeVerdict, Dni, ExchangeRate, Freshness, Lookup, Number, Person, Provenance, RateFlag,
    Representative, Ruc, Taxpayer,
};

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
    /// What a person should look at in a rate, once the one before it is known: neither changes any more.
    flags: OnceLock<Box<[RateFlag]>>,
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A taxpayer.
    Ruc(Ruc),
    /// A person.
    Dni(Dni),
    /// The rate published for a day.
    Rate(Date),
    /// The last published rate.
    LatestRate,
    /// The rates published from the first day to the second, both included.
    Rates(Date, Date),
    /// The representatives of a taxpayer.
    Representatives(Ruc),
    /// The account with the provider.
    Account,
    /// A payment document.
    Cpe(Box<CpeQuery>),
    /// Something that a caller named.
    Named(Box<str>),
}

/// What is known of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Value {
    /// It exists.
    Taxpayer(Box<Taxpayer>),
    /// They exist.
    Person(Person),
    /// It was published.
    Rate(ExchangeRate),
    /// These were published, by day.
    Rates(Vec<ExchangeRate>),
    /// These represent it.
    Representatives(Vec<Representative>),
    /// What is left in it.
    Account(Account),
    /// What the authority says of it.
    Cpe(CpeVerdict),
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
        Self {
            subject,
            value,
            provenance,
            fresh_until,
            stale_until: stale_until.max(fresh_until),
            slots,
            flags: OnceLock::new(),
        }
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
        self.subject.kind()
    }

    /// The absence it records, if it does.
    pub fn absence(&self) -> Option<&Absence> {
        match &self.value {
            Value::Absent(absence) => Some(absence),
            _ => None,
        }
    }

    /// The taxpayer it describes, or the absence of one. `None` when it is about something else.
    pub fn taxpayer(&self) -> Option<Lookup<&Taxpayer>> {
        match &self.value {
            Value::Taxpayer(taxpayer) => Some(Lookup::Found(taxpayer)),
            Value::Absent(absence) => Some(Lookup::Absent(absence.clone())),
            _ => None,
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

    /// The flags of the rate that it holds, if they were settled.
    pub(crate) fn rate_flags(&self) -> Option<&[RateFlag]> {
        self.flags.get().map(|flags| &**flags)
    }

    /// Settles the flags of the rate that it holds.
    pub(crate) fn settle_rate_flags(&self, flags: &[RateFlag]) {
        self.flags.get_or_init(|| flags.into());
    }

    /// The finished body in `slot` (below [`N_SLOTS`]), rendered at the first call and shared ever after.
    pub fn body(&self, slot: usize, render: impl FnOnce() -> Bytes) -> Bytes {
        self.slots[slot].get_or_init(render).clone()
    }

    /// Bytes it takes in memory, finished bodies included: an estimate from above, stable over its life.
    pub fn weight(&self) -> usize {
        let len = |text: &Option<Box<str>>| text.as_deref().map_or(0, str::len);
        let (text, names) = match &self.value {
            Value::Taxpayer(taxpayer) => {
                (taxpayer.fields().iter().map(|(_, text)| text.map_or(0, str::len)).sum::<usize>(), 700)
            }
            Value::Absent(_) => (64, 200),
            Value::Bytes(bytes) => (bytes.len(), 0),
            Value::Person(person) => (person.nombre.len(), 200),
            Value::Rate(_) => (32, 300),
            Value::Rates(rates) => (rates.len() * size_of::<ExchangeRate>(), 200 * rates.len()),
            Value::Representatives(list) => {
                let texts = list.iter().flat_map(|one| one.fields()).map(|(_, text)| text.map_or(0, str::len));
                (texts.sum::<usize>() + list.len() * size_of::<Representative>(), 200 + 100 * list.len())
            }
            Value::Account(account) => (len(&account.nombre) + len(&account.email), 300),
            Value::Cpe(verdict) => (64 + verdict.observaciones.iter().map(|text| text.len()).sum::<usize>(), 400),
        };
        // A rendered body holds the names of fields, the texts once, and escapes.
        let body = if names == 0 { 0 } else { names + text + text / 8 };
        size_of::<Self>() + size_of::<Taxpayer>() + text + N_SLOTS * body
    }
}

// === impl Subject ===

impl Subject {
    /// Which kind of entry is about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Ruc(_) => Kind::Ruc,
            Self::Dni(_) => Kind::Dni,
            Self::Rate(_) | Self::LatestRate | Self::Rates(..) => Kind::Rate,
            Self::Representatives(_) => Kind::Representatives,
            Self::Account => Kind::Account,
            Self::Cpe(_) => Kind::Cpe,
            Self::Named(_) => Kind::Other,
        }
    }
}

impl From<Number> for Subject {
    fn from(number: Number) -> Self {
        match number {
            Number::Ruc(ruc) => Self::Ruc(ruc),
            Number::Dni(dni) => Self::Dni(dni),
        }
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
