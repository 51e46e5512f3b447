//! Editions come, are used, go back and go.

use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use chasqui_padron::synth::HEADER;
use chasqui_padron::{
    ImportError, Objection, Outcome, Padron, PadronError, current, editions, prune, put_into_use, rollback,
};

use crate::{SAMPLE, World, date, synthetic, zipped};

fn named(world: &World) -> Vec<String> {
    editions(&world.dir()).unwrap().iter().map(ToString::to_string).collect()
}

fn in_use(world: &World) -> String {
    current(&world.dir()).unwrap().unwrap().to_string()
}

#[test]
fn there_is_none_before_the_first_import() {
    let world = World::new();
    assert!(Padron::open(&world.dir()).unwrap().is_none());
    assert_eq!(named(&world), [""; 0]);
    assert_eq!(current(&world.dir()).unwrap(), None);
    assert!(matches!(rollback(&world.dir()), Err(PadronError::NothingOlder { current: None })));
}

#[test]
fn an_edition_is_named_by_what_is_known_of_its_date() {
    let zip = |day| zipped(&[("padron_reducido_ruc.txt", SAMPLE)], day);
    check(None, &zip(Some("2026-11-20")), "2026-11-20");
    check(None, &zip(Some("1999-12-31")), "2026-11-21");
    check(None, &zip(None), "2026-11-21");
    check(None, SAMPLE, "2026-11-21");
    check(Some("2026-11-19"), &zip(Some("2026-11-20")), "2026-11-19");
}

#[track_caller]
fn check(given: Option<&str>, bytes: &[u8], edition: &str) {
    let mut world = World::new();
    world.options.date = given.map(date);
    world.import(bytes).unwrap();
    assert_eq!(named(&world), [edition]);
    assert_eq!(world.padron().edition().to_string(), edition);
    assert_eq!(world.padron().edition().date(), date(edition));
}

#[test]
fn the_same_bytes_are_imported_once() {
    let world = World::with_rows(100);
    match world.import(&synthetic(100, 1)).unwrap() {
        Outcome::AlreadyImported { edition, in_use: true } => assert_eq!(edition.to_string(), "2026-11-21"),
        other => panic!("{other:?}"),
    }
    assert_eq!(named(&world), ["2026-11-21"]);
}

#[test]
fn other_bytes_of_the_same_date_get_a_number() {
    let world = World::with_rows(1000);
    world.import(&synthetic(1000, 2)).unwrap();
    assert_eq!(named(&world), ["2026-11-21", "2026-11-21-2"]);
    assert_eq!(in_use(&world), "2026-11-21-2");
}

