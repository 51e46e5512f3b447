//! Journals on disk: begun, resumed, refused and removed.

use std::fs;
use std::path::{Path, PathBuf};

use chasqui_bulk::{Journal, JournalError, RunKey};
use chasqui_types::{Number, Ruc};

use crate::world::{ABSENT, FOUND, UNKNOWN, finding};

fn key() -> RunKey {
    RunKey { input: blake3::hash(b"input"), source: "sandbox".to_owned(), settings: String::new() }
}

fn number(text: &str) -> Number {
    text.parse::<Ruc>().unwrap().into()
}

fn place(folder: &tempfile::TempDir) -> PathBuf {
    Journal::path_for(&folder.path().join("out.csv"))
}

/// A journal with one answer, left by a run that ended.
fn left(path: &Path) {
    let mut journal = Journal::create(path, &key()).unwrap();
    for text in [FOUND, UNKNOWN] {
        journal.note(number(text), &finding(number(text))).unwrap();
    }
    journal.sync().unwrap();
}

#[track_caller]
fn check(outcome: Result<Journal, JournalError>, path: &Path, expected: &str) {
    assert_eq!(outcome.unwrap_err().to_string(), expected.replace("PATH", &path.display().to_string()));
}

#[test]
fn it_lies_beside_the_output() {
    assert_eq!(Journal::path_for(Path::new("a/out.csv")), Path::new("a/out.csv.chasqui-journal"));
}

#[test]
fn a_run_goes_on_where_a_former_one_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder);
    left(&path);
    let mut journal = Journal::open(&path, &key()).unwrap();
    assert_eq!((journal.len(), journal.damaged(), journal.is_empty()), (1, 0, false));
    assert!(journal.contains(number(FOUND)) && !journal.contains(number(UNKNOWN)));
    assert_eq!(journal.read(number(FOUND)).unwrap(), Some(finding(number(FOUND))));
    journal.note(number(ABSENT), &finding(number(ABSENT))).unwrap();
    journal.flush().unwrap();
    drop(journal);
    assert_eq!(Journal::open(&path, &key()).unwrap().len(), 2);
}

#[test]
fn a_torn_end_is_cut_off_and_a_damaged_line_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder);
    left(&path);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"12345678 [\"201"].concat()).unwrap();
    assert_eq!(Journal::open(&path, &key()).unwrap().len(), 1);
    assert_eq!(fs::read(&path).unwrap(), whole);
    fs::write(&path, [&whole[..], b"12345678 []\n"].concat()).unwrap();
    let journal = Journal::open(&path, &key()).unwrap();
    assert_eq!((journal.len(), journal.damaged()), (1, 1));
}

#[test]
fn answers_are_never_discarded_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder);
    check(
        Journal::open(&path, &key()),
        &path,
        "there is nothing to resume: PATH does not exist; run again without --resume",
    );
    // One that holds nothing needs no decision.
    drop(Journal::create(&path, &key()).unwrap());
    left(&path);
    check(
        Journal::create(&path, &key()),
        &path,
        "a former run was interrupted: PATH holds 1 answers; go on with --resume, or discard them with --restart",
    );
    let other = RunKey { source: "migo".to_owned(), ..key() };
    check(
        Journal::open(&path, &other),
        &path,
        "PATH is of another run: it asked sandbox, and this run would ask migo; \
         resume with the same input and configuration, or discard it with --restart",
    );
    assert_eq!(Journal::open(&path, &key()).unwrap().len(), 1, "still there");
    assert_eq!(Journal::restart(&path, &other).unwrap().len(), 0);
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder);
    fs::write(&path, "ruc\n20131312955\n").unwrap();
    for attempt in [Journal::create, Journal::open, Journal::restart] {
        check(
            attempt(&path, &key()),
            &path,
            "PATH is not a journal of Chasqui, or its first line is damaged; move it away and run again",
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "ruc\n20131312955\n");
}

#[test]
fn two_runs_never_work_on_one_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder);
    let journal = Journal::create(&path, &key()).unwrap();
    for attempt in [Journal::create, Journal::open, Journal::restart] {
        check(
            attempt(&path, &key()),
            &path,
            "another run is working on this output; wait until it ends, or choose another output (PATH is in use)",
        );
    }
    journal.remove().unwrap();
    assert!(!path.exists());
    assert!(matches!(Journal::open(&path, &key()), Err(JournalError::Missing { .. })));
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder);
    left(&path);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nada/out.csv.chasqui-journal");
    check(Journal::create(&path, &key()), &path, "could not open the journal PATH");
}
