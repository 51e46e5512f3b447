//! Interrupted at any moment, a batch loses nothing and asks nothing twice.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use chasqui_types::Ruc;

use super::{assert_code, world};
use crate::disk::SmallDisk;
use crate::program::{Running, World, now};

/// What is behind the name of an output in that of its journal.
const JOURNAL: &str = ".chasqui-journal";
/// So many calls are under way at once, by default.
const WAVES: u64 = 10;

/// So many different companies, a few of them twice.
fn numbers(n: u32) -> String {
    let mut text = String::from("codigo;ruc\n");
    for i in 0..n {
        let body = if i % 100 == 99 { 10_000_000 + i - 1 } else { 10_000_000 + i };
        writeln!(text, "{i};{}", Ruc::from_body(20, body).expect("a body has eight digits")).expect("it is a String");
    }
    text
}

fn collections(sandbox: &Running) -> u64 {
    let (_, calls) = sandbox.request("GET", "/_sandbox/calls");
    let calls: serde_json::Value = serde_json::from_str(&calls).expect("counts are JSON");
    calls["collection"].as_u64().expect("collections are counted")
}

/// Waits until a journal holds more than so many answers.
fn wait_for_answers(world: &World, n: usize) {
    let (path, start) = (world.file(&format!("clientes.resultado.csv{JOURNAL}")), now());
    while std::fs::read_to_string(&path).map_or(0, |text| text.lines().count()) <= n {
        assert!(now() - start < Duration::from_secs(20), "there are no answers in {}", path.display());
    }
}

#[test]
fn killed_at_twenty_moments_it_writes_the_same_bytes_and_asks_again_only_what_was_under_way() {
    const ROWS: u32 = 20_000;
    const KILLS: u64 = 20;
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "latency=90ms+60ms"]);
    let input = numbers(ROWS);
    let whole = world("clientes.csv", &input).with_migo(&sandbox.base);
    assert_code(&whole.run(&["batch", "clientes.csv"]), 1);
    let calls = collections(&sandbox);
    assert_eq!(calls, 198, "19,800 different numbers, a hundred to a call");
    let (status, _) = sandbox.request("DELETE", "/_sandbox/calls");
    assert_eq!(status, 200);

    let killed = world("clientes.csv", &input).with_migo(&sandbox.base);
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for kill in 0..KILLS {
        let arguments: &[&str] =
            if kill == 0 { &["batch", "clientes.csv"] } else { &["batch", "clientes.csv", "--resume"] };
        let running = killed.spawn(arguments);
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Some moments come before the first answer, some in the midst of several.
        wait(seed % 250);
        running.signal("KILL");
        drop(running);
        assert!(!killed.file("clientes.resultado.csv").exists(), "there is no output before it is whole");
    }
    let run = killed.run(&["batch", "clientes.csv", "--resume"]);
    assert_code(&run, 1);
    assert!(killed.text("clientes.resultado.csv") == whole.text("clientes.resultado.csv"), "the same bytes");
    assert_eq!(killed.files(), ["clientes.csv", "clientes.resultado.csv"], "nothing is left behind");
    let again = collections(&sandbox);
    assert!(again <= calls + KILLS * WAVES, "{again} calls: more than those under way were made again");
}

/// The moment itself is what is tried, so there is no condition to wait for.
fn wait(millis: u64) {
    std::thread::sleep(Duration::from_millis(millis));
}

#[test]
fn ctrl_c_says_how_to_go_on_and_going_on_works() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "latency=200ms"]);
    let world = world("clientes.csv", numbers(5_000)).with_migo(&sandbox.base);
    let running = world.spawn(&["batch", "clientes.csv"]);
    wait_for_answers(&world, 900);
    running.signal("INT");
    let run = running.wait();
    assert_code(&run, 130);
    assert!(run.stderr.contains("--resume") && run.stderr.contains("kept in"), "{}", run.stderr);
    let refused = world.run(&["batch", "clientes.csv"]);
    assert_code(&refused, 2);
    assert!(refused.stderr.contains("--resume") && refused.stderr.contains("--restart"), "{}", refused.stderr);
    let (status, _) = sandbox.request("DELETE", "/_sandbox/faults");
    assert_eq!(status, 200);
    let done = world.run(&["batch", "clientes.csv", "--resume"]);
    assert_code(&done, 1);
    assert!(done.stderr.contains("going on: "), "{}", done.stderr);
}

