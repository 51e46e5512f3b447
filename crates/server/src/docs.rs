//! `/docs`: a page that shows every route and tries it out, and `/docs/errors`: every problem and what to do about it.
//!
//! The page is a few files of our own that are part of the program. It reads `/openapi.json` from the server that it
//! came from and asks nobody else, which its content security policy enforces.
//! Left out: the words about each route, which the description holds.

mod errors;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

pub use self::errors::catalogue_markdown;
use crate::app::Shared;

const PAGE: &str = include_str!("../assets/docs/page.html");
const STYLE: &str = include_str!("../assets/docs/page.css");
const SCRIPT: &str = include_str!("../assets/docs/page.js");
const ICON: &str = include_str!("../assets/docs/icon.svg");

const HTML: &str = "text/html; charset=utf-8";
/// Nothing from elsewhere, nothing inside the page itself, and no other page around it.
const POLICY: &str = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/errors", get(errors))
        .route("/docs/page.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/docs/page.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/docs/icon.svg", get(async || file("image/svg+xml", ICON)))
}

/// The routes, to read and to try.
#[utoipa::path(
    get, path = "/docs", tag = "operations", operation_id = "docs",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html; charset=utf-8")),
)]
pub(crate) async fn page() -> Response {
    file(HTML, PAGE)
}

/// Every problem by its code, and what to do about it.
#[utoipa::path(
    get, path = "/docs/errors", tag = "operations", operation_id = "docs_errors",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html; charset=utf-8")),
)]
pub(crate) async fn errors() -> Response {
    file(HTML, errors::page())
}

fn file(media_type: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // A newer program brings a newer page.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
