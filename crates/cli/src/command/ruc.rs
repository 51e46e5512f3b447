//! `chasqui ruc`: taxpayers by their numbers, in this process, without a server.
//!
//! Rows come out in the order of the input. What could not be found out is said on standard error with its cause, and
//! decides the exit code, so that no script takes an outage for an absence.
//! Left out: remembering. Each run starts with an empty memory.

mod inputs;
mod print;
mod tally;

use std::collections::BTreeMap;
use std::time::Duration;

use chasqui::config::Config;
use chasqui::{Chasqui, Start};
use chasqui_core::{Ask, LookupError, Lookups, Many, RowOutcome};
use chasqui_types::Ruc;
use clap::{Args, ValueEnum};
use futures_util::StreamExt as _;

pub(crate) use self::inputs::inputs;
use self::print::Printer;
use self::tally::Tally;
use super::SANDBOX_ADVICE;
use crate::exit::{Exit, Failure};
use crate::output;

const AFTER_HELP: &str = "\
Examples:
  chasqui ruc 20131312955
  chasqui ruc 20131312955 20100047218 --format csv > taxpayers.csv
  cut -d, -f1 partners.csv | chasqui ruc - --format ndjson
  chasqui ruc @numbers.txt --refresh

One number is one object in `--format json`, several are an array; the bodies are those of the HTTP server.
In `--format csv` a cell that a spreadsheet would take for a formula gets an apostrophe in front.

Exit codes: 0 all found, 1 some absent, 2 some input is no number, 3 some could not be found out, 4 configuration.
Where several apply, 3 outweighs 2, and 2 outweighs 1.";

/// How long leftover work may hold up the end.
const LEFTOVERS: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RucArguments {
    /// Numbers; `-` reads them from standard input and `@FILE` from a file, one per line.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    /// How answers are printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Ask anew, whatever memory says.
    #[arg(long)]
    refresh: bool,
    /// Ask nobody: answer only from what is on this machine.
    #[arg(long, conflicts_with = "refresh")]
    offline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One object for one number, an array for several.
    Json,
    /// One object per line, as answers arrive.
    Ndjson,
    /// One line per number under a header, as answers arrive.
    Csv,
}

/// Looks the numbers up and prints what became of them.
pub(crate) async fn run(arguments: &RucArguments, inputs: Vec<String>, config: &Config) -> Result<Exit, Failure> {
    let mut printer = Printer::new(arguments.format, inputs.len());
    let mut tally = Tally::default();
    if arguments.offline {
        for (index, input) in inputs.iter().enumerate() {
            let outcome = offline(input);
            tally.count(index, input, &outcome);
            printer.row(input, &outcome)?;
        }
    } else {
        let chasqui = Chasqui::start(config, Start::default()).await?;
        if chasqui.sandbox().is_some() {
            output::warning(&format!("no token for MIGO, so the sandbox answers with made-up data; {SANDBOX_ADVICE}"));
        }
        ask(arguments, &inputs, chasqui.lookups(), &mut printer, &mut tally).await?;
        chasqui.stop(LEFTOVERS).await;
    }
    printer.finish()?;
    tally.report(inputs.len(), arguments.offline);
    Ok(tally.exit())
}

/// One number goes alone, so that it costs a call for one; several go together.
async fn ask(
    arguments: &RucArguments,
    inputs: &[String],
    lookups: &Lookups,
    printer: &mut Printer,
    tally: &mut Tally,
) -> Result<(), Failure> {
    if let [input] = inputs {
        let outcome = match input.parse::<Ruc>() {
            Err(reason) => RowOutcome::Invalid(reason),
            Ok(ruc) => {
                let ask = Ask { refresh: arguments.refresh, ..Ask::default() };
                lookups.taxpayer(ruc, ask).await.map_or_else(RowOutcome::Unknown, RowOutcome::Answered)
            }
        };
        tally.count(0, input, &outcome);
        return printer.row(input, &outcome);
    }
    let mut rows = lookups.taxpayers(inputs, Many { refresh: arguments.refresh, ..Many::default() });
    let mut early = BTreeMap::new();
    let mut next = 0;
    while let Some(row) = rows.next().await {
        early.insert(row.index, row.outcome);
        while let Some(outcome) = early.remove(&next) {
            tally.count(next, &inputs[next], &outcome);
            printer.row(&inputs[next], &outcome)?;
            next += 1;
        }
    }
    tally.summary.upstream_calls = rows.effort().calls();
    Ok(())
}

/// What is known without asking: nothing yet, because memory is empty and there is no registry on this machine.
fn offline(input: &str) -> RowOutcome {
    match input.parse::<Ruc>() {
        Ok(_) => RowOutcome::Unknown(LookupError::NoSource),
        Err(reason) => RowOutcome::Invalid(reason),
    }
}
