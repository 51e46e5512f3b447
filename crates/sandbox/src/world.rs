//! One call, from its request to its answer, with everything that is meant to go wrong on the way.
//!
//! The order is the order in which a real service fails: the network, the waiting, the limit, the faults that replace
//! an answer, the answer, the faults that damage it.
//! Left out: what the answers say; the modules of the families do that.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chasqui_migo::{Failure, request};
use chasqui_types::time::Timestamp;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Collected, Limited};
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::asked::{Asked, Situation};
use crate::body::SandboxBody;
use crate::calls::Counters;
use crate::control;
use crate::endpoint::Route;
use crate::faults::{ActiveFaults, Chosen, Fault, Faults};
use crate::fields::Fields;
use crate::limit::{Limit, Log};
use crate::socket::{Ending, Line};

/// Far above a collection of 100 numbers; a request beyond it is nobody's.
const MAX_REQUEST: usize = 1024 * 1024;

/// What all connections share.
pub(crate) struct World {
    pub(crate) calls: Counters,
    token: Option<String>,
    limits: Option<Log>,
    faults: Mutex<Arc<ActiveFaults>>,
    seed: u64,
    /// Where the clock stands that rates are published by; it runs if there is nothing.
    stopped_at: Mutex<Option<Timestamp>>,
    started: Instant,
}

// === impl World ===

impl World {
    pub(crate) fn new(token: Option<String>, limits: Option<Limit>, faults: Faults, seed: u64) -> Self {
        Self {
            calls: Counters::default(),
            token,
            limits: limits.map(Log::new),
            faults: Mutex::new(Arc::new(ActiveFaults::new(faults, seed))),
            seed,
            stopped_at: Mutex::default(),
            started: now(),
        }
    }

    pub(crate) fn faults(&self) -> Arc<ActiveFaults> {
        Arc::clone(&self.faults.lock().expect("nothing panics while it holds this lock"))
    }

    /// Counting starts anew with new rules.
    pub(crate) fn set_faults(&self, faults: Faults) {
        let active = Arc::new(ActiveFaults::new(faults, self.seed));
        *self.faults.lock().expect("nothing panics while it holds this lock") = active;
    }

    pub(crate) fn set_now(&self, now: Option<Timestamp>) {
        *self.stopped_at.lock().expect("nothing panics while it holds this lock") = now;
    }

    /// What the clock shows that rates are published by.
    pub(crate) fn wall(&self) -> Timestamp {
        let stopped_at = *self.stopped_at.lock().expect("nothing panics while it holds this lock");
        stopped_at.unwrap_or_else(wall)
    }

    pub(crate) fn is_down(&self) -> bool {
        let outage = self.faults().faults.outage;
        outage.is_some_and(|outage| outage.is_down(now().duration_since(self.started)))
    }

    pub(crate) async fn serve(&self, request: Request<Incoming>, line: Arc<Line>) -> Response<SandboxBody> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_REQUEST).collect();
        if let Some(path) = head.uri.path().strip_prefix(control::PREFIX) {
            let answer = match body.await {
                Ok(body) => control::answer(self, &head.method, path, &body.to_bytes()),
                Err(_) => Failure::unsuccessful(413, "the body is too large").into(),
            };
            return plain(answer);
        }

        let route = Route::of(&head.method, head.uri.path());
        let endpoint = route.endpoint();
        self.calls.count(endpoint);
        if self.is_down() {
            return end(&line, Ending::Reset).await;
        }
        let body = body.await.map(Collected::to_bytes);
        let asked = match &body {
            Ok(body) => self.read(route, &head, body),
            Err(_) => Err(Failure::unsuccessful(413, "the body is too large")),
        };
        let numbers = asked.as_ref().map_or(&[][..], Asked::numbers);
        let chosen = self.faults().choose(endpoint, numbers);
        if !chosen.delay.is_zero() {
            tokio::time::sleep(chosen.delay).await;
        }
        if chosen.has(&Fault::Reset) {
            return end(&line, Ending::Reset).await;
        }
        if chosen.has(&Fault::Silence) {
            return std::future::pending().await;
        }
        let refused = self.limits.as_ref().and_then(|limits| limits.admit(endpoint, now()).err());
        let replaced = || replacement(&chosen, &head, body.as_deref().unwrap_or_default());
        let mut answer = match (refused.map(Answer::throttled_for).or_else(replaced), asked) {
            (Some(answer), _) => answer,
            (None, Ok(asked)) => {
                let situation = Situation { now: self.wall(), n_calls: self.calls.read().total() };
                asked.answer(situation, &chosen)
            }
            (None, Err(failure)) => failure.into(),
        };
        if chosen.has(&Fault::Malformed) {
            answer.spoil();
        }
        if let Some(content_type) = chosen.first(|fault| match fault {
            Fault::ContentType { value } => Some(value),
            _ => None,
        }) {
            answer.content_type.clone_from(content_type);
        }
        send(answer, &chosen, line)
    }

    fn read(&self, route: Route<'_>, head: &Parts, body: &Bytes) -> Result<Asked, Failure> {
        match route {
            Route::Body(endpoint) => {
                let fields = fields_of(head, body);
                self.admit(fields.text(request::TOKEN))?;
                Asked::read(endpoint, &fields)
            }
            Route::Query(endpoint) => {
                self.admit(bearer(head))?;
                Asked::read(endpoint, &query_of(head))
            }
            Route::Path(endpoint, number) => {
                self.admit(bearer(head))?;
                Asked::read_path(endpoint, number)
            }
            Route::WrongMethod => Err(Failure::method_not_allowed()),
            Route::Unknown => Err(Failure::path_not_found()),
        }
    }

    fn admit(&self, token: Option<&str>) -> Result<(), Failure> {
        let is_good = token.is_some_and(|token| match &self.token {
            Some(expected) => token == expected,
            None => !token.trim().is_empty(),
        });
        if is_good { Ok(()) } else { Err(Failure::unauthenticated()) }
    }
}

