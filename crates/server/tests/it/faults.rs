//! Every fault of the upstream, seen through every surface: the outcome is the right one, and an outage is never an
//! absence, neither said nor remembered.

mod questions;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chasqui_sandbox::{Endpoint, Fault, FaultRule, Faults};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::upstream::{TOKEN, Upstream};

/// Exists in the sandbox.
const KNOWN: &str = "20131312955";
/// Does not.
const NOBODY: &str = "20000000001";
/// Exists too.
const OTHER: &str = "20100038146";

/// What a surface said of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Found,
    Absent,
    Unknown,
}
use Said::{Absent, Found, Unknown};

/// What is expected of the three numbers, asked one by one and together.
struct Case {
    name: &'static str,
    faults: Faults,
    alone: [Said; 3],
    together: [Said; 3],
    /// The native code and status of the first number asked alone, where it is unknown.
    problem: Option<(u16, &'static str)>,
    /// Whether the gateway answers rightly as soon as the fault is gone.
    recovers: bool,
}

fn outage(name: &'static str, fault: Fault, status: u16, code: &'static str) -> Case {
    Case {
        name,
        faults: Faults::always(fault),
        alone: [Unknown; 3],
        together: [Unknown; 3],
        problem: Some((status, code)),
        recovers: true,
    }
}

fn harmless(name: &'static str, fault: Fault) -> Case {
    let truth = [Found, Absent, Found];
    Case { name, faults: Faults::always(fault), alone: truth, together: truth, problem: None, recovers: true }
}

fn collection(name: &'static str, fault: Fault, together: [Said; 3]) -> Case {
    Case { together, ..harmless(name, fault) }
}

fn cases() -> Vec<Case> {
    vec![
        outage("500", Fault::Status { status: 500 }, 502, "upstream_error"),
        outage("503", Fault::Status { status: 503 }, 502, "upstream_error"),
        outage("429", Fault::Throttle { retry_after: None }, 429, "limited"),
        Case { recovers: false, ..outage("429 for a while", Fault::Throttle { retry_after: Some(7) }, 429, "limited") },
        Case { recovers: false, ..outage("401", Fault::Unauthorized, 502, "upstream_auth") },
        Case { recovers: false, ..outage("403", Fault::Forbidden, 502, "upstream_auth") },
        outage("malformed JSON", Fault::Malformed, 502, "upstream_error"),
        outage("a page", Fault::Html { status: 200 }, 502, "upstream_error"),
        outage("a page that says 404", Fault::Html { status: 404 }, 502, "upstream_error"),
        outage("a body cut short", Fault::Truncated, 502, "upstream_error"),
        outage("a reset", Fault::Reset, 502, "upstream_error"),
        outage("a slow drip", Fault::Drip { bytes: 1, every_ms: 40 }, 504, "deadline"),
        outage("silence", Fault::Silence, 504, "deadline"),
        Case {
            faults: Faults::default().with_outage(Duration::from_mins(1), Duration::from_mins(1)),
            ..outage("an outage", Fault::Reset, 502, "upstream_error")
        },
        harmless("latency", Fault::Latency { ms: 20, jitter_ms: 20 }),
        harmless("another content type", Fault::ContentType { value: "text/html".into() }),
        harmless("another order", Fault::Reorder),
        harmless("repeated records", Fault::Repeat),
        // Nothing came back, and one number asked alone exists: the reply is not believed.
        collection("an empty collection", Fault::Empty, [Found, Unknown, Unknown]),
        // Half of the records are left out, which is how MIGO says "absent": a lie in its own words.
        collection("left out records", Fault::Omit { every: 2 }, [Found, Absent, Absent]),
        collection("records nobody asked for", Fault::Foreign, [Found, Unknown, Found]),
        Case {
            faults: Faults::default().and(FaultRule::always(Fault::Status { status: 502 }).at(&[Endpoint::Collection])),
            ..collection("collections alone fail", Fault::Reset, [Unknown; 3])
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_for_what_it_is_on_every_surface() {
    // Each case has its own upstream, so that they need not wait for each other.
    join_all(cases().iter().map(check)).await;
}

async fn check(case: &Case) {
    for surface in SURFACES {
        let upstream = Upstream::start(case.faults.clone()).await;
        let expected = match (surface.together, surface.name) {
            (true, MIGO_COLLECTION) if case.together.contains(&Unknown) => [Unknown; 3],
            (true, _) => case.together,
            (false, _) => case.alone,
        };
        let said = (surface.ask)(&upstream).await;
        assert_eq!(said, expected, "{} through {}", case.name, surface.name);
        if surface.name == NATIVE
            && let Some(problem) = case.problem
        {
            assert_eq!(native_problem(&upstream).await, problem, "{}", case.name);
        }
        // What was not found out is not remembered.
        let absent = upstream.get("/v1/cache/absent").await;
        let remembered = absent.json()["absent"].as_array().map_or(0, Vec::len);
        let said_absent = expected.iter().filter(|said| **said == Absent).count();
        assert_eq!(remembered, said_absent, "{} through {}: {}", case.name, surface.name, absent.text());
        if case.recovers && expected.iter().all(|said| *said == Unknown) {
            upstream.sandbox().set_faults(Faults::default());
            let truth = (surface.ask)(&upstream).await;
            assert_eq!(truth, [Found, Absent, Found], "{} is over, through {}", case.name, surface.name);
        }
        upstream.stop().await;
    }
}

type Asked<'a> = std::pin::Pin<Box<dyn Future<Output = [Said; 3]> + Send + 'a>>;

struct Surface {
    name: &'static str,
    together: bool,
    ask: fn(&Upstream) -> Asked<'_>,
}

const NATIVE: &str = "GET /v1/ruc";
const MIGO_COLLECTION: &str = "POST /api/v1/ruc/collection";
const SURFACES: [Surface; 9] = [
    Surface { name: NATIVE, together: false, ask: |upstream| Box::pin(native_one(upstream)) },
    Surface { name: "POST /v1/ruc/lookup", together: true, ask: |upstream| Box::pin(native_many(upstream)) },
    Surface { name: "the same, streamed", together: true, ask: |upstream| Box::pin(native_stream(upstream)) },
    Surface { name: "consultar-async", together: false, ask: |upstream| Box::pin(old_one(upstream)) },
    Surface { name: "consultar-masivo-async", together: true, ask: |upstream| Box::pin(old_many(upstream)) },
    Surface { name: "POST /api/v1/ruc", together: false, ask: |upstream| Box::pin(migo_post(upstream)) },
    Surface { name: "GET /api/v1/ruc", together: false, ask: |upstream| Box::pin(migo_get(upstream, "v1")) },
    Surface { name: "GET /api/v2/ruc", together: false, ask: |upstream| Box::pin(migo_get(upstream, "v2")) },
    Surface { name: MIGO_COLLECTION, together: true, ask: |upstream| Box::pin(migo_many(upstream)) },
];

async fn each<'a, F: Future<Output = Said>>(ask: impl Fn(&'a str) -> F) -> [Said; 3] {
    [ask(KNOWN).await, ask(NOBODY).await, ask(OTHER).await]
}

async fn native_one(upstream: &Upstream) -> [Said; 3] {
    each(async |number| {
        let response = upstream.get(&format!("/v1/ruc/{number}")).await;
        match response.status {
            StatusCode::OK => Found,
            StatusCode::NOT_FOUND if response.json()["code"] == "absent" => Absent,
            StatusCode::NOT_FOUND => panic!("a 404 that is no absence: {}", response.text()),
            _ => Unknown,
        }
    })
    .await
}

async fn native_problem(upstream: &Upstream) -> (u16, &'static str) {
    let response = upstream.get(&format!("/v1/ruc/{KNOWN}")).await;
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("content-type"), Some("application/problem+json"));
    if response.status == StatusCode::TOO_MANY_REQUESTS {
        assert!(response.header("retry-after").is_some());
    }
    let code = response.json()["code"].as_str().map(str::to_owned);
    let known = ["upstream_error", "upstream_auth", "limited", "deadline"];
    let code = known.into_iter().find(|known| Some(*known) == code.as_deref());
    (response.status.as_u16(), code.unwrap_or_else(|| panic!("an unexpected problem: {}", response.text())))
}

fn row(row: &Value) -> Said {
    match row["outcome"].as_str() {
        Some("found") => Found,
        Some("absent") => Absent,
        Some("unknown") => Unknown,
        other => panic!("an unexpected outcome: {other:?}"),
    }
}

async fn native_many(upstream: &Upstream) -> [Said; 3] {
    let body = json!({"rucs": [KNOWN, NOBODY, OTHER]});
    let response = upstream.post_json("/v1/ruc/lookup", &body).await;
    assert_eq!(response.status, StatusCode::OK);
    let rows = response.json()["results"].as_array().unwrap().clone();
    [row(&rows[0]), row(&rows[1]), row(&rows[2])]
}

async fn native_stream(upstream: &Upstream) -> [Said; 3] {
    let request = Request::post("/v1/ruc/lookup")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/x-ndjson")
        .body(Body::from(json!({"rucs": [KNOWN, NOBODY, OTHER]}).to_string()))
        .unwrap();
    let response = upstream.send(request).await;
    let mut said = [None; 3];
    for line in response.text().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let index = usize::try_from(line["index"].as_u64().unwrap()).unwrap();
        assert_eq!(said[index].replace(row(&line)), None, "each row once");
    }
    said.map(|said| said.expect("every row is there"))
}

