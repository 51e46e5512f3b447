//! `chasqui padron`: SUNAT's registry on this machine, for whoever looks after it.
//!
//! A running server sees a change of edition by itself, within seconds.
//! Left out: what an edition is and how it is made, which is `chasqui-padron`'s.

mod agents;
mod bar;
mod download;
mod failures;
mod fetch;
mod follow;
mod import;
mod past;
mod patience;
mod search;
mod show;
mod suppress;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use chasqui::config::Config;
use chasqui_padron::{Edition, Padron};
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
  chasqui padron changes --since 2026-11-20        what changed since an edition
  chasqui padron suppress -                        numbers that nobody is to be told about
  chasqui ruc 20131312955 --offline                an answer that never leaves this machine

SUNAT publishes the file every day: http://www2.sunat.gob.pe/padron_reducido_ruc.zip
Editions are kept in padron.dir. An import is built beside the one in use and takes its place when it is whole; a
server that runs takes it up within seconds, without failing a request.";

const IMPORT_HELP: &str = "\
Examples:
  chasqui padron import padron_reducido_ruc.zip
  chasqui padron import padron_reducido_ruc.txt --edition 2026-11-20
  chasqui padron import https://mirror.example.com/padron_reducido_ruc.zip

An address is downloaded first, as `chasqui padron fetch` does with padron.mirrors: an interrupted download goes on where
it was, a redirect to another host is refused, and what was fetched last is not downloaded again.
Exit codes: 0 imported, or imported before; 2 the file is no registry; 3 something speaks against it, or it could not be
written or fetched; the edition in use then stays as it is.";

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
    #[command(after_help = IMPORT_HELP)]
    Import {
        /// The zip as downloaded, or the text in it, or an address to download it from.
        #[arg(value_name = "FILE|URL")]
        file: PathBuf,
        /// The date of the data; if left out, that of the download or the one inside the zip, else today's.
        #[arg(long, value_name = "DATE")]
        edition: Option<chasqui_types::time::Date>,
        /// Use it whatever speaks against it: far fewer rows than before, too many bad ones.
        #[arg(long)]
        force: bool,
    },
    /// Fetch SUNAT's file from padron.mirrors if it changed, and make an edition of it; then SUNAT's lists of agents.
    Fetch {
        /// Fetch and use it whatever speaks against it, even if it is the one that was fetched last.
        #[arg(long)]
        force: bool,
        /// Leave the lists of agents as they are.
        #[arg(long)]
        no_lists: bool,
    },
    /// Show which edition answers, what it holds, and which others are kept.
    Info {
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Read every byte and every row of the edition in use, and say whether they are whole; names are checked when searched.
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
    /// Search the edition in use by name.
    Search(search::SearchArguments),
    /// Build the index that the search needs, for the edition in use.
    Index,
    /// Print what differs between two editions that are kept, one line of JSON per cell.
    Diff {
        /// The older one, such as 2026-11-20.
        old: Edition,
        /// The newer one.
        new: Edition,
    },
    /// Print what changed since an edition, one line of JSON per cell, and where to go on the next time.
    Changes(past::ChangesArguments),
    /// Show what changed in a row since the first edition of which changes were kept, newest first.
    History(past::HistoryArguments),
    /// Show and replace SUNAT's lists of agents of retention and perception, and of good taxpayers.
    Agents(agents::AgentsArguments),
    /// Keep numbers from being told about, at once and in every edition.
    #[command(after_help = suppress::SUPPRESS_HELP)]
    Suppress(suppress::SuppressArguments),
    /// Let numbers that were suppressed be told about again.
    #[command(after_help = suppress::UNSUPPRESS_HELP)]
    Unsuppress(suppress::SuppressArguments),
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
        Action::Import { file, edition, force } => match address(&file) {
            Some(url) => fetch::address(url, edition, force, config).await,
            None => import::run(file, edition, force, config).await,
        },
        Action::Fetch { force, no_lists } => fetch::run(force, !no_lists, config).await,
        Action::Info { format } => show::info(dir, format),
        Action::Verify => verify(dir),
        Action::Lookup { numbers, format } => show::lookup(dir, &numbers, format),
        Action::Search(search) => search::run(search, config).await,
        Action::Index => follow::index(config).await,
        Action::Diff { old, new } => past::diff(dir, old, new),
        Action::Changes(changes) => past::changes(&changes, config),
        Action::History(history) => past::history(&history, config),
        Action::Agents(agents) => agents::run(agents, config).await,
        Action::Suppress(numbers) => suppress::run(&numbers, false, dir),
        Action::Unsuppress(numbers) => suppress::run(&numbers, true, dir),
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
            let names = removed.iter().map(|edition| format!(" {edition}")).collect::<Vec<_>>().join(",");
            let colon = if removed.is_empty() { "" } else { ":" };
            output::note(&format!("{} removed{colon}{names}", counted(removed.len(), "edition")));
            Ok(Exit::Done)
        }
        Action::Sample { rows } => show::sample(dir, rows),
    }
}

/// Whether this is an address to download from, and no file.
fn address(file: &Path) -> Option<&str> {
    let text = file.to_str()?;
    let scheme = text.split_once("://")?.0;
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(text)
}

fn open(dir: &Path) -> Result<Padron, Failure> {
    Padron::open(dir)?.ok_or_else(|| none(dir))
}

fn none(dir: &Path) -> Failure {
    let dir = one_line(&dir.display().to_string());
    Failure::new(
        Exit::Unknown,
        format!(
            "there is no edition in {dir} (padron.dir); fetch one with `chasqui padron fetch`, or import a file with \
             `chasqui padron import FILE`"
        ),
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let path = one_line(&path.display().to_string());
    Failure::new(Exit::Unknown, format!("{path} cannot be written or removed; see that there is room")).because(error)
}

fn verify(dir: &Path) -> Result<Exit, Failure> {
    let padron = open(dir)?;
    padron.verify()?;
    let rows = counted(usize::try_from(padron.n_rows()).unwrap_or(usize::MAX), "row");
    output::note(&format!("the rows of edition {} are whole: {rows}, every byte as it was written", padron.edition()));
    Ok(Exit::Done)
}

/// A count with commas.
fn size(n: u64) -> String {
    thousands(usize::try_from(n).unwrap_or(usize::MAX))
}