/// The sandbox's clock. It plays a service outside the process, and such a service keeps its own time.
fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "the sandbox stands for another machine, with a clock of its own")]
    Instant::now()
}

/// The sandbox's calendar, for the same reason.
fn wall() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the sandbox stands for another machine, with a calendar of its own")]
    Timestamp::now()
}

fn fields_of(head: &Parts, body: &[u8]) -> Fields {
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Fields::read(content_type.unwrap_or_default(), body)
}

fn query_of(head: &Parts) -> Fields {
    Fields::read("application/x-www-form-urlencoded", head.uri.query().unwrap_or_default().as_bytes())
}

fn bearer(head: &Parts) -> Option<&str> {
    let value = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Asks for the end of the connection, and waits for it: dropping the connection drops this call.
async fn end(line: &Line, ending: Ending) -> Response<SandboxBody> {
    line.end(ending);
    std::future::pending().await
}

/// The answer that a fault gives in place of the true one.
fn replacement(chosen: &Chosen, head: &Parts, body: &[u8]) -> Option<Answer> {
    chosen.first(|fault| match *fault {
        Fault::Status { status } => Some(Answer::json(status, Failure::server_error().into_parts().1)),
        Fault::Throttle { retry_after } => Some(Answer::throttled(retry_after)),
        Fault::Unauthorized => Some(Failure::unauthenticated().into()),
        Fault::Forbidden => Some(Failure::denied("Su plan ha expirado.").into()),
        Fault::Echo => Some(Failure::invalid(request::RUC, &everything_in(head, body)).into()),
        Fault::Html { status } => Some(Answer::page(status)),
        _ => None,
    })
}

/// A message that repeats the token, the numbers and the address, as careless services do.
fn everything_in(head: &Parts, body: &[u8]) -> String {
    let fields = fields_of(head, body);
    let address = head.uri.path_and_query().map_or("/", |address| address.as_str());
    let parts: Vec<&str> = [address].into_iter().chain(bearer(head)).chain(fields.texts()).collect();
    format!("Los valores {} son inválidos.", parts.join(", "))
}

fn plain(answer: Answer) -> Response<SandboxBody> {
    let body = SandboxBody::Whole(answer.body.into());
    respond(answer.status, &answer.content_type, answer.retry_after, body)
}

fn send(answer: Answer, chosen: &Chosen, line: Arc<Line>) -> Response<SandboxBody> {
    let bytes = Bytes::from(answer.body);
    let promised = bytes.len();
    let is_cut = chosen.has(&Fault::Truncated);
    let body = if is_cut {
        SandboxBody::Cut { piece: Some(bytes.slice(..promised / 2)), line }
    } else {
        chosen
            .first(|fault| match *fault {
                Fault::Drip { bytes: piece, every_ms } => {
                    let pause = std::time::Duration::from_millis(every_ms);
                    Some(SandboxBody::Drip { rest: bytes.clone(), piece, pause, sleep: None })
                }
                _ => None,
            })
            .unwrap_or_else(|| SandboxBody::Whole(bytes.clone()))
    };
    let mut response = respond(answer.status, &answer.content_type, answer.retry_after, body);
    if is_cut {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(promised));
    }
    response
}

fn respond(status: u16, content_type: &str, retry_after: Option<u64>, body: SandboxBody) -> Response<SandboxBody> {
    let mut response = Response::new(body);
    // Rules can name any status and type; one that HTTP does not know shows as the nearest thing to it.
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
