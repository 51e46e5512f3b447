//! Why the registry could not tell.
//!
//! Left out: that it lacks a number, which is an answer.

use std::path::PathBuf;

use chasqui_padron::{ChangesError, Edition, NamesError, PadronError, ParseSinceError};

/// Why the registry on this machine could not tell. None of them says anything about a taxpayer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Nothing was imported yet.
    #[error("there is no edition in {} (padron.dir)", dir.display())]
    NoEdition {
        /// The registry's folder.
        dir: PathBuf,
    },
    /// There is an edition, or an index of its names, and it cannot be opened.
    #[error("the edition in use cannot be opened whole: {trouble}")]
    Unreadable {
        /// Why, for whoever looks after it.
        trouble: String,
    },
    /// Nobody knows which numbers are suppressed, so nothing is told.
    #[error("the list of suppressed numbers cannot be read, so nothing is told: {trouble}")]
    Closed {
        /// Why, for whoever looks after it.
        trouble: String,
    },
    /// Whoever has the number asked not to be shown.
    #[error("the number is suppressed in the offline registry")]
    Suppressed,
    /// The edition has no index of names.
    #[error("edition {edition} has no index of names")]
    NoNames {
        /// The edition in use.
        edition: Edition,
    },
    /// The configuration does not let natural persons be searched.
    #[error("natural persons are not searched unless padron.search_persons = true")]
    PersonsNotSearched,
    /// The edition cannot be read.
    #[error(transparent)]
    Padron(#[from] PadronError),
    /// Names cannot be searched.
    #[error(transparent)]
    Names(#[from] NamesError),
    /// Changes cannot be read, or are not kept from there on.
    #[error(transparent)]
    Changes(#[from] ChangesError),
    /// The text names no place among the changes.
    #[error(transparent)]
    Since(#[from] ParseSinceError),
}
