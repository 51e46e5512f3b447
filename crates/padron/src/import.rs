//! From SUNAT's text to an edition.
//!
//! The text is read twice, never held: once to learn which numbers and words there are and whether all is as it should
//! be, once to write the rows. The new edition is made beside the one in use, is read back, and only then takes its
//! place; at whatever moment this ends, the one in use is untouched.
//! Left out: fetching the text, and the clock.

mod count;
mod encode;
mod error;
mod gates;
mod source;
mod tally;
mod workers;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use chasqui_types::time::Date;

use self::count::Counted;
use self::encode::{Coder, Encoded, Gathering, Plan};
pub use self::error::ImportError;
pub use self::gates::Objection;
use self::source::Source;
use self::tally::Tally;
use self::workers::with_workers;
use crate::edition::Edition;
use crate::error::PadronError;
use crate::file::{Section, Writer};
use crate::folder::{self, Building, REPORT, ROWS};
use crate::lock::Lock;
use crate::members::{Gathered, Members};
use crate::padron::Padron;
use crate::report::{Report, SourceReport};
use crate::words::{self, Code};
use crate::{apart, text};

/// How an import goes about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The date of the data, where it is known better than by the file.
    pub date: Option<Date>,
    /// Today in Lima: the date of a file that carries none.
    pub today: Date,
    /// Whether to use the edition whatever speaks against it.
    pub force: bool,
    /// How many editions stay, the one in use included.
    pub keep: usize,
    /// Threads beside the one that reads.
    pub threads: NonZeroUsize,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is going on.
    pub stage: Stage,
    /// Bytes done in this stage: of the file, of the text, of what is written.
    pub done: u64,
    /// Bytes to do in this stage.
    pub total: u64,
}

/// The stages of an import, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the file to see whether it was imported before.
    Recognising,
    /// Reading the text to learn what is in it.
    Counting,
    /// Reading the text to write its rows.
    Encoding,
    /// Writing the edition.
    Writing,
}

/// What became of an import that met no error.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// There is a new edition, and it is in use.
    Imported(Box<Report>),
    /// The very same bytes were imported before.
    AlreadyImported {
        /// As this edition.
        edition: Edition,
        /// Whether it is in use; it is not after a rollback. See [`put_into_use`](crate::put_into_use).
        in_use: bool,
    },
}

