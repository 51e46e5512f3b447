//! The questions about people, rates, representatives, invoicing, the account and documents, over the embedded sandbox.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Run, World, dead_upstream};

const FOUND: &str = "20131312955";
const ABSENT: &str = "20000000001";
const PERSON: &str = "10117410";
const NOBODY: &str = "99999999";

#[test]
fn a_person_is_a_name_a_digit_and_a_ruc() {
    let run = World::new().run(&["dni", PERSON]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_snapshot!("person", without_moments(&run.stdout));
    let absent = World::new().run(&["dni", NOBODY]);
    assert_eq!(absent.code, 1);
    assert!(absent.stdout.starts_with("99999999 is absent: sandbox said so at "), "{}", absent.stdout);
}

#[test]
fn people_are_rows_in_input_order_in_every_format() {
    let world = World::new().with_file("people.txt", "DNI\n10117410\n99999999 10117421\n1011741\n");
    let table = world.run(&["dni", "@people.txt"]);
    assert_eq!(table.code, 2);
    assert_snapshot!("people", table.everything());
    let rows = ndjson(&world.run(&["dni", "@people.txt", "--format", "ndjson"]));
    let outcomes: Vec<_> = rows.iter().map(|row| (text(&row["dni"]), text(&row["outcome"]))).collect();
    let expected = [(PERSON, "found"), (NOBODY, "absent"), ("10117421", "found"), ("1011741", "invalid")];
    assert_eq!(outcomes, expected);
    assert_eq!(rows[0]["person"]["dni"], PERSON);
    assert_eq!((&rows[1]["error"]["code"], &rows[3]["error"]["code"]), (&"absent".into(), &"invalid_dni".into()));
    let array = world.run(&["dni", "@people.txt", "--format", "json"]).stdout;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&array).unwrap().len(), 4);
    let csv = world.run(&["dni", "@people.txt", "--format", "csv"]).stdout;
    assert!(csv.starts_with("dni,nombre,digito_verificador,outcome,error_code,source,as_of,freshness\n"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
}

#[test]
fn a_single_body_is_that_of_the_server() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    for (arguments, path) in [
        (&["dni", PERSON][..], "/v1/dni/10117410"),
        (&["representatives", FOUND], "/v1/ruc/20131312955/representatives"),
        (&["billing", FOUND], "/v1/ruc/20131312955/billing"),
        (&["rate", "2020-01-01"], "/v1/rates/2020-01-01"),
        (&["rate", "2020-01-01..2020-01-05"], "/v1/rates?from=2020-01-01&to=2020-01-05"),
    ] {
        let printed = World::new().run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(printed.code, 0, "{}", printed.stderr);
        let (status, body) = server.request("GET", path);
        assert_eq!(status, 200, "{path}: {body}");
        let [here, there] = [&printed.stdout, &body].map(|text| bare(serde_json::from_str(text).unwrap()));
        assert_eq!(here, there, "{path}");
    }
}

