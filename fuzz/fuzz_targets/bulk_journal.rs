//! Journals with anything in them: they open or are refused, and give no answer that was not whole.
//!
//! The bytes are a whole file, lines behind a good first line, and what stands behind good checksums.
//! Left out: locks and full disks, which the tests make.

#![no_main]

use std::path::Path;

use chasqui_bulk::{Finding, Journal, JournalError, RunKey};
use chasqui_types::{Number, Ruc};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("journal");
    let key = RunKey { input: blake3::hash(b"input"), source: "sandbox".to_owned(), settings: String::new() };
    drop(Journal::create(&path, &key).expect("an empty folder holds no journal"));
    let first = std::fs::read(&path).expect("it was made");
    let mut summed = first.clone();
    for payload in bytes.split(|byte| *byte == b'\n') {
        summed.extend_from_slice(&blake3::hash(payload).to_hex().as_bytes()[..8]);
        summed.push(b' ');
        summed.extend_from_slice(payload);
        summed.push(b'\n');
    }
    for content in [bytes.to_vec(), [&first, bytes].concat(), summed] {
        std::fs::write(&path, &content).expect("there is room");
        go_on(&path, &key, bytes);
    }
});

fn go_on(path: &Path, key: &RunKey, bytes: &[u8]) {
    let mut journal = match Journal::open(path, key) {
        Ok(journal) => journal,
        Err(JournalError::NotAJournal { .. } | JournalError::OtherRun { .. }) => return,
        Err(other) => panic!("{other}"),
    };
    let mut answers = Vec::new();
    for number in numbers(bytes) {
        let answer = journal.read(number).expect("it can be read");
        assert_eq!(answer.is_some(), journal.contains(number));
        assert!(!matches!(answer, Some(Finding::Unknown(_))));
        answers.push((number, answer));
    }
    let (n_answers, damaged) = (journal.len(), journal.damaged());
    drop(journal);
    let mut journal = Journal::open(path, key).expect("it opened before");
    assert_eq!((journal.len(), journal.damaged()), (n_answers, damaged));
    for (number, answer) in answers {
        if let Some(finding) = &answer {
            journal.note(number, finding).expect("there is room");
        }
        assert_eq!(journal.read(number).expect("it can be read"), answer);
    }
}

/// Every number that stands somewhere in the bytes.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = Number> {
    let texts = bytes.split(|byte| !byte.is_ascii_digit()).filter_map(|digits| std::str::from_utf8(digits).ok());
    texts.filter_map(|digits| match digits.len() {
        8 => digits.parse().ok().map(Number::Dni),
        _ => digits.parse::<Ruc>().ok().map(Number::Ruc),
    })
}
