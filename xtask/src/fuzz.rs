//! `cargo xtask fuzz [target] [--seconds N]`: throws made-up input at the parsers until one of them breaks.
//!
//! The folder `fuzz` is laid out for cargo-fuzz, which needs a nightly compiler. Without a sanitizer nothing of that is
//! needed: the counters that steer the fuzzer are a pass of LLVM that the stable compiler takes as a flag, so this
//! builds and runs on the toolchain that is there, and finds panics, failed assertions, overflows, endless loops and
//! runaway memory.
//! Left out: CI, which has no time for it; and sanitizers, because no crate here holds unsafe code.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::steps::Steps;

struct Target {
    name: &'static str,
    what: &'static str,
}

#[rustfmt::skip]
const TARGETS: &[Target] = &[
    Target { name: "ruc_dni", what: "numbers of taxpayers and documents, and the codes beside them" },
    Target { name: "migo_bodies", what: "replies of MIGO, to every question, under every status" },
    Target { name: "dates", what: "moments, dates and lengths of time" },
    Target { name: "config", what: "the configuration, by file, variable and flag" },
    Target { name: "bulk_text", what: "files of numbers: delimited texts, lists and lines of JSON" },
    Target { name: "bulk_xlsx", what: "workbooks, as archives and part by part" },
    Target { name: "bulk_write", what: "the same files, written back in every format" },
    Target { name: "padron_line", what: "lines of SUNAT's registry" },
    Target { name: "padron_import", what: "whole files of SUNAT's registry" },
    Target { name: "padron_file", what: "an edition whose bytes change under the reader" },
    Target { name: "padron_query", what: "searches by name, of a whole index and of one that changes under the reader" },
    Target { name: "bulk_journal", what: "what is left of a run that was interrupted" },
    Target { name: "padron_agents", what: "SUNAT's lists of agents of retention and perception" },
];

/// What cargo-fuzz passes, without its sanitizer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

const SECONDS: u32 = 60;
const SAMPLE: &str = "chasqui.example.toml";

/// Runs one target, or all of them one after the other.
pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let (targets, seconds) = chosen(arguments)?;
    let host = host()?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--bins", "--target", &host]);
    build.arg("--target-dir").arg(folder(root)).current_dir(root).env("RUSTFLAGS", FLAGS);
    let mut steps = Steps::default();
    if steps.program("build", &mut build) {
        for target in targets {
            let mut fuzzer = fuzzer(root, &host, target, seconds)?;
            steps.program(&format!("{}: {}, {seconds} s", target.name, target.what), &mut fuzzer);
        }
    }
    steps.finish()
}

/// What was found before is kept in the corpus, beside the seeds that are part of the project.
fn fuzzer(root: &Path, host: &str, target: &Target, seconds: u32) -> anyhow::Result<Command> {
    let folder = folder(root);
    let (corpus, artifacts) = (folder.join("corpus").join(target.name), folder.join("artifacts").join(target.name));
    for path in [&corpus, &artifacts] {
        std::fs::create_dir_all(path).with_context(|| format!("could not make {}", path.display()))?;
    }
    if target.name == "config" {
        // The best seed there is, and one that cannot fall behind.
        std::fs::copy(root.join(SAMPLE), corpus.join("sample")).with_context(|| format!("could not copy {SAMPLE}"))?;
    }
    let mut command = Command::new(folder.join(host).join("release").join(target.name));
    command.arg(corpus).arg(root.join("fuzz/seeds").join(target.name));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(format!("-max_total_time={seconds}"));
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-max_len=4096", "-print_final_stats=1", "-verbosity=0"]);
    command.current_dir(root);
    Ok(command)
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/fuzz")
}

fn chosen(arguments: &[String]) -> anyhow::Result<(Vec<&'static Target>, u32)> {
    let (mut targets, mut seconds) = (Vec::new(), SECONDS);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--seconds" {
            let number = rest.next().context("--seconds needs a number")?;
            seconds = number
                .parse()
                .ok()
                .filter(|n| *n > 0)
                .with_context(|| format!("--seconds takes a whole number above zero, found `{number}`"))?;
        } else if let Some(target) = TARGETS.iter().find(|target| target.name == argument) {
            targets.push(target);
        } else {
            bail!("there is no fuzz target `{argument}`\n\n{}", list());
        }
    }
    if targets.is_empty() {
        targets.extend(TARGETS);
    }
    Ok((targets, seconds))
}

/// Building for the host by name keeps the flags away from build scripts and macros.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("could not start rustc")?;
    let text = String::from_utf8(output.stdout).context("rustc did not print text")?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not name its host")?;
    Ok(host.to_owned())
}

fn list() -> String {
    let lines = TARGETS.iter().map(|target| format!("  {:12} {}\n", target.name, target.what));
    std::iter::once("Fuzz targets:\n".to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> anyhow::Result<(Vec<&'static str>, u32)> {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let (targets, seconds) = chosen(&arguments)?;
        Ok((targets.into_iter().map(|target| target.name).collect(), seconds))
    }

    #[test]
    fn without_a_name_every_target_runs_for_a_minute() {
        let (all, seconds) = names(&[]).unwrap();
        assert_eq!((all.len(), seconds), (TARGETS.len(), 60));
        assert_eq!(names(&["dates", "--seconds", "5"]).unwrap(), (vec!["dates"], 5));
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        for arguments in [&["nothing"][..], &["--seconds"], &["--seconds", "soon"], &["--seconds", "0"]] {
            assert!(names(arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn the_list_is_the_folder() {
        let folder = crate::root().join("fuzz/fuzz_targets");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let mut listed: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        there.sort_unstable();
        listed.sort_unstable();
        assert_eq!(there, listed);
    }
}
