//! Parity in the questions besides taxpayers: people, rates, representatives, the account, documents.

use chasqui_testkit::Script;
use reqwest::Method;
use serde_json::{Value, json};

use super::parity::Pair;
use crate::world::Http;

/// Every v1 question that is answered by one body, with a body that is right.
fn bodies() -> Vec<(&'static str, Value)> {
    vec![
        ("/api/v1/account", json!({"token": "T"})),
        ("/api/v1/dni", json!({"token": "T", "dni": "10117410"})),
        ("/api/v1/exchange/latest", json!({"token": "T"})),
        ("/api/v1/exchange/date", json!({"token": "T", "fecha": "2019-11-20"})),
        ("/api/v1/exchange", json!({"token": "T", "fecha_inicio": "2019-12-20", "fecha_fin": "2020-01-10"})),
        ("/api/v1/ruc/representantes-legales", json!({"token": "T", "ruc": "20131312955"})),
        ("/api/v1/cpe", document()),
    ]
}

fn document() -> Value {
    json!({
        "token": "T", "ruc_emisor": "20131312955", "tipo_comprobante": "01", "serie": "F001", "numero": "1234",
        "fecha_emision": "20/11/2019", "monto": "118.00",
    })
}

fn with(body: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[name] = value.into();
    body
}

fn without(body: &Value, name: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(name);
    body
}

