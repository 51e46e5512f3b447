//! What happens to every request, whatever its route: who may ask, how many at once, under which id, and what is
//! logged and counted of it.
//!
//! One function rather than a stack of layers, because a cached answer takes a few microseconds in all and each layer
//! would add to that.
//! Left out: routes and bodies.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::Service;
use tracing::Level;

use crate::app::{App, Inner};
use crate::headers::{REQUEST_ID, SERVER_TIMING};
use crate::metrics::Surface;
use crate::openapi::Documents;
use crate::problem::Problem;

// === impl App ===

impl App {
    /// Answers larger than this keep their request's place until they are sent, because a slow client holds them.
    const LARGE_BODY: u64 = 64 * 1024;

    /// Answers one request.
    ///
    /// Cancel-safe: dropping the future stops waiting for the answer; calls under way go on and are remembered.
    pub async fn handle(&self, mut request: Request<Body>) -> Response {
        let runtime = self.inner.lookups.runtime();
        let started = runtime.now();
        let surface = Surface::of(request.uri().path());
        let method = request.method().clone();
        let id = request_id(&self.inner, request.headers());
        let asked = Asked { surface, method, uri: request.uri().clone(), started };
        let entered = match self.enter(surface, &mut request) {
            Ok(entered) => entered,
            Err(problem) => {
                let response = problem.render(surface, id_text(&id));
                return self.leave(&asked, id, response, Some(&problem));
            }
        };
        let mut router = self.router.clone();
        let answered = AssertUnwindSafe(router.call(request)).catch_unwind().await;
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => {
                tracing::error!(request_id = id_text(&id), "a handler panicked");
                Problem::internal().into_response()
            }
        };
        let problem = response.extensions_mut().remove::<Problem>();
        if let Some(problem) = &problem {
            // What the handler said about the answer stays; the length was that of the empty body.
            let mut described = std::mem::take(response.headers_mut());
            described.remove(header::CONTENT_LENGTH);
            response = problem.render(surface, id_text(&id));
            for (name, value) in &described {
                response.headers_mut().insert(name, value.clone());
            }
        }
        let mut response = self.leave(&asked, id, response, problem.as_ref());
        let is_large = http_body::Body::size_hint(response.body()).lower() > Self::LARGE_BODY;
        if is_large || response.extensions().get::<Streaming>().is_some() {
            // The place is kept until the last byte is sent or the client goes away.
            let body = std::mem::take(response.body_mut());
            *response.body_mut() = Body::new(Kept { body, _entered: entered });
        }
        response
    }

    /// Lets a request in, or says why not.
    fn enter(&self, surface: Surface, request: &mut Request<Body>) -> Result<Entered, Problem> {
        strip_trailing_slash(request.uri_mut());
        if request.uri().path() != "/healthz" {
            self.check_host(request)?;
        }
        check_site(surface, request)?;
        let n_before = self.inner.in_flight.fetch_add(1, Ordering::Relaxed);
        let entered = Entered { inner: Arc::clone(&self.inner) };
        if surface != Surface::Operations && n_before >= self.inner.rules.max_in_flight {
            self.inner.metrics.shed();
            return Err(Problem::overloaded());
        }
        Ok(entered)
    }

    /// Answers only under names that are loopback or written down, so that no web page can reach this server by
    /// making its own name point here.
    fn check_host(&self, request: &Request<Body>) -> Result<(), Problem> {
        if request.headers().get_all(header::HOST).iter().count() > 1 {
            // Whoever stands in front might go by another of them.
            return Err(Problem::new(StatusCode::BAD_REQUEST, "no_host", "The request names more than one host."));
        }
        let host = match request.uri().host() {
            Some(host) => host,
            None => match request.headers().get(header::HOST).map(HeaderValue::to_str) {
                Some(Ok(host)) => without_port(host),
                _ => return Err(Problem::new(StatusCode::BAD_REQUEST, "no_host", "The request names no host.")),
            },
        };
        if is_loopback(host) || self.inner.rules.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
        {
            return Ok(());
        }
        Err(Problem::forbidden(
            "This gateway is not reached under this host name; add it to server.allowed_hosts if it should be.",
        ))
    }

    fn leave(&self, asked: &Asked, id: HeaderValue, mut response: Response, problem: Option<&Problem>) -> Response {
        let took = self.inner.lookups.runtime().now() - asked.started;
        self.inner.metrics.request(asked.surface, response.status().as_u16(), took);
        self.log(asked, id_text(&id), &response, problem, took);
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, id);
        headers.insert(SERVER_TIMING, server_timing(took));
        response
    }

    /// Failures of ours are errors, those of others warnings; a success is only worth a line to whoever asks for it.
    ///
    /// The path is not logged, because it holds numbers; its template is.
    fn log(&self, asked: &Asked, id: &str, response: &Response, problem: Option<&Problem>, took: Duration) {
        let status = response.status().as_u16();
        let level = match status {
            500 => Level::ERROR,
            501.. => Level::WARN,
            400..500 => Level::INFO,
            _ => Level::DEBUG,
        };
        // Naming the route takes longer than a cached answer.
        if level > tracing::level_filters::LevelFilter::current() {
            return;
        }
        let by_handler = || response.extensions().get().map(|Code(code)| *code);
        let code = problem.map(Problem::code).or_else(by_handler).unwrap_or(match status {
            500.. => "failed",
            400..500 => "refused",
            _ => "ok",
        });
        let cause =
            problem.and_then(Problem::cause).or_else(|| response.extensions().get().map(|Cause(cause)| cause.as_str()));
        let documents = self.inner.documents.get_or_init(Documents::render);
        let route = documents.template(asked.uri.path());
        let (surface, method) = (asked.surface.as_str(), asked.method.as_str());
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        macro_rules! line {
            ($level:expr) => {
                tracing::event!($level, surface, method, route, status, code, cause, request_id = id, micros, "request")
            };
        }
        match status {
            500 => line!(Level::ERROR),
            501.. => line!(Level::WARN),
            400..500 => line!(Level::INFO),
            _ => line!(Level::DEBUG),
        }
    }
}

