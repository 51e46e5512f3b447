//! The same for every question that is not "who is this taxpayer?", through every surface that asks it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chasqui_core::Scope;
use chasqui_sandbox::Faults;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Said::{self, Absent, Found, Unknown};
use super::{Case, cases};
use crate::upstream::{Received, TOKEN, Upstream};

/// A question through one surface, and what is true of it in the sandbox.
struct Asked {
    method: Method,
    path: &'static str,
    body: Value,
    truth: Said,
}

fn get(path: &'static str, truth: Said) -> Asked {
    Asked { method: Method::GET, path, body: Value::Null, truth }
}

fn post(path: &'static str, body: Value, truth: Said) -> Asked {
    Asked { method: Method::POST, path, body, truth }
}

fn questions() -> Vec<Asked> {
    let with_token = |mut body: Value| {
        body["token"] = json!(TOKEN);
        body
    };
    let document = |issued: &str| {
        json!({
            "ruc_emisor": "20131312955", "tipo_comprobante": "01", "serie": "F001", "numero": "123",
            "fecha_emision": issued, "monto": "118.00",
        })
    };
    vec![
        get("/v1/dni/10117410", Found),
        get("/v1/dni/99999999", Absent),
        get("/v1/rates/latest", Found),
        // A holiday: the last rate before it holds.
        get("/v1/rates/2020-12-25", Found),
        get("/v1/rates?from=2024-01-01&to=2024-01-31", Found),
        get("/v1/ruc/20131312955/representatives", Found),
        get("/v1/ruc/10101174102/representatives", Absent),
        get("/v1/ruc/20131312955/billing", Found),
        get("/v1/ruc/20000000001/billing", Absent),
        post("/v1/billing", json!({"rucs": ["20131312955"]}), Found),
        post("/v1/billing", json!({"rucs": ["20000000001"]}), Absent),
        post("/v1/billing?format=ndjson", json!({"rucs": ["20131312955"]}), Found),
        get("/v1/account", Found),
        post("/v1/cpe/validate", document("2026-11-20"), Found),
        post("/api/dni/consultar-async/", json!({"dni": "10117410"}), Found),
        post("/api/dni/consultar-async/", json!({"dni": "99999999"}), Absent),
        get("/api/tipo-cambio/", Found),
        post("/api/v1/dni", with_token(json!({"dni": "10117410"})), Found),
        post("/api/v1/dni", with_token(json!({"dni": "99999999"})), Absent),
        post("/api/v1/exchange/latest", with_token(json!({})), Found),
        post("/api/v1/exchange/date", with_token(json!({"fecha": "2024-05-06"})), Found),
        post("/api/v1/exchange/date", with_token(json!({"fecha": "2020-12-25"})), Absent),
        post("/api/v1/exchange", with_token(json!({"fecha_inicio": "2024-03-01", "fecha_fin": "2024-03-05"})), Found),
        post("/api/v1/ruc/representantes-legales", with_token(json!({"ruc": "20131312955"})), Found),
        post("/api/v1/ruc/representantes-legales", with_token(json!({"ruc": "10101174102"})), Absent),
        post("/api/v1/account", with_token(json!({})), Found),
        post("/api/v1/cpe", with_token(document("20/11/2026")), Found),
        get("/api/v2/dni/10117410", Found),
        get("/api/v2/dni/99999999", Absent),
        get("/api/v2/tipo-cambio/sunat?fecha=2024-05-07", Found),
        get("/api/v2/tipo-cambio/sunat/ultimo", Found),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_for_what_it_is_whatever_is_asked() {
    // What only collections suffer from is no matter here.
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.alone == case.together).collect();
    assert!(cases.len() > 15);
    join_all(cases.iter().map(check)).await;
}

async fn check(case: &Case) {
    let is_outage = case.alone == [Unknown; 3];
    let upstream = Upstream::start(case.faults.clone()).await;
    join_all(questions().iter().map(async |asked| {
        let expected = if is_outage { Unknown } else { asked.truth };
        assert_eq!(asked.ask(&upstream).await, expected, "{} {}: {}", asked.path, asked.body, case.name);
    }))
    .await;
    if is_outage {
        let lookups = upstream.lookups();
        let held = lookups.cache().entries(&Scope::default(), lookups.runtime().wall());
        assert!(held.is_empty(), "{}: an outage is not remembered: {held:?}", case.name);
    }
    if is_outage && case.recovers {
        upstream.sandbox().set_faults(Faults::default());
        for asked in questions() {
            assert_eq!(asked.ask(&upstream).await, asked.truth, "{} after {}", asked.path, case.name);
        }
    }
    upstream.stop().await;
}

// === impl Asked ===

impl Asked {
    async fn ask(&self, upstream: &Upstream) -> Said {
        let request = Request::builder()
            .method(self.method.clone())
            .uri(self.path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"));
        let request = if self.body.is_null() {
            request.body(Body::empty())
        } else {
            request.header("content-type", "application/json").body(Body::from(self.body.to_string()))
        };
        let received = upstream.send(request.unwrap()).await;
        let said = match self.path {
            path if path.starts_with("/v1/") => native(&received),
            path if path.starts_with("/api/v") => super::migo(&received),
            _ => old(&received),
        };
        if said == Unknown {
            // Rows say for themselves that they are unknown; anything else is an error, which nobody may keep.
            let is_rows = received.status == StatusCode::OK;
            assert!(is_rows || received.header("cache-control") == Some("no-store"), "{}", self.path);
            // The counts of rows name each criterion, at zero.
            let text = received.text().to_lowercase().replace("\"absent\":0", "");
            for word in ["no encontr", "no existe", "no hay", "absent", "\"status_code\":404"] {
                assert!(!text.contains(word), "{}: {text}", self.path);
            }
        }
        said
    }
}

fn native(received: &Received) -> Said {
    let body = received.json();
    // One row of many, or the verdict on one.
    let row = body["results"].get(0).unwrap_or(&body);
    match received.status {
        StatusCode::OK if row["outcome"] == "absent" => {
            assert_eq!((&row["valid"], &row["obstacles"][0]["code"]), (&json!(false), &json!("absent")));
            Absent
        }
        StatusCode::OK if row["outcome"] == "unknown" => {
            assert_eq!((&row["valid"], &row["obstacles"]), (&Value::Null, &json!([])));
            Unknown
        }
        StatusCode::OK => Found,
        StatusCode::NOT_FOUND if body["code"] == "absent" => Absent,
        StatusCode::NOT_FOUND => panic!("a 404 that is no absence: {}", received.text()),
        status => {
            assert!(status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS, "{}", received.text());
            Unknown
        }
    }
}

fn old(received: &Received) -> Said {
    let body = received.json();
    match (&body["success"], &body["status_code"], received.status) {
        (Value::Bool(true), Value::Null, StatusCode::OK) => Found,
        (Value::Bool(false), Value::Number(_), StatusCode::OK) => Absent,
        (Value::Bool(false), Value::Null, status) if !status.is_success() => {
            assert_ne!(status, StatusCode::NOT_FOUND);
            Unknown
        }
        _ => panic!("an unexpected body: {}", received.text()),
    }
}
