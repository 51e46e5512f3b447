//! How the registry on this machine is doing, for `/readyz` and `/metrics`.
//!
//! Left out: mending it, which whoever runs the gateway does on the command line.

use std::collections::BTreeMap;
use std::sync::Arc;

use chasqui::padron::Edition;
use chasqui::{OfflineRegistry, RegistryError};
use chasqui_core::RegistryState;
use chasqui_types::AgentList;
use chasqui_types::time::{Date, to_rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Inner;

/// What a look at the registry showed.
#[derive(Default)]
pub(crate) struct PadronLook {
    /// `None` where the configuration asks no registry.
    pub(crate) state: Option<RegistryState>,
    /// The edition whose names can be searched, or why there is none; `None` where there is no edition at all.
    pub(crate) searched: Option<Result<Edition, RegistryError>>,
    /// Whether they are to be searched.
    wants_names: bool,
    /// Why it cannot be told what changed, where that is so.
    changes: Option<RegistryError>,
    /// How many numbers are suppressed; `None` while nobody knows.
    pub(crate) n_suppressed: Option<usize>,
    /// SUNAT's small lists that are here, with their days.
    pub(crate) lists: Vec<(AgentList, Date)>,
}

/// How the offline registry is doing.
#[derive(Serialize, ToSchema)]
#[schema(as = PadronState)]
pub(super) struct PadronBody {
    /// `none`: no edition was imported, or the configuration does not ask for one; `fresh`; `old`: providers are asked
    /// first; `damaged`: something of it cannot be read.
    #[schema(example = "fresh")]
    state: &'static str,
    /// The edition that answers, by its date; null without any.
    #[schema(required = true, example = "2026-11-20")]
    edition: Option<String>,
    /// The moment that it describes; null without any.
    #[schema(required = true, example = "2026-11-20T05:00:00Z")]
    as_of: Option<String>,
    /// How many taxpayers it lists; null without any.
    #[schema(required = true, example = 18_400_123)]
    rows: Option<u64>,
    /// The edition whose names are searched: the one that answers, or the one before it until its index is there; null
    /// where names cannot be searched.
    #[schema(required = true, example = "2026-11-20")]
    names: Option<String>,
    /// How many numbers are not told about, because their holders asked for that; null without a registry, and while
    /// the list cannot be read, when nothing is told at all.
    #[schema(required = true, example = 0)]
    suppressed: Option<usize>,
    /// SUNAT's small lists that are here, with the day of each.
    #[schema(example = json!({"agente_de_retencion": "2026-11-20"}))]
    lists: BTreeMap<&'static str, String>,
}

/// Looks at the registry. Never shed, as everything that operators ask.
pub(crate) async fn look(inner: &Inner) -> PadronLook {
    let Some(registry) = inner.padron.as_ref().map(Arc::clone) else {
        return PadronLook { state: inner.lookups.registry(), ..PadronLook::default() };
    };
    let n_suppressed = registry.n_suppressed();
    let agents = registry.agents();
    let lists = agents.iter().flat_map(|agents| agents.lists()).map(|report| (report.list, report.as_of)).collect();
    let wants_names = registry.wants_names();
    let (searched, changes) = if registry.edition().is_some() { files(registry).await } else { (None, None) };
    PadronLook { state: inner.lookups.registry(), searched, wants_names, changes, n_suppressed, lists }
}

/// Opens the index of names and the changes the first time, which takes a moment.
async fn files(registry: Arc<OfflineRegistry>) -> (Option<Result<Edition, RegistryError>>, Option<RegistryError>) {
    let look = move || (Some(registry.searched()), registry.changes().err());
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

// === impl PadronLook ===

impl PadronLook {
    /// What should be looked at, in words.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let Some(state) = &self.state else { return Vec::new() };
        let mut troubles: Vec<String> =
            state.trouble.iter().map(|trouble| format!("the padrón cannot be read whole: {trouble}")).collect();
        let Some(edition) = &state.edition else { return troubles };
        if edition.is_old {
            troubles.push(format!("the padrón is old: its edition is {}", edition.name));
        }
        match &self.searched {
            Some(Ok(searched)) if searched.to_string() != edition.name => troubles.push(format!(
                "names are searched in edition {searched} of the padrón: {} has no index of them yet",
                edition.name
            )),
            Some(Err(error @ RegistryError::Unreadable { .. })) => {
                troubles.push(format!("names cannot be searched: {error}"));
            }
            Some(Err(error @ RegistryError::NoNames { .. })) if self.wants_names => {
                troubles.push(format!("names cannot be searched: {error}"));
            }
            // While nobody knows who is suppressed, that is the trouble.
            Some(_) | None => {}
        }
        troubles.extend(self.damaged_changes().map(|error| format!("what changed cannot be told: {error}")));
        troubles
    }

    fn damaged_changes(&self) -> Option<&RegistryError> {
        self.changes.as_ref().filter(|error| matches!(error, RegistryError::Changes(_)))
    }
}

impl From<PadronLook> for PadronBody {
    fn from(look: PadronLook) -> Self {
        let is_searchable = !matches!(look.searched, Some(Err(RegistryError::Unreadable { .. })));
        let is_readable = is_searchable && look.damaged_changes().is_none();
        let RegistryState { edition, trouble } = look.state.unwrap_or_default();
        let is_damaged = trouble.is_some() || !is_readable;
        let state = match &edition {
            _ if is_damaged => "damaged",
            None => "none",
            Some(edition) if edition.is_old => "old",
            Some(_) => "fresh",
        };
        Self {
            state,
            as_of: edition.as_ref().map(|edition| to_rfc3339(edition.as_of)),
            rows: edition.as_ref().map(|edition| edition.rows),
            edition: edition.map(|edition| edition.name),
            names: look.searched.and_then(Result::ok).map(|edition| edition.to_string()),
            suppressed: look.n_suppressed,
            lists: look.lists.iter().map(|(list, as_of)| (list.name(), as_of.to_string())).collect(),
        }
    }
}
