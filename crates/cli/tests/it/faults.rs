//! Every fault of the upstream, seen from the command line: the right exit code, and never "absent" for an outage.

use std::thread;

use serde_json::Value;

use crate::program::World;

const KNOWN: &str = "20131312955";
const NOBODY: &str = "20000000001";
const OTHER: &str = "20100038146";

/// What the command line says of the three numbers, asked together, and its exit codes: known alone, nobody alone, all.
struct Case {
    fault: &'static str,
    together: [&'static str; 3],
    codes: [i32; 3],
}

const TRUTH: [&str; 3] = ["found", "absent", "found"];
const NOTHING: [&str; 3] = ["unknown", "unknown", "unknown"];
const OUTAGES: [&str; 13] = [
    "status=500",
    "status=503",
    "throttle",
    "throttle=7",
    "unauthorized",
    "forbidden",
    "malformed",
    "html",
    "html=404",
    "truncated",
    "reset",
    "silence",
    "outage=60s/60s",
];

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> =
        OUTAGES.into_iter().map(|fault| Case { fault, together: NOTHING, codes: [3, 3, 3] }).collect();
    for fault in ["latency=30ms", "content-type=text/html", "reorder", "repeat"] {
        cases.push(Case { fault, together: TRUTH, codes: [0, 1, 1] });
    }
    cases.push(Case { fault: "drip=1/40ms", together: NOTHING, codes: [3, 3, 3] });
    cases.push(Case { fault: "empty", together: ["found", "unknown", "unknown"], codes: [0, 1, 3] });
    cases.push(Case { fault: "foreign", together: ["found", "unknown", "found"], codes: [0, 1, 3] });
    cases.push(Case { fault: "omit=2", together: ["found", "absent", "absent"], codes: [0, 1, 1] });
    cases
}

#[test]
fn every_fault_has_its_exit_code_and_no_outage_is_an_absence() {
    let checks: Vec<_> = cases().into_iter().map(|case| thread::spawn(move || check(&case))).collect();
    for check in checks {
        check.join().expect("the case holds");
    }
}

fn check(case: &Case) {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", case.fault]);
    let is_slow = case.fault == "silence" || case.fault.starts_with("drip");
    let timeout = if is_slow { "700ms" } else { "20s" };
    let world = World::new().with_migo(&sandbox.base).with("CHASQUI_MIGO__TIMEOUT", timeout);
    let known = world.run(&["ruc", KNOWN]);
    let nobody = world.run(&["ruc", NOBODY]);
    let all = world.run(&["ruc", KNOWN, NOBODY, OTHER, "--format", "ndjson"]);
    assert_eq!([known.code, nobody.code, all.code], case.codes, "{}: {}", case.fault, all.everything());
    let rows: Vec<Value> = all.stdout.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    assert_eq!(rows.len(), 3, "{}", case.fault);
    for (row, (number, outcome)) in rows.iter().zip([KNOWN, NOBODY, OTHER].into_iter().zip(case.together)) {
        assert_eq!((row["ruc"].as_str(), row["outcome"].as_str()), (Some(number), Some(outcome)), "{}", case.fault);
    }
    if case.codes[1] == 3 {
        assert!(!nobody.stdout.contains("absent") && !nobody.stderr.contains("absent"), "{}", nobody.everything());
    }
    thread::scope(|scope| {
        for question in QUESTIONS {
            let world = &world;
            let asking = scope.spawn(move || check_question(case.fault, world, question));
            // Side by side only where each question would wait; elsewhere so many processes would be slow themselves.
            if !is_slow {
                asking.join().expect("the question holds");
            }
        }
    });
    drop(sandbox);
}

/// A question, asked about what is known and about what is not, and what that ends with.
#[derive(Clone, Copy)]
struct Question {
    known: (&'static [&'static str], i32),
    unknown: (&'static [&'static str], i32),
    /// Whether its answer is a list, which faults of collections strike too.
    is_list: bool,
}

const DOCUMENT: &[&str] = &["cpe", KNOWN, "01", "F001-123", "2020-01-02", "118.00"];

const QUESTIONS: [Question; 7] = [
    Question { known: (&["dni", "10117410"], 0), unknown: (&["dni", "99999999"], 1), is_list: false },
    // A day is asked together with those before it.
    Question { known: (&["rate", "2020-01-02"], 0), unknown: (&["rate", "2010-01-01"], 1), is_list: true },
    Question { known: (&["billing", KNOWN], 0), unknown: (&["billing", NOBODY], 1), is_list: false },
    Question { known: (DOCUMENT, 0), unknown: (DOCUMENT, 0), is_list: false },
    Question { known: (&["account"], 0), unknown: (&["account"], 0), is_list: false },
    Question { known: (&["representatives", KNOWN], 0), unknown: (&["representatives", NOBODY], 1), is_list: true },
    Question {
        known: (&["rate", "2020-01-02..2020-01-04"], 0),
        unknown: (&["rate", "2010-01-01..2010-01-02"], 1),
        is_list: true,
    },
];

fn check_question(fault: &str, world: &World, question: Question) {
    let is_outage = OUTAGES.contains(&fault) || fault.starts_with("drip");
    let shapes_lists = ["empty", "foreign", "omit=2", "reorder", "repeat"].contains(&fault);
    for (arguments, code) in [question.known, question.unknown] {
        if shapes_lists && question.is_list {
            // What a source leaves out of a list cannot be told from what is not there; that it does not fail is all.
            continue;
        }
        let expected = if is_outage { 3 } else { code };
        let formats = if fault == "status=503" { &["table", "json", "ndjson", "csv"][..] } else { &["table"] };
        for format in formats {
            let run = world.run(&[arguments, &["--format", format]].concat());
            assert_eq!(run.code, expected, "{fault} {arguments:?} {format}: {}", run.everything());
            if is_outage {
                let said = run.everything();
                let is_denied = ["absent", "nobody", "no rate", "El RUC no existe", "NO EXISTE"]
                    .iter()
                    .any(|word| said.contains(word));
                assert!(!is_denied, "{fault} {arguments:?} {format}: {said}");
                assert!(run.stderr.contains("could not be found out ("), "{fault}: {said}");
            }
        }
    }
}
