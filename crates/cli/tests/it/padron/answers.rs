//! An edition answers first, a provider where it has to, and nobody is asked who need not be.

use super::{NOT_LISTED, PERSON, YARA, imported};
use crate::program::{Run, World};

fn source(run: &Run) -> String {
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    format!(
        "{} {}",
        answer["meta"]["source"].as_str().unwrap_or("none"),
        answer["meta"]["freshness"].as_str().unwrap_or("")
    )
}

#[test]
fn an_edition_answers_taxpayers_and_people_without_a_call() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = imported(&[YARA, PERSON], None).with_migo(&sandbox.base);
    for command in [&["ruc", "20100193117"][..], &["dni", "10117410"]] {
        let run = world.run(&[command, &["--format", "json"]].concat());
        assert_eq!((run.code, source(&run).as_str()), (0, "padron fresh"), "{}", run.everything());
    }
    assert!(sandbox.request("GET", "/_sandbox/calls").1.contains("\"connections\":1"), "only this question came");
    let run = world.run(&["ruc", NOT_LISTED, "--format", "json"]);
    assert_eq!((run.code, source(&run).as_str()), (0, "migo fresh"), "{}", run.everything());
    let run = world.run(&["ruc", "20100193117", "--refresh", "--format", "json"]);
    assert_eq!(source(&run), "migo fresh");
}

#[test]
fn an_old_edition_lets_the_provider_speak_first_and_stands_in_for_it() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = imported(&[YARA], Some("2026-01-05")).with_migo(&sandbox.base);
    let run = world.run(&["ruc", "20100193117", "--format", "json"]);
    assert_eq!(source(&run), "migo fresh");
    drop(sandbox);
    let run = world.run(&["ruc", "20100193117", "--format", "json"]);
    assert_eq!((run.code, source(&run).as_str()), (0, "padron stale"), "{}", run.everything());
    let run = world.run(&["ruc", NOT_LISTED]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("2026-01-05 does not list it"), "{}", run.stderr);
}

#[test]
fn offline_what_is_not_listed_is_absent_and_nobody_is_asked() {
    let world = imported(&[YARA], None).with_migo("http://127.0.0.1:9");
    assert_eq!(world.run(&["ruc", "20100193117", "--offline"]).code, 0);
    let run = world.run(&["ruc", NOT_LISTED, "--offline"]);
    assert_eq!(run.code, 1, "{}", run.everything());
    assert!(run.stdout.contains("padron said so"), "{}", run.stdout);
    assert_eq!(world.run(&["dni", "40000001", "--offline"]).code, 3, "who is no taxpayer may have a document");
}

#[test]
fn a_trusted_edition_decides_by_itself() {
    let world = imported(&[YARA], None).with_migo("http://127.0.0.1:9").with("CHASQUI_PADRON__ABSENT", "trust");
    assert_eq!(world.run(&["ruc", NOT_LISTED]).code, 1);
}

#[test]
fn beside_an_edition_no_made_up_taxpayer_is_given_unless_it_is_written_out() {
    let world = imported(&[YARA], None);
    let run = world.run(&["ruc", NOT_LISTED]);
    assert_eq!((run.code, run.everything().contains("SANDBOX")), (3, false), "{}", run.everything());
    let world = world.with("CHASQUI_SANDBOX__ENABLED", "true");
    assert!(world.run(&["ruc", NOT_LISTED]).stdout.contains("SANDBOX"));
}

#[test]
fn a_file_is_answered_from_the_edition_first_and_the_sums_say_by_whom() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = imported(&[YARA, PERSON], None)
        .with_migo(&sandbox.base)
        .with_file("a.csv", &format!("numero\n20100193117\n{NOT_LISTED}\n10117410\n20000000001\n"));
    let run = world.run(&["batch", "a.csv"]);
    assert_eq!(run.code, 1, "{}", run.everything());
    for words in ["3 found, 1 absent, 0 invalid, 0 unknown; 1 upstream call", "rows answered by padron 2, migo 2"] {
        assert!(run.stderr.contains(words), "{words:?}: {}", run.stderr);
    }
    let run = world.run(&["batch", "a.csv", "--offline", "--force"]);
    assert_eq!(run.code, 1, "{}", run.everything());
    assert!(run.stderr.contains("2 found, 2 absent, 0 invalid, 0 unknown; 0 upstream calls"), "{}", run.stderr);
    let text = std::fs::read_to_string(world.path().join("a.resultado.csv")).expect("it is there");
    assert!(text.contains("YARA PERU S.R.L.") && text.contains(";padron;"), "{text}");
}

