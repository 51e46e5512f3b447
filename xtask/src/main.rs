//! What people run while working on Chasqui: `cargo xtask <command>`.
//!
//! A program rather than a set of scripts, so that the same checks run on every system, are tested themselves and
//! are read in the language of the rest.
//! Left out: argument parsing by a library, asynchronous code and everything else that would make it slow to compile;
//! it is built before anything else is. It never depends on a crate of this workspace, so it still runs when they
//! do not compile.
#![expect(clippy::print_stdout, reason = "a command line tool: what was asked for goes to standard output")]

mod bench;
mod docs;
mod fuzz;
mod padron_synth;
mod schemathesis;
mod steps;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;

const HELP: &str = "\
What people run while working on Chasqui.

Usage: cargo xtask <command> [arguments]

Commands:
  test [arguments]           every test, every documentation example, /openapi.json against a running server, tidy
                             arguments go to `cargo nextest run`, for instance a part of a test's name
                             `test schemathesis` takes that one step alone
  tidy                       what the compiler does not check: allowed edges, module docs, forbidden words,
                             generated docs, snapshots without a test, a second TLS implementation
  docs                       writes the generated docs anew
  bench <name> [arguments]   one benchmark, in release mode; `bench` alone lists them
  padron-synth [--rows N] [--seed S] [--zip] -o FILE
                             a made-up registry, with the real one's shares and oddities
  fuzz [target] [--seconds N]
                             made-up input against the parsers, a minute for each target; not part of CI

Everything exits with 0 when all is well and with 1 otherwise.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> anyhow::Result<()> {
    let root = root();
    let Some((command, rest)) = arguments.split_first() else {
        bail!("which command?\n\n{HELP}");
    };
    match (command.as_str(), rest) {
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(())
        }
        // Ours only in the first place: further on it belongs to the test runner or to the benchmark.
        (_, [first, ..]) if first == "--help" || first == "-h" => {
            print!("{HELP}");
            Ok(())
        }
        ("test", rest) => test::run(&root, rest),
        ("tidy", []) => tidy::run(&root),
        ("docs", []) => docs::write(&root),
        ("bench", rest) => bench::run(&root, rest),
        ("padron-synth", rest) => padron_synth::run(&root, rest),
        ("fuzz", rest) => fuzz::run(&root, rest),
        ("tidy" | "docs", [unexpected, ..]) => {
            bail!("`{command}` takes no arguments, found `{unexpected}`")
        }
        _ => bail!("there is no command `{command}`\n\n{HELP}"),
    }
}

/// The folder of the workspace, wherever inside it the command was typed.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask lies in a folder of the workspace").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_word_on_why() {
        check(&[], "which command?");
        check(&["tets"], "there is no command `tets`");
        check(&["tidy", "now"], "`tidy` takes no arguments, found `now`");
        check(&["bench", "nothing"], "there is no benchmark `nothing`");
        check(&["fuzz", "nothing"], "there is no fuzz target `nothing`");
    }

    #[track_caller]
    fn check(arguments: &[&str], message: &str) {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let error = run(&arguments).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