async fn old_one(upstream: &Upstream) -> [Said; 3] {
    each(async |number| {
        let response = upstream.post_json("/api/ruc/consultar-async/", &json!({"ruc": number})).await;
        let body = response.json();
        match (&body["success"], &body["invalid_sunat"], response.status) {
            (Value::Bool(true), Value::Null, StatusCode::OK) => Found,
            (Value::Bool(false), Value::Bool(true), StatusCode::OK) => Absent,
            (Value::Bool(false), Value::Null, status) => {
                assert!(status.is_client_error() || status.is_server_error(), "{}", response.text());
                assert_ne!(status, StatusCode::NOT_FOUND);
                assert_eq!(body["invalid_format"], Value::Null);
                Unknown
            }
            _ => panic!("an unexpected body: {}", response.text()),
        }
    })
    .await
}

async fn old_many(upstream: &Upstream) -> [Said; 3] {
    let body = json!({"rucs": [KNOWN, NOBODY, OTHER]});
    let response = upstream.post_json("/api/ruc/consultar-masivo-async/", &body).await;
    assert_eq!(response.status, StatusCode::OK, "{}", response.text());
    let body = response.json();
    let listed =
        |list: &str, number: &str| body["data"][list].as_array().unwrap().iter().any(|item| item["ruc"] == number);
    [KNOWN, NOBODY, OTHER].map(|number| {
        match (listed("validos", number), listed("invalidos", number), listed("errores", number)) {
            (true, false, false) => Found,
            (false, true, false) => Absent,
            (false, false, true) => Unknown,
            lists => panic!("{number} in {lists:?}: {}", response.text()),
        }
    })
}

