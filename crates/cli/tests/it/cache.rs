//! `chasqui cache`: a running server's memory, looked at and changed.

use insta::assert_snapshot;

use crate::program::{World, dead_upstream};

#[test]
fn a_server_that_does_not_answer_is_a_sentence_and_3() {
    let base = dead_upstream();
    let run = World::new().run(&["cache", "stats", "--server", &base]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.starts_with(&format!("error: the server at {base} does not answer")), "{}", run.stderr);
    assert!(run.stderr.contains("chasqui serve"), "{}", run.stderr);
    assert_eq!(World::new().run(&["cache", "stats", "--server", "nonsense"]).code, 2);
}

#[test]
fn numbers_are_marked_as_absent_shown_and_forgotten() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    let cache = |arguments: &[&str]| {
        let all = [&["cache", "--server", &server.base], arguments].concat();
        World::new().run(&all)
    };
    let added = cache(&["absent", "add", "20131312955", "--reason", "for a test", "--ttl", "1h"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    assert!(added.stdout.starts_with("20131312955 is marked as absent until "), "{}", added.stdout);
    assert!(added.stdout.ends_with(" Lima: for a test\n"), "{}", added.stdout);
    let shown = cache(&["absent", "show", "20131312955"]);
    assert!(shown.code == 0 && shown.stdout.contains("for a test"), "{}", shown.everything());
    let listed = cache(&["absent", "list", "--format", "json"]);
    assert!(listed.code == 0 && listed.stdout.contains("20131312955"), "{}", listed.everything());
    assert_eq!(server.request("GET", "/v1/ruc/20131312955").0, 404);
    let table = cache(&["absent", "list"]).stdout;
    assert!(table.starts_with("RUC          Says      Why"), "{table}");
    assert!(table.lines().nth(1).unwrap().starts_with("20131312955  operator  "), "{table}");
    let removed = cache(&["absent", "remove", "20131312955"]);
    assert_eq!((removed.code, removed.stdout.as_str()), (0, "20131312955 is not marked as absent any more\n"));
    let again = cache(&["absent", "remove", "20131312955"]);
    assert_eq!((again.code, again.stdout.as_str()), (1, "20131312955 was not marked as absent\n"));
    assert_eq!(cache(&["absent", "remove", "20131312955", "--format", "json"]).code, 1);
    assert_eq!(cache(&["absent", "list"]).stdout, "no number is marked as absent\n");
    let gone = cache(&["absent", "show", "20131312955"]);
    assert_eq!(gone.code, 1, "{}", gone.everything());
    assert_eq!(cache(&["absent", "show", "20131312954"]).code, 2);
    let unexplained = cache(&["absent", "add", "20131312955"]).stdout;
    assert!(unexplained.ends_with(" Lima: marked by an operator\n"), "{unexplained}");
    let cleared = cache(&["absent", "clear"]);
    assert_eq!((cleared.code, cleared.stdout.as_str()), (0, "1 absent number was forgotten\n"));
}

#[test]
fn statistics_and_health_are_shown_and_memory_is_cleared() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(server.request("GET", "/v1/ruc/20131312955").0, 200);
    let cache = |arguments: &[&str]| World::new().run(&[&["cache", "--server", &server.base], arguments].concat());
    for arguments in [&["stats"][..], &["health"], &["clear", "--expired"], &["clear", "--service", "sandbox"]] {
        let run = cache(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        let json = cache(&[arguments, &["--format", "json"]].concat());
        let body: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert!(body.is_object(), "{body}");
    }
    let health = cache(&["health"]).stdout;
    assert!(health.contains("round_trip") && health.ends_with("\nThe cache is healthy.\n"), "{health}");
    let stats = cache(&["stats"]).stdout;
    assert!(stats.contains(" of 256 MiB\n") && stats.ends_with("\nnothing held\n"), "{stats}");
    assert_eq!(server.request("GET", "/v1/ruc/20131312955").0, 200);
    assert_eq!(server.request("GET", "/v1/ruc/20000000001").0, 404);
    assert_snapshot!("stats", without_size(&cache(&["stats"]).stdout));
    assert_eq!(cache(&["clear", "--ruc", "20131312955"]).stdout, "20131312955 was forgotten\n");
    assert_eq!(cache(&["clear"]).stdout, "1 entry was forgotten\n");
    assert_eq!(cache(&["clear"]).stdout, "no entry was held\n");
}

/// How much memory an entry takes is not ours to pin.
fn without_size(stats: &str) -> String {
    let lines = stats.lines().map(|line| match line.split_once(" of 256 MiB") {
        Some(_) => "Memory                    [size] of 256 MiB",
        None => line,
    });
    lines.fold(String::new(), |text, line| text + line + "\n")
}
