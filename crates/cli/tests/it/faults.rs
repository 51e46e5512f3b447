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
    let world = World::new().with_migo(&sandbox.base).with("CHASQUI_MIGO__TIMEOUT", "700ms");
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
    drop(sandbox);
}
