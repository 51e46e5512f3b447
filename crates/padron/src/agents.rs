//! Who is an agent of retention or perception, or a good taxpayer: SUNAT's small lists, beside the editions.
//!
//! They are published on their own, at other times than the registry, so they are kept in one small file of their own,
//! `agents.chq`, which is read whole when it is opened. A list is replaced as a whole; the others stay.
//! Left out: fetching them, and names, which the registry has.

mod file;
mod list;

use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use chasqui_types::time::Date;
use chasqui_types::{AgentList, Ruc, Standing, Standings};
use serde::{Deserialize, Serialize};

pub use list::{BadAgent, ParsedAgents};

use crate::error::PadronError;
use crate::{folder, swap};

const AGENTS: &str = "agents.chq";
/// The longest list has a few tens of thousands of lines.
const MAX_LIST: u64 = 64 << 20;
/// Lines that are none, of a hundred, before a list is refused.
const MAX_BAD_PERCENT: u64 = 1;
/// A list that has fewer rows than this share of the one before, of a hundred, is refused.
const MIN_KEPT_PERCENT: u64 = 70;

/// That a taxpayer is on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent<'a> {
    /// On which.
    pub list: AgentList,
    /// Since which day, if the list gives a real one.
    pub since: Option<Date>,
    /// By which resolution; empty where the list does not say.
    pub resolution: &'a str,
}

/// What an import of a list had to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReport {
    /// Which list.
    pub list: AgentList,
    /// The day of the list.
    pub as_of: Date,
    /// Taxpayers on it.
    pub rows: u64,
    /// Taxpayers that stood on it more than once; the latest date counts.
    pub repeated: u64,
    /// Taxpayers whose date is no day.
    pub undated: u64,
    /// Lines that could not be used.
    pub bad: u64,
    /// What spoke against the list and was overridden.
    pub overridden: Vec<String>,
}

/// How a list is imported.
#[derive(Debug, Clone)]
pub struct AgentOptions {
    /// The day of the list: when it was last modified, else today.
    pub as_of: Date,
    /// Use it whatever speaks against it.
    pub force: bool,
}

/// The lists that were imported.
pub struct Agents {
    lists: Vec<ListReport>,
    /// Ordered by number, then by list.
    entries: Vec<Entry>,
    /// Resolutions, each once; entries say where.
    texts: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    ruc: Ruc,
    list: AgentList,
    since: Option<Date>,
    /// Where the resolution begins, and where it ends.
    text: (u32, u32),
}

/// Why a list was not imported, or could not be read. What was there before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentsError {
    /// The folder could not be read or written.
    #[error(transparent)]
    Folder(#[from] PadronError),
    /// The file to import is a zip that is cut short, damaged or of something else.
    #[error("{} is not a whole zip with one list in it; fetch it again", path.display())]
    BadZip {
        /// The file.
        path: PathBuf,
        /// What is the matter.
        #[source]
        source: io::Error,
    },
    /// It is longer than any list.
    #[error("{} is larger than any list could be", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The first line does not name the columns of a list.
    #[error("{} does not begin with the columns of a list: it is another file, or SUNAT has changed its form", path.display())]
    NotAList {
        /// The file.
        path: PathBuf,
    },
    /// Something speaks against the list.
    #[error("the list was not put into use: {}; fetch it again, or force it if it is right", objections.join("; "))]
    Refused {
        /// All of it.
        objections: Vec<String>,
    },
    /// What was kept of former imports is damaged.
    #[error("{} is damaged; remove it and import the lists again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// Replaces one list by what `path` holds: SUNAT's zip, or the text in it.
pub fn import_agents(
    list: AgentList,
    path: &Path,
    dir: &Path,
    options: &AgentOptions,
) -> Result<ListReport, AgentsError> {
    let bytes = read(path)?;
    let parsed = ParsedAgents::parse(&bytes).ok_or_else(|| AgentsError::NotAList { path: path.to_owned() })?;
    let _lock = folder::lock(dir)?;
    let before = match Agents::open(dir) {
        // The lists that are lost with it can be had again; being without any is no reason to refuse this one.
        Err(AgentsError::Damaged { .. }) if options.force => None,
        opened => opened?,
    };
    let objections = objections(list, &parsed, before.as_ref());
    if !objections.is_empty() && !options.force {
        return Err(AgentsError::Refused { objections });
    }
    let report = ListReport {
        list,
        as_of: options.as_of,
        rows: parsed.rows().len() as u64,
        repeated: parsed.repeated(),
        undated: parsed.rows().iter().filter(|row| row.since.is_none()).count() as u64,
        bad: parsed.bad().len() as u64,
        overridden: objections,
    };
    let agents = Agents::merged(before, report.clone(), &parsed);
    let target = Agents::path(dir);
    swap::write(dir, ".building-agents", &target, &agents.encode()).map_err(PadronError::write(&target))?;
    Ok(report)
}

/// What speaks against a list.
fn objections(list: AgentList, parsed: &ParsedAgents, before: Option<&Agents>) -> Vec<String> {
    let (n_rows, n_bad) = (parsed.rows().len() as u64, parsed.bad().len() as u64);
    let mut objections = Vec::new();
    if n_rows < fewest(list) {
        objections.push(format!("it has {n_rows} rows, and should have {} at least", fewest(list)));
    }
    let before = before.and_then(|agents| agents.lists.iter().find(|report| report.list == list));
    if let Some(before) = before.filter(|before| n_rows * 100 < before.rows * MIN_KEPT_PERCENT) {
        objections.push(format!("it has {n_rows} rows, and the one before had {}", before.rows));
    }
    // One torn line alone says nothing about a list.
    if n_bad > 10 && n_bad * 100 > n_rows * MAX_BAD_PERCENT {
        objections.push(format!("{n_bad} of its lines could not be used"));
    }
    objections
}

/// The text of a list, out of its zip if it is in one.
fn read(path: &Path) -> Result<Vec<u8>, AgentsError> {
    let too_long = || AgentsError::TooLong { path: path.to_owned() };
    let bad_zip = |source: io::Error| AgentsError::BadZip { path: path.to_owned(), source };
    let mut file = fs::File::open(path).map_err(PadronError::read(path))?;
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic).map_err(PadronError::read(path))?;
    let mut text = Vec::new();
    if matches!(magic[..], [b'P', b'K', 3..=8, _]) {
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(|error| bad_zip(error.into()))?;
        if archive.len() != 1 {
            return Err(bad_zip(io::Error::new(ErrorKind::InvalidData, format!("it holds {} files", archive.len()))));
        }
        let entry = archive.by_index(0).map_err(|error| bad_zip(error.into()))?;
        entry.take(MAX_LIST + 1).read_to_end(&mut text).map_err(bad_zip)?;
    } else {
        text = magic;
        file.take(MAX_LIST + 1).read_to_end(&mut text).map_err(PadronError::read(path))?;
    }
    if text.len() as u64 > MAX_LIST { Err(too_long()) } else { Ok(text) }
}

