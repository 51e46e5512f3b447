//! A server that runs while the registry is changed beside it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{HEADER, PERSON, YARA, imported};

#[test]
fn a_server_takes_up_a_new_edition_by_itself_and_says_which_answers() {
    // Nobody reads what it says meanwhile.
    let world =
        imported(&[YARA], None).with_file("more.txt", &format!("{HEADER}{YARA}{PERSON}")).with("CHASQUI_LOG", "error");
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(server.request("GET", "/v1/dni/10117410").0, 503);
    assert!(server.request("GET", "/readyz").1.contains("\"rows\":1"));
    assert!(server.request("GET", "/metrics").1.contains("chasqui_padron_age_seconds"));
    assert_eq!(world.run(&["padron", "import", "more.txt", "--force"]).code, 0);
    while server.request("GET", "/v1/dni/10117410").0 != 200 {}
    assert!(server.request("GET", "/readyz").1.contains("\"rows\":2"));
}

/// Says that it is over, also when something fails before.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn no_request_fails_while_editions_come_and_go() {
    let world = imported(&[YARA, PERSON], None)
        .with("CHASQUI_LOG", "error")
        .with("CHASQUI_LOOKUP__RUC", "padron")
        .with("CHASQUI_LOOKUP__DNI", "padron")
        .with_file(
            "more.txt",
            &format!("{HEADER}{YARA}{PERSON}20131312955|SUNAT|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n"),
        );
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    let is_over = AtomicBool::new(false);
    let asked = std::thread::scope(|scope| {
        let ask = |path: &'static str| {
            let (server, is_over) = (&server, &is_over);
            move || {
                let mut n_asked = 0_u32;
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(server.request("GET", path).0, 200, "{path} after {n_asked}");
                    n_asked += 1;
                }
                n_asked
            }
        };
        let askers = [ask("/v1/ruc/20100193117"), ask("/v1/dni/10117410"), ask("/v1/ruc/10101174102")]
            .map(|ask| scope.spawn(ask));
        let over = Over(&is_over);
        assert_eq!(world.run(&["padron", "import", "more.txt", "--force"]).code, 0);
        while server.request("GET", "/v1/ruc/20131312955").0 != 200 {}
        assert_eq!(world.run(&["padron", "rollback"]).code, 0);
        while server.request("GET", "/v1/ruc/20131312955").0 == 200 {}
        drop(over);
        askers.map(|asker| asker.join().expect("no request fails"))
    });
    assert!(asked.iter().all(|n_asked| *n_asked > 50), "{asked:?}");
}
