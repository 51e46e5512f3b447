//! Ended at any moment, an import leaves an edition that answers and nothing that is in the next one's way.

use std::path::Path;
use std::time::Duration;

use super::{HEADER, YARA, imported};
use crate::program::{Running, World, now};

/// So many rows that every stage takes a while in a build with its checks.
const ROWS: u64 = 16_000;
const COMPANY: &str = "20100193117";

/// The same registry, but for one taxpayer who comes and the statuses of some.
fn file(world: &World, turn: u32) {
    let text = String::from_utf8_lossy(&super::synthetic(ROWS, 7)).replace('\u{fffd}', "N");
    let (_, rows) = text.split_once('\n').expect("it has a header");
    let rows = rows.replacen("|ACTIVO|", "|SUSPENSION TEMPORAL|", 40 + turn as usize);
    let other = chasqui_types::Ruc::from_body(20, 99_000_000 + turn).expect("a body has eight digits");
    let other = format!("{other}|EMPRESA DE PRUEBA {turn}|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n");
    std::fs::write(world.path().join("new.txt"), format!("{HEADER}{rows}{YARA}{other}")).expect("the folder is ours");
}

fn import(turn: u32) -> [String; 6] {
    let day = format!("2026-10-{:02}", turn + 1);
    ["padron", "import", "new.txt", "--edition", &day, "--force"].map(str::to_owned)
}

fn spawn(world: &World, turn: u32) -> Running {
    let arguments = import(turn);
    world.spawn(&arguments.each_ref().map(String::as_str))
}

/// What lies in the folder of editions and hinders or fills it.
fn leftovers(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("it is there").map(|entry| entry.expect("it is there"));
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut left: Vec<String> = names
        .filter(|name| {
            let is_known =
                name == "current" || name == ".lock" || name.starts_with("changes-") || name.starts_with("2026-");
            !is_known
        })
        .collect();
    for edition in std::fs::read_dir(dir).expect("it is there").map(|entry| entry.expect("it is there").path()) {
        if edition.is_dir() && edition.join("names.chq.new").exists() {
            left.push(format!("{}/names.chq.new", edition.display()));
        }
    }
    left
}

#[track_caller]
fn assert_it_answers(world: &World, when: &str) {
    let run = world.run(&["ruc", COMPANY, "--offline"]);
    assert!(run.code == 0 && run.stdout.contains("YARA PERU"), "{when}: {}", run.everything());
}

/// The moment itself is what is tried, so there is no condition to wait for.
fn wait(time: Duration) {
    std::thread::sleep(time);
}

#[test]
fn killed_at_twenty_moments_an_edition_always_answers_and_nothing_is_in_the_way() {
    const KILLS: u32 = 20;
    let world = World::new();
    file(&world, 0);
    // How long it takes from its beginning to the end of the index; the moments are spread over all of it.
    let start = now();
    let first = world.run(&["padron", "import", "new.txt", "--edition", "2026-10-01"]);
    let whole = now() - start;
    assert_eq!(first.code, 0, "{}", first.everything());
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut editions = std::collections::BTreeSet::new();
    for turn in 1..=KILLS {
        file(&world, turn);
        let running = spawn(&world, turn);
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Each twentieth of it once, and somewhere within.
        let within = u32::try_from(seed % 1_000).expect("it is small");
        wait(whole * (1_000 * (turn - 1) + within) / (1_000 * KILLS));
        running.signal("KILL");
        drop(running);
        assert_it_answers(&world, &format!("after kill {turn}"));
        editions.insert(std::fs::read_to_string(world.path().join("padron/current")).expect("it is there"));
    }
    assert!(editions.len() > 1, "some kills come after the swap, some before: {editions:?}");
    file(&world, KILLS + 1);
    let arguments = import(KILLS + 1);
    let run = world.run(&arguments.each_ref().map(String::as_str));
    assert_eq!(run.code, 0, "{}", run.everything());
    assert!(
        run.stderr.contains("edition 2026-10-22 is in use") && run.stderr.contains("can be searched"),
        "{}",
        run.stderr
    );
    assert_it_answers(&world, "at the end");
    assert_eq!(world.run(&["padron", "verify"]).code, 0);
    assert_eq!(world.run(&["padron", "search", "yara"]).code, 0);
    assert_eq!(world.run(&["padron", "prune", "--keep", "1"]).code, 0);
    assert_eq!(leftovers(&world.path().join("padron")), [""; 0]);
}

