//! `/v1/cpe/validate`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::MetaBody;

/// A payment document to look at.
#[derive(Serialize, ToSchema)]
#[schema(as = CpeRequest)]
struct RequestBody {
    /// Who issued it.
    #[schema(example = "20131312955")]
    ruc_emisor: String,
    /// `01` factura, `03` boleta, `07` nota de crédito, `08` nota de débito, `R1` recibo por honorarios.
    #[schema(example = "01")]
    tipo_comprobante: String,
    /// Its series.
    #[schema(example = "F001")]
    serie: String,
    /// Its number within the series, as a number or a text.
    #[schema(minimum = 1, maximum = 99_999_999, example = 123)]
    numero: u32,
    /// When it was issued: `YYYY-MM-DD`, or `DD/MM/YYYY`.
    #[schema(example = "2026-11-20")]
    fecha_emision: String,
    /// Its total, with at most two decimals; left out for one that was printed.
    #[schema(required = false, nullable = false, example = "118.00")]
    monto: Option<String>,
    /// Ask anew, whatever is remembered.
    #[schema(required = false, example = false)]
    refresh: bool,
}

/// What the tax authority says of a payment document.
#[derive(Serialize, ToSchema)]
#[schema(as = CpeVerdict)]
struct VerdictBody {
    /// Who issued it.
    #[schema(example = "20131312955")]
    ruc_emisor: String,
    /// Its kind.
    #[schema(example = "01")]
    tipo_comprobante: String,
    /// Its series.
    #[schema(example = "F001")]
    serie: String,
    /// Its number.
    #[schema(example = "123")]
    numero: String,
    /// When it was issued.
    #[schema(example = "2026-11-20")]
    fecha_emision: String,
    /// Its total.
    #[schema(required = true, example = "118.00")]
    monto: Option<String>,
    /// Whether it was accepted or authorised; null if the authority says nothing of the document itself.
    #[schema(required = true, example = true)]
    valid: Option<bool>,
    /// State of the document: 0 no existe, 1 aceptado, 2 anulado, 3 autorizado, 4 no autorizado.
    #[schema(required = true)]
    estado_comprobante: Option<StateBody>,
    /// State of its issuer.
    #[schema(required = true)]
    estado_contribuyente: Option<StateBody>,
    /// Condition of its issuer's domicile.
    #[schema(required = true)]
    condicion_domicilio: Option<StateBody>,
    /// Remarks, as the source wrote them.
    #[schema(example = json!([]))]
    observaciones: Vec<String>,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// A state by the authority's tables.
#[derive(Serialize, ToSchema)]
#[schema(as = CpeState)]
struct StateBody {
    /// The code; null for a state that the tables do not hold.
    #[schema(required = true, example = "1")]
    code: Option<String>,
    /// The tables' words.
    #[schema(example = "ACEPTADO")]
    words: String,
}

/// Is this payment document valid?
///
/// That it was never reported is a verdict too: `valid` is false then.
#[utoipa::path(
    post, path = "/v1/cpe/validate", tag = "documents", operation_id = "validate_cpe",
    params(
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    request_body(content = RequestBody, content_type = "application/json"),
    responses((status = 200, description = "What the authority says.", body = VerdictBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["invalid_ruc", "invalid_date", "invalid_cpe", "invalid_query", "@body", "@lookup"])),
    ),
)]
pub(super) fn validate() {}
