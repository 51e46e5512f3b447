//! Looking at it and changing it while it runs.

use serde_json::{Value, json};

use crate::{FOUND, World, send};

#[tokio::test]
async fn faults_are_replaced_and_removed_over_http() {
    let world = World::new().await;
    let url = world.url("/_sandbox/faults");
    let faults = json!({"calls": [{"on": ["ruc"], "fault": {"kind": "status", "status": 503}}]});

    let shown: Value = world.client.put(&url).json(&faults).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["calls"][0]["share"], 1.0);
    assert!(send(world.ask(FOUND)).await.starts_with("503 "));
    assert_eq!(world.client.get(&url).send().await.unwrap().json::<Value>().await.unwrap(), shown);

    assert_eq!(send(world.client.delete(&url)).await, r#"200 {"calls":[],"rules":{},"outage":null}"#);
    assert!(send(world.ask(FOUND)).await.starts_with("200 "));
}

#[tokio::test]
async fn faults_are_put_as_flags_write_them_one_or_many() {
    let world = World::new().await;
    let url = world.url("/_sandbox/faults");
    for (body, expected) in [
        (json!("ruc:status=503, latency=1ms"), "503 "),
        (json!([]), "200 "),
        (json!(["latency=1ms", "20131312955:forbidden"]), "403 "),
        (json!(""), "200 "),
    ] {
        assert!(send(world.client.put(&url).json(&body)).await.starts_with("200 "), "{body}");
        assert!(send(world.ask(FOUND)).await.starts_with(expected), "{body}");
    }
    for body in [json!("explode"), json!(["reset", 7]), json!(["explode"]), json!(7)] {
        assert!(send(world.client.put(&url).json(&body)).await.starts_with("400 "), "{body}");
    }
}

#[tokio::test]
async fn faults_that_cannot_be_read_change_nothing() {
    let world = World::failing("status=503").await;
    let url = world.url("/_sandbox/faults");
    let refused = send(world.client.put(&url).body(r#"{"calls": [{"fault": {"kind": "explode"}}]}"#)).await;
    assert!(refused.starts_with("400 ") && refused.contains("explode"), "{refused}");
    assert!(send(world.ask(FOUND)).await.starts_with("503 "));
}

#[tokio::test]
async fn counts_are_shown_and_forgotten_and_never_struck() {
    let world = World::failing("reset").await;
    world.ask(FOUND).send().await.unwrap_err();
    let url = world.url("/_sandbox/calls");
    let calls: Value = world.client.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!((&calls["ruc"], &calls["other"]), (&json!(1), &json!(0)));
    assert!(send(world.client.delete(&url)).await.contains(r#""ruc":0"#));
    assert!(send(world.client.post(&url)).await.starts_with("405 "));
    assert!(send(world.client.get(world.url("/_sandbox/else"))).await.starts_with("404 "));
}
