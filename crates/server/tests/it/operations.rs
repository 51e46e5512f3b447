//! What operators and their machines ask.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chasqui::config::Config;
use chasqui_cache::MemoryCache;
use chasqui_core::Family;
use chasqui_server::{App, Metrics};
use chasqui_testkit::{Script, World, sample};
use http_body_util::BodyExt;
use insta::assert_snapshot;

use crate::world::{Http, request};

#[tokio::test(start_paused = true)]
async fn the_process_is_alive_under_any_name() {
    let http = Http::bare(Script::hanging());
    let probe = Request::get("http://10.0.0.7:8080/healthz").body(Body::empty()).unwrap();
    let alive = http.send(probe).await;
    assert_eq!(alive.line(), r#"200 {"status":"ok"}"#);
    assert_eq!(alive.header("cache-control"), Some("no-store"));
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_serves_is_ready_and_says_what_it_leans_on() {
    let http = Http::over(Http::world(Script::found()).limit(Family::Ruc, 900, Duration::from_mins(15)));
    http.get("/v1/ruc/20131312955").await;
    http.world.pass(Duration::from_mins(2)).await;

    let ready = http.get("/readyz").await;

    assert_eq!(ready.status, StatusCode::OK);
    let mut body = ready.json();
    body["cache"] = serde_json::json!("[cache]");
    body["version"] = serde_json::json!("[version]");
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_resting_provider_makes_it_degraded_not_unready() {
    let http = Http::over(Http::world(Script::unreachable()).guard(|guard| {
        guard.breaker.failures = 1;
        guard.backoff.retries = 0;
    }));
    http.get("/v1/ruc/20131312955").await;
    let ready = http.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    let body = ready.json();
    assert_eq!(body["status"], "degraded");
    assert_eq!(body["because"], serde_json::json!(["alpha is resting"]));
    assert_eq!(body["providers"][0]["state"], "resting");
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_keeps_nothing_makes_it_unready() {
    let http = Http::over(World::of(Arc::new(MemoryCache::new(1)), Script::found()));
    let ready = http.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["status"], "not_ready");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_stops_is_unready_and_still_answers() {
    let world = Http::world(Script::found()).start();
    let app = App::new(&Config::default_config(), world.lookups.clone(), None, Arc::new(Metrics::new()));
    app.begin_stopping();
    let get = |path: &str| app.handle(request(Method::GET, path).body(Body::empty()).unwrap());
    assert_eq!(get("/readyz").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get("/healthz").await.status(), StatusCode::OK);
    assert_eq!(get("/v1/ruc/20131312955").await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn metrics_are_openmetrics_text_with_each_name_once() {
    let http =
        Http::over(Http::world(Script::knows([sample::company()])).limit(Family::Ruc, 9, Duration::from_mins(1)));
    http.get("/v1/ruc/20131312955").await;
    http.get("/v1/ruc/20131312955").await;
    http.get("/v1/ruc/20000000001").await;
    http.get(&format!("/v1/ruc/{}", sample::person())).await;

    let metrics = http.get("/metrics").await;

    assert_eq!(metrics.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = metrics.text();
    assert!(text.ends_with("\n# EOF\n"));
    assert_eq!(text.matches("# EOF").count(), 1);
    let types: Vec<&str> = text.lines().filter(|line| line.starts_with("# TYPE")).collect();
    assert_eq!(types.iter().collect::<BTreeSet<_>>().len(), types.len(), "{types:#?}");
    for line in [
        r#"chasqui_cache_entries{service="test",kind="ruc",state="fresh"} 1"#,
        r#"chasqui_cache_absent{service="test",reason="not_found"} 2"#,
        "chasqui_cache_hits_total 1",
        "chasqui_cache_misses_total 3",
        "chasqui_cache_evictions_total 0",
        "chasqui_cache_capacity_bytes 67108864",
        r#"chasqui_breaker_state{provider="alpha",state="serving"} 1"#,
        r#"chasqui_breaker_state{provider="alpha",state="probing"} 0"#,
        r#"chasqui_breaker_state{provider="alpha",state="resting"} 0"#,
        r#"chasqui_limit_room{provider="alpha",family="ruc"} 6"#,
        "chasqui_flights 0",
        "chasqui_http_in_flight 1",
        r#"chasqui_http_requests_total{surface="native",status="200"} 2"#,
        r#"chasqui_http_requests_total{surface="native",status="404"} 2"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(text.contains("chasqui_build_info{version="), "{text}");
    for number in ["20131312955", "20000000001", sample::person().as_str()] {
        assert!(!text.contains(number), "no label holds a number");
    }
}

#[tokio::test(start_paused = true)]
async fn the_index_names_the_routes_and_the_source() {
    let index = Http::bare(Script::found()).get("/").await;
    let text = index.text().replace(env!("CARGO_PKG_VERSION"), "[version]");
    assert_eq!(index.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn every_get_answers_head_without_a_body() {
    let http = Http::bare(Script::found());
    for path in ["/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/cache/stats", "/v1/ruc/20131312955"] {
        let head = http.send(request(Method::HEAD, path).body(Body::empty()).unwrap()).await;
        let get = http.get(path).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
        assert_eq!(head.headers.get("content-type"), get.headers.get("content-type"), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn operations_are_answered_when_everything_else_is_shed() {
    let world = Http::world(Script::hanging()).start();
    let mut config = Config::default_config();
    config.server.max_in_flight = 1;
    let app = App::new(&config, world.lookups.clone(), None, Arc::new(Metrics::new()));
    let get = |path: &str| app.handle(request(Method::GET, path).body(Body::empty()).unwrap());
    let hanging = get("/v1/ruc/20131312955");
    let rest = async {
        tokio::task::yield_now().await;
        assert_eq!(get("/v1/ruc/20131312955").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/"] {
            assert_eq!(get(path).await.status(), StatusCode::OK, "{path}");
        }
        let metrics = get("/metrics").await.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(metrics.to_vec()).unwrap();
        assert!(text.contains("chasqui_http_shed_total 1\n"), "{text}");
        assert!(text.contains("chasqui_flights 1\n"), "{text}");
    };
    tokio::select! {
        biased;
        _ = hanging => panic!("it hangs"),
        () = rest => {}
    }
}

#[tokio::test(start_paused = true)]
async fn probes_and_scrapes_within_a_second_share_one_look_at_memory() {
    let http = Http::bare(Script::found());
    let taxpayers = async || http.get("/readyz").await.json()["data"]["taxpayers"].as_u64().unwrap();
    assert_eq!(taxpayers().await, 0);
    http.get("/v1/ruc/20131312955").await;
    assert_eq!(taxpayers().await, 0, "what was seen a moment ago");
    assert!(!http.get("/metrics").await.text().contains("chasqui_cache_entries{"));
    http.world.pass(Duration::from_secs(1)).await;
    assert_eq!(taxpayers().await, 1);
    assert!(http.get("/metrics").await.text().contains("chasqui_cache_entries{"));
}
