//! What changed, from edition to edition and for one number.

use super::{HEADER, PERSON, YARA, imported};

#[test]
fn what_changed_from_edition_to_edition_is_kept_and_told() {
    let later = YARA.replace("|ACTIVO|", "|BAJA DE OFICIO|");
    let world =
        imported(&[YARA, PERSON], Some("2026-11-10")).with_file("later.txt", &format!("{HEADER}{later}{PERSON}"));
    let run = world.run(&["padron", "import", "later.txt", "--edition", "2026-11-12", "--force"]);
    assert!(run.stderr.contains("since 2026-11-10: 0 rows came, 0 went, 1 changed"), "{}", run.stderr);
    let diff = world.run(&["padron", "diff", "2026-11-10", "2026-11-12"]);
    let expected = "\"field\":\"estado_del_contribuyente\",\"from\":\"ACTIVO\",\"to\":\"BAJA DE OFICIO\"";
    assert_eq!(diff.stdout.lines().count(), 1);
    assert!(diff.code == 0 && diff.stdout.contains(expected), "{}", diff.everything());
    let history = world.run(&["padron", "history", "20100193117"]);
    assert!(history.stdout.contains(expected) && history.stderr.contains("1 change since"), "{}", history.everything());
    for (on, code, words) in
        [("2026-11-11", 0, "ACTIVO"), ("2026-11-12", 0, "BAJA DE OFICIO"), ("2026-11-09", 3, "nothing is known")]
    {
        let run = world.run(&["padron", "history", "20100193117", "--on", on]);
        assert_eq!(run.code, code, "{on}: {}", run.everything());
        assert!(run.everything().contains(words), "{on}: {}", run.everything());
    }
}

/// Three editions, of which the last leads back to the first by two changes each.
fn followed() -> crate::program::World {
    let [second, third] = ["|BAJA DE OFICIO|", "|BAJA DEFINITIVA|"]
        .map(|status| format!("{HEADER}{}", [YARA, PERSON].map(|row| row.replace("|ACTIVO|", status)).concat()));
    let world = imported(&[YARA, PERSON], Some("2026-11-10")).with_file("2.txt", &second).with_file("3.txt", &third);
    for (file, edition) in [("2.txt", "2026-11-11"), ("3.txt", "2026-11-12")] {
        let run = world.run(&["padron", "import", file, "--edition", edition, "--force"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    world
}

#[test]
fn who_follows_the_changes_is_told_each_once_and_where_to_go_on() {
    let world = followed();
    let all = world.run(&["padron", "changes"]);
    assert_eq!((all.code, all.stdout.lines().count()), (0, 4), "{}", all.everything());
    let mut place = "2026-11-10".to_owned();
    let mut told = String::new();
    for left in (0..4).rev() {
        let run = world.run(&["padron", "changes", "--since", &place, "--limit", "1"]);
        assert_eq!((run.code, run.stdout.lines().count()), (0, 1), "{}", run.everything());
        assert!(run.stderr.contains("; there are more") || left == 0, "{}", run.stderr);
        told.push_str(&run.stdout);
        let (_, next) = run.stderr.rsplit_once("next: --since ").expect("it says where to go on");
        next.trim().clone_into(&mut place);
    }
    assert_eq!(told, all.stdout);
    let end = world.run(&["padron", "changes", "--since", &place]);
    assert!(
        end.code == 0 && end.stdout.is_empty() && end.stderr.contains("next: --since 2026-11-12"),
        "{}",
        end.stderr
    );
    for (since, code, words) in [
        ("2026-10-01", 3, "are not kept"),
        ("yesterday", 2, "no place among the changes"),
        ("2026-11-10~2026-11-11~9", 3, "are not kept"),
    ] {
        let run = world.run(&["padron", "changes", "--since", since]);
        assert_eq!(run.code, code, "{since}: {}", run.everything());
        assert!(run.stderr.contains(words), "{since}: {}", run.stderr);
    }
}

#[test]
fn history_is_told_to_programs_too_and_not_of_days_to_come() {
    let world = followed();
    let run = world.run(&["padron", "history", "20100193117", "--format", "json"]);
    let history: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!((&history["first"], &history["last"]), (&"2026-11-10".into(), &"2026-11-12".into()));
    let fields =
        history["changes"].as_array().expect("they are several").iter().map(|change| &change["fields"][0]["to"]);
    assert_eq!(fields.collect::<Vec<_>>(), ["BAJA DEFINITIVA", "BAJA DE OFICIO"]);
    let run = world.run(&["padron", "history", "20100193117", "--on", "2026-11-11", "--format", "json"]);
    let day: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(
        (&day["edition"], &day["taxpayer"]["estado_del_contribuyente"]),
        (&"2026-11-11".into(), &"BAJA DE OFICIO".into())
    );
    let absent = world.run(&["padron", "history", "20131312955", "--on", "2026-11-11", "--format", "json"]);
    assert!(absent.code == 1 && absent.stdout.contains("\"outcome\":\"not_listed\""), "{}", absent.everything());
    let run = world.run(&["padron", "history", "20100193117", "--on", "2099-01-01"]);
    assert_eq!(run.code, 2, "{}", run.everything());
    assert!(run.stderr.contains("2099-01-01 is a day to come"), "{}", run.stderr);
}

#[test]
fn changes_that_were_not_kept_are_made_up_for_by_the_next_import() {
    let world = followed();
    let file = world.path().join("padron/changes-2026-11-11-2026-11-12.chq");
    std::fs::remove_file(&file).expect("it is there");
    let run = world.run(&["padron", "import", "3.txt"]);
    assert!(run.code == 0 && run.stderr.contains("since 2026-11-11: 0 rows came, 0 went, 2 changed"), "{}", run.stderr);
    assert!(file.exists());
    let again = world.run(&["padron", "import", "3.txt"]);
    assert!(again.code == 0 && !again.stderr.contains("comparing"), "{}", again.stderr);
}
