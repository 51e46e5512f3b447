//! `/api/…` of the app that Chasqui replaces, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::MigoTaxpayerBody;

/// A number to look up.
#[derive(Serialize, ToSchema)]
#[schema(as = OldRequest)]
struct RequestBody {
    /// The number.
    #[schema(example = "20131312955")]
    ruc: String,
    /// Ask anew, whatever is remembered.
    #[schema(required = false, example = false)]
    force_refresh: bool,
    /// Accepted, and without effect until partners are kept.
    #[schema(required = false, example = false)]
    update_partner: bool,
}

/// Numbers to look up.
#[derive(Serialize, ToSchema)]
#[schema(as = OldBulkRequest)]
struct BulkRequestBody {
    /// The numbers.
    #[schema(min_items = 1, max_items = 10_000, example = json!(["20131312955", "20000000001"]))]
    rucs: Vec<String>,
    /// Numbers in one call upstream.
    #[schema(required = false, minimum = 1, maximum = 100, example = 100)]
    batch_size: u32,
    /// Ask anew, whatever is remembered.
    #[schema(required = false, example = false)]
    force_refresh: bool,
    /// Accepted, and without effect until partners are kept.
    #[schema(required = false, example = false)]
    update_partners: bool,
}

/// Why there is no taxpayer.
#[derive(Serialize, ToSchema)]
#[schema(as = OldFailure)]
struct FailureBody {
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// In words, in Spanish.
    #[schema(example = "RUC es requerido")]
    error: String,
    /// The number, if there was one.
    #[schema(nullable = false, example = "20000000001")]
    ruc: Option<String>,
    /// The document's number, in an answer about one.
    #[schema(nullable = false, example = "10117410")]
    dni: Option<String>,
    /// Present, and true, if it is no number.
    #[schema(nullable = false)]
    invalid_format: Option<bool>,
    /// Present, and true, if an authority says that it does not exist.
    #[schema(nullable = false, example = true)]
    invalid_sunat: Option<bool>,
    /// 404, if an authority says that there is none.
    #[schema(nullable = false, example = 404)]
    status_code: Option<u16>,
}

/// A taxpayer, or a failure whose flags say what it is.
#[derive(Serialize, ToSchema)]
#[schema(as = OldAnswer)]
#[serde(untagged)]
enum AnswerBody {
    Found(Box<MigoTaxpayerBody>),
    Failure(FailureBody),
}

/// A document to look up.
#[derive(Serialize, ToSchema)]
#[schema(as = OldPersonRequest)]
struct PersonRequestBody {
    /// The number.
    #[schema(example = "10117410")]
    dni: String,
    /// Ask anew, whatever is remembered.
    #[schema(required = false, example = false)]
    force_refresh: bool,
}

/// The holder of a document, as MIGO writes one.
#[derive(Serialize, ToSchema)]
#[schema(as = OldPerson)]
struct PersonBody {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// The number.
    #[schema(example = "10117410")]
    dni: String,
    /// The whole name, surnames first.
    #[schema(example = "SANDBOX APELLIDO NOMBRE")]
    nombre: String,
}

/// A person, or a failure whose flags say what it is.
#[derive(Serialize, ToSchema)]
#[schema(as = OldPersonAnswer)]
#[serde(untagged)]
enum PersonAnswerBody {
    Found(PersonBody),
    Failure(FailureBody),
}

/// An exchange rate, as MIGO writes one.
#[derive(Serialize, ToSchema)]
#[schema(as = OldRate)]
struct RateBody {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// The day for which it was published.
    #[schema(example = "2026-11-20")]
    fecha: String,
    /// The foreign currency.
    #[schema(example = "USD")]
    moneda: String,
    /// What buyers pay.
    #[schema(example = "3.431")]
    precio_compra: String,
    /// What sellers ask.
    #[schema(example = "3.437")]
    precio_venta: String,
}

/// A rate, or the failure that none is published.
#[derive(Serialize, ToSchema)]
#[schema(as = OldRateAnswer)]
#[serde(untagged)]
enum RateAnswerBody {
    Found(RateBody),
    Failure(FailureBody),
}

/// What became of many numbers. Counts are over distinct numbers, except `total_consultados`.
#[derive(Serialize, ToSchema)]
#[schema(as = OldBulkAnswer)]
struct BulkAnswerBody {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// Numbers asked for, repeats included.
    #[schema(example = 2)]
    total_consultados: usize,
    /// The same as `validos`.
    #[schema(example = 1)]
    exitosos: usize,
    /// Found.
    #[schema(example = 1)]
    validos: usize,
    /// No numbers, or numbers that do not exist.
    #[schema(example = 1)]
    invalidos: usize,
    /// Could not be found out.
    #[schema(example = 0)]
    errores: usize,
    /// How long it took.
    #[schema(example = 120)]
    duration_ms: u64,
    /// Repeats that were left out.
    #[schema(example = 0)]
    duplicates_removed: usize,
    /// Numbers answered from memory.
    #[schema(example = 0)]
    cache_hits: u32,
    /// Calls made upstream.
    #[schema(example = 1)]
    api_calls: u32,
    /// Batches that were sent.
    #[schema(example = 1)]
    batches_processed: u32,
    /// The numbers, by what became of them, in order of first appearance.
    data: BulkDataBody,
}

