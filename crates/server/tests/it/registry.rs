//! The registry on this machine through every surface: names, changes, the past, who is not to be shown, and its state.

mod changes;
mod client;
mod history;
mod names;
mod privacy;
mod state;
mod surfaces;

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chasqui::OfflineRegistry;
use chasqui::config::{Config, PadronConfig};
use chasqui_core::{RegistryPolicy, Turn};
use chasqui_padron::synth::HEADER;
use chasqui_padron::{AgentOptions, Edition, Names, Options, Padron, Suppressed, import, import_agents, write_changes};
use chasqui_testkit::Script;
use chasqui_types::{AgentList, Number};
use serde_json::Value;
use tempfile::TempDir;

use crate::world::{Answered, Http};

pub(crate) const YARA: &str = "20100193117";
pub(crate) const ZONA: &str = "20512963545";
pub(crate) const ANDINA: &str = "20131312955";
/// A person, and the DNI inside the number.
pub(crate) const PERSON: &str = "10101174102";
pub(crate) const DNI: &str = "10117410";
pub(crate) const PERSON_NAME: &str = "ZUTANO MENGANO PERENCEJO";

/// A folder of editions.
pub(crate) struct Folder {
    dir: TempDir,
}

// === impl Folder ===

impl Folder {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// With an edition of 2026-11-20 in use, and its names.
    pub(crate) fn filled() -> Self {
        let folder = Self::new();
        folder.import("2026-11-20", &rows("ACTIVO"));
        folder.index();
        folder
    }

    /// With three editions, the last of 2026-11-20, the changes between them and the names of the last.
    pub(crate) fn of_three_days() -> Self {
        let folder = Self::new();
        folder.import(
            "2026-11-18",
            &[row(ANDINA, "INVERSIONES ANDINA S.A.C.", "ACTIVO"), row(ZONA, "ZONA S.R.L.", "ACTIVO")],
        );
        folder.follow("2026-11-19", &rows("ACTIVO"));
        folder.follow("2026-11-20", &rows("BAJA DE OFICIO")[1..]);
        folder.index();
        folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("padron")
    }

    /// Puts an edition of these rows into use.
    pub(crate) fn import(&self, day: &str, rows: &[String]) {
        let file = self.dir.path().join("rows.txt");
        let mut text = HEADER.to_vec();
        for row in rows {
            text.extend_from_slice(row.as_bytes());
            text.push(b'\n');
        }
        fs::write(&file, text).unwrap();
        let day = day.parse().unwrap();
        let threads = NonZeroUsize::MIN;
        let options = Options { date: Some(day), today: day, force: true, keep: 100, threads };
        import(&file, &self.path(), &options, &mut |_| ControlFlow::Continue(())).unwrap();
    }

    /// Writes down what changed between two editions.
    pub(crate) fn compare(&self, old: &str, new: &str) {
        let [old, new] = [old, new].map(|name| Padron::open_edition(&self.path(), edition(name)).unwrap());
        write_changes(&self.path(), &old, &new).unwrap();
    }

    /// An edition as a refresh makes it: put into use, then compared with the one before.
    pub(crate) fn follow(&self, day: &str, rows: &[String]) {
        let before = chasqui_padron::current(&self.path()).unwrap().unwrap().to_string();
        self.import(day, rows);
        self.compare(&before, day);
    }

    /// Indexes the names of the edition in use.
    pub(crate) fn index(&self) {
        let padron = Padron::open(&self.path()).unwrap().unwrap();
        Names::build(&padron, &mut |_| ControlFlow::Continue(())).unwrap();
    }

    pub(crate) fn suppress(&self, number: impl Into<Number>) {
        assert!(Suppressed::open(&self.path()).unwrap().add(number).unwrap());
    }

    /// Imports a small list with one taxpayer on it.
    pub(crate) fn list(&self, list: AgentList, ruc: &str) {
        let file = self.dir.path().join("list.txt");
        fs::write(&file, format!("Ruc|Nombre/Razon|A partir del|Resolucion|\r{ruc}|X|01/06/2012|R.S. 96-2012|\r"))
            .unwrap();
        let options = AgentOptions { as_of: "2026-11-19".parse().unwrap(), force: true };
        import_agents(list, &file, &self.path(), &options).unwrap();
    }

    pub(crate) fn config(&self) -> PadronConfig {
        PadronConfig { dir: self.path(), ..Config::default_config().padron }
    }

    pub(crate) fn registry(&self) -> Arc<OfflineRegistry> {
        Arc::new(OfflineRegistry::open(&self.config()))
    }

    /// A server over it that asks nobody else for numbers.
    pub(crate) fn alone(&self) -> Http {
        over(&self.registry(), Turn::Only)
    }
}

pub(crate) fn over(registry: &Arc<OfflineRegistry>, turn: Turn) -> Http {
    let max_age = Duration::from_hours(72);
    let policy = RegistryPolicy { taxpayers: turn, people: turn, max_age, trust_absence: false };
    Http::with_registry(Http::world(Script::unreachable()).bare(), registry, policy)
}

pub(crate) fn edition(name: &str) -> Edition {
    name.parse().unwrap()
}

/// A row of the registry's text.
pub(crate) fn row(ruc: &str, name: &str, status: &str) -> String {
    format!("{ruc}|{name}|{status}|HABIDO|150140|CAL.|MONTERREY|URB.|CHACARILLA|355|-|-|501|-|-|")
}

/// Three companies and a person; all but the first, which is as `status` says, are active.
pub(crate) fn rows(status: &str) -> Vec<String> {
    vec![
        row(YARA, "YARA PERU S.R.L.", "ACTIVO"),
        row(ZONA, "ZONA INFORMATICA S.R.L.", status),
        row(ANDINA, "INVERSIONES ANDINA S.A.C.", "ACTIVO"),
        row(PERSON, PERSON_NAME, "ACTIVO"),
    ]
}

/// Status, code and detail of a refusal.
#[track_caller]
pub(crate) fn refusal(answered: &Answered) -> String {
    let problem = answered.json();
    let word = |name: &str| problem[name].as_str().unwrap_or("-").to_owned();
    format!("{} {}: {}", answered.status.as_u16(), word("code"), word("detail"))
}

/// The numbers of the rows of a page.
pub(crate) fn numbers(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["ruc"].as_str().unwrap()).collect()
}
