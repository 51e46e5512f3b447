//! The token and personal numbers stay in: at trace level, in errors, metrics, `Debug` output and cache keys there is
//! neither.

use axum::body::Body;
use axum::http::Request;
use chasqui_core::Scope;
use chasqui_sandbox::{Fault, Faults};
use serde_json::json;

use crate::upstream::{TOKEN, Upstream};
use crate::written::Written;

/// A made-up person's number, and the DNI inside it.
const PERSON: &str = "10101174102";
const DNI: &str = "10117410";

#[tokio::test(flavor = "multi_thread")]
async fn no_token_and_no_personal_number_leaves_but_in_an_answer() {
    let log = Written::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .try_init()
        .unwrap();

    let faults = [
        Faults::default(),
        Faults::always(Fault::Status { status: 500 }),
        Faults::always(Fault::Unauthorized),
        Faults::always(Fault::Forbidden),
        Faults::always(Fault::Malformed),
        Faults::always(Fault::Reset),
        Faults::always(Fault::Silence),
        Faults::always(Fault::Throttle { retry_after: None }),
        Faults::always(Fault::Echo),
    ];
    let mut told: Vec<String> = Vec::new();
    for api in ["v1", "v2"] {
        for faults in faults.clone() {
            let settings = [("migo.api", api), ("migo.retries", "0"), ("migo.timeout", "200ms")];
            let upstream = Upstream::start_with(faults, &settings).await;
            ask_everywhere(&upstream, &mut told).await;
            ask_for_a_person(&upstream, &mut told).await;
            let lookups = upstream.lookups();
            for (key, record) in lookups.cache().entries(&Scope::default(), lookups.runtime().wall()) {
                told.push(format!("{key:?} {} {record:?} {:?}", key.as_str(), record.value()));
            }
            told.push(format!("{:?} {:?} {:?}", lookups.sources(), lookups.keys(), lookups.config()));
            told.push(upstream.get("/metrics").await.text().to_owned());
            told.push(upstream.get("/readyz").await.text().to_owned());
            told.push(upstream.get("/v1/cache/stats").await.text().to_owned());
            upstream.stop().await;
        }
    }
    let log = log.text();
    assert!(log.contains("no answer"), "the log was written");
    for (what, text) in [("the log", &log), ("what was told", &told.join("\n"))] {
        for secret in [TOKEN, PERSON, DNI] {
            if let Some(at) = text.find(secret) {
                let from = text[..at].rfind('\n').map_or(0, |line| line + 1);
                panic!("{what} holds {secret}: {}", text[from..].lines().next().unwrap_or_default());
            }
        }
    }
}

/// Asks for a person through every surface that knows people; keeps what is told besides the answers themselves.
async fn ask_for_a_person(upstream: &Upstream, told: &mut Vec<String>) {
    let with_token = |name: &str, number: &str| json!({"token": TOKEN, name: number});
    let mut received = Vec::new();
    for path in
        [format!("/v1/dni/{DNI}"), format!("/v1/ruc/{PERSON}/billing"), format!("/v1/ruc/{PERSON}/representatives")]
    {
        received.push(upstream.get(&path).await);
    }
    for (path, body) in [
        ("/api/dni/consultar-async/", json!({"dni": DNI})),
        ("/api/v1/dni", with_token("dni", DNI)),
        ("/api/v1/ruc/representantes-legales", with_token("ruc", PERSON)),
        ("/v1/billing", json!({"rucs": [PERSON]})),
        (
            "/v1/cpe/validate",
            json!({
                "ruc_emisor": PERSON, "tipo_comprobante": "R1", "serie": "E001", "numero": 1, "fecha_emision": "2026-11-20",
            }),
        ),
    ] {
        received.push(upstream.post_json(path, &body).await);
    }
    let by_path = Request::get(format!("/api/v2/dni/{DNI}"))
        .header("host", "localhost")
        .header("authorization", format!("Bearer {TOKEN}"));
    received.push(upstream.send(by_path.body(Body::empty()).unwrap()).await);
    for response in received {
        assert!(!response.text().contains(TOKEN), "an answer tells the token");
        told.push(format!("{:?}", response.headers));
        // An answer names whom it is about, and so does the old app's and MIGO's word that there is nobody.
        if !response.status.is_success() {
            told.push(response.text().to_owned());
        }
    }
    for bad in [format!("/v1/dni/{DNI}1"), format!("/v1/rates/{DNI}"), format!("/v1/account?{DNI}={DNI}")] {
        told.push(upstream.get(&bad).await.text().to_owned());
    }
}

/// Asks through every surface; keeps what is told besides the answers themselves, which name the number.
async fn ask_everywhere(upstream: &Upstream, told: &mut Vec<String>) {
    let one = upstream.get(&format!("/v1/ruc/{PERSON}")).await;
    if !one.status.is_success() {
        told.push(one.text().to_owned());
    }
    told.push(format!("{:?}", one.headers));
    let person = json!({"rucs": [PERSON, "20131312955"]});
    let many = upstream.post_json("/v1/ruc/lookup", &person).await;
    told.push(format!("{:?}", many.headers));
    for (path, body) in [
        ("/api/ruc/consultar-async/", json!({"ruc": PERSON})),
        ("/api/ruc/consultar-masivo-async/", person.clone()),
        ("/api/v1/ruc", json!({"token": TOKEN, "ruc": PERSON})),
        ("/api/v1/ruc/collection", json!({"token": TOKEN, "ruc": [PERSON, "20131312955"]})),
        ("/api/v1/ruc", json!({"token": TOKEN, "ruc": "not-a-number"})),
    ] {
        let response = upstream.post_json(path, &body).await;
        assert!(!response.text().contains(TOKEN), "{path} tells the token");
        told.push(format!("{:?}", response.headers));
    }
    for version in ["v1", "v2"] {
        let request = Request::get(format!("/api/{version}/ruc/{PERSON}"))
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"));
        let response = upstream.send(request.body(Body::empty()).unwrap()).await;
        told.push(format!("{:?}", response.headers));
    }
}
