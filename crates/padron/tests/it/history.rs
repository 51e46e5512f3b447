//! What rows said on former days, and who is told what changed.

use std::fs;
use std::path::Path;

use chasqui_padron::synth::Synth;
use chasqui_padron::{Changes, ChangesError, Column, Edition, Padron, Past, Row, Since, What, write_changes};
use chasqui_types::Ruc;

use crate::diff::{a_day_later, editions};
use crate::{World, date, synthetic};

const RESTLESS: &str = "20999999990";

/// Three editions, a day apart, with the changes between them kept.
fn three_days() -> (World, Vec<Padron>) {
    let first = synthetic(2_000, 1);
    let second = a_day_later(&first, 1);
    let third = a_day_later(&second, 2);
    // One row that is sure to change each day.
    let with_restless = |text: &[u8], status: &str| {
        let row = format!("{RESTLESS}|INQUIETA S.A.|{status}|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n");
        [text, row.as_bytes()].concat()
    };
    let (world, padrons) = editions(&[
        &with_restless(&first, "ACTIVO"),
        &with_restless(&second, "SUSPENSION TEMPORAL"),
        &with_restless(&third, "BAJA DEFINITIVA"),
    ]);
    for pair in padrons.windows(2) {
        write_changes(&world.dir(), &pair[0], &pair[1]).unwrap();
    }
    (world, padrons)
}

fn edition(name: &str) -> Edition {
    name.parse().unwrap()
}

fn cells(row: Option<&Row>) -> Option<Vec<Vec<u8>>> {
    row.map(|row| Column::ALL.iter().map(|&column| row.bytes(column).to_vec()).collect())
}

