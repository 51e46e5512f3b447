//! The old app's routes for people and for the exchange rate.

use std::time::Duration;

use axum::http::Method;
use chasqui_core::ProviderError;
use chasqui_testkit::Script;
use chasqui_types::SourceId;
use insta::assert_snapshot;
use serde_json::json;

use crate::scripts::{self, DNI};
use crate::world::{FORM, Http, request};

const PERSON: &str = "/api/dni/consultar-async/";
const RATE: &str = "/api/tipo-cambio/";
const MANY: &str = "/api/ruc/consultar-masivo-async/";

fn limited() -> Http {
    let throttled =
        ProviderError::Throttled { provider: SourceId::new("alpha"), retry_after: Some(Duration::from_secs(7)) };
    Http::bare(Script::failing(throttled))
}

#[tokio::test(start_paused = true)]
async fn a_person_is_migos_flat_object_in_form_and_json() {
    let http = Http::bare(scripts::everything());
    let answered = http.post(PERSON, &json!({"dni": DNI})).await;
    assert_snapshot!(answered.line(), @r#"200 {"success":true,"dni":"10117410","nombre":"PRUEBA PRUEBA JUAN"}"#);
    assert_eq!(answered.origin(), "alpha fresh miss");
    let form = http.post_as(FORM, PERSON, format!("dni={DNI}&update_partner=true")).await;
    assert_eq!((form.line(), form.origin()), (answered.line(), "alpha fresh hit".to_owned()));
    let anew = http.post(PERSON, &json!({"dni": DNI, "force_refresh": true})).await;
    assert_eq!(anew.origin(), "alpha fresh miss");
}

#[tokio::test(start_paused = true)]
async fn a_person_who_is_none_says_which_kind_of_none() {
    let http = Http::bare(scripts::nothing());
    let mut lines = Vec::new();
    for body in
        [json!({}), json!({"dni": " "}), json!({"dni": "1011741"}), json!({"dni": "1011741O"}), json!({"dni": DNI})]
    {
        lines.push(http.post(PERSON, &body).await.line());
    }
    assert_snapshot!(lines.join("\n"), @r#"
    400 {"success":false,"error":"DNI es requerido"}
    400 {"success":false,"error":"DNI es requerido"}
    200 {"success":false,"error":"Formato de DNI inválido: debe tener 8 dígitos y tiene 7.","dni":"1011741","invalid_format":true}
    200 {"success":false,"error":"Formato de DNI inválido: el carácter 8 no es un dígito.","dni":"1011741O","invalid_format":true}
    200 {"success":false,"error":"DNI no encontrado en RENIEC.","dni":"10117410","invalid_sunat":true,"status_code":404}
    "#);
    assert_eq!(http.world.provider().calls(), 1, "only the last is a number");
}

#[tokio::test(start_paused = true)]
async fn a_person_who_could_not_be_found_out_has_no_flag_and_no_number() {
    let answered = limited().post(PERSON, &json!({"dni": DNI})).await;
    assert_snapshot!(answered.line(), @r#"429 {"success":false,"error":"Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde."}"#);
    assert_eq!(answered.header("retry-after"), Some("7"));
    let down = Http::bare(Script::unreachable()).post(PERSON, &json!({"dni": DNI})).await;
    assert_snapshot!(down.line(), @r#"502 {"success":false,"error":"El proveedor falló; no se pudo averiguar el dato."}"#);
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_migos_flat_object() {
    let http = Http::bare(scripts::everything());
    let answered = http.get(RATE).await;
    assert_snapshot!(answered.line(), @r#"200 {"success":true,"fecha":"2026-11-21","moneda":"USD","precio_compra":"3.430","precio_venta":"3.437"}"#);
    assert_eq!(http.get(RATE).await.origin(), "alpha fresh hit");
    assert_eq!(http.get("/api/tipo-cambio?refresh=1").await.origin(), "alpha fresh miss");
    let mut lines = vec![
        Http::bare(scripts::nothing()).get(RATE).await.line(),
        Http::bare(Script::unreachable()).get(RATE).await.line(),
        http.get("/api/tipo-cambio/?refresh=perhaps").await.line(),
    ];
    lines.push(http.send(request(Method::POST, RATE).body("".into()).unwrap()).await.line());
    assert_snapshot!(lines.join("\n"), @r#"
    200 {"success":false,"error":"No hay tipo de cambio publicado.","status_code":404}
    502 {"success":false,"error":"El proveedor falló; no se pudo averiguar el dato."}
    400 {"success":false,"error":"El parámetro refresh debe ser true o false."}
    405 {"success":false,"error":"Esta ruta solo acepta GET."}
    "#);
}

#[tokio::test(start_paused = true)]
async fn many_of_which_none_was_found_out_say_when_to_come_back() {
    let body = json!({"rucs": ["20131312955", "20100070970"]});
    let answered = limited().post(MANY, &body).await;
    assert_eq!((answered.status.as_u16(), answered.header("retry-after")), (200, Some("7")));
    let some = limited().post(MANY, &json!({"rucs": ["20131312955", "x"]})).await;
    assert_eq!(some.header("retry-after"), None, "one of them was answered");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_was_never_sent_is_not_counted() {
    let world = Http::world(Script::unreachable()).guard(|guard| {
        guard.breaker.failures = 1;
        guard.backoff.retries = 0;
    });
    let http = Http::over(world);
    let body = json!({"rucs": ["20131312955", "20100070970"]});
    assert_eq!(http.post(MANY, &body).await.json()["batches_processed"], 1);
    let resting = http.post(MANY, &body).await.json();
    assert_eq!((&resting["batches_processed"], &resting["api_calls"]), (&json!(0), &json!(0)));
}
