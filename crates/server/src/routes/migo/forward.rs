//! The addresses of MIGO that Chasqui does not know: handed on once, with our token in place of the client's.
//!
//! Nothing of a request is passed on as it came. It is taken apart, checked, and put together anew out of a method, a
//! plain path, pairs of a query and fields of a body; so there is no header to smuggle, no other host to reach and no
//! way to have our token put anywhere but where MIGO reads it.
//! Left out: the sending and the token, which the provider's client knows; and memory, because nobody here understands
//! what comes back.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use chasqui_core::{RawBody, RawQuestion};
use chasqui_migo::{Failure, request as wire};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::request::{admit, bearer};
use crate::app::Shared;
use crate::headers;
use crate::routes::input;

/// Somebody between MIGO and us refused.
const NO_ANSWER: &str = "El proveedor falló; no se sabe la respuesta.";
/// A body whose token cannot be told from the rest.
const UNSUPPORTED: &str = "Esta ruta acepta cuerpos application/json o application/x-www-form-urlencoded.";

/// A request without its token, and the token.
struct Stripped<T> {
    rest: T,
    token: Option<String>,
}

/// Hands a request on.
pub(super) async fn forward(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    // An address that only names the interface, or one that no client of MIGO writes, is one that MIGO does not have.
    let path = head.uri.path();
    if !is_plain(path) {
        return Err(Failure::path_not_found().into());
    }
    if !matches!(head.method, Method::GET | Method::POST) {
        return Err(Refusal::wrong_method("GET,POST"));
    }
    let patience = input::patience(&head.headers);
    let media_type = input::media_type(&head.headers).map(str::to_ascii_lowercase);
    let body = input::read_body(&shared, body).await?;
    let body = strip_body(media_type.as_deref(), &body)?;
    let query = strip_query(head.uri.query());
    admit(body.token.as_deref().or_else(|| bearer(&head.headers)).or(query.token.as_deref()))?;
    let question = RawQuestion {
        method: head.method.as_str().to_owned(),
        path: path.to_owned(),
        query: query.rest,
        body: body.rest,
    };
    let reply = shared.lookups.forward(question, patience).await.map_err(|error| Refusal::unknown_other(&error))?;
    // A refusal that is not in MIGO's format is not MIGO's, but that of something in between, and a client would take
    // its status for an answer.
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    if !status.is_success() && serde_json::from_slice::<Map<String, Value>>(&reply.body).is_err() {
        return Err(Refusal::unknown("upstream_error", NO_ANSWER, None));
    }
    Ok(respond(&shared, status, reply.content_type.as_deref(), reply.body))
}

fn respond(shared: &Shared, status: StatusCode, content_type: Option<&str>, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let out = response.headers_mut();
    if let Some(kind) = content_type.and_then(|kind| HeaderValue::from_str(kind).ok()) {
        out.insert(header::CONTENT_TYPE, kind);
    }
    // What comes from elsewhere is no page of ours: a browser that is led here runs nothing of it.
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(source) = HeaderValue::from_str(shared.lookups.keys().service()) {
        out.insert(headers::SOURCE, source);
    }
    out.insert(headers::CACHE, HeaderValue::from_static("miss"));
    response
}

/// Whether a path is made of plain words alone: no escapes, no dots that climb, no empty parts.
fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/v1/").or_else(|| path.strip_prefix("/api/v2/")) else { return false };
    rest.len() <= 512
        && rest.split('/').all(|part| {
            let is_word = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.' | b'~');
            !part.is_empty() && part.bytes().all(is_word) && part.bytes().any(|letter| letter != b'.')
        })
}

/// Takes the token out of a query and writes the rest anew.
fn strip_query(query: Option<&str>) -> Stripped<Option<String>> {
    let pairs: Vec<(String, String)> =
        query.and_then(|query| serde_urlencoded::from_str(query).ok()).unwrap_or_default();
    let Stripped { rest, token } = strip_pairs(pairs);
    let rest = serde_urlencoded::to_string(rest).ok().filter(|query| !query.is_empty());
    Stripped { rest, token }
}

