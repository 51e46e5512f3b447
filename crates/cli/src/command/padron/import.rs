//! `chasqui padron import`: from SUNAT's file to an edition in use, with progress.
//!
//! Left out: the file itself, which somebody downloaded.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chasqui::config::Config;
use chasqui_padron::{BadLine, Edition, Options, Outcome, Padron, Progress, Report, Stage};
use chasqui_types::time::Date;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{THREADS, search};
use crate::command::today;
use crate::exit::{Exit, Failure, chain};
use crate::output;
use crate::signals::Signals;
use crate::text::{bytes, counted, one_line, thousands};

/// So many bad lines are shown.
const SHOWN: usize = 5;

/// Imports, unless somebody loses patience; until the last step nothing has changed.
pub(super) async fn run(file: PathBuf, date: Option<Date>, force: bool, config: &Config) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let dir = config.padron.dir.clone();
    let threads = thread::available_parallelism().unwrap_or(THREADS);
    let options = Options { date, today: today(), force, keep: config.padron.keep, threads };
    let is_unwanted = Arc::new(AtomicBool::new(false));
    let unwanted = Arc::clone(&is_unwanted);
    let mut work = tokio::task::spawn_blocking(move || {
        // Opened now: the import may remove it.
        let before = Padron::open(&dir).ok().flatten();
        let mut bar = Bar::new();
        let outcome = chasqui_padron::import(&file, &dir, &options, &mut |progress| {
            bar.show(progress);
            if unwanted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bar.finish();
        let changed = match (&outcome, before) {
            (Ok(Outcome::Imported(report)), Some(before)) => note_changes(&dir, &before, report.edition),
            _ => None,
        };
        (outcome, changed)
    });
    let outcome = loop {
        tokio::select! {
            ended = &mut work => break ended,
            () = signals.next() => is_unwanted.store(true, Ordering::Relaxed),
        }
    };
    let (outcome, changed) =
        outcome.map_err(|error| Failure::new(Exit::Unknown, "the import broke down").because(&error))?;
    match outcome? {
        Outcome::Imported(report) => {
            tell(&report);
            if let Some(changed) = changed {
                output::note(&changed);
            }
            if config.padron.names {
                let padron = Padron::open_edition(&config.padron.dir, report.edition)?;
                tokio::task::spawn_blocking(move || search::index(&padron))
                    .await
                    .map_err(|error| Failure::new(Exit::Unknown, "the indexing broke down").because(&error))??;
            }
            Ok(Exit::Done)
        }
        Outcome::AlreadyImported { edition, in_use } => {
            output::note(&format!("already imported: these very bytes are edition {edition}"));
            if !in_use {
                output::note(&format!("it is not in use; `chasqui padron use {edition}` changes that"));
            }
            Ok(Exit::Done)
        }
    }
}

/// Keeps what changed since the edition before, for those who follow the registry, and says so. The edition is in use
/// either way.
fn note_changes(dir: &Path, before: &Padron, edition: Edition) -> Option<String> {
    if before.edition() >= edition {
        return None;
    }
    output::note("comparing with the edition before …");
    let written = Padron::open_edition(dir, edition)
        .map_err(|error| chain(&error))
        .and_then(|new| chasqui_padron::write_changes(dir, before, &new).map_err(|error| chain(&error)));
    let size = |n: u64| thousands(usize::try_from(n).unwrap_or(usize::MAX));
    Some(match written {
        Ok(differences) => format!(
            "since {}: {} rows came, {} went, {} changed",
            before.edition(),
            size(differences.added),
            size(differences.removed),
            size(differences.changed)
        ),
        Err(error) => format!("what changed since {} could not be kept: {error}", before.edition()),
    })
}

/// Says what became of it.
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
    let kinds = |kinds: &std::collections::BTreeMap<String, u64>| {
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

/// A bar on a terminal, a line for each stage elsewhere.
struct Bar {
    line: ProgressBar,
    is_terminal: bool,
    stage: Option<Stage>,
}

// === impl Bar ===

impl Bar {
    fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if is_terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{msg:12} {wide_bar} {percent:>3} %, {eta} left")
            .expect("the template is sound")
            .progress_chars("━╸─");
        Self { line: ProgressBar::with_draw_target(Some(1), target).with_style(style), is_terminal, stage: None }
    }

    fn show(&mut self, progress: Progress) {
        let word = match progress.stage {
            Stage::Recognising => "recognising",
            Stage::Counting => "counting",
            Stage::Encoding => "encoding",
            _ => "writing",
        };
        if self.stage != Some(progress.stage) {
            self.stage = Some(progress.stage);
            self.line.reset();
            self.line.set_message(word);
            if !self.is_terminal {
                output::note(&format!("{word} …"));
            }
        }
        self.line.set_length(progress.total);
        self.line.set_position(progress.done);
    }

    fn finish(&self) {
        self.line.finish_and_clear();
    }
}