#[test]
fn a_flipped_byte_is_found_and_told_and_never_an_answer() {
    let world = imported(&[YARA, PERSON], None).with_migo("http://127.0.0.1:9");
    let current = std::fs::read_to_string(world.path().join("padron/current")).expect("it is there");
    let rows = world.path().join("padron").join(current.trim()).join("rows.chq");
    let mut bytes = std::fs::read(&rows).expect("it is there");
    let middle = bytes.len() - 50;
    bytes[middle] ^= 0x20;
    std::fs::write(&rows, bytes).expect("it is ours");
    let run = world.run(&["padron", "verify"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("is damaged"), "{}", run.stderr);
    let run = world.run(&["ruc", "20100193117"]);
    assert_eq!(run.code, 3, "{}", run.everything());
    assert!(run.stderr.contains("rows.chq is damaged: "), "{}", run.stderr);
}

/// A provider that only counts who comes to it.
fn counting() -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let base = format!("http://{}", listener.local_addr().expect("it listens"));
    let count = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
    let counted = std::sync::Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    (base, count)
}

const OFFLINE: [&[&str]; 6] = [
    &["ruc", "20100193117", NOT_LISTED, "--offline"],
    &["dni", "10117410", "40000001", "--offline"],
    &["billing", "20100193117", "--offline"],
    &["batch", "a.csv", "--offline", "--force"],
    &["padron", "search", "yara"],
    &["padron", "lookup", "20100193117"],
];

#[test]
fn offline_nobody_is_connected_to() {
    let (base, count) = counting();
    let world = imported(&[YARA, PERSON], None)
        .with_migo(&base)
        .with_file("a.csv", &format!("numero\n20100193117\n{NOT_LISTED}\n10117410\n40000001\n"));
    for command in OFFLINE {
        let run = world.run(command);
        assert!(run.everything().contains("YARA") || [1, 3].contains(&run.code), "{command:?}: {}", run.everything());
    }
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 0, "somebody connected");
    // The counter counts.
    assert_eq!(world.run(&["ruc", NOT_LISTED]).code, 3);
    assert_ne!(count.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[test]
fn without_any_network_offline_answers_are_the_same() {
    let isolated = |command: &[&str], world: &World| {
        let mut unshare = std::process::Command::new("unshare");
        unshare.args(["-n", env!("CARGO_BIN_EXE_chasqui")]).args(command).current_dir(world.path()).env_clear();
        let output = unshare.output().ok().filter(|output| !output.stderr.starts_with(b"unshare:"));
        output.map(|output| (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    let world = imported(&[YARA, PERSON], None)
        .with_file("a.csv", &format!("numero\n20100193117\n{NOT_LISTED}\n10117410\n40000001\n"));
    for command in OFFLINE {
        let Some((code, stdout)) = isolated(command, &world) else {
            eprintln!("SKIPPED: this user may not do without the network");
            return;
        };
        let run = world.run(command);
        assert_eq!(code, Some(run.code), "{command:?}: {}", run.everything());
        if !stdout.contains("said so at") {
            assert_eq!(stdout, run.stdout, "{command:?}");
        }
    }
}

#[test]
fn the_sums_of_a_mixed_file_name_each_source_and_count_every_row_once() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let rows = ["20100193117", NOT_LISTED, "10117410", "20000000001", "no number", "10101174102", NOT_LISTED, ""];
    let world = imported(&[YARA, PERSON], None)
        .with_migo(&sandbox.base)
        .with_file("a.csv", &format!("numero;nota\n{}", rows.map(|row| format!("{row};x\n")).concat()));
    let run = world.run(&["batch", "a.csv"]);
    assert_eq!(run.code, 2, "{}", run.everything());
    // Three from the registry (a RUC, a DNI and the RUC that holds it), three from the provider, one of them absent.
    for words in ["5 found, 1 absent, 2 invalid, 0 unknown; 1 upstream call", "rows answered by padron 3, migo 3"] {
        assert!(run.stderr.contains(words), "{words:?}: {}", run.stderr);
    }
}