fn strip_pairs(pairs: Vec<(String, String)>) -> Stripped<Vec<(String, String)>> {
    let (tokens, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| is_token(name));
    Stripped { rest, token: tokens.into_iter().next_back().map(|(_, token)| token) }
}

/// Takes the token out of a body. Its type must be one whose fields can be told.
fn strip_body(media_type: Option<&str>, body: &[u8]) -> Result<Stripped<RawBody>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(Stripped { rest: RawBody::Empty, token: None });
    }
    let unsupported = || {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16();
        Refusal::from(Failure::unsuccessful(status, UNSUPPORTED))
    };
    match media_type {
        Some("application/x-www-form-urlencoded") => {
            let pairs = serde_urlencoded::from_bytes(body).map_err(|_| unsupported())?;
            let Stripped { rest, token } = strip_pairs(pairs);
            Ok(Stripped { rest: RawBody::Form(rest), token })
        }
        None | Some("application/json") => {
            let mut members: Map<String, Value> = serde_json::from_slice(body).map_err(|_| unsupported())?;
            let token = members.get(wire::TOKEN).and_then(Value::as_str).map(str::to_owned);
            members.retain(|name, _| !is_token(name));
            let rest = serde_json::to_vec(&members).expect("an object that was read can be written");
            Ok(Stripped { rest: RawBody::JsonObject(rest.into()), token })
        }
        Some(_) => Err(unsupported()),
    }
}

/// Whether a field is the token to MIGO's framework, which overlooks blanks before a name and reads `token[]` too.
fn is_token(name: &str) -> bool {
    name.trim_start().split('[').next().is_some_and(|name| name.trim_end() == wire::TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_below_the_two_interfaces_are_handed_on() {
        for path in ["/api/v1/ruc/agentes-retencion", "/api/v2/comisiones-afp/2026-01", "/api/v1/a.b/c_d~e"] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "/api/v1",
            "/api/v1/",
            "/api/v3/x",
            "/api/v1/../admin",
            "/api/v1/x/..",
            "/api/v1/./x",
            "/api/v1/.../x",
            "/api/v1//x",
            "/api/v1/x//y",
            "/api/v1/%2e%2e/x",
            "/api/v1/x%2fy",
            "/api/v1/x%5cy",
            "/api/v1/x\\y",
            "/api/v1/http:",
            "/api/v1/x@evil.example",
            "/api/v1/x;y",
            "/api/v1/ñ",
        ] {
            assert!(!is_plain(path), "{path}");
        }
        assert!(!is_plain(&format!("/api/v1/{}", "x".repeat(513))));
    }

    #[test]
    fn a_token_is_found_and_taken_out_wherever_it_is_written() {
        let query = strip_query(Some("a=1&token=T&%74oken=U&+token[]=V&b=x%20y&tokens=W"));
        assert_eq!(query.rest.as_deref(), Some("a=1&b=x+y&tokens=W"));
        assert_eq!(query.token.as_deref(), Some("V"));
        assert!(strip_query(Some("token=T")).rest.is_none());

        let form = strip_body(Some("application/x-www-form-urlencoded"), b"ruc=1&token=T").ok().unwrap();
        assert_eq!(form.token.as_deref(), Some("T"));
        assert!(form.rest == RawBody::Form(vec![("ruc".to_owned(), "1".to_owned())]));

        let json = strip_body(None, br#"{"ruc":"1","\u0074oken":"T","token ":"U"}"#).ok().unwrap();
        assert_eq!(json.token.as_deref(), Some("T"));
        assert!(json.rest == RawBody::JsonObject(Bytes::from_static(br#"{"ruc":"1"}"#)));
    }

    #[test]
    fn a_body_whose_fields_cannot_be_told_is_refused() {
        for (kind, body) in [
            (Some("multipart/form-data"), "--X"),
            (Some("text/plain"), "x"),
            (Some("application/json"), "[]"),
            (None, "token=T"),
        ] {
            assert!(strip_body(kind, body.as_bytes()).is_err(), "{kind:?} {body}");
        }
        assert!(strip_body(Some("multipart/form-data"), b"").is_ok());
    }
}
