//! `/api/v1/…` and `/api/v2/…`, described.
//!
//! Left out: the addresses that are handed on to MIGO, whose meaning only MIGO knows.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::MigoTaxpayerBody;

/// The client's token, and no more.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoTokenRequest)]
struct TokenRequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
}

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

/// A person's number to look up, and the client's token.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoPersonRequest)]
struct PersonRequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
    /// The number, eight digits.
    #[schema(example = "10117410")]
    dni: String,
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

/// A day, and the client's token.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRateRequest)]
struct RateRequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
    /// The day.
    #[schema(example = "2025-11-20")]
    fecha: String,
}

/// A range of days, and the client's token.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRatesRequest)]
struct RatesRequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
    /// The first day.
    #[schema(example = "2025-11-17")]
    fecha_inicio: String,
    /// The last day, included.
    #[schema(example = "2025-11-20")]
    fecha_fin: String,
}

/// A payment document, and the client's token.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoCpeRequest)]
struct CpeRequestBody {
    /// Any token, as long as keys are off; it is never sent on.
    #[schema(example = "my-token")]
    token: String,
    /// Who issued it.
    #[schema(example = "20131312955")]
    ruc_emisor: String,
    /// 01 factura, 03 boleta, 07 nota de crédito, 08 nota de débito, R1 recibo por honorarios.
    #[schema(example = "01")]
    tipo_comprobante: String,
    /// Its series.
    #[schema(example = "F001")]
    serie: String,
    /// Its number within the series.
    #[schema(example = "1234")]
    numero: String,
    /// When it was issued, `DD/MM/YYYY`.
    #[schema(example = "20/11/2025")]
    fecha_emision: String,
    /// Its total.
    #[schema(nullable = false, example = "118.00")]
    monto: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoPerson)]
struct PersonBody {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// The number.
    #[schema(example = "10117410")]
    dni: String,
    /// The whole name, surnames first.
    #[schema(example = "SANDBOX QUISPE MAMANI ROSA")]
    nombre: String,
}

/// A published exchange rate.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRate)]
struct RateBody {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// The day for which it was published.
    #[schema(example = "2025-11-20")]
    fecha: String,
    /// ISO code.
    #[schema(example = "USD")]
    moneda: String,
    /// What buyers pay.
    #[schema(example = "3.371")]
    precio_compra: String,
    /// What sellers ask.
    #[schema(example = "3.378")]
    precio_venta: String,
}

/// One published rate of a range.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRangeRate)]
struct RangeRateBody {
    /// The day for which it was published.
    #[schema(example = "2025-11-20")]
    fecha: String,
    /// ISO code.
    #[schema(example = "USD")]
    moneda: String,
    /// What buyers pay.
    #[schema(example = "3.371")]
    precio_compra: String,
    /// What sellers ask.
    #[schema(example = "3.378")]
    precio_venta: String,
}

/// The published rates of a range; days without one are left out.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRates)]
struct RatesBody {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// By day.
    data: Vec<RangeRateBody>,
}

/// Somebody who may sign for a company.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRepresentative)]
struct RepresentativeBody {
    /// Kind of document.
    #[schema(example = "DNI")]
    documento: String,
    /// Its number.
    #[schema(example = "10117410")]
    dni: String,
    /// The whole name.
    #[schema(example = "SANDBOX QUISPE MAMANI ROSA")]
    nombre: String,
    /// Office.
    #[schema(example = "GERENTE GENERAL")]
    cargo: String,
    /// Since when.
    #[schema(example = "2015-03-02")]
    fecha: String,
    /// The company.
    #[schema(example = "20131312955")]
    ruc: String,
}

/// Those who may sign for a company.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoRepresentatives)]
struct RepresentativesBody {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// One each.
    data: Vec<RepresentativeBody>,
}

/// The gateway's account with MIGO.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoAccount)]
struct AccountBody {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// Whose it is.
    #[schema(example = "SANDBOX CUENTA DE PRUEBA")]
    nombre: String,
    /// Their address.
    #[schema(example = "sandbox@example.com")]
    email: String,
    /// Queries left; null where MIGO gives no number.
    #[schema(required, example = 39_000)]
    consultas: Option<i64>,
}

/// What the tax authority says of a payment document, in codes; blank where it says nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = MigoCpe)]
struct CpeBody {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// 0 no existe, 1 aceptado, 2 anulado, 3 autorizado, 4 no autorizado.
    #[schema(example = "1")]
    estado_comprobante: String,
    /// Of its issuer: 00 ACTIVO, …
    #[schema(example = "00")]
    estado_contribuyente: String,
    /// Of its issuer's domicile: 00 HABIDO, …
    #[schema(example = "00")]
    condicion_domicilio: String,
    /// Remarks.
    #[schema(example = json!([]))]
    observaciones: Vec<String>,
}

/// Why there is no answer.
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

