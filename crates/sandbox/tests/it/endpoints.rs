//! Every endpoint, in every encoding, with every way to be refused.

use chasqui_migo::write_taxpayer;
use chasqui_sandbox::{SandboxConfig, taxpayer};
use reqwest::multipart::Form;
use serde_json::json;

use crate::{ABSENT, FOUND, World, known, numbers, send};

fn found() -> String {
    let body = write_taxpayer(&taxpayer(FOUND.parse().unwrap()).unwrap());
    format!("200 {}", String::from_utf8(body).unwrap())
}

const NOT_FOUND: &str = r#"404 {"success":false,"message":"RUC no encontrado"}"#;
const UNAUTHENTICATED: &str = r#"401 {"message":"Unauthenticated."}"#;

#[tokio::test]
async fn one_number_is_answered_alike_in_every_encoding_and_version() {
    let world = World::new().await;
    for slash in ["", "/"] {
        let v1 = format!("/api/v1/ruc{slash}");
        let url = world.url(&v1);
        for (number, expected) in [(FOUND, found()), (ABSENT, NOT_FOUND.to_owned())] {
            assert_eq!(send(world.post(&v1, &json!({"token": "T", "ruc": number}))).await, expected);
            assert_eq!(send(world.client.post(&url).form(&[("token", "T"), ("ruc", number)])).await, expected);
            let form = Form::new().text("token", "T").text("ruc", number);
            assert_eq!(send(world.client.post(&url).multipart(form)).await, expected);
            assert_eq!(send(world.get(&format!("/api/v1/ruc/{number}{slash}"))).await, expected);
            assert_eq!(send(world.get(&format!("/api/v2/ruc/{number}{slash}"))).await, expected);
        }
    }
}

