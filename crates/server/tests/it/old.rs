//! The routes of the app that Chasqui replaces: every body that it gave, and none that it did not.

mod others;

use std::time::Duration;

use axum::http::Method;
use chasqui_testkit::{Script, sample};
use chasqui_types::Ruc;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{FORM, Http, request};

const ONE: &str = "/api/ruc/consultar-async/";
const MANY: &str = "/api/ruc/consultar-masivo-async/";
const FOUND: &str = "20131312955";
/// A number of the right shape that no script here knows.
const ABSENT: &str = "20000000001";

fn found() -> Ruc {
    sample::company()
}

/// Only [`FOUND`] exists.
fn knowing_one() -> Http {
    Http::bare(Script::knows([found()]))
}

#[tokio::test(start_paused = true)]
async fn a_found_number_is_migos_flat_object() {
    let http = knowing_one();
    let answered = http.post(ONE, &json!({"ruc": FOUND})).await;
    assert_snapshot!(answered.line(), @r#"200 {"success":true,"ruc":"20131312955","nombre_o_razon_social":"EMPRESA 20131312955 S.A.C.","estado_del_contribuyente":"ACTIVO","condicion_de_domicilio":"HABIDO","ubigeo":"150101","tipo_de_via":"-","nombre_de_via":"-","codigo_de_zona":"-","tipo_de_zona":"-","numero":"-","interior":"-","lote":"-","dpto":"-","manzana":"-","kilometro":"-","distrito":"LIMA","provincia":"LIMA","departamento":"LIMA","direccion_simple":"AV. DE LA PRUEBA NRO. 100","direccion":"AV. DE LA PRUEBA NRO. 100 - LIMA LIMA LIMA","actualizado_en":"-"}"#);
    assert_eq!(answered.origin(), "alpha fresh miss");
    let again = http.post(ONE, &json!({"ruc": FOUND})).await;
    assert_eq!((again.body, again.headers["x-cache"].as_bytes()), (answered.body, &b"hit"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_form_a_multipart_body_and_json_ask_the_same() {
    let http = knowing_one();
    let expected = http.post(ONE, &json!({"ruc": FOUND})).await.line();
    let multipart = format!("--X\r\nContent-Disposition: form-data; name=\"ruc\"\r\n\r\n{FOUND}\r\n--X--\r\n");
    for (content_type, body) in [
        (FORM, format!("ruc={FOUND}")),
        (FORM, format!("ruc=+{FOUND}%20&update_partner=true")),
        ("multipart/form-data; boundary=X", multipart),
        ("application/json; charset=utf-8", format!(r#"{{"ruc": {FOUND}, "update_partner": true}}"#)),
        ("text/plain", format!(r#"{{"ruc": " {FOUND}\n", "update_partner": "on"}}"#)),
    ] {
        assert_eq!(http.post_as(content_type, ONE, body.clone()).await.line(), expected, "{content_type} {body}");
    }
    let without_slash = ONE.trim_end_matches('/');
    assert_eq!(http.post(without_slash, &json!({"ruc": FOUND})).await.line(), expected);
    assert_eq!(http.world.provider().calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_empty_number_is_asked_for() {
    let http = knowing_one();
    let required = r#"400 {"success":false,"error":"RUC es requerido"}"#;
    for body in [json!({}), json!({"ruc": ""}), json!({"ruc": " "}), json!({"ruc": null}), json!({"ruc": [FOUND]})] {
        assert_eq!(http.post(ONE, &body).await.line(), required, "{body}");
    }
    for (content_type, body) in [(FORM, "ruc=&x=1"), (FORM, ""), ("application/json", "")] {
        assert_eq!(http.post_as(content_type, ONE, body).await.line(), required, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_read_is_a_400_with_a_sentence() {
    let http = knowing_one();
    let malformed = http.post_as("application/json", ONE, "{\"ruc\": ").await;
    assert_snapshot!(malformed.line(), @r#"400 {"success":false,"error":"No se puede leer el cuerpo de la solicitud; debe ser un objeto JSON o un formulario."}"#);
    assert_eq!(malformed.header("cache-control"), Some("no-store"));
    for (content_type, body) in [("application/json", "[]"), ("multipart/form-data", "--X"), ("", "ruc=1")] {
        assert_eq!(http.post_as(content_type, ONE, body).await.line(), malformed.line(), "{content_type} {body}");
        assert_eq!(http.post_as(content_type, MANY, body).await.line(), malformed.line(), "{content_type} {body}");
    }
    let too_large = http.post_as("application/json", ONE, vec![b' '; 9 * 1024 * 1024]).await;
    assert_snapshot!(too_large.line(), @r#"413 {"success":false,"error":"El cuerpo de la solicitud es demasiado grande."}"#);
}

#[tokio::test(start_paused = true)]
async fn a_bad_number_says_so_and_costs_no_call() {
    let http = knowing_one();
    let mut lines = Vec::new();
    for number in ["2013131295", "2013131295x", "12345678901", "20131312954", "\"><b>"] {
        lines.push(http.post(ONE, &json!({"ruc": number})).await.line());
    }
    assert_snapshot!(lines.join("\n"), @r#"
    200 {"success":false,"error":"Formato de RUC inválido: debe tener 11 dígitos y tiene 10.","ruc":"2013131295","invalid_format":true}
    200 {"success":false,"error":"Formato de RUC inválido: el carácter 11 no es un dígito.","ruc":"2013131295x","invalid_format":true}
    200 {"success":false,"error":"Formato de RUC inválido: debe empezar con 10, 15, 16, 17 o 20.","ruc":"12345678901","invalid_format":true}
    200 {"success":false,"error":"Formato de RUC inválido: el dígito verificador no corresponde.","ruc":"20131312954","invalid_format":true}
    200 {"success":false,"error":"Formato de RUC inválido: el carácter 1 no es un dígito.","ruc":"\"><b>","invalid_format":true}
    "#);
    assert_eq!(http.world.provider().calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_absent_number_says_so_with_where_from() {
    let http = knowing_one();
    let answered = http.post(ONE, &json!({"ruc": ABSENT})).await;
    assert_snapshot!(answered.line(), @r#"200 {"success":false,"error":"RUC no encontrado en SUNAT.","ruc":"20000000001","invalid_sunat":true,"status_code":404}"#);
    assert_eq!(answered.origin(), "alpha fresh miss");
    assert_eq!(http.post(ONE, &json!({"ruc": ABSENT})).await.origin(), "alpha fresh absent-hit");
    http.world.lookups.mark_absent(ABSENT.parse().unwrap(), "dado de baja por contabilidad", None);
    assert_snapshot!(http.post(ONE, &json!({"ruc": ABSENT})).await.line(), @r#"200 {"success":false,"error":"Marcado como no encontrado por un operador: dado de baja por contabilidad","ruc":"20000000001","invalid_sunat":true,"status_code":404}"#);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_found_out_has_neither_flag_and_a_fitting_status() {
    let mut lines = Vec::new();
    for error in sample::every_error(&chasqui_types::SourceId::new("alpha")) {
        let http = Http::bare(Script::failing(error));
        let answered = http.post(ONE, &json!({"ruc": FOUND})).await;
        let body = answered.json();
        assert!(body.get("invalid_sunat").is_none() && body.get("invalid_format").is_none(), "{body}");
        assert_eq!(answered.origin(), "- - -");
        assert_eq!(answered.header("cache-control"), Some("no-store"));
        let wait = answered.header("retry-after").unwrap_or("-");
        lines.push(format!("{} after {wait} {}", answered.status.as_u16(), answered.text()));
        assert!(http.world.lookups.peek(found()).is_none(), "an outage was remembered: {body}");
    }
    assert_snapshot!(lines.join("\n"), @r#"
    502 after - {"success":false,"error":"El proveedor falló; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    504 after - {"success":false,"error":"El proveedor no respondió a tiempo; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    502 after - {"success":false,"error":"El proveedor falló; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    502 after - {"success":false,"error":"El proveedor falló; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    502 after - {"success":false,"error":"El proveedor falló; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    429 after 1 {"success":false,"error":"Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde.","ruc":"20131312955"}
    429 after 1 {"success":false,"error":"Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde.","ruc":"20131312955"}
    502 after - {"success":false,"error":"El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra.","ruc":"20131312955"}
    502 after - {"success":false,"error":"El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra.","ruc":"20131312955"}
    502 after - {"success":false,"error":"El proveedor falló; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    429 after 1 {"success":false,"error":"Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde.","ruc":"20131312955"}
    503 after 1 {"success":false,"error":"El proveedor falló varias veces y está en pausa; vuelva a consultar en un momento.","ruc":"20131312955"}
    502 after 1 {"success":false,"error":"El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra.","ruc":"20131312955"}
    504 after - {"success":false,"error":"El proveedor no respondió a tiempo; no se sabe si el RUC está registrado.","ruc":"20131312955"}
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_new_answer_is_asked_for_in_any_of_three_ways() {
    let http = knowing_one();
    http.post(ONE, &json!({"ruc": FOUND})).await;
    let fields = |name: &str, value: Value| json!({"ruc": FOUND, name: value});
    let mut n_calls = 1;
    for body in [
        fields("force_refresh", json!(true)),
        fields("force_refresh", json!("True")),
        fields("force_refresh", json!(1)),
        fields("force_refresh", json!("on")),
        fields("refresh", json!(true)),
    ] {
        assert_eq!(http.post(ONE, &body).await.header("x-cache"), Some("miss"), "{body}");
        n_calls += 1;
    }
    let by_query = format!("{ONE}?refresh=true");
    assert_eq!(http.post(&by_query, &json!({"ruc": FOUND})).await.header("x-cache"), Some("miss"));
    assert_eq!(http.world.provider().calls(), n_calls + 1);
    for body in [fields("force_refresh", json!(false)), fields("force_refresh", json!("0")), fields("x", json!(true))] {
        assert_eq!(http.post(ONE, &body).await.header("x-cache"), Some("hit"), "{body}");
    }
    let neither = http.post(&format!("{ONE}?refresh=quizas"), &json!({"ruc": FOUND})).await;
    assert_snapshot!(neither.line(), @r#"400 {"success":false,"error":"El parámetro refresh debe ser true o false."}"#);
}

#[tokio::test(start_paused = true)]
async fn another_method_is_refused_in_the_same_shape() {
    let answered = knowing_one().send(request(Method::GET, ONE).body(axum::body::Body::empty()).unwrap()).await;
    assert_snapshot!(answered.line(), @r#"405 {"success":false,"error":"Esta ruta solo acepta POST."}"#);
    assert_eq!(answered.header("allow"), Some("POST"));
}

#[tokio::test(start_paused = true)]
async fn many_numbers_are_sorted_by_what_became_of_them() {
    let http = Http::bare(Script::knows([found(), sample::ruc(1)]).takes(Duration::from_millis(250)));
    http.post(ONE, &json!({"ruc": sample::ruc(1).as_str()})).await;
    let rucs =
        json!([ABSENT, format!(" {FOUND} "), "2013131295", 20_131_312_955_u64, sample::ruc(1).as_str(), "", "x", "x"]);
    let answered = http.post(MANY, &json!({"rucs": rucs, "update_partners": true})).await;
    assert_snapshot!(answered.line(), @r#"200 {"success":true,"total_consultados":8,"exitosos":2,"validos":2,"invalidos":4,"errores":0,"duration_ms":250,"duplicates_removed":2,"cache_hits":1,"api_calls":1,"batches_processed":1,"data":{"validos":[{"ruc":"20131312955","data":{"success":true,"ruc":"20131312955","nombre_o_razon_social":"EMPRESA 20131312955 S.A.C.","estado_del_contribuyente":"ACTIVO","condicion_de_domicilio":"HABIDO","ubigeo":"150101","tipo_de_via":"-","nombre_de_via":"-","codigo_de_zona":"-","tipo_de_zona":"-","numero":"-","interior":"-","lote":"-","dpto":"-","manzana":"-","kilometro":"-","distrito":"LIMA","provincia":"LIMA","departamento":"LIMA","direccion_simple":"AV. DE LA PRUEBA NRO. 100","direccion":"AV. DE LA PRUEBA NRO. 100 - LIMA LIMA LIMA","actualizado_en":"-"}},{"ruc":"20500000016","data":{"success":true,"ruc":"20500000016","nombre_o_razon_social":"EMPRESA 20500000016 S.A.C.","estado_del_contribuyente":"ACTIVO","condicion_de_domicilio":"HABIDO","ubigeo":"150101","tipo_de_via":"-","nombre_de_via":"-","codigo_de_zona":"-","tipo_de_zona":"-","numero":"-","interior":"-","lote":"-","dpto":"-","manzana":"-","kilometro":"-","distrito":"LIMA","provincia":"LIMA","departamento":"LIMA","direccion_simple":"AV. DE LA PRUEBA NRO. 100","direccion":"AV. DE LA PRUEBA NRO. 100 - LIMA LIMA LIMA","actualizado_en":"-"}}],"invalidos":[{"ruc":"20000000001","error":"RUC no encontrado en SUNAT.","type":"invalid","subtype":"sunat"},{"ruc":"2013131295","error":"Formato de RUC inválido: debe tener 11 dígitos y tiene 10.","type":"invalid","subtype":"format"},{"ruc":"","error":"Formato de RUC inválido: debe tener 11 dígitos y tiene 0.","type":"invalid","subtype":"format"},{"ruc":"x","error":"Formato de RUC inválido: el carácter 1 no es un dígito.","type":"invalid","subtype":"format"}],"errores":[]}}"#);
    assert_eq!(answered.origin(), "alpha fresh miss");
    let calls = http.world.provider().calls();
    let again = http.post(MANY, &json!({"rucs": rucs})).await;
    assert_eq!((again.json()["api_calls"].as_u64(), again.json()["cache_hits"].as_u64()), (Some(0), Some(3)));
    assert_eq!(http.world.provider().calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn an_outage_lists_numbers_under_errors_and_never_as_invalid() {
    let http = Http::bare(Script::unreachable());
    let answered = http.post(MANY, &json!({"rucs": [ABSENT, FOUND, ABSENT]})).await;
    assert_snapshot!(answered.line(), @r#"200 {"success":true,"total_consultados":3,"exitosos":0,"validos":0,"invalidos":0,"errores":2,"duration_ms":0,"duplicates_removed":1,"cache_hits":0,"api_calls":1,"batches_processed":1,"data":{"validos":[],"invalidos":[],"errores":[{"ruc":"20000000001","error":"El proveedor falló; no se sabe si el RUC está registrado.","type":"error"},{"ruc":"20131312955","error":"El proveedor falló; no se sabe si el RUC está registrado.","type":"error"}]}}"#);
    assert_eq!(answered.origin(), "- - -");
    assert!(http.world.lookups.peek(ABSENT.parse().unwrap()).is_none());
    // Once the provider is back, the same request is answered.
    http.world.provider().follow(Script::knows([found()]));
    let body = http.post(MANY, &json!({"rucs": [ABSENT, FOUND, ABSENT]})).await.json();
    assert_eq!((&body["validos"], &body["invalidos"], &body["errores"]), (&json!(1), &json!(1), &json!(0)));
}

#[tokio::test(start_paused = true)]
async fn the_size_of_a_batch_is_the_numbers_in_one_call() {
    let numbers: Vec<String> = sample::rucs(120).into_iter().map(String::from).collect();
    for (size, calls) in [(Value::Null, 2), (json!(100), 2), (json!(50), 3), (json!("40"), 3), (json!(100_000), 2)] {
        let http = Http::bare(Script::found());
        let body = http.post(MANY, &json!({"rucs": numbers, "batch_size": size})).await.json();
        assert_eq!(body["exitosos"], json!(120), "{size}");
        assert_eq!((&body["api_calls"], &body["batches_processed"]), (&json!(calls), &json!(calls)), "{size}");
        assert_eq!(http.world.provider().collections(), calls, "{size}");
    }
    let http = Http::bare(Script::found());
    let refused = http.post(MANY, &json!({"rucs": numbers, "batch_size": 0})).await.line();
    assert_snapshot!(refused, @r#"400 {"success":false,"error":"batch_size debe ser un número entero de 1 a 100."}"#);
    for size in [json!(-1), json!("cien"), json!(1.5), json!(true), json!([100]), json!("")] {
        assert_eq!(http.post(MANY, &json!({"rucs": numbers, "batch_size": size})).await.line(), refused, "{size}");
    }
    assert_eq!(http.world.provider().calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_there_must_be_and_not_too_long_a_one() {
    let http = Http::bare(Script::found());
    let required = r#"400 {"success":false,"error":"Lista de RUCs requerida"}"#;
    for body in [json!({}), json!({"rucs": []}), json!({"rucs": FOUND}), json!({"rucs": null}), json!({"rucs": {}})] {
        assert_eq!(http.post(MANY, &body).await.line(), required, "{body}");
    }
    let most = http.post(MANY, &json!({"rucs": vec!["1"; 10_000]})).await;
    assert_eq!((most.status.as_u16(), &most.json()["duplicates_removed"]), (200, &json!(9_999)));
    let too_many = http.post(MANY, &json!({"rucs": vec!["1"; 10_001]})).await;
    assert_snapshot!(too_many.line(), @r#"400 {"success":false,"error":"La lista de RUCs tiene 10001 elementos y no debe tener más de 10000."}"#);
}

#[tokio::test(start_paused = true)]
async fn many_stale_answers_are_given_and_marked_while_the_provider_is_down() {
    let http = knowing_one();
    http.post(MANY, &json!({"rucs": [FOUND]})).await;
    http.world.pass(Duration::from_hours(5)).await;
    http.world.provider().follow(Script::unreachable());
    let many = http.post(MANY, &json!({"rucs": [FOUND]})).await;
    assert_eq!((many.json()["validos"].as_u64(), many.origin().as_str()), (Some(1), "alpha stale hit"));
    let one = http.post(ONE, &json!({"ruc": FOUND})).await;
    assert_eq!((one.json()["success"].as_bool(), one.origin().as_str()), (Some(true), "alpha stale hit"));
    // Who forces a refresh wants to know that there is none.
    let forced = http.post(ONE, &json!({"ruc": FOUND, "force_refresh": true})).await;
    assert_eq!(forced.status.as_u16(), 502);
}
