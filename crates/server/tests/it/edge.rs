//! What happens to every request, whatever its route.

mod socket;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bytes::Bytes;
use chasqui::config::{Config, Sources};
use chasqui_cache::MemoryCache;
use chasqui_core::{Cache, CacheHealth, CacheKey, CacheStats, Cleaned, Record, Scope};
use chasqui_server::{App, Metrics};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::time::Timestamp;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::world::{Http, JSON, request};

/// A checked configuration.
fn config(text: &str) -> Config {
    Config::load(&Sources { file: Some(("chasqui.toml", text)), ..Sources::default() }).unwrap().config
}

fn app(script: Script, server: &str) -> App {
    over(&Http::world(script).bare().start(), server)
}

fn over(world: &World, server: &str) -> App {
    App::new(&config(&format!("[server]\n{server}\n")), world.lookups.clone(), None, Arc::new(Metrics::new()))
}

/// Status and code of the answer, `200 ok` for a success.
async fn outcome(app: &App, request: Request<Body>) -> String {
    let (line, _) = told(app, request).await;
    line
}

/// The same with the headers. Holds every problem to what problems have in common.
async fn told(app: &App, request: Request<Body>) -> (String, HeaderMap) {
    let (head, body) = app.handle(request).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let status = head.status.as_u16();
    if head.status.is_success() {
        return (format!("{status} ok"), head.headers);
    }
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(head.headers["content-type"], "application/problem+json");
    assert_eq!(head.headers["cache-control"], "no-store");
    assert_eq!(head.headers["x-request-id"], problem["request_id"].as_str().unwrap());
    assert_eq!(problem["status"], status);
    (format!("{status} {}", problem["code"].as_str().unwrap()), head.headers)
}

fn get(path: &str) -> Request<Body> {
    request(Method::GET, path).body(Body::empty()).unwrap()
}

