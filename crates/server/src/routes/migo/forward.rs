//! The addresses of MIGO that Chasqui does not know: handed on once, with our token in place of the client's.
//!
//! Nothing of a request is passed on as it came. It is taken apart, checked, and put together anew out of a method, a
//! plain path, pairs of a query and fields of a body; so there is no header to smuggle, no other host to reach, no other
//! method to name and no way to have our token put anywhere but where MIGO reads it. What a field holds is not touched:
//! `118.10` stays `118.10`.
//! Left out: the sending and the token, which the provider's client knows; and memory, because nobody here understands
//! what comes back.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use chasqui_core::{RawBody, RawQuestion};
use chasqui_migo::{Failure, request as wire};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::members::Members;
use super::refusal::Refusal;
use super::request::{admit, bearer};
use crate::app::Shared;
use crate::headers;
use crate::problem::Problem;
use crate::routes::input;

/// Somebody between MIGO and us refused.
const NO_ANSWER: &str = "El proveedor falló; no se sabe la respuesta.";
/// A body whose token cannot be told from the rest.
const UNSUPPORTED: &str = "Esta ruta acepta cuerpos application/json o application/x-www-form-urlencoded.";
/// A name that a framework would read as another one than we do.
const BAD_NAME: &str = "Los nombres de los campos no pueden llevar caracteres de control.";
/// The largest body that is handed on, in bytes; far more than a question needs.
const MAX_BODY: usize = 256 * 1024;
/// The methods that are handed on.
const METHODS: &str = "GET,POST";
/// The field by which MIGO's framework lets a form ask for another method.
const METHOD: &str = "_method";

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
        return Err(Refusal::wrong_method(METHODS));
    }
    let patience = input::patience(&head.headers);
    let media_type = input::media_type(&head.headers).map(str::to_ascii_lowercase);
    let body = input::read_body(&shared, body).await?;
    let body = strip_body(media_type.as_deref(), &body)?;
    let query = strip_query(head.uri.query())?;
    admit(body.token.as_deref().or_else(|| bearer(&head.headers)).or(query.token.as_deref()))?;
    let question = RawQuestion {
        method: head.method.as_str().to_owned(),
        path: path.to_owned(),
        query: query.rest,
        body: body.rest,
    };
    let reply = shared.lookups.forward(question, patience).await.map_err(|error| Refusal::unknown_other(&error))?;
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    if !is_migos(status, &reply.body) {
        return Err(Refusal::unknown("upstream_error", NO_ANSWER, None));
    }
    Ok(respond(&shared, status, reply.content_type.as_deref(), reply.body))
}

/// Whether a reply can be MIGO's own. Something in between speaks in pages, and a client would take its status for an
/// answer.
fn is_migos(status: StatusCode, body: &[u8]) -> bool {
    if status.is_success() {
        serde_json::from_slice::<&RawValue>(body).is_ok_and(|value| value.get().starts_with(['{', '[']))
    } else {
        serde_json::from_slice::<Map<String, Value>>(body).is_ok()
    }
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

/// Takes the token out of a query and leaves the other pairs as they are written.
fn strip_query(query: Option<&str>) -> Result<Stripped<Option<String>>, Refusal> {
    let (mut rest, mut token) = (Vec::new(), None);
    for pair in query.unwrap_or_default().split('&') {
        let read: Vec<(String, String)> = serde_urlencoded::from_str(pair).map_err(|_| bad_name())?;
        match read.into_iter().next() {
            Some((name, value)) if is_ours(&name)? => token = Some(value),
            Some(_) => rest.push(pair),
            None => {}
        }
    }
    Ok(Stripped { rest: Some(rest.join("&")).filter(|query| !query.is_empty()), token })
}

fn strip_pairs(pairs: Vec<(String, String)>) -> Result<Stripped<Vec<(String, String)>>, Refusal> {
    let (mut rest, mut token) = (Vec::new(), None);
    for (name, value) in pairs {
        if is_ours(&name)? {
            token = Some(value);
        } else {
            rest.push((name, value));
        }
    }
    Ok(Stripped { rest, token })
}

fn strip_members(members: Members<'_>) -> Result<Stripped<Members<'_>>, Refusal> {
    let (mut rest, mut token) = (Vec::new(), None);
    for (name, value) in members.0 {
        if is_ours(&name)? {
            // Of a name that is written twice the last one counts; what is no text is no token.
            token = serde_json::from_str(value.get()).ok().filter(|_| name == wire::TOKEN).or(token);
        } else {
            rest.push((name, value));
        }
    }
    Ok(Stripped { rest: Members(rest), token })
}

/// Takes the token out of a body. Its type must be one whose fields can be told.
fn strip_body(media_type: Option<&str>, body: &[u8]) -> Result<Stripped<RawBody>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(Stripped { rest: RawBody::Empty, token: None });
    }
    check_size(body.len())?;
    let unsupported = || {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16();
        Refusal::from(Failure::unsuccessful(status, UNSUPPORTED))
    };
    match media_type {
        Some("application/x-www-form-urlencoded") => {
            let pairs = serde_urlencoded::from_bytes(body).map_err(|_| unsupported())?;
            let Stripped { rest, token } = strip_pairs(pairs)?;
            // Written anew, a letter may take three times its room.
            check_size(serde_urlencoded::to_string(&rest).map_err(|_| unsupported())?.len())?;
            Ok(Stripped { rest: RawBody::Form(rest), token })
        }
        None | Some("application/json") => {
            let members = serde_json::from_slice(body).map_err(|_| unsupported())?;
            let Stripped { rest, token } = strip_members(members)?;
            let rest = serde_json::to_vec(&rest).expect("an object that was read can be written");
            Ok(Stripped { rest: RawBody::JsonObject(rest.into()), token })
        }
        Some(_) => Err(unsupported()),
    }
}

