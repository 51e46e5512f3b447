//! `cargo xtask padron-synth --rows N --seed S [--zip] -o FILE`: a made-up registry, as large as the real one.
//!
//! The rows are made by the crate that reads them, in release mode, because there are millions.
//! Left out: everything about the rows.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// Runs the program that writes the file; the arguments are its own.
pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--release", "--package", "chasqui-padron", "--example", "padron_synth"]);
    // Where the command was typed, so that `-o` means what it seems to.
    cargo.arg("--manifest-path").arg(root.join("Cargo.toml")).arg("--").args(arguments);
    let status = cargo.status().context("could not start cargo")?;
    if !status.success() {
        bail!("nothing was written ({status})");
    }
    Ok(())
}
