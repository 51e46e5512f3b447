//! What MIGO has no answer for: could not find out, stale, asked anew.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use chasqui_core::{ProviderError, Question, Reply};
use chasqui_migo::{RawReply, Verdict, read_taxpayer, write_taxpayer};
use chasqui_testkit::{Script, sample};
use chasqui_types::{Ruc, SourceId};
use insta::assert_snapshot;
use serde_json::json;

use crate::world::{Answered, FORM, Http, request};

const FOUND: &str = "20131312955";
const ONE: &str = "/api/v1/ruc";
const MANY: &str = "/api/v1/ruc/collection";

fn found() -> Ruc {
    sample::company()
}

/// One number through each of the four ways to ask for it.
async fn every_way(http: &Http, ruc: Ruc) -> [Answered; 4] {
    [
        http.post(ONE, &json!({"token": "T", "ruc": ruc})).await,
        http.post(MANY, &json!({"token": "T", "ruc": [ruc, sample::ruc(9)]})).await,
        http.get_with_token(&format!("{ONE}/{ruc}")).await,
        http.get_with_token(&format!("/api/v2/ruc/{ruc}")).await,
    ]
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_found_out_is_a_503_that_no_client_takes_for_absence() {
    let mut lines = Vec::new();
    for error in sample::every_error(&SourceId::new("alpha")) {
        let kind = error.kind();
        let http = Http::bare(Script::failing(error));
        for answered in every_way(&http, found()).await {
            let wait = answered.header("retry-after").expect("there is always a wait").to_owned();
            lines.push(format!("{kind}: {} after {wait} {}", answered.status.as_u16(), answered.text()));
            assert_eq!(answered.header("cache-control"), Some("no-store"));
            assert_eq!(answered.origin(), "- - -");
            let reply = RawReply {
                status: answered.status.as_u16(),
                content_type: answered.header("content-type"),
                retry_after: Some(Duration::from_secs(wait.parse().unwrap())),
                body: &answered.body,
            };
            let verdict = read_taxpayer(&reply, found());
            assert!(!matches!(verdict, Verdict::NotFound { .. } | Verdict::Found(_)), "{kind}");
        }
        assert!(http.world.lookups.peek(found()).is_none(), "{kind} was remembered");
    }
    // All four ways say the same.
    lines.dedup();
    assert_snapshot!(lines.join("\n"), @r#"
    unreachable: 503 after 5 {"success":false,"message":"El proveedor falló; no se sabe si el RUC está registrado."}
    timed_out: 503 after 5 {"success":false,"message":"El proveedor no respondió a tiempo; no se sabe si el RUC está registrado."}
    failed: 503 after 5 {"success":false,"message":"El proveedor falló; no se sabe si el RUC está registrado."}
    malformed: 503 after 5 {"success":false,"message":"El proveedor falló; no se sabe si el RUC está registrado."}
    throttled: 503 after 1 {"success":false,"message":"Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde."}
    token_refused: 503 after 5 {"success":false,"message":"El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra."}
    denied: 503 after 5 {"success":false,"message":"El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra."}
    rejected: 503 after 5 {"success":false,"message":"El proveedor falló; no se sabe si el RUC está registrado."}
    limited: 503 after 1 {"success":false,"message":"Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde."}
    resting: 503 after 1 {"success":false,"message":"El proveedor falló varias veces y está en pausa; vuelva a consultar en un momento."}
    resting: 503 after 1 {"success":false,"message":"El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra."}
    out_of_time: 503 after 5 {"success":false,"message":"El proveedor no respondió a tiempo; no se sabe si el RUC está registrado."}
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_collection_with_one_unknown_number_fails_whole() {
    let unreadable = sample::ruc(2);
    let http = Http::bare(Script::by(move |question| match question {
        Question::Taxpayers(rucs) => Ok(Reply::Taxpayers {
            found: rucs.iter().filter(|ruc| **ruc != unreadable).map(|ruc| sample::taxpayer(*ruc)).collect(),
            not_found: Vec::new(),
            unreadable: vec![unreadable],
        }),
        _ => Err(ProviderError::Failed { provider: SourceId::new("alpha"), status: 500 }),
    }));
    let asked = json!({"token": "T", "ruc": [sample::ruc(1), unreadable, sample::ruc(3)]});
    let failed = http.post(MANY, &asked).await;
    assert_snapshot!(failed.line(), @r#"503 {"success":false,"message":"El proveedor falló; no se sabe si el RUC está registrado."}"#);
    assert_eq!(failed.header("retry-after"), Some("5"));
    // What was found out is kept, so that asking again is cheap.
    let rest = http.post(MANY, &json!({"token": "T", "ruc": [sample::ruc(3), sample::ruc(1)]})).await;
    assert_eq!((rest.status.as_u16(), rest.origin().as_str()), (200, "alpha fresh hit"));
    assert_eq!(http.world.provider().calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_the_longest_of_those_that_failed() {
    let script = Script::by(|question| {
        let wait = if matches!(question, Question::Taxpayer(_)) { 40 } else { 3 };
        let retry_after = Some(Duration::from_secs(wait));
        Err(ProviderError::Throttled { provider: SourceId::new("alpha"), retry_after })
    });
    let http = Http::bare(script.takes(Duration::from_secs(1)));
    // The collection joins the call for its last number, which is under way, and asks for the others itself.
    let alone = json!({"token": "T", "ruc": found()});
    let together = json!({"token": "T", "ruc": [sample::ruc(1), sample::ruc(2), found()]});
    let (_, answered) = tokio::join!(http.post(ONE, &alone), http.post(MANY, &together));
    assert_eq!((answered.status.as_u16(), answered.header("retry-after")), (503, Some("40")));
    assert_eq!(http.world.provider().calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn answers_say_where_they_come_from_and_a_hit_is_the_same_bytes() {
    let http = Http::bare(Script::knows([found()]));
    let expected = write_taxpayer(&sample::taxpayer(found()));
    let first = http.post(ONE, &json!({"token": "T", "ruc": FOUND})).await;
    assert_eq!((first.body.to_vec(), first.origin().as_str()), (expected, "alpha fresh miss"));
    let [one, many, v1, v2] = every_way(&http, found()).await;
    for again in [&one, &v1, &v2] {
        assert_eq!((&again.body, again.origin().as_str()), (&first.body, "alpha fresh hit"));
        assert_eq!(again.body.as_ptr(), one.body.as_ptr(), "a hit copies nothing");
        assert!(again.header("x-chasqui-as-of").is_some() && again.header("x-request-id").is_some());
    }
    assert_eq!(http.get("/v1/ruc/20131312955").await.origin(), "alpha fresh hit", "one memory for all routes");
    assert_eq!((many.status.as_u16(), many.origin().as_str()), (200, "alpha fresh miss"));
    assert_eq!(many.text(), format!("[{}]", first.text()));
    let absent = http.get_with_token(&format!("/api/v2/ruc/{}", sample::ruc(9))).await;
    assert_eq!(absent.line(), r#"404 {"success":false,"message":"RUC no encontrado"}"#);
    assert_eq!(absent.origin(), "alpha fresh absent-hit");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_number_costs_no_call() {
    let http = Http::bare(Script::found());
    for number in ["20131312954", "99999999999", "1", "x"] {
        http.post(ONE, &json!({"token": "T", "ruc": number})).await;
        http.post(MANY, &json!({"token": "T", "ruc": [number]})).await;
        http.get_with_token(&format!("/api/v2/ruc/{number}")).await;
    }
    assert_eq!(http.world.provider().calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn v1_takes_its_token_by_header_as_well() {
    let http = Http::bare(Script::found());
    for (authorization, status) in [("Bearer T", 200), ("bearer T", 200), ("Bearer ", 401), ("Basic T", 401)] {
        let request = request(Method::POST, ONE)
            .header("content-type", FORM)
            .header("authorization", authorization)
            .body(Body::from(format!("ruc={FOUND}&token=")));
        assert_eq!(http.send(request.unwrap()).await.status.as_u16(), status, "{authorization}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_answer_is_asked_for_in_the_query_or_the_body() {
    let http = Http::bare(Script::found());
    http.get_with_token("/api/v2/ruc/20131312955").await;
    for path in ["/api/v1/ruc/20131312955?refresh=true", "/api/v2/ruc/20131312955/?refresh"] {
        assert_eq!(http.get_with_token(path).await.header("x-cache"), Some("miss"), "{path}");
    }
    for body in [json!({"token": "T", "ruc": FOUND, "refresh": true}), json!({"token": "T", "ruc": FOUND})] {
        let path = if body.get("refresh").is_some() { ONE } else { "/api/v1/ruc?refresh=1" };
        assert_eq!(http.post(path, &body).await.header("x-cache"), Some("miss"), "{body}");
    }
    let many = http.post(MANY, &json!({"token": "T", "ruc": [FOUND], "refresh": "true"})).await;
    assert_eq!(many.header("x-cache"), Some("miss"));
    assert_eq!(http.world.provider().calls(), 6);
    assert_snapshot!(http.get_with_token("/api/v2/ruc/20131312955?refresh=quizas").await.line(), @r#"422 {"success":false,"message":"El parámetro refresh debe ser true o false.","errors":{"refresh":["El parámetro refresh debe ser true o false."]}}"#);
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_better_than_none() {
    let http = Http::bare(Script::knows([found()]));
    let fresh = http.get_with_token("/api/v2/ruc/20131312955").await;
    http.world.pass(Duration::from_hours(5)).await;
    http.world.provider().follow(Script::unreachable());
    let stale = http.get_with_token("/api/v2/ruc/20131312955").await;
    assert_eq!((stale.line(), stale.origin().as_str()), (fresh.line(), "alpha stale hit"));
    // An absence past its time says nothing any more.
    http.world.provider().follow(Script::absent());
    http.get_with_token("/api/v2/ruc/20000000001").await;
    http.world.pass(Duration::from_hours(25)).await;
    http.world.provider().follow(Script::unreachable());
    assert_eq!(http.get_with_token("/api/v2/ruc/20000000001").await.status.as_u16(), 503);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_large_is_refused_in_migos_shape() {
    let http = Http::bare(Script::found());
    let answered = http.post_as("application/json", ONE, vec![b' '; 9 * 1024 * 1024]).await;
    assert_snapshot!(answered.line(), @r#"413 {"success":false,"message":"El cuerpo de la solicitud es demasiado grande."}"#);
}