#[test]
fn whoever_waits_for_standard_input_to_end_may_lose_patience() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::TempDir::new().expect("there is room");
        let spool = folder.path().to_str().expect("it is a plain name");
        let world = World::new().with("TMPDIR", spool);
        let mut command = world.command(&["batch", "-"]);
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("it is there to be run");
        let start = now();
        // It keeps what it reads in a file, and from then on listens.
        while std::fs::read_dir(folder.path()).expect("it is ours").count() == 0 {
            assert!(now() - start < Duration::from_secs(20), "it reads nothing");
        }
        let killed = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(killed.expect("it is told").success());
        let code = loop {
            if let Some(code) = child.try_wait().expect("it is ours") {
                break code;
            }
            assert!(now() - start < Duration::from_secs(20), "it waits on");
        };
        assert_eq!(code.code(), Some(130));
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is ours").count(), 0, "nothing is left behind");
    }
}

#[test]
fn a_journal_serves_only_the_input_that_it_is_of() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "latency=200ms"]);
    let world = world("clientes.csv", numbers(3_000)).with_migo(&sandbox.base);
    let running = world.spawn(&["batch", "clientes.csv"]);
    wait_for_answers(&world, 900);
    running.signal("KILL");
    drop(running);
    std::fs::write(world.file("clientes.csv"), numbers(2_000)).expect("the folder is ours");
    let run = world.run(&["batch", "clientes.csv", "--resume"]);
    assert_code(&run, 2);
    assert!(run.stderr.contains("--restart"), "{}", run.stderr);
    assert_code(&world.run(&["batch", "clientes.csv", "--restart"]), 1);
}

#[test]
fn two_runs_do_not_work_on_one_output() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "latency=500ms"]);
    let world = world("clientes.csv", numbers(3_000)).with_migo(&sandbox.base);
    let running = world.spawn(&["batch", "clientes.csv"]);
    wait_for_answers(&world, 0);
    let start = now();
    let run = world.run(&["batch", "clientes.csv", "--resume"]);
    assert_code(&run, 2);
    assert!(run.stderr.contains("another run"), "{}", run.stderr);
    assert!(now() - start < Duration::from_secs(5), "it is refused at once");
    drop(running);
}

#[test]
fn a_full_disk_loses_no_answer_and_says_what_to_do() {
    let Some(disk) = SmallDisk::new(512) else {
        return;
    };
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = world("clientes.csv", numbers(5_000)).with_migo(&sandbox.base);
    let output = disk.path().join("salida.csv");
    let output = output.to_str().expect("it is text");
    let run = world.run(&["batch", "clientes.csv", "-o", output]);
    assert_code(&run, 3);
    assert!(run.stderr.contains("disk is full") && run.stderr.contains("--resume"), "{}", run.stderr);
    let journal = format!("{output}{JOURNAL}");
    assert!(std::fs::metadata(&journal).is_ok(), "the journal stays");
    // On a disk with room the same run goes on.
    let roomy = world.file("salida.csv");
    std::fs::copy(&journal, world.file(&format!("salida.csv{JOURNAL}"))).expect("there is room");
    let (status, _) = sandbox.request("DELETE", "/_sandbox/calls");
    assert_eq!(status, 200);
    assert_code(&world.run(&["batch", "clientes.csv", "-o", roomy.to_str().expect("it is text"), "--resume"]), 1);
    assert!(collections(&sandbox) < 50, "{} calls: answers were lost", collections(&sandbox));
}
