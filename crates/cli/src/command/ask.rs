//! What all commands that look numbers up share: their flags, the source of the answers, and one way through.
//!
//! Rows come out in the order of the input. What could not be found out is said on standard error with its cause, and
//! decides the exit code, so that no script takes an outage for an absence.
//! Left out: remembering. Each run starts with an empty memory.

mod inputs;
mod print;
mod tally;

use std::cell::Cell;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use chasqui::config::Config;
use chasqui::{Chasqui, Start};
use chasqui_core::{Answer, LookupError, Lookups};
use chasqui_types::SourceId;
use clap::{Args, ValueEnum};
use futures_util::StreamExt as _;
use futures_util::stream::LocalBoxStream;

use self::print::Printer;
pub(crate) use self::print::{error_object, made_up, provenance, row};
use self::tally::Tally;
pub(crate) use self::tally::{OFFLINE, typed, why};
use super::SANDBOX_ADVICE;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::table::Word;

/// How long leftover work may hold up the end.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// Several numbers, and how they are asked for.
#[derive(Debug, Args)]
pub(crate) struct NumbersArguments {
    /// Numbers; `-` reads them from standard input and `@FILE` from a file, one per line.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    #[command(flatten)]
    manner: MannerArguments,
    /// Ask nobody: answer only from what is on this machine.
    #[arg(long, conflicts_with = "refresh")]
    offline: bool,
}

/// How an answer is asked for and printed.
#[derive(Debug, Args)]
pub(crate) struct MannerArguments {
    /// How answers are printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Ask anew, whatever memory says.
    #[arg(long)]
    pub(crate) refresh: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One object for one number, an array for several.
    Json,
    /// One object per line (newline-delimited JSON), each printed as soon as its answer and all before it are there.
    Ndjson,
    /// One line per row under a header, as answers arrive.
    Csv,
}

/// What became of one input.
pub(crate) enum Outcome {
    /// It is no number of the kind that was asked for.
    Invalid(String),
    /// It was answered: found or absent.
    Answered(Answer),
    /// It could not be found out.
    Unknown(LookupError),
}

/// What an outcome counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Good,
    Bad,
    Invalid,
    Unknown,
}

/// A kind of question about numbers: how it is asked, and how its answers look.
pub(crate) trait Sheet {
    /// A number of the kind.
    type Number: FromStr<Err: Display>;
    /// What one is called.
    const NOUN: &'static str;
    /// The code of a text that is none.
    const INVALID: &'static str;
    /// How many digits it has.
    const DIGITS: usize;
    /// How outcomes are counted, in the order of [`Class`].
    const CLASSES: [&'static str; 4] = ["found", "absent", "invalid", "unknown"];

    /// The outcome of each input, in their order. `calls` is told what they cost, where that is known.
    fn outcomes<'a>(
        &self,
        lookups: &'a Lookups,
        inputs: &'a [String],
        refresh: bool,
        calls: &'a Cell<Option<u32>>,
    ) -> LocalBoxStream<'a, Outcome>;

    /// What an answer counts as.
    fn class(&self, answer: &Answer) -> Class {
        if answer.record.absence().is_some() { Class::Bad } else { Class::Good }
    }

    /// One answer for people, when it is the only one.
    fn alone(&self, input: &str, answer: &Answer) -> String;

    /// The columns for people.
    fn header(&self) -> Vec<&'static str>;

    /// The lines of one input for people, at least one.
    fn lines(&self, input: &str, outcome: &Outcome) -> Vec<Vec<Word>>;

    /// One input for programs; `is_alone` when it is the only one.
    fn body(&self, input: &str, outcome: &Outcome, is_alone: bool) -> Bytes;

    /// The columns for spreadsheets, without those about the outcome that follow them.
    fn columns(&self) -> Vec<&'static str>;

    /// The lines of one input for spreadsheets, at least one, each as long as the columns.
    fn cells(&self, input: &str, outcome: &Outcome) -> Vec<Vec<String>>;
}

/// Reads the inputs; done before anything starts, so that a missing file costs nothing.
pub(crate) fn inputs<S: Sheet>(arguments: &NumbersArguments) -> Result<Vec<String>, Failure> {
    texts(&arguments.numbers, &[S::DIGITS])
}

/// The same of numbers of several lengths, wherever they stand.
pub(crate) fn texts(arguments: &[String], lengths: &[usize]) -> Result<Vec<String>, Failure> {
    inputs::inputs(arguments, lengths)
}

/// Asks for every input and prints what became of it.
pub(crate) async fn run<S: Sheet>(
    sheet: S,
    arguments: &NumbersArguments,
    inputs: Vec<String>,
    config: &Config,
) -> Result<Exit, Failure> {
    let format = arguments.manner.format;
    let mut printer = Printer::new(&sheet, format, inputs.len());
    let mut tally = Tally::new(&sheet);
    let chasqui = start(config, format, arguments.offline).await?;
    let calls = Cell::new(None);
    let mut outcomes = sheet.outcomes(chasqui.lookups(), &inputs, arguments.manner.refresh, &calls);
    for (index, input) in inputs.iter().enumerate() {
        let outcome = outcomes.next().await.expect("every input has an outcome");
        tally.count(index, input, &outcome);
        printer.row(input, &outcome)?;
    }
    drop(outcomes);
    tally.calls = calls.get().filter(|_| !arguments.offline);
    stop(chasqui).await;
    printer.finish()?;
    tally.report(inputs.len(), arguments.offline);
    Ok(tally.exit())
}

/// Starts what answers, and says so if its answers are made up. A table says it itself.
pub(crate) async fn start(config: &Config, format: Format, offline: bool) -> Result<Chasqui, Failure> {
    let chasqui = Chasqui::start(config, Start { offline, ..Start::default() }).await?;
    if chasqui.sandbox().is_some() && format != Format::Table {
        output::warning(&format!("no token for MIGO, so the sandbox answers with made-up data; {SANDBOX_ADVICE}"));
    }
    Ok(chasqui)
}

/// Stops it; what nobody waits for any more is cut off.
pub(crate) async fn stop(chasqui: Chasqui) {
    chasqui.stop(LEFTOVERS).await;
}

/// Whether an answer is made up.
pub(crate) fn is_made_up(answer: &Answer) -> bool {
    answer.record.provenance().source == SourceId::SANDBOX
}

/// Asks one number at a time, several of them at once.
pub(crate) fn one_by_one<'a, S, F>(
    inputs: &'a [String],
    at_once: usize,
    ask: impl Fn(S::Number) -> F + 'a,
) -> LocalBoxStream<'a, Outcome>
where
    S: Sheet,
    F: Future<Output = Result<Answer, LookupError>> + 'a,
{
    let outcomes = futures_util::stream::iter(inputs).map(move |input| {
        let asked = input.parse::<S::Number>().map(&ask);
        async move {
            match asked {
                Err(reason) => Outcome::Invalid(reason.to_string()),
                Ok(answer) => Outcome::of(answer.await),
            }
        }
    });
    outcomes.buffered(at_once).boxed_local()
}

// === impl Outcome ===

impl Outcome {
    pub(crate) fn of(result: Result<Answer, LookupError>) -> Self {
        result.map_or_else(Self::Unknown, Self::Answered)
    }

    /// The answer, if there is one.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Invalid(_) | Self::Unknown(_) => None,
        }
    }
}