fn pairs(body: &Value) -> Vec<(String, String)> {
    let members = body.as_object().unwrap().iter();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn every_question_in_every_encoding() {
    let pair = Pair::start().await;
    // What is left in an account changes with each call, so it has a test of its own.
    for (path, body) in bodies().into_iter().filter(|(path, _)| !path.ends_with("account")) {
        for path in [path.to_owned(), format!("{path}/")] {
            let answer = pair.post(&path, &body).await;
            assert!(answer.starts_with("200 "), "{path}: {answer}");
            let pairs = pairs(&body);
            let same: Vec<(&str, &str)> = pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            assert_eq!(pair.form(&path, &same).await, answer);
        }
    }
    pair.multipart("/api/v1/dni", &[("token", "T"), ("dni", "10117410")]).await;
    pair.stop().await;
}

#[tokio::test]
async fn people_by_body_and_by_address() {
    let pair = Pair::start().await;
    let mut seen = Vec::new();
    for number in (0..30).map(|n| format!("{:08}", 10_117_410 + n)) {
        let answer = pair.post("/api/v1/dni", &json!({"token": "T", "dni": number})).await;
        let path = format!("/api/v2/dni/{number}");
        let v2 = pair.check(&path, |client, base| client.get(format!("{base}{path}")).bearer_auth("T")).await;
        assert_eq!(v2, answer);
        seen.push(answer[..3].to_owned());
    }
    assert!(["200", "404"].iter().all(|status| seen.iter().any(|one| one == status)), "{seen:?}");
    for number in ["1011741", "101174100", "1011741x", "", " 10117410"] {
        assert!(pair.post("/api/v1/dni", &json!({"token": "T", "dni": number})).await.starts_with("422 "), "{number}");
    }
    assert!(pair.post("/api/v1/dni", &json!({"token": "T"})).await.starts_with("422 "));
    let path = "/api/v2/dni/x";
    pair.check(path, |client, base| client.get(format!("{base}{path}")).bearer_auth("T")).await;
    pair.stop().await;
}

#[tokio::test]
async fn rates_of_days_with_and_without_one() {
    let pair = Pair::start().await;
    let mut seen = Vec::new();
    // Weekends and holidays of a year with gaps, and of one without; before the first day, and days to come.
    for day in [
        "2019-11-20",
        "2019-11-23",
        "2019-11-24",
        "2019-11-25",
        "2019-07-28",
        "2019-07-29",
        "2020-01-01",
        "2024-01-01",
        "2024-07-28",
        "2009-12-31",
        "2010-01-01",
        "2010-01-04",
        "2099-01-01",
        "1900-01-01",
    ] {
        let answer = pair.post("/api/v1/exchange/date", &json!({"token": "T", "fecha": day})).await;
        let path = format!("/api/v2/tipo-cambio/sunat?fecha={day}");
        let v2 = pair.check(&path, |client, base| client.get(format!("{base}{path}")).bearer_auth("T")).await;
        assert_eq!(v2, answer, "{day}");
        seen.push(answer[..3].to_owned());
    }
    assert!(["200", "404"].iter().all(|status| seen.iter().any(|one| one == status)), "{seen:?}");
    for day in ["", "ayer", "20/11/2019", "2019-13-01", "2019-02-30", "2019-11-20T00:00:00"] {
        let answer = pair.post("/api/v1/exchange/date", &json!({"token": "T", "fecha": day})).await;
        assert!(answer.starts_with("422 "), "{day}: {answer}");
        let build = |client: &reqwest::Client, base: &str| {
            client.get(format!("{base}/api/v2/tipo-cambio/sunat")).query(&[("fecha", day)]).bearer_auth("T")
        };
        pair.check(day, build).await;
    }
    for path in ["/api/v2/tipo-cambio/sunat", "/api/v2/tipo-cambio/sunat/ultimo"] {
        pair.check(path, |client, base| client.get(format!("{base}{path}")).bearer_auth("T")).await;
        let refused = pair.check(path, |client, base| client.get(format!("{base}{path}"))).await;
        assert!(refused.starts_with("401 "), "{refused}");
    }
    pair.stop().await;
}

#[tokio::test]
async fn ranges_hold_the_published_days_alone() {
    let pair = Pair::start().await;
    let range = |from: &str, to: &str| json!({"token": "T", "fecha_inicio": from, "fecha_fin": to});
    for (from, to, status) in [
        ("2019-11-18", "2019-12-02", "200"),
        ("2019-11-24", "2019-11-24", "404"),
        ("2009-12-20", "2010-01-10", "200"),
        ("2009-01-01", "2009-12-31", "404"),
        ("2026-10-01", "2099-01-01", "200"),
        ("2099-01-01", "2099-02-01", "404"),
        ("2010-01-01", "2025-12-31", "200"),
        ("2019-11-20", "2019-11-19", "422"),
        ("ayer", "2019-11-19", "422"),
        ("2019-11-20", "", "422"),
    ] {
        let answer = pair.post("/api/v1/exchange", &range(from, to)).await;
        assert!(answer.starts_with(status), "{from} {to}: {}", &answer[..answer.len().min(200)]);
    }
    pair.post("/api/v1/exchange", &json!({"token": "T"})).await;
    pair.stop().await;
}

#[tokio::test]
async fn representatives_are_there_or_nobody_is_known() {
    let pair = Pair::start().await;
    let path = "/api/v1/ruc/representantes-legales";
    let mut seen = Vec::new();
    for ruc in ["20131312955", "20000000001", "10101174102", "20100038146", "20131312954", "99999999999", "1", ""] {
        let answer = pair.post(path, &json!({"token": "T", "ruc": ruc})).await;
        seen.push(answer[..3].to_owned());
    }
    assert!(["200", "404", "422"].iter().all(|status| seen.iter().any(|one| one == status)), "{seen:?}");
    pair.post(path, &json!({"token": "T"})).await;
    pair.stop().await;
}

#[tokio::test]
async fn documents_and_every_way_to_get_one_wrong() {
    let (pair, path) = (Pair::start().await, "/api/v1/cpe");
    for number in 1..12 {
        let answer = pair.post(path, &with(&document(), "numero", number.to_string())).await;
        assert!(answer.starts_with("200 "), "{answer}");
    }
    pair.post(path, &without(&document(), "monto")).await;
    pair.post(path, &with(&document(), "numero", 77)).await;
    for name in ["ruc_emisor", "tipo_comprobante", "serie", "numero", "fecha_emision"] {
        assert!(pair.post(path, &without(&document(), name)).await.starts_with("422 "), "{name}");
        assert!(pair.post(path, &with(&document(), name, "")).await.starts_with("422 "), "{name}");
    }
    for (name, value) in [
        ("ruc_emisor", "20131312954"),
        ("ruc_emisor", "1"),
        ("tipo_comprobante", "99"),
        ("numero", "x"),
        ("fecha_emision", "2019-11-20"),
        ("fecha_emision", "31/02/2019"),
        ("monto", "mucho"),
    ] {
        let answer = pair.post(path, &with(&document(), name, value)).await;
        assert!(answer.starts_with("422 "), "{name} {value}: {answer}");
    }
    pair.stop().await;
}

/// What no document has is not handed on: the provider is not there, and would be missed.
#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_is_refused_in_migos_words_and_asked_of_nobody() {
    let http = Http::bare(Script::unreachable());
    let long = "F".repeat(900_000);
    for (name, value) in [
        ("serie", json!(long)),
        ("serie", json!("F0012")),
        ("serie", json!("F-01")),
        ("serie", json!("Ñ01")),
        ("serie", json!(" ")),
        ("numero", json!("0")),
        ("numero", json!(-1)),
        ("numero", json!("+1")),
        ("numero", json!("1.0")),
        ("numero", json!("100000000")),
        ("monto", json!("-1")),
        ("monto", json!("1e2")),
        ("monto", json!("118.005")),
        ("monto", json!("1,5")),
        ("monto", json!("9".repeat(28))),
    ] {
        let answered = http.post("/api/v1/cpe", &with(&document(), name, value.clone())).await;
        let words = format!("El campo {name} es inválido.");
        let body = json!({"success": false, "message": words, "errors": {name: [words]}});
        let shown = value.to_string();
        assert_eq!(
            (answered.status.as_u16(), answered.json()),
            (422, body),
            "{name} {}",
            &shown[..shown.len().min(40)]
        );
    }
    let asked = http.post("/api/v1/cpe", &document()).await;
    assert_eq!(asked.status.as_u16(), 503, "what is right is asked");
}

