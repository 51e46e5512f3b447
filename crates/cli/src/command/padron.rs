//! `chasqui padron`: SUNAT's registry on this machine, for whoever looks after it.
//!
//! A running server sees a change of edition by itself, within seconds.
//! Left out: what an edition is and how it is made, which is `chasqui-padron`'s.

mod fetch;
mod import;
mod search;
mod show;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chasqui::config::Config;
use chasqui_padron::{ChangesError, Edition, ImportError, Padron, PadronError};
use clap::{Args, Subcommand, ValueEnum};

use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{counted, one_line, thousands};

/// What is gathered before it is printed.
const CHUNK: usize = 1 << 16;

const AFTER_HELP: &str = "\
Examples:
  chasqui padron fetch                             SUNAT's file of today, if it changed, and its import
  chasqui padron import padron_reducido_ruc.zip    from the file, as somebody downloaded it
  chasqui padron info                              which edition answers, and what it holds
  chasqui padron search banco credito              who has a name like this
  chasqui padron lookup 20131312955                a row, as it stands in the registry
  chasqui padron rollback                          back to the edition before
  chasqui padron diff 2026-11-20 2026-11-21        what changed from one day to the next
  chasqui ruc 20131312955 --offline                an answer that never leaves this machine

SUNAT publishes the file every day: http://www2.sunat.gob.pe/padron_reducido_ruc.zip
Editions are kept in padron.dir. An import is built beside the one in use and takes its place when it is whole; a
server that runs takes it up within seconds, without failing a request.";

