//! SUNAT's registry on this machine, as look-ups, searches and whoever follows its changes ask it.
//!
//! The edition in use is held open and swapped for a newer one without anybody waiting: who asked the old one gets its
//! answer from it. Numbers that are suppressed are passed over here, so that no surface has to think of them; while
//! nobody knows which those are, nothing is told at all. A registry that cannot be read answers nothing, and says why to
//! whoever looks after it.
//! Left out: what the registry's word is worth, which the core decides.

mod edition;
mod error;
mod filters;
mod look;
mod names;
mod past;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::SystemTime;

use chasqui_padron::{Agents, Padron, PadronError, Ubigeos};
/// What the registry's own crate says of rows, names and changes.
pub use chasqui_padron::{
    Change, Changes, ChangesError, Column, Differences, Edition, FieldChange, Filters, Hit, Likeness, NamesError,
    ParseEditionError, ParseSinceError, Past, Query, Reason, Row, Since, Suppressed, What, WordMatch,
};

pub use self::edition::OpenEdition;
pub use self::error::RegistryError;
pub use self::filters::{FilterError, TypedFilters};
pub use self::names::{NameHit, NamePage};
pub use self::past::{Feed, FeedPage, History};
use crate::config::PadronConfig;

/// The registry of a folder, whichever edition is in use there.
pub struct OfflineRegistry {
    dir: PathBuf,
    /// Whether an edition is to have an index of names.
    wants_names: bool,
    search_persons: bool,
    ubigeos: Ubigeos,
    state: RwLock<State>,
    /// The changes that lead to the edition in use, opened when somebody first asks for them.
    changes: Mutex<Option<past::Kept>>,
}

#[derive(Default)]
struct State {
    open: Option<Arc<OpenEdition>>,
    /// The one before it, until names and changes of the one in use are there: they are made once it is in use.
    before: Option<Arc<OpenEdition>>,
    /// `None` until it is known who is not to be shown; then nothing is told.
    suppressed: Option<Arc<Suppressed>>,
    agents: Option<Arc<Agents>>,
    /// What the system said of the file of lists that was read last.
    agents_seen: Option<FileMark>,
    trouble: Option<String>,
}

// === impl OfflineRegistry ===

impl OfflineRegistry {
    /// Opens the edition in use in a folder, if there is any.
    ///
    /// Reads the whole file where it was not checked before, so it may take a moment.
    pub fn open(config: &PadronConfig) -> Self {
        let registry = Self {
            dir: config.dir.clone(),
            wants_names: config.names,
            search_persons: config.search_persons,
            ubigeos: Ubigeos::inei(),
            state: RwLock::default(),
            changes: Mutex::default(),
        };
        registry.reload();
        registry
    }

    /// Takes up what changed in the folder: another edition in use, the suppressed numbers, SUNAT's lists. Whether
    /// there is another edition.
    ///
    /// As [`open`](Self::open), this may take a moment; answers are given meanwhile.
    pub fn reload(&self) -> bool {
        let mut trouble = Vec::new();
        // First, so that no edition is asked before it is known who is not to be shown.
        let list = Suppressed::open(&self.dir).map(Arc::new);
        match &list {
            Ok(list) if list.is_empty() && self.n_suppressed().is_some() => {}
            Ok(list) => self.change(|state| state.suppressed = Some(Arc::clone(list))),
            Err(error) => trouble.push(words(error)),
        }
        if let Err(error) = self.look_at_agents() {
            trouble.push(words(&error));
        }
        let is_another = match self.look() {
            Ok(is_another) => {
                // A list that is gone may have gone with the whole folder. Only where the edition was not lost too does
                // it say that everybody may be shown, and not before the edition is known.
                if let Ok(list) = list {
                    self.change(|state| state.suppressed = Some(list));
                }
                is_another
            }
            Err(error) => {
                trouble.push(words(&error));
                false
            }
        };
        self.let_go();
        let trouble = Some(trouble.join("; ")).filter(|words| !words.is_empty());
        if let Some(words) = &trouble
            && self.trouble() != trouble
        {
            tracing::error!(error = words, "the padrón cannot be read whole; what was open before goes on answering");
        }
        self.change(|state| state.trouble = trouble);
        is_another
    }

    /// The edition in use.
    pub fn edition(&self) -> Option<Arc<OpenEdition>> {
        self.read(|state| state.open.clone())
    }

    /// Why something in the folder cannot be read, where that is so.
    pub fn trouble(&self) -> Option<String> {
        self.read(|state| state.trouble.clone())
    }

    /// Where editions are kept.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Names of places.
    pub fn ubigeos(&self) -> &Ubigeos {
        &self.ubigeos
    }

