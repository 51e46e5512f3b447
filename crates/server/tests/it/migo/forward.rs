//! Addresses that only MIGO knows: what is handed on to it, and what never is.
//!
//! The provider here is a bare socket that notes every byte it is sent, so that nothing about a request goes unseen.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use chasqui::{Chasqui, Start};
use chasqui_server::{App, Metrics};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::upstream::{Received, TOKEN, config, receive};

const PLAIN: &str = "/api/v1/ruc/buenos-contribuyentes";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nX-Secret: s\r\n\
    Content-Length: 16\r\n\r\n{\"success\":true}";

/// A provider that notes what it is sent and answers as told; `{echo}` in an answer is an object with what it was sent.
struct Provider {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Provider {
    async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tasks, stop, seen) = (TaskTracker::new(), CancellationToken::new(), Arc::<Mutex<Vec<String>>>::default());
        let notes = Arc::clone(&seen);
        tasks.spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream, answer, &notes).await;
            }
        }));
        Self { address, seen, tasks, stop }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// One request and its answer; an empty answer is a connection that breaks off.
async fn serve(mut stream: TcpStream, answer: &str, notes: &Mutex<Vec<String>>) {
    let mut received = Vec::new();
    while !is_whole(&received) {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(n_bytes) => received.extend_from_slice(&piece[..n_bytes]),
        }
    }
    let text = String::from_utf8_lossy(&received).into_owned();
    let answer = match answer.strip_suffix("{echo}") {
        Some(head) => {
            let body = serde_json::json!({"sent": text}).to_string();
            format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        }
        None => answer.to_owned(),
    };
    notes.lock().unwrap().push(text);
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn is_whole(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

/// A gateway in front of such a provider.
struct Gateway {
    provider: Provider,
    app: App,
    chasqui: Chasqui,
}

impl Gateway {
    async fn start(answer: &'static str) -> Self {
        Self::with(answer, &[("migo.retries", "3"), ("migo.retry_base", "1ms"), ("breaker.failures", "1000")]).await
    }

    async fn with(answer: &'static str, settings: &[(&str, &str)]) -> Self {
        let provider = Provider::start(answer).await;
        let config = config(provider.address, settings);
        let chasqui = Chasqui::start(&config, Start::default()).await.unwrap();
        let app = App::new(&config, chasqui.lookups().clone(), chasqui.padron().cloned(), Arc::new(Metrics::new()));
        Self { provider, app, chasqui }
    }

    async fn send(&self, request: axum::http::request::Builder, body: &str) -> Received {
        receive(&self.app, request.header("host", "localhost").body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn get(&self, path: &str) -> Received {
        self.send(Request::get(path).header(header::AUTHORIZATION, "Bearer theirs"), "").await
    }

    async fn stop(self) {
        self.chasqui.stop(Duration::from_secs(5)).await;
        self.provider.stop().await;
    }
}

#[tokio::test]
async fn an_address_that_only_migo_knows_is_handed_on_with_our_token_and_nothing_of_the_client() {
    let gateway = Gateway::start(OK).await;
    let request = Request::get("/api/v2/comisiones-afp/2026-01/?a=1&token=theirs-3&b=x%0d%0aEvil:%201")
        .header("authorization", "Bearer theirs")
        .header("cookie", "session=theirs-2")
        .header("x-forwarded-for", "10.0.0.1")
        .header("forwarded", "for=10.0.0.1;host=evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-original-url", "/admin")
        .header("connection", "keep-alive, x-smuggled")
        .header("x-smuggled", "1")
        .header("transfer-encoding", "chunked")
        .header("proxy-authorization", "Basic dGhlaXJz")
        .header("range", "bytes=0-1");
    let answered = gateway.send(request, "").await;
    assert_eq!((answered.status.as_u16(), answered.text()), (200, r#"{"success":true}"#));
    assert_eq!(answered.header("content-type"), Some("application/json"));
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    assert_eq!(answered.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!((answered.header("set-cookie"), answered.header("x-secret")), (None, None));

    let seen = gateway.provider.seen();
    assert_eq!(seen.len(), 1);
    let sent = &seen[0];
    let line = sent.lines().next().unwrap();
    assert_eq!(line, "GET /api/v2/comisiones-afp/2026-01?a=1&b=x%0d%0aEvil:%201 HTTP/1.1");
    assert!(sent.contains(&format!("host: {}\r\n", gateway.provider.address)), "{sent}");
    assert_eq!(sent.matches(TOKEN).count(), 1, "{sent}");
    assert!(sent.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{sent}");
    let lower = sent.to_lowercase();
    for trace in [
        "theirs",
        "cookie",
        "forwarded",
        "evil.example",
        "smuggled",
        "chunked",
        "x-original",
        "proxy-auth",
        "range:",
        "dghlaxjz",
    ] {
        assert!(!lower.contains(trace), "{trace}: {sent}");
    }
    // Nothing is remembered.
    gateway.get("/api/v2/comisiones-afp/2026-01").await;
    gateway.get("/api/v2/comisiones-afp/2026-01").await;
    assert_eq!(gateway.provider.seen().len(), 3);
    gateway.stop().await;
}

#[tokio::test]
async fn bodies_are_handed_on_with_our_token_in_place_of_theirs() {
    let gateway = Gateway::start(OK).await;
    let json = Request::post(PLAIN).header("content-type", "application/json; charset=utf-8");
    let body = r#"{"ruc":"20131312955","token":"theirs","\u0074oken":"theirs","deep":{"n": [1,2]},"monto":118.10,"n":123456789012345678901234567890}"#;
    gateway.send(json, body).await;
    let form = Request::post(PLAIN).header("content-type", "application/x-www-form-urlencoded");
    gateway.send(form, "token=theirs&ruc=20131312955&%74oken=theirs&token%5B%5D=theirs&x=a%26b").await;
    let seen = gateway.provider.seen();
    assert_eq!(seen.len(), 2);
    let bodies: Vec<&str> = seen.iter().map(|sent| sent.split_once("\r\n\r\n").unwrap().1).collect();
    let rest = r#""ruc":"20131312955","deep":{"n": [1,2]},"monto":118.10,"n":123456789012345678901234567890"#;
    assert_eq!(bodies[0], format!(r#"{{"token":"{TOKEN}",{rest}}}"#));
    assert_eq!(bodies[1], format!("token={TOKEN}&ruc=20131312955&x=a%26b"));
    assert!(seen.iter().all(|sent| !sent.contains("theirs")), "{seen:?}");
    gateway.stop().await;
}

#[tokio::test]
async fn nobody_without_a_token_costs_a_call() {
    let gateway = Gateway::start(OK).await;
    let json = || Request::post(PLAIN).header("content-type", "application/json");
    for answered in [
        gateway.send(Request::get(PLAIN), "").await,
        gateway.send(Request::get(format!("{PLAIN}?token=")), "").await,
        gateway.send(Request::get(PLAIN).header("authorization", "Basic eDp5"), "").await,
        gateway.send(json(), r#"{"ruc":"20131312955"}"#).await,
        gateway.send(json(), r#"{"token":" "}"#).await,
        gateway.send(json(), "").await,
    ] {
        assert_eq!((answered.status.as_u16(), answered.text()), (401, r#"{"message":"Unauthenticated."}"#));
    }
    assert_eq!(gateway.provider.seen().len(), 0);
    assert_eq!(gateway.send(Request::get(format!("{PLAIN}?token=T")), "").await.status.as_u16(), 200);
    gateway.stop().await;
}

#[tokio::test]
async fn nothing_but_a_plain_address_of_migo_is_handed_on() {
    let gateway = Gateway::start(OK).await;
    for path in [
        "/api/v1",
        "/api/v2",
        "/api/v1/../../admin",
        "/api/v1/x/../../../admin",
        "/api/v1/%2e%2e/admin",
        "/api/v1/..%2fadmin",
        "/api/v1/x%5c..%5cadmin",
        "/api/v1//evil.example/x",
        "/api/v1/http://evil.example/",
        "/api/v1/@evil.example",
        "/api/v1/x%00",
        "/api/v1/%E2%80%AE",
        "/api/v1/x;y=1",
        "/api/v2/...",
    ] {
        let answered = gateway.get(path).await;
        assert_eq!(answered.status.as_u16(), 404, "{path}");
        assert!(answered.text().contains("Recurso no encontrado"), "{path}");
    }
    let absolute = Request::get("http://localhost/api/v1/..%2f..%2fadmin").header("authorization", "Bearer T");
    assert_eq!(gateway.send(absolute, "").await.status.as_u16(), 404);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let request = Request::builder().method(method).uri(PLAIN).header("authorization", "Bearer T");
        assert_eq!(gateway.send(request, "").await.status.as_u16(), 405, "{method}");
    }
    for (kind, body) in [
        ("multipart/form-data; boundary=X", "--X\r\n"),
        ("text/plain", "token=T"),
        ("application/json", r#"["token"]"#),
        ("application/json", "{"),
        ("application/xml", "<token>T</token>"),
    ] {
        let request = Request::post(PLAIN).header("content-type", kind).header("authorization", "Bearer T");
        assert_eq!(gateway.send(request, body).await.status.as_u16(), 415, "{kind}");
    }
    let large = Request::post(PLAIN).header("content-type", "application/json");
    assert_eq!(gateway.send(large, &" ".repeat(9 * 1024 * 1024)).await.status.as_u16(), 413);
    assert_eq!(gateway.provider.seen().len(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn no_field_asks_for_another_method_hides_a_name_or_is_larger_than_a_question() {
    let gateway = Gateway::start(OK).await;
    let form = || Request::post(PLAIN).header("content-type", "application/x-www-form-urlencoded");
    let json = || Request::post(PLAIN).header("content-type", "application/json");
    for (name, status) in [("_method", 405), ("+_method", 405), ("%5Fmethod[]", 405), ("to%00ken", 422), ("a%0Ab", 422)]
    {
        let pair = format!("token=T&{name}=DELETE");
        for answered in [
            gateway.get(&format!("{PLAIN}?{pair}")).await,
            gateway.send(Request::post(format!("{PLAIN}?{pair}")), "").await,
            gateway.send(form(), &pair).await,
        ] {
            assert_eq!(answered.status.as_u16(), status, "{name}: {}", answered.text());
            assert!(answered.json()["message"].is_string(), "{name}");
        }
    }
    for (name, status) in [("_method", 405), ("\\u005fmethod", 405), ("to\\u0000ken", 422)] {
        let answered = gateway.send(json(), &format!(r#"{{"token":"T","{name}":"DELETE"}}"#)).await;
        assert_eq!(answered.status.as_u16(), status, "{name}: {}", answered.text());
    }
    let long = "x".repeat(256 * 1024);
    for (request, body) in [(form(), format!("token=T&a={long}")), (json(), format!(r#"{{"token":"T","a":"{long}"}}"#))]
    {
        let answered = gateway.send(request, &body).await;
        assert_eq!(answered.status.as_u16(), 413);
        assert_eq!(answered.text(), r#"{"success":false,"message":"El cuerpo de la solicitud es demasiado grande."}"#);
    }
    assert_eq!(gateway.provider.seen().len(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_list_is_an_answer_too() {
    let gateway = Gateway::start("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{\"a\":1}]").await;
    let answered = gateway.get(PLAIN).await;
    assert_eq!((answered.status.as_u16(), answered.text()), (200, r#"[{"a":1}]"#));
    gateway.stop().await;
}

#[tokio::test]
async fn our_token_cannot_be_read_back() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{echo}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{echo}",
        "HTTP/1.1 422 Unprocessable Content\r\nContent-Type: application/json\r\n{echo}",
    ] {
        let gateway = Gateway::start(answer).await;
        let json = Request::post(PLAIN).header("content-type", "application/json");
        for answered in [gateway.get(PLAIN).await, gateway.send(json, r#"{"token":"T","ruc":"1"}"#).await] {
            assert!(answered.text().starts_with(r#"{"sent":""#), "{}", answered.text());
            assert!(!answered.text().contains(TOKEN), "{}", answered.text());
            let headers = format!("{:?}", answered.headers);
            assert!(!headers.contains(TOKEN), "{headers}");
        }
        assert!(gateway.provider.seen().iter().all(|sent| sent.contains(TOKEN)), "it was sent, and is not shown");
        gateway.stop().await;
    }
}

#[tokio::test]
async fn what_is_handed_on_counts_against_a_limit() {
    let gateway = Gateway::with(OK, &[("migo.limits.account", "2/1h")]).await;
    assert_eq!(gateway.get(PLAIN).await.status.as_u16(), 200);
    assert_eq!(gateway.get("/api/v2/tipo-cambio/sbs?moneda=USD&fecha=2026-11-20").await.status.as_u16(), 200);
    let limited = gateway.get(PLAIN).await;
    assert_eq!(limited.status.as_u16(), 503, "{}", limited.text());
    let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((3_590..=3_601).contains(&wait), "{wait}");
    assert_eq!(gateway.provider.seen().len(), 2);
    gateway.stop().await;
}

#[tokio::test]
async fn an_outage_is_told_as_one_and_the_request_is_not_repeated() {
    for answer in [
        "",
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Busy\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<h1>nada</h1>",
        "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/evil\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"success\":",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n<h1>Mantenimiento</h1>",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
    ] {
        let gateway = Gateway::start(answer).await;
        let answered = gateway.get(PLAIN).await;
        assert_eq!(answered.status.as_u16(), 503, "{answer}: {}", answered.text());
        assert!(answered.header("retry-after").is_some(), "{answer}");
        assert!(answered.json()["message"].is_string(), "{answer}");
        assert_eq!(answered.header("cache-control"), Some("no-store"), "{answer}");
        assert_eq!(gateway.provider.seen().len(), 1, "{answer}");
        gateway.stop().await;
    }
}

#[tokio::test]
async fn a_number_below_the_address_of_taxpayers_is_ours_and_a_word_is_migos() {
    let gateway = Gateway::start(OK).await;
    for path in ["/api/v1/ruc/2013131295", "/api/v1/ruc/2013131295x"] {
        assert_eq!(gateway.get(path).await.status.as_u16(), 422, "{path}");
    }
    let post = Request::post("/api/v1/ruc/20131312955").header("authorization", "Bearer T");
    assert_eq!(gateway.send(post, "").await.status.as_u16(), 405);
    assert_eq!(gateway.provider.seen().len(), 0);
    for path in [PLAIN, "/api/v1/ruc/agentes-retencion", "/api/v1/ruc/actividad/20131312955"] {
        assert_eq!(gateway.get(path).await.status.as_u16(), 200, "{path}");
    }
    assert_eq!(gateway.provider.seen().len(), 3);
    gateway.stop().await;
}

#[tokio::test]
async fn migos_own_refusals_are_handed_back() {
    let answer = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 51\r\n\r\n\
        {\"success\":false,\"message\":\"Recurso no encontrado\"}";
    let gateway = Gateway::start(answer).await;
    let answered = gateway.get("/api/v1/nada").await;
    assert_eq!(answered.status.as_u16(), 404);
    assert_eq!(answered.text(), r#"{"success":false,"message":"Recurso no encontrado"}"#);
    gateway.stop().await;
}