/// Every number of any of the editions.
fn numbers(padrons: &[Padron]) -> Vec<Ruc> {
    let mut numbers = Vec::new();
    for padron in padrons {
        let mut rows = padron.rows().unwrap();
        while let Some(row) = rows.next().unwrap() {
            numbers.extend(row.ruc());
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[test]
fn every_row_is_known_as_each_edition_had_it() {
    let (world, padrons) = three_days();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    assert_eq!((changes.first(), changes.last()), (padrons[0].edition(), padrons[2].edition()));
    let numbers = numbers(&padrons);
    let (mut n_absent, mut n_changed) = (0, 0);
    for &ruc in &numbers {
        for padron in &padrons {
            let expected = padron.find(ruc).unwrap();
            let found = changes.on(&padrons[2], ruc, padron.edition().date()).unwrap();
            let (row, of) = match &found {
                Past::Known { row, edition } => (Some(row), *edition),
                Past::NotListed { edition } => (None, *edition),
                Past::BeforeFirstEdition { .. } => panic!("{found:?}"),
            };
            assert_eq!((cells(row), of), (cells(expected.as_ref()), padron.edition()), "{ruc:?}");
            n_absent += u32::from(row.is_none());
        }
        n_changed += u32::from(!changes.history(ruc).unwrap().is_empty());
    }
    assert!(n_absent > 5 && n_changed > 20, "{n_absent} {n_changed}");
}

#[test]
fn history_is_told_newest_first() {
    let (world, padrons) = three_days();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    for ruc in numbers(&padrons) {
        let history = changes.history(ruc).unwrap();
        assert!(history.iter().all(|change| change.ruc() == Some(ruc) && !change.is_apart()));
    }
    let history = changes.history(RESTLESS.parse().unwrap()).unwrap();
    let told = history.iter().map(|change| match change.what() {
        What::Changed(cells) => format!("{} {} {}", change.editions()[1], cells[0].before(), cells[0].after()),
        other => panic!("{other:?}"),
    });
    let expected = ["2026-11-03 SUSPENSION TEMPORAL BAJA DEFINITIVA", "2026-11-02 ACTIVO SUSPENSION TEMPORAL"];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn days_between_editions_are_as_the_one_before_and_days_before_the_first_are_unknown() {
    let (world, padrons) = three_days();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    let ruc = Synth::new(2_000, 1).number(5);
    let check = |day: &str, expected: Option<&str>| match changes.on(&padrons[2], ruc, date(day)).unwrap() {
        Past::Known { edition, .. } | Past::NotListed { edition } => {
            assert_eq!(Some(edition.to_string().as_str()), expected, "{day}");
        }
        Past::BeforeFirstEdition { first } => assert_eq!((None, "2026-11-01"), (expected, &*first.to_string())),
    };
    check("2026-12-24", Some("2026-11-03"));
    check("2026-11-03", Some("2026-11-03"));
    check("2026-11-01", Some("2026-11-01"));
    check("2026-10-31", None);
    let missing: Ruc = "20131312955".parse().unwrap();
    let past = changes.on(&padrons[2], missing, date("2026-11-02")).unwrap();
    assert!(matches!(past, Past::NotListed { edition } if edition == padrons[1].edition()), "{past:?}");
    let refused = changes.on(&padrons[1], ruc, date("2026-11-02"));
    assert!(matches!(refused, Err(ChangesError::OtherEdition { .. })), "{refused:?}");
}

#[test]
fn a_missing_file_is_where_history_begins() {
    let (world, padrons) = three_days();
    fs::remove_file(world.dir().join("changes-2026-11-01-2026-11-02.chq")).unwrap();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    assert_eq!(changes.first(), padrons[1].edition());
    let past = changes.on(&padrons[2], Synth::new(2_000, 1).number(5), date("2026-11-01")).unwrap();
    assert!(matches!(past, Past::BeforeFirstEdition { first } if first == padrons[1].edition()), "{past:?}");
    let refused = changes.since(padrons[0].edition().into()).err().unwrap();
    assert!(refused.to_string().contains("they reach from 2026-11-02 to 2026-11-03"), "{refused}");

    fs::remove_file(world.dir().join("changes-2026-11-02-2026-11-03.chq")).unwrap();
    let none = Changes::open(&world.dir(), &padrons[2]).unwrap();
    assert_eq!((none.first(), none.files().len()), (padrons[2].edition(), 0));
    assert!(Changes::open(Path::new("/nowhere"), &padrons[2]).unwrap().files().is_empty());
}

#[test]
fn an_edition_made_anew_under_its_name_has_no_part_in_the_history_of_the_old_one() {
    let (world, padrons) = three_days();
    let (other, others) = editions(&[&synthetic(100, 8), &synthetic(100, 9)]);
    write_changes(&other.dir(), &others[0], &others[1]).unwrap();
    let name = "changes-2026-11-01-2026-11-02.chq";
    fs::copy(other.dir().join(name), world.dir().join(name)).unwrap();
    assert_eq!(Changes::open(&world.dir(), &padrons[2]).unwrap().first(), padrons[1].edition());
    assert_eq!(Changes::open(&world.dir(), &padrons[1]).unwrap().first(), padrons[1].edition());
}

#[test]
fn an_edition_that_was_taken_back_is_not_on_the_way() {
    let (world, padrons) = three_days();
    // The second one was taken back, so the third was compared with the first.
    write_changes(&world.dir(), &padrons[0], &padrons[2]).unwrap();
    fs::remove_file(world.dir().join("changes-2026-11-02-2026-11-03.chq")).unwrap();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    assert_eq!(changes.files().len(), 1);
    let since = changes.since(padrons[1].edition().into());
    assert!(matches!(since.err(), Some(ChangesError::NotKept { from, .. }) if from == padrons[1].edition()));
    let on_the_way: Since = "2026-11-01~2026-11-02~1".parse().unwrap();
    assert!(matches!(changes.since(on_the_way).err(), Some(ChangesError::NotKept { .. })));
}

#[test]
fn a_second_edition_of_a_day_is_a_step_of_its_own_until_it_is_taken_back() {
    let mut world = World::new();
    (world.options.force, world.options.keep) = (true, 100);
    let dir = world.dir();
    let mut add = |day: &str, status: &str| {
        world.options.date = Some(date(day));
        let row = format!("{RESTLESS}|INQUIETA S.A.|{status}|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n");
        let before = Padron::open(&world.dir()).unwrap();
        world.import(&[&synthetic(200, 1)[..], row.as_bytes()].concat()).unwrap();
        let padron = world.padron();
        if let Some(before) = before {
            write_changes(&world.dir(), &before, &padron).unwrap();
        }
        padron
    };
    add("2026-11-01", "ACTIVO");
    add("2026-11-02", "PRIMERO");
    let second = add("2026-11-02", "SEGUNDO");
    let status = |padron: &Padron, day: &str| {
        let changes = Changes::open(&dir, padron).unwrap();
        match changes.on(padron, RESTLESS.parse().unwrap(), date(day)).unwrap() {
            Past::Known { row, edition } => format!("{edition} {}", row.text(Column::Status)),
            other => panic!("{other:?}"),
        }
    };
    let path_of = |padron: &Padron, since: &str| {
        let changes = Changes::open(&dir, padron).unwrap();
        let mut walk = changes.since(since.parse().unwrap()).map_err(|error| error.to_string())?;
        let mut places = vec![walk.place().to_string()];
        while walk.next().unwrap().is_some() {
            places.push(walk.place().to_string());
        }
        places.push(walk.place().to_string());
        Ok::<_, String>(places.join(" "))
    };
    assert_eq!(second.edition().to_string(), "2026-11-02-2");
    assert_eq!(status(&second, "2026-11-02"), "2026-11-02-2 SEGUNDO", "the last one of the day");
    assert_eq!(status(&second, "2026-11-01"), "2026-11-01 ACTIVO");
    assert_eq!(
        path_of(&second, "2026-11-01").unwrap(),
        "2026-11-01 2026-11-01~2026-11-02~1 2026-11-02~2026-11-02-2~1 2026-11-02-2"
    );
    assert_eq!(path_of(&second, "2026-11-02~2026-11-02-2~1").unwrap(), "2026-11-02~2026-11-02-2~1 2026-11-02-2");

    // Back to the first of the day, and on from there.
    assert_eq!(chasqui_padron::rollback(&dir).unwrap(), edition("2026-11-02"));
    let first = Padron::open(&dir).unwrap().unwrap();
    assert_eq!(status(&first, "2026-11-02"), "2026-11-02 PRIMERO");
    let third = add("2026-11-03", "TERCERO");
    assert_eq!(status(&third, "2026-11-03"), "2026-11-03 TERCERO");
    assert_eq!(status(&third, "2026-11-02"), "2026-11-02 PRIMERO");
    for gone in ["2026-11-02-2", "2026-11-02~2026-11-02-2~1"] {
        let said = path_of(&third, gone).unwrap_err();
        assert!(said.contains("are not kept: they reach from 2026-11-01 to 2026-11-03"), "{said}");
    }
    // Whoever asks the one that was taken back is told its own past.
    assert_eq!(status(&second, "2026-11-02"), "2026-11-02-2 SEGUNDO");
}

#[test]
fn who_follows_the_changes_ends_up_with_the_last_edition() {
    let (world, padrons) = three_days();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    let mut followed: std::collections::BTreeMap<Ruc, Option<Vec<Vec<u8>>>> = std::collections::BTreeMap::new();
    let numbers = numbers(&padrons);
    for &ruc in &numbers {
        followed.insert(ruc, cells(padrons[0].find(ruc).unwrap().as_ref()));
    }
    let (mut since, mut n_pages): (Since, u32) = (padrons[0].edition().into(), 0);
    // In pages of an odd size, each from the text that the last one ended with.
    loop {
        let mut walk = changes.since(since.to_string().parse().unwrap()).unwrap();
        let mut n_changes = 0;
        while n_changes < 3
            && let Some(change) = walk.next().unwrap()
        {
            n_changes += 1;
            let Some(ruc) = change.ruc().filter(|_| !change.is_apart()) else { continue };
            match change.what() {
                What::Added(row) => drop(followed.insert(ruc, cells(Some(row)))),
                What::Removed(_) => drop(followed.insert(ruc, None)),
                What::Changed(fields) => {
                    let row = followed.get_mut(&ruc).unwrap().as_mut().unwrap();
                    for field in fields {
                        let place = Column::ALL.iter().position(|&column| column == field.column()).unwrap();
                        row[place] = field.after().chars().map(|letter| u8::try_from(letter).unwrap()).collect();
                    }
                }
            }
        }
        since = walk.place();
        n_pages += 1;
        if n_changes == 0 {
            break;
        }
    }
    assert!(n_pages > 10);
    assert_eq!(since, padrons[2].edition().into());
    for ruc in numbers {
        assert_eq!(followed[&ruc], cells(padrons[2].find(ruc).unwrap().as_ref()), "{ruc:?}");
    }
}

#[test]
fn places_read_back_and_nothing_else_is_one() {
    for text in
        ["2026-11-21", "2026-11-21-2", "2026-11-21~2026-11-22~1", "2026-11-21-2~2026-11-22-10~18446744073709551615"]
    {
        assert_eq!(text.parse::<Since>().unwrap().to_string(), text);
    }
    assert_eq!(Since::from(edition("2026-11-21")).to_string(), "2026-11-21");
    for text in [
        "",
        "ayer",
        "2026-11-21~",
        "2026-11-21~2026-11-22",
        "2026-11-21~2026-11-22~0",
        "2026-11-21~2026-11-22~01",
        "2026-11-21~2026-11-22~1~",
        "2026-11-21~x~1",
        "~2026-11-21~1",
        "2026-11-21~2026-11-22~-1",
    ] {
        text.parse::<Since>().unwrap_err();
    }
    let (world, padrons) = three_days();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    let beyond: Since = "2026-11-01~2026-11-02~999999".parse().unwrap();
    assert!(matches!(changes.since(beyond).err(), Some(ChangesError::NotKept { .. })));
    assert!(changes.since(edition("2026-11-03").into()).unwrap().next().unwrap().is_none());
}

#[test]
fn damage_is_told_and_never_taken_for_no_history() {
    let (world, padrons) = three_days();
    let path = world.dir().join("changes-2026-11-02-2026-11-03.chq");
    let mut bytes = fs::read(&path).unwrap();
    bytes[300] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let changes = Changes::open(&world.dir(), &padrons[2]).unwrap();
    let numbers = numbers(&padrons);
    assert!(numbers.iter().any(|&ruc| changes.history(ruc).is_err()), "its block was damaged");
    bytes[100] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let refused = Changes::open(&world.dir(), &padrons[2]).err().unwrap();
    assert!(refused.to_string().contains("without it, history begins later"), "{refused}");
}
