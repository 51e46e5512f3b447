//! `/v1/ruc/…`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use super::schemas::{LookupLine, LookupRequestBody, LookupResultsBody, TaxpayerBody};

/// One taxpayer, from the freshest place that the policy allows.
///
/// A 404 with the code `absent` is an authority's word that the number does not exist; when that could not be found
/// out, the status is another one.
#[utoipa::path(
    get, path = "/v1/ruc/{ruc}", tag = "taxpayers", operation_id = "show_taxpayer",
    params(
        (
            "ruc" = String, Path,
            description = "The number, eleven digits with a right check digit.",
            example = "20131312955",
        ),
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "It exists.", body = TaxpayerBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["absent", "invalid_ruc", "invalid_query", "@lookup"])),
    ),
)]
pub(super) fn show() {}

/// Up to a thousand taxpayers: one row per number, in input order.
///
/// Each row says for itself whether its number was found; the status is 200 even if nothing could be found out. With
/// `Accept: application/x-ndjson`, or `?format=ndjson`, rows come as soon as they are known, one per line, each with its `index`.
#[utoipa::path(
    post, path = "/v1/ruc/lookup", tag = "taxpayers", operation_id = "lookup_taxpayers",
    params(
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "format" = inline(Option<String>), Query,
            description = "`ndjson` for rows as they arrive, `json` for all at once; else what `Accept` says.",
            example = "json",
        ),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    request_body(content = LookupRequestBody, content_type = "application/json"),
    responses((status = 200, description = "A row for each number.", content(
        (LookupResultsBody = "application/json"),
        (LookupLine = "application/x-ndjson"),
    ))),
    extensions(("x-answers" = json!(true)), ("x-problems" = json!(["invalid_query", "@body"]))),
)]
pub(super) fn lookup() {}
