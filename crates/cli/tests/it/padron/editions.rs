//! Files become editions, or are refused in a sentence.

use std::process::Command;

use super::{HEADER, PERSON, YARA, imported};
use crate::program::World;

#[test]
fn the_same_file_is_recognised_and_a_suspicious_one_refused() {
    let rows = [YARA, PERSON];
    let world = imported(&rows, Some("2026-11-10"));
    let again = world.run(&["padron", "import", "padron.txt"]);
    assert_eq!(again.code, 0);
    assert!(again.stderr.contains("already imported"), "{}", again.stderr);
    let world = world.with_file("half.txt", &format!("{HEADER}{YARA}"));
    let half = world.run(&["padron", "import", "half.txt", "--edition", "2026-11-11"]);
    assert_eq!(half.code, 3);
    assert!(half.stderr.contains("--force"), "{}", half.stderr);
    let info = world.run(&["padron", "info"]);
    assert!(info.stdout.contains("2026-11-10"), "{}", info.stdout);
    let forced = world.run(&["padron", "import", "half.txt", "--edition", "2026-11-11", "--force"]);
    assert_eq!(forced.code, 0);
    assert!(forced.stderr.contains("overridden by --force"), "{}", forced.stderr);
    let back = world.run(&["padron", "rollback"]);
    assert!(back.stderr.contains("2026-11-10 again"), "{}", back.stderr);
    assert_eq!(world.run(&["padron", "use", "2026-11-11"]).code, 0);
    assert_eq!(world.run(&["padron", "prune", "--keep", "1"]).code, 0);
    assert_eq!(world.run(&["padron", "rollback"]).code, 3, "there is nothing older");
}

#[test]
fn what_is_no_registry_is_refused_in_a_sentence() {
    let world = World::new().with_file("a.txt", "RUC;NOMBRE\n").with_file("b.zip", "PK\u{3}\u{4}half a zip");
    for (file, words) in [
        ("a.txt", "does not begin with the registry's columns"),
        ("b.zip", "not a whole zip"),
        ("c.zip", "could not read"),
    ] {
        let run = world.run(&["padron", "import", file]);
        assert_eq!(run.code, 2, "{file}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{file}: {}", run.stderr);
    }
    let run = world.run(&["padron", "info"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("chasqui padron import"), "{}", run.stderr);
}

#[test]
fn a_sample_is_a_registry_itself() {
    let world = imported(&[YARA, PERSON], None);
    let mut command = Command::new(env!("CARGO_BIN_EXE_chasqui"));
    let sample = command.args(["padron", "sample", "--rows", "1"]).current_dir(world.path()).env_clear().output();
    // The registry's own letters are not UTF-8.
    std::fs::write(world.path().join("sample.txt"), sample.expect("it runs").stdout).expect("the folder is ours");
    let run = world.run(&["padron", "import", "sample.txt", "--edition", "2026-12-31", "--force"]);
    assert!(run.code == 0 && run.stderr.contains("is in use: 1 row,"), "{}", run.stderr);
}