/// What is known of a request before it is answered.
struct Asked {
    surface: Surface,
    method: Method,
    /// Without the trailing slash or with it, as it came.
    uri: Uri,
    started: Instant,
}

/// A place among the requests that are worked on.
struct Entered {
    inner: Arc<Inner>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.inner.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a look-up has no answer, for the log, where the response is no [`Problem`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code(pub(crate) &'static str);

/// The whole chain of what went wrong, for the log alone, where the response is no [`Problem`].
#[derive(Debug, Clone)]
pub(crate) struct Cause(pub(crate) String);

/// Marks a response whose body is still being made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streaming;

/// A body that keeps its request's place.
struct Kept {
    body: Body,
    _entered: Entered,
}

impl http_body::Body for Kept {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// A page of another site must not make a browser ask here: a question spends calls, and a write changes things.
///
/// Pages for people may be linked to from anywhere.
fn check_site(surface: Surface, request: &Request<Body>) -> Result<(), Problem> {
    if surface == Surface::Operations && matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let headers = request.headers();
    let refused = || Err(Problem::forbidden("A page of another site may not ask here."));
    if let Some(site) = headers.get("sec-fetch-site") {
        return if matches!(site.as_bytes(), b"same-origin" | b"none") { Ok(()) } else { refused() };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    let to = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match (from, to) {
        (Some(from), Some(to)) if from.eq_ignore_ascii_case(to) => Ok(()),
        _ => refused(),
    }
}

fn strip_trailing_slash(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let stripped = path.trim_end_matches('/');
    let stripped = if stripped.is_empty() { "/" } else { stripped };
    let text = match uri.query() {
        Some(query) => format!("{stripped}?{query}"),
        None => stripped.to_owned(),
    };
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = PathAndQuery::try_from(text).ok();
    if let Ok(changed) = Uri::from_parts(parts) {
        *uri = changed;
    }
}

fn without_port(host: &str) -> &str {
    let Some((name, port)) = host.rsplit_once(':') else { return host };
    // The colons inside an IPv6 address are no ports.
    let is_whole = !name.starts_with('[') || name.ends_with(']');
    if is_whole && port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The client's own id if it is a plain word of at most 64 characters, else one of ours.
fn request_id(inner: &Inner, headers: &HeaderMap) -> HeaderValue {
    if let Some(theirs) = headers.get(REQUEST_ID) {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if (1..=64).contains(&theirs.len()) && theirs.as_bytes().iter().all(plain) {
            return theirs.clone();
        }
    }
    let mut text = [0; 21];
    hex(&mut text[..8], u64::from(inner.id_prefix));
    text[8] = b'-';
    hex(&mut text[9..], inner.requests.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_bytes(&text).expect("hexadecimal digits fit a header")
}

fn hex(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[usize::try_from(number % 16).expect("below sixteen")];
        number /= 16;
    }
}

fn id_text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or("-")
}

/// `total;dur=0.042`, in milliseconds.
fn server_timing(took: Duration) -> HeaderValue {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let mut text = Vec::with_capacity(32);
    text.extend_from_slice(b"total;dur=");
    text.extend_from_slice(itoa::Buffer::new().format(micros / 1000).as_bytes());
    text.push(b'.');
    let rest = micros % 1000;
    for place in [100, 10, 1] {
        text.push(b'0' + u8::try_from(rest / place % 10).expect("one digit"));
    }
    HeaderValue::from_maybe_shared(Bytes::from(text)).expect("digits fit a header")
}