/// Where SUNAT publishes a list, below its host.
pub fn agents_address(list: AgentList) -> &'static str {
    match list {
        AgentList::Retention => "/descarga/AgentRet/AgenRet_TXT.zip",
        AgentList::Perception => "/descarga/AgentRet/AgenPercVI_TXT.zip",
        AgentList::FuelPerception => "/descarga/AgentRet/AgenPerc_TXT.zip",
        AgentList::GoodTaxpayer => "/descarga/BueCont/BueCont_TXT.zip",
    }
}

/// A list with fewer rows is not whole. How long the last two are is not known, so of them little is asked.
fn fewest(list: AgentList) -> u64 {
    match list {
        AgentList::Retention => 1_000,
        AgentList::Perception => 100,
        AgentList::FuelPerception | AgentList::GoodTaxpayer => 10,
    }
}

// === impl Agents ===

impl Agents {
    /// Where the lists lie, once any was imported.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join(AGENTS)
    }

    /// Opens the lists, if any was imported.
    pub fn open(dir: &Path) -> Result<Option<Self>, AgentsError> {
        let path = Self::path(dir);
        match fs::read(&path) {
            Ok(bytes) => Self::decode(&bytes).map(Some).ok_or(AgentsError::Damaged { path }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PadronError::read(path)(error).into()),
        }
    }

    /// The lists that a number is on. That it is on no other is certain for [`Agents::lists`] alone.
    pub fn of(&self, ruc: Ruc) -> impl Iterator<Item = Agent<'_>> {
        let first = self.entries.partition_point(|entry| entry.ruc < ruc);
        self.entries[first..].iter().take_while(move |entry| entry.ruc == ruc).map(|entry| Agent {
            list: entry.list,
            since: entry.since,
            resolution: self.texts.get(entry.text.0 as usize..entry.text.1 as usize).unwrap_or(""),
        })
    }

    /// What the lists that were imported say of a number.
    pub fn standings(&self, ruc: Ruc) -> Standings {
        let mut standings = Standings::default();
        for report in &self.lists {
            let standing = Standing { is_listed: false, since: None, resolution: None, as_of: report.as_of };
            standings.set(report.list, standing);
        }
        for agent in self.of(ruc) {
            let Some(known) = standings.on(agent.list) else { continue };
            let resolution = Some(agent.resolution).filter(|text| !text.is_empty()).map(Box::from);
            let standing = Standing { is_listed: true, since: agent.since, resolution, as_of: known.as_of };
            standings.set(agent.list, standing);
        }
        standings
    }

    /// Which lists there are, and of which day.
    pub fn lists(&self) -> &[ListReport] {
        &self.lists
    }
}

/// Says which lists there are.
impl std::fmt::Debug for Agents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agents").field("lists", &self.lists).finish_non_exhaustive()
    }
}
