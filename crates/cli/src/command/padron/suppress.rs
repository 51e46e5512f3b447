//! `chasqui padron suppress` and `unsuppress`: numbers that nobody is to be told about.
//!
//! A number is never repeated in full, because what is written here ends up in the logs of whoever runs it.
//! Left out: how the list is kept, which is `chasqui-padron`'s.

use std::path::Path;

use chasqui_padron::{Suppressed, SuppressionError};
use chasqui_types::{Dni, Number, Ruc};
use clap::Args;

use crate::command::ask;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{counted, thousands};

/// The end of the help on suppressing.
pub(super) const SUPPRESS_HELP: &str = "\
Examples:
  chasqui padron suppress -                read from standard input, so that no number stands in the shell's history
  chasqui padron suppress @numbers.txt     one number per line

A RUC that begins with 10 and the DNI in it are one: whoever asks by either is told nothing.
The offline registry no longer tells about them: not in look-ups, searches, changes or history. A running server heeds it
within five seconds, and nothing is built anew. Providers are asked as before; for a number that must not be asked of
them either, refuse it where you call from.
What is kept is a keyed hash of each number in padron.dir (suppressed.chq), and its key (suppressed.key): keep a copy of
both. If they are lost or damaged, the registry tells nothing at all until they are back.";

/// The end of the help on showing again.
pub(super) const UNSUPPRESS_HELP: &str = "\
Examples:
  chasqui padron unsuppress -                read from standard input, so that no number stands in the shell's history
  chasqui padron unsuppress @numbers.txt     one number per line

A running server heeds it within five seconds.";

#[derive(Debug, Args)]
pub(super) struct SuppressArguments {
    /// Numbers, RUC or DNI; `-` reads them from standard input and `@FILE` from a file, one per line.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
}

/// Suppresses numbers, or lets them be shown again. None is, unless all are numbers.
pub(super) fn run(arguments: &SuppressArguments, is_shown: bool, dir: &Path) -> Result<Exit, Failure> {
    let inputs = ask::texts(&arguments.numbers, &[Ruc::LEN, Dni::LEN])?;
    let numbers = inputs.iter().enumerate().filter_map(|(index, input)| {
        let number = number(input);
        if let Err(reason) = &number {
            let shown = ask::typed(input, Dni::LEN);
            output::error(&format!("\"{shown}\" (number {}) is no RUC and no DNI: {reason}", thousands(index + 1)));
        }
        number.ok()
    });
    let numbers: Vec<Number> = numbers.collect();
    if numbers.len() < inputs.len() {
        return Err(Failure::new(Exit::Usage, "nothing was changed"));
    }
    let mut list = Suppressed::open(dir)?;
    let mut n_changed = 0;
    for (index, number) in numbers.iter().enumerate() {
        let changed = if is_shown { list.remove(*number) } else { list.add(*number) };
        n_changed += usize::from(changed.map_err(|error| stopped(&error, index, is_shown))?);
    }
    let same = numbers.len() - n_changed;
    let (what, otherwise) =
        if is_shown { ("shown again", "not suppressed before") } else { ("newly suppressed", "suppressed before") };
    let same = if same > 0 { format!("; {otherwise}: {}", thousands(same)) } else { String::new() };
    output::note(&format!("{} {what}{same}", counted(n_changed, "number")));
    output::note(&format!(
        "{} suppressed in all; a running server heeds it within seconds",
        counted(list.len(), "number")
    ));
    Ok(Exit::Done)
}

/// A RUC or a DNI, by its length.
fn number(text: &str) -> Result<Number, String> {
    if text.len() == Dni::LEN {
        text.parse::<Dni>().map(Number::from).map_err(|reason| reason.to_string())
    } else {
        text.parse::<Ruc>().map(Number::from).map_err(|reason| reason.to_string())
    }
}

/// A list that could not be written down to its end.
fn stopped(error: &SuppressionError, n_done: usize, is_shown: bool) -> Failure {
    let what = if is_shown { "are shown again" } else { "are suppressed" };
    Failure::of(Exit::Unknown, error)
        .advise(&format!("of those given, the first {} {what}, the rest not", thousands(n_done)))
}
