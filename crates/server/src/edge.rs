//! What happens to every request, whatever its route: who may ask, how many at once, under which id, and what is
//! logged and counted of it.
//!
//! One function rather than a stack of layers, because a cached answer takes a few microseconds in all and each layer
//! would add to that.
//! Left out: routes and bodies.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::Service;

use crate::app::{App, Inner};
use crate::headers::{REQUEST_ID, SERVER_TIMING};
use crate::metrics::Surface;
use crate::problem::Problem;

// === impl App ===

impl App {
    /// Answers one request.
    ///
    /// Cancel-safe: dropping the future stops waiting for the answer; calls under way go on and are remembered.
    pub async fn handle(&self, mut request: Request<Body>) -> Response {
        let runtime = self.inner.lookups.runtime();
        let started = runtime.now();
        let surface = Surface::of(request.uri().path());
        let method = request.method().clone();
        let id = request_id(&self.inner, request.headers());
        let entered = match self.enter(surface, &mut request) {
            Ok(entered) => entered,
            Err(problem) => {
                let response = problem.render(surface, id_text(&id));
                return self.leave(surface, &method, id, response, Some(problem.code()), runtime.now() - started);
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
        let code = problem.as_ref().map(Problem::code).or_else(|| response.extensions().get().map(|Code(code)| *code));
        let mut response = self.leave(surface, &method, id, response, code, runtime.now() - started);
        if response.extensions().get::<Streaming>().is_some() {
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
        check_site(request)?;
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

    fn leave(
        &self,
        surface: Surface,
        method: &Method,
        id: HeaderValue,
        mut response: Response,
        code: Option<&'static str>,
        took: Duration,
    ) -> Response {
        let status = response.status();
        self.inner.metrics.request(surface, status.as_u16(), took);
        log(surface, method, status, code, id_text(&id), took);
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, id);
        headers.insert(SERVER_TIMING, server_timing(took));
        response
    }
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

/// A browser must not write here on behalf of another site's page.
fn check_site(request: &Request<Body>) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let headers = request.headers();
    let refused = || Err(Problem::forbidden("A page of another site may not write here."));
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

/// Failures of ours are errors, those of others warnings; a success is only worth a line to whoever asks for it.
///
/// The path is not logged: it holds numbers.
fn log(surface: Surface, method: &Method, status: StatusCode, code: Option<&'static str>, id: &str, took: Duration) {
    let (surface, method, status) = (surface.as_str(), method.as_str(), status.as_u16());
    let code = code.unwrap_or("ok");
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    match status {
        500 => tracing::error!(surface, method, status, code, request_id = id, micros, "request"),
        501.. => tracing::warn!(surface, method, status, code, request_id = id, micros, "request"),
        400..500 => tracing::info!(surface, method, status, code, request_id = id, micros, "request"),
        _ => tracing::debug!(surface, method, status, code, request_id = id, micros, "request"),
    }
}
