//! `chasqui doctor`: one line for each check, and what to do about it.

use insta::assert_snapshot;

use crate::padron::{HEADER, YARA};
use crate::program::{World, dead_upstream};

#[test]
fn on_a_bare_machine_it_warns_about_the_sandbox_and_fails_at_nothing() {
    let port = "127.0.0.1:0";
    let run = World::new().run(&["doctor", "--set", &format!("server.listen={port}")]);
    assert_eq!(run.code, 0, "{}", run.everything());
    assert_snapshot!("doctor", run.stdout);
}

#[test]
fn a_provider_that_is_out_of_reach_fails_with_3_and_is_not_asked_without_calls() {
    let world = World::new().with_migo(&dead_upstream()).with("CHASQUI_SERVER__LISTEN", "127.0.0.1:0");
    let run = world.run(&["doctor"]);
    assert_eq!(run.code, 3, "{}", run.everything());
    assert!(run.stdout.contains("fail  provider       no answer after 1 attempt"), "{}", run.stdout);
    assert_eq!(world.run(&["doctor", "--no-calls"]).code, 0);
}

#[test]
fn a_token_that_is_refused_fails_with_4_after_one_call() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--token", "another-token"]);
    let world = World::new().with_migo(&sandbox.base).with("CHASQUI_SERVER__LISTEN", "127.0.0.1:0");
    let run = world.run(&["doctor"]);
    assert_eq!(run.code, 4, "{}", run.everything());
    assert!(run.stdout.contains("migo refused our token"), "{}", run.stdout);
    let (stopped, _) = sandbox.stop();
    assert!(stopped.stderr.contains("1 call: "), "{}", stopped.stderr);
}

#[test]
fn a_running_server_is_recognised_on_its_port_and_another_program_is_not_taken_for_one() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let here = World::new().run(&["doctor", "--no-calls", "--set", &format!("server.listen={address}")]);
    assert!(here.code == 0 && here.stdout.contains("ok    server         a chasqui 0.1.0 answers"), "{}", here.stdout);
    let there = World::new().run(&["doctor", "--no-calls", "--server", &dead_upstream()]);
    assert_eq!(there.code, 3, "{}", there.stdout);
    let stranger = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    assert_eq!(World::new().run(&["doctor", "--no-calls", "--server", &stranger.base]).code, 3);
}

#[test]
fn a_named_server_tells_its_source_and_its_state_apart_from_this_machines_configuration() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(server.request("GET", "/v1/ruc/20131312955").0, 200);
    let run = World::new().run(&["doctor", "--no-calls", "--server", &server.base]);
    assert_eq!(run.code, 0, "{}", run.everything());
    let (here, there) = run.stdout.split_once(&format!("The server at {}", server.base)).unwrap();
    assert!(here.starts_with("This machine's configuration:\nok    configuration"), "{here}");
    assert!(there.contains("\nok    server ") && there.contains(", ready\n"), "{there}");
    assert!(there.contains("warn  its source     sandbox, with made-up data"), "{there}");
    assert!(there.contains("its memory     1 taxpayer; the oldest data are of "), "{there}");
}

#[test]
fn a_named_server_whose_provider_rests_fails_with_3() {
    let world = World::new().with_migo(&dead_upstream()).with("CHASQUI_BREAKER__FAILURES", "1");
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_ne!(server.request("GET", "/v1/ruc/20131312955").0, 404);
    let run = World::new().run(&["doctor", "--no-calls", "--server", &server.base]);
    assert_eq!(run.code, 3, "{}", run.everything());
    assert!(run.stdout.contains("fail  server ") && run.stdout.contains("degraded: migo is resting"), "{}", run.stdout);
    assert!(run.stdout.contains("ok    its source     migo\n"), "{}", run.stdout);
}

#[test]
fn an_edition_is_looked_at_with_all_that_belongs_to_it() {
    let world = World::new()
        .with("CHASQUI_SERVER__LISTEN", "127.0.0.1:0")
        .with("CHASQUI_PADRON__NAMES", "false")
        .with_file("padron.txt", &format!("{HEADER}{YARA}"))
        .with_file("list.txt", "Ruc|Nombre/Razon|A partir del|Resolucion|\n20100193117|YARA|01/06/2012|RS 1|\n");
    let has = |run: &crate::program::Run, code: i32, words: &[&str]| {
        assert_eq!(run.code, code, "{}", run.everything());
        for words in words {
            assert!(run.stdout.contains(words), "{words:?} in {}", run.stdout);
        }
    };
    assert_eq!(world.run(&["padron", "import", "padron.txt"]).code, 0);
    let run = world.run(&["doctor"]);
    has(&run, 0, &["warn  source         the padrón alone; set CHASQUI_MIGO__TOKEN_FILE"]);
    has(&run, 0, &["ok    padrón         edition ", ", 0 days old, 1 row\n", "ok    provider       none is set up"]);
    has(&run, 0, &["ok    names          not indexed, because of padron.names = false"]);
    has(
        &run,
        0,
        &["warn  lists          none; those that are not there say nothing of anybody; `chasqui padron agents fetch`"],
    );

    let world = world.with("CHASQUI_PADRON__NAMES", "true");
    has(
        &world.run(&["doctor"]),
        0,
        &["warn  names          no index, so names cannot be searched; `chasqui padron index`"],
    );
    assert_eq!(world.run(&["padron", "index"]).code, 0);
    assert_eq!(world.run(&["padron", "suppress", "10117410"]).code, 0);
    for list in
        ["agente_de_retencion", "agente_de_percepcion", "agente_de_percepcion_combustible", "buen_contribuyente"]
    {
        let run = world.run(&["padron", "agents", "import", list, "list.txt", "--as-of", "2026-01-05", "--force"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    let run = world.run(&["doctor"]);
    has(&run, 0, &["ok    names          1 name can be searched", "ok    suppressed     1 number\n"]);
    has(&run, 0, &["warn  lists          agente_de_retencion, ", "see whether there are newer ones"]);

    // An edition of long ago, and then two files that are damaged.
    let old = world.run(&["padron", "import", "padron.txt", "--edition", "2026-01-05", "--force"]);
    assert_eq!(old.code, 0, "{}", old.stderr);
    has(
        &world.run(&["doctor"]),
        0,
        &["warn  padrón         edition 2026-01-05, ", "older than padron.max_age (3 days)"],
    );
    for (file, words) in [
        ("suppressed.chq", "fail  suppressed     padron/suppressed.chq is damaged, so nobody knows"),
        ("2026-01-05/names.chq", "fail  names          padron/2026-01-05/names.chq is damaged"),
        ("2026-01-05/rows.chq", "fail  padrón         padron/2026-01-05/rows.chq is damaged"),
        ("agents.chq", "fail  lists          padron/agents.chq is damaged"),
    ] {
        let path = world.path().join("padron").join(file);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 10]).unwrap();
        has(&world.run(&["doctor", "--no-calls"]), 3, &[words]);
        std::fs::write(&path, whole).unwrap();
    }
}
