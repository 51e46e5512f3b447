//! The registry as its users see it: a text goes in, questions come out, and whatever goes wrong leaves the old answers.
//!
//! Left out: speed; that is the benchmark's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod agents;
mod diff;
mod editions;
mod faults;
mod flipped;
mod format;
mod history;
mod lookups;
mod round_trip;
mod search;
mod suppression;

use std::fs;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;

use chasqui_padron::synth::{HEADER, Synth};
use chasqui_padron::{ImportError, Options, Outcome, Padron, Report, import};
use chasqui_types::time::Date;
use zip::write::SimpleFileOptions;

/// SUNAT's own lines, and some made up for what theirs can have.
const SAMPLE: &[u8] = include_bytes!("../data/padron_sample.txt");

/// A folder of editions, and files to import.
struct World {
    folder: tempfile::TempDir,
    options: Options,
}

impl World {
    fn new() -> Self {
        let today = date("2026-11-21");
        let threads = NonZeroUsize::new(2).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            options: Options { date: None, today, force: false, keep: 3, threads },
        }
    }

    /// With an edition of so many made-up rows in use.
    fn with_rows(n_rows: u64) -> Self {
        let world = World::new();
        world.import(&synthetic(n_rows, 1)).unwrap();
        world
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("padron")
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, text: &[u8]) -> Result<Outcome, ImportError> {
        self.import_file("padron.txt", text)
    }

    fn import_file(&self, name: &str, bytes: &[u8]) -> Result<Outcome, ImportError> {
        import(&self.file(name, bytes), &self.dir(), &self.options, &mut |_| ControlFlow::Continue(()))
    }

    fn report(&self, text: &[u8]) -> Report {
        match self.import(text).unwrap() {
            Outcome::Imported(report) => *report,
            other @ Outcome::AlreadyImported { .. } => panic!("{other:?}"),
        }
    }

    fn padron(&self) -> Padron {
        Padron::open(&self.dir()).unwrap().expect("an edition is in use")
    }

    /// What lies in the folder, hidden things included, but for the lock.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.filter(|name| name != ".lock").collect();
        names.sort();
        names
    }
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn synthetic(n_rows: u64, seed: u64) -> Vec<u8> {
    let mut text = HEADER.to_vec();
    Synth::new(n_rows, seed).write(0..n_rows, &mut text);
    text
}

/// A zip of files, all packed on a day.
fn zipped(files: &[(&str, &[u8])], day: Option<&str>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let day = day.map_or_else(zip::DateTime::default, |day| {
        let day = date(day);
        let (year, month) = (u16::try_from(day.year()).unwrap(), u8::try_from(day.month()).unwrap());
        zip::DateTime::from_date_and_time(year, month, u8::try_from(day.day()).unwrap(), 7, 38, 0).unwrap()
    });
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().last_modified_time(day)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
