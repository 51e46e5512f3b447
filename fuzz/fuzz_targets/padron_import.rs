//! Whole files of SUNAT's registry with anything in them: imported or refused, and what was imported comes back.
//!
//! The bytes are a file as it is, and lines behind a good header.
//! Left out: the disk and the clock, which the tests bring.

#![no_main]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use chasqui_padron::{Options, Outcome, Padron, import, synth};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder can be made");
    attempt(folder.path(), bytes);
    attempt(folder.path(), &[synth::HEADER, bytes].concat());
});

fn attempt(folder: &Path, content: &[u8]) {
    let (file, dir) = (folder.join("file"), folder.join("padron"));
    std::fs::write(&file, content).expect("there is room");
    let options = Options {
        date: None,
        today: "2026-11-21".parse().expect("it is a date"),
        force: true,
        keep: 1,
        threads: NonZeroUsize::MIN,
    };
    let Ok(Outcome::Imported(report)) = import(&file, &dir, &options, &mut |_| ControlFlow::Continue(())) else { return };
    let padron = Padron::open(&dir).expect("it was just made").expect("it is in use");
    padron.verify().expect("what was just written is whole");
    let mut n_rows = 0;
    let mut numbers = Vec::new();
    padron
        .for_each(|row| {
            n_rows += 1;
            numbers.extend(row.ruc());
            ControlFlow::Continue(())
        })
        .expect("it can be read");
    assert_eq!(n_rows, report.rows);
    for ruc in numbers {
        assert!(padron.contains(ruc).expect("it can be read"));
        assert_eq!(padron.find(ruc).expect("it can be read").and_then(|row| row.ruc()), Some(ruc));
    }
}
