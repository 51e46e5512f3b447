//! Payment documents and the account.

use std::collections::HashMap;

use chasqui_migo::{request, write_cpe};
use chasqui_sandbox::{cpe, taxpayer};
use chasqui_types::{CpeKind, CpeQuery, CpeState};
use serde_json::{Value, json};

use crate::{ABSENT, FOUND, World, send};

fn query(issuer: &str, serie: &str, numero: u32) -> CpeQuery {
    CpeQuery {
        ruc_emisor: issuer.parse().unwrap(),
        tipo_comprobante: CpeKind::Invoice,
        serie: serie.into(),
        numero,
        fecha_emision: "2026-01-09".parse().unwrap(),
        monto: Some("118".parse().unwrap()),
    }
}

#[test]
fn documents_have_states_in_the_promised_shares() {
    let mut counts = HashMap::new();
    for numero in 0..10_000 {
        *counts.entry(cpe(&query(FOUND, "F001", numero)).document.unwrap()).or_insert(0) += 1;
    }
    for (state, percent) in [
        (CpeState::Accepted, 75),
        (CpeState::NotReported, 10),
        (CpeState::Voided, 10),
        (CpeState::Authorised, 3),
        (CpeState::NotAuthorised, 2),
    ] {
        let n = counts[&state];
        assert!((percent * 100 - 150..=percent * 100 + 150).contains(&n), "{state:?}: {n}");
    }
}

#[test]
fn a_document_says_what_is_known_of_its_issuer() {
    let verdict = cpe(&query(FOUND, "F001", 1));
    assert_eq!(verdict.document, Some(CpeState::Accepted));
    let issuer = taxpayer(FOUND.parse().unwrap()).unwrap();
    assert_eq!((verdict.status, verdict.condition), (issuer.estado_del_contribuyente, issuer.condicion_de_domicilio));
    let nobody = cpe(&query(ABSENT, "F001", 1));
    assert_eq!((nobody.document, nobody.status), (Some(CpeState::NotReported), None));
}

#[tokio::test]
async fn the_clients_own_body_is_answered_with_codes() {
    let world = World::new().await;
    let mut asked = query(FOUND, "F001", 1);
    for monto in [asked.monto, None] {
        asked.monto = monto;
        let body = request::cpe_body("T", &asked);
        let response =
            world.client.post(world.url("/api/v1/cpe")).header("content-type", "application/json").body(body);
        let expected = String::from_utf8(write_cpe(&cpe(&asked))).unwrap();
        assert_eq!(send(response).await, format!("200 {expected}"));
        assert!(expected.starts_with(r#"{"success":true,"estado_comprobante":"1","estado_contribuyente":"00""#));
    }
    assert_eq!(world.sandbox.calls().cpe, 2);
}

#[tokio::test]
async fn each_part_of_a_document_is_checked() {
    let world = World::new().await;
    let good = json!({
        "token": "T", "ruc_emisor": FOUND, "tipo_comprobante": "01", "serie": "F001", "numero": "1",
        "fecha_emision": "09/01/2026", "monto": "118.00",
    });
    assert!(send(world.post("/api/v1/cpe", &good)).await.starts_with("200 "));
    for (field, bad) in [
        ("ruc_emisor", "20131312954"),
        ("tipo_comprobante", "99"),
        ("numero", "1a"),
        ("fecha_emision", "2026-01-09"),
        ("monto", "mucho"),
    ] {
        let mut body = good.clone();
        body[field] = json!(bad);
        let refused = send(world.post("/api/v1/cpe", &body)).await;
        assert!(refused.starts_with("422 ") && refused.contains(&format!(r#""errors":{{"{field}":"#)), "{refused}");
        body.as_object_mut().unwrap().remove(field);
        let refused = send(world.post("/api/v1/cpe", &body)).await;
        assert_eq!(refused.contains(&format!("El campo {field} es obligatorio.")), field != "monto", "{refused}");
    }
}

#[tokio::test]
async fn the_account_counts_down_with_every_call() {
    let world = World::new().await;
    let left = async || -> i64 {
        let response = world.post("/api/v1/account", &json!({"token": "T"})).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["success"], &body["nombre"]), (&json!(true), &json!("SANDBOX CUENTA DE PRUEBA")));
        body["consultas"].as_i64().unwrap()
    };
    assert_eq!(left().await, 39_999);
    send(world.ask(FOUND)).await;
    assert_eq!(left().await, 39_997);
}