#[test]
fn a_rate_says_on_which_day_it_was_published() {
    let run = World::new().run(&["rate", "2020-01-01"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_snapshot!("rate", run.stdout);
    let range = World::new().run(&["rate", "2019-12-27..2020-01-03"]);
    assert_eq!(range.code, 0);
    assert_snapshot!("rates", range.stdout);
    let csv = World::new().run(&["rate", "2019-12-27..2020-01-03", "--format", "csv"]).stdout;
    assert_eq!(csv.lines().count(), 9, "{csv}");
    assert!(csv.starts_with("fecha,publicado_el,moneda,precio_compra,precio_venta,avisos,source,as_of,freshness\n"));
    assert_eq!(ndjson(&World::new().run(&["rate", "2019-12-27..2020-01-03", "--format", "ndjson"])).len(), 8);
    for when in [&["rate"][..], &["rate", "latest"], &["rate", "today"]] {
        assert_eq!(World::new().run(when).code, 0, "{when:?}");
    }
}

#[test]
fn a_day_that_has_no_rate_is_usage_or_absent() {
    for (when, expected) in [
        ("2009-12-31", "error: rates are published from 2010-01-01 on\n"),
        ("2010-01-02..2010-01-01", "error: the range ends before it begins\n"),
        ("2009-12-31..2010-02-01", "error: rates are published from 2010-01-01 on\n"),
    ] {
        let run = World::new().run(&["rate", when]);
        assert_eq!((run.code, run.stderr.as_str()), (2, expected));
    }
    let future = World::new().run(&["rate", "2999-01-01"]);
    assert_eq!(future.code, 2);
    assert!(future.stderr.starts_with("error: that day has not come yet: in Lima it is "), "{}", future.stderr);
    for format in ["table", "json", "ndjson", "csv"] {
        assert_eq!(World::new().run(&["rate", "2010-01-01", "--format", format]).code, 1, "{format}");
        assert_eq!(World::new().run(&["rate", "2010-01-01..2010-01-02", "--format", format]).code, 1, "{format}");
    }
    for bad in ["28/07/2026", "2026-02-30", "yesterday"] {
        assert_eq!(World::new().run(&["rate", bad]).code, 2, "{bad}");
    }
}

#[test]
fn representatives_are_one_line_each() {
    let run = World::new().run(&["representatives", FOUND]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!("representatives", without_moments(&run.stdout));
    let absent = World::new().run(&["representatives", ABSENT]);
    assert_eq!(absent.code, 1);
    assert!(
        absent.stdout.starts_with("nobody represents 20000000001, as far as sandbox knew at "),
        "{}",
        absent.stdout
    );
    let many = World::new().run(&["representatives", FOUND, ABSENT, "123", "--format", "csv"]);
    assert_eq!(many.code, 2);
    let numbers: Vec<_> = many.stdout.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers, ["ruc", FOUND, FOUND, FOUND, ABSENT, "123"]);
    let columns: Vec<_> = many.stdout.lines().map(|line| line.matches(',').count()).collect();
    assert_eq!(columns, [10; 6]);
}

#[test]
fn a_verdict_on_invoicing_is_yes_no_or_not_verified() {
    let yes = World::new().run(&["billing", FOUND]);
    assert_eq!(yes.code, 0, "{}", yes.stderr);
    assert_snapshot!("billing_one", yes.stdout);
    assert_eq!(World::new().run(&["billing", ABSENT]).code, 1);
    let many = World::new().run(&["billing", FOUND, ABSENT, "123"]);
    assert_eq!(many.code, 2);
    assert_snapshot!("billing", many.everything());
    let dead = World::new().with_migo(&dead_upstream()).run(&["billing", FOUND, "20100047218", "123"]);
    assert_eq!(dead.code, 3);
    assert_eq!(dead.stdout.matches("NO VERIFICADO").count(), 2, "{}", dead.stdout);
    let rows = ndjson(&World::new().run(&["billing", FOUND, ABSENT, "123", "--format", "ndjson"]));
    assert_eq!(rows.iter().map(|row| row["valid"].clone()).collect::<Vec<_>>(), [true, false, false].map(Value::from));
    let csv = World::new().run(&["billing", FOUND, ABSENT, "123", "--format", "csv"]).stdout;
    let columns: Vec<_> = csv.lines().map(|line| line.matches(',').count()).collect();
    assert_eq!(columns, [11; 4], "{csv}");
}

#[test]
fn a_document_is_judged_and_a_bad_one_is_usage() {
    let document = ["cpe", FOUND, "01", "F001-123", "2020-01-02", "118.00"];
    let run = World::new().run(&document);
    assert_eq!(run.code, 0, "{}", run.everything());
    assert!(run.stdout.starts_with("Estado del comprobante    ACEPTADO\n"), "{}", run.stdout);
    let body: Value =
        serde_json::from_str(&World::new().run(&[&document[..], &["--format", "json"]].concat()).stdout).unwrap();
    assert_eq!((&body["valid"], &body["monto"]), (&true.into(), &"118.00".into()));
    for (place, bad) in [(1, "10101174100"), (2, "09"), (3, "F001"), (4, "20/11/2026"), (5, "1,5")] {
        let mut document = document;
        document[place] = bad;
        let run = World::new().run(&document);
        assert_eq!(run.code, 2, "{bad}");
        assert!(!run.stderr.contains("1010117410"), "{}", run.stderr);
    }
}

#[test]
fn the_account_tells_what_is_left() {
    let run = World::new().run(&["account"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("Consultas disponibles  39,999\n"), "{}", run.stdout);
    let csv = World::new().run(&["account", "--format", "csv"]).stdout;
    assert!(csv.starts_with("nombre,email,consultas,source,as_of,freshness\nSANDBOX"), "{csv}");
}

#[test]
fn offline_asks_nobody() {
    for question in [&["dni", PERSON][..], &["billing", FOUND], &["representatives", FOUND]] {
        let run = World::new().run(&[question, &["--offline"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{question:?}");
    }
}

#[test]
fn a_dni_is_nowhere_but_in_the_answer() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    for fault in ["echo", "status=503", "forbidden", "malformed", "latency=1ms"] {
        let struck = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", fault]);
        for base in [&struck.base, &sandbox.base] {
            let world = World::new().with_migo(base).with("CHASQUI_LOG", "trace");
            for arguments in [&["dni", PERSON][..], &["dni", PERSON, "101174100", "1O117410"], &["dni", NOBODY]] {
                let run = world.run(arguments);
                for number in [PERSON, NOBODY, "101174100", "1O117410"] {
                    assert!(!run.stderr.contains(number), "{fault} {arguments:?}: {}", run.stderr);
                }
            }
        }
    }
}

/// The rows that a run printed.
fn ndjson(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A body without the moments of its run.
fn bare(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, _| name != "fetched_at" && name != "as_of");
            for member in members.values_mut() {
                *member = bare(member.take());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = bare(item.take())),
        _ => {}
    }
    value
}

/// The text with the moment of the run replaced.
fn without_moments(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(", as of ") {
        Some((before, after)) => format!("{before}, as of [moment]{}", &after[after.find(',').unwrap_or_default()..]),
        None => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}