fn lookup(body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, "/v1/ruc/lookup").header(header::CONTENT_TYPE, JSON).body(body.into()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn loopback_names_and_addresses_are_answered() {
    let app = app(Script::found(), "");
    for host in [
        "localhost",
        "LocalHost:8080",
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.8.9.10:1",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]",
    ] {
        let request = Request::get("/v1/ruc/20131312955").header(header::HOST, host).body(Body::empty()).unwrap();
        assert_eq!(outcome(&app, request).await, "200 ok", "{host}");
    }
    let absolute = Request::get("http://localhost:8080/v1/ruc/20131312955").body(Body::empty()).unwrap();
    assert_eq!(outcome(&app, absolute).await, "200 ok");
}

#[tokio::test(start_paused = true)]
async fn other_names_are_refused_unless_they_are_written_down() {
    let strict = app(Script::found(), "");
    let open = app(Script::found(), r#"allowed_hosts = ["chasqui.example", "10.0.0.7"]"#);
    let ask = |host: &str| Request::get("/v1/ruc/20131312955").header(header::HOST, host).body(Body::empty()).unwrap();
    for host in ["chasqui.example", "CHASQUI.example:443", "10.0.0.7", "10.0.0.7:8080"] {
        assert_eq!(outcome(&strict, ask(host)).await, "403 forbidden", "{host}");
        assert_eq!(outcome(&open, ask(host)).await, "200 ok", "{host}");
    }
    for host in [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "chasqui.example.evil.example",
        "sub.chasqui.example",
        "0.0.0.0",
        "10.0.0.8",
        "[::2]:80",
        "[fe80::1]",
    ] {
        assert_eq!(outcome(&strict, ask(host)).await, "403 forbidden", "{host}");
        assert_eq!(outcome(&open, ask(host)).await, "403 forbidden", "{host}");
    }
    let absolute = Request::get("http://evil.example/v1/ruc/20131312955").header(header::HOST, "localhost");
    assert_eq!(outcome(&strict, absolute.body(Body::empty()).unwrap()).await, "403 forbidden");
}

#[tokio::test(start_paused = true)]
async fn a_foreign_name_is_refused_on_every_group_of_routes() {
    let app = app(Script::found(), "");
    for path in ["/", "/metrics", "/readyz", "/v1/cache/stats", "/api/v2/ruc/20131312955", "/nothing"] {
        let request = Request::get(path).header(header::HOST, "evil.example").body(Body::empty()).unwrap();
        assert_eq!(app.handle(request).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_host_is_refused() {
    let app = app(Script::found(), "");
    let bare = Request::get("/v1/ruc/20131312955").body(Body::empty()).unwrap();
    assert_eq!(outcome(&app, bare).await, "400 no_host");
    let unreadable = Request::get("/readyz").header(header::HOST, &b"caf\xe9"[..]).body(Body::empty()).unwrap();
    assert_eq!(outcome(&app, unreadable).await, "400 no_host");
}

#[tokio::test(start_paused = true)]
async fn a_page_of_another_site_may_not_write() {
    let app = app(Script::found(), "");
    let clean = |headers: &[(&str, &str)]| {
        let mut builder = request(Method::POST, "/v1/cache/clean");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Body::empty()).unwrap()
    };
    for refused in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:8080")],
        &[("origin", "https://evil.example")],
        &[("origin", "http://localhost:3000")],
        &[("origin", "null")],
    ] {
        assert_eq!(outcome(&app, clean(refused)).await, "403 forbidden", "{refused:?}");
    }
    for taken in [
        &[][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
        &[("origin", "http://localhost:8080")],
        &[("origin", "HTTP://LOCALHOST:8080")],
    ] {
        assert_eq!(outcome(&app, clean(taken)).await, "200 ok", "{taken:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_method_is_held_to_that_and_pages_for_people_are_not() {
    let app = app(Script::found(), "");
    for (method, path) in [
        (Method::DELETE, "/v1/cache"),
        (Method::PUT, "/v1/cache/absent/20131312955"),
        (Method::POST, "/v1/ruc/lookup"),
        (Method::PATCH, "/v1/cache"),
    ] {
        let sent = request(method.clone(), path).header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
        assert_eq!(outcome(&app, sent).await, "403 forbidden", "{method}");
    }
    let read = |path: &str, name: &'static str, value: &'static str| {
        request(Method::GET, path).header(name, value).body(Body::empty()).unwrap()
    };
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://elsewhere.example")]
    {
        // A question spends calls, also where it only reads.
        assert_eq!(outcome(&app, read("/v1/ruc/20131312955", name, value)).await, "403 forbidden", "{value}");
        let old = app.handle(read("/api/tipo-cambio/", name, value)).await;
        assert_eq!(old.status(), StatusCode::FORBIDDEN);
        for page in ["/", "/readyz", "/openapi.json"] {
            assert_eq!(outcome(&app, read(page, name, value)).await, "200 ok", "{page} {value}");
        }
    }
    assert_eq!(outcome(&app, read("/v1/ruc/20131312955", "sec-fetch-site", "none")).await, "200 ok");
    assert_eq!(outcome(&app, read("/v1/ruc/20131312955", "origin", "http://localhost:8080")).await, "200 ok");
}

#[tokio::test(start_paused = true)]
async fn a_trailing_slash_is_accepted_everywhere() {
    let app = app(Script::found(), "");
    for path in [
        "/v1/ruc/20131312955/",
        "/v1/ruc/20131312955///",
        "/v1/ruc/20131312955/?refresh=true",
        "/v1/cache/stats/",
        "/v1/cache/health/",
        "/v1/cache/absent/",
        "/healthz/",
        "/readyz/",
        "/metrics/",
        "/openapi.json/",
        "//",
    ] {
        assert_eq!(outcome(&app, get(path)).await, "200 ok", "{path}");
    }
    let posted = request(Method::POST, "/v1/ruc/lookup/").header(header::CONTENT_TYPE, JSON);
    let posted = posted.body(Body::from(r#"{"rucs": ["20131312955"]}"#)).unwrap();
    assert_eq!(outcome(&app, posted).await, "200 ok");
}

#[tokio::test(start_paused = true)]
async fn a_plain_request_id_is_taken_over() {
    let app = app(Script::found(), "");
    let longest = "x".repeat(64);
    for id in ["abc-123", "0_0.A", &longest] {
        for path in ["/healthz", "/v1/ruc/1"] {
            let sent = request(Method::GET, path).header("x-request-id", id).body(Body::empty()).unwrap();
            let (_, headers) = told(&app, sent).await;
            assert_eq!(headers["x-request-id"], id, "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_other_request_id_is_replaced_by_one_of_ours() {
    let app = app(Script::found(), "");
    let long = "x".repeat(65);
    let mut seen = std::collections::HashSet::new();
    for id in ["", "two words", "a/b", "<script>", "caf\u{e9}", "a,b", &long] {
        let sent = request(Method::GET, "/healthz").header("x-request-id", id.as_bytes()).body(Body::empty()).unwrap();
        let (_, headers) = told(&app, sent).await;
        let ours = headers["x-request-id"].to_str().unwrap().to_owned();
        assert!(ours.len() == 21 && ours.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'), "{ours}");
        assert!(seen.insert(ours), "each request has its own");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_says_how_long_it_took() {
    let app = app(Script::found().takes(std::time::Duration::from_millis(1_250)), "");
    let (_, headers) = told(&app, get("/v1/ruc/20131312955")).await;
    let timing = headers["server-timing"].to_str().unwrap();
    assert!(timing.starts_with("total;dur=125"), "{timing}");
}

#[tokio::test(start_paused = true)]
async fn a_body_above_the_limit_is_refused() {
    let app = app(Script::found(), r#"max_body = "1KiB""#);
    let body = |length: usize| {
        let rucs = r#"{"rucs": ["20131312955"]}"#;
        format!("{rucs}{}", " ".repeat(length - rucs.len()))
    };
    assert_eq!(outcome(&app, lookup(body(1024))).await, "200 ok");
    assert_eq!(outcome(&app, lookup(body(1025))).await, "413 too_large");
    let pieces = std::iter::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b' '; 100])));
    let endless = Body::from_stream(futures_util::stream::iter(pieces));
    assert_eq!(outcome(&app, lookup(endless)).await, "413 too_large");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let app = app(Script::found(), "");
    let silent = Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>());
    assert_eq!(outcome(&app, lookup(silent)).await, "408 body_too_slow");
    let broken = Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]));
    assert_eq!(outcome(&app, lookup(broken)).await, "422 invalid_body");
}

#[tokio::test(start_paused = true)]
async fn a_body_has_to_say_that_it_is_json() {
    let app = app(Script::found(), "");
    let body = r#"{"rucs": ["20131312955"]}"#;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let sent = request(Method::POST, "/v1/ruc/lookup").header(header::CONTENT_TYPE, content_type);
        assert_eq!(outcome(&app, sent.body(body.into()).unwrap()).await, "415 unsupported_media_type");
    }
    let untyped = request(Method::POST, "/v1/ruc/lookup").body(body.into()).unwrap();
    assert_eq!(outcome(&app, untyped).await, "415 unsupported_media_type");
    let detailed =
        request(Method::POST, "/v1/ruc/lookup").header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    assert_eq!(outcome(&app, detailed.body(body.into()).unwrap()).await, "200 ok");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_as_expected_is_refused() {
    let app = app(Script::found(), "");
    let deep = format!(r#"{{"rucs": {}"#, "[".repeat(1_000_000));
    let deep_unknown = format!(r#"{{"other": {}"#, "[".repeat(1_000_000));
    let many = serde_json::json!({"rucs": vec!["20131312955"; 1_001]}).to_string();
    for body in [
        "",
        "{",
        "nonsense",
        "[]",
        "{}",
        r#"{"rucs": []}"#,
        r#"{"rucs": [1.5]}"#,
        r#"{"rucs": ["1"], "more": 1}"#,
        r#"{"rucs": "1"}"#,
        "\u{feff}{}",
        "null",
    ]
    .into_iter()
    .chain([deep.as_str(), &deep_unknown, &many])
    {
        assert_eq!(outcome(&app, lookup(body.to_owned())).await, "422 invalid_body", "{body:.60}");
    }
    assert_eq!(outcome(&app, lookup(&b"{\"rucs\": [\"\xff\"]}"[..])).await, "422 invalid_body");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_leads_nowhere_is_a_problem() {
    let app = app(Script::found(), "");
    for path in ["/nothing", "/v1", "/v1/ruc", "/v1/cache", "/v1/ruc/20131312955/more", "/V1/ruc/20131312955"] {
        let expected = if path == "/v1/cache" { "405 method_not_allowed" } else { "404 no_such_route" };
        assert_eq!(outcome(&app, get(path)).await, expected, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_method_is_a_problem_that_names_the_right_ones() {
    let app = app(Script::found(), "");
    let sent = request(Method::DELETE, "/v1/ruc/20131312955").body(Body::empty()).unwrap();
    let (line, headers) = told(&app, sent).await;
    assert_eq!(line, "405 method_not_allowed");
    assert_eq!(headers["allow"], "GET,HEAD");
}

/// Lets the others get as far as they can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn more_requests_than_fit_are_shed_and_places_are_given_back() {
    let world = Http::world(Script::hanging()).bare().start();
    let app = over(&world, "max_in_flight = 2");
    world.lookups.mark_absent(sample::ruc(9), "known", None);
    let known = || get(&format!("/v1/ruc/{}", sample::ruc(9)));
    let mut hanging = tokio::task::JoinSet::new();
    for n in 0..2 {
        let app = app.clone();
        hanging.spawn(async move { app.handle(get(&format!("/v1/ruc/{}", sample::ruc(n)))).await.status() });
    }
    settle().await;

    let (line, headers) = told(&app, known()).await;
    assert_eq!(line, "503 overloaded");
    assert_eq!(headers["retry-after"], "1");
    assert_eq!(outcome(&app, known()).await, "503 overloaded", "a refusal takes no place");

    // A client that goes away gives its place back at once, one that waits when it is answered.
    hanging.abort_all();
    while hanging.join_next().await.is_some() {}
    assert_eq!(outcome(&app, known()).await, "404 absent");
    assert_eq!(outcome(&app, get(&format!("/v1/ruc/{}", sample::ruc(1)))).await, "504 deadline");
    assert_eq!(outcome(&app, known()).await, "404 absent");
}

#[tokio::test(start_paused = true)]
async fn a_stream_keeps_its_place_until_its_end() {
    let world = Http::world(Script::hanging()).bare().start();
    let app = over(&world, "max_in_flight = 1");
    world.lookups.mark_absent(sample::ruc(9), "known", None);
    let known = || get(&format!("/v1/ruc/{}", sample::ruc(9)));
    let mut streamed = lookup(r#"{"rucs": ["20131312955"]}"#);
    streamed.headers_mut().insert(header::ACCEPT, "application/x-ndjson".parse().unwrap());

    let response = app.handle(streamed).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(outcome(&app, known()).await, "503 overloaded");
    drop(response);
    assert_eq!(outcome(&app, known()).await, "404 absent");
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_keeps_its_place_until_it_is_sent() {
    let world = Http::world(Script::found()).bare().start();
    let app = over(&world, "max_in_flight = 1");
    let rucs: Vec<String> = sample::rucs(200).iter().map(ToString::to_string).collect();
    let body = serde_json::json!({ "rucs": rucs }).to_string();

    let response = app.handle(lookup(body)).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(outcome(&app, get("/v1/ruc/20131312955")).await, "503 overloaded");
    drop(response);
    let small = app.handle(get("/v1/ruc/20131312955")).await;
    assert_eq!(outcome(&app, get("/v1/ruc/20131312955")).await, "200 ok", "a small one keeps none");
    drop(small);
}

/// Bodies of a mebibyte, the largest that any question has, that do not end fill what may be held.
#[tokio::test(start_paused = true)]
async fn bodies_that_together_hold_too_much_are_shed_and_their_room_is_given_back() {
    let app = app(Script::found(), "");
    let piece = Bytes::from(vec![b' '; 1024 * 1024]);
    let mut held = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let endless = futures_util::stream::iter([Ok::<_, Infallible>(piece.clone())]);
        let endless = futures_util::StreamExt::chain(endless, futures_util::stream::pending());
        let app = app.clone();
        held.spawn(async move { app.handle(lookup(Body::from_stream(endless))).await.status() });
    }
    settle().await;
    let small = || lookup(r#"{"rucs": ["20131312955"]}"#);
    assert_eq!(outcome(&app, small()).await, "503 overloaded");
    assert_eq!(outcome(&app, get("/v1/ruc/20131312955")).await, "200 ok", "without a body there is no need for room");
    let old = request(Method::POST, "/api/ruc/consultar-async/").header(header::CONTENT_TYPE, JSON);
    let old = app.handle(old.body(Body::from(r#"{"ruc": "20131312955"}"#)).unwrap()).await;
    assert_eq!((old.status().as_u16(), &old.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    held.abort_all();
    while held.join_next().await.is_some() {}
    assert_eq!(outcome(&app, small()).await, "200 ok");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_is_an_internal_problem_and_keeps_no_place() {
    let world = World::of(Arc::new(Broken(MemoryCache::new(1 << 20))), Script::found()).start();
    let app = over(&world, "max_in_flight = 1");
    for _ in 0..3 {
        assert_eq!(outcome(&app, get("/v1/ruc/20131312955")).await, "500 internal");
    }
    assert_eq!(outcome(&app, get("/v1/cache/health")).await, "200 ok");
}

/// Memory whose reading is broken.
struct Broken(MemoryCache);

impl Cache for Broken {
    fn get(&self, _: &CacheKey, _: Timestamp) -> Option<Arc<Record>> {
        panic!("broken on purpose")
    }

    fn peek(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<Record>> {
        self.0.peek(key, now)
    }

    fn put(&self, key: CacheKey, record: Arc<Record>) {
        self.0.put(key, record);
    }

    fn remove(&self, key: &CacheKey, now: Timestamp) -> bool {
        self.0.remove(key, now)
    }

    fn clear(&self, scope: &Scope) -> usize {
        self.0.clear(scope)
    }

    fn entries(&self, scope: &Scope, now: Timestamp) -> Vec<(CacheKey, Arc<Record>)> {
        self.0.entries(scope, now)
    }

    fn clean_expired(&self, now: Timestamp) -> Cleaned {
        self.0.clean_expired(now)
    }

    fn stats(&self, now: Timestamp) -> CacheStats {
        self.0.stats(now)
    }

    fn health(&self, now: Timestamp) -> CacheHealth {
        self.0.health(now)
    }
}
