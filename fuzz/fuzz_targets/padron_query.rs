//! Anything as a search by name: a page in order, without a repetition, and the next one behind it.
//!
//! The first byte chooses the options; with its last bit set, the last bytes change the index after its checksums were
//! passed, and then an error or wrong hits are right, but never a panic.
//! Left out: whether the hits are good ones, which the tests compare with reading every name.

#![no_main]

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chasqui_padron::{Filters, Names, Options, Padron, Page, Query, import, synth};
use chasqui_types::{RucPrefix, StatusKind};
use libfuzzer_sys::fuzz_target;

const ROWS: u64 = 400;
/// How many bytes say which others change, four for each.
const CHANGES: usize = 16;

struct Index {
    names: Names,
    path: PathBuf,
    bytes: Vec<u8>,
    now: Instant,
    _folder: tempfile::TempDir,
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (text, dir) = (folder.path().join("text"), folder.path().join("padron"));
        let mut lines = synth::HEADER.to_vec();
        synth::Synth::new(ROWS, 1).with_odd_rows(100_000).write(0..ROWS, &mut lines);
        std::fs::write(&text, lines).expect("there is room");
        let options = Options {
            date: None,
            today: "2026-11-21".parse().expect("it is a date"),
            force: true,
            keep: 1,
            threads: NonZeroUsize::MIN,
        };
        import(&text, &dir, &options, &mut |_| ControlFlow::Continue(())).expect("the rows are sound");
        let padron = Padron::open(&dir).expect("it was just made").expect("it is in use");
        let names = Names::build(&padron, &mut |_| ControlFlow::Continue(())).expect("there is room");
        let path = dir.join("2026-11-21/names.chq");
        let bytes = std::fs::read(&path).expect("it was just made");
        Index { names, path, bytes, now: Instant::now(), _folder: folder }
    })
}

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let index = index();
    let bit = |at: u8| first >> at & 1 == 1;
    let (text, changes) = if bit(7) { rest.split_at(rest.len().saturating_sub(CHANGES)) } else { (rest, &[][..]) };
    let query = Query {
        filters: Filters {
            status: bit(0).then_some(StatusKind::Active),
            condition: None,
            ubigeo: if bit(1) { "15" } else { "" }.to_owned(),
            kind: bit(2).then_some(if bit(3) { RucPrefix::Person } else { RucPrefix::Entity }),
        },
        limit: if bit(4) { 3 } else { 50 },
        persons: bit(5),
        cursor: bit(6).then(|| String::from_utf8_lossy(text).into_owned()),
        within: Duration::from_secs(1),
        ..Query::new(String::from_utf8_lossy(text))
    };
    let search = |query: &Query| index.names.search(query, &|_| false, &|| index.now);
    if bit(7) {
        let mut file = OpenOptions::new().write(true).open(&index.path).expect("it is there");
        // The header is not read again.
        let places = changes.chunks_exact(4).map(|change| {
            let at = usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
            4096 + at % (index.bytes.len() - 4096)
        });
        let places: Vec<usize> = places.collect();
        for (change, place) in changes.chunks_exact(4).zip(&places) {
            put(&mut file, *place, change[3]);
        }
        let _ = search(&query);
        for place in places {
            put(&mut file, place, index.bytes[place]);
        }
        return;
    }
    // A cursor that nobody gave is refused.
    let Ok(page) = search(&query) else {
        assert!(query.cursor.is_some(), "a first page is always answered");
        return;
    };
    check(&page, query.limit);
    if let Some(cursor) = &page.cursor {
        let next = search(&Query { cursor: Some(cursor.clone()), ..query.clone() }).expect("it was just given");
        check(&next, query.limit);
        let last = page.hits.last().expect("a page with a next one is not empty");
        for hit in &next.hits {
            assert!(hit.score <= last.score, "better hits on the next page");
            assert!(page.hits.iter().all(|other| other.ruc != hit.ruc), "the same hit on two pages");
        }
    }
});

fn check(page: &Page, limit: usize) {
    assert!(page.is_complete && page.hits.len() <= limit, "too many");
    assert!(page.hits.is_sorted_by(|one, other| one.score >= other.score), "not in order");
    for (at, hit) in page.hits.iter().enumerate() {
        assert!((0.0..=1.0).contains(&hit.score) && !hit.words.is_empty(), "a hit for no reason");
        assert!(page.hits[..at].iter().all(|other| other.ruc != hit.ruc), "the same hit twice");
    }
}

fn put(file: &mut File, place: usize, byte: u8) {
    file.seek(SeekFrom::Start(place as u64)).and_then(|_| file.write_all(&[byte])).expect("it can be changed");
}
