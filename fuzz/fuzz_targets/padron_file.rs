//! An edition whose bytes change under the reader: an error or a wrong row, never a panic and never a read outside.
//!
//! Checksums are what keeps wrong rows from being answered; here they were passed before the bytes changed, so that
//! what lies behind them is reached.
//! Left out: opening a changed file, which the checksums refuse.

#![no_main]

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;

use chasqui_padron::{Options, Padron, import, synth};
use libfuzzer_sys::fuzz_target;

const ROWS: u64 = 300;

struct Edition {
    padron: Padron,
    path: PathBuf,
    bytes: Vec<u8>,
    synth: synth::Synth,
    _folder: tempfile::TempDir,
}

fn edition() -> &'static Edition {
    static EDITION: OnceLock<Edition> = OnceLock::new();
    EDITION.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (text, dir) = (folder.path().join("text"), folder.path().join("padron"));
        let synth = synth::Synth::new(ROWS, 1).with_odd_rows(100_000);
        let mut lines = synth::HEADER.to_vec();
        synth.write(0..ROWS, &mut lines);
        std::fs::write(&text, lines).expect("there is room");
        let options = Options {
            date: None,
            today: "2026-11-21".parse().expect("it is a date"),
            force: true,
            keep: 1,
            threads: NonZeroUsize::MIN,
        };
        import(&text, &dir, &options, &mut |_| ControlFlow::Continue(())).expect("the rows are sound");
        let path = dir.join("2026-11-21/rows.chq");
        let bytes = std::fs::read(&path).expect("it was just made");
        let padron = Padron::open(&dir).expect("it was just made").expect("it is in use");
        Edition { padron, path, bytes, synth, _folder: folder }
    })
}

fuzz_target!(|changes: &[u8]| {
    let edition = edition();
    let mut file = OpenOptions::new().write(true).open(&edition.path).expect("it is there");
    let places: Vec<usize> = changes.chunks_exact(4).map(|change| place(change, edition.bytes.len())).collect();
    for (change, place) in changes.chunks_exact(4).zip(&places) {
        put(&mut file, *place, change[3]);
    }
    let _ = edition.padron.for_each(|row| {
        let _ = (row.raw().len(), row.ruc());
        ControlFlow::Continue(())
    });
    for row in 0..ROWS {
        let _ = edition.padron.find(edition.synth.number(row));
    }
    let _ = edition.padron.find_raw("20131312955");
    for place in places {
        put(&mut file, place, edition.bytes[place]);
    }
});

fn place(change: &[u8], length: usize) -> usize {
    (usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2])) % length.max(1)
}

fn put(file: &mut File, place: usize, byte: u8) {
    file.seek(SeekFrom::Start(place as u64)).and_then(|_| file.write_all(&[byte])).expect("it can be changed");
}
