//! Who has a name: an index of an edition's names, and the questions it answers.
//!
//! The index is derived from an edition and lies beside it as a file of its own, bound to it by a hash: when it is
//! missing or of another version it is built again, and nothing else depends on it. Persons and legal entities have a
//! part each, so a search that may not see persons does not touch them.
//! Left out: rows, which a hit's number leads to; who may search for persons; and whose names are suppressed, which the
//! caller says.

mod bucket;
mod build;
mod error;
mod file;
mod fold;
mod judge;
mod mark;
mod part;
mod postings;
mod run;
mod seen;
#[cfg(test)]
mod tests;
mod typo;
mod walk;

use std::fmt;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chasqui_types::{ConditionKind, Ruc, RucPrefix, StatusKind};

pub use build::NamesProgress;
pub use error::NamesError;

use crate::checked;
use crate::container::HASH;
use crate::error::PadronError;
use crate::lock::Lock;
use crate::map::Map;
use crate::padron::Padron;

use build::Watch;
use file::{Header, N_PARTS, Section, Writer};
use part::{Part, State};

const FILE: &str = "names.chq";
const NEW: &str = "names.chq.new";
const CHECKED: &str = "names.checked";
const LOCK: &str = "names.lock";
/// The most hits of one page.
const MAX_LIMIT: usize = 100;

/// The index of an edition's names, open. Any number of threads may ask it at once.
pub struct Names {
    path: PathBuf,
    map: Map,
    header: Header,
    /// The rows it belongs to.
    bound: [u8; HASH],
    states: [Vec<State>; N_PARTS],
}

/// What is asked.
#[derive(Clone)]
pub struct Query {
    /// Words of the name, in any order; the last may be the beginning of one.
    pub text: String,
    /// Who is meant, besides.
    pub filters: Filters,
    /// The most hits of the page: at least one, at most a hundred.
    pub limit: usize,
    /// Where the page begins: the cursor of the one before it.
    pub cursor: Option<String>,
    /// Whether persons are searched too, not legal entities alone.
    pub persons: bool,
    /// How long it may take; what is found by then is answered.
    pub within: Duration,
}

/// Who is meant, besides the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// The state of the registration.
    pub status: Option<StatusKind>,
    /// The condition of the domicile.
    pub condition: Option<ConditionKind>,
    /// What the district code begins with: two digits for a department, four for a province. Empty for any.
    pub ubigeo: String,
    /// The kind of taxpayer, by the number's prefix.
    pub kind: Option<RucPrefix>,
}

/// Hits, the best first.
#[derive(Debug, Clone)]
pub struct Page {
    /// The hits.
    pub hits: Vec<Hit>,
    /// Asks for the next page, if there is one. Good for this query and this edition.
    pub cursor: Option<String>,
    /// Whether everything was looked at that could have belonged on this page. If not, there may be better hits.
    pub is_complete: bool,
}

/// A taxpayer whose name fits.
#[derive(Clone, PartialEq)]
pub struct Hit {
    /// The number.
    pub ruc: Ruc,
    /// How well it fits, from 0 to 1; never rises from one hit to the next.
    pub score: f32,
    /// Why it is a hit.
    pub reason: Reason,
    /// Which word of the query was found as what; one that is not here was left out.
    pub words: Vec<WordMatch>,
}

/// Why a name is a hit, the best reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It is the name, letter for letter but for accents, case, punctuation and the way its legal form is written.
    Exact,
    /// All words, in the order of the query; the name has others too.
    InOrder,
    /// All words, in another order.
    AllWords,
    /// All words, of which at least one is the beginning of a longer one.
    Prefix,
    /// All words, of which at least one is written a little differently.
    Typo,
    /// Not all words.
    Partial,
}

/// A word of the query and the word of the name that it was found as, both as they are compared.
#[derive(Clone, PartialEq, Eq)]
pub struct WordMatch {
    /// What was asked for.
    pub asked: Box<str>,
    /// What the name has.
    pub found: Box<str>,
    /// How alike they are.
    pub likeness: Likeness,
}

/// How alike two words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Likeness {
    /// The same.
    Whole,
    /// One begins with the other.
    Prefix,
    /// So many letters are wrong, missing, too many or changed places with their neighbour.
    Typo {
        /// How many.
        edits: u8,
    },
}

// === impl Names ===

impl Names {
    /// Where the index of an edition lies, once it was built.
    pub fn path(padron: &Padron) -> PathBuf {
        padron.folder().join(FILE)
    }

