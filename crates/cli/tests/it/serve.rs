//! `chasqui serve`: it starts, answers, and stops when it is asked to.

use std::io::Write as _;
use std::time::Duration;

use crate::program::World;

#[test]
fn it_says_where_it_listens_answers_and_stops_within_a_second() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(server.said.contains("source: sandbox"), "{}", server.said);
    let (status, body) = server.request("GET", "/v1/ruc/20131312955");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("SANDBOX"), "{body}");
    assert_eq!(server.request("GET", "/healthz").0, 200);
    let (run, took) = server.stop();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(took < Duration::from_secs(1), "it took {took:?}");
    assert!(run.stderr.contains("made-up data"), "{}", run.stderr);
}

#[test]
fn a_second_request_to_stop_does_not_wait_for_what_is_under_way() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "silence"]);
    let mut server = World::new().with_migo(&sandbox.base).start(&["serve", "--listen", "127.0.0.1:0"]);
    let mut waiting = std::net::TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    waiting.write_all(b"GET /v1/ruc/20131312955 HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    sandbox.wait_until_it_is_asked(1);
    server.signal("TERM");
    server.wait_until_it_says("stopping");
    server.signal("TERM");
    assert_eq!(server.wait().code, 130);
}

#[test]
fn a_port_that_is_taken_says_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = World::new().run(&["serve", "--listen", &address]);
    assert_eq!(run.code, 4);
    let port = taken.local_addr().unwrap().port();
    assert!(run.stderr.contains(&format!("another program has port {port}")), "{}", run.stderr);
}

#[test]
fn what_cannot_be_served_yet_or_safely_is_refused() {
    let keys = World::new().run(&["serve", "--set", "server.auth=keys"]);
    assert_eq!(keys.code, 4);
    assert!(keys.stderr.contains("server.auth = \"keys\""), "{}", keys.stderr);
    let open = World::new().run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(open.code, 4);
    assert!(open.stderr.contains("--listen: server.listen: "), "{}", open.stderr);
    for run in [&keys, &open, &World::new().run(&["serve", "--help"])] {
        let said = run.everything().replace('\n', " ");
        assert!(
            said.contains("this version listens on loopback only; put a proxy in front and name its host")
                || said.contains("This version listens on loopback only; put a proxy in front and name its host"),
            "{said}"
        );
    }
    let operations = World::new().run(&["serve", "--set", "server.operations=127.0.0.1:0"]);
    assert_eq!(operations.code, 4);
    assert!(operations.stderr.contains("comes with callers' keys"), "{}", operations.stderr);
    let nobody = World::new().run(&["serve", "--listen", "127.0.0.1:0", "--set", "sandbox.enabled=false"]);
    assert_eq!(nobody.code, 4);
    assert!(nobody.stderr.contains("migo.token"), "{}", nobody.stderr);
}

#[test]
fn a_key_that_does_nothing_yet_is_said_at_the_start() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0", "--set", "store.url=sqlite:other.db"]);
    let warning = "warning: --set store.url: store.url: does nothing yet: the store comes later\n";
    assert!(server.said.contains(warning), "{}", server.said);
}

#[test]
fn a_log_file_is_appended_to_as_json() {
    let world = World::new().with("CHASQUI_LOG__FILE", "log").with_file("log", "before\n");
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    server.stop();
    let log = std::fs::read_to_string(world.path().join("log")).unwrap();
    let mut lines = log.lines();
    assert_eq!(lines.next(), Some("before"));
    let first: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!((first["level"].as_str(), first["message"].as_str()), (Some("INFO"), Some("ready")), "{first}");
}
