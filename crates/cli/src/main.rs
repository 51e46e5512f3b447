//! The `chasqui` program: reads what it is told, runs one command, and ends with a code that scripts can rely on.
//!
//! This is the only crate that reads the environment and files of configuration. Data go to standard output,
//! everything else to standard error.
//! Left out: what an answer is and where it comes from, which the libraries decide.

mod args;
mod command;
mod csv;
mod environment;
mod exit;
mod log;
mod output;
mod signals;
mod table;
mod text;

use std::process::ExitCode;
use std::time::Duration;

use chasqui::TokioRuntime;
use chasqui::config::Loaded;
use chasqui_core::Runtime as _;
use clap::Parser;

use crate::args::{Arguments, Command, Global};
use crate::command::ask::{self, NumbersArguments, Sheet};
use crate::command::billing::Verdicts;
use crate::command::dni::People;
use crate::command::representatives::Representatives;
use crate::command::ruc::Taxpayers;
use crate::exit::{Exit, Failure};
use crate::log::Manner;

/// The system's allocator makes threads wait for each other where one frees what another allocated, which is what
/// a server does all day.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long work that no answer waits for may hold up the end.
const LEFTOVERS: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report();
            failure.exit().into()
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments { global, command } = arguments;
    match command {
        Command::Ruc(ruc) => numbers(Taxpayers, &ruc.numbers, &global),
        Command::Dni(dni) => numbers(People, &dni.numbers, &global),
        Command::Representatives(all) => numbers(Representatives, &all.numbers, &global),
        Command::Billing(billing) => {
            numbers(Verdicts { now: TokioRuntime::default().wall() }, &billing.numbers, &global)
        }
        Command::Rate(rate) => {
            let loaded = one_shot(&global)?;
            block_on(until_interrupted(command::rate::run(&rate, &loaded.config)))
        }
        Command::Batch(batch) => {
            let loaded = one_shot(&global)?;
            block_on(command::batch::run(batch, &loaded.config))
        }
        Command::Account(account) => {
            let loaded = one_shot(&global)?;
            block_on(until_interrupted(command::account::run(&account, &loaded.config)))
        }
        Command::Cpe(cpe) => {
            let loaded = one_shot(&global)?;
            block_on(until_interrupted(command::cpe::run(&cpe, &loaded.config)))
        }
        Command::Serve(serve) => {
            let loaded = environment::load(&global, serve.flags())?;
            log::start(&loaded, Manner::Serving)?;
            block_on(command::serve::run(&loaded))
        }
        Command::Sandbox(sandbox) => {
            let loaded = environment::load(&global, Vec::new())?;
            log::start(&loaded, Manner::Serving)?;
            block_on(command::sandbox::run(sandbox))
        }
        Command::Cache(cache) => {
            let loaded = one_shot(&global)?;
            block_on(until_interrupted(command::cache::run(&cache, &loaded.config)))
        }
        Command::Padron(padron) => {
            let loaded = one_shot(&global)?;
            block_on(command::padron::run(padron, &loaded.config))
        }
        Command::Config(config) => command::config::run(&config, &global),
        Command::Doctor(doctor) => block_on(until_interrupted(command::doctor::run(&doctor, &global))),
        Command::Completions(completions) => command::pages::completions(&completions),
        Command::Man(man) => command::pages::man(&man),
    }
}

/// Looks numbers up.
fn numbers<S: Sheet>(sheet: S, arguments: &NumbersArguments, global: &Global) -> Result<Exit, Failure> {
    let loaded = one_shot(global)?;
    let inputs = ask::inputs::<S>(arguments)?;
    block_on(until_interrupted(ask::run(sheet, arguments, inputs, &loaded.config)))
}

/// What a command that prints its answer and ends needs.
fn one_shot(global: &Global) -> Result<Loaded, Failure> {
    let loaded = environment::load(global, Vec::new())?;
    log::start(&loaded, Manner::OneShot)?;
    Ok(loaded)
}

fn block_on(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Unknown, "the system gives no threads").because(&error))?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(LEFTOVERS);
    result
}

/// Runs a command that is done when it is done, unless somebody loses patience.
async fn until_interrupted(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let mut signals = signals::Signals::listen()?;
    tokio::select! {
        result = work => result,
        () = signals.next() => {
            output::note("stopped before the end");
            Ok(Exit::Interrupted)
        }
    }
}
