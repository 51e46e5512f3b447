//! SUNAT's registry on this machine, as the look-ups ask it.
//!
//! The edition in use is held open and swapped for a newer one without anybody waiting: who asked the old one gets its
//! answer from it. A registry that cannot be read answers nothing, and says why to whoever looks after it.
//! Left out: what the registry's word is worth, which the core decides.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use chasqui_core::{EditionState, Listing, Registry, RegistryState};
use chasqui_padron::{Edition, Padron, PadronError, Row, Ubigeos};
use chasqui_types::time::{Timestamp, from_lima};
use chasqui_types::{Dni, Person, Ruc, SourceId, Taxpayer};

/// The registry of a folder, whichever edition is in use there.
pub struct OfflineRegistry {
    dir: PathBuf,
    ubigeos: Ubigeos,
    state: RwLock<State>,
}

/// An edition in use.
pub struct OpenEdition {
    padron: Padron,
    as_of: Timestamp,
    fetched_at: Timestamp,
    updated: Box<str>,
}

#[derive(Default)]
struct State {
    open: Option<Arc<OpenEdition>>,
    trouble: Option<String>,
}

// === impl OfflineRegistry ===

impl OfflineRegistry {
    const ID: &'static SourceId = &SourceId::PADRON;

    /// Opens the edition in use in a folder, if there is any.
    ///
    /// Reads the whole file where it was not checked before, so it may take a moment.
    pub fn open(dir: &Path) -> Self {
        let registry = Self { dir: dir.to_owned(), ubigeos: Ubigeos::inei(), state: RwLock::default() };
        registry.reload();
        registry
    }

    /// Opens the edition in use now, where it is another one than before; whether it is.
    ///
    /// As [`open`](Self::open), this may take a moment; answers are given meanwhile.
    pub fn reload(&self) -> bool {
        match self.look() {
            Ok(is_another) => {
                self.change(|state| state.trouble = None);
                is_another
            }
            Err(error) => {
                let words = words(&error);
                if self.trouble().as_ref() != Some(&words) {
                    tracing::error!(
                        error = words,
                        "the padrón cannot be opened; what was open before goes on answering"
                    );
                }
                self.change(|state| state.trouble = Some(words));
                false
            }
        }
    }

    /// The edition in use.
    pub fn edition(&self) -> Option<Arc<OpenEdition>> {
        self.state.read().expect("no panic happens under this lock").open.clone()
    }

    /// Why the edition in use cannot be opened, where that is so.
    pub fn trouble(&self) -> Option<String> {
        self.state.read().expect("no panic happens under this lock").trouble.clone()
    }

    /// Where editions are kept.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Names of places.
    pub fn ubigeos(&self) -> &Ubigeos {
        &self.ubigeos
    }

    fn look(&self) -> Result<bool, PadronError> {
        let current = chasqui_padron::current(&self.dir)?;
        if self.edition().map(|open| open.padron.edition()) == current {
            return Ok(false);
        }
        let open = Padron::open(&self.dir)?.map(|padron| Arc::new(OpenEdition::of(padron, &self.dir)));
        if let Some(open) = &open {
            tracing::info!(edition = %open.padron.edition(), rows = open.padron.n_rows(), "padrón opened");
        }
        self.change(|state| state.open = open);
        Ok(true)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().expect("no panic happens under this lock"));
    }

    fn listing<T>(
        &self,
        find: impl FnOnce(&Padron) -> Result<Option<Row>, PadronError>,
        read: impl FnOnce(&Row, &OpenEdition) -> Option<T>,
    ) -> Option<Listing<T>> {
        let open = self.edition()?;
        let row = match find(&open.padron) {
            Ok(row) => row,
            Err(error) => {
                tracing::error!(error = words(&error), "the padrón cannot be read");
                return None;
            }
        };
        let holder = row.and_then(|row| read(&row, &open));
        Some(Listing { as_of: open.as_of, fetched_at: open.fetched_at, holder })
    }
}

impl Registry for OfflineRegistry {
    fn id(&self) -> &SourceId {
        Self::ID
    }

    fn state(&self) -> RegistryState {
        let edition = self.edition().map(|open| EditionState {
            name: open.padron.edition().to_string(),
            as_of: open.as_of,
            rows: open.padron.n_rows(),
            is_old: false,
        });
        RegistryState { edition, trouble: self.trouble() }
    }

    fn taxpayer(&self, ruc: Ruc) -> Option<Listing<Box<Taxpayer>>> {
        self.listing(
            |padron| padron.find(ruc),
            |row, open| {
                let mut taxpayer = row.taxpayer(&self.ubigeos)?;
                // The registry has no moment for a row: all of them are as of the edition.
                taxpayer.actualizado_en = Some(open.updated.clone());
                Some(Box::new(taxpayer))
            },
        )
    }

    fn person(&self, dni: Dni) -> Option<Listing<Person>> {
        self.listing(|padron| padron.find_dni(dni), |row, _| row.person())
    }
}

// === impl OpenEdition ===

impl OpenEdition {
    fn of(padron: Padron, dir: &Path) -> Self {
        let date = padron.edition().date();
        let as_of = from_lima(date.into()).unwrap_or(Timestamp::UNIX_EPOCH);
        let came = |edition: Edition| -> Option<SystemTime> {
            std::fs::metadata(dir.join(edition.to_string())).ok()?.modified().ok()
        };
        let fetched_at = came(padron.edition()).and_then(|moment| Timestamp::try_from(moment).ok()).unwrap_or(as_of);
        Self { padron, as_of, fetched_at, updated: format!("{date} 00:00:00").into() }
    }

    /// The edition itself.
    pub fn padron(&self) -> &Padron {
        &self.padron
    }

    /// The moment that it describes: the beginning of its day in Lima.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// When it came to this machine.
    pub fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }
}

/// An error and its causes on one line.
fn words(error: &PadronError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
