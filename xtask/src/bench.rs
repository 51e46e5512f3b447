//! `cargo xtask bench <name>`: finds a benchmark by its name and runs it in release mode.
//!
//! A benchmark is a bench target of the crate it measures, so that it is compiled with every other target and can run
//! the program as its users do. Here is only the list.
//! Left out: keeping results; numbers from different machines do not compare.

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
        name: "padron",
        what: "import and look-up of 18.4 million rows, beside SQLite on the same rows; `--rows N` for fewer",
        package: "chasqui-padron",
        target: "padron",
    },
    Bench {
        name: "padron-search",
        what: "search by name in 18.4 million rows, how fast and how good; `--rows N`, `--judged FILE` for the list",
        package: "chasqui-padron",
        target: "search",
    },
    Bench {
        name: "padron-swap",
        what: "20,000 requests a second while a new edition is put into use",
        package: "chasqui-cli",
        target: "swap",
    },
];

/// Runs the benchmark named first; what follows is its own.
pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", list());
        return Ok(());
    };
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == name) else {
        bail!("there is no benchmark `{name}`\n\n{}", list());
    };
    let status = Command::new("cargo")
        .args(["bench", "--quiet", "--package", bench.package, "--bench", bench.target, "--"])
        .args(rest)
        .current_dir(root)
        .status()
        .context("could not start cargo")?;
    if !status.success() {
        bail!("benchmark `{name}` failed ({status})");
    }
    Ok(())
}

fn list() -> String {
    let lines = BENCHES.iter().map(|bench| format!("  {:10} {}\n", bench.name, bench.what));
    std::iter::once("Benchmarks:\n".to_owned()).chain(lines).collect()
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
