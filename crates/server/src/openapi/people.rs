//! `/v1/dni/…`, `/v1/ruc/…/representatives` and `/v1/account`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::MetaBody;

/// The holder of a document, and where the answer comes from.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
struct PersonBody {
    /// The number.
    #[schema(example = "10117410")]
    dni: String,
    /// The whole name, surnames first.
    #[schema(example = "SANDBOX APELLIDO NOMBRE")]
    nombre: String,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// Those who represent a company, and where the answer comes from.
#[derive(Serialize, ToSchema)]
#[schema(as = Representatives)]
struct RepresentativesBody {
    /// The company.
    #[schema(example = "20131312955")]
    ruc: String,
    /// The people.
    representantes: Vec<RepresentativeBody>,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// Somebody who represents a company: MIGO's fields, blanks null.
#[derive(Serialize, ToSchema)]
#[schema(as = Representative)]
struct RepresentativeBody {
    /// Kind of document.
    #[schema(required = true, example = "DNI")]
    documento: Option<String>,
    /// Number of the document, whatever its kind.
    #[schema(required = true, example = "10117410")]
    dni: Option<String>,
    /// The whole name.
    #[schema(required = true, example = "SANDBOX APELLIDO NOMBRE")]
    nombre: Option<String>,
    /// Office.
    #[schema(required = true, example = "GERENTE GENERAL")]
    cargo: Option<String>,
    /// Since when, as the source wrote it.
    #[schema(required = true, example = "2015-03-01")]
    fecha: Option<String>,
}

/// The account with the provider, and when that was so.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountBody {
    /// Whose it is.
    #[schema(required = true, example = "SANDBOX S.A.C.")]
    nombre: Option<String>,
    /// Their address.
    #[schema(required = true, example = "sandbox@example.com")]
    email: Option<String>,
    /// Queries left, where the source gives a number.
    #[schema(required = true, example = 39_998)]
    consultas: Option<i64>,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// The holder of a document.
///
/// The number and the name stand in this answer alone: no log, metric or error holds them.
#[utoipa::path(
    get, path = "/v1/dni/{dni}", tag = "people", operation_id = "show_person",
    params(
        ("dni" = String, Path, description = "The number, eight digits.", example = "10117410"),
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "They exist.", body = PersonBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["absent", "invalid_dni", "invalid_query", "@lookup"])),
    ),
)]
pub(super) fn person() {}

/// Who represents a taxpayer.
///
/// A 404 with the code `absent` says that the authority knows of nobody.
#[utoipa::path(
    get, path = "/v1/ruc/{ruc}/representatives", tag = "people", operation_id = "show_representatives",
    params(
        ("ruc" = String, Path, description = "The company's number.", example = "20131312955"),
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "These do.", body = RepresentativesBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["absent", "invalid_ruc", "invalid_query", "@lookup"])),
    ),
)]
pub(super) fn representatives() {}

/// What is left in the account with the provider.
#[utoipa::path(
    get, path = "/v1/account", tag = "account", operation_id = "show_account",
    params(
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "The account.", body = AccountBody)),
    extensions(("x-answers" = json!(true)), ("x-problems" = json!(["invalid_query", "@lookup"]))),
)]
pub(super) fn account() {}
