//! `cargo xtask test`: all that a change has to pass besides lints.
//!
//! It starts on a bare machine with nothing but Rust, so whatever tests need is looked for here and never expected.
//! Left out: lints and formatting, which `.ci/run` adds; installing anything outside `target`, which is left to the
//! person.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::schemathesis::{self, Tool};
use crate::steps::Steps;
use crate::tidy::{self, snapshots};

/// A program that the tests use.
///
/// Servers of other people (databases, caches) join this table together with the first test that talks to one.
struct Need {
    name: &'static str,
    /// Succeeds when the program is there.
    probe: &'static [&'static str],
    install: &'static str,
    without: &'static str,
}

const NEXTEST: Need = Need {
    name: "cargo-nextest",
    probe: &["cargo", "nextest", "--version"],
    install: "cargo install --locked cargo-nextest",
    without: "`cargo test` runs instead: slower, and a test that hangs is not stopped",
};

/// Runs every test, every documentation example and tidy. `arguments` go to the test runner.
pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    if arguments.len() == 1 && arguments[0] == "schemathesis" {
        described_routes(root, &mut steps);
        return steps.finish();
    }
    let references = snapshots::References::create();

    let mut tests = Command::new("cargo");
    let runner = if NEXTEST.is_there() {
        tests.args(["nextest", "run", "--workspace"]);
        "cargo nextest run --workspace"
    } else {
        eprintln!("{}", NEXTEST.missing());
        // The library, binaries, tests and examples; documentation examples have their own step below.
        tests.args(["test", "--workspace", "--all-targets"]);
        "cargo test --workspace --all-targets"
    };
    tests.args(arguments).current_dir(root);
    references.ask_for(strictly(&mut tests));
    let tests_passed = steps.program(runner, &mut tests);

    let mut examples = Command::new("cargo");
    examples.args(["test", "--doc", "--workspace"]).current_dir(root);
    steps.program("cargo test --doc --workspace", strictly(&mut examples));

    // Only a whole run that passed has looked at every snapshot there is a test for.
    if tests_passed && arguments.is_empty() {
        steps.take("snapshots in use", || {
            let findings = references.unused(root)?;
            tidy::report(&findings).context("every snapshot needs a test that reads it")
        });
    }
    // Somebody who asked for a part of the tests does not wait for all routes.
    if arguments.is_empty() {
        described_routes(root, &mut steps);
    }
    steps.take("tidy", || tidy::run(root));
    steps.finish()
}

/// Holds the routes against their description. In CI what is missing for it is a failure, elsewhere a loud word.
fn described_routes(root: &Path, steps: &mut Steps) {
    steps.take("schemathesis against /openapi.json", || match schemathesis::find(root)? {
        Tool::Ready(tool) => schemathesis::run(root, &tool),
        Tool::Missing(why) if in_ci() => bail!("{why}"),
        Tool::Missing(why) => {
            eprintln!("SKIPPED, the routes were not held against their description: {why}");
            Ok(())
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "a tool for people and CI, not a part of the program")]
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty())
}

/// A snapshot that differs is a failure, whatever the person's own settings say.
fn strictly(command: &mut Command) -> &mut Command {
    command.env("INSTA_UPDATE", "no").env("INSTA_FORCE_PASS", "0")
}

// === impl Need ===

impl Need {
    fn is_there(&self) -> bool {
        let (program, arguments) = self.probe.split_first().expect("a probe names a program");
        let probe = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    }

    fn missing(&self) -> String {
        format!("{} is not installed. {}. To install it: {}", self.name, self.without, self.install)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_there_when_its_probe_succeeds() {
        let need = |probe| Need { probe, ..NEXTEST };
        assert!(need(&["cargo", "--version"]).is_there());
        assert!(!need(&["cargo", "no-such-subcommand"]).is_there());
        assert!(!need(&["chasqui-no-such-program"]).is_there());
    }

    #[test]
    fn a_missing_program_says_what_happens_now_and_how_to_get_it() {
        let words = NEXTEST.missing();
        assert!(words.contains(NEXTEST.without) && words.contains(NEXTEST.install), "{words}");
    }
}
