//! MIGO's routes, `/api/v1` and `/api/v2`, for clients that change only their base URL.
//!
//! A client must not be able to tell these answers from MIGO's, but for the headers that say where they come from, and
//! for one status: what could not be found out is a 503, because MIGO's 404 means that there is no such record.
//! Left out: the bodies, which `chasqui-migo` writes, and every other address of MIGO, which is answered as unknown.

use std::collections::HashSet;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use chasqui_core::{Ask, LookupError, Many, RowOutcome};
use chasqui_migo::{Failure, MAX_COLLECTION, request as wire};
use chasqui_types::Ruc;

use crate::app::{Inner, Shared};
use crate::edge::Code;
use crate::headers::{self, Blend};
use crate::problem::{self, Problem};
use crate::routes::compatible::{self, Fields, spanish};
use crate::wire::list;

pub(crate) fn router() -> Router<Shared> {
    let by_path = || get(one_by_path).fallback(wrong_method);
    Router::new()
        .route(wire::V1_RUC, post(one).fallback(wrong_method))
        .route(wire::V1_COLLECTION, post(collection).fallback(wrong_method))
        .route(&format!("{}/{{ruc}}", wire::V1_RUC), by_path())
        .route(&format!("{}/{{ruc}}", wire::V2_RUC), by_path())
        .route("/api/v1", any(unknown_address))
        .route("/api/v1/{*rest}", any(unknown_address))
        .route("/api/v2", any(unknown_address))
        .route("/api/v2/{*rest}", any(unknown_address))
}

/// The field that asks for a new answer. MIGO has none such, and its clients need not send it.
const REFRESH: &str = "refresh";

/// v1, one number in the body.
async fn one(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    answer_one(&shared, fields.text(wire::RUC), ask).await
}

/// v1 and v2, one number in the address.
async fn one_by_path(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (head, _) = request.into_parts();
    admit(bearer(&head.headers))?;
    let ask = compatible::ask(&head, &Fields::default(), &[]).map_err(|_| Refusal::bad_refresh())?;
    // As it stands in the address: what is written otherwise than in plain digits is no number.
    answer_one(&shared, head.uri.path().rsplit('/').next(), ask).await
}

async fn answer_one(inner: &Inner, number: Option<&str>, ask: Ask) -> Result<Response, Refusal> {
    let number = number.ok_or_else(|| Failure::invalid(wire::RUC, Failure::RUC_REQUIRED))?;
    if !is_eleven_digits(number) {
        return Err(Failure::invalid(wire::RUC, Failure::RUC_INVALID).into());
    }
    // MIGO looks up eleven digits whatever they are, in vain if they are no number; that needs no call.
    let ruc: Ruc = number.parse().map_err(|_| Failure::not_found(Failure::RUC_NOT_FOUND))?;
    let answer = inner.lookups.taxpayer(ruc, ask).await?;
    let mut response = match compatible::migo_object(&answer) {
        Some(body) => compatible::json(StatusCode::OK, body),
        None => Refusal::from(Failure::not_found(Failure::RUC_NOT_FOUND)).into_response(),
    };
    headers::describe(response.headers_mut(), &answer);
    Ok(response)
}

