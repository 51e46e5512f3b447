//! `/v1/rates…`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::MetaBody;

/// The rate that holds on a day: soles for one unit of a foreign currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Rate)]
struct RateBody {
    /// The day that was asked about; Lima's day for the latest one.
    #[schema(example = "2026-11-22")]
    date: String,
    /// The day on which the rate was published: the same, or the last one before it on which one was.
    #[schema(example = "2026-11-21")]
    published_on: String,
    /// The foreign currency.
    #[schema(example = "USD")]
    moneda: String,
    /// What buyers pay: a decimal, with the places it was published with.
    #[schema(example = "3.431")]
    precio_compra: String,
    /// What sellers ask.
    #[schema(example = "3.437")]
    precio_venta: String,
    /// What a person should look at: `buy_over_sell`, `jump` (more than 5 % a day).
    #[schema(example = json!([]))]
    flags: Vec<String>,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// The rates of a range.
#[derive(Serialize, ToSchema)]
#[schema(as = Rates)]
struct RatesBody {
    /// The first day.
    #[schema(example = "2026-11-01")]
    from: String,
    /// The last day.
    #[schema(example = "2026-11-20")]
    to: String,
    /// A row for each day; days before the first rate there is have none.
    rates: Vec<RateBody>,
}

/// The last published rate.
#[utoipa::path(
    get, path = "/v1/rates/latest", tag = "rates", operation_id = "latest_rate",
    params(
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "The rate.", body = RateBody)),
    extensions(("x-answers" = json!(true)), ("x-problems" = json!(["absent", "invalid_query", "@lookup"]))),
)]
pub(super) fn latest() {}

/// The rate that holds on a day.
///
/// On a day for which none was published that is the last one before it; `published_on` says which.
#[utoipa::path(
    get, path = "/v1/rates/{date}", tag = "rates", operation_id = "rate_on",
    params(
        ("date" = String, Path, description = "The day, from 2010-01-01 to Lima's today.", example = "2026-11-20"),
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "The rate.", body = RateBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["absent", "invalid_date", "invalid_query", "@lookup"])),
    ),
)]
pub(super) fn on() {}

/// The rates that hold on the days of a range, at most ten years.
///
/// Put together from what is remembered and the fewest calls for the rest. If one day could not be found out there is
/// no answer, because a gap would pass for a day without a rate.
#[utoipa::path(
    get, path = "/v1/rates", tag = "rates", operation_id = "rates_between",
    params(
        ("from" = inline(String), Query, description = "The first day.", example = "2026-11-01"),
        ("to" = inline(String), Query, description = "The last day.", example = "2026-11-20"),
        ("refresh" = inline(Option<bool>), Query, description = "Ask anew, whatever is remembered.", example = false),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240).",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "The rates.", body = RatesBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["invalid_date", "invalid_query", "@lookup"])),
    ),
)]
pub(super) fn range() {}
