//! Every fault, as a client meets it.

use std::error::Error;
use std::time::Duration;

use chasqui_sandbox::{Fault, Faults, Sandbox, SandboxConfig, taxpayer};
use serde_json::Value;
use tokio::time::Instant;

use crate::{ABSENT, FOUND, World, every_question, known, numbers, send};

/// The system's own word for how the connection ended, from the bottom of the chain.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[expect(clippy::disallowed_methods, reason = "a test of delays over real sockets needs a real clock")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn a_replaced_answer_is_the_same_for_those_who_exist_and_those_who_do_not() {
    for (faults, expected) in [
        ("status=500", r#"500 {"message":"Server Error"}"#),
        ("status=503", r#"503 {"message":"Server Error"}"#),
        ("throttle=7", r#"429 {"message":"Too Many Attempts."}"#),
        ("unauthorized", r#"401 {"message":"Unauthenticated."}"#),
        ("forbidden", r#"403 {"success":false,"message":"Su plan ha expirado."}"#),
    ] {
        let world = World::failing(faults).await;
        for number in [FOUND, ABSENT] {
            assert_eq!(send(world.ask(number)).await, expected, "{faults}");
            assert_eq!(send(world.ask_many(&[number])).await, expected, "{faults}");
            assert_eq!(send(world.get(&format!("/api/v1/ruc/{number}"))).await, expected, "{faults}");
            assert_eq!(send(world.get(&format!("/api/v2/ruc/{number}"))).await, expected, "{faults}");
        }
    }
}

#[tokio::test]
async fn a_throttled_call_says_how_long_only_if_told_to() {
    let world = World::failing("throttle=7").await;
    assert_eq!(world.ask(FOUND).send().await.unwrap().headers()["retry-after"], "7");
    world.sandbox.set_faults(Faults::always(Fault::Throttle { retry_after: None }));
    assert!(!world.ask(FOUND).send().await.unwrap().headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_web_page_comes_under_any_status() {
    for (faults, status) in [("html", 200), ("html=404", 404), ("html=502", 502)] {
        let world = World::failing(faults).await;
        let response = world.ask(FOUND).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "text/html; charset=UTF-8");
        assert!(response.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    }
}

#[tokio::test]
async fn malformed_json_has_the_right_length_and_does_not_parse() {
    let world = World::failing("malformed").await;
    for request in [world.ask(FOUND), world.ask(ABSENT), world.ask_many(&[FOUND]), world.get("/api/v2/ruc/20131312955")]
    {
        let body = request.send().await.unwrap().text().await.unwrap();
        assert!(body.len() > 2 && serde_json::from_str::<Value>(&body).is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_wrong_content_type_changes_the_header_alone() {
    let world = World::failing("content-type=text/plain").await;
    let response = world.ask(FOUND).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.json::<Value>().await.unwrap()["ruc"], FOUND);
}

#[tokio::test]
async fn a_truncated_body_ends_in_the_middle_of_what_was_promised() {
    let world = World::failing("truncated").await;
    let mut response = world.ask(FOUND).send().await.unwrap();
    let promised = response.content_length().unwrap();
    let mut got = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => got += chunk.len() as u64,
            Ok(None) => panic!("the body ended as if it were whole"),
            Err(error) => break error,
        }
    };
    assert_eq!(got, promised / 2);
    assert!(!root(&error).contains("reset"), "an orderly close, not {}", root(&error));
    // The next call finds a new connection and the same fate.
    assert!(world.ask(FOUND).send().await.unwrap().bytes().await.is_err());
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let world = World::failing("reset").await;
    let error = world.ask(FOUND).send().await.unwrap_err();
    assert!(root(&error).contains("reset"), "{}", root(&error));
    assert_eq!(world.sandbox.calls().ruc, 1);
}

#[tokio::test]
async fn silence_lasts_until_the_client_gives_up() {
    let world = World::failing("silence").await;
    let error = world.ask(FOUND).timeout(Duration::from_millis(100)).send().await.unwrap_err();
    assert!(error.is_timeout());
    world.sandbox.set_faults(Faults::default());
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
}

#[tokio::test]
async fn latency_and_its_jitter_delay_the_answer() {
    let world = World::failing("latency=60ms+20ms").await;
    let start = now();
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
    assert!(now() - start >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_drip_brings_the_whole_body_in_pieces() {
    let world = World::failing("drip=200/10ms").await;
    let start = now();
    let mut response = world.ask(FOUND).send().await.unwrap();
    let promised = usize::try_from(response.content_length().unwrap()).unwrap();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    assert_eq!(body.len(), promised);
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["ruc"], FOUND);
    let n_pieces = u32::try_from(promised.div_ceil(200)).unwrap();
    assert!(n_pieces > 1 && now() - start >= Duration::from_millis(10) * n_pieces);
}

#[tokio::test]
async fn in_an_outage_nothing_answers_and_after_it_everything_does() {
    let world = World::new().await;
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
    world.sandbox.set_faults("outage=1h/1h".parse().unwrap());
    // The first call meets the outage on its old connection, the second cannot get a new one.
    for _ in 0..2 {
        let error = world.ask(FOUND).send().await.unwrap_err();
        assert!(error.status().is_none());
    }
    world.sandbox.set_faults(Faults::default());
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
}

#[tokio::test]
async fn outages_come_and_go_by_themselves() {
    let world = World::failing("outage=100ms/50ms").await;
    let mut seen = [false; 2];
    while seen != [true; 2] {
        seen[usize::from(world.ask(FOUND).send().await.is_ok())] = true;
    }
}

#[tokio::test]
async fn a_share_strikes_exactly_that_part_of_the_calls() {
    let world = World::failing("status=503@20%").await;
    let mut n_failed = 0;
    for _ in 0..50 {
        n_failed += usize::from(send(world.ask(FOUND)).await.starts_with("503 "));
    }
    assert_eq!(n_failed, 10);
}

#[tokio::test]
async fn faults_strike_the_endpoint_they_are_aimed_at() {
    let world = World::failing("collection:status=502, v2_ruc:status=504").await;
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
    assert!(send(world.get("/api/v1/ruc/20131312955")).await.starts_with("200 "));
    assert!(send(world.ask_many(&[FOUND])).await.starts_with("502 "));
    assert!(send(world.get("/api/v2/ruc/20131312955")).await.starts_with("504 "));
}

#[tokio::test]
async fn a_numbers_rule_strikes_it_alone_and_in_company() {
    let [a, b] = &known(2)[..] else { panic!("two were asked for") };
    let world = World::failing(&format!("{a}:status=503")).await;
    assert!(send(world.ask(a.as_str())).await.starts_with("503 "));
    assert!(send(world.ask(b.as_str())).await.starts_with("200 "));
    assert!(send(world.ask_many(&[a.as_str(), b.as_str()])).await.starts_with("503 "));
    world.sandbox.set_faults(Faults::default().for_number(*a, Fault::Omit { every: 1 }));
    assert_eq!(numbers(world.ask_many(&[a.as_str(), b.as_str()])).await, [b.as_str()]);
}

#[tokio::test]
async fn collections_are_distorted_as_told() {
    let rucs = known(4);
    let [a, b, c, d] = [0, 1, 2, 3].map(|place| rucs[place].as_str());
    let world = World::new().await;
    for (faults, expected) in [
        ("omit", vec![a, c]),
        ("omit=4", vec![a, b, c]),
        ("omit=1", vec![]),
        ("empty", vec![]),
        ("reorder", vec![d, c, b, a]),
        ("repeat", vec![a, a, b, b, c, c, d, d]),
        ("repeat, reorder", vec![d, d, c, c, b, b, a, a]),
    ] {
        world.sandbox.set_faults(faults.parse().unwrap());
        assert_eq!(numbers(world.ask_many(&[a, b, c, d])).await, expected, "{faults}");
        assert!(send(world.ask(a)).await.starts_with("200 "), "{faults}");
    }
}

#[tokio::test]
async fn a_stranger_in_a_collection_was_not_asked_for() {
    let world = World::failing("foreign").await;
    let got = numbers(world.ask_many(&[FOUND])).await;
    assert_eq!((got.len(), got[0].as_str()), (2, FOUND));
    assert!(got[1] != FOUND && taxpayer(got[1].parse().unwrap()).is_some());
}

#[tokio::test]
async fn the_older_form_wraps_the_same_records() {
    let world = World::failing("wrapped").await;
    let body: Value = world.ask_many(&[FOUND]).send().await.unwrap().json().await.unwrap();
    assert_eq!((&body["success"], &body["data"][0]["ruc"]), (&Value::Bool(true), &Value::from(FOUND)));
}

#[tokio::test]
async fn a_stop_is_quick_even_with_hung_calls() {
    let sandbox = Sandbox::start(SandboxConfig { faults: Faults::always(Fault::Silence), ..SandboxConfig::default() });
    let sandbox = sandbox.await.unwrap();
    let url = format!("{}/api/v2/ruc/{FOUND}", sandbox.base_url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let hung = async { client.get(&url).bearer_auth("T").send().await };
    let stop = async {
        while sandbox.calls().total() == 0 {
            tokio::task::yield_now().await;
        }
        let start = now();
        sandbox.shutdown().await;
        now() - start
    };
    let (answer, took) = tokio::join!(hung, stop);
    assert!(answer.is_err());
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(client.get(&url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn every_endpoint_is_counted_and_struck_under_its_own_name() {
    let names: Vec<&str> = every_question(&World::new().await).into_iter().map(|(name, _)| name).collect();
    for name in names {
        let world = World::failing(&format!("{name}:status=503")).await;
        for (asked, request) in every_question(&world) {
            let expected = if asked == name { "503 " } else { "200 " };
            let answer = send(request).await;
            assert!(answer.starts_with(expected), "{name}: {asked}: {answer}");
        }
        let calls = serde_json::to_value(world.sandbox.calls()).unwrap();
        assert_eq!((&calls[name], world.sandbox.calls().total()), (&Value::from(1), 14), "{name}");
    }
}

#[tokio::test]
async fn an_echo_repeats_the_token_and_whatever_was_asked() {
    let world = World::failing("echo").await;
    for (name, request) in every_question(&world) {
        let request = request.build().unwrap();
        let secrets: Vec<&str> = match name {
            "ruc" | "collection" | "representatives" => vec![FOUND],
            "v1_get_ruc" | "v2_ruc" => vec![FOUND, "/api/v"],
            "dni" | "v2_dni" => vec!["10117410"],
            "rate" | "v2_rate" => vec!["2024-05-15"],
            "cpe" => vec![FOUND, "F001"],
            _ => vec![],
        };
        let response = world.client.execute(request).await.unwrap();
        assert_eq!(response.status(), 422);
        let message = response.json::<Value>().await.unwrap()["message"].as_str().unwrap().to_owned();
        assert!(secrets.iter().chain(&[", T"]).all(|secret| message.contains(secret)), "{name}: {message}");
    }
}

#[tokio::test]
async fn the_families_have_limits_of_their_own() {
    let limits = Some("1/1h".parse().unwrap());
    let world = World::with(SandboxConfig { limits, ..SandboxConfig::default() }).await;
    let mut passed = Vec::new();
    for (name, request) in every_question(&world) {
        if send(request).await.starts_with("200 ") {
            passed.push(name);
        }
    }
    assert_eq!(passed, ["ruc", "collection", "dni", "latest_rate", "account", "cpe"]);
}
