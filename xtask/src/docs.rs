//! `cargo xtask docs`: writes the pages that are generated from code, and lets tidy ask whether they are up to date.
//!
//! The pages belong to the libraries that know the facts in them, so an example of each renders its own; this is only
//! the way to them.
//! Left out: the API reference, which `cargo doc` builds.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, bail};

/// An example that renders pages.
struct Renderer {
    package: &'static str,
    /// A name of its own, because all examples of a workspace lie in one folder when they are built.
    example: &'static str,
    path: &'static str,
}

const RENDERERS: &[Renderer] = &[
    Renderer { package: "chasqui", example: "generate_docs", path: RENDERER },
    Renderer {
        package: "chasqui-server",
        example: "generate_problems",
        path: "crates/server/examples/generate_problems.rs",
    },
];

/// Where the first renderer lies, from the root of the workspace.
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
    let renderers = there(root);
    if renderers.is_empty() {
        bail!("there is nothing to generate: {RENDERER} does not exist");
    }
    for renderer in renderers {
        let output = renderer.run(root, "--write")?;
        print!("{}", String::from_utf8_lossy(&output.stdout));
        if !output.status.success() {
            bail!("the docs were not written: {}", words(&output));
        }
    }
    Ok(())
}

/// Compares every generated page with what would be written now.
pub(crate) fn check(root: &Path) -> anyhow::Result<State> {
    let renderers = there(root);
    if renderers.is_empty() {
        return Ok(State::NoRenderer);
    }
    let mut behind = Vec::new();
    for renderer in renderers {
        let output = renderer.run(root, "--check")?;
        if !output.status.success() {
            behind.push(words(&output));
        }
    }
    Ok(if behind.is_empty() { State::UpToDate } else { State::Behind(behind.join("\n")) })
}

fn there(root: &Path) -> Vec<&'static Renderer> {
    RENDERERS.iter().filter(|renderer| root.join(renderer.path).is_file()).collect()
}

// === impl Renderer ===

impl Renderer {
    fn run(&self, root: &Path, mode: &str) -> anyhow::Result<Output> {
        Command::new("cargo")
            .args(["run", "--quiet", "--package", self.package, "--example", self.example, "--", mode])
            .current_dir(root)
            .output()
            .context("could not start cargo")
    }
}

/// What the renderer said, in either of its streams.
fn words(output: &Output) -> String {
    let both = [output.stderr.as_slice(), output.stdout.as_slice()].map(String::from_utf8_lossy).join("\n");
    both.trim().to_owned()
}
