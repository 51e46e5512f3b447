//! The cache routes: what operators see, mark and forget.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use chasqui_cache::MemoryCache;
use chasqui_testkit::{Script, World, sample};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{Answered, Http, request};

async fn put(http: &Http, path: &str, body: &str) -> Answered {
    let request = request(Method::PUT, path).header(header::CONTENT_TYPE, "application/json");
    http.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn delete(http: &Http, path: &str) -> Answered {
    http.send(request(Method::DELETE, path).body(Body::empty()).unwrap()).await
}

async fn ask(http: &Http, ruc: impl std::fmt::Display) -> Answered {
    http.get(&format!("/v1/ruc/{ruc}")).await
}

fn pretty(answered: &Answered) -> String {
    format!("{}\n{}", answered.status.as_u16(), serde_json::to_string_pretty(&answered.json()).unwrap())
}

fn code(answered: &Answered) -> String {
    format!("{} {}", answered.status.as_u16(), answered.json()["code"].as_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn statistics_count_by_kind_and_reason_and_say_how_memory_was_used() {
    let http = Http::bare(Script::knows([sample::company()]));
    ask(&http, sample::company()).await;
    ask(&http, sample::company()).await;
    ask(&http, "20000000001").await;
    ask(&http, "20000000001").await;
    ask(&http, sample::person()).await;
    put(&http, "/v1/cache/absent/20100000009", "{}").await;

    let stats = http.get("/v1/cache/stats").await;

    let mut body = stats.json();
    assert!(body["bytes"].as_u64().unwrap() > 0);
    body["bytes"] = json!("[bytes]");
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());
    assert!(!stats.text().contains(sample::person().as_str()), "a person's number is masked");
    assert_eq!(stats.header("cache-control"), Some("no-store"));
}

#[tokio::test(start_paused = true)]
async fn before_the_first_question_there_is_no_rate() {
    let body = Http::bare(Script::found()).get("/v1/cache/stats").await.json();
    assert_eq!((&body["hit_rate"], &body["miss_rate"]), (&Value::Null, &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn the_sample_holds_ten_numbers_at_most_the_newest_first() {
    let http = Http::bare(Script::absent());
    for n in 0..12 {
        ask(&http, sample::ruc(n)).await;
        http.world.pass(Duration::from_secs(1)).await;
    }
    let body = http.get("/v1/cache/stats").await.json();
    let sample_of: Vec<String> = serde_json::from_value(body["absent"]["sample"].clone()).unwrap();
    let newest: Vec<String> = (2..12).rev().map(|n| sample::ruc(n).to_string()).collect();
    assert_eq!(sample_of, newest);
    assert_eq!(body["absent"]["total"], 12);
}

#[tokio::test(start_paused = true)]
async fn a_healthy_cache_passes_three_checks() {
    let health = Http::bare(Script::found()).get("/v1/cache/health").await;
    assert_snapshot!(pretty(&health), @r#"
    200
    {
      "checks": [
        {
          "detail": "an entry was put, read back and removed",
          "name": "round_trip",
          "status": "healthy"
        },
        {
          "detail": "0 of 67108864 bytes held (0 %), 0 entries made room for others",
          "name": "capacity",
          "status": "healthy"
        },
        {
          "detail": "0 of 0 entries are absent numbers",
          "name": "absent_list",
          "status": "healthy"
        }
      ],
      "status": "healthy"
    }
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_keeps_nothing_is_unhealthy() {
    let http = Http::over(World::of(Arc::new(MemoryCache::new(1)), Script::found()));
    let health = http.get("/v1/cache/health").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(health.json()["status"], "unhealthy");
}

#[tokio::test(start_paused = true)]
async fn an_absent_number_says_who_said_so_and_until_when_it_holds() {
    let http = Http::bare(Script::absent());
    ask(&http, "20000000001").await;
    http.world.pass(Duration::from_secs(90)).await;

    let shown = http.get("/v1/cache/absent/20000000001").await;

    assert_snapshot!(pretty(&shown), @r#"
    200
    {
      "added_at": "2026-11-21T12:00:00Z",
      "expires_at": "2026-11-22T12:00:00Z",
      "expires_in": "23h58m30s",
      "reason": "not_found",
      "reason_words": "the source says that there is no such record",
      "ruc": "20000000001",
      "source": "alpha"
    }
    "#);
    assert_eq!(shown.header("cache-control"), Some("no-store"));
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_found_or_unknown_is_not_marked() {
    let http = Http::bare(Script::found());
    assert_eq!(code(&http.get("/v1/cache/absent/20131312955").await), "404 not_marked");
    ask(&http, sample::company()).await;
    assert_eq!(code(&http.get("/v1/cache/absent/20131312955").await), "404 not_marked");
    assert_eq!(code(&http.get("/v1/cache/absent/20131312954").await), "422 invalid_ruc");
    assert_eq!(code(&http.get("/v1/cache/absent/%FF").await), "422 invalid_ruc");
}

#[tokio::test(start_paused = true)]
async fn an_operators_mark_is_never_an_authoritys_word() {
    let http = Http::bare(Script::found());

    let marked =
        put(&http, "/v1/cache/absent/20131312955", r#"{"reason": " closed, seen on paper ", "ttl": "30m"}"#).await;

    assert_snapshot!(pretty(&marked), @r#"
    200
    {
      "added_at": "2026-11-21T12:00:00Z",
      "expires_at": "2026-11-21T12:30:00Z",
      "expires_in": "30m",
      "reason": "marked",
      "reason_words": "closed, seen on paper",
      "replaced": null,
      "ruc": "20131312955",
      "source": "operator"
    }
    "#);
    let asked = ask(&http, sample::company()).await;
    assert_eq!(code(&asked), "404 absent");
    assert_eq!(asked.origin(), "operator fresh absent-hit");
    assert_eq!(asked.json()["source"], "operator");
    assert_eq!(http.world.provider().calls(), 0);

    http.world.pass(Duration::from_mins(30)).await;
    assert_eq!(ask(&http, sample::company()).await.status, StatusCode::OK, "the mark is over");
}

#[tokio::test(start_paused = true)]
async fn a_mark_needs_neither_reason_nor_time_nor_body() {
    let http = Http::bare(Script::found());
    let bare = http.send(request(Method::PUT, "/v1/cache/absent/20131312955/").body(Body::empty()).unwrap()).await;
    let expected = ("marked by an operator", "24h");
    let said = |answered: &Answered| {
        let body = answered.json();
        (body["reason_words"].as_str().unwrap().to_owned(), body["expires_in"].as_str().unwrap().to_owned())
    };
    assert_eq!(said(&bare), (expected.0.to_owned(), expected.1.to_owned()));
    assert_eq!(said(&put(&http, "/v1/cache/absent/20131312955", "{}").await), said(&bare));
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_makes_no_sense_is_refused_and_changes_nothing() {
    let http = Http::bare(Script::found());
    for body in [
        r#"{"ttl": "24"}"#.to_owned(),
        r#"{"ttl": "0s"}"#.to_owned(),
        r#"{"ttl": "4000d"}"#.to_owned(),
        r#"{"ttl": 24}"#.to_owned(),
        r#"{"tll": "24h"}"#.to_owned(),
        r#"{"reason": "  "}"#.to_owned(),
        r#"{"reason": "two\nlines"}"#.to_owned(),
        json!({"reason": "x".repeat(201)}).to_string(),
        "[]".to_owned(),
        "{".to_owned(),
    ] {
        let refused = put(&http, "/v1/cache/absent/20131312955", &body).await;
        assert_eq!(code(&refused), "422 invalid_body", "{body}");
    }
    let typed = request(Method::PUT, "/v1/cache/absent/20131312955").header(header::CONTENT_TYPE, "text/plain");
    assert_eq!(code(&http.send(typed.body(Body::from("{}")).unwrap()).await), "415 unsupported_media_type");
    assert_eq!(http.get("/v1/cache/absent").await.json()["total"], 0);
}

#[tokio::test(start_paused = true)]
async fn the_list_shows_the_newest_first_and_nothing_that_is_over() {
    let http = Http::bare(Script::absent());
    put(&http, "/v1/cache/absent/20131312955", r#"{"ttl": "1s"}"#).await;
    ask(&http, "20000000001").await;
    http.world.pass(Duration::from_secs(2)).await;
    ask(&http, sample::person()).await;

    let list = http.get("/v1/cache/absent").await;

    let rucs: Vec<_> = list.json()["absent"].as_array().unwrap().iter().map(|one| one["ruc"].clone()).collect();
    assert_eq!(rucs, [json!(sample::person()), json!("20000000001")]);
    assert_eq!(list.json()["total"], 2);
    assert_eq!(list.header("cache-control"), Some("no-store"));
}

#[tokio::test(start_paused = true)]
async fn the_list_ends_at_ten_thousand_and_says_how_many_there_are() {
    let http = Http::bare(Script::found());
    for n in 0..10_050 {
        http.world.lookups.mark_absent(sample::ruc(n), "made up", None);
    }
    let body = http.get("/v1/cache/absent").await.json();
    assert_eq!(body["total"], 10_050);
    assert_eq!(body["absent"].as_array().unwrap().len(), 10_000);
}

#[tokio::test(start_paused = true)]
async fn forgetting_an_absence_leaves_a_taxpayer_alone() {
    let http = Http::bare(Script::knows([sample::company()]));
    ask(&http, sample::company()).await;
    ask(&http, "20000000001").await;
    assert_eq!(delete(&http, "/v1/cache/absent/20131312955").await.line(), r#"200 {"removed":false}"#);
    assert_eq!(delete(&http, "/v1/cache/absent/20000000001").await.line(), r#"200 {"removed":true}"#);
    assert_eq!(delete(&http, "/v1/cache/absent/20000000001").await.line(), r#"200 {"removed":false}"#);
    assert_eq!(ask(&http, sample::company()).await.header("x-cache"), Some("hit"));
}

#[tokio::test(start_paused = true)]
async fn forgetting_all_absences_leaves_the_taxpayers() {
    let http = Http::bare(Script::knows([sample::company()]));
    for ruc in ["20131312955", "20000000001", "20100000009"] {
        ask(&http, ruc).await;
    }
    assert_eq!(delete(&http, "/v1/cache/absent").await.line(), r#"200 {"removed":2}"#);
    assert_eq!(delete(&http, "/v1/cache/absent").await.line(), r#"200 {"removed":0}"#);
    assert_eq!(ask(&http, sample::company()).await.header("x-cache"), Some("hit"));
}

#[tokio::test(start_paused = true)]
async fn one_number_is_forgotten_whatever_it_is() {
    let http = Http::bare(Script::knows([sample::company()]));
    for ruc in ["20131312955", "20000000001"] {
        ask(&http, ruc).await;
        let path = format!("/v1/cache/ruc/{ruc}");
        assert_eq!(delete(&http, &path).await.line(), r#"200 {"removed":true}"#);
        assert_eq!(delete(&http, &path).await.line(), r#"200 {"removed":false}"#);
        assert_eq!(ask(&http, ruc).await.header("x-cache"), Some("miss"));
    }
    assert_eq!(code(&delete(&http, "/v1/cache/ruc/123").await), "422 invalid_ruc");
}

#[tokio::test(start_paused = true)]
async fn clearing_goes_by_service_and_kind() {
    let http = Http::bare(Script::found());
    let now = http.world.wall();
    let cache = Arc::clone(&http.world.cache);
    ask(&http, sample::company()).await;
    let named = http.world.lookups.keys().named("one");
    cache.put(named.clone(), sample::bytes_record("one", "1", now, Duration::from_mins(1)));
    let other = chasqui_core::Keys::new("nubefact", [7; 32]).unwrap().named("two");
    cache.put(other.clone(), sample::bytes_record("two", "2", now, Duration::from_mins(1)));

    assert_eq!(delete(&http, "/v1/cache?service=migo").await.line(), r#"200 {"removed":0}"#);
    assert_eq!(delete(&http, "/v1/cache?service=test&kind=other").await.line(), r#"200 {"removed":1}"#);
    assert_eq!(delete(&http, "/v1/cache?kind=ruc").await.line(), r#"200 {"removed":1}"#);
    assert!(cache.peek(&other, now).is_some());
    assert_eq!(delete(&http, "/v1/cache/").await.line(), r#"200 {"removed":1}"#);
}

#[tokio::test(start_paused = true)]
async fn a_misspelt_scope_does_not_clear_everything() {
    let http = Http::bare(Script::found());
    ask(&http, sample::company()).await;
    for query in ["kind=person", "kind=", "service=", "knd=ruc", "kind"] {
        assert_eq!(code(&delete(&http, &format!("/v1/cache?{query}")).await), "422 invalid_query", "{query}");
    }
    assert_eq!(ask(&http, sample::company()).await.header("x-cache"), Some("hit"));
}

#[tokio::test(start_paused = true)]
async fn cleaning_forgets_what_is_over_and_counts_it() {
    let http = Http::bare(Script::knows([sample::company()]));
    ask(&http, sample::company()).await;
    put(&http, "/v1/cache/absent/20000000001", r#"{"ttl": "1m"}"#).await;
    let clean = || http.post_as("application/json", "/v1/cache/clean", Body::empty());
    assert_eq!(clean().await.line(), r#"200 {"found":0,"absent":0,"other":0}"#);
    http.world.pass(Duration::from_mins(1)).await;
    assert_eq!(http.get("/v1/cache/stats").await.json()["expired"], 1);
    assert_eq!(clean().await.line(), r#"200 {"found":0,"absent":1,"other":0}"#);
    http.world.pass(Duration::from_hours(25)).await;
    assert_eq!(clean().await.line(), r#"200 {"found":1,"absent":0,"other":0}"#);
}

#[tokio::test(start_paused = true)]
async fn nothing_here_asks_upstream() {
    let http = Http::bare(Script::found());
    for path in ["stats", "health", "absent", "absent/20131312955"] {
        http.get(&format!("/v1/cache/{path}")).await;
    }
    for path in ["absent", "absent/20131312955", "ruc/20131312955", ""] {
        delete(&http, &format!("/v1/cache/{path}")).await;
    }
    assert_eq!(http.world.provider().calls(), 0);
}
