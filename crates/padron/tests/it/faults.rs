//! Whatever happens to a file, the answers stay, and the message says what happened.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use chasqui_padron::synth::HEADER;
use chasqui_padron::{
    ImportError, Outcome, Padron, PadronError, Stage, import, prune, put_into_use, rollback, write_changes,
};

use crate::{SAMPLE, World, synthetic, zipped};

const NAME: &str = "padron_reducido_ruc.txt";

/// Imports something wrong beside an edition in use, which has to stay.
#[track_caller]
fn check(bytes: &[u8], message: &str) {
    let world = World::with_rows(100);
    let before = world.names();
    let error = world.import_file("new", bytes).unwrap_err();
    let mut said = error.to_string().replace(&world.folder.path().display().to_string(), "");
    if let Some(source) = std::error::Error::source(&error) {
        said = format!("{said}: {source}");
    }
    assert!(said.contains(message), "{said}");
    assert_eq!(world.names(), before, "nothing is left behind");
    assert_eq!(world.padron().n_rows(), 100);
    world.padron().verify().unwrap();
}

#[test]
fn a_zip_that_is_cut_short_is_fetched_again() {
    let zip = zipped(&[(NAME, &synthetic(2000, 2))], None);
    for length in [4, 100, zip.len() / 2, zip.len() - 1] {
        check(&zip[..length], "/new is not a whole zip; fetch it again");
    }
}

#[test]
fn a_zip_with_changed_bytes_is_fetched_again() {
    let zip = zipped(&[(NAME, &synthetic(2000, 2))], None);
    for at in [zip.len() / 3, zip.len() / 2, 1000] {
        let mut changed = zip.clone();
        changed[at] ^= 0x10;
        check(&changed, "/new is not a whole zip; fetch it again");
    }
}

#[test]
fn a_zip_that_announces_another_length_is_refused() {
    let text = synthetic(2000, 2);
    let mut zip = zipped(&[(NAME, &text)], None);
    // The length stands in the directory at the end, 24 bytes into the entry.
    let entry = zip.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    zip[entry + 24..entry + 28].copy_from_slice(&(u32::try_from(text.len()).unwrap() - 500).to_le_bytes());
    check(&zip, "/new is not a whole zip; fetch it again");
}

#[test]
fn a_zip_that_would_fill_the_disk_is_refused() {
    let mut text = HEADER.to_vec();
    text.resize(40 << 20, b'A');
    check(&zipped(&[(NAME, &text)], None), "unpacks to more than any registry could have");
}

#[test]
fn a_zip_holds_one_file() {
    check(&zipped(&[(NAME, SAMPLE), ("other.txt", b"")], None), "/new holds 2 files, and the registry is one");
    check(&zipped(&[], None), "/new holds 0 files");
}

#[test]
fn what_is_no_registry_is_refused() {
    let page = b"<html><body>503 Service Unavailable</body></html>";
    let without_columns = String::from_utf8_lossy(SAMPLE).replace("|UBIGEO|", "|");
    for text in [&page[..], b"", b"\n", &SAMPLE[5..], without_columns.as_bytes()] {
        check(text, "does not begin with the registry's columns");
    }
    check(&zipped(&[(NAME, page)], None), "does not begin with the registry's columns");
    check(&vec![b'A'; 20 << 20], "does not begin with the registry's columns");
    check(HEADER, "has no rows");
    let endless = [synthetic(100, 2), vec![b'A'; 20 << 20]].concat();
    check(&endless, "too many rows have a wrong number or are too long");
}

#[test]
fn a_file_that_is_still_being_written_is_no_edition() {
    for stage in [Stage::Recognising, Stage::Counting] {
        let mut world = World::with_rows(100);
        world.options.force = true;
        let before = world.names();
        let text = synthetic(40_000, 2);
        let path = world.file("growing.txt", &text);
        let mut grown = false;
        let outcome = import(&path, &world.dir(), &world.options, &mut |progress| {
            if progress.stage == stage && !std::mem::replace(&mut grown, true) {
                fs::write(&path, synthetic(50_000, 2)).unwrap();
            }
            ControlFlow::Continue(())
        });
        assert!(matches!(outcome, Err(ImportError::Changed)), "{stage:?}: {outcome:?}");
        assert_eq!(world.names(), before);
    }
}

#[test]
fn a_file_that_is_not_there_says_its_name() {
    let world = World::new();
    let path = world.folder.path().join("missing.zip");
    let error = import(&path, &world.dir(), &world.options, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, ImportError::Read { .. }) && error.to_string().ends_with("missing.zip"), "{error}");
}

