//! The registry behind the surfaces that only look up: what SUNAT's lists say, and numbers that are not to be told.

use axum::http::Method;
use chasqui_core::Turn;
use chasqui_types::{AgentList, Dni, Ruc};
use insta::assert_snapshot;
use serde_json::json;

use super::{DNI, Folder, PERSON, YARA, ZONA, over};
use crate::world::{Http, request};

#[tokio::test(start_paused = true)]
async fn what_the_lists_say_stands_in_native_bodies_alone() {
    let folder = Folder::filled();
    assert_eq!(folder.alone().get(&format!("/v1/ruc/{YARA}")).await.json()["padrones"], json!(null));
    folder.list(AgentList::Retention, YARA);
    folder.list(AgentList::GoodTaxpayer, ZONA);
    let http = folder.alone();
    let listed = http.get(&format!("/v1/ruc/{YARA}")).await.json();
    assert_snapshot!(listed["padrones"], @r#"{"agente_de_percepcion":null,"agente_de_percepcion_combustible":null,"agente_de_retencion":{"al":"2026-11-19","desde":"2012-06-01","incluido":true,"resolucion":"R.S. 96-2012"},"buen_contribuyente":{"al":"2026-11-19","desde":null,"incluido":false,"resolucion":null}}"#);
    let many = http.post("/v1/ruc/lookup", &json!({"rucs": [YARA, ZONA]})).await.json();
    assert_eq!(many["results"][0]["taxpayer"]["padrones"], listed["padrones"]);
    assert_eq!(many["results"][1]["taxpayer"]["padrones"]["buen_contribuyente"]["incluido"], true);
    for (path, body) in
        [("/api/ruc/consultar-async/", json!({"ruc": YARA})), ("/api/v1/ruc", json!({"token": "T", "ruc": YARA}))]
    {
        let answered = http.post(path, &body).await;
        assert_eq!((answered.status.as_u16(), answered.json().get("padrones")), (200, None), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_that_may_not_be_told_is_never_absent_on_any_surface() {
    let folder = Folder::filled();
    folder.suppress(YARA.parse::<Ruc>().unwrap());
    folder.suppress(DNI.parse::<Dni>().unwrap());
    let registry = folder.registry();
    for turn in [Turn::Only, Turn::First, Turn::Last] {
        let http = over(&registry, turn);
        let expected = if turn == Turn::Only { 451 } else { 502 };
        for path in [
            format!("/v1/ruc/{YARA}"),
            format!("/v1/ruc/{PERSON}"),
            format!("/v1/dni/{DNI}"),
            format!("/v1/ruc/{YARA}/billing"),
        ] {
            let answered = http.get(&path).await;
            assert_eq!(answered.status.as_u16(), expected, "{turn:?} {path}: {}", answered.text());
            untold(&path, answered.text());
        }
        let many = http.post("/v1/ruc/lookup", &json!({"rucs": [YARA, PERSON, ZONA]})).await.json();
        let outcomes: Vec<_> = many["results"].as_array().unwrap().iter().map(|row| &row["outcome"]).collect();
        assert_eq!(outcomes, ["unknown", "unknown", "found"], "{turn:?}");
        let billing = http.post("/v1/billing", &json!({"rucs": [YARA]})).await.json();
        assert_eq!(billing["results"][0]["valid"], json!(null), "{turn:?}");
        old_and_migo(&http, turn).await;
    }
}

/// Neither a 404 nor the flag or the words for absence, and no name.
async fn old_and_migo(http: &Http, turn: Turn) {
    for (path, body) in [
        ("/api/ruc/consultar-async/", json!({"ruc": YARA})),
        ("/api/ruc/consultar-masivo-async/", json!({"rucs": [YARA, PERSON]})),
        ("/api/dni/consultar-async/", json!({"dni": DNI})),
        ("/api/v1/ruc", json!({"token": "T", "ruc": YARA})),
        ("/api/v1/ruc/collection", json!({"token": "T", "ruc": [YARA, PERSON]})),
        ("/api/v1/dni", json!({"token": "T", "dni": DNI})),
    ] {
        let answered = http.post(path, &body).await;
        not_absent(path, answered.status.as_u16(), answered.text());
        // Where nobody else is asked, no waiting changes that, and a program that waits would do so for good.
        let waits = answered.header("retry-after").is_some();
        assert!(!waits || turn != Turn::Only, "{path}: {:?}", answered.headers);
    }
    for path in [format!("/api/v1/ruc/{YARA}"), format!("/api/v2/ruc/{YARA}"), format!("/api/v2/dni/{DNI}")] {
        let ask = request(Method::GET, &path).header("authorization", "Bearer T");
        let answered = http.send(ask.body(axum::body::Body::empty()).unwrap()).await;
        not_absent(&path, answered.status.as_u16(), answered.text());
    }
}

#[track_caller]
fn not_absent(path: &str, status: u16, text: &str) {
    assert_ne!(status, 404, "{path}: {text}");
    for word in ["invalid_sunat\":true", "no encontrado", "no existe", "not found"] {
        assert!(!text.to_lowercase().contains(word), "{path}: {text}");
    }
    untold(path, text);
}

#[track_caller]
fn untold(path: &str, text: &str) {
    for name in ["YARA PERU", "ZUTANO", "MONTERREY"] {
        assert!(!text.contains(name), "{path}: {text}");
    }
}
