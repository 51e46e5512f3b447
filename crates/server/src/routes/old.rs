//! The routes of the app that Chasqui replaces, `/api/…`, with the bodies that it gave.
//!
//! An answer has status 200 and says in its flags what it is: found, `invalid_format`, or `invalid_sunat` for a number
//! that does not exist. What could not be found out has neither flag and the status that fits.
//! Left out: refreshing partners (`update_partner`, `update_partners`), which are accepted and wait for the store.

mod bulk;
mod person;
mod rate;

use std::borrow::Cow;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chasqui_core::{Ask, LookupError};
use chasqui_types::{Lookup, Ruc};

use crate::app::{Inner, Shared};
use crate::edge::{Cause, Code};
use crate::headers;
use crate::problem::{self, Problem};
use crate::routes::compatible::{self, Fields, spanish};
use crate::wire::Object;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/api/ruc/consultar-async", post(one).fallback(wrong_method))
        .route("/api/ruc/consultar-masivo-async", post(bulk::many).fallback(wrong_method))
        .route("/api/dni/consultar-async", post(person::one).fallback(wrong_method))
        .route("/api/tipo-cambio", get(rate::latest).fallback(rate::wrong_method))
}

/// The fields that ask for a new answer.
const REFRESH: [&str; 2] = ["force_refresh", "refresh"];

/// `POST /api/ruc/consultar-async/`: one number.
async fn one(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    let number = fields.text("ruc").map(str::trim).filter(|number| !number.is_empty());
    let number = number.ok_or_else(|| Refusal::bad_request("RUC es requerido"))?;
    let ruc: Ruc = match number.parse() {
        Ok(ruc) => ruc,
        Err(error) => {
            let body = failure(&spanish::bad_number(&error), Some(("ruc", number))).plain("invalid_format", true);
            return Ok(compatible::json(StatusCode::OK, body.finish()));
        }
    };
    let answer = shared.lookups.taxpayer(ruc, ask).await.map_err(|error| Refusal::unknown_ruc(&error, ruc))?;
    let mut response = match answer.taxpayer() {
        Lookup::Found(_) => {
            let body = compatible::migo_object(&answer).expect("a found answer has a body");
            compatible::json(StatusCode::OK, body)
        }
        Lookup::Absent(absence) => {
            let body = failure(&spanish::absent(&absence.reason), Some(("ruc", number)))
                .plain("invalid_sunat", true)
                .plain("status_code", StatusCode::NOT_FOUND.as_u16());
            compatible::json(StatusCode::OK, body.finish())
        }
    };
    headers::describe(response.headers_mut(), &answer);
    Ok(response)
}

/// The fields of a request, and how it wants to be answered.
async fn read(inner: &Inner, request: Request) -> Result<(Ask, Fields), Refusal> {
    let (head, fields) = compatible::read(inner, request).await?;
    let unreadable = "No se puede leer el cuerpo de la solicitud; debe ser un objeto JSON o un formulario.";
    let fields = fields.map_err(|_| Refusal::bad_request(unreadable))?;
    let ask = compatible::ask(&head, &fields, &REFRESH).map_err(|_| Refusal::bad_request(spanish::BAD_REFRESH))?;
    Ok((ask, fields))
}

async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Esta ruta solo acepta POST.")
}

/// `{"success":false,"error":…,"ruc":…`, still open.
fn failure(error: &str, number: Option<(&str, &str)>) -> Object {
    let object = Object::with_capacity(256).plain("success", false).text("error", error);
    match number {
        Some((name, number)) => object.text(name, number),
        None => object,
    }
}

/// A status other than 200 and a sentence.
struct Refusal {
    status: StatusCode,
    error: Cow<'static, str>,
    ruc: Option<Ruc>,
    wait: Option<Duration>,
    /// Why there is no answer, for the log: the code, and the whole chain.
    because: Option<(Code, Option<Cause>)>,
}

// === impl Refusal ===

impl Refusal {
    fn new(status: StatusCode, error: impl Into<Cow<'static, str>>) -> Self {
        Self { status, error: error.into(), ruc: None, wait: None, because: None }
    }

    fn bad_request(error: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    fn unknown_ruc(error: &LookupError, ruc: Ruc) -> Self {
        Self { ruc: Some(ruc), ..Self::unknown(error, spanish::unknown(error)) }
    }

    /// What could not be found out of anything but a RUC. A person's number is not repeated where there is no answer.
    fn unknown_otherwise(error: &LookupError) -> Self {
        Self::unknown(error, spanish::unknown_otherwise(error))
    }

    fn unknown(error: &LookupError, words: &'static str) -> Self {
        let because = Some((Code(error.code()), Some(Cause(error.chain()))));
        Self { wait: problem::retry_after(error), because, ..Self::new(problem::status_of(error), words) }
    }
}

/// A body that did not arrive.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let status = match problem.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        let because = Some((Code(problem.code()), None));
        Self { wait: problem.retry_after(), because, ..Self::new(status, spanish::no_body(&problem)) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = failure(&self.error, self.ruc.as_ref().map(|ruc| ("ruc", ruc.as_str()))).finish();
        let mut response = compatible::json(self.status, body);
        if let Some(wait) = self.wait {
            let seconds = HeaderValue::from(problem::whole_seconds(wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Some((code, cause)) = self.because {
            response.extensions_mut().insert(code);
            cause.map(|cause| response.extensions_mut().insert(cause));
        }
        response
    }
}
