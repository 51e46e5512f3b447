//! SUNAT's registry on this machine: what is there, how old it is, and what to do about what is not.
//!
//! Left out: reading every row, which `chasqui padron verify` does.

use std::path::Path;

use chasqui::TokioRuntime;
use chasqui::config::{Config, PadronConfig, SourceName};
use chasqui_core::Runtime as _;
use chasqui_padron::{Agents, Names, Padron, Suppressed};
use chasqui_types::AgentList;
use chasqui_types::time::{Date, SignedDuration, from_lima};

use super::{Finding, Health};
use crate::command::today;
use crate::exit::chain;
use crate::text::{age, counted, one_line};

/// A list that was modified longer ago, in days, may have a newer one.
const OLD_LIST: i32 = 90;

/// Whether an edition is there and among those who are asked.
pub(super) fn has_edition(config: &Config) -> bool {
    let is_asked = config.lookup.ruc.contains(&SourceName::Padron) || config.lookup.dni.contains(&SourceName::Padron);
    is_asked && matches!(Padron::open(&config.padron.dir), Ok(Some(_)))
}

/// What there is, one line each; without an edition one line says all.
pub(super) fn registry(config: &Config) -> Vec<Finding> {
    let padron = &config.padron;
    let dir = padron.dir.as_path();
    let mut findings = Vec::new();
    match Padron::open(dir) {
        Ok(Some(open)) => findings.extend([edition(&open, padron), names(&open, padron), agents(padron)]),
        Ok(None) => {
            let detail = format!(
                "no edition in {}, so every question goes to the provider; `chasqui padron fetch` brings one",
                one_line(&dir.display().to_string())
            );
            findings.push(Finding::new("padrón", Health::Good, detail));
        }
        Err(error) => findings.push(Finding::new("padrón", Health::Unreachable, chain(&error))),
    }
    findings.extend(suppressed(dir));
    findings
}

fn edition(open: &Padron, config: &PadronConfig) -> Finding {
    let (edition, old) = (open.edition(), days(open.edition().date()));
    let rows = counted(usize::try_from(open.n_rows()).unwrap_or(usize::MAX), "row");
    let detail = format!("edition {edition}, {}, {rows}", ago(old));
    // As look-ups count it: from the beginning of its day in Lima.
    let as_of = from_lima(edition.date().into());
    let is_old = as_of.is_some_and(|as_of| {
        TokioRuntime::default().wall().duration_since(as_of)
            >= SignedDuration::try_from(config.max_age).unwrap_or(SignedDuration::MAX)
    });
    if is_old {
        let detail = format!(
            "{detail}; older than padron.max_age ({}), so providers are asked first; `chasqui padron fetch` brings \
             today's",
            age(config.max_age)
        );
        return Finding::new("padrón", Health::Doubtful, detail);
    }
    Finding::new("padrón", Health::Good, detail)
}

fn names(open: &Padron, config: &PadronConfig) -> Finding {
    let finding = |health, detail: String| Finding::new("names", health, detail);
    match Names::open(open) {
        Ok(Some(names)) => {
            let (persons, entities) = names.n_names();
            let all = counted(usize::try_from(persons + entities).unwrap_or(usize::MAX), "name");
            finding(Health::Good, format!("{all} can be searched"))
        }
        Ok(None) if config.names => finding(
            Health::Doubtful,
            "no index, so names cannot be searched; `chasqui padron index` builds it".to_owned(),
        ),
        Ok(None) => finding(Health::Good, "not indexed, because of padron.names = false".to_owned()),
        Err(error) => finding(Health::Unreachable, format!("{}; `chasqui padron index` does", chain(&error))),
    }
}

/// Nothing is told as long as nobody knows who is not to be shown; where nobody asked for that there is nothing to say.
fn suppressed(dir: &Path) -> Option<Finding> {
    match Suppressed::open(dir) {
        Ok(list) if list.is_empty() => None,
        Ok(list) => Some(Finding::new("suppressed", Health::Good, counted(list.len(), "number"))),
        Err(error) => {
            let detail = format!("{}; until then the padrón tells nothing", chain(&error));
            Some(Finding::new("suppressed", Health::Unreachable, detail))
        }
    }
}

fn agents(config: &PadronConfig) -> Finding {
    let finding = |health, detail: String| Finding::new("lists", health, detail);
    let agents = match Agents::open(&config.dir) {
        Ok(agents) => agents,
        Err(error) => return finding(Health::Unreachable, chain(&error)),
    };
    let reports = agents.as_ref().map_or(&[][..], Agents::lists);
    let shown: Vec<String> =
        reports.iter().map(|report| format!("{}, {}", report.list.name(), ago(days(report.as_of)))).collect();
    let shown = if shown.is_empty() { "none".to_owned() } else { shown.join("; ") };
    let advice = "`chasqui padron agents fetch` brings them";
    if reports.len() < AgentList::ALL.len() {
        // Who wants none leaves the key empty.
        let health = if config.lists.is_empty() { Health::Good } else { Health::Doubtful };
        return finding(health, format!("{shown}; those that are not there say nothing of anybody; {advice}"));
    }
    if reports.iter().any(|report| days(report.as_of) > OLD_LIST) {
        return finding(Health::Doubtful, format!("{shown}; see whether there are newer ones: {advice}"));
    }
    finding(Health::Good, shown)
}

/// How many days ago a day was.
fn days(day: Date) -> i32 {
    day.until(today()).map_or(0, |span| span.get_days())
}

fn ago(days: i32) -> String {
    format!("{} old", counted(usize::try_from(days).unwrap_or(0), "day"))
}
