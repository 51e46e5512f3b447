//! What changed: between two editions, in one number, and for whoever follows the registry.
//!
//! Left out: how changes are found and kept, which is `chasqui-padron`'s.

use std::ops::ControlFlow;
use std::path::Path;

use chasqui::OfflineRegistry;
use chasqui::config::Config;
use chasqui::padron::History;
use chasqui_padron::{Change, Differences, Edition, Padron, Past, Since, Suppressed, What};
use chasqui_server::body;
use chasqui_types::Ruc;
use chasqui_types::time::Date;
use clap::Args;

use super::{CHUNK, Format, show, size};
use crate::command::today;
use crate::exit::{Exit, Failure};
use crate::text::counted;
use crate::{output, table};

const CHANGES_HELP: &str = "\
Examples:
  chasqui padron changes                        everything that was kept
  chasqui padron changes --since 2026-11-20     what changed since that edition
  chasqui padron changes --since \"$NEXT\" --limit 10000

One line of JSON for each cell that differs, and one for each row that came or went, as `chasqui padron diff` prints
them; the oldest first. The last line on standard error says where to go on the next time. The changes of numbers that
are suppressed are left out. Where changes are no longer kept from a place on, it ends with exit code 3: read the edition
whole and go on from there.";

const HISTORY_HELP: &str = "\
Examples:
  chasqui padron history 20100193117
  chasqui padron history 20100193117 --on 2026-11-20 --format json

Exit codes: 0 known, 1 the number was not in the registry on that day, 2 usage, 3 nothing is known of that day.";

#[derive(Debug, Args)]
#[command(after_help = CHANGES_HELP)]
pub(super) struct ChangesArguments {
    /// An edition, or the place where the last call ended; all that is kept if left out.
    #[arg(long, value_name = "PLACE")]
    since: Option<Since>,
    /// At most so many rows that changed; each may have several lines.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

#[derive(Debug, Args)]
#[command(after_help = HISTORY_HELP)]
pub(super) struct HistoryArguments {
    /// The number.
    ruc: Ruc,
    /// Instead, the row as it stood on that day.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Rows that are read at a time.
const PAGE: usize = 10_000;

/// Every change behind a place, on standard output; the next place for people.
pub(super) fn changes(arguments: &ChangesArguments, config: &Config) -> Result<Exit, Failure> {
    let feed = OfflineRegistry::open(&config.padron).changes()?;
    let mut left = arguments.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let (mut since, mut n_changes) = (arguments.since, 0);
    let page = loop {
        let page = feed.page(since, left.min(PAGE))?;
        (n_changes, left) = (n_changes + page.changes.len(), left - page.changes.len());
        output::data(body::change_lines(&page.changes))?;
        if page.is_last || left == 0 {
            break page;
        }
        since = Some(page.next);
    };
    let more = if page.is_last { "" } else { "; there are more" };
    output::note(&format!("{}, up to edition {}{more}", counted(n_changes, "changed row"), feed.last()));
    output::note(&format!("next: --since {}", page.next));
    Ok(Exit::Done)
}

/// What changed in a row, or how it stood on a day.
pub(super) fn history(arguments: &HistoryArguments, config: &Config) -> Result<Exit, Failure> {
    let registry = OfflineRegistry::open(&config.padron);
    let Some(on) = arguments.on else {
        return changes_of(arguments.ruc, &registry.history(arguments.ruc)?, arguments.format);
    };
    // An edition may be of a day that has not begun here.
    let last = registry.edition().map(|open| open.padron().edition().date());
    if on > today() && last.is_none_or(|last| on > last) {
        return Err(Failure::new(Exit::Usage, format!("{on} is a day to come, and nothing is known of it")));
    }
    let feed = registry.changes()?;
    let past = feed.on(arguments.ruc, on)?;
    if arguments.format == Format::Json {
        output::line(&body::day(arguments.ruc, on, &past, feed.first(), &registry))?;
    }
    match past {
        Past::Known { row, edition } => {
            if arguments.format == Format::Text {
                output::note(&format!("as edition {edition} had it"));
                output::data(table::pairs(show::cells(&row)))?;
            }
            Ok(Exit::Done)
        }
        Past::NotListed { edition } => {
            output::note(&format!("{} was not in edition {edition}", arguments.ruc));
            Ok(Exit::Absent)
        }
        Past::BeforeFirstEdition { first } => {
            let words = format!("nothing is known of {on}: changes are kept since edition {first}");
            Err(Failure::new(Exit::Unknown, words))
        }
    }
}

/// What became of a number, the newest first.
fn changes_of(ruc: Ruc, history: &History, format: Format) -> Result<Exit, Failure> {
    output::note(&format!("{} since edition {}", counted(history.changes.len(), "change"), history.first));
    match format {
        Format::Text => output::data(body::change_lines(&history.changes))?,
        Format::Json => output::line(&body::history(ruc, history))?,
    }
    Ok(Exit::Done)
}

/// Every cell that differs between two editions, on standard output; the sums for people.
pub(super) fn diff(dir: &Path, old: Edition, new: Edition) -> Result<Exit, Failure> {
    let suppressed = Suppressed::open(dir)?;
    let (old, new) = (Padron::open_edition(dir, old)?, Padron::open_edition(dir, new)?);
    let mut text = Vec::new();
    let mut written = Ok(());
    let (mut told, mut n_hidden) = (Differences::default(), 0_u64);
    chasqui_padron::diff(&old, &new, |change| {
        if suppressed.hides_text(change.number()) {
            n_hidden += 1;
            return ControlFlow::Continue(());
        }
        count(&mut told, change);
        change.write_ndjson(&mut text).expect("memory takes every byte");
        if text.len() >= CHUNK {
            written = output::data(&text);
            text.clear();
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    output::data(&text)?;
    output::note(&format!(
        "{} rows came, {} went, {} changed in {} cells",
        size(told.added),
        size(told.removed),
        size(told.changed),
        size(told.cells)
    ));
    if n_hidden > 0 {
        output::note(&format!("left out because their numbers are suppressed: {}", size(n_hidden)));
    }
    Ok(Exit::Done)
}

fn count(told: &mut Differences, change: &Change) {
    match change.what() {
        What::Added(_) => told.added += 1,
        What::Removed(_) => told.removed += 1,
        What::Changed(cells) => {
            told.changed += 1;
            told.cells += cells.len() as u64;
        }
    }
}
