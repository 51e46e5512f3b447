//! An edition in use, held open with what is derived from it.
//!
//! Left out: who is not to be shown, and which edition is in use.

use std::sync::{Arc, Mutex};

use chasqui_padron::{Edition, Names, Padron, Row, Ubigeos};
use chasqui_types::Taxpayer;
use chasqui_types::time::{Timestamp, from_lima};

use super::{FileMark, RegistryError, file_mark, words};

/// An edition in use.
pub struct OpenEdition {
    padron: Padron,
    as_of: Timestamp,
    fetched_at: Timestamp,
    /// The same moment as `as_of`, as a taxpayer has it.
    updated: Box<str>,
    names: Mutex<IndexOfNames>,
}

/// What is known of the index of names, which may be built after the edition came into use.
#[derive(Default)]
struct IndexOfNames {
    open: Option<Arc<Names>>,
    /// The file that could not be used, so that it is not read again and again.
    refused: Option<Refused>,
}

/// A file that could not be used.
struct Refused {
    file: FileMark,
    /// Why; nothing where it is only of another version.
    trouble: Option<String>,
}

// === impl OpenEdition ===

impl OpenEdition {
    pub(super) fn of(padron: Padron) -> Self {
        let as_of = from_lima(padron.edition().date().into()).unwrap_or(Timestamp::UNIX_EPOCH);
        // The file's own, because the folder's changes with all that is derived from it later.
        let came = std::fs::metadata(padron.path()).and_then(|metadata| metadata.modified()).ok();
        let fetched_at = came.and_then(|moment| Timestamp::try_from(moment).ok()).unwrap_or(as_of);
        let updated = updated(padron.edition());
        Self { padron, as_of, fetched_at, updated, names: Mutex::default() }
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

    /// The index of its names, opened when somebody first asks for it.
    ///
    /// Reads the whole file where it was not checked before.
    pub(super) fn names(&self) -> Result<Arc<Names>, RegistryError> {
        let none = || RegistryError::NoNames { edition: self.padron.edition() };
        let error = |refused: &Refused| match &refused.trouble {
            Some(trouble) => RegistryError::Unreadable { trouble: trouble.clone() },
            None => none(),
        };
        let mut names = self.names.lock().expect("no panic happens under this lock");
        if let Some(open) = &names.open {
            return Ok(Arc::clone(open));
        }
        let metadata = std::fs::metadata(Names::path(&self.padron)).map_err(|_| none())?;
        let file = file_mark(&metadata);
        let is_same = |refused: &&Refused| refused.file == file;
        if let Some(refused) = names.refused.as_ref().filter(is_same) {
            return Err(error(refused));
        }
        let trouble = match Names::open(&self.padron) {
            Ok(Some(open)) => return Ok(Arc::clone(names.open.insert(Arc::new(open)))),
            Ok(None) => None,
            Err(error) => Some(words(&error)),
        };
        Err(error(names.refused.insert(Refused { file, trouble })))
    }

    /// The taxpayer of one of its rows; `None` if its number is not well formed.
    pub(super) fn taxpayer(&self, row: &Row, ubigeos: &Ubigeos) -> Option<Taxpayer> {
        Some(Taxpayer { actualizado_en: Some(self.updated.clone()), ..row.taxpayer(ubigeos)? })
    }

    /// The taxpayer of a row of some edition; `None` if its number is not well formed.
    pub fn taxpayer_of(row: &Row, edition: Edition, ubigeos: &Ubigeos) -> Option<Taxpayer> {
        Some(Taxpayer { actualizado_en: Some(updated(edition)), ..row.taxpayer(ubigeos)? })
    }
}

/// The registry has no moment for a row: all of them are as of the edition.
fn updated(edition: Edition) -> Box<str> {
    format!("{} 00:00:00", edition.date()).into()
}
