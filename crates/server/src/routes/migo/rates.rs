//! Questions about exchange rates: the last one, that of a day, those of a range.
//!
//! MIGO answers for a day only what was published for it, so unlike everywhere else a day without a rate has none here;
//! its clients step back by themselves.
//! Left out: the native routes' way of stepping back.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chasqui_core::{Ask, Lookups, RateAnswer};
use chasqui_migo::{Failure, request as wire, write_rates};
use chasqui_types::time::{Date, days};
use chasqui_types::{ExchangeRate, Lookup};

use super::answer::{absent, answered};
use super::refusal::Refusal;
use super::request::{read, read_head};
use crate::app::{Inner, Shared};
use crate::headers::Blend;
use crate::routes::compatible;

const NONE: &str = Failure::RATE_NOT_FOUND;

/// v1, the last published rate.
pub(super) async fn latest(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, _) = read(&shared, request).await?;
    answer_latest(&shared, ask).await
}

/// v2, the last published rate.
pub(super) async fn latest_by_path(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, _) = read_head(request)?;
    answer_latest(&shared, ask).await
}

async fn answer_latest(inner: &Inner, ask: Ask) -> Result<Response, Refusal> {
    match inner.lookups.latest_rate(ask).await.map_err(|error| Refusal::unknown_other(&error))? {
        Lookup::Found(rate) => Ok(answered(&rate.answer, NONE)),
        Lookup::Absent(_) => Ok(absent(NONE)),
    }
}

/// v1, the rate published for a day of the body.
pub(super) async fn on_day(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    answer_day(&shared, day(wire::DATE, fields.text(wire::DATE))?, ask).await
}

/// v2, the rate published for a day of the query.
pub(super) async fn on_day_by_query(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, uri) = read_head(request)?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap_or_default();
    let text = pairs.iter().rev().find(|(name, _)| name == wire::DATE).map(|(_, text)| text.as_str());
    answer_day(&shared, day(wire::DATE, text)?, ask).await
}

async fn answer_day(inner: &Inner, date: Date, ask: Ask) -> Result<Response, Refusal> {
    // Nothing was published before the first day, and nothing yet for days to come.
    if inner.lookups.check_rate_date(date).is_err() {
        return Ok(absent(NONE));
    }
    match inner.lookups.rate_published_on(date, ask).await.map_err(|error| Refusal::unknown_other(&error))? {
        Lookup::Found(rate) => Ok(answered(&rate.answer, NONE)),
        Lookup::Absent(_) => Ok(absent(NONE)),
    }
}

/// v1, the rates published in a range of days, both ends included.
pub(super) async fn in_range(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (ask, fields) = read(&shared, request).await?;
    let from = day(wire::FROM, fields.text(wire::FROM))?;
    let to = day(wire::TO, fields.text(wire::TO))?;
    if to < from {
        let words = format!("El campo {} debe ser igual o posterior a {}.", wire::TO, wire::FROM);
        return Err(Failure::invalid(wire::TO, &words).into());
    }
    let (first, last) = (from.max(ExchangeRate::FIRST_DAY), to.min(shared.lookups.today()));
    let (mut rates, mut blend) = (Vec::new(), Blend::default());
    let mut begin = first;
    while begin <= last {
        let longest = begin.checked_add(days(Lookups::MAX_RATE_DAYS - 1)).unwrap_or(last);
        let end = last.min(longest);
        let rows = shared.lookups.rates(begin, end, ask).await.map_err(|error| Refusal::unknown_other(&error))?;
        for row in rows.iter().filter(|row| is_own(row)) {
            blend.add(&row.answer);
            rates.push(row.rate().clone());
        }
        let Ok(next) = end.tomorrow() else { break };
        begin = next;
    }
    if rates.is_empty() {
        return Ok(absent(NONE));
    }
    let mut response = compatible::json(StatusCode::OK, write_rates(&rates));
    blend.describe(response.headers_mut());
    Ok(response)
}

/// Whether the rate was published for the very day that was asked about.
fn is_own(rate: &RateAnswer) -> bool {
    rate.rate().date == rate.date
}

/// A day as MIGO takes it, `YYYY-MM-DD` and nothing else.
fn day(field: &str, text: Option<&str>) -> Result<Date, Failure> {
    let text = text.filter(|text| !text.is_empty()).ok_or_else(|| Failure::required(field))?;
    let is_plain = text.len() == 10 && text.bytes().all(|letter| letter.is_ascii_digit() || letter == b'-');
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| Failure::invalid_date(field, "AAAA-MM-DD"))
}