#[test]
fn so_many_editions_stay_as_are_to_be_kept() {
    let world = World::with_rows(1000);
    for seed in 2..=5 {
        world.import(&synthetic(1000, seed)).unwrap();
    }
    assert_eq!(named(&world), ["2026-11-21-3", "2026-11-21-4", "2026-11-21-5"]);
    rollback(&world.dir()).unwrap();
    rollback(&world.dir()).unwrap();
    // The one in use stays, however old it is.
    let pruned: Vec<String> = prune(&world.dir(), 1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(pruned, ["2026-11-21-4"]);
    assert_eq!(in_use(&world), "2026-11-21-3");
    assert_eq!(world.names(), ["2026-11-21-3", "2026-11-21-5", "current"]);
}

#[test]
fn one_step_goes_back() {
    let world = World::with_rows(1000);
    world.import(&synthetic(1001, 2)).unwrap();
    assert_eq!(world.padron().n_rows(), 1001);
    assert_eq!(rollback(&world.dir()).unwrap().to_string(), "2026-11-21");
    assert_eq!(world.padron().n_rows(), 1000);
    assert!(matches!(rollback(&world.dir()), Err(PadronError::NothingOlder { current: Some(_) })));
    // What was gone back from is there already, and says so.
    let Ok(Outcome::AlreadyImported { edition, in_use: false }) = world.import(&synthetic(1001, 2)) else {
        panic!("the same bytes are there");
    };
    put_into_use(&world.dir(), edition).unwrap();
    assert_eq!(world.padron().n_rows(), 1001);
    put_into_use(&world.dir(), "2020-01-01".parse().unwrap()).unwrap_err();
    assert_eq!(world.padron().n_rows(), 1001);
}

#[test]
fn an_edition_that_looks_wrong_is_refused_with_every_reason() {
    let world = World::with_rows(2000);
    let half = refused(&world, &synthetic(1000, 2));
    assert!(matches!(half[..], [Objection::TooFewRows { rows: 1000, before: 2000, .. }]), "{half:?}");

    let statuses = String::from_utf8_lossy(&synthetic(2000, 2)).replace("|BAJA DE OFICIO|", "|ACTIVO|");
    let mut text = HEADER.to_vec();
    text.extend(statuses.lines().skip(1).flat_map(|line| [line, "\n"]).flat_map(str::bytes));
    let moved = refused(&world, &text);
    assert_eq!(moved.len(), 2, "{moved:?}");
    assert!(moved.iter().all(|objection| matches!(objection, Objection::StatusMoved { .. })), "{moved:?}");

    let mut text = synthetic(2000, 2);
    text.extend(b"LINEA CORTA|SIN COLUMNAS\n".repeat(100));
    let bad = refused(&world, &text);
    assert!(matches!(bad[..], [Objection::TooManyBadLines { bad: 100 }]), "{bad:?}");

    let mut world = world;
    world.options.date = Some(date("2026-11-01"));
    let older = refused(&world, &synthetic(2000, 2));
    assert!(matches!(older[..], [Objection::Older { .. }]), "{older:?}");
}

#[track_caller]
fn refused(world: &World, text: &[u8]) -> Vec<Objection> {
    let before = (world.names(), world.padron().edition());
    match world.import(text) {
        Err(ImportError::Refused { objections }) => {
            assert_eq!((world.names(), world.padron().edition()), before, "the edition in use stays");
            objections
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_damaged_edition_is_still_what_the_next_is_measured_against() {
    let world = World::with_rows(2000);
    fs::write(world.dir().join("2026-11-21/rows.chq"), b"").unwrap();
    let outcome = world.import(&synthetic(1000, 1));
    assert!(matches!(outcome, Err(ImportError::Refused { .. })), "{outcome:?}");
    world.import(&synthetic(2001, 1)).unwrap();
    assert_eq!(world.padron().n_rows(), 2001);
}

#[test]
fn force_overrides_and_says_what() {
    let mut world = World::with_rows(2000);
    world.options.force = true;
    let report = world.report(&synthetic(1000, 2));
    assert_eq!(report.overridden, ["it has 1000 rows, and 2026-11-21 has 2000"]);
    assert_eq!(world.padron().report().unwrap(), report);
    assert_eq!(world.padron().n_rows(), 1000);
}

#[test]
fn the_report_says_what_was_read() {
    let world = World::new();
    let report = world.report(SAMPLE);
    assert_eq!((report.rows, report.foreign, report.repeated, report.odd, report.nameless), (13, 0, 0, 1, 1));
    assert_eq!(report.by_prefix, [("10".to_owned(), 1), ("20".to_owned(), 12)].into());
    assert_eq!((report.by_status["ACTIVO"], report.by_condition["NO HABIDO"]), (7, 1));
    assert_eq!((report.bad.count(), report.bad.samples.len()), (1, 1));
    assert_eq!((report.bad.samples[0].line, report.bad.samples[0].text.as_str()), (15, "xxxxx xxxxx|xxx xxxxxxxx"));
    assert_eq!((report.source.name.as_str(), report.source.bytes), ("padron.txt", SAMPLE.len() as u64));
    assert_eq!(report.file_bytes, world.padron().n_bytes());
}

#[test]
fn a_report_that_is_of_other_rows_is_not_told() {
    let world = World::with_rows(1000);
    world.import(&synthetic(1001, 2)).unwrap();
    let report = |edition: &str| world.dir().join(edition).join("report.json");
    fs::copy(report("2026-11-21"), report("2026-11-21-2")).unwrap();
    let said = world.padron().report().unwrap_err().to_string();
    assert!(said.contains("report.json is damaged: it is not about the rows beside it"), "{said}");
}

#[test]
fn a_damaged_report_costs_nothing_but_itself() {
    let world = World::with_rows(2000);
    let path = world.dir().join("2026-11-21/report.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"rows\": 2000", "\"rows\": 1000")).unwrap();
    let said = world.padron().report().unwrap_err().to_string();
    assert!(said.contains("report.json is damaged: it was changed"), "{said}");
    world.padron().verify().unwrap();
    // What a new edition is measured against is not known, and what was imported is not known again.
    world.import(&synthetic(2000, 1)).unwrap();
    assert_eq!(in_use(&world), "2026-11-21-2");
    world.padron().report().unwrap();
}

#[test]
fn whoever_asks_during_a_swap_is_answered() {
    let world = World::with_rows(1000);
    let (dir, done) = (world.dir(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let askers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut n_opened = 0;
                    while !done.load(Ordering::Relaxed) || n_opened == 0 {
                        let padron = Padron::open(&dir).unwrap().expect("an edition is always in use");
                        let mut rows = padron.rows().unwrap();
                        assert!(rows.next().unwrap().is_some());
                        assert!((1000..1010).contains(&padron.n_rows()));
                        n_opened += 1;
                    }
                    n_opened
                })
            })
            .collect();
        // Kept alone, so that each swap removes the edition that others are just opening.
        let mut world = World { folder: tempfile::tempdir().unwrap(), options: world.options.clone() };
        world.options.keep = 1;
        let swapped: Vec<_> = (1001..1010)
            .map(|n_rows| {
                let path = world.file("padron.txt", &synthetic(n_rows, 1));
                chasqui_padron::import(&path, &dir, &world.options, &mut |_| ControlFlow::Continue(()))
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        assert!(swapped.iter().all(|outcome| matches!(outcome, Ok(Outcome::Imported(_)))), "{swapped:?}");
        assert!(askers.into_iter().all(|asker| asker.join().unwrap() > 0));
    });
    let open = world.padron();
    fs::remove_dir_all(world.dir()).unwrap();
    open.verify().unwrap();
}