/// The gateway's own account, as MIGO's v1 answers.
#[utoipa::path(
    post, path = "/api/v1/account", tag = "migo", operation_id = "migo_v1_account",
    request_body(content(
        (TokenRequestBody = "application/json"),
        (TokenRequestBody = "application/x-www-form-urlencoded"),
        (TokenRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "What is left in it.", body = AccountBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 422, description = "`refresh` is neither true nor false.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_account() {}

/// One taxpayer, as MIGO's v1 answers.
///
/// What could not be found out is a 503, which MIGO does not have, and never a 404.
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
            description = "It could not be found out; `Retry-After` says when to ask again.",
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

/// Who may sign for a company, as MIGO's v1 answers.
#[utoipa::path(
    post, path = "/api/v1/ruc/representantes-legales", tag = "migo", operation_id = "migo_v1_representatives",
    request_body(content(
        (RequestBody = "application/json"),
        (RequestBody = "application/x-www-form-urlencoded"),
        (RequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "These.", body = RepresentativesBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "Nobody is known.", body = FailureBody),
        (status = 422, description = "The number has not eleven digits, or is missing.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_representatives() {}

/// One person, as MIGO's v1 answers.
#[utoipa::path(
    post, path = "/api/v1/dni", tag = "migo", operation_id = "migo_v1_dni",
    request_body(content(
        (PersonRequestBody = "application/json"),
        (PersonRequestBody = "application/x-www-form-urlencoded"),
        (PersonRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "They exist.", body = PersonBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "Nobody has this number.", body = FailureBody),
        (status = 422, description = "It has not eight digits, or is missing.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_dni() {}

/// The last published exchange rate, as MIGO's v1 answers.
#[utoipa::path(
    post, path = "/api/v1/exchange/latest", tag = "migo", operation_id = "migo_v1_latest_rate",
    request_body(content(
        (TokenRequestBody = "application/json"),
        (TokenRequestBody = "application/x-www-form-urlencoded"),
        (TokenRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The rate.", body = RateBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "None was published.", body = FailureBody),
        (status = 422, description = "`refresh` is neither true nor false.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_latest_rate() {}

/// The exchange rate published for a day, as MIGO's v1 answers.
///
/// A day without a rate of its own has none here; `/v1/rates/{date}` gives the one that holds on it.
#[utoipa::path(
    post, path = "/api/v1/exchange/date", tag = "migo", operation_id = "migo_v1_rate",
    request_body(content(
        (RateRequestBody = "application/json"),
        (RateRequestBody = "application/x-www-form-urlencoded"),
        (RateRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The rate.", body = RateBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "None was published for this day.", body = FailureBody),
        (status = 422, description = "It is no day, or is missing.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_rate() {}

/// The exchange rates published in a range of days, as MIGO's v1 answers.
#[utoipa::path(
    post, path = "/api/v1/exchange", tag = "migo", operation_id = "migo_v1_rates",
    request_body(content(
        (RatesRequestBody = "application/json"),
        (RatesRequestBody = "application/x-www-form-urlencoded"),
        (RatesRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The rates.", body = RatesBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "None was published.", body = FailureBody),
        (status = 422, description = "A day is none, or missing, or the range ends before it begins.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_rates() {}

/// Whether a payment document is valid, as MIGO's v1 answers.
#[utoipa::path(
    post, path = "/api/v1/cpe", tag = "migo", operation_id = "migo_v1_cpe",
    request_body(content(
        (CpeRequestBody = "application/json"),
        (CpeRequestBody = "application/x-www-form-urlencoded"),
        (CpeRequestBody = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "What is known of it.", body = CpeBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 422, description = "A field is missing or wrong.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v1_cpe() {}

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

/// One person, as MIGO's v2 answers.
#[utoipa::path(
    get, path = "/api/v2/dni/{dni}", tag = "migo", operation_id = "migo_v2_dni",
    params(
        ("dni" = String, Path, description = "The number, eight digits.", example = "10117410"),
        (
            "Authorization" = String, Header,
            description = "`Bearer` and any token, as long as keys are off.",
            example = "Bearer my-token",
        ),
    ),
    responses(
        (status = 200, description = "They exist.", body = PersonBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "Nobody has this number.", body = FailureBody),
        (status = 422, description = "It has not eight digits.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v2_dni() {}

/// The exchange rate published for a day, as MIGO's v2 answers.
#[utoipa::path(
    get, path = "/api/v2/tipo-cambio/sunat", tag = "migo", operation_id = "migo_v2_rate",
    params(
        ("fecha" = String, Query, description = "The day.", example = "2025-11-20"),
        (
            "Authorization" = String, Header,
            description = "`Bearer` and any token, as long as keys are off.",
            example = "Bearer my-token",
        ),
    ),
    responses(
        (status = 200, description = "The rate.", body = RateBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "None was published for this day.", body = FailureBody),
        (status = 422, description = "It is no day, or is missing.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v2_rate() {}

/// The last published exchange rate, as MIGO's v2 answers.
#[utoipa::path(
    get, path = "/api/v2/tipo-cambio/sunat/ultimo", tag = "migo", operation_id = "migo_v2_latest_rate",
    params(
        (
            "Authorization" = String, Header,
            description = "`Bearer` and any token, as long as keys are off.",
            example = "Bearer my-token",
        ),
    ),
    responses(
        (status = 200, description = "The rate.", body = RateBody),
        (status = 401, description = "No token.", body = FailureBody),
        (status = 404, description = "None was published.", body = FailureBody),
        (status = 422, description = "`refresh` is neither true nor false.", body = FailureBody),
        (
            status = 503,
            description = "It could not be found out; `Retry-After` says when to ask again.",
            body = FailureBody,
        ),
    ),
    extensions(("x-answers" = json!(true))),
)]
pub(super) fn v2_latest_rate() {}
