//! What must not be seen anywhere: the token, and numbers and names of people outside the data that were asked for.

use crate::program::World;

const TOKEN: &str = "s3cr3tT0kenThatNobodyMaySee";
const PERSON: &str = "10101174102";
const DNI: &str = "10117410";

#[test]
fn a_token_and_a_dni_are_in_no_output_at_trace() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "20100047218:status=500"]);
    for api in ["v1", "v2"] {
        let world = World::new()
            .with_file("token", TOKEN)
            .with("CHASQUI_MIGO__TOKEN_FILE", "token")
            .with("CHASQUI_MIGO__BASE_URL", &sandbox.base)
            .with("CHASQUI_MIGO__API", api)
            .with("CHASQUI_MIGO__RETRIES", "0")
            .with("CHASQUI_LOG", "trace,hyper=trace,reqwest=trace,hyper_util=trace,h2=trace,rustls=trace");
        let bad = format!("{}0", &PERSON[..10]);
        for arguments in [
            &["ruc", PERSON][..],
            &["ruc", PERSON, &bad, "20100047218"],
            &["ruc", "20100047218"],
            &["dni", DNI],
            &["dni", DNI, &format!("{DNI}0")],
            &["representatives", PERSON],
            &["billing", PERSON, &bad],
            &["cpe", PERSON, "R1", "E001-1", "2020-01-02", "100.00"],
            &["cpe", &bad, "R1", "E001-1", "2020-01-02", "100.00"],
            &["account"],
            &["rate"],
            &["doctor"],
            &["config", "show", "--origin"],
        ] {
            let run = world.run(arguments);
            assert!(!run.everything().contains(TOKEN), "{arguments:?}");
            assert!(!run.stderr.contains(DNI), "{arguments:?}: {}", run.stderr);
        }
    }
}

#[test]
fn a_server_at_trace_keeps_them_to_itself_too() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = World::new()
        .with_file("token", TOKEN)
        .with("CHASQUI_MIGO__TOKEN_FILE", "token")
        .with("CHASQUI_MIGO__BASE_URL", &sandbox.base)
        .with("CHASQUI_LOG", "trace");
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    let path = format!("/v1/ruc/{PERSON}");
    for path in [path.as_str(), "/v1/cache/stats", "/metrics", "/v1/ruc/10101174100", &format!("{path}?refresh=true")] {
        let (_, body) = server.request("GET", path);
        assert!(!body.contains(TOKEN), "{path}");
    }
    let (run, _) = server.stop();
    assert!(run.stderr.contains("TRACE") || run.stderr.contains("DEBUG") || run.stderr.contains("INFO"));
    assert!(!run.stderr.contains(TOKEN), "{}", run.stderr);
    assert!(!run.stderr.contains(DNI), "{}", run.stderr);
}
