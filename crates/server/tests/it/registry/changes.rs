//! `GET /v1/padron/changes`.

use std::fs;

use axum::body::Body;
use axum::http::Method;
use chasqui_core::Turn;
use chasqui_types::Ruc;
use http_body_util::BodyExt;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{ANDINA, DNI, Folder, PERSON, YARA, ZONA, numbers, over, refusal, row, rows};
use crate::world::{Answered, Http, request};

async fn lines(http: &Http, query: &str) -> Answered {
    let ask = request(Method::GET, &format!("/v1/padron/changes{query}")).header("accept", "application/x-ndjson");
    http.send(ask.body(Body::empty()).unwrap()).await
}

/// Every change from `since` on, page by page of `limit` rows.
async fn follow(http: &Http, since: &str, limit: usize) -> (Vec<Value>, String) {
    let (mut changes, mut since) = (Vec::new(), since.to_owned());
    loop {
        let body = http.get(&format!("/v1/padron/changes?since={since}&limit={limit}")).await.json();
        changes.extend(body["changes"].as_array().unwrap().iter().cloned());
        body["next"].as_str().unwrap().clone_into(&mut since);
        if body["is_last"] == true {
            return (changes, since);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_tells_each_cell_and_where_to_go_on() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let page = http.get("/v1/padron/changes").await;
    assert_eq!(page.origin(), "padron fresh hit");
    assert_snapshot!(serde_json::to_string_pretty(&page.json()).unwrap());
    let (next, again) = ("2026-11-20", http.get("/v1/padron/changes?since=2026-11-20").await.json());
    assert_eq!(again, json!({"changes": [], "next": next, "is_last": true, "first": "2026-11-18", "last": next}));
}

#[tokio::test(start_paused = true)]
async fn pages_of_any_length_and_the_stream_tell_the_same() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let (whole, next) = follow(&http, "2026-11-18", 10_000).await;
    assert_eq!((whole.len(), next.as_str()), (5, "2026-11-20"));
    for limit in 1..=5 {
        assert_eq!(follow(&http, "2026-11-18", limit).await, (whole.clone(), next.clone()), "{limit}");
    }
    for streamed in [lines(&http, "").await, lines(&http, "?since=2026-11-18&format=ndjson").await] {
        assert_eq!(streamed.header("content-type"), Some("application/x-ndjson"));
        let mut told: Vec<Value> = streamed.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(told.pop().unwrap(), json!({"next": "2026-11-20", "first": "2026-11-18", "last": "2026-11-20"}));
        assert_eq!(told, whole);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edition_that_comes_into_use_between_two_pages_loses_and_repeats_nothing() {
    let folder = Folder::of_three_days();
    let (expected, _) = {
        // What somebody is told who comes when all is there.
        let folder = Folder::of_three_days();
        folder.follow("2026-11-21", &rows("SUSPENSION TEMPORAL"));
        follow(&folder.alone(), "2026-11-18", 10_000).await
    };
    let registry = folder.registry();
    let http = over(&registry, Turn::Only);
    let first = http.get("/v1/padron/changes?since=2026-11-18&limit=2").await.json();
    let mut told = first["changes"].as_array().unwrap().clone();

    // In use, and not yet compared with the one before: what leads to it is not missing, only not there yet.
    folder.import("2026-11-21", &rows("SUSPENSION TEMPORAL"));
    registry.reload();
    let (more, next) = follow(&http, first["next"].as_str().unwrap(), 1).await;
    told.extend(more);
    assert_eq!(next, "2026-11-20");
    assert_eq!(follow(&http, &next, 1).await, (Vec::new(), next.clone()));
    // Nor is anybody sent away who has read the new edition already, or asks a server that started just now.
    assert_eq!(http.get("/v1/padron/changes?since=2026-11-21").await.json()["next"], "2026-11-21");
    assert_eq!(follow(&folder.alone(), &next, 1).await, (Vec::new(), next.clone()));

    folder.compare("2026-11-20", "2026-11-21");
    let (more, next) = follow(&http, &next, 1).await;
    told.extend(more);
    assert_eq!((told, next.as_str()), (expected, "2026-11-21"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_began_goes_to_its_end_whatever_comes_into_use() {
    let folder = Folder::new();
    let company = |n: u32, status| row(Ruc::from_body(20, n).unwrap().as_str(), &format!("EMPRESA {n} S.A."), status);
    let rows = |status: &'static str| (0..2_500).map(|n| company(n, status)).collect::<Vec<_>>();
    folder.import("2026-11-18", &rows("ACTIVO"));
    folder.follow("2026-11-19", &rows("BAJA DE OFICIO"));
    let registry = folder.registry();
    let http = over(&registry, Turn::Only);
    let stream = request(Method::GET, "/v1/padron/changes?format=ndjson").body(Body::empty()).unwrap();
    let mut body = http.begin(stream).await.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(std::str::from_utf8(&first).unwrap().lines().count(), 1_000, "a piece at a time");

    folder.follow("2026-11-20", &rows("ACTIVO"));
    folder.suppress(Ruc::from_body(20, 2_400).unwrap());
    registry.reload();
    let rest = body.collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&rest).unwrap();
    // Who asked not to be shown meanwhile is left out of what was not sent yet.
    assert_eq!(text.lines().count(), 1_499 + 1);
    assert!(!text.contains(Ruc::from_body(20, 2_400).unwrap().as_str()));
    assert_eq!(text.lines().last(), Some(r#"{"next":"2026-11-19","first":"2026-11-18","last":"2026-11-19"}"#));
}

#[tokio::test(start_paused = true)]
async fn changes_that_are_not_kept_are_not_passed_over() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    for since in ["2026-11-01", "2026-11-01~2026-11-02~5", "2026-11-19~2026-11-21~1"] {
        let gone = http.get(&format!("/v1/padron/changes?since={since}")).await;
        assert_eq!(gone.status, 410, "{since}");
        assert_eq!(lines(&http, &format!("?since={since}")).await.status, 410, "{since}");
    }
    let gone = http.get("/v1/padron/changes?since=2026-11-01").await;
    assert_snapshot!(refusal(&gone), @"410 not_kept: The changes since 2026-11-01 are not kept: they reach from 2026-11-18 to 2026-11-20. Take all rows anew from edition 2026-11-20, and go on with `since=2026-11-20`.");
    // An edition that was taken back leads nowhere any more.
    let (_, next) = follow(&http, "2026-11-18", 10).await;
    chasqui_padron::rollback(&folder.path()).unwrap();
    assert_eq!(folder.alone().get(&format!("/v1/padron/changes?since={next}")).await.status, 410);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_says_why() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let mut told = Vec::new();
    for query in [
        "since=yesterday",
        "since=",
        "limit=0",
        "limit=10001",
        "limit=x",
        "format=xml",
        "format=ndjson&limit=5",
        "page=2",
    ] {
        told.push(refusal(&http.get(&format!("/v1/padron/changes?{query}")).await));
    }
    assert_snapshot!(told.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn who_asked_not_to_be_shown_is_passed_over() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let (all, _) = follow(&http, "2026-11-18", 10).await;
    assert!(numbers(&all.clone().into()).contains(&PERSON));
    folder.suppress(DNI.parse::<chasqui_types::Dni>().unwrap());
    let http = folder.alone();
    for limit in [1, 10] {
        let (told, _) = follow(&http, "2026-11-18", limit).await;
        assert_eq!(told, all.iter().filter(|change| change["ruc"] != PERSON).cloned().collect::<Vec<_>>());
    }
    assert!(!lines(&http, "").await.text().contains(PERSON));
    assert!(numbers(&all.into()).iter().all(|ruc| [YARA, ZONA, ANDINA, PERSON].contains(ruc)));
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_of_changes_is_an_outage() {
    let folder = Folder::of_three_days();
    let path = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let changes = path.filter(|path| path.to_string_lossy().contains("changes")).max().unwrap();
    let mut bytes = fs::read(&changes).unwrap();
    bytes[40] ^= 0xff;
    fs::write(&changes, bytes).unwrap();
    let http = folder.alone();
    for path in ["/v1/padron/changes", "/v1/padron/changes?format=ndjson", &format!("/v1/ruc/{YARA}/history")] {
        let refused = http.get(path).await;
        assert!(refusal(&refused).starts_with("503 registry_unreadable"), "{path}: {}", refused.text());
    }
}
