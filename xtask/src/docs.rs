//! `cargo xtask docs`: writes the pages that are generated from code, and lets tidy ask whether they are up to date.
//!
//! The pages belong to the library that knows the facts in them, so an example of that library renders them; this is
//! only the way to it.
//! Left out: the API reference, which `cargo doc` builds.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, bail};

/// Where the renderer lies, from the root of the workspace.
pub(crate) const RENDERER: &str = "crates/chasqui/examples/generate_docs.rs";

/// What a check of the generated pages found.
pub(crate) enum State {
    /// Every page reads as it would be written now.
    UpToDate,
    /// Some page does not; what the renderer said about it.
    Behind(String),
    /// There is nothing that could render.
    NoRenderer,
}

/// Writes every generated page.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    if !root.join(RENDERER).is_file() {
        bail!("there is nothing to generate: {RENDERER} does not exist");
    }
    let output = render(root, "--write")?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        bail!("the docs were not written: {}", words(&output));
    }
    Ok(())
}

/// Compares every generated page with what would be written now.
pub(crate) fn check(root: &Path) -> anyhow::Result<State> {
    if !root.join(RENDERER).is_file() {
        return Ok(State::NoRenderer);
    }
    let output = render(root, "--check")?;
    Ok(if output.status.success() { State::UpToDate } else { State::Behind(words(&output)) })
}

fn render(root: &Path, mode: &str) -> anyhow::Result<Output> {
    Command::new("cargo")
        .args(["run", "--quiet", "--package", "chasqui", "--example", "generate_docs", "--", mode])
        .current_dir(root)
        .output()
        .context("could not start cargo")
}

/// What the renderer said, in either of its streams.
fn words(output: &Output) -> String {
    let both = [output.stderr.as_slice(), output.stdout.as_slice()].map(String::from_utf8_lossy).join("\n");
    both.trim().to_owned()
}
