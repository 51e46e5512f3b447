//! `chasqui batch`: a file of numbers in, the same file enriched out.
//!
//! First every number is asked for that is not in the journal yet, each once however often it stands in the file; then
//! the file is gone through again and written row by row. So memory holds neither rows nor answers, an interruption
//! loses nothing, and the output is there as a whole or not at all.
//! Left out: files and formats, which are `chasqui-bulk`'s; and patience with providers, which is the core's.

mod ask;
mod meter;
mod plan;
mod summary;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chasqui::config::{Config, parse_duration};
use chasqui::{Chasqui, Start, TokioRuntime};
use chasqui_bulk::{Former, Input, Lang};
use chasqui_core::{Family, Observer, Patience, Runtime as _};
use chasqui_types::SourceId;
use clap::{Args, ValueEnum};

use self::ask::{Answers, ask};
use self::meter::Meter;
use self::plan::Plan;
use self::summary::Summary;
use super::SANDBOX_ADVICE;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::signals::Signals;
use crate::text::counted;

const AFTER_HELP: &str = "\
Examples:
  chasqui batch clientes.xlsx                         writes clientes.resultado.xlsx
  chasqui batch clientes.csv -o enriquecido.xlsx      another format, by its ending
  chasqui batch proveedores.csv --column \"Nro. RUC\"   where the column is not found by itself
  chasqui batch clientes.csv --resume                 goes on where an interrupted run stopped
  chasqui batch clientes.csv --only-unknown           asks again for the rows without an answer
  cut -f1 numbers.tsv | chasqui batch - > out.csv     as a filter

Reads CSV (delimiter and encoding are found out), XLSX, newline-delimited JSON and plain lists; RUC and DNI may be
mixed. Every row and column is kept, and 13 columns are added, from `resultado` to `datos_al`.
Call limits are waited for; an outage is waited out for --give-up-after. The input is never changed, and the output
appears when it is whole. Until then the answers are kept in a journal beside it, so an interruption loses none.

Exit codes: 0 all found, 1 some do not exist, 2 usage or a bad number, 3 could not find out, 4 configuration,
130 interrupted. Where several apply, 3 outweighs 2, and 2 outweighs 1.";

/// How much of what was answered memory keeps: the journal has it all, and no number is asked twice.
const CACHE: u64 = 16 << 20;
/// How long leftover work may hold up the end.
const LEFTOVERS: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a person may give")]
pub(crate) struct BatchArguments {
    /// The file of numbers; `-` reads standard input.
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where the enriched file goes: .csv, .tsv, .txt, .xlsx, .ndjson or .jsonl; `-` is standard output.
    ///
    /// Beside the input if left out, with `.resultado` (`.result` with --lang en) before the ending.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// The column of the numbers: its header, its letter, or its place from 1.
    #[arg(long, value_name = "COLUMN")]
    column: Option<String>,
    /// The sheet of a workbook; the first one that is not hidden if left out.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What stands between two cells of a text: one character, or `tab`.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The language of the columns that are added.
    #[arg(long, value_enum, default_value_t = Language::Es)]
    lang: Language,
    /// Read a text of 6 or 7 digits as a DNI that lost its leading zeros in a spreadsheet.
    #[arg(long)]
    pad_dni: bool,
    /// Go on with an interrupted run.
    #[arg(long, conflicts_with = "restart")]
    resume: bool,
    /// Throw away what an interrupted run found out, and begin anew.
    #[arg(long)]
    restart: bool,
    /// Ask only for the rows of OUT that have no answer; the others are kept as they are.
    #[arg(long)]
    only_unknown: bool,
    /// Replace an OUT that exists.
    #[arg(long)]
    force: bool,
    /// How long an outage is waited out before the rest is left without an answer. Limits are always waited for.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_duration)]
    give_up_after: Duration,
    /// Ask nobody: answer only from what is on this machine.
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Spanish.
    Es,
    /// English.
    En,
}

