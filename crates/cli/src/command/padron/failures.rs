//! What the registry's errors mean to whoever typed the command: the exit code, and what to do.
//!
//! Left out: the errors' own words, which their types have.

use chasqui::RegistryError;
use chasqui::download::DownloadError;
use chasqui_padron::{AgentsError, ChangesError, ImportError, NamesError, PadronError, SuppressionError};

use crate::exit::{Exit, Failure};

/// How an index of names is had.
pub(super) const INDEX: &str = "`chasqui padron index` builds it";
const FORCE: &str = "--force takes it all the same";

impl From<PadronError> for Failure {
    fn from(error: PadronError) -> Self {
        Self::of(Exit::Unknown, &error)
    }
}

impl From<ChangesError> for Failure {
    fn from(error: ChangesError) -> Self {
        Self::of(Exit::Unknown, &error)
    }
}

impl From<SuppressionError> for Failure {
    fn from(error: SuppressionError) -> Self {
        Self::of(Exit::Unknown, &error)
    }
}

impl From<DownloadError> for Failure {
    fn from(error: DownloadError) -> Self {
        let exit = match error {
            DownloadError::Address { .. } => Exit::Configuration,
            DownloadError::Cancelled => Exit::Interrupted,
            _ => Exit::Unknown,
        };
        Self::of(exit, &error)
    }
}

impl From<NamesError> for Failure {
    fn from(error: NamesError) -> Self {
        let exit = match error {
            NamesError::Cursor => Exit::Usage,
            NamesError::Cancelled => Exit::Interrupted,
            _ => Exit::Unknown,
        };
        Self::of(exit, &error)
    }
}

impl From<AgentsError> for Failure {
    fn from(error: AgentsError) -> Self {
        let exit = match error {
            AgentsError::BadZip { .. } | AgentsError::TooLong { .. } | AgentsError::NotAList { .. } => Exit::Usage,
            _ => Exit::Unknown,
        };
        let failure = Self::of(exit, &error);
        if matches!(error, AgentsError::Refused { .. }) { failure.advise(FORCE) } else { failure }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let exit = match error {
            ImportError::Cancelled => Exit::Interrupted,
            ImportError::Read { .. }
            | ImportError::BadZip { .. }
            | ImportError::NotOneFile { .. }
            | ImportError::TooLong { .. }
            | ImportError::NotARegistry { .. }
            | ImportError::NoRows { .. }
            | ImportError::TooOdd => Exit::Usage,
            _ => Exit::Unknown,
        };
        let failure = Self::of(exit, &error);
        if matches!(error, ImportError::Refused { .. }) { failure.advise(FORCE) } else { failure }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::NoEdition { dir } => super::none(&dir),
            RegistryError::NoNames { .. } => Self::of(Exit::Unknown, &error).advise(INDEX),
            RegistryError::PersonsNotSearched => Self::of(Exit::Configuration, &error),
            RegistryError::Since(_) => Self::of(Exit::Usage, &error),
            RegistryError::Names(error) => error.into(),
            RegistryError::Changes(error) => error.into(),
            RegistryError::Padron(error) => error.into(),
            _ => Self::of(Exit::Unknown, &error),
        }
    }
}
