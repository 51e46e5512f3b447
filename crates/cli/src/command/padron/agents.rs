//! `chasqui padron agents`: SUNAT's lists of agents of retention and perception, and of good taxpayers.
//!
//! Each is a small file on its own host, changes on its own days, and is replaced as a whole.
//! Left out: what a list says of a taxpayer, which `chasqui ruc` shows.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chasqui::config::Config;
use chasqui::download::{Downloaded, Form, Validators};
use chasqui_padron::{AgentOptions, Agents, ListReport, agents_address, import_agents};
use chasqui_types::AgentList;
use chasqui_types::time::{Date, Timestamp, to_lima};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};

use super::download::{self, Wanted};
use super::patience::Patience;
use super::{Format, size, unwritable};
use crate::command::today;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::table::{self, Word};
use crate::text::{counted, one_line};

const AFTER_HELP: &str = "\
Examples:
  chasqui padron agents                                                 which lists there are, and of which day
  chasqui padron agents fetch                                           all of them, where they changed
  chasqui padron agents import agente_de_retencion AgenRet_TXT.zip      one, as somebody downloaded it

`chasqui padron fetch` fetches them too. Once a list is there, `chasqui ruc` and the server say of each taxpayer whether
it is on it, as of the list's day; a list that is not there says nothing.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
pub(super) struct AgentsArguments {
    #[command(subcommand)]
    action: Option<AgentsAction>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum AgentsAction {
    /// Replace one list by what a file says.
    Import {
        /// Which list.
        #[arg(value_parser = lists())]
        list: AgentList,
        /// SUNAT's zip, or the text in it.
        file: PathBuf,
        /// The day of the list; if left out, the one on which the file was last modified.
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// Use it whatever speaks against it: far fewer rows than before, too many bad lines.
        #[arg(long)]
        force: bool,
    },
    /// Fetch all lists from padron.lists, and replace those that changed.
    Fetch {
        /// Fetch and use them whatever speaks against them, even those that were fetched last.
        #[arg(long)]
        force: bool,
    },
}

/// No list is shorter or longer, in bytes.
const SIZE: std::ops::RangeInclusive<u64> = 100..=64 << 20;
/// What was fetched last, by the list's name.
const NOTE: &str = "lists.json";

/// Does what was asked.
pub(super) async fn run(arguments: AgentsArguments, config: &Config) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    match arguments.action {
        None => show(dir, arguments.format),
        Some(AgentsAction::Import { list, file, as_of, force }) => import(list, &file, as_of, force, dir),
        Some(AgentsAction::Fetch { .. }) if config.padron.lists.is_empty() => {
            Err(Failure::new(Exit::Configuration, "padron.lists is empty, so there is nowhere to fetch from"))
        }
        Some(AgentsAction::Fetch { force }) => fetch_all(force, config, &mut Patience::listen()?).await,
    }
}

fn lists() -> impl clap::builder::TypedValueParser<Value = AgentList> {
    let names = AgentList::ALL.map(AgentList::name);
    PossibleValuesParser::new(names).map(|name| AgentList::from_name(&name).expect("these are the names there are"))
}

/// Which lists there are.
fn show(dir: &Path, format: Format) -> Result<Exit, Failure> {
    let agents = Agents::open(dir)?;
    let reports = agents.as_ref().map_or(&[][..], Agents::lists);
    if format == Format::Json {
        let text = serde_json::to_string_pretty(reports).expect("reports are texts and numbers");
        return output::data(text + "\n").map(|()| Exit::Done);
    }
    let rows = AgentList::ALL.map(|list| {
        let report = reports.iter().find(|report| report.list == list);
        let cell = |say: &dyn Fn(&ListReport) -> String| Word::from(report.map_or_else(|| "-".to_owned(), say));
        vec![
            Word::from(list.name()),
            cell(&|report| report.as_of.to_string()),
            cell(&|report| size(report.rows)),
            cell(&|report| size(report.undated)),
            cell(&|report| size(report.bad)),
        ]
    });
    output::data(table::grid(&["List", "Of", "Taxpayers", "Without a day", "Bad lines"], rows))?;
    if reports.len() < AgentList::ALL.len() {
        output::note("a list that is not there says nothing of anybody; `chasqui padron agents fetch` brings it");
    }
    Ok(Exit::Done)
}