/// v1, up to a hundred numbers: the records that exist, in the order of asking. It fails whole if any number could not
/// be found out, because an omission would say that there is no such record.
async fn collection(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    let rucs = numbers(&fields)?;
    let many = Many { refresh: ask.refresh, patience: ask.patience, ..Many::default() };
    let rows = shared.lookups.taxpayers(&rucs.iter().map(Ruc::as_str).collect::<Vec<_>>(), many);
    let (mut found, mut blend) = (Vec::with_capacity(rucs.len()), Blend::default());
    let mut refusal: Option<Refusal> = None;
    for row in rows.in_order().await {
        match row.outcome {
            RowOutcome::Answered(answer) => {
                blend.add(&answer);
                found.extend(compatible::migo_object(&answer));
            }
            RowOutcome::Unknown(error) => refusal = Some(Refusal::from(error).or_later(refusal)),
            RowOutcome::Invalid(_) => unreachable!("only numbers were asked for"),
        }
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let mut response = compatible::json(StatusCode::OK, list(found));
    blend.describe(response.headers_mut());
    Ok(response)
}

/// The distinct numbers of a collection. What is no number for its check digit or prefix is left out of the answer,
/// as MIGO leaves it out.
fn numbers(fields: &Fields) -> Result<Vec<Ruc>, Failure> {
    let texts = fields.list(wire::RUC).filter(|texts| !texts.is_empty());
    let texts = texts.ok_or_else(|| Failure::invalid(wire::RUC, Failure::RUC_REQUIRED))?;
    if texts.len() > MAX_COLLECTION {
        return Err(Failure::invalid(wire::RUC, Failure::COLLECTION_TOO_LARGE));
    }
    if let Some(place) = texts.iter().position(|text| !is_eleven_digits(text)) {
        return Err(Failure::invalid(&format!("{}.{place}", wire::RUC), Failure::RUC_INVALID));
    }
    let mut seen = HashSet::with_capacity(texts.len());
    Ok(texts.iter().filter_map(|text| text.parse().ok()).filter(|ruc| seen.insert(*ruc)).collect())
}

fn is_eleven_digits(text: &str) -> bool {
    text.len() == Ruc::LEN && text.bytes().all(|letter| letter.is_ascii_digit())
}

/// The fields of a v1 request whose token is there.
async fn read(inner: &Inner, request: Request) -> Result<(Ask, Fields), Refusal> {
    let (head, fields) = compatible::read(inner, request).await?;
    // MIGO takes a body that it cannot read for one without fields, and so misses the token.
    let fields = fields.unwrap_or_default();
    let is_token = |token: &&str| !token.trim().is_empty();
    admit(fields.text(wire::TOKEN).filter(is_token).or_else(|| bearer(&head.headers)))?;
    let ask = compatible::ask(&head, &fields, &[REFRESH]).map_err(|_| Refusal::bad_refresh())?;
    Ok((ask, fields))
}

/// With `auth = "off"`, the only rule that a server starts with today, any token will do, but one there must be.
fn admit(token: Option<&str>) -> Result<(), Failure> {
    token.filter(|token| !token.trim().is_empty()).map(|_| ()).ok_or_else(Failure::unauthenticated)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn wrong_method() -> Refusal {
    Failure::method_not_allowed().into()
}

/// MIGO's other addresses are not served yet. That is no 404, which a client might take for "no such record".
async fn unknown_address(request: Request) -> Refusal {
    const SERVED_BY_MIGO: [&str; 8] = [
        "/api/v1/account",
        "/api/v1/cpe",
        "/api/v1/dni",
        "/api/v1/exchange",
        "/api/v1/ruc/",
        "/api/v2/dni",
        "/api/v2/tipo-cambio",
        "/api/v2/comisiones-afp",
    ];
    let path = request.uri().path();
    if SERVED_BY_MIGO.iter().any(|known| path.starts_with(known)) {
        return Failure::unsuccessful(StatusCode::NOT_IMPLEMENTED.as_u16(), spanish::NOT_SERVED).into();
    }
    Failure::path_not_found().into()
}

/// A refusal in MIGO's words.
struct Refusal {
    failure: Failure,
    wait: Option<Duration>,
    /// Why there is no answer, for the log.
    code: Option<Code>,
}

// === impl Refusal ===

impl Refusal {
    /// What a client is told to wait where nothing better is known: as long as a provider's first rest.
    const WAIT: Duration = Duration::from_secs(5);

    fn bad_refresh() -> Self {
        Failure::invalid(REFRESH, spanish::BAD_REFRESH).into()
    }

    /// The words of the one before, if there is one, and the longer wait of both.
    fn or_later(self, before: Option<Self>) -> Self {
        match before {
            Some(before) => Self { wait: before.wait.max(self.wait), ..before },
            None => self,
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, wait: None, code: None }
    }
}

/// Could not find out. Always a 503, whatever the reason: MIGO's clients know no other that says nothing of the record.
impl From<LookupError> for Refusal {
    fn from(error: LookupError) -> Self {
        let wait = problem::retry_after(&error).unwrap_or(Self::WAIT);
        Self {
            failure: Failure::unavailable(spanish::unknown(&error)),
            wait: Some(wait),
            code: Some(Code(error.code())),
        }
    }
}

/// A body that did not arrive.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Failure::unsuccessful(problem.status().as_u16(), spanish::no_body(&problem)).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = self.failure.into_parts();
        let status = StatusCode::from_u16(status).expect("MIGO's statuses are statuses");
        let mut response = compatible::json(status, body);
        if let Some(wait) = self.wait {
            let seconds = HeaderValue::from(problem::whole_seconds(wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Some(code) = self.code {
            response.extensions_mut().insert(code);
        }
        response
    }
}
