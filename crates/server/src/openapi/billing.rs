//! `/v1/billing` and `/v1/ruc/…/billing`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::{FieldsBody, LookupRequestBody, MetaBody, OutcomeBody, RowErrorBody};

/// Whether a taxpayer may be invoiced.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingVerdict)]
struct VerdictBody {
    /// The number as it was given.
    #[schema(example = "20131312955")]
    ruc: String,
    /// `found`; `absent`: an authority says that it does not exist; `invalid`: it is no number; `unknown`: it could
    /// not be found out.
    outcome: OutcomeBody,
    /// Whether it may be invoiced; null if that could not be found out.
    #[schema(required = true, example = true)]
    valid: Option<bool>,
    /// Why it may not: `absent`, `not_active`, `not_located`, `invalid_ruc`. Empty if it may.
    obstacles: Vec<ReasonBody>,
    /// What a person should look at, which forbids nothing: `short_name`, `short_address`, `old_data`.
    warnings: Vec<ReasonBody>,
    /// Who it belongs to, if it was found.
    #[schema(required = true)]
    taxpayer: Option<FieldsBody>,
    /// Why there is no taxpayer, if there is none.
    #[schema(required = true)]
    error: Option<RowErrorBody>,
    /// Where the answer comes from, if there is one.
    #[schema(required = true)]
    meta: Option<MetaBody>,
}

/// A reason, for programs and for people.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingReason)]
struct ReasonBody {
    /// A stable word.
    #[schema(example = "not_located")]
    code: String,
    /// The same in Spanish, for whoever invoices.
    #[schema(example = "El domicilio no está HABIDO")]
    words: String,
}

/// A verdict of a stream, in the order in which answers arrive.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingLine)]
pub(super) struct BillingLine {
    /// The number's place in the input, from 0.
    #[schema(example = 0)]
    index: usize,
    #[serde(flatten)]
    verdict: VerdictBody,
}

/// One verdict per input number, in input order.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingResults)]
struct ResultsBody {
    /// The verdicts.
    results: Vec<VerdictBody>,
    /// How many there are of each kind.
    summary: SummaryBody,
}

/// How many taxpayers there are of each verdict and criterion, and what they cost.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingSummary)]
struct SummaryBody {
    /// May be invoiced.
    #[schema(example = 1)]
    valid: usize,
    /// May not.
    #[schema(example = 1)]
    invalid: usize,
    /// Could not be found out.
    #[schema(example = 0)]
    unknown: usize,
    /// Are no numbers.
    #[schema(example = 0)]
    invalid_ruc: usize,
    /// Do not exist.
    #[schema(example = 1)]
    absent: usize,
    /// Are not active.
    #[schema(example = 0)]
    not_active: usize,
    /// Are not at a confirmed address.
    #[schema(example = 0)]
    not_located: usize,
    /// Have a name under 3 characters.
    #[schema(example = 0)]
    short_name: usize,
    /// Have an address under 10 characters.
    #[schema(example = 0)]
    short_address: usize,
    /// Have data older than 365 days.
    #[schema(example = 0)]
    old_data: usize,
    /// Calls made upstream.
    #[schema(example = 1)]
    upstream_calls: u32,
}

/// May this taxpayer be invoiced?
///
/// It may if it is ACTIVO and HABIDO. That it does not exist is a verdict too; when it could not be found out there is
/// none, and the status is another one.
#[utoipa::path(
    get, path = "/v1/ruc/{ruc}/billing", tag = "billing", operation_id = "show_billing",
    params(
        ("ruc" = String, Path, description = "The number.", example = "20131312955"),
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "The verdict.", body = VerdictBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["invalid_ruc", "invalid_query", "@lookup"])),
    ),
)]
pub(super) fn one() {}

/// May these taxpayers be invoiced? One verdict per number, in input order.
///
/// The status is 200 even if nothing could be found out; `valid` is null in such a row. Lines are had as from
/// `/v1/ruc/lookup`.
#[utoipa::path(
    post, path = "/v1/billing", tag = "billing", operation_id = "judge_billing",
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
    responses((status = 200, description = "A verdict for each number.", content(
        (ResultsBody = "application/json"),
        (BillingLine = "application/x-ndjson"),
    ))),
    extensions(("x-answers" = json!(true)), ("x-problems" = json!(["invalid_query", "@body"]))),
)]
pub(super) fn many() {}
