//! A registry on this machine, before, behind or in place of the providers.
//!
//! It answers at once and costs nothing, and it is as old as its edition. So it speaks first while it is young enough,
//! and when it is not, it still speaks where no provider can. That it lacks a number is certain; whether the number
//! therefore does not exist is a matter of trust, which the configuration decides. Of a number that it may not tell about
//! it says nothing, which is no absence either: others are asked, and where there are none the question stays open.
//! Left out: how it is built and searched.

use std::sync::Arc;
use std::time::Duration;

use chasqui_types::time::Timestamp;
use chasqui_types::{
    Absence, AbsenceReason, Dni, Freshness, Number, Person, Provenance, Ruc, SourceId, Standings, Taxpayer,
};

use crate::error::LookupError;
use crate::freshness::later;
use crate::lookups::{Answer, CacheUse, Inner, Lookups};
use crate::record::{Record, Subject, Value};

/// A registry on this machine. Every method returns at once; a registry that cannot be read has no edition.
pub trait Registry: Send + Sync {
    /// Who it is.
    fn id(&self) -> &SourceId;

    /// How it is doing.
    fn state(&self) -> RegistryState;

    /// What the edition in use says of a taxpayer; `None` while there is no edition.
    fn taxpayer(&self, ruc: Ruc) -> Option<Listing<Box<Taxpayer>>>;

    /// What it says of the holder of a document, who is in it only as a taxpayer; `None` while there is no edition.
    fn person(&self, dni: Dni) -> Option<Listing<Person>>;

    /// What SUNAT's small lists say of a taxpayer, whoever answers for the rest; `None` while there is no list.
    fn standings(&self, ruc: Ruc) -> Option<Box<Standings>>;
}

/// How a registry is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryState {
    /// The edition in use, if there is one.
    pub edition: Option<EditionState>,
    /// Why a newer edition, or any, cannot be used.
    pub trouble: Option<String>,
}

/// The edition in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionState {
    /// What it is called.
    pub name: String,
    /// The moment that it describes.
    pub as_of: Timestamp,
    /// How many taxpayers it lists.
    pub rows: u64,
    /// Whether it is past the age up to which it is asked first; the look-ups know.
    pub is_old: bool,
}

/// What an edition says of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The moment that the edition describes.
    pub as_of: Timestamp,
    /// When it came to this machine.
    pub fetched_at: Timestamp,
    /// Who has the number.
    pub holder: Holder<T>,
}

/// Who has a number in an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder<T> {
    /// This one.
    Listed(T),
    /// For certain, nobody.
    Unlisted,
    /// Nobody is to be told whether there is one, because whoever has the number asked for that.
    Suppressed,
}

/// When a registry has the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// Before the providers.
    First,
    /// Where no provider could tell.
    Last,
    /// Nobody else is asked.
    Only,
    /// Not at all.
    Never,
}

/// How far a registry is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryPolicy {
    /// When it has the word on taxpayers.
    pub taxpayers: Turn,
    /// When it has the word on people.
    pub people: Turn,
    /// How old an edition may be before the providers are asked first.
    pub max_age: Duration,
    /// A taxpayer that it lacks does not exist, without asking anybody.
    pub trust_absence: bool,
}

/// A registry and how far it is believed.
#[derive(Clone)]
pub struct Local {
    /// The registry.
    pub registry: Arc<dyn Registry>,
    /// How far it is believed.
    pub policy: RegistryPolicy,
}

/// What it says of a subject.
pub(crate) enum Said {
    /// This, and nobody else needs to be asked.
    Enough(Answer),
    /// This, should nobody else be able to tell.
    AtLeast(Answer),
    /// That it lacks it, which is not enough.
    Unlisted(Timestamp),
    /// That it may not tell.
    Suppressed,
    /// Nothing.
    Nothing,
}

// === impl Lookups ===

impl Lookups {
    /// How the registry on this machine is doing; `None` where it is no source.
    pub fn registry(&self) -> Option<RegistryState> {
        let Local { registry, policy } = self.inner.local.as_ref()?;
        let mut state = registry.state();
        if let Some(edition) = &mut state.edition {
            edition.is_old = later(edition.as_of, policy.max_age) <= self.inner.runtime.wall();
        }
        Some(state)
    }

    /// Whether an edition of the registry on this machine that describes that moment is young enough to be asked first.
    pub fn registry_freshness(&self, as_of: Timestamp) -> Freshness {
        let is_young = self
            .inner
            .local
            .as_ref()
            .is_some_and(|local| later(as_of, local.policy.max_age) > self.inner.runtime.wall());
        if is_young { Freshness::Fresh } else { Freshness::Stale }
    }

    /// What the registry on this machine says, where that is enough. Asks nobody and remembers nothing.
    pub fn local(&self, number: Number) -> Option<Answer> {
        match self.inner.registry_says(&Subject::from(number)) {
            Said::Enough(answer) => Some(answer),
            Said::AtLeast(_) | Said::Unlisted(_) | Said::Suppressed | Said::Nothing => None,
        }
    }

