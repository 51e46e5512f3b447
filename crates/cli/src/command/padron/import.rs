//! `chasqui padron import`: from SUNAT's file to an edition in use, with progress.
//!
//! Left out: fetching the file, and what is made of an edition once it is in use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;

use chasqui::config::Config;
use chasqui_padron::{BadLine, ImportError, Options, Outcome, Padron, Report, Stage};
use chasqui_types::time::Date;

use super::bar::Bar;
use super::patience::Patience;
use super::{THREADS, follow};
use crate::command::today;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{bytes, counted, one_line, thousands};

/// So many bad lines are shown.
const SHOWN: usize = 5;

/// What became of an import, and the edition that was in use before it.
pub(super) struct Made {
    pub(super) outcome: Result<Outcome, ImportError>,
    before: Option<Padron>,
}

/// Imports a file that lies on this machine.
pub(super) async fn run(file: PathBuf, date: Option<Date>, force: bool, config: &Config) -> Result<Exit, Failure> {
    let mut patience = Patience::listen()?;
    let made = make(file, date, force, config, &mut patience).await?;
    finish(made, config, &mut patience).await
}

/// Makes an edition, unless somebody loses patience; until the last step nothing has changed.
pub(super) async fn make(
    file: PathBuf,
    date: Option<Date>,
    force: bool,
    config: &Config,
    patience: &mut Patience,
) -> Result<Made, Failure> {
    let dir = config.padron.dir.clone();
    let threads = thread::available_parallelism().unwrap_or(THREADS);
    let options = Options { date, today: today(), force, keep: config.padron.keep, threads };
    let work = patience.with("the import", move |wish| {
        // Opened now: the import may remove it.
        let before = Padron::open(&dir).ok().flatten();
        let mut bar = Bar::new();
        let outcome = chasqui_padron::import(&file, &dir, &options, &mut |progress| {
            bar.show(word(progress.stage), progress.done, progress.total);
            wish.flow()
        });
        Made { outcome, before }
    });
    work.await
}

/// Says what became of it, and makes of a new edition what is to be made of it.
pub(super) async fn finish(made: Made, config: &Config, patience: &mut Patience) -> Result<Exit, Failure> {
    let outcome = made.outcome.map_err(|error| {
        let is_ours = matches!(error, ImportError::Cancelled);
        let failure = Failure::from(error);
        if is_ours { failure.advise(&still_in_use(&config.padron.dir)) } else { failure }
    })?;
    match outcome {
        Outcome::Imported(report) => {
            tell(&report);
            follow::run(made.before, config, patience).await
        }
        Outcome::AlreadyImported { edition, in_use } => {
            output::note(&format!("already imported: these very bytes are edition {edition}"));
            if !in_use {
                output::note(&format!("it is not in use; `chasqui padron use {edition}` changes that"));
                return Ok(Exit::Done);
            }
            follow::run(None, config, patience).await
        }
    }
}

/// What answers after an import that came to nothing.
fn still_in_use(dir: &Path) -> String {
    match chasqui_padron::current(dir) {
        Ok(Some(edition)) => format!("edition {edition} is in use as before"),
        Ok(None) => "no edition is in use, as before".to_owned(),
        Err(_) => "what was in use is in use as before".to_owned(),
    }
}

fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Recognising => "recognising",
        Stage::Counting => "counting",
        Stage::Encoding => "encoding",
        _ => "writing",
    }
}

/// Says what is in the edition.
fn tell(report: &Report) {
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    for objection in &report.overridden {
        output::warning(&format!("overridden by --force: {}", one_line(objection)));
    }
    let bad = size(report.bad.count());
    if bad > 0 {
        output::warning(&format!("{} of the file are no rows", counted(bad, "line")));
        for sample in report.bad.samples.iter().take(SHOWN) {
            output::warning(&format!("line {}: {}: {}", sample.line, matter(sample.reason), one_line(&sample.text)));
        }
    }
    let kinds = |kinds: &BTreeMap<String, u64>| {
        let mut kinds: Vec<_> = kinds.iter().collect();
        kinds.sort_by_key(|(_, many)| std::cmp::Reverse(**many));
        let kinds = kinds.into_iter().take(SHOWN);
        kinds.map(|(word, many)| format!("{word} {}", thousands(size(*many)))).collect::<Vec<_>>().join(", ")
    };
    output::note(&format!(
        "edition {} is in use: {}, {}",
        report.edition,
        counted(size(report.rows), "row"),
        bytes(report.file_bytes)
    ));
    output::note(&format!("by prefix: {}", kinds(&report.by_prefix)));
    output::note(&format!("by status: {}", kinds(&report.by_status)));
    output::note(&format!("by condition: {}", kinds(&report.by_condition)));
    for (many, what) in [
        (report.repeated, "numbers stood in it more than once; the last row counts"),
        (report.foreign, "rows have a number that is not well formed; they are found by its text"),
    ] {
        if many > 0 {
            output::note(&format!("{} {what}", thousands(size(many))));
        }
    }
}

fn matter(reason: BadLine) -> &'static str {
    match reason {
        BadLine::TooFewColumns => "too few columns",
        BadLine::NoNumber => "no number in front",
        BadLine::ColumnsShifted => "too many columns",
        BadLine::TooLong => "far too long",
        _ => "not a row",
    }
}
