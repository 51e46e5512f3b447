//! A file in, the same file enriched out: whatever the file is, and whatever happens on the way.

mod files;
mod kills;
mod nasty;

use std::path::PathBuf;

use crate::program::{Run, World};

const KNOWN: &str = "20131312955";
const NOBODY: &str = "20000000001";

/// A world with a file of that content in it.
fn world(name: &str, content: impl AsRef<[u8]>) -> World {
    let world = World::new();
    std::fs::write(world.path().join(name), content).expect("the folder is ours");
    world
}

impl World {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// What a file holds, without the mark that spreadsheets want in front.
    pub(crate) fn text(&self, name: &str) -> String {
        let bytes = std::fs::read(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = String::from_utf8(bytes).expect("an output is UTF-8");
        text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
    }

    /// The names of all files there, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("the folder is ours");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// The column `resultado` of a CSV output that has semicolons and no quoted ones.
fn outcomes(output: &str, delimiter: char) -> Vec<String> {
    let mut lines = output.lines();
    let header = lines.next().expect("an output has a header");
    let place = header.split(delimiter).position(|name| name == "resultado").expect("there is such a column");
    lines.map(|line| line.split(delimiter).nth(place).unwrap_or_default().to_owned()).collect()
}

#[track_caller]
fn assert_code(run: &Run, code: i32) {
    assert_eq!(run.code, code, "{}", run.everything());
}
