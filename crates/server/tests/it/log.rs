//! The access log: what a line says, and what it never says.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Method, header};
use chasqui_core::{Question, Reply};
use chasqui_testkit::Script;
use insta::assert_snapshot;
use serde_json::json;

use crate::scripts::{self, DNI};
use crate::world::{Http, JSON, request};
use crate::written::Written;

/// The lines of the server itself, without what differs from run to run.
fn lines(log: &Written) -> String {
    let text = log.text();
    let ours = text.lines().filter(|line| line.contains("chasqui_server"));
    let plain = ours.map(|line| {
        let words = line.trim().split(' ').filter(|word| !word.starts_with("micros="));
        words.collect::<Vec<_>>().join(" ")
    });
    plain.collect::<Vec<_>>().join("\n")
}

fn logging(log: &Written) -> tracing::subscriber::DefaultGuard {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_default(subscriber)
}

#[tokio::test(start_paused = true)]
async fn a_line_names_the_route_the_code_and_the_cause_and_no_number() {
    let log = Written::default();
    let _logging = logging(&log);
    let get = |path: &str| request(Method::GET, path).header("x-request-id", "r1").body(Body::empty()).unwrap();
    let post = |path: &str, body: &str| {
        let built = request(Method::POST, path).header("x-request-id", "r1").header(header::CONTENT_TYPE, JSON);
        built.body(Body::from(body.to_owned())).unwrap()
    };
    let http = Http::bare(scripts::everything());
    let down = Http::bare(Script::unreachable());
    http.send(get(&format!("/v1/dni/{DNI}"))).await;
    http.send(get(&format!("/v1/dni/{DNI}9"))).await;
    http.send(get(&format!("/{DNI}"))).await;
    http.send(post("/api/dni/consultar-async/", "{}")).await;
    http.send(post("/api/v1/ruc", "{}")).await;
    http.send(post("/api/v1/ruc/agentes-retencion", "{}")).await;
    http.send(get(&format!("/api/v2/essalud/{DNI}"))).await;
    down.send(get(&format!("/v1/dni/{DNI}"))).await;
    down.send(post("/api/dni/consultar-async/", &json!({"dni": DNI}).to_string())).await;
    http.send(request(Method::DELETE, "/v1/cache?kind=dni").header("x-request-id", "r1").body(Body::empty()).unwrap())
        .await;
    assert_snapshot!(lines(&log), @r#"
    DEBUG chasqui_server::edge: request surface="native" method="GET" route="/v1/dni/{dni}" status=200 code="ok" request_id="r1"
    INFO chasqui_server::edge: request surface="native" method="GET" route="/v1/dni/{dni}" status=422 code="invalid_dni" request_id="r1"
    INFO chasqui_server::edge: request surface="operations" method="GET" route="none" status=404 code="no_such_route" request_id="r1"
    INFO chasqui_server::edge: request surface="old" method="POST" route="/api/dni/consultar-async" status=400 code="refused" request_id="r1"
    INFO chasqui_server::edge: request surface="migo" method="POST" route="/api/v1/ruc" status=401 code="refused" request_id="r1"
    INFO chasqui_server::edge: request surface="migo" method="POST" route="/api/v1/{*rest}" status=401 code="refused" request_id="r1"
    INFO chasqui_server::edge: request surface="migo" method="GET" route="/api/v2/{*rest}" status=401 code="refused" request_id="r1"
    WARN chasqui_server::edge: request surface="native" method="GET" route="/v1/dni/{dni}" status=502 code="upstream_error" cause="no answer after 1 attempt(s) in 0ms: the connection to alpha failed: connection refused" request_id="r1"
    WARN chasqui_server::edge: request surface="old" method="POST" route="/api/dni/consultar-async" status=502 code="upstream_error" cause="no answer after 1 attempt(s) in 0ms: the connection to alpha failed: connection refused" request_id="r1"
    INFO chasqui_server::routes::native::cache: the cache was cleared service="all" kind="dni" removed=1
    DEBUG chasqui_server::edge: request surface="native" method="DELETE" route="/v1/cache" status=200 code="ok" request_id="r1"
    "#);
}

#[tokio::test(start_paused = true)]
async fn few_queries_left_are_warned_of_once_until_there_are_many_again() {
    let log = Written::default();
    let _logging = logging(&log);
    let left = Arc::new(Mutex::new(vec![100, 30_000, 200, 300]));
    let http = Http::bare(Script::by(move |question| {
        assert_eq!(*question, Question::Account);
        Ok(Reply::Account(scripts::account(left.lock().unwrap().pop().unwrap())))
    }));
    for _ in 0..4 {
        http.get("/v1/account?refresh=true").await;
    }
    let lines = lines(&log);
    let warned: Vec<&str> = lines.lines().filter(|line| line.contains("few queries")).collect();
    assert_snapshot!(warned.join("\n"), @"
    WARN chasqui_server::app: few queries are left in the account provider=alpha left=300
    WARN chasqui_server::app: few queries are left in the account provider=alpha left=100
    ");
}
