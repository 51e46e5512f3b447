//! `cargo xtask tidy`: the house rules that neither the compiler nor clippy checks.
//!
//! A rule that nothing enforces decays, so whatever ARCHITECTURE.md and CONTRIBUTING.md promise and a program can
//! check is checked here. Every finding is one line, `path:line: what, and what to do`.
//! Left out: mending. Each finding needs a person's decision.

mod edges;
pub(crate) mod snapshots;
mod text;
mod tls;

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::docs;

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    /// From 1, and 1 when the whole file is meant.
    line: usize,
    what: String,
}

/// A file of the project: its path from the root, with `/` between folders, and its text.
struct File {
    path: String,
    text: String,
}

/// Checks every rule and prints what it found.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let files = files(root)?;
    let mut findings: Vec<Finding> = files.iter().flat_map(text::check).collect();
    findings.extend(edges::check(root)?);
    findings.extend(snapshots::check(root, &files));
    findings.extend(tls::check(root)?);
    match docs::check(root)? {
        docs::State::UpToDate => {}
        docs::State::Behind(words) => {
            eprintln!("{words}");
            findings.push(Finding::of(docs::RENDERER, "generated docs are not up to date; run `cargo xtask docs`"));
        }
        docs::State::NoRenderer => {
            eprintln!("tidy: generated docs not checked, there is no {}", docs::RENDERER);
        }
    }
    findings.sort();
    report(&findings)?;
    println!("tidy: {} files, nothing to say", files.len());
    Ok(())
}

/// Prints findings, and fails when there are any.
pub(crate) fn report(findings: &[Finding]) -> anyhow::Result<()> {
    for finding in findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("1 finding"),
        n_findings => bail!("{n_findings} findings"),
    }
}

/// Every text file that is or could be committed. New files count, so that tidy speaks before a commit does.
fn files(root: &Path) -> anyhow::Result<Vec<File>> {
    let listed = output(root, "git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        match std::fs::read_to_string(root.join(path)) {
            Ok(text) => files.push(File { path: path.to_owned(), text }),
            // Deleted and not yet committed, a folder of another repository, or no text.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::InvalidData) => {}
            Err(error) => return Err(error).with_context(|| format!("could not read {path}")),
        }
    }
    Ok(files)
}

/// What a program prints, which must succeed.
fn output(root: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .with_context(|| format!("could not start {program}"))?;
    if !output.status.success() {
        bail!("`{program} {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{program} did not print text"))
}

// === impl File ===

impl File {
    fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }
}

// === impl Finding ===

impl Finding {
    /// About a whole file.
    fn of(path: &str, what: impl Into<String>) -> Self {
        Self::at(path, 1, what)
    }

    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_fail_with_their_count() {
        let finding = Finding::at("a.rs", 7, "wrong; mend it");
        assert_eq!(finding.to_string(), "a.rs:7: wrong; mend it");
        report(&[]).unwrap();
        assert_eq!(report(std::slice::from_ref(&finding)).unwrap_err().to_string(), "1 finding");
        assert_eq!(report(&[finding.clone(), finding]).unwrap_err().to_string(), "2 findings");
    }
}