    /// SUNAT's small lists, where any was imported.
    pub fn agents(&self) -> Option<Arc<Agents>> {
        self.read(|state| state.agents.clone())
    }

    /// Whether an edition is to have an index of names.
    pub fn wants_names(&self) -> bool {
        self.wants_names
    }

    /// How many numbers are suppressed; `None` while nobody knows, and then nothing is told.
    pub fn n_suppressed(&self) -> Option<usize> {
        self.read(|state| state.suppressed.as_ref().map(|list| list.len()))
    }

    /// The edition in use, and the numbers that are not to be shown.
    fn open_to_tell(&self) -> Result<(Arc<OpenEdition>, Arc<Suppressed>), RegistryError> {
        let (open, suppressed, trouble) =
            self.read(|state| (state.open.clone(), state.suppressed.clone(), state.trouble.clone()));
        let Some(suppressed) = suppressed else {
            return Err(RegistryError::Closed { trouble: trouble.unwrap_or_default() });
        };
        match (open, trouble) {
            (Some(open), _) => Ok((open, suppressed)),
            (None, Some(trouble)) => Err(RegistryError::Unreadable { trouble }),
            (None, None) => Err(RegistryError::NoEdition { dir: self.dir.clone() }),
        }
    }

    fn look(&self) -> Result<bool, PadronError> {
        let current = chasqui_padron::current(&self.dir)?;
        if self.edition().map(|open| open.padron().edition()) == current {
            return Ok(false);
        }
        let open = Padron::open(&self.dir)?.map(|padron| Arc::new(OpenEdition::of(padron)));
        if let Some(open) = &open {
            tracing::info!(edition = %open.padron().edition(), rows = open.padron().n_rows(), "padrón opened");
        }
        self.change(|state| {
            let is_older = |before: &Arc<OpenEdition>| {
                open.as_ref().is_some_and(|open| before.padron().edition() < open.padron().edition())
            };
            state.before = state.open.take().filter(is_older);
            state.open = open;
        });
        Ok(true)
    }

    /// The edition before another one, which stands in for it: the one that was in use, else the newest that is older.
    fn before(&self, open: &Arc<OpenEdition>) -> Option<Arc<OpenEdition>> {
        let edition = open.padron().edition();
        if let Some(before) = self.read(|state| state.before.clone()) {
            return Some(before).filter(|before| before.padron().edition() < edition);
        }
        // One that cannot be opened is as good as none: it was only to stand in for a while.
        let older = chasqui_padron::editions(&self.dir).ok()?.into_iter().rfind(|older| *older < edition)?;
        let before = Arc::new(OpenEdition::of(Padron::open_edition(&self.dir, older).ok()?));
        self.change(|state| {
            // Not where another edition came into use meanwhile, which has one before it of its own.
            if state.before.is_none() && state.open.as_ref().is_some_and(|now| Arc::ptr_eq(now, open)) {
                state.before = Some(Arc::clone(&before));
            }
        });
        Some(before)
    }

    /// Lets go of the edition before once the one in use needs nobody to stand in for it.
    fn let_go(&self) {
        let (open, before) = self.read(|state| (state.open.clone(), state.before.clone()));
        let (Some(open), Some(before)) = (open, before) else { return };
        let has_names = !self.wants_names || open.names().is_ok();
        if has_names && Changes::open(&self.dir, open.padron()).is_ok_and(|changes| !changes.files().is_empty()) {
            self.change(|state| {
                if state.before.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, &before)) {
                    state.before = None;
                }
            });
        }
    }

    fn look_at_agents(&self) -> Result<(), chasqui_padron::AgentsError> {
        let seen = fs::metadata(Agents::path(&self.dir)).ok().map(|metadata| file_mark(&metadata));
        if self.read(|state| state.agents_seen == seen) {
            return Ok(());
        }
        let agents = Agents::open(&self.dir)?.map(Arc::new);
        self.change(|state| {
            state.agents = agents;
            state.agents_seen = seen;
        });
        Ok(())
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().expect("no panic happens under this lock"))
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().expect("no panic happens under this lock"));
    }
}

/// What tells a file from the one that was there before.
type FileMark = (u64, Option<SystemTime>, u64);

fn file_mark(metadata: &fs::Metadata) -> FileMark {
    (metadata.len(), metadata.modified().ok(), identity(metadata))
}

/// Clocks of file systems are coarse; another file is another one all the same.
#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> u64 {
    0
}

/// An error and its causes on one line.
fn words(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut said: Vec<String> = causes.map(ToString::to_string).collect();
    // What is passed through says the same as its cause.
    said.dedup();
    said.join(": ")
}
