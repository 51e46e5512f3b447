//! `GET /v1/rates…`: the last exchange rate, that of a day, those of a range.
//!
//! Days are Lima's. Left out: which rate holds on a day without one; the look-ups know.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::{Ask, LookupError, RateAnswer};
use chasqui_types::{Lookup, SourceId};

use super::answer::{self, REFRESH};
use crate::app::{Inner, Shared};
use crate::body;
use crate::headers::Blend;
use crate::problem::Problem;
use crate::routes::input::{self, DatePath, Query};

/// The last published rate.
pub(super) async fn latest(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    send(&shared, shared.lookups.latest_rate(ask).await)
}

/// The rate that holds on a day.
pub(super) async fn on(
    State(shared): State<Shared>,
    DatePath(date): DatePath,
    request: Request,
) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    shared.lookups.check_rate_date(date)?;
    send(&shared, shared.lookups.rate_on(date, ask).await)
}

/// The rates that hold on the days of a range.
pub(super) async fn range(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let query = Query::read(request.uri().query(), &["from", "to", REFRESH])?;
    let day = |name| {
        let text = query.text(name).ok_or_else(|| {
            Problem::invalid_query("`from` and `to` are both needed, as in ?from=2026-11-01&to=2026-11-20.")
        })?;
        input::date(text)
    };
    let (from, to) = (day("from")?, day("to")?);
    shared.lookups.check_rate_range(from, to)?;
    let ask = Ask { refresh: query.flag(REFRESH)?, patience: input::patience(request.headers()) };
    let rows = shared.lookups.rates(from, to, ask).await.map_err(|error| Problem::from(&error))?;
    let mut blend = Blend::default();
    for row in &rows {
        blend.add(&row.answer);
    }
    let mut response = answer::json(body::rates(from, to, &rows));
    blend.describe(response.headers_mut());
    Ok(response)
}

fn send(inner: &Inner, answered: Result<Lookup<RateAnswer>, LookupError>) -> Result<Response, Problem> {
    match answered.map_err(|error| Problem::from(&error))? {
        Lookup::Found(answer) => Ok(answer::described(body::rate(&answer), &answer.answer)),
        Lookup::Absent(absence) => {
            let source = SourceId::new(inner.lookups.keys().service().to_owned());
            Err(Problem::no_rate(source, &absence))
        }
    }
}
