//! Snapshots that no test reads any more.
//!
//! They look like promises and are checked by nobody. There are two ways to find them: each names the test file it was
//! written by, which tidy can look for at once; and a whole test run can list those it read, which finds the rest.
//! Left out: what snapshots say.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::{File, Finding, files};

const ADVICE: &str = "delete the snapshot, or bring its test back";

/// Snapshots whose test file is gone.
pub(super) fn check(root: &Path, files: &[File]) -> Vec<Finding> {
    let snapshots = files.iter().filter(|file| is_snapshot(file));
    snapshots.filter_map(|file| judge(file, |source| root.join(source).is_file())).collect()
}

fn is_snapshot(file: &File) -> bool {
    file.has_extension("snap")
}

fn judge(file: &File, exists: impl Fn(&str) -> bool) -> Option<Finding> {
    let Some((line, source)) = source(&file.text) else {
        return Some(Finding::of(&file.path, format!("does not say which test wrote it; {ADVICE}")));
    };
    let what = || format!("was written by {source}, which does not exist; {ADVICE}");
    (!exists(source)).then(|| Finding::at(&file.path, line, what()))
}

/// The test file that a snapshot's head names, and the line on which it does.
fn source(text: &str) -> Option<(usize, &str)> {
    let mut lines = text.lines().enumerate();
    lines.next().filter(|(_, line)| *line == "---")?;
    let mut head = lines.take_while(|(_, line)| *line != "---");
    let (index, source) = head.find_map(|(index, line)| Some((index, line.strip_prefix("source:")?)))?;
    Some((index + 1, source.trim().trim_matches('"')))
}

/// The snapshots among `files` that `list`, one path a line, does not have. `resolve` makes two spellings of one path
/// equal.
fn unread(list: &str, files: &[File], resolve: impl Fn(&str) -> Option<PathBuf>) -> Vec<Finding> {
    let read: BTreeSet<PathBuf> = list.lines().filter_map(&resolve).collect();
    let snapshots = files.iter().filter(|file| is_snapshot(file));
    let unread = snapshots.filter(|file| resolve(&file.path).is_some_and(|path| !read.contains(&path)));
    unread.map(|file| Finding::of(&file.path, format!("no test reads it; {ADVICE}"))).collect()
}

/// A list, kept by a test run, of the snapshots it read.
pub(crate) struct References(PathBuf);

// === impl References ===

impl References {
    pub(crate) fn create() -> Self {
        Self(std::env::temp_dir().join(format!("chasqui-snapshots-{}", std::process::id())))
    }

    /// Makes the tests that `command` runs keep the list.
    pub(crate) fn ask_for(&self, command: &mut Command) {
        command.env("INSTA_SNAPSHOT_REFERENCES_FILE", &self.0);
    }

    /// The snapshots of the project that are not on the list.
    pub(crate) fn unused(&self, root: &Path) -> anyhow::Result<Vec<Finding>> {
        let list = match std::fs::read_to_string(&self.0) {
            Ok(list) => list,
            // The first snapshot read creates the file, so without one none was.
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).context("could not read the list of snapshots in use"),
        };
        Ok(unread(&list, &files(root)?, |path| root.join(path).canonicalize().ok()))
    }
}

impl Drop for References {
    fn drop(&mut self) {
        // It is in the temporary folder, and there is nobody to tell.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_whose_test_is_gone_is_refused() {
        let there = "crates/a/tests/it/there.rs";
        assert_eq!(check(&format!("---\nsource: {there}\nexpression: body\n---\n{{}}\n"), there), None);
        assert_eq!(check("---\nsource: crates/a/tests/it/gone.rs\n---\n{}\n", there), Some(2));
        assert_eq!(check("---\nexpression: body\nsource: gone.rs\n---\n", there), Some(3));
    }

    #[test]
    fn a_snapshot_that_names_no_test_is_refused() {
        assert_eq!(check("{}\n", "a.rs"), Some(1));
        assert_eq!(check("", "a.rs"), Some(1));
        assert_eq!(check("---\nexpression: body\n---\nsource: a.rs\n", "a.rs"), Some(1));
    }

    #[test]
    fn a_snapshot_that_a_whole_run_did_not_read_is_refused() {
        let file = |path: &str| File { path: path.to_owned(), text: String::new() };
        let files = [file("a/snapshots/it__read.snap"), file("a/snapshots/it__unread.snap"), file("a/unread.rs")];
        let list = "/x/a/snapshots/it__read.snap\n/x/a/snapshots/it__read.snap\n";
        let found = unread(list, &files, |path| Some(Path::new("/x").join(path)));
        let paths: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, ["a/snapshots/it__unread.snap"]);
    }

    /// The line of the finding about a snapshot when `there` is the only test file.
    fn check(text: &str, there: &str) -> Option<usize> {
        let file = File { path: "crates/a/tests/it/snapshots/it__x.snap".to_owned(), text: text.to_owned() };
        judge(&file, |source| source == there).map(|finding| finding.line)
    }
}