/// Counts the calls that the whole run makes.
#[derive(Debug, Default)]
struct Calls(AtomicU32);

impl Observer for Calls {
    fn call(&self, _: &SourceId, _: Family, _: &'static str, _: Duration) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a run goes by.
struct Run<'a> {
    plan: &'a Plan,
    input: &'a Input,
    runtime: TokioRuntime,
    started: Instant,
}

/// Works the file off.
pub(crate) async fn run(arguments: BatchArguments, config: &Config) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let (mut plan, input) = tokio::select! {
        planned = Plan::of(arguments) => planned?,
        () = signals.next() => {
            output::note("stopped before anybody was asked");
            return Ok(Exit::Interrupted);
        }
    };
    plan.explain(input.shape());
    let former = plan.former(&input)?;
    if let Some(former) = &former {
        // Two languages in one file would be read by nobody.
        plan.write.lang = former.lang();
    }
    let runtime = TokioRuntime::default();
    let run = Run { plan: &plan, input: &input, started: runtime.now(), runtime };
    let mut answers = None;
    let ended = tokio::select! {
        ended = run.work(config, former.as_ref(), &mut answers) => ended,
        () = signals.next() => {
            output::note(&interrupted(answers.as_mut(), &plan));
            return Ok(Exit::Interrupted);
        }
    };
    let summary = ended?;
    summary.report(&plan);
    Ok(summary.exit())
}

/// What somebody who loses patience is told; the answers so far are made safe first.
fn interrupted(answers: Option<&mut Answers>, plan: &Plan) -> String {
    let kept = answers.and_then(|answers| answers.keep().ok()).unwrap_or(0);
    match plan.journal() {
        Some(journal) if kept > 0 => format!(
            "stopped before the end; {} kept in {}: run the same command with --resume to go on",
            counted(kept, "answer"),
            journal.display()
        ),
        _ => "stopped before the end; no output was written".to_owned(),
    }
}

// === impl Run ===

impl Run<'_> {
    async fn work(
        &self,
        config: &Config,
        former: Option<&Former>,
        slot: &mut Option<Answers>,
    ) -> Result<Summary, Failure> {
        let calls = Arc::new(Calls::default());
        let writer = write::begin(self.plan, self.input)?;
        let mut meter = Meter::new(self.input.shape().n_rows, self.started);
        let chasqui = start(config, self.plan.offline, Arc::clone(&calls)).await?;
        let lookups = chasqui.lookups();
        let answers = if self.plan.offline {
            slot.insert(Answers::offline(lookups.clone()))
        } else {
            let answers = slot.insert(Answers::open(self, lookups.clone(), former)?);
            let errand = lookups.errand(Patience { give_up_after: self.plan.give_up_after });
            ask(self, errand, former, answers, &mut meter).await?;
            answers
        };
        let rows = write::write(self, writer, former, answers, &mut meter).await?;
        meter.finish();
        chasqui.stop(LEFTOVERS).await;
        slot.take().expect("it was put there above").remove();
        Ok(Summary { rows, calls: calls.0.load(Ordering::Relaxed), took: self.elapsed() })
    }

    fn elapsed(&self) -> Duration {
        self.runtime.now().saturating_duration_since(self.started)
    }
}

async fn start(config: &Config, offline: bool, calls: Arc<Calls>) -> Result<Chasqui, Failure> {
    let mut config = config.clone();
    config.cache.capacity = config.cache.capacity.min(CACHE);
    let chasqui = Chasqui::start(&config, Start { offline, observer: calls, ..Start::default() }).await?;
    if chasqui.sandbox().is_some() {
        output::warning(&format!("no token for MIGO, so the sandbox answers with made-up data; {SANDBOX_ADVICE}"));
    }
    Ok(chasqui)
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\r' | b'\n') => {
            Ok(*byte)
        }
        _ => Err("expected one character such as `;`, or `tab`".to_owned()),
    }
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::Es => Self::Es,
            Language::En => Self::En,
        }
    }
}
