//! Whoever asked not to be shown is not shown, by any command, and no number is repeated on the way.

use super::{HEADER, NOT_LISTED, PERSON, YARA, imported};
use crate::program::{Run, World};

const COMPANY: &str = "20100193117";
const RUC: &str = "10101174102";
const DNI: &str = "10117410";

#[track_caller]
fn check(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code, code, "{}", run.everything());
    assert!(run.everything().contains(words), "{words:?} in {}", run.everything());
}

/// Two editions in which every row differs, the names of persons included.
fn world() -> World {
    let later = [YARA, PERSON].map(|row| row.replace("|ACTIVO|", "|BAJA DE OFICIO|")).concat();
    let world = imported(&[YARA, PERSON], Some("2026-11-10"))
        .with("CHASQUI_PADRON__SEARCH_PERSONS", "true")
        .with_file("later.txt", &format!("{HEADER}{later}"));
    check(&world.run(&["padron", "import", "later.txt", "--edition", "2026-11-12", "--force"]), 0, "2 changed");
    world
}

#[test]
fn a_suppressed_number_is_told_of_by_no_command() {
    let world = world();
    let run = world.run_with_input(&["padron", "suppress", "-"], &format!("{DNI}\n"));
    check(&run, 0, "1 number newly suppressed");
    assert!(!run.everything().contains(DNI), "{}", run.everything());
    check(&world.run(&["padron", "suppress", RUC]), 0, "0 numbers newly suppressed; suppressed before: 1");
    check(&world.run(&["padron", "info"]), 0, "Suppressed");
    assert!(world.run(&["padron", "info"]).stdout.contains("1 number\n"));

    let lookup = world.run(&["padron", "lookup", RUC, COMPANY, NOT_LISTED]);
    check(&lookup, 3, "10…02 is suppressed");
    assert!(lookup.stdout.contains("YARA") && !lookup.everything().contains("PRUEBA"), "{}", lookup.everything());
    check(&world.run(&["padron", "search", "prueba", "--persons"]), 1, "nobody has a name like this");
    check(&world.run(&["padron", "history", RUC]), 3, "the number is suppressed in the offline registry");
    check(&world.run(&["padron", "history", RUC, "--on", "2026-11-11"]), 3, "suppressed");
    check(&world.run(&["padron", "history", RUC, "--format", "json"]), 3, "suppressed");
    let diff = world.run(&["padron", "diff", "2026-11-10", "2026-11-12"]);
    check(&diff, 0, "left out because their numbers are suppressed: 1");
    assert!(diff.stderr.contains("0 went, 1 changed in 1 cells"), "{}", diff.stderr);
    // In the registry's own letters, which are not UTF-8.
    let sample = world.command(&["padron", "sample"]).output().expect("it runs").stdout;
    let sample = String::from_utf8_lossy(&sample);
    assert!(sample.contains(COMPANY) && !sample.contains(RUC), "{sample}");
    for run in [diff, world.run(&["padron", "changes"])] {
        assert!(run.code == 0 && run.stdout.contains(COMPANY) && !run.stdout.contains(RUC), "{}", run.everything());
    }
    for question in [["ruc", RUC], ["dni", DNI]] {
        check(&world.run(&[question[0], question[1], "--offline"]), 3, "suppressed");
    }

    check(&world.run(&["padron", "unsuppress", RUC]), 0, "1 number shown again");
    check(&world.run(&["padron", "unsuppress", DNI]), 0, "0 numbers shown again; not suppressed before: 1");
    check(&world.run(&["padron", "lookup", RUC]), 0, "PRUEBA");
}

#[test]
fn numbers_come_from_files_and_nothing_is_done_unless_all_are_numbers() {
    let world = world().with_file("a.txt", &format!("numero\n{DNI}\n{COMPANY}, {NOT_LISTED}\n40000001 12345678\n"));
    let run = world.run(&["padron", "suppress", "@a.txt", RUC]);
    check(&run, 0, "5 numbers newly suppressed; suppressed before: 1");
    check(&run, 0, "5 numbers suppressed in all");
    let run = world.run(&["padron", "suppress", "20100047218", "1011741", "10101174103"]);
    check(&run, 2, "nothing was changed");
    check(&run, 2, "(number 2) is no RUC and no DNI: expected 11 digits, found 7");
    check(&run, 2, "\"10…03\" (number 3) is no RUC and no DNI: the check digit does not match");
    assert!(world.run(&["padron", "info"]).stdout.contains("5 numbers"));
    check(&world.run(&["padron", "suppress"]), 2, "NUMBER");
    check(&world.run(&["padron", "suppress", "@nothing.txt"]), 2, "cannot be read");
}

#[test]
fn without_its_key_the_list_shows_nobody_and_says_so() {
    let world = world();
    check(&world.run(&["padron", "suppress", DNI]), 0, "");
    std::fs::remove_file(world.path().join("padron/suppressed.key")).expect("it is there");
    for command in [
        &["padron", "lookup", COMPANY][..],
        &["padron", "search", "yara"],
        &["padron", "changes"],
        &["padron", "history", COMPANY],
        &["padron", "diff", "2026-11-10", "2026-11-12"],
        &["padron", "sample"],
        &["padron", "suppress", DNI],
        &["ruc", COMPANY, "--offline"],
    ] {
        let run = world.run(command);
        check(&run, 3, "suppressed.key is missing or damaged");
        assert!(!run.stdout.contains("YARA"), "{}", run.everything());
    }
    let info = world.run(&["padron", "info"]);
    check(&info, 3, "Suppressed");
    assert!(info.stdout.contains("cannot be read") && info.stdout.contains("2026-11-12"), "{}", info.everything());
}

#[test]
fn a_running_server_heeds_the_list_without_a_restart() {
    let world = world().with("CHASQUI_LOG", "error").with("CHASQUI_PADRON__MAX_AGE", "3650d");
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    let path = format!("/v1/dni/{DNI}");
    assert_eq!(server.request("GET", &path).0, 200);
    check(&world.run(&["padron", "suppress", DNI]), 0, "");
    let start = crate::program::now();
    while server.request("GET", &path).0 == 200 {
        assert!(start.elapsed().as_secs() < 15, "it goes on telling");
    }
    assert_eq!(server.request("GET", &format!("/v1/ruc/{COMPANY}")).0, 200);
    check(&world.run(&["padron", "unsuppress", DNI]), 0, "");
    while server.request("GET", &path).0 != 200 {
        assert!(start.elapsed().as_secs() < 30, "it goes on hiding");
    }
}