fn check_size(n_bytes: usize) -> Result<(), Refusal> {
    if n_bytes > MAX_BODY { Err(Problem::too_large(MAX_BODY as u64).into()) } else { Ok(()) }
}

/// Whether a field is the token. Fields that nobody may hand on are refused.
///
/// MIGO's framework overlooks blanks before a name, reads `token[]` too, and takes a blank or a point for `_`.
fn is_ours(name: &str) -> Result<bool, Refusal> {
    // A framework may end a name at a NUL, or overlook other such characters.
    if name.contains(char::is_control) {
        return Err(bad_name());
    }
    let name = name.trim().split('[').next().unwrap_or_default().trim_end();
    if name.replace([' ', '.'], "_") == METHOD {
        return Err(Refusal::wrong_method(METHODS));
    }
    Ok(name == wire::TOKEN)
}

fn bad_name() -> Refusal {
    Failure::unsuccessful(StatusCode::UNPROCESSABLE_ENTITY.as_u16(), BAD_NAME).into()
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
        let query = strip_query(Some("a=1&token=T&%74oken=U&&+token[]=V&b=x%20y&c=+&d&tokens=W")).ok().unwrap();
        assert_eq!(query.rest.as_deref(), Some("a=1&b=x%20y&c=+&d&tokens=W"));
        assert_eq!(query.token.as_deref(), Some("V"));
        assert!(strip_query(Some("token=T")).ok().unwrap().rest.is_none());
        assert!(strip_query(None).ok().unwrap().rest.is_none());

        let form = strip_body(Some("application/x-www-form-urlencoded"), b"ruc=1&token=T").ok().unwrap();
        assert_eq!(form.token.as_deref(), Some("T"));
        assert!(form.rest == RawBody::Form(vec![("ruc".to_owned(), "1".to_owned())]));

        let json = strip_body(None, br#"{"ruc":"1","\u0074oken":"T","token ":"U"}"#).ok().unwrap();
        assert_eq!(json.token.as_deref(), Some("T"));
        assert!(json.rest == RawBody::JsonObject(Bytes::from_static(br#"{"ruc":"1"}"#)));
    }

    #[test]
    fn what_members_hold_is_handed_on_letter_by_letter() {
        let body =
            r#"{"z":118.10,"a":123456789012345678901234567890,"n":{"b" : [1e2, 0.10]},"s":"\u00f1","token":"T"}"#;
        let json = strip_body(None, body.as_bytes()).ok().unwrap();
        let rest = body.replace(r#","token":"T""#, "");
        assert!(json.rest == RawBody::JsonObject(rest.into()));
    }

    #[test]
    fn names_that_ask_for_another_method_or_hold_control_characters_are_refused() {
        for name in [
            "_method",
            "%5fmethod",
            "+_method",
            "_method[]",
            ".method",
            "+.method",
            "_method%00",
            "to%00ken",
            "%0Atoken",
        ] {
            let pair = format!("a=1&{name}=DELETE");
            assert!(strip_query(Some(&pair)).is_err(), "{name}");
            assert!(strip_body(Some("application/x-www-form-urlencoded"), pair.as_bytes()).is_err(), "{name}");
        }
        for name in ["_method", "\\u005fmethod", " _method", "_method[x]", "token\\u0000", "a\\u009f"] {
            assert!(strip_body(None, format!(r#"{{"a":1,"{name}":"PUT"}}"#).as_bytes()).is_err(), "{name}");
        }
        for name in ["method", "a_method", "_methods", "__method"] {
            assert!(strip_query(Some(&format!("{name}=x"))).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_body_is_handed_on_up_to_a_size() {
        let form = Some("application/x-www-form-urlencoded");
        let fits = format!("a={}", "x".repeat(MAX_BODY - 2));
        assert!(strip_body(form, fits.as_bytes()).is_ok());
        assert!(strip_body(form, format!("{fits}x").as_bytes()).is_err());
        // `/` is written as `%2F`.
        assert!(strip_body(form, format!("a={}", "/".repeat(MAX_BODY / 2)).as_bytes()).is_err());
        let json = |n_bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(n_bytes - 8));
        assert!(strip_body(None, json(MAX_BODY).as_bytes()).is_ok());
        assert!(strip_body(None, json(MAX_BODY + 1).as_bytes()).is_err());
    }

    #[test]
    fn only_an_object_or_a_list_is_an_answer_of_migos() {
        for body in ["{}", " [] ", r#"{"a":[1]}"#, "\n[{}]"] {
            assert!(is_migos(StatusCode::OK, body.as_bytes()), "{body}");
        }
        for body in ["", "<h1>hola</h1>", "\"ok\"", "1", "null", "true", "{", "{}x", "[1,"] {
            assert!(!is_migos(StatusCode::OK, body.as_bytes()), "{body}");
        }
        assert!(!is_migos(StatusCode::NOT_FOUND, b"[]") && is_migos(StatusCode::NOT_FOUND, b"{}"));
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
