//! Logs in memory: full disks, torn ends and damaged bytes.

use std::io::{Cursor, Read, Seek, Write};

use chasqui_types::{Billing, BillingObstacle, BillingWarning, Dni, Ruc, SourceId};
use proptest::prelude::*;

use super::*;
use crate::{Facts, Origin};

/// A disk with room for so many bytes.
#[derive(Debug)]
struct Disk {
    content: Cursor<Vec<u8>>,
    room: usize,
}

impl Read for Disk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer)
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.content.seek(to)
    }
}

impl Write for Disk {
    /// Takes what fits, as a file system does, before it refuses.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room.saturating_sub(usize::try_from(self.content.position()).unwrap());
        match room.min(bytes.len()) {
            0 => Err(io::ErrorKind::StorageFull.into()),
            n_bytes => self.content.write(&bytes[..n_bytes]),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Storage for Disk {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.content.get_mut().truncate(usize::try_from(len).unwrap());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn disk(content: Vec<u8>) -> Disk {
    Disk { content: Cursor::new(content), room: usize::MAX }
}

fn key() -> RunKey {
    RunKey { input: blake3::hash(b"input"), source: "sandbox".to_owned(), settings: String::new() }
}

fn ruc(body: u32) -> Number {
    Ruc::from_body(20, body).unwrap().into()
}

fn found(name: &str) -> Finding {
    let text = |text: &str| Some(text.into());
    Finding::Found(Box::new(Facts {
        nombre_o_razon_social: text(name),
        estado_del_contribuyente: text("ACTIVO"),
        condicion_de_domicilio: None,
        ubigeo: text("040101"),
        departamento: text("AREQUIPA"),
        provincia: text(""),
        distrito: None,
        direccion: text("two\nlines, \"quoted\" \u{1f600}"),
        billing: Some(Billing {
            obstacles: vec![BillingObstacle::NotActive, BillingObstacle::NotLocated],
            warnings: vec![BillingWarning::ShortName, BillingWarning::ShortAddress, BillingWarning::OldData],
        }),
        origin: Origin { source: SourceId::SANDBOX, as_of: Some("2026-11-20".parse().unwrap()) },
    }))
}

fn absent(source: &'static str) -> Finding {
    Finding::Absent(Origin { source: SourceId::new(source), as_of: None })
}

fn content(log: Log<Disk>) -> Vec<u8> {
    log.into_storage().content.into_inner()
}

#[test]
fn answers_read_back_before_and_after_they_are_written() {
    let mut log = Log::begin(disk(Vec::new()), &key()).unwrap();
    let person: Number = "00000001".parse::<Dni>().unwrap().into();
    log.note(ruc(1), &found("UNO")).unwrap();
    log.note(person, &absent("padron")).unwrap();
    log.note(ruc(2), &Finding::Unknown("deadline".into())).unwrap();
    for _ in 0..2 {
        assert_eq!(log.read(ruc(1)).unwrap(), Some(found("UNO")));
        assert_eq!(log.read(person).unwrap(), Some(absent("padron")));
        assert_eq!(log.read(ruc(2)).unwrap(), None, "not found out: not kept");
        log.flush().unwrap();
    }
    log.note(ruc(1), &found("DOS")).unwrap();
    assert_eq!(log.read(ruc(1)).unwrap(), Some(found("DOS")), "the last word wins");
    assert_eq!((log.len(), log.damaged()), (2, 0));
    log.flush().unwrap();

    let mut again = Log::open(disk(content(log)), Some(&key())).unwrap();
    assert_eq!((again.len(), again.damaged()), (2, 0));
    assert!(again.contains(person) && !again.contains(ruc(2)));
    assert_eq!(again.read(ruc(1)).unwrap(), Some(found("DOS")));
}

#[test]
fn an_answer_longer_than_a_block_reads_back_and_one_longer_than_a_line_may_be_is_not_kept() {
    let mut log = Log::begin(disk(Vec::new()), &key()).unwrap();
    let lengthy = found(&"X".repeat(3 * BLOCK));
    log.note(ruc(1), &found("UNO")).unwrap();
    log.note(ruc(2), &lengthy).unwrap();
    log.note(ruc(3), &found(&"X".repeat(LONGEST_LINE))).unwrap();
    log.note(ruc(4), &found("CUATRO")).unwrap();
    log.flush().unwrap();
    let mut log = Log::open(disk(content(log)), Some(&key())).unwrap();
    assert_eq!(log.read(ruc(4)).unwrap(), Some(found("CUATRO")));
    assert_eq!(log.read(ruc(2)).unwrap(), Some(lengthy));
    assert_eq!(log.read(ruc(1)).unwrap(), Some(found("UNO")));
    assert!(!log.contains(ruc(3)));
    assert_eq!(log.damaged(), 0);
}

#[test]
fn a_full_disk_loses_nothing_that_was_written_and_goes_on_when_there_is_room() {
    let mut log = Log::begin(disk(Vec::new()), &key()).unwrap();
    log.note(ruc(1), &found("UNO")).unwrap();
    log.flush().unwrap();
    log.storage.room = log.storage.content.get_ref().len() + 20;
    log.note(ruc(2), &found("DOS")).unwrap();
    assert_eq!(log.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(log.read(ruc(2)).unwrap(), Some(found("DOS")), "it waits");

    let on_disk = log.storage.content.get_ref().clone();
    assert!(on_disk.ends_with(b"\n"), "cut back to a whole line");
    let mut rescued = Log::open(disk(on_disk), Some(&key())).unwrap();
    assert_eq!((rescued.len(), rescued.damaged()), (1, 0));
    assert_eq!(rescued.read(ruc(1)).unwrap(), Some(found("UNO")));

    log.storage.room = usize::MAX;
    log.flush().unwrap();
    let mut log = Log::open(disk(content(log)), Some(&key())).unwrap();
    assert_eq!(log.read(ruc(2)).unwrap(), Some(found("DOS")));
}

#[test]
fn a_line_that_is_damaged_later_is_found_out_when_it_is_read() {
    let mut log = Log::begin(disk(Vec::new()), &key()).unwrap();
    log.note(ruc(1), &found("UNO")).unwrap();
    log.flush().unwrap();
    let last = log.storage.content.get_ref().len() - 10;
    log.storage.content.get_mut()[last] ^= 1;
    assert_eq!(log.read(ruc(1)).unwrap(), None);
    assert!(!log.contains(ruc(1)));
    assert_eq!(log.damaged(), 1);
}

#[test]
fn a_run_killed_while_it_began_left_nothing() {
    let log = Log::begin(disk(Vec::new()), &key()).unwrap();
    let first = content(log);
    for end in 0..first.len() {
        let opened = Log::open(disk(first[..end].to_vec()), Some(&key()));
        assert!(matches!(opened, Err(OpenLogError::Empty(_))), "{end}");
    }
}

#[test]
fn other_files_and_other_runs_are_told_apart() {
    for text in ["ruc\n20131312955\n", "chasqui-journal 2 x\n", "chasqui", "chasqui-journal 1 00000000 {}\n", "\n"] {
        let opened = Log::open(disk(text.into()), None);
        let is_begun = text == "chasqui";
        assert_eq!(matches!(opened, Err(OpenLogError::Empty(_))), is_begun, "{text}");
        assert_eq!(matches!(opened, Err(OpenLogError::NotAJournal)), !is_begun, "{text}");
    }
    let first = content(Log::begin(disk(Vec::new()), &key()).unwrap());
    let others = [
        (RunKey { input: blake3::hash(b"other"), ..key() }, "its input was another file, or was changed since"),
        (RunKey { source: "migo".to_owned(), ..key() }, "it asked sandbox, and this run would ask migo"),
        (
            RunKey { settings: "refresh".to_owned(), ..key() },
            "its settings were ``, and those of this run are `refresh`",
        ),
    ];
    for (other, expected) in others {
        let opened = Log::open(disk(first.clone()), Some(&other));
        assert!(matches!(opened, Err(OpenLogError::OtherRun { difference }) if difference == expected));
    }
}

/// Few numbers, so that some are noted again; and names of all lengths.
fn notes() -> impl Strategy<Value = Vec<(Number, Finding)>> {
    let number = prop_oneof![
        (0_u32..6).prop_map(ruc),
        (0_u32..6).prop_map(|n| Number::Dni(format!("{n:08}").parse().unwrap())),
    ];
    let finding = prop_oneof![
        3 => ".{0,40}".prop_map(|name| found(&name)),
        1 => prop::sample::select(vec!["migo", "padron"]).prop_map(absent),
        1 => Just(Finding::Unknown("limited".into())),
    ];
    prop::collection::vec((number, finding), 0..12)
}

proptest! {
    #[test]
    fn damage_costs_questions_and_never_changes_an_answer(
        notes in notes(),
        at in any::<prop::sample::Index>(),
        // A flipped bit, or everything from there on gone.
        flip in prop::option::of(1_u8..),
    ) {
        let mut log = Log::begin(disk(Vec::new()), &key()).unwrap();
        for (number, finding) in &notes {
            log.note(*number, finding).unwrap();
        }
        log.flush().unwrap();
        let mut bytes = content(log);
        let at = at.index(bytes.len());
        match flip {
            Some(mask) => bytes[at] ^= mask,
            None => bytes.truncate(at),
        }
        if let Ok(mut log) = Log::open(disk(bytes), Some(&key())) {
            let known: Vec<&(Number, Finding)> =
                notes.iter().filter(|(_, finding)| !matches!(finding, Finding::Unknown(_))).collect();
            for (number, _) in &notes {
                if let Some(read) = log.read(*number).unwrap() {
                    // Where the last word is lost, an earlier one of the same number may come back.
                    prop_assert!(known.iter().any(|(noted, finding)| noted == number && *finding == read));
                }
            }
            let distinct: std::collections::HashSet<Number> = known.iter().map(|(number, _)| *number).collect();
            prop_assert!(log.len() <= distinct.len());
        }
    }
}