/// From a file on this machine.
fn import(list: AgentList, file: &Path, as_of: Option<Date>, force: bool, dir: &Path) -> Result<Exit, Failure> {
    let modified = File::open(file).and_then(|file| file.metadata()?.modified()).map_err(|error| {
        Failure::new(Exit::Usage, format!("could not read {}", one_line(&file.display().to_string()))).because(&error)
    })?;
    let modified = Timestamp::try_from(modified).map_or_else(|_| today(), |moment| to_lima(moment).date());
    let options = AgentOptions { as_of: as_of.unwrap_or(modified), force };
    tell(&import_agents(list, file, dir, &options)?);
    Ok(Exit::Done)
}

/// Every list, one after the other; one that fails keeps no other back. Says with what the worst of them ended.
pub(super) async fn fetch_all(force: bool, config: &Config, patience: &mut Patience) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    if config.padron.lists.is_empty() {
        return Ok(Exit::Done);
    }
    fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let mut exit = Exit::Done;
    for list in AgentList::ALL {
        match fetch(list, force, config, patience).await {
            Ok(()) => {}
            Err(failure) if failure.exit() == Exit::Interrupted => return Err(failure),
            Err(failure) => {
                output::warning(&format!("{} stays as it was: {failure}", list.name()));
                exit = Exit::Unknown;
            }
        }
    }
    Ok(exit)
}

/// One list, if it changed.
async fn fetch(list: AgentList, force: bool, config: &Config, patience: &mut Patience) -> Result<(), Failure> {
    let dir = config.padron.dir.as_path();
    let note = dir.join(NOTE);
    let mut notes: BTreeMap<String, Validators> =
        fs::read(&note).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    // What was fetched before is only known as long as it is there. Lists that cannot be read are fetched anew.
    let agents = Agents::open(dir).ok().flatten();
    let is_there = agents.is_some_and(|agents| agents.lists().iter().any(|report| report.list == list));
    let known = notes.get(list.name()).filter(|_| is_there && !force);
    let file = dir.join(format!("{}.zip", list.name()));
    let mirrors = config.padron.lists.iter().map(|host| format!("{}{}", host.as_str(), agents_address(list))).collect();
    let wanted = Wanted { mirrors, into: &file, known, size: SIZE, form: Form::Zip };
    let validators = match download::run(wanted, patience).await? {
        Downloaded::Unchanged { .. } => {
            output::note(&format!("{}: nothing newer than what was fetched last", list.name()));
            return Ok(());
        }
        Downloaded::Fetched { validators, .. } => validators,
    };
    let as_of = validators.modified().map_or_else(today, |moment| to_lima(moment).date());
    let imported = import_agents(list, &file, dir, &AgentOptions { as_of, force });
    // It is small, and fetched again when it is needed.
    fs::remove_file(&file).map_err(|error| unwritable(&file, &error))?;
    tell(&imported?);
    notes.insert(list.name().to_owned(), validators);
    let text = serde_json::to_vec_pretty(&notes).expect("texts can be written");
    fs::write(&note, text).map_err(|error| unwritable(&note, &error))
}

/// Says what became of a list.
fn tell(report: &ListReport) {
    for objection in &report.overridden {
        output::warning(&format!("overridden by --force: {}", one_line(objection)));
    }
    let rows = counted(usize::try_from(report.rows).unwrap_or(usize::MAX), "taxpayer");
    let bad =
        if report.bad > 0 { format!("; {} of its lines could not be used", size(report.bad)) } else { String::new() };
    output::note(&format!("{} of {}: {rows}{bad}", report.list.name(), report.as_of));
}