/// So many threads work on an import beside the one that reads, where the machine does not say how many it has.
const THREADS: NonZeroUsize = NonZeroUsize::MIN;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct PadronArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an edition of SUNAT's file, and put it into use.
    Import {
        /// The zip as downloaded, or the text in it.
        file: PathBuf,
        /// The date of the data; the date inside the zip if left out, else today's.
        #[arg(long, value_name = "DATE")]
        edition: Option<chasqui_types::time::Date>,
        /// Use it whatever speaks against it: far fewer rows than before, too many bad ones.
        #[arg(long)]
        force: bool,
    },
    /// Fetch SUNAT's file from padron.mirrors if it changed, and make an edition of it.
    Fetch {
        /// Fetch and use it whatever speaks against it, even if it is the one that was fetched last.
        #[arg(long)]
        force: bool,
    },
    /// Print what differs between two editions that are kept, one line of JSON per cell.
    Diff {
        /// The older one, such as 2026-11-20.
        old: Edition,
        /// The newer one.
        new: Edition,
    },
    /// Show which edition answers, what it holds, and which others are kept.
    Info {
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Read every byte and every row of the edition in use, and say whether it is whole.
    Verify,
    /// Show rows as they stand in the registry, well-formed numbers or not.
    Lookup {
        /// Numbers, as they stand in the first column.
        #[arg(required = true, value_name = "NUMBER")]
        numbers: Vec<String>,
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show what changed in a row since the first edition of which changes were kept, newest first.
    History {
        /// The number.
        ruc: chasqui_types::Ruc,
        /// Instead, the row as it stood on that day.
        #[arg(long, value_name = "DATE")]
        on: Option<chasqui_types::time::Date>,
    },
    /// Search the edition in use by name.
    Search(search::SearchArguments),
    /// Build the index that the search needs, for the edition in use.
    Index,
    /// Go back to the edition before the one in use.
    Rollback,
    /// Put an edition that is kept into use.
    Use {
        /// Its name, such as 2026-11-21.
        edition: Edition,
    },
    /// Remove old editions, all but the newest and the one in use.
    Prune {
        /// How many stay; padron.keep if left out.
        #[arg(long, value_name = "N")]
        keep: Option<usize>,
    },
    /// Print rows spread over the whole edition, in SUNAT's own form, to try things with.
    Sample {
        /// How many.
        #[arg(long, default_value_t = 100)]
        rows: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Does what was asked.
pub(crate) async fn run(arguments: PadronArguments, config: &Config) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    match arguments.action {
        Action::Import { file, edition, force } => import::run(file, edition, force, config).await,
        Action::Fetch { force } => fetch::run(force, config).await,
        Action::Diff { old, new } => diff(dir, old, new),
        Action::Info { format } => show::info(dir, format),
        Action::Verify => verify(dir),
        Action::Lookup { numbers, format } => show::lookup(&open(dir)?, &numbers, format),
        Action::History { ruc, on } => show::history(dir, &open(dir)?, ruc, on),
        Action::Search(search) => search::run(search, config),
        Action::Index => search::index(&open(dir)?).map(|()| Exit::Done),
        Action::Rollback => {
            let edition = chasqui_padron::rollback(dir)?;
            output::note(&format!("the edition in use is {edition} again"));
            Ok(Exit::Done)
        }
        Action::Use { edition } => {
            chasqui_padron::put_into_use(dir, edition)?;
            output::note(&format!("the edition in use is {edition}"));
            Ok(Exit::Done)
        }
        Action::Prune { keep } => {
            let removed = chasqui_padron::prune(dir, keep.unwrap_or(config.padron.keep))?;
            let names: Vec<String> = removed.iter().map(Edition::to_string).collect();
            output::note(&format!("{} removed {}", counted(removed.len(), "edition"), names.join(", ")));
            Ok(Exit::Done)
        }
        Action::Sample { rows } => sample(&open(dir)?, rows),
    }
}

fn open(dir: &Path) -> Result<Padron, Failure> {
    Padron::open(dir)?.ok_or_else(|| none(dir))
}

fn none(dir: &Path) -> Failure {
    let dir = one_line(&dir.display().to_string());
    Failure::new(
        Exit::Unknown,
        format!("there is no edition in {dir} (padron.dir); import one with `chasqui padron import FILE`"),
    )
}

fn verify(dir: &Path) -> Result<Exit, Failure> {
    let padron = open(dir)?;
    padron.verify()?;
    let rows = counted(usize::try_from(padron.n_rows()).unwrap_or(usize::MAX), "row");
    output::note(&format!("edition {} is whole: {rows}, every byte as it was written", padron.edition()));
    Ok(Exit::Done)
}

/// Every cell that differs, on standard output; the sums for people.
fn diff(dir: &Path, old: Edition, new: Edition) -> Result<Exit, Failure> {
    let (old, new) = (Padron::open_edition(dir, old)?, Padron::open_edition(dir, new)?);
    let mut text = Vec::new();
    let mut written = Ok(());
    let differences = chasqui_padron::diff(&old, &new, |change| {
        change.write_ndjson(&mut text).expect("memory takes every byte");
        if text.len() >= CHUNK {
            written = output::data(&text);
            text.clear();
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    output::data(&text)?;
    let size = |n: u64| thousands(usize::try_from(n).unwrap_or(usize::MAX));
    output::note(&format!(
        "{} rows came, {} went, {} changed in {} cells",
        size(differences.added),
        size(differences.removed),
        size(differences.changed),
        size(differences.cells)
    ));
    Ok(Exit::Done)
}

/// Every so many rows one, so that all kinds are among them.
fn sample(padron: &Padron, n: u64) -> Result<Exit, Failure> {
    let step = (padron.n_rows() / n.max(1)).max(1);
    let mut text = chasqui_padron::synth::HEADER.to_vec();
    let mut rows = padron.rows()?;
    let mut place = 0;
    while let Some(row) = rows.next()? {
        if place % step == 0 && place / step < n {
            text.extend_from_slice(row.raw());
            text.push(b'\n');
        }
        place += 1;
    }
    output::data(text).map(|()| Exit::Done)
}

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

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let exit = match error {
            ImportError::Cancelled => Exit::Interrupted,
            ImportError::Read { .. }
            | ImportError::BadZip { .. }
            | ImportError::NotOneFile { .. }
            | ImportError::NotARegistry { .. } => Exit::Usage,
            _ => Exit::Unknown,
        };
        let is_refused = matches!(error, ImportError::Refused { .. });
        let failure = Self::of(exit, &error);
        if is_refused { failure.advise("--force takes it all the same") } else { failure }
    }
}
