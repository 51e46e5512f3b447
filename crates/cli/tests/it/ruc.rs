//! `chasqui ruc`: outcomes, formats and exit codes, over the embedded sandbox and over upstreams in trouble.

use insta::assert_snapshot;

use crate::program::{World, dead_upstream, without_moment};

const FOUND: &str = "20131312955";
const ABSENT: &str = "20000000001";
const BAD: &str = "20131312954";

#[test]
fn one_number_is_a_table_that_says_where_it_comes_from_and_that_it_is_made_up() {
    let run = World::new().run(&["ruc", FOUND]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!("one_found", run.stdout);
    assert_eq!(run.stderr, "", "the table has said it, once");
    let json = World::new().run(&["ruc", FOUND, "--format", "json"]);
    assert_eq!(json.stderr.matches("made-up data").count(), 1, "{}", json.stderr);
}

#[test]
fn an_absent_number_says_who_said_so_and_ends_with_1() {
    let run = World::new().run(&["ruc", ABSENT]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_snapshot!("one_absent", without_moment(&run.stdout));
}

#[test]
fn a_bad_number_says_what_is_wrong_with_it_and_ends_with_2() {
    for (number, reason) in [
        (BAD, "error: \"20131312954\" is not a RUC: the check digit does not match\n"),
        ("123", "error: \"123\" is not a RUC: expected 11 digits, found 3\n"),
        ("2013131295x", "error: \"2013131295x\" is not a RUC: character 11 is not a digit\n"),
        ("20-13131295-5", "error: \"20-13131295-5\" is not a RUC: write only its 11 digits\n"),
        ("20131312955,EMPRESA DE PRUEBA", "error: \"20131312955,EMPRESA …\" is not a RUC: one number per line\n"),
        // What may be the number of a person is not repeated where a file or a pipe gets it.
        ("30131312955", "error: \"30…55\" is not a RUC: a RUC starts with 10, 15, 16, 17 or 20\n"),
        ("10101174100", "error: \"10…00\" is not a RUC: the check digit does not match\n"),
    ] {
        let run = World::new().run(&["ruc", number]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.ends_with(reason), "{}", run.stderr);
    }
}

#[test]
fn what_cannot_be_found_out_is_never_absent_and_ends_with_3() {
    let world = World::new().with_migo(&dead_upstream());
    for format in ["table", "json", "ndjson", "csv"] {
        for numbers in [&[FOUND][..], &[FOUND, "20100047218"]] {
            let run = world.run(&[&["ruc", "--format", format], numbers].concat());
            assert_eq!(run.code, 3, "{format}: {}", run.stderr);
            let said = run.everything().replace("0 absent", "");
            assert!(!said.contains("absent"), "{format}: {said}");
            assert!(run.stderr.contains("could not be found out (upstream_error)"), "{}", run.stderr);
            assert!(run.stderr.contains("the connection to migo failed"), "{}", run.stderr);
            assert!(!run.stderr.contains("WARN") && !run.stderr.contains(" µs"), "{}", run.stderr);
        }
    }
}

#[test]
fn many_numbers_keep_their_order_and_the_worst_outcome_decides_the_code() {
    let run = World::new().run(&["ruc", ABSENT, BAD, FOUND, "20100047218", FOUND]);
    assert_eq!(run.code, 2);
    assert_snapshot!("many", run.stdout);
    assert_snapshot!("many_stderr", run.stderr);

    assert_eq!(World::new().run(&["ruc", FOUND, "20100047218"]).code, 0);
    assert_eq!(World::new().run(&["ruc", FOUND, ABSENT]).code, 1);
    let dead = World::new().with_migo(&dead_upstream());
    assert_eq!(dead.run(&["ruc", FOUND, BAD]).code, 3, "not finding out outweighs a bad number");
}

#[test]
fn json_is_one_object_for_one_number_and_an_array_for_several() {
    let world = World::new();
    let found = world.run(&["ruc", FOUND, "--format", "json"]).stdout;
    assert!(found.starts_with(r#"{"ruc":"20131312955","nombre_o_razon_social":"SANDBOX"#), "{found}");
    assert!(found.contains(r#""meta":{"source":"sandbox""#), "{found}");
    let absent = world.run(&["ruc", ABSENT, "--format", "json"]).stdout;
    assert!(absent.starts_with(r#"{"ruc":"20000000001","outcome":"absent","taxpayer":null,"#), "{absent}");

    let many = world.run(&["ruc", FOUND, BAD, ABSENT, "--format", "json"]).stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&many).unwrap();
    let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["found", "invalid", "absent"]);
    assert_eq!(rows[0]["taxpayer"]["ruc"], FOUND);
    assert_eq!(rows[1]["error"]["code"], "invalid_ruc");
}

#[test]
fn ndjson_is_one_row_per_line_in_input_order() {
    let run = World::new().run(&["ruc", ABSENT, FOUND, BAD, "--format", "ndjson"]);
    let rows = run.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let rows: Vec<_> = rows.map(|row| (row["ruc"].clone(), row["outcome"].clone())).collect();
    let expected = [(ABSENT, "absent"), (FOUND, "found"), (BAD, "invalid")];
    assert_eq!(rows, expected.map(|(ruc, outcome)| (ruc.into(), outcome.into())));
}

#[test]
fn csv_has_every_field_and_what_became_of_the_number() {
    let run = World::new().run(&["ruc", FOUND, BAD, "--format", "csv"]);
    assert_snapshot!("csv", run.stdout);
    let columns: Vec<_> = run.stdout.lines().map(|line| line.matches(',').count()).collect();
    assert_eq!(columns, [25, 25, 25]);
}

#[test]
fn numbers_come_from_standard_input_and_from_files() {
    let world = World::new().with_file("numbers.txt", "\u{feff}20131312955\r\n\r\n20000000001\r\n");
    let from_file = world.run(&["ruc", "@numbers.txt", "--format", "csv"]);
    let from_input = world.run_with_input(&["ruc", "-", "--format", "csv"], "20131312955\n20000000001");
    assert_eq!((from_file.code, from_input.code), (1, 1));
    for run in [from_file, from_input] {
        let numbers: Vec<_> = run.stdout.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(numbers, [FOUND, ABSENT]);
    }
    let missing = world.run(&["ruc", "@nowhere.txt"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.starts_with("error: nowhere.txt cannot be read"), "{}", missing.stderr);
    assert_eq!(world.run_with_input(&["ruc", "-"], "\n\n").code, 2);
}

#[test]
fn what_spreadsheets_write_is_read() {
    let csv = "\u{feff}RUC del cliente;\r\n\"20131312955\";\r\n20000000001;20131312955\r\n20131312955;EMPRESA\r\n";
    let world = World::new().with_file("list.csv", csv);
    let run = world.run(&["ruc", "@list.csv", "--format", "csv"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let numbers: Vec<_> = run.stdout.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers, [FOUND, ABSENT, FOUND, "20131312955;EMPRESA"]);
    let heading = "the first line of list.csv, \"RUC del cliente;\", holds no digit: skipped as a heading\n";
    assert!(run.stderr.contains(heading), "{}", run.stderr);
    assert!(
        run.stderr.contains("\"20131312955;EMPRESA\" (number 4) is not a RUC: one number per line"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_file_that_is_no_text_is_refused_whole() {
    let world = World::new();
    let utf_16: Vec<u8> = "\u{feff}20131312955\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&utf_16[..], b"PK\x03\x04\x00\x00binary", b"20131312955\n\xd1\n"] {
        std::fs::write(world.path().join("list.xlsx"), bytes).unwrap();
        let run = world.run(&["ruc", "@list.xlsx"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert_eq!(run.stderr, "error: the file is not UTF-8 text; save it as CSV UTF-8\n");
    }
}

#[test]
fn a_bad_number_does_not_stretch_the_table() {
    let long = "9".repeat(5_000);
    let run = World::new().run(&["ruc", &long, FOUND]);
    assert!(run.stdout.lines().all(|line| line.chars().count() < 200), "{}", run.stdout);
    assert!(!run.stderr.contains(&long), "{}", run.stderr);
}

#[test]
fn the_log_is_silent_unless_it_is_asked_for() {
    let world = World::new().with_migo(&dead_upstream());
    let quiet = world.run(&["ruc", FOUND]);
    assert!(quiet.stderr.starts_with("error: ") && quiet.stderr.lines().count() == 1, "{}", quiet.stderr);
    let asked = world.with("CHASQUI_LOG", "warn").run(&["ruc", FOUND]);
    assert!(asked.stderr.lines().count() > 1, "{}", asked.stderr);
}

#[test]
fn offline_asks_nobody_and_says_that_it_could_not_find_out() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = World::new().with_migo(&sandbox.base);
    let run = world.run(&["ruc", FOUND, "--offline"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("nothing is asked with --offline"), "{}", run.stderr);
    let json = world.run(&["ruc", FOUND, "--offline", "--format", "json"]).stdout;
    assert!(json.starts_with(r#"{"ruc":"20131312955","outcome":"unknown","#), "{json}");
    let (stopped, _) = sandbox.stop();
    assert!(stopped.stderr.contains("0 calls"), "{}", stopped.stderr);
}

#[test]
fn a_sandbox_with_faults_stands_in_for_migo() {
    let sandbox = World::new().start(&[
        "sandbox",
        "--listen",
        "127.0.0.1:0",
        "--fault",
        "20000000001:status=503",
        "--fault",
        "20100047218:unauthorized",
    ]);
    let world = World::new().with_migo(&sandbox.base);
    let found = world.run(&["ruc", FOUND]);
    assert_eq!(found.code, 0, "{}", found.stderr);
    assert!(found.stdout.contains("Source: migo,") && !found.stdout.contains("SANDBOX:"), "{}", found.stdout);
    let failed = world.run(&["ruc", ABSENT]);
    assert_eq!((failed.code, failed.stdout.as_str()), (3, ""), "an absent number is unknown while MIGO fails");
    assert!(failed.stderr.contains("migo answered with status 503"), "{}", failed.stderr);
    let refused = world.run(&["ruc", "20100047218"]);
    assert_eq!(refused.code, 3);
    assert!(refused.stderr.contains("(upstream_auth)"), "{}", refused.stderr);
    assert!(refused.stderr.contains("CHASQUI_MIGO__TOKEN_FILE"), "{}", refused.stderr);
    let (stopped, _) = sandbox.stop();
    assert_eq!(stopped.code, 0);
    assert!(stopped.stderr.contains("3 calls: 3 for one RUC"), "{}", stopped.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    // `head` reads one line and leaves; the rest is larger than what a pipe holds.
    let numbers = "20131312954\n".repeat(20_000);
    let world = World::new().with_file("numbers.txt", &numbers);
    let command = format!("{} ruc @numbers.txt --format ndjson | head -n 1", env!("CARGO_BIN_EXE_chasqui"));
    let output = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(world.path())
        .env_remove("CHASQUI_CONFIG")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
}

#[test]
fn ctrl_c_ends_it_with_130_while_nothing_was_answered() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "silence"]);
    let running = World::new().with_migo(&sandbox.base).spawn(&["ruc", FOUND]);
    sandbox.wait_until_it_is_asked(1);
    running.signal("INT");
    let run = running.wait();
    assert_eq!((run.code, run.stdout.as_str()), (130, ""));
    assert!(run.stderr.contains("stopped before the end"), "{}", run.stderr);
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let world = World::new();
    assert_eq!(world.run(&["ruc"]).code, 2);
    assert_eq!(world.run(&["ruc", FOUND, "--format", "xml"]).code, 2);
    assert_eq!(world.run(&["ruc", FOUND, "--offline", "--refresh"]).code, 2);
    assert_eq!(world.run(&["nonsense"]).code, 2);
    assert_eq!(world.run(&["--version"]).stdout, concat!("chasqui ", env!("CARGO_PKG_VERSION"), "\n"));
    let commands = ["ruc", "dni", "rate", "representatives", "billing", "account", "cpe", "serve", "sandbox", "cache"];
    for command in commands.into_iter().chain(["config", "doctor", "completions", "man"]) {
        let help = world.run(&[command, "--help"]);
        assert!(help.code == 0 && help.stdout.contains("Examples:\n"), "{command}");
    }
}
