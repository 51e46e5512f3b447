//! `chasqui cache`: a running server's memory, looked at and changed.

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
fn absent_numbers_are_noted_shown_and_forgotten() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    let cache = |arguments: &[&str]| {
        let all = [&["cache", "--server", &server.base], arguments].concat();
        World::new().run(&all)
    };
    let added = cache(&["absent", "add", "20131312955", "--reason", "for a test", "--ttl", "1h"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let shown = cache(&["absent", "show", "20131312955"]);
    assert!(shown.code == 0 && shown.stdout.contains("for a test"), "{}", shown.everything());
    let listed = cache(&["absent", "list", "--format", "json"]);
    assert!(listed.code == 0 && listed.stdout.contains("20131312955"), "{}", listed.everything());
    assert_eq!(server.request("GET", "/v1/ruc/20131312955").0, 404);
    assert_eq!(cache(&["absent", "remove", "20131312955"]).code, 0);
    let gone = cache(&["absent", "show", "20131312955"]);
    assert_eq!(gone.code, 1, "{}", gone.everything());
    assert_eq!(cache(&["absent", "show", "20131312954"]).code, 2);
    assert_eq!(cache(&["absent", "clear"]).code, 0);
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
    assert!(cache(&["health"]).stdout.contains("round_trip"));
}