/// Runs an import up to a stage, ends it there with a signal, and lets the same import make up for what is missing.
fn ended_in(stage: &str, signal: &str) -> (World, Option<crate::program::Run>) {
    let world = imported(&[YARA], Some("2026-09-01"));
    file(&world, 1);
    let mut running = spawn(&world, 1);
    running.wait_until_it_says(stage);
    running.signal(signal);
    let run = if signal == "KILL" {
        drop(running);
        None
    } else {
        Some(running.wait())
    };
    assert_it_answers(&world, stage);
    (world, run)
}

#[test]
fn what_a_kill_after_the_swap_left_undone_is_made_up_for_by_the_next_import() {
    for stage in ["comparing with the edition before", "indexing names"] {
        let (world, _) = ended_in(stage, "KILL");
        let run = world.run(&["padron", "import", "new.txt"]);
        assert_eq!(run.code, 0, "{stage}: {}", run.everything());
        for words in ["already imported: these very bytes are edition 2026-10-02", "can be searched"] {
            assert!(run.stderr.contains(words), "{stage}: {words:?} in {}", run.stderr);
        }
        assert_eq!(world.run(&["padron", "search", "yara"]).code, 0, "{stage}");
        let changes = world.run(&["padron", "changes", "--since", "2026-09-01"]);
        assert!(changes.code == 0 && changes.stdout.lines().count() as u64 > ROWS - 100, "{stage}: {}", changes.stderr);
        // A part that was being written stands under a name that the next new edition takes or removes.
        file(&world, 2);
        assert_eq!(world.run(&["padron", "import", "new.txt", "--edition", "2026-10-03"]).code, 0, "{stage}");
        assert_eq!(leftovers(&world.path().join("padron")), [""; 0], "{stage}");
    }
}

#[test]
fn ctrl_c_ends_each_stage_with_a_word_on_what_is_in_use() {
    for (stage, words) in [
        ("counting", "the import was broken off; edition 2026-09-01 is in use as before"),
        ("encoding", "the import was broken off; edition 2026-09-01 is in use as before"),
        ("comparing", "stopped: the new edition is in use; what changed since 2026-09-01 is written down by the next"),
    ] {
        let (world, run) = ended_in(stage, "INT");
        let run = run.expect("it ended by itself");
        assert_eq!(run.code, 130, "{stage}: {}", run.everything());
        assert!(run.stderr.contains(words), "{stage}: {}", run.stderr);
        assert_eq!(
            world.run(&["padron", "import", "new.txt", "--edition", "2026-10-02", "--force"]).code,
            0,
            "{stage}"
        );
    }
}

#[test]
fn ctrl_c_ends_the_index_and_says_how_to_get_it() {
    let world = World::new().with("CHASQUI_PADRON__NAMES", "false");
    // The index looks up from its work every 65,536 rows.
    std::fs::write(world.path().join("new.txt"), super::synthetic(70_000, 7)).expect("the folder is ours");
    assert_eq!(world.run(&["padron", "import", "new.txt", "--edition", "2026-10-01"]).code, 0);
    let mut running = world.spawn(&["padron", "index"]);
    running.wait_until_it_says("indexing names");
    running.signal("INT");
    let run = running.wait();
    assert_eq!(run.code, 130, "{}", run.everything());
    for words in
        ["edition 2026-10-01 is in use, and no new index of its names was made", "`chasqui padron index` builds it"]
    {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    assert_eq!(leftovers(&world.path().join("padron")), [""; 0]);
    assert_eq!(world.run(&["padron", "search", "juan"]).code, 3, "there is none");
}