#[test]
fn an_import_that_is_broken_off_leaves_nothing() {
    for stage in [Stage::Recognising, Stage::Counting, Stage::Encoding, Stage::Writing] {
        let mut world = World::with_rows(100);
        world.options.force = true;
        let before = world.names();
        let path = world.file("new.zip", &zipped(&[(NAME, &synthetic(40_000, 2))], None));
        let mut reached = false;
        let outcome = import(&path, &world.dir(), &world.options, &mut |progress| {
            reached |= progress.stage == stage;
            if reached { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(reached && matches!(outcome, Err(ImportError::Cancelled)), "{stage:?}: {outcome:?}");
        assert_eq!(world.names(), before, "{stage:?}");
        assert_eq!(world.padron().n_rows(), 100);
    }
}

#[test]
fn what_a_killed_import_left_is_cleaned_by_the_next() {
    let world = World::with_rows(1000);
    let left = world.dir().join(".building-edition");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("rows.chq"), b"half").unwrap();
    fs::write(world.dir().join(".building-current"), b"half").unwrap();
    assert_eq!(world.padron().n_rows(), 1000);
    world.import(&synthetic(1001, 2)).unwrap();
    assert_eq!(world.names(), ["2026-11-21", "2026-11-21-2", "current"]);
}

#[test]
fn leftovers_of_every_kind_go_even_where_nothing_new_comes() {
    let clean = |then: &dyn Fn(&World)| {
        let world = World::with_rows(100);
        for left in [".building-edition", ".building-gone-2026-11-20"] {
            fs::create_dir(world.dir().join(left)).unwrap();
            fs::write(world.dir().join(left).join("rows.chq"), b"half").unwrap();
        }
        for left in [".building-current", ".building-changes", ".building-agents"] {
            fs::write(world.dir().join(left), b"half").unwrap();
        }
        then(&world);
        assert_eq!(world.names(), ["2026-11-21", "current"]);
    };
    clean(&|world| {
        let outcome = world.import(&synthetic(100, 1));
        assert!(matches!(outcome, Ok(Outcome::AlreadyImported { in_use: true, .. })), "{outcome:?}");
    });
    clean(&|world| drop(world.import(b"no registry").unwrap_err()));
    clean(&|world| assert!(prune(&world.dir(), 3).unwrap().is_empty()));
}

#[test]
fn a_process_that_ends_in_the_middle_leaves_the_edition_in_use() {
    let world = World::with_rows(2000);
    world.file("new.zip", &zipped(&[(NAME, &synthetic(2100, 1))], None));
    let mut n_steps = 0;
    loop {
        world.file(STEPS, n_steps.to_string().as_bytes());
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "faults::the_process_that_ends_in_the_middle"]).current_dir(world.folder.path());
        let output = child.output().unwrap();
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(ENDED), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(world.padron().n_rows(), 2000, "after {n_steps} steps");
        world.padron().verify().unwrap();
        n_steps += 1;
    }
    assert!(n_steps >= 4, "one step in each stage at least: {n_steps}");
    assert_eq!(world.padron().n_rows(), 2100, "what was left behind hinders nobody");
    assert_eq!(world.names(), ["2026-11-21", "2026-11-21-2", "current"]);
}

/// Says after how many steps the process is to end.
const STEPS: &str = "steps";
/// How it ends then.
const ENDED: i32 = 9;

