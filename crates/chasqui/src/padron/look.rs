//! One number looked up, as the core asks.
//!
//! Left out: many at once in the order of the file; single look-ups cost less than what surfaces do with them.

use chasqui_core::{EditionState, Holder, Listing, Registry, RegistryState};
use chasqui_padron::{PadronError, Row};
use chasqui_types::{Dni, Number, Person, Ruc, SourceId, Standings, Taxpayer};

use super::{OfflineRegistry, OpenEdition, words};

impl OfflineRegistry {
    const ID: &'static SourceId = &SourceId::PADRON;

    fn listing<T>(
        &self,
        number: Number,
        find: impl FnOnce(&OpenEdition) -> Result<Option<Row>, PadronError>,
        read: impl FnOnce(&Row, &OpenEdition) -> Option<T>,
    ) -> Option<Listing<T>> {
        let (open, suppressed) = self.open_to_tell().ok()?;
        let holder = if suppressed.contains(number) {
            Holder::Suppressed
        } else {
            match find(&open) {
                Ok(row) => row.and_then(|row| read(&row, &open)).map_or(Holder::Unlisted, Holder::Listed),
                Err(error) => {
                    tracing::error!(error = words(&error), "the padrón cannot be read");
                    return None;
                }
            }
        };
        Some(Listing { as_of: open.as_of(), fetched_at: open.fetched_at(), holder })
    }
}

impl Registry for OfflineRegistry {
    fn id(&self) -> &SourceId {
        Self::ID
    }

    fn state(&self) -> RegistryState {
        let edition = self.edition().map(|open| EditionState {
            name: open.padron().edition().to_string(),
            as_of: open.as_of(),
            rows: open.padron().n_rows(),
            is_old: false,
        });
        RegistryState { edition, trouble: self.trouble() }
    }

    fn taxpayer(&self, ruc: Ruc) -> Option<Listing<Box<Taxpayer>>> {
        self.listing(
            ruc.into(),
            |open| open.padron().find(ruc),
            |row, open| {
                let mut taxpayer = open.taxpayer(row, &self.ubigeos)?;
                taxpayer.padrones = self.standings(ruc);
                Some(Box::new(taxpayer))
            },
        )
    }

    fn person(&self, dni: Dni) -> Option<Listing<Person>> {
        self.listing(dni.into(), |open| open.padron().find_dni(dni), |row, _| row.person())
    }

    fn standings(&self, ruc: Ruc) -> Option<Box<Standings>> {
        Some(Box::new(self.agents()?.standings(ruc)))
    }
}
