//! The native routes besides those for taxpayers: people, rates, verdicts on invoicing, documents, the account.

use std::time::Duration;

use axum::http::{Method, header};
use chasqui_core::{ProviderError, Question, Reply};
use chasqui_testkit::{Script, sample};
use chasqui_types::time::Date;
use chasqui_types::{Condition, CpeVerdict, SourceId, Status, Taxpayer};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::scripts::{self, DNI, NAME};
use crate::world::{Answered, Http, JSON, request};

fn everything() -> Http {
    Http::bare(scripts::everything())
}

fn code(answered: &Answered) -> String {
    format!("{} {}", answered.status.as_u16(), answered.json()["code"].as_str().unwrap_or("-"))
}

fn detail(answered: &Answered) -> String {
    format!("{}: {}", code(answered), answered.json()["detail"].as_str().unwrap_or("-"))
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_person_is_told_with_where_from_and_a_hit_is_the_same_bytes() {
    let http = everything();
    let answered = http.get(&format!("/v1/dni/{DNI}")).await;
    assert_snapshot!(answered.line(), @r#"200 {"dni":"10117410","nombre":"PRUEBA PRUEBA JUAN","meta":{"source":"alpha","as_of":"2026-11-21T12:00:00Z","fetched_at":"2026-11-21T12:00:00Z","freshness":"fresh"}}"#);
    assert_eq!(answered.origin(), "alpha fresh miss");
    let again = http.get(&format!("/v1/dni/{DNI}/")).await;
    assert_eq!((&again.body, again.origin()), (&answered.body, "alpha fresh hit".to_owned()));
    assert_eq!(again.body.as_ptr(), answered.body.as_ptr(), "a hit copies nothing");
    http.world.pass(Duration::from_hours(25)).await;
    assert_eq!(http.get(&format!("/v1/dni/{DNI}")).await.origin(), "alpha fresh miss", "24 hours are its time");
}

#[tokio::test(start_paused = true)]
async fn nobody_and_could_not_find_out_are_told_apart_and_name_nobody() {
    let nobody = Http::bare(scripts::nothing()).get(&format!("/v1/dni/{DNI}")).await;
    assert_eq!(code(&nobody), "404 absent");
    assert_eq!(nobody.origin(), "alpha fresh miss");
    let down = Http::bare(Script::unreachable()).get(&format!("/v1/dni/{DNI}")).await;
    assert_eq!(code(&down), "502 upstream_error");
    let bad = everything().get("/v1/dni/101174102").await;
    assert_eq!(detail(&bad), "422 invalid_dni: This is no DNI: expected 8 digits, found 9.");
    for answered in [nobody, down, bad] {
        assert!(!answered.text().contains(DNI), "{}", answered.text());
    }
}

#[tokio::test(start_paused = true)]
async fn representatives_are_told_with_migos_names_and_blanks_null() {
    let http = everything();
    let answered = http.get("/v1/ruc/20131312955/representatives").await;
    assert_snapshot!(answered.line(), @r#"200 {"ruc":"20131312955","representantes":[{"documento":"DNI","dni":"10117410","nombre":"PRUEBA PRUEBA JUAN","cargo":"GERENTE GENERAL","fecha":null}],"meta":{"source":"alpha","as_of":"2026-11-21T12:00:00Z","fetched_at":"2026-11-21T12:00:00Z","freshness":"fresh"}}"#);
    let nobody = Http::bare(scripts::nothing()).get("/v1/ruc/20131312955/representatives").await;
    assert_snapshot!(detail(&nobody), @"404 absent: Nobody is known to represent this taxpayer: the source says that there is no such record.");
}

#[tokio::test(start_paused = true)]
async fn the_latest_rate_keeps_the_places_it_was_published_with() {
    let http = everything();
    let answered = http.get("/v1/rates/latest").await;
    assert_snapshot!(answered.line(), @r#"200 {"date":"2026-11-21","published_on":"2026-11-21","moneda":"USD","precio_compra":"3.430","precio_venta":"3.437","flags":[],"meta":{"source":"alpha","as_of":"2026-11-21T05:00:00Z","fetched_at":"2026-11-21T12:00:00Z","freshness":"fresh"}}"#);
    let again = http.get("/v1/rates/latest").await;
    assert_eq!(again.body.as_ptr(), answered.body.as_ptr(), "a hit copies nothing");
    assert_eq!(again.origin(), "alpha fresh hit");
}

#[tokio::test(start_paused = true)]
async fn a_day_without_a_rate_has_the_last_one_before_it_and_says_which() {
    let friday = date("2026-11-13");
    let http = Http::bare(Script::by(move |question| {
        Ok(match question {
            Question::RateOn(day) => Reply::Rate((*day == friday).then(|| scripts::rate(friday))),
            Question::RatesBetween(..) => Reply::Rates(vec![scripts::rate(friday)]),
            other => panic!("{other:?} was not expected"),
        })
    }));
    let sunday = http.get("/v1/rates/2026-11-15").await;
    assert_eq!((&sunday.json()["date"], &sunday.json()["published_on"]), (&json!("2026-11-15"), &json!("2026-11-13")));
    // The same record answers for its own day, with another body.
    let friday = http.get("/v1/rates/2026-11-13").await;
    assert_eq!((&friday.json()["date"], &friday.json()["published_on"]), (&json!("2026-11-13"), &json!("2026-11-13")));
    let saturday = http.get("/v1/rates/2026-11-14").await;
    assert_eq!(saturday.json()["date"], "2026-11-14");
}

#[tokio::test(start_paused = true)]
async fn an_odd_rate_is_flagged_not_hidden() {
    let http = Http::bare(Script::by(|question| {
        let Question::RatesBetween(_, day) = question else { panic!("{question:?} was not expected") };
        let odd = chasqui_types::ExchangeRate { buy: "3.500".parse().unwrap(), ..scripts::rate(*day) };
        Ok(Reply::Rates(vec![odd]))
    }));
    assert_eq!(http.get("/v1/rates/2026-11-20").await.json()["flags"], json!(["buy_over_sell"]));
    assert_eq!(http.get("/v1/rates/2026-11-20").await.json()["flags"], json!(["buy_over_sell"]));
}

#[tokio::test(start_paused = true)]
async fn a_range_has_a_row_for_each_day() {
    let http = everything();
    let answered = http.get("/v1/rates?from=2026-11-18&to=2026-11-20").await;
    let body = answered.json();
    let days: Vec<&Value> = body["rates"].as_array().unwrap().iter().map(|row| &row["date"]).collect();
    assert_eq!(days, ["2026-11-18", "2026-11-19", "2026-11-20"]);
    assert_eq!((&body["from"], &body["to"]), (&json!("2026-11-18"), &json!("2026-11-20")));
    assert_eq!(answered.origin(), "alpha fresh miss");
    assert_eq!(http.get("/v1/rates?to=2026-11-20&from=2026-11-18").await.origin(), "alpha fresh hit");
    let down = Http::bare(Script::unreachable()).get("/v1/rates?from=2026-11-18&to=2026-11-20").await;
    assert_eq!(code(&down), "502 upstream_error", "a gap must not pass for days without a rate");
}

#[tokio::test(start_paused = true)]
async fn days_that_cannot_be_asked_about_say_why() {
    let http = everything();
    let mut lines = Vec::new();
    for path in [
        "/v1/rates/2009-12-31",
        "/v1/rates/2026-11-22",
        "/v1/rates/20-11-2026",
        "/v1/rates/yesterday",
        "/v1/rates?from=2026-11-20&to=2026-11-18",
        "/v1/rates?from=2010-01-01&to=2026-01-01",
        "/v1/rates?from=2026-11-20",
        "/v1/rates?from=2026-11-20&to=ayer",
        "/v1/rates?from=2026-11-20&to=2026-11-20&day=1",
    ] {
        lines.push(detail(&http.get(path).await));
    }
    assert_eq!(http.world.provider().calls(), 0);
    assert_snapshot!(lines.join("\n"), @"
    422 invalid_date: Rates are published from 2010-01-01 on.
    422 invalid_date: That day has not come yet: in Lima it is 2026-11-21.
    422 invalid_date: A day is written as YYYY-MM-DD, such as 2026-11-20.
    422 invalid_date: A day is written as YYYY-MM-DD, such as 2026-11-20.
    422 invalid_date: The range ends before it begins.
    422 invalid_date: At most 3660 days can be asked at once.
    422 invalid_query: `from` and `to` are both needed, as in ?from=2026-11-01&to=2026-11-20.
    422 invalid_date: A day is written as YYYY-MM-DD, such as 2026-11-20.
    422 invalid_query: This route takes `from`, `to` and `refresh` and no other parameter.
    ");
}

#[tokio::test(start_paused = true)]
async fn no_rate_at_all_is_absent() {
    let http = Http::bare(scripts::nothing());
    for path in ["/v1/rates/latest", "/v1/rates/2026-11-20"] {
        let answered = http.get(path).await;
        assert_eq!(code(&answered), "404 absent", "{path}");
        assert_eq!(answered.json()["source"], "test", "{path}");
    }
}

/// Judged by name: everybody else is in order.
fn judged(ruc: &str) -> Taxpayer {
    let mut taxpayer = sample::taxpayer(ruc.parse().unwrap());
    match ruc {
        "20100070970" => taxpayer.estado_del_contribuyente = Some(Status::from_text("BAJA DE OFICIO")),
        "20100017491" => {
            taxpayer.condicion_de_domicilio = Some(Condition::from_text("NO HABIDO"));
            taxpayer.nombre_o_razon_social = Some("X".into());
        }
        _ => {}
    }
    taxpayer
}

fn judging() -> Http {
    Http::bare(Script::by(|question| {
        let Question::Taxpayers(rucs) = question else { panic!("{question:?} was not expected") };
        let known = rucs.iter().filter(|ruc| ruc.as_str() != "20000000001");
        let found = known.map(|ruc| judged(ruc.as_str())).collect();
        Ok(Reply::Taxpayers { found, not_found: Vec::new(), unreadable: Vec::new() })
    }))
}

#[tokio::test(start_paused = true)]
async fn many_are_judged_and_counted_by_criterion() {
    let http = judging();
    let body = json!({"rucs": ["20131312955", "20100070970", "20100017491", "20000000001", "123", 20_131_312_955_u64]});
    let answered = http.post("/v1/billing", &body).await;
    let body = answered.json();
    let mut rows = Vec::new();
    for row in body["results"].as_array().unwrap() {
        rows.push(format!(
            "{} {} {} {} {}",
            row["ruc"], row["outcome"], row["valid"], row["obstacles"], row["warnings"]
        ));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    "20131312955" "found" true [] []
    "20100070970" "found" false [{"code":"not_active","words":"El contribuyente no está ACTIVO"}] []
    "20100017491" "found" false [{"code":"not_located","words":"El domicilio no está HABIDO"}] [{"code":"short_name","words":"El nombre tiene menos de 3 caracteres"}]
    "20000000001" "absent" false [{"code":"absent","words":"El RUC no existe"}] []
    "123" "invalid" false [{"code":"invalid_ruc","words":"El número no es un RUC"}] []
    "20131312955" "found" true [] []
    "#);
    assert_snapshot!(body["summary"], @r#"{"absent":1,"invalid":4,"invalid_ruc":1,"not_active":1,"not_located":1,"old_data":0,"short_address":0,"short_name":1,"unknown":0,"upstream_calls":1,"valid":2}"#);
    assert_eq!(answered.origin(), "alpha fresh miss");
}

#[tokio::test(start_paused = true)]
async fn an_outage_judges_nobody() {
    let http = Http::bare(Script::failing(ProviderError::Throttled {
        provider: SourceId::new("alpha"),
        retry_after: Some(Duration::from_secs(7)),
    }));
    let many = http.post("/v1/billing", &json!({"rucs": ["20131312955", "20100070970"]})).await.json();
    for row in many["results"].as_array().unwrap() {
        assert_eq!((&row["valid"], &row["outcome"]), (&Value::Null, &json!("unknown")));
        assert_eq!((&row["error"]["code"], &row["error"]["retry_after"]), (&json!("limited"), &json!(7)));
        assert_eq!((&row["obstacles"], &row["warnings"]), (&json!([]), &json!([])));
    }
    assert_eq!((&many["summary"]["unknown"], &many["summary"]["invalid"]), (&json!(2), &json!(0)));
    let one = http.get("/v1/ruc/20131312955/billing").await;
    assert_eq!((code(&one), one.header("retry-after")), ("429 limited".to_owned(), Some("7")));
}

#[tokio::test(start_paused = true)]
async fn one_is_judged_as_a_row_of_many_and_nobody_may_not_be_invoiced() {
    let valid = everything().get("/v1/ruc/20131312955/billing").await;
    let body = valid.json();
    assert_eq!((&body["valid"], &body["outcome"], &body["obstacles"]), (&json!(true), &json!("found"), &json!([])));
    assert_eq!(body["taxpayer"]["ruc"], "20131312955");
    let nobody = Http::bare(scripts::nothing()).get("/v1/ruc/20131312955/billing").await;
    assert_eq!(nobody.status.as_u16(), 200);
    let body = nobody.json();
    assert_eq!((&body["valid"], &body["obstacles"][0]["code"]), (&json!(false), &json!("absent")));
    assert_eq!(nobody.origin(), "alpha fresh miss");
}

#[tokio::test(start_paused = true)]
async fn verdicts_and_taxpayers_stream_on_either_wish() {
    let body = json!({"rucs": ["20131312955", "123"]}).to_string();
    for (path, member) in [("/v1/billing", "valid"), ("/v1/ruc/lookup", "taxpayer")] {
        let http = everything();
        let asked = |path: &str, accept: &str| {
            let built = request(Method::POST, path).header(header::CONTENT_TYPE, JSON).header(header::ACCEPT, accept);
            built.body(body.clone().into()).unwrap()
        };
        for (path, accept) in
            [(path.to_owned(), "application/x-ndjson"), (format!("{path}?format=ndjson"), "application/json")]
        {
            let streamed = http.send(asked(&path, accept)).await;
            assert_eq!(streamed.header("content-type"), Some("application/x-ndjson"), "{path}");
            let lines: Vec<Value> = streamed.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(lines.len(), 2);
            assert!(lines.iter().all(|line| line.get(member).is_some() && line["index"].is_u64()), "{lines:?}");
        }
        let whole = http.send(asked(&format!("{path}?format=json"), "application/x-ndjson")).await;
        assert_eq!(whole.header("content-type"), Some(JSON));
        assert_eq!(code(&http.send(asked(&format!("{path}?format=xml"), JSON)).await), "422 invalid_query");
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_is_judged_with_the_words_of_the_tables() {
    let http = everything();
    let asked = json!({
        "ruc_emisor": "20131312955", "tipo_comprobante": "01", "serie": "f001", "numero": "0123",
        "fecha_emision": "20/11/2026", "monto": 118.5,
    });
    let answered = http.post("/v1/cpe/validate", &asked).await;
    assert_snapshot!(answered.line(), @r#"200 {"ruc_emisor":"20131312955","tipo_comprobante":"01","serie":"F001","numero":"123","fecha_emision":"2026-11-20","monto":"118.5","valid":true,"estado_comprobante":{"code":"1","words":"ACEPTADO"},"estado_contribuyente":{"code":"00","words":"ACTIVO"},"condicion_domicilio":{"code":"00","words":"HABIDO"},"observaciones":["- Conforme"],"meta":{"source":"alpha","as_of":"2026-11-21T12:00:00Z","fetched_at":"2026-11-21T12:00:00Z","freshness":"fresh"}}"#);
    assert_eq!(http.post("/v1/cpe/validate", &asked).await.origin(), "alpha fresh hit");

    let silent = Http::bare(Script::by(|_| {
        let verdict = CpeVerdict { document: None, status: None, condition: None, observaciones: Vec::new() };
        Ok(Reply::Cpe(verdict))
    }));
    let body = silent.post("/v1/cpe/validate", &asked).await.json();
    assert_eq!((&body["valid"], &body["estado_comprobante"]), (&Value::Null, &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_asked_about_names_the_member() {
    let http = everything();
    let right = json!({
        "ruc_emisor": "20131312955", "tipo_comprobante": "01", "serie": "F001", "numero": 123,
        "fecha_emision": "2026-11-20", "monto": "118.00",
    });
    let mut lines = Vec::new();
    for (member, value) in [
        ("ruc_emisor", json!("20131312954")),
        ("tipo_comprobante", json!("99")),
        ("serie", json!("F-01")),
        ("serie", Value::Null),
        ("numero", json!(0)),
        ("numero", json!("12.5")),
        ("fecha_emision", json!("2026-02-30")),
        ("monto", json!("1,5")),
        ("monto", json!([1])),
        ("total", json!(1)),
    ] {
        let mut asked = right.clone();
        asked[member] = value;
        let answered = http.post("/v1/cpe/validate", &asked).await;
        let detail = detail(&answered);
        lines.push(detail.split("; send").next().unwrap().to_owned());
    }
    assert_eq!(http.world.provider().calls(), 0);
    assert_snapshot!(lines.join("\n"), @r#"
    422 invalid_ruc: This is no RUC: the check digit does not match.
    422 invalid_cpe: `tipo_comprobante` is one of 01, 03, 07, 08 and R1.
    422 invalid_cpe: `serie` has 1 to 4 letters and digits, such as F001.
    422 invalid_body: `serie` is missing
    422 invalid_cpe: `numero` is a whole number from 1 to 99999999.
    422 invalid_cpe: `numero` is a whole number from 1 to 99999999.
    422 invalid_date: `fecha_emision` is written as YYYY-MM-DD, such as 2026-11-20.
    422 invalid_cpe: `monto` is an amount with at most two decimals, such as "118.00".
    422 invalid_body: `monto` is neither text nor a number.
    422 invalid_body: This route takes `ruc_emisor`, `tipo_comprobante`, `serie`, `numero`, `fecha_emision`, `monto` and `refresh` and no other member.
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_account_is_told_counted_and_asked_again_soon() {
    let http = everything();
    let before = http.get("/metrics").await;
    assert!(!before.text().contains("chasqui_account_queries_left{"), "nothing is known before it is asked");
    let answered = http.get("/v1/account").await;
    assert_snapshot!(answered.line(), @r#"200 {"nombre":"PRUEBA S.A.C.","email":null,"consultas":39998,"meta":{"source":"alpha","as_of":"2026-11-21T12:00:00Z","fetched_at":"2026-11-21T12:00:00Z","freshness":"fresh"}}"#);
    let metrics = http.get("/metrics").await;
    assert!(metrics.text().contains("chasqui_account_queries_left{provider=\"alpha\"} 39998"), "{}", metrics.text());
}

#[tokio::test(start_paused = true)]
async fn what_a_route_does_not_know_is_refused() {
    let http = everything();
    let mut lines = Vec::new();
    for path in [
        "/v1/ruc/20131312955?refrsh=true",
        "/v1/dni/10117410?refresh=perhaps",
        "/v1/rates/latest?date=2026-11-20",
        "/v1/account?refresh&refresh",
        "/v1/ruc/20131312955/billing?x",
        "/v1/ruc/20131312955/representatives?10117410",
        "/v1/cache/stats?x=1",
        "/v1/cache/absent?x=1",
    ] {
        lines.push(detail(&http.get(path).await));
    }
    for (path, body) in [
        ("/v1/ruc/lookup", json!({})),
        ("/v1/ruc/lookup", json!({"rucs": "20131312955"})),
        ("/v1/ruc/lookup", json!({"ruc": ["20131312955"]})),
        ("/v1/ruc/lookup?x=1", json!({"rucs": ["20131312955"]})),
        ("/v1/billing", json!({"rucs": [null]})),
    ] {
        lines.push(detail(&http.post(path, &body).await));
    }
    assert_eq!(http.world.provider().calls(), 0);
    assert_snapshot!(lines.join("\n"), @r#"
    422 invalid_query: This route takes `refresh` and no other parameter.
    422 invalid_query: `refresh` is either true or false.
    422 invalid_query: This route takes `refresh` and no other parameter.
    422 invalid_query: `refresh` is given more than once.
    422 invalid_query: This route takes `refresh` and no other parameter.
    422 invalid_query: This route takes `refresh` and no other parameter.
    422 invalid_query: This route takes no parameters.
    422 invalid_query: This route takes no parameters.
    422 invalid_body: `rucs` is missing; send {"rucs": ["20131312955"]}.
    422 invalid_body: `rucs` is no list; send {"rucs": ["20131312955"]}.
    422 invalid_body: This route takes `rucs` and `refresh` and no other member.
    422 invalid_query: This route takes `refresh` and `format` and no other parameter.
    422 invalid_body: Item 1 of `rucs` is neither text nor a whole number.
    "#);
}

#[tokio::test(start_paused = true)]
async fn refresh_asks_anew_everywhere() {
    let http = everything();
    for path in [
        format!("/v1/dni/{DNI}"),
        "/v1/rates/latest".to_owned(),
        "/v1/rates/2026-11-19".to_owned(),
        "/v1/ruc/20131312955/representatives".to_owned(),
        "/v1/account".to_owned(),
    ] {
        http.get(&path).await;
        let calls = http.world.provider().calls();
        assert_eq!(http.get(&path).await.header("x-cache"), Some("hit"), "{path}");
        let anew = http.get(&format!("{path}?refresh=true")).await;
        assert_eq!((anew.status.as_u16(), anew.header("x-cache")), (200, Some("miss")), "{path}");
        assert_eq!(http.world.provider().calls(), calls + 1, "{path}");
        assert!(!anew.text().contains("DNI(") && (anew.text().contains(NAME) || !path.contains("dni")), "{path}");
    }
}