    /// Opens the index of an edition; `None` if there is none of this version, so that it has to be built.
    pub fn open(padron: &Padron) -> Result<Option<Self>, NamesError> {
        let path = Self::path(padron);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PadronError::read(path)(error).into()),
        };
        let metadata = file.metadata().map_err(PadronError::read(&path))?;
        let map = Map::of(&file).map_err(PadronError::read(&path))?;
        let Some(header) = Header::read(&path, &map, padron.hash())? else {
            return Ok(None);
        };
        checked::once(&padron.folder().join(CHECKED), &metadata, header.hash(), || header.check(&path, &map))?;
        Self::assemble(path, map, header, *padron.hash()).map(Some)
    }

    /// Of bytes that were checked, or that a test damaged afterwards.
    fn assemble(path: PathBuf, map: Map, header: Header, bound: [u8; HASH]) -> Result<Self, NamesError> {
        let states = |part| {
            let states = part::states(header.section(&map, part, Section::Kinds));
            states.map_err(|corrupt| NamesError::corrupt(&path, corrupt))
        };
        let states = [states(0)?, states(1)?];
        Ok(Self { path, map, header, bound, states })
    }

    /// Builds the index of an edition, in place of the one that may be there, and opens it.
    ///
    /// The edition may be in use meanwhile. Reads all rows, which takes minutes and up to 1.5 GB of memory for the
    /// whole registry. The old index, if there is one, stays until the new one is whole.
    pub fn build(
        padron: &Padron,
        progress: &mut dyn FnMut(NamesProgress) -> ControlFlow<()>,
    ) -> Result<Self, NamesError> {
        let folder = padron.folder();
        let (path, new) = (folder.join(FILE), folder.join(NEW));
        let lock = Lock::take(&folder.join(LOCK)).map_err(PadronError::write(&path))?;
        let Some(_lock) = lock else { return Err(NamesError::Busy { path }) };
        let outcome = Self::write(padron, &new, progress)
            .and_then(|()| Ok(fs::rename(&new, &path).map_err(PadronError::write(&path))?));
        if let Err(error) = outcome {
            // Whatever stays behind is overwritten by the next build.
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        Self::open(padron)?.ok_or_else(|| NamesError::damaged(path, "it is not what was just written"))
    }

    fn write(
        padron: &Padron,
        path: &Path,
        progress: &mut dyn FnMut(NamesProgress) -> ControlFlow<()>,
    ) -> Result<(), NamesError> {
        let mut writer = File::create(path).and_then(Writer::new).map_err(PadronError::write(path))?;
        let mut watch = Watch::new(padron.n_rows(), progress);
        build::build(padron, &mut writer, &mut watch).map_err(|stop| stop.about(path))?;
        Ok(writer.finish(padron.hash()).map_err(PadronError::write(path))?)
    }

    /// How many bytes its file has.
    pub fn n_bytes(&self) -> u64 {
        self.map.len() as u64
    }

    /// How many names can be found: those of persons, and those of legal entities.
    pub fn n_names(&self) -> (u64, u64) {
        let n = |part| u64::from(self.part(part).n_entries());
        (n(0), n(1))
    }

    /// Finds the names that fit best.
    ///
    /// Numbers that `hidden` names are passed over. `now` is the clock that the query's time is measured by.
    pub fn search(
        &self,
        query: &Query,
        hidden: &dyn Fn(Ruc) -> bool,
        now: &dyn Fn() -> Instant,
    ) -> Result<Page, NamesError> {
        let query = Query { limit: query.limit.clamp(1, MAX_LIMIT), ..query.clone() };
        let mark = query.cursor.as_deref().map(|text| mark::Mark::read(text, self.binding(&query))).transpose()?;
        let parts = (0..N_PARTS).filter(|&part| query.persons || part == 1);
        let parts = parts.map(|part| (part, self.part(part), self.states[part].as_slice()));
        let run = run::run(parts, &query, mark, hidden, now);
        run.map(|found| found.page(self.binding(&query))).map_err(|corrupt| NamesError::corrupt(&self.path, corrupt))
    }

    fn part(&self, part: usize) -> Part<'_> {
        Part::read(&self.header, &self.map, part, self.states[part].len())
    }

    /// What a cursor is good for.
    fn binding(&self, query: &Query) -> mark::Binding {
        mark::binding(&self.bound, query)
    }
}

// === impl Reason ===

impl Reason {
    /// One stable word for programs: `exact`, `in_order`, `all_words`, `prefix`, `typo` or `partial`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::InOrder => "in_order",
            Self::AllWords => "all_words",
            Self::Prefix => "prefix",
            Self::Typo => "typo",
            Self::Partial => "partial",
        }
    }
}

// === impl Query ===

impl Query {
    /// Legal entities of this name, ten of them, within a tenth of a second.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            filters: Filters::default(),
            limit: 10,
            cursor: None,
            persons: false,
            within: Duration::from_millis(100),
        }
    }
}

/// Masked, because what is asked for may be a person's name.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("text", &format_args!("{} letters", self.text.chars().count()))
            .field("filters", &self.filters)
            .field("limit", &self.limit)
            .field("persons", &self.persons)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}

// === impl Hit ===

/// Masked: the number's ends, no words.
impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hit")
            .field("ruc", &self.ruc)
            .field("score", &self.score)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

// === impl WordMatch ===

/// Masked: the words may be a person's name.
impl fmt::Debug for WordMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordMatch").field("likeness", &self.likeness).finish_non_exhaustive()
    }
}
