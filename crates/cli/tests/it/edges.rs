//! The edges of the questions: lists with nobody in them, the first days, old rates, documents that cannot be.

use serde_json::Value;

use crate::program::{Run, World, upstream_that_says};

const FOUND: &str = "20131312955";
const FORMATS: [&str; 4] = ["table", "json", "ndjson", "csv"];

#[test]
fn a_company_that_nobody_represents_is_absent_in_every_format() {
    let upstream = upstream_that_says(r#"{"success":true,"data":[]}"#);
    let world = World::new().with_migo(&upstream);
    for format in FORMATS {
        let run = world.run(&["representatives", FOUND, "--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.everything());
        match format {
            "table" => {
                let expected = format!("nobody represents {FOUND}, as far as migo knew at ");
                assert!(run.stdout.starts_with(&expected), "{}", run.stdout);
            }
            "csv" => assert!(run.stdout.contains(",absent,absent,migo,"), "{}", run.stdout),
            _ => assert_eq!(json(&run)["outcome"], "absent"),
        }
    }
}

#[test]
fn the_first_days_of_rates_have_none_before_them() {
    let alone = World::new().run(&["rate", "2010-01-01"]);
    let expected = "no rate was published for that day, and none is published before 2010-01-01\n";
    assert_eq!((alone.code, alone.stdout.as_str()), (1, expected));
    for format in FORMATS {
        let range = World::new().run(&["rate", "2010-01-01..2010-01-10", "--format", format]);
        assert_eq!(range.code, 0, "{}", range.everything());
        let expected = "no rate is published before 2010-01-04: 3 days of the range without a row\n";
        assert!(range.stderr.ends_with(expected), "{format}: {}", range.everything());
    }
    let whole = World::new().run(&["rate", "2010-01-04..2010-01-10"]);
    assert_eq!((whole.code, whole.stderr.as_str()), (0, ""));
}

#[test]
fn an_emptied_list_of_rates_is_no_absence() {
    let world = World::new().with_migo(&upstream_that_says(r#"{"success":true,"data":[]}"#));
    for when in ["2020-01-02", "2020-01-02..2020-01-04"] {
        let run = world.run(&["rate", when]);
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{when}: {}", run.everything());
    }
}

#[test]
fn a_last_rate_that_is_old_is_to_be_looked_at() {
    let rate = r#"{"success":true,"fecha":"2020-01-02","moneda":"USD","precio_compra":"3.356","precio_venta":"3.362"}"#;
    let world = World::new().with_migo(&upstream_that_says(rate));
    let table = world.run(&["rate", "latest"]);
    assert_eq!(table.code, 0, "{}", table.everything());
    assert!(table.stdout.contains("  published more than a week ago\n"), "{}", table.stdout);
    let csv = world.run(&["rate", "--format", "csv"]);
    assert!(csv.stdout.contains(",2020-01-02,USD,3.356,3.362,old,migo,"), "{}", csv.stdout);
    assert!(!World::new().run(&["rate"]).stdout.contains("week ago"));
}

#[test]
fn a_rate_offline_is_unknown_in_the_words_of_the_other_commands() {
    let numbers = World::new().run(&["dni", "10117410", "--offline"]);
    assert_eq!(numbers.code, 3);
    for when in ["latest", "today", "2020-01-02", "2020-01-02..2020-01-04"] {
        let rate = World::new().run(&["rate", when, "--offline"]);
        assert_eq!((rate.code, rate.stdout, &rate.stderr), (3, String::new(), &numbers.stderr), "{when}");
    }
    let body = json(&World::new().run(&["rate", "--offline", "--format", "json"]));
    assert_eq!((&body["outcome"], &body["error"]["code"]), (&"unknown".into(), &"no_source".into()));
    assert_eq!(World::new().run(&["rate", "--offline", "--refresh"]).code, 2);
}

#[test]
fn a_day_that_cannot_be_asked_is_usage_offline_too() {
    for when in [
        "2009-12-31",
        "2999-01-01",
        "2010-01-02..2010-01-01",
        "2010-02-01..2009-01-01",
        "2999-01-02..2999-01-01",
        "2010-01-01..2020-12-31",
        "2020-01-01..2999-01-01",
    ] {
        let [online, offline] =
            [&["rate", when][..], &["rate", when, "--offline"]].map(|arguments| World::new().run(arguments));
        assert_eq!((offline.code, offline.stderr), (2, online.stderr), "{when}");
    }
}

#[test]
fn a_document_of_a_day_to_come_is_usage() {
    for kind in ["01", "R1"] {
        let run = World::new().run(&["cpe", FOUND, kind, "E001-1", "2999-01-01", "100.00"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.starts_with("error: 2999-01-01 has not come yet: in Lima it is "), "{}", run.stderr);
    }
}

#[test]
fn an_electronic_document_without_an_amount_is_usage_and_a_printed_one_is_asked() {
    for (kind, document) in [("01", "F001-1"), ("03", "b001-1"), ("07", "FC01-1"), ("08", "FD01-1"), ("01", "E001-1")] {
        let run = World::new().run(&["cpe", FOUND, kind, document, "2020-01-02"]);
        let series = document[..4].to_uppercase();
        let expected = format!(
            "error: no amount: {series} is an electronic series of kind {kind}; add the total, such as 118.00\n"
        );
        assert_eq!((run.code, run.stderr), (2, expected));
    }
    for (kind, document) in [("01", "0001-1"), ("R1", "E001-1")] {
        let run = World::new().run(&["cpe", FOUND, kind, document, "2020-01-02"]);
        assert_ne!(run.code, 2, "{kind} {document}: {}", run.everything());
    }
}

#[test]
fn all_that_is_wrong_with_a_document_is_said_at_once() {
    let run = World::new().run(&["cpe", "123", "01", "F001-1", "2999-01-01"]);
    assert_eq!(run.code, 2);
    for fault in ["\"123\" is not a RUC: expected 11 digits, found 3\n", "has not come yet", "no amount: F001"] {
        assert!(run.stderr.contains(fault), "{}", run.stderr);
    }
}

#[test]
fn an_account_that_is_nearly_used_up_is_warned_of() {
    for (body, warning) in [
        (r#"{"success":true,"nombre":"PRUEBA","email":"a@b.pe","consultas":500}"#, ""),
        (
            r#"{"success":true,"nombre":"PRUEBA","email":"a@b.pe","consultas":499}"#,
            "warning: fewer than 500 queries are left: 499; add some to the account of MIGO\n",
        ),
        (
            r#"{"success":true,"nombre":"PRUEBA","email":"a@b.pe","consultas":0}"#,
            "warning: fewer than 500 queries are left: 0; add some to the account of MIGO\n",
        ),
        (r#"{"success":true,"nombre":"PRUEBA","email":"a@b.pe","consultas":"sin límite"}"#, ""),
    ] {
        let world = World::new().with_migo(&upstream_that_says(body));
        for format in FORMATS {
            let run = world.run(&["account", "--format", format]);
            assert_eq!((run.code, run.stderr.as_str()), (0, warning), "{format} {body}");
        }
    }
}

#[test]
fn an_empty_number_can_be_seen_in_a_table() {
    for command in ["ruc", "dni", "representatives", "billing"] {
        let run = World::new().run(&[command, "", "12"]);
        assert_eq!(run.code, 2);
        let line = run.stdout.lines().nth(1).unwrap_or_default();
        assert!(line.starts_with("\"\"  "), "{command}: {}", run.stdout);
    }
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).expect("a body is JSON")
}