    /// Whether the registry may not tell about a number.
    pub fn is_suppressed(&self, number: Number) -> bool {
        matches!(self.inner.registry_says(&Subject::from(number)), Said::Suppressed)
    }
}

// === impl Inner ===

impl Inner {
    /// What the registry says of a subject, and what that is worth.
    pub(crate) fn registry_says(&self, subject: &Subject) -> Said {
        let Some(Local { registry, policy }) = &self.local else { return Said::Nothing };
        let (turn, listing) = match subject {
            Subject::Ruc(_) if policy.taxpayers == Turn::Never => return Said::Nothing,
            Subject::Dni(_) if policy.people == Turn::Never => return Said::Nothing,
            Subject::Ruc(ruc) => {
                (policy.taxpayers, registry.taxpayer(*ruc).map(|listing| listing.map(Value::Taxpayer)))
            }
            Subject::Dni(dni) => (policy.people, registry.person(*dni).map(|listing| listing.map(Value::Person))),
            _ => return Said::Nothing,
        };
        let Some(Listing { as_of, fetched_at, holder }) = listing else { return Said::Nothing };
        let fresh_until = later(as_of, policy.max_age);
        let is_young = fresh_until > self.runtime.wall();
        // Somebody who is no taxpayer has a document all the same.
        let is_trusted = matches!(subject, Subject::Ruc(_)) && (turn == Turn::Only || policy.trust_absence && is_young);
        let value = match holder {
            Holder::Listed(value) => value,
            Holder::Unlisted if is_trusted => Value::Absent(Absence { reason: AbsenceReason::Unlisted, as_of }),
            Holder::Unlisted => return Said::Unlisted(as_of),
            Holder::Suppressed => return Said::Suppressed,
        };
        let provenance = Provenance { source: registry.id().clone(), as_of, fetched_at };
        let cache = if matches!(value, Value::Absent(_)) { CacheUse::AbsentHit } else { CacheUse::Hit };
        let freshness = if is_young { Freshness::Fresh } else { Freshness::Stale };
        let record = Arc::new(Record::new(subject.clone(), value, provenance, fresh_until, fresh_until));
        let answer = Answer { record, freshness, cache };
        match turn {
            Turn::First if is_young => Said::Enough(answer),
            Turn::Only => Said::Enough(answer),
            _ => Said::AtLeast(answer),
        }
    }

    /// What SUNAT's small lists say of a taxpayer that `source` knows; nothing of those that are made up.
    pub(crate) fn standings(&self, source: &SourceId, ruc: Ruc) -> Option<Box<Standings>> {
        let local = self.local.as_ref().filter(|_| *source != SourceId::SANDBOX)?;
        local.registry.standings(ruc)
    }

    /// Whether nobody but the registry is asked about this.
    pub(crate) fn is_local_only(&self, subject: &Subject) -> bool {
        let turn = |policy: &RegistryPolicy| match subject {
            Subject::Ruc(_) => policy.taxpayers,
            Subject::Dni(_) => policy.people,
            _ => Turn::Never,
        };
        self.local.as_ref().is_some_and(|local| turn(&local.policy) == Turn::Only)
    }

    /// What is left to say when no source answered: what was kept, or the registry's word, whichever is newer.
    pub(crate) fn fall_back(
        &self,
        subject: &Subject,
        error: LookupError,
        kept: Option<Answer>,
    ) -> Result<Answer, LookupError> {
        let local = match self.registry_says(subject) {
            Said::Enough(answer) | Said::AtLeast(answer) => Some(answer),
            Said::Unlisted(as_of) if kept.is_none() => {
                return Err(LookupError::Unlisted { as_of, source: Box::new(error) });
            }
            // Where others were asked, theirs is the reason; that it may not tell is one only where it is all there is.
            Said::Suppressed if kept.is_none() && matches!(error, LookupError::NoSource) => {
                return Err(LookupError::Suppressed);
            }
            Said::Unlisted(_) | Said::Suppressed | Said::Nothing => None,
        };
        let as_of = |answer: &Answer| answer.record.provenance().as_of;
        match (local, kept) {
            (Some(local), Some(kept)) if as_of(&kept) > as_of(&local) => Ok(kept),
            (Some(local), _) => Ok(local),
            (None, Some(kept)) => Ok(kept),
            (None, None) => Err(error),
        }
    }
}

// === impl Listing ===

impl<T> Listing<T> {
    /// The same, of another holder.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Listing<U> {
        let holder = match self.holder {
            Holder::Listed(value) => Holder::Listed(change(value)),
            Holder::Unlisted => Holder::Unlisted,
            Holder::Suppressed => Holder::Suppressed,
        };
        Listing { as_of: self.as_of, fetched_at: self.fetched_at, holder }
    }
}
