//! `/api/v1/…` and `/api/v2/…`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::MigoTaxpayerBody;

/// A number to look up, and the client's token.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRequest)]
struct RequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
    /// The number.
    #[schema(example = "20131312955")]
    ruc: String,
}

/// Numbers to look up, and the client's token.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoCollectionRequest)]
struct CollectionRequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
    /// The numbers; `ruc[]` in forms.
    #[schema(min_items = 1, max_items = 100, example = json!(["20131312955", "20000000001"]))]
    ruc: Vec<String>,
}

/// Why there is no taxpayer.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoFailure)]
struct FailureBody {
    /// False; missing where MIGO leaves it out, as in 401.
    #[schema(nullable = false, example = false)]
    success: Option<bool>,
    /// In words.
    #[schema(example = "RUC no encontrado")]
    message: String,
    /// What is wrong with the request, by field, with 422.
    #[schema(nullable = false)]
    errors: Option<BTreeMap<String, Vec<String>>>,
}

/// One taxpayer, as MIGO's v1 answers.
///
/// What could not be found out is a 503 with `Retry-After`, which MIGO does not have, and never a 404.
#[utoipa::path(
    post, path = "/api/v1/ruc", tag = "migo", operation_id = "migo_v1_ruc",
    request_body(content(
        (RequestBody = "application/json"),
        (RequestBody = "application/x-www-form-urlencoded"),
        (RequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "It exists.", body = MigoTaxpayerBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "It does not exist.", body = FailureBody),
        (status = 422, description = "It has not eleven digits, or is missing.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_ruc() {}

/// Up to a hundred taxpayers, as MIGO's v1 answers.
///
/// A number that does not exist is left out. If one could not be found out the whole answer is a 503, because leaving
/// it out would say that it does not exist.
#[utoipa::path(
    post, path = "/api/v1/ruc/collection", tag = "migo", operation_id = "migo_v1_collection",
    request_body(content(
        (CollectionRequestBody = "application/json"),
        (CollectionRequestBody = "application/x-www-form-urlencoded"),
        (CollectionRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "Those that exist.", body = Vec<MigoTaxpayerBody>),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 422, description = "There are too many, or none.", body = FailureBody),
        (
            status = 503,
            description = "One could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_collection() {}

/// One taxpayer, as MIGO's v1 answers to a Bearer token.
#[utoipa::path(
    get, path = "/api/v1/ruc/{ruc}", tag = "migo", operation_id = "migo_v1_get_ruc",
    params(
        ("ruc" = String, Path, description = "The number.", example = "20131312955"),
        (
            "Authorization" = String, Header,
            description = "`Bearer` and any token, as long as keys are off.",
            example = "Bearer my-token",
        ),
    ),
    responses(
        (status = 200, description = "It exists.", body = MigoTaxpayerBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "It does not exist.", body = FailureBody),
        (status = 422, description = "It has not eleven digits.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_get_ruc() {}

/// One taxpayer, as MIGO's v2 answers.
#[utoipa::path(
    get, path = "/api/v2/ruc/{ruc}", tag = "migo", operation_id = "migo_v2_ruc",
    params(
        ("ruc" = String, Path, description = "The number.", example = "20131312955"),
        (
            "Authorization" = String, Header,
            description = "`Bearer` and any token, as long as keys are off.",
            example = "Bearer my-token",
        ),
    ),
    responses(
        (status = 200, description = "It exists.", body = MigoTaxpayerBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "It does not exist.", body = FailureBody),
        (status = 422, description = "It has not eleven digits.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v2_ruc() {}
