//! `cargo xtask bench <name>`: finds a benchmark by its name and runs it in release mode.
//!
//! A benchmark is a bench target of the crate it measures, so that it is compiled with every other target and can run
//! the program as its users do. Here is only the list; `padron` is several of them, one after the other.
//! Left out: keeping results; numbers from different machines do not compare.

mod padron;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

struct Bench {
    name: &'static str,
    what: &'static str,
    package: &'static str,
    target: &'static str,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "http",
        what: "cached answers against a bare handler, latency at half that rate, a thousand numbers at once",
        package: "chasqui-cli",
        target: "http",
    },
    Bench {
        name: "batch",
        what: "files of up to 400,000 rows against a bare pass over them, and the memory they take",
        package: "chasqui-cli",
        target: "batch",
    },
    Bench {
        name: "padron-rows",
        what: "import, look-up and round trip of 18.4 million rows, beside SQLite on the same rows",
        package: "chasqui-padron",
        target: "padron",
    },
    Bench {
        name: "padron-search",
        what: "search by name in 18.4 million rows, how fast and how good, beside SQLite; `--judged FILE` for the list",
        package: "chasqui-padron",
        target: "search",
    },
    Bench {
        name: "padron-batch",
        what: "a file of a million numbers, told from 18.4 million rows",
        package: "chasqui-cli",
        target: "offline",
    },
    Bench {
        name: "padron-swap",
        what: "20,000 requests a second while a new edition is imported and put into use",
        package: "chasqui-cli",
        target: "swap",
    },
    Bench {
        name: "padron-diff",
        what: "what differs between two editions of 18.4 million rows",
        package: "chasqui-padron",
        target: "diff",
    },
];

/// Runs the benchmark named first; what follows is its own.
pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", list());
        return Ok(());
    };
    if name == padron::NAME {
        return padron::run(root, rest);
    }
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == name) else {
        bail!("there is no benchmark `{name}`\n\n{}", list());
    };
    let status = bench.command(root).args(rest).status().context("could not start cargo")?;
    if !status.success() {
        bail!("benchmark `{name}` failed ({status})");
    }
    Ok(())
}

fn list() -> String {
    let lines = BENCHES.iter().map(|bench| (bench.name, bench.what)).chain([(padron::NAME, padron::WHAT)]);
    let lines = lines.map(|(name, what)| format!("  {name:13} {what}\n"));
    std::iter::once("Benchmarks:\n".to_owned()).chain(lines).collect()
}

// === impl Bench ===

impl Bench {
    /// What runs it; its own arguments may follow.
    fn command(&self, root: &Path) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(["bench", "--quiet", "--package", self.package, "--bench", self.target, "--"]).current_dir(root);
        cargo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_benchmark() {
        let list = list();
        assert!(BENCHES.iter().all(|bench| list.contains(bench.name) && list.contains(bench.what)), "{list}");
    }
}