#[tokio::test]
async fn answers_are_typed_as_json() {
    let world = World::new().await;
    let response = world.ask(FOUND).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_collection_is_an_array_without_the_unknown_ones() {
    let world = World::new().await;
    let some = known(3).into_iter().map(String::from).collect::<Vec<_>>();
    // A wrong check digit in a collection is as silent as an unknown number.
    let asked = [FOUND, ABSENT, &some[2], &some[0], "20131312954", FOUND];
    let expected = [FOUND.to_owned(), some[2].clone(), some[0].clone()];
    let url = world.url("/api/v1/ruc/collection/");
    assert_eq!(numbers(world.ask_many(&asked)).await, expected);

    let mut pairs = vec![("token", "T")];
    pairs.extend(asked.map(|number| ("ruc[]", number)));
    assert_eq!(numbers(world.client.post(&url).form(&pairs)).await, expected);

    let form =
        asked.iter().fold(Form::new().text("token", "T"), |form, number| form.text("ruc[]", (*number).to_owned()));
    assert_eq!(numbers(world.client.post(&url).multipart(form)).await, expected);

    assert_eq!(send(world.ask_many(&[ABSENT])).await, "200 []");
}

#[tokio::test]
async fn a_missing_or_empty_token_is_refused_before_anything_else() {
    let world = World::new().await;
    for body in [json!({"ruc": "x"}), json!({"token": "", "ruc": FOUND}), json!({"token": ["T"]}), json!([])] {
        assert_eq!(send(world.post("/api/v1/ruc", &body)).await, UNAUTHENTICATED, "{body}");
        assert_eq!(send(world.post("/api/v1/ruc/collection", &body)).await, UNAUTHENTICATED, "{body}");
    }
    assert_eq!(send(world.client.post(world.url("/api/v1/ruc")).body("{")).await, UNAUTHENTICATED);
    for path in ["/api/v1/ruc/20131312955", "/api/v2/ruc/x"] {
        assert_eq!(send(world.client.get(world.url(path))).await, UNAUTHENTICATED);
        assert_eq!(send(world.client.get(world.url(path)).header("authorization", "Basic T")).await, UNAUTHENTICATED);
        assert_eq!(send(world.client.get(world.url(path)).header("authorization", "Bearer  ")).await, UNAUTHENTICATED);
    }
}

#[tokio::test]
async fn with_a_token_of_its_own_no_other_is_taken() {
    let world = World::with(SandboxConfig { token: Some("SECRET".into()), ..SandboxConfig::default() }).await;
    assert_eq!(send(world.ask(FOUND)).await, UNAUTHENTICATED);
    assert_eq!(send(world.get("/api/v2/ruc/20131312955")).await, UNAUTHENTICATED);
    assert_eq!(send(world.post("/api/v1/ruc", &json!({"token": "SECRET", "ruc": FOUND}))).await, found());
    let by_header = world.client.get(world.url("/api/v2/ruc/20131312955")).header("authorization", "bearer SECRET");
    assert_eq!(send(by_header).await, found());
}

#[tokio::test]
async fn a_bad_format_is_a_422_and_a_bad_check_digit_a_404() {
    let world = World::new().await;
    let invalid = concat!(
        r#"422 {"success":false,"message":"El campo ruc debe contener 11 dígitos.","#,
        r#""errors":{"ruc":["El campo ruc debe contener 11 dígitos."]}}"#
    );
    for number in ["", "2013131295", "2013131295x", "201313129555"] {
        assert_eq!(send(world.ask(number)).await, invalid, "{number}");
    }
    assert_eq!(send(world.get("/api/v2/ruc/123")).await, invalid);
    assert_eq!(send(world.get("/api/v1/ruc/123")).await, invalid);
    for number in ["20131312954", "12345678901", "99999999999"] {
        assert_eq!(send(world.ask(number)).await, NOT_FOUND, "{number}");
        assert_eq!(send(world.get(&format!("/api/v2/ruc/{number}"))).await, NOT_FOUND, "{number}");
    }
}

#[tokio::test]
async fn a_collection_is_checked_whole_before_it_is_answered() {
    let world = World::new().await;
    let required = concat!(
        r#"422 {"success":false,"message":"El campo ruc es obligatorio.","#,
        r#""errors":{"ruc":["El campo ruc es obligatorio."]}}"#
    );
    assert_eq!(send(world.ask_many(&[])).await, required);
    assert_eq!(send(world.post("/api/v1/ruc/collection", &json!({"token": "T", "ruc": FOUND}))).await, required);
    assert_eq!(send(world.post("/api/v1/ruc", &json!({"token": "T"}))).await, required);
    assert_eq!(send(world.post("/api/v1/ruc", &json!({"token": "T", "ruc": [FOUND]}))).await, required);
    let one_bad = send(world.ask_many(&[FOUND, "7"])).await;
    assert!(one_bad.starts_with("422 ") && one_bad.contains(r#""errors":{"ruc.1":"#), "{one_bad}");
    let rucs = known(101);
    let rucs: Vec<&str> = rucs.iter().map(chasqui_types::Ruc::as_str).collect();
    assert_eq!(numbers(world.ask_many(&rucs[..100])).await, rucs[..100]);
    assert!(send(world.ask_many(&rucs)).await.starts_with("422 "));
}

#[tokio::test]
async fn an_unknown_address_says_so_in_migos_words() {
    let world = World::new().await;
    let unknown = r#"404 {"success":false,"message":"Recurso no encontrado"}"#;
    for path in ["/", "/api/v1", "/api/v1/dni/x", "/api/v2/ruc", "/api/v2/ruc/1/2", "/api/v3/ruc/20131312955"] {
        assert_eq!(send(world.get(path)).await, unknown, "{path}");
    }
    assert_eq!(send(world.get("/api/v1/ruc")).await, r#"405 {"message":"Method Not Allowed"}"#);
}

#[tokio::test]
async fn calls_are_counted_by_endpoint() {
    let world = World::new().await;
    send(world.ask(FOUND)).await;
    send(world.ask("x")).await;
    send(world.ask_many(&[FOUND, ABSENT])).await;
    send(world.get("/api/v1/ruc/20131312955")).await;
    send(world.get("/api/v2/ruc/20131312955")).await;
    send(world.get("/nowhere")).await;
    let calls = world.sandbox.calls();
    let by_endpoint = (calls.ruc, calls.collection, calls.v1_get_ruc, calls.v2_ruc, calls.other);
    assert_eq!(by_endpoint, (2, 1, 1, 1, 1));
    assert_eq!((calls.total(), calls.connections), (6, 1));
    world.sandbox.reset_calls();
    assert_eq!(world.sandbox.calls().total(), 0);
}

#[tokio::test]
async fn beyond_its_limit_it_answers_429_with_the_wait() {
    let limits = Some("2/15m".parse().unwrap());
    let world = World::with(SandboxConfig { limits, ..SandboxConfig::default() }).await;
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
    assert!(send(world.get("/api/v2/ruc/20131312955")).await.starts_with("200 "));
    let response = world.ask(FOUND).send().await.unwrap();
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((890..=900).contains(&wait), "{wait}");
    // Collections have a limit of their own.
    assert!(send(world.ask_many(&[FOUND])).await.starts_with("200 "));
}