/// The number of queries goes down with every call, so the two sides differ in it and in nothing else.
#[tokio::test]
async fn the_account_is_the_gateways_own() {
    let pair = Pair::start().await;
    let account = async |base: &str| {
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = request.post(format!("{base}/api/v1/account")).json(&json!({"token": "T"}));
        let mut body: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(body["consultas"].take().is_i64());
        body
    };
    assert_eq!(account(&pair.server).await, account(&pair.sandbox.base_url()).await);
    pair.stop().await;
}

#[tokio::test]
async fn a_token_and_the_right_method_are_asked_for_everywhere() {
    let pair = Pair::start().await;
    for (path, body) in bodies() {
        for body in [without(&body, "token"), with(&body, "token", " ")] {
            assert!(pair.post(path, &body).await.starts_with("401 "), "{path} {body}");
        }
        // What stands below `/api/v1/ruc` may be a number for `GET`.
        if !path.starts_with("/api/v1/ruc/") {
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let build =
                    |client: &reqwest::Client, base: &str| client.request(method.clone(), format!("{base}{path}"));
                assert!(pair.check(path, build).await.starts_with("405 "), "{method} {path}");
            }
        }
    }
    for path in ["/api/v2/dni/10117410", "/api/v2/tipo-cambio/sunat", "/api/v2/tipo-cambio/sunat/ultimo"] {
        let answer = pair.check(path, |client, base| client.post(format!("{base}{path}"))).await;
        assert!(answer.starts_with("405 "), "{path}");
    }
    pair.stop().await;
}

#[tokio::test]
async fn faults_of_the_provider_are_never_absence_in_any_question() {
    let faults =
        ["status=500", "throttle=1", "unauthorized", "forbidden", "malformed", "html=404", "truncated", "reset"];
    futures_util::future::join_all(faults.map(async |fault| {
        let pair = Pair::with_faults(fault).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = &pair.server;
        let posts = bodies().into_iter().map(|(path, body)| client.post(format!("{base}{path}")).json(&body));
        let gets =
            ["dni/10117410", "tipo-cambio/sunat?fecha=2019-11-20", "tipo-cambio/sunat/ultimo", "ruc/20131312955"]
                .map(|path| client.get(format!("{base}/api/v2/{path}")).bearer_auth("T"));
        for request in posts.chain(gets) {
            let response = request.send().await.unwrap();
            let address = response.url().path().to_owned();
            assert_eq!(response.status(), 503, "{fault} {address}");
            let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!(wait >= 1, "{fault} {address}");
            let body: Value = response.json().await.unwrap();
            let words = body["message"].as_str().unwrap().to_lowercase();
            assert!(!words.contains("no encontr") && !words.contains("no existe"), "{fault} {address}: {words}");
        }
        pair.stop().await;
    }))
    .await;
}