/// Numbers by what became of them.
#[derive(Serialize, ToSchema)]
#[schema(as = OldBulkData)]
struct BulkDataBody {
    /// Found.
    validos: Vec<BulkFoundBody>,
    /// No numbers, or numbers that do not exist.
    invalidos: Vec<BulkFailureBody>,
    /// Could not be found out.
    errores: Vec<BulkFailureBody>,
}

/// A number that was found.
#[derive(Serialize, ToSchema)]
#[schema(as = OldBulkFound)]
struct BulkFoundBody {
    /// The number.
    #[schema(example = "20131312955")]
    ruc: String,
    /// The taxpayer.
    data: MigoTaxpayerBody,
}

/// A number without a taxpayer.
#[derive(Serialize, ToSchema)]
#[schema(as = OldBulkFailure)]
struct BulkFailureBody {
    /// The number as it was given.
    #[schema(example = "20000000001")]
    ruc: String,
    /// In words, in Spanish.
    error: String,
    /// `invalid` or `error`.
    #[schema(example = "invalid")]
    r#type: String,
    /// With `invalid`: `format` if it is no number, `sunat` if it does not exist.
    #[schema(nullable = false, example = "sunat")]
    subtype: Option<String>,
}

/// One taxpayer, with the old app's body.
///
/// The status is 200 for a number that was found, that is no number (`invalid_format`) or that does not exist
/// (`invalid_sunat`). What could not be found out has neither flag and another status.
#[utoipa::path(
    post, path = "/api/ruc/consultar-async/", tag = "old app", operation_id = "old_ruc",
    request_body(content(
        (RequestBody = "application/json"),
        (RequestBody = "application/x-www-form-urlencoded"),
        (RequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "Found, or one of the two flags.", body = AnswerBody),
        (status = 400, description = "No number was given, or the body cannot be read.", body = FailureBody),
        (status = 408, description = "The body took too long to arrive.", body = FailureBody),
        (status = 413, description = "The body is too large.", body = FailureBody),
        (status = 429, description = "The provider's limit is used up for now.", body = FailureBody),
        (status = 502, description = "The provider failed, or refuses this gateway.", body = FailureBody),
        (status = 503, description = "The provider is left alone for a moment.", body = FailureBody),
        (status = 504, description = "The provider did not answer in time.", body = FailureBody),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn one() {}

/// Many taxpayers, with the old app's body.
///
/// The status is 200 even if nothing could be found out: each number says so under `errores`.
#[utoipa::path(
    post, path = "/api/ruc/consultar-masivo-async/", tag = "old app", operation_id = "old_ruc_bulk",
    request_body(content = BulkRequestBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The numbers, by what became of them.", body = BulkAnswerBody),
        (status = 400, description = "No numbers were given, or the body cannot be read.", body = FailureBody),
        (status = 408, description = "The body took too long to arrive.", body = FailureBody),
        (status = 413, description = "The body is too large.", body = FailureBody),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn many() {}

/// The holder of a document, with the old app's body.
///
/// Statuses and flags are those of `/api/ruc/consultar-async/`. Where there is no answer, the number is not repeated.
#[utoipa::path(
    post, path = "/api/dni/consultar-async/", tag = "old app", operation_id = "old_dni",
    request_body(content(
        (PersonRequestBody = "application/json"),
        (PersonRequestBody = "application/x-www-form-urlencoded"),
        (PersonRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "Found, or one of the two flags.", body = PersonAnswerBody),
        (status = 400, description = "No number was given, or the body cannot be read.", body = FailureBody),
        (status = 408, description = "The body took too long to arrive.", body = FailureBody),
        (status = 413, description = "The body is too large.", body = FailureBody),
        (status = 429, description = "The provider's limit is used up for now.", body = FailureBody),
        (status = 502, description = "The provider failed, or refuses this gateway.", body = FailureBody),
        (status = 503, description = "The provider is left alone for a moment.", body = FailureBody),
        (status = 504, description = "The provider did not answer in time.", body = FailureBody),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn person() {}

/// The last published exchange rate, with the old app's body.
#[utoipa::path(
    get, path = "/api/tipo-cambio/", tag = "old app", operation_id = "old_rate",
    params(
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
    ),
    responses(
        (status = 200, description = "The rate, or that none is published.", body = RateAnswerBody),
        (status = 400, description = "`refresh` is neither true nor false.", body = FailureBody),
        (status = 429, description = "The provider's limit is used up for now.", body = FailureBody),
        (status = 502, description = "The provider failed, or refuses this gateway.", body = FailureBody),
        (status = 503, description = "The provider is left alone for a moment.", body = FailureBody),
        (status = 504, description = "The provider did not answer in time.", body = FailureBody),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn rate() {}