/// Run by the test above, in a folder where something waits for it; elsewhere there is nothing to do.
#[test]
fn the_process_that_ends_in_the_middle() {
    let Ok(steps) = fs::read_to_string(STEPS) else { return };
    let mut left: u32 = steps.parse().unwrap();
    let options = World::new().options;
    import(Path::new("new.zip"), Path::new("padron"), &options, &mut |_| {
        match left.checked_sub(1) {
            Some(fewer) => left = fewer,
            // Nothing is tidied up on this way out.
            None => std::process::exit(ENDED),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
}

#[test]
fn two_imports_do_not_meet() {
    let mut world = World::with_rows(100);
    world.options.force = true;
    let (first, second) = (world.file("first", &synthetic(100, 2)), world.file("second", &synthetic(100, 3)));
    let mut met = None;
    import(&first, &world.dir(), &world.options, &mut |_| {
        met.get_or_insert_with(|| import(&second, &world.dir(), &world.options, &mut |_| ControlFlow::Continue(())));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(matches!(met, Some(Err(ImportError::Folder(PadronError::Busy { .. })))), "{met:?}");
}

#[test]
fn nothing_changes_the_folder_while_an_import_does() {
    let mut world = World::with_rows(100);
    world.options.force = true;
    let dir = world.dir();
    let before = world.padron();
    let path = world.file("new", &synthetic(100, 2));
    let mut n_steps = 0;
    import(&path, &dir, &world.options, &mut |_| {
        n_steps += 1;
        let refused = [rollback(&dir).err(), prune(&dir, 1).err(), put_into_use(&dir, before.edition()).err()];
        for refused in refused {
            assert!(matches!(refused, Some(PadronError::Busy { .. })), "{refused:?}");
        }
        let refused = write_changes(&dir, &before, &before).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|said| said.contains("not later")), "that is seen before anything is written");
        assert_eq!(world.padron().n_rows(), 100, "whoever asks is answered");
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(n_steps >= 4, "in every stage");
    assert_eq!(rollback(&dir).unwrap(), before.edition());
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let world = World::new();
    world.import(SAMPLE).unwrap();
    let path = world.dir().join("2026-11-21/rows.chq");
    let whole = fs::read(&path).unwrap();
    let places = (0..whole.len()).filter(|at| *at < 512 || at % 61 == 0 || at + 2000 > whole.len());
    for at in places {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        let error = Padron::open(&world.dir()).err().unwrap_or_else(|| panic!("byte {at}"));
        assert!(matches!(error, PadronError::Damaged { .. } | PadronError::Format { .. }), "byte {at}: {error}");
    }
    for length in [0, 1, 4095, 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Padron::open(&world.dir()).err().unwrap_or_else(|| panic!("length {length}"));
        assert!(!error.to_string().is_empty());
    }
    fs::write(&path, [&whole[..], b"\0"].concat()).unwrap();
    assert!(Padron::open(&world.dir()).is_err(), "longer");
    fs::write(&path, &whole).unwrap();
    Padron::open(&world.dir()).unwrap().unwrap().verify().unwrap();
}

#[test]
fn a_damaged_edition_can_be_imported_again() {
    let world = World::with_rows(1000);
    let path = world.dir().join("2026-11-21/rows.chq");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let said = Padron::open(&world.dir()).err().unwrap().to_string();
    assert!(said.contains("rows.chq is damaged") && said.contains("import that edition again"), "{said}");
    world.import(&synthetic(1000, 1)).unwrap();
    assert_eq!(world.padron().edition().to_string(), "2026-11-21-2");
}

#[test]
fn a_pointer_to_nothing_is_no_absence() {
    let world = World::with_rows(100);
    fs::remove_dir_all(world.dir().join("2026-11-21")).unwrap();
    assert!(matches!(Padron::open(&world.dir()), Err(PadronError::Read { .. })));
}

#[test]
fn a_pointer_that_names_no_edition_says_so_and_hinders_no_import() {
    for bytes in [&b"\xff"[..], b"../x", b"", b"2026-11-2\n"] {
        let world = World::with_rows(1000);
        let current = world.dir().join("current");
        fs::write(&current, bytes).unwrap();
        let said = Padron::open(&world.dir()).err().unwrap().to_string();
        assert!(said.contains("current does not name an edition") && said.contains("into use"), "{said}");
        // Which one must stay is not known, nor which is the one before.
        for refused in [rollback(&world.dir()).err(), prune(&world.dir(), 1).err()] {
            assert!(matches!(refused, Some(PadronError::NoCurrent { .. })), "{refused:?}");
        }
        assert_eq!(world.names(), ["2026-11-21", "current"]);
        // What is there is not made again, and comes into use.
        let outcome = world.import(&synthetic(1000, 1)).unwrap();
        let Outcome::AlreadyImported { edition, in_use: true } = outcome else { panic!("{outcome:?}") };
        put_into_use(&world.dir(), edition).unwrap();
        assert_eq!(world.padron().n_rows(), 1000);

        fs::write(&current, bytes).unwrap();
        let half = world.import(&synthetic(500, 2));
        assert!(matches!(half, Err(ImportError::Refused { .. })), "still measured against what is there: {half:?}");
        world.import(&synthetic(1001, 2)).unwrap();
        assert_eq!(world.padron().n_rows(), 1001);
    }
}

#[test]
fn a_piece_of_the_text_without_a_row_takes_no_row_from_another() {
    // What stands behind the last end of line is a piece of its own, and may be done before or after the other one.
    for _ in 0..50 {
        let world = World::new();
        world.import(&[&synthetic(3, 1)[..], b"no row"].concat()).unwrap();
        let padron = Padron::open(&world.dir()).unwrap().unwrap();
        padron.verify().unwrap();
        assert_eq!(padron.n_rows(), 3);
    }
}