/// Makes an edition of `path`, a zip with one text in it or the text itself, and puts it into use.
///
/// `progress` is told how far it is, about a thousand times in all, and may break it off.
/// Blocks; 18 million rows take about half a minute and 400 MB of memory.
pub fn import(
    path: &Path,
    dir: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, ImportError> {
    let lock = folder::lock(dir)?;
    folder::clean(dir, &lock)?;
    let mut source = Source::open(path, progress)?;
    let in_use = folder::replaced(dir)?;
    if !options.force
        && let Some(edition) = imported_before(dir, &source)?
    {
        // Where nobody knows which edition is in use, it is this one from now on.
        if in_use.is_none() {
            folder::set_current(dir, edition)?;
        }
        return Ok(Outcome::AlreadyImported { edition, in_use: in_use.is_none_or(|current| current == edition) });
    }
    let building = Building::begin(dir, &lock)?;

    let members = Gathered::new();
    let workers = (0..options.threads.get()).map(|_| Counted::new()).collect();
    let (counted, text_bytes) = with_workers(&mut source, Stage::Counting, progress, workers, |worker, chunk| {
        worker.chunk(chunk, &members);
        Ok(())
    })?;
    let counted = counted.into_iter().reduce(Counted::merge).expect("there is at least one worker");
    if counted.n_rows == 0 {
        return Err(ImportError::NoRows { path: path.to_owned() });
    }
    let mut report = report(edition(dir, &source, options)?, &source, text_bytes, &counted);
    let before = last_report(dir, in_use)?;
    let objections = gates::objections(&report, before.as_ref());
    if !objections.is_empty() && !options.force {
        return Err(ImportError::Refused { objections });
    }
    report.overridden = objections.iter().map(ToString::to_string).collect();

    let (members, n_members) = members.write();
    let shapes = Dictionary::of(counted.shapes);
    let words = Dictionary::of(counted.words);
    report.words = words.n_words;
    let view = Members::read(&members).map_err(|_| ImportError::Changed)?;
    let plan = Plan::new(view, n_members, &counted.repeated, shapes.coder, words.coder);
    let workers = (0..options.threads.get()).map(|_| Encoded::default()).collect();
    let (encoded, _) =
        with_workers(&mut source, Stage::Encoding, progress, workers, |worker, chunk| plan.chunk(worker, chunk))?;
    if encoded.iter().map(|encoded| encoded.n_rows).sum::<u64>() != report.rows {
        return Err(ImportError::Changed);
    }
    let (records, apart) = plan.finish(encoded)?;

    let sections = [
        (Section::Members, members),
        (Section::Shapes, shapes.section),
        (Section::Words, words.section),
        (Section::Apart, apart::write(&apart)),
    ];
    write(&building.file(ROWS), &sections, records, progress, &mut report)?;
    finish(dir, building, &lock, options, report)
}

/// Writes the file of rows.
fn write(
    path: &Path,
    sections: &[(Section, Vec<u8>)],
    records: Gathering,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    report: &mut Report,
) -> Result<(), ImportError> {
    let failed = |error| ImportError::from(PadronError::write(path)(error));
    let mut writer = Writer::create(path).map_err(failed)?;
    for (section, bytes) in sections {
        writer.put(bytes).and_then(|()| writer.end(*section)).map_err(failed)?;
    }
    let (total, mut done) = (records.n_bytes(), 0);
    let offsets = records.copy_out(|piece| {
        done += piece.len() as u64;
        if progress(Progress { stage: Stage::Writing, done, total }).is_break() {
            return Err(ImportError::Cancelled);
        }
        writer.put(piece).map_err(failed)
    })?;
    writer.end(Section::Records).map_err(failed)?;
    writer.put(&offsets).and_then(|()| writer.end(Section::Offsets)).map_err(failed)?;
    report.file_bytes = writer.finish(report.edition, report.rows).map_err(failed)?;
    Ok(())
}

/// Reads the edition back, and puts it into use.
fn finish(
    dir: &Path,
    building: Building,
    lock: &Lock,
    options: &Options,
    report: Report,
) -> Result<Outcome, ImportError> {
    let path = building.file(REPORT);
    std::fs::write(&path, report.to_text())
        .and_then(|()| std::fs::File::open(&path)?.sync_all())
        .map_err(PadronError::write(&path))?;
    let folder = path.parent().expect("a report lies in a folder").to_owned();
    drop(Padron::open_folder(folder)?);
    building.place(dir, report.edition)?;
    folder::set_current(dir, report.edition)?;
    // The new edition is in use, whatever became of the old ones; what stays is removed next time.
    let _ = folder::prune_locked(dir, options.keep, lock);
    Ok(Outcome::Imported(Box::new(report)))
}

/// The edition that was made of the same bytes and is still whole.
fn imported_before(dir: &Path, source: &Source) -> Result<Option<Edition>, PadronError> {
    let hash = source.hash.to_string();
    let same = folder::editions(dir)?.into_iter().rev().find(|&edition| {
        let is_same = Report::read(&folder::of(dir, edition)).is_ok_and(|report| report.source.blake3 == hash);
        is_same && Padron::open_edition(dir, edition).is_ok()
    });
    Ok(same)
}

/// What a new edition is measured against: the one in use, or the newest of which anything is known.
fn last_report(dir: &Path, in_use: Option<Edition>) -> Result<Option<Report>, PadronError> {
    let others = folder::editions(dir)?.into_iter().rev();
    Ok(in_use.into_iter().chain(others).find_map(|edition| Report::read(&folder::of(dir, edition)).ok()))
}

/// The name of the new edition.
fn edition(dir: &Path, source: &Source, options: &Options) -> Result<Edition, PadronError> {
    let date = options.date.or(source.date()).unwrap_or(options.today);
    // Behind all of that date, so that a name that was pruned does not come back as an older one.
    let last = folder::editions(dir)?.into_iter().rfind(|edition| edition.date() == date);
    Ok(last.map_or_else(|| Edition::first_of(date), Edition::next))
}

/// Statuses and conditions are few; of a text where they are not, the report names this many.
const MAX_NAMED: usize = 200;

fn report(edition: Edition, source: &Source, text_bytes: u64, counted: &Counted) -> Report {
    let (mut by_status, mut by_condition) = (BTreeMap::new(), BTreeMap::new());
    let mut ranked: Vec<(&[u8], u32)> = counted.states.iter().collect();
    ranked.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    for (states, n) in ranked {
        let both = text::decode(states);
        let (status, condition) = both.split_once('|').unwrap_or((&both, ""));
        for (counts, name) in [(&mut by_status, status), (&mut by_condition, condition)] {
            let name = if counts.len() < MAX_NAMED || counts.contains_key(name) { name } else { "…" };
            *counts.entry(name.to_owned()).or_insert(0) += u64::from(n);
        }
    }
    let by_prefix = counted.prefixes.iter().map(|(prefix, &n)| (text::decode(prefix).into_owned(), n)).collect();
    Report {
        edition,
        source: SourceReport {
            name: source.name(),
            bytes: source.n_bytes,
            text_bytes,
            blake3: source.hash.to_string(),
        },
        rows: counted.n_rows,
        foreign: counted.n_foreign,
        repeated: counted.repeated.len() as u64,
        odd: counted.n_odd,
        nameless: counted.n_nameless,
        by_prefix,
        by_status,
        by_condition,
        bad: counted.bad.clone(),
        words: 0,
        file_bytes: 0,
        overridden: Vec::new(),
    }
}

/// Words worth a number.
struct Dictionary {
    section: Vec<u8>,
    n_words: u64,
    coder: Coder,
}

impl Dictionary {
    #[expect(clippy::needless_pass_by_value, reason = "the tally is large, and is to be gone before the next one")]
    fn of(tally: Tally) -> Self {
        let mut ranked: Vec<(u64, &[u8])> = tally.iter().map(|(word, n)| (u64::from(n), word)).collect();
        ranked.retain(|&(n, word)| words::earns_a_place(word.len(), n));
        ranked.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
        ranked.truncate(Code::MAX_WORDS);
        let counts: Vec<u64> = ranked.iter().map(|&(n, _)| n).collect();
        let code = Code::best(&counts);
        let words = ranked.iter().map(|&(_, word)| word);
        let section = words::write(code, words.clone());
        Self { section, n_words: ranked.len() as u64, coder: Coder::new(code, words) }
    }
}