fn migo(response: &crate::upstream::Received) -> Said {
    match response.status {
        StatusCode::OK => Found,
        StatusCode::NOT_FOUND => Absent,
        StatusCode::SERVICE_UNAVAILABLE => {
            assert!(response.header("retry-after").is_some(), "{}", response.text());
            assert!(response.json()["message"].is_string(), "{}", response.text());
            Unknown
        }
        status => panic!("an unexpected {status}: {}", response.text()),
    }
}

async fn migo_post(upstream: &Upstream) -> [Said; 3] {
    each(async |number| migo(&upstream.post_json("/api/v1/ruc", &json!({"token": TOKEN, "ruc": number})).await)).await
}

async fn migo_get(upstream: &Upstream, version: &str) -> [Said; 3] {
    each(async |number| {
        let request = Request::get(format!("/api/{version}/ruc/{number}"))
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::empty())
            .unwrap();
        migo(&upstream.send(request).await)
    })
    .await
}

/// A collection that fails whole says "unknown" of all its numbers, as MIGO's format tells absence by omission.
async fn migo_many(upstream: &Upstream) -> [Said; 3] {
    let body = json!({"token": TOKEN, "ruc": [KNOWN, NOBODY, OTHER]});
    let response = upstream.post_json("/api/v1/ruc/collection", &body).await;
    if migo(&response) == Unknown {
        return [Unknown; 3];
    }
    let body = response.json();
    let listed = |number: &str| body.as_array().unwrap().iter().any(|item| item["ruc"] == number);
    [KNOWN, NOBODY, OTHER].map(|number| if listed(number) { Found } else { Absent })
}
