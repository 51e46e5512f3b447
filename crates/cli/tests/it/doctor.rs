//! `chasqui doctor`: one line for each check, and what to do about it.

use insta::assert_snapshot;

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
