//! `GET /v1/ruc/{ruc}/history`: what became of a taxpayer, and how it stood on a day.
//!
//! Left out: what nobody kept; before the first edition it is unknown, which is an answer.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::RateDateError;
use chasqui_types::Ruc;
use chasqui_types::time::{Date, to_lima};

use super::registry;
use crate::app::Shared;
use crate::body;
use crate::problem::Problem;
use crate::routes::input::{self, Query, RucPath};

/// Every change that was kept of a number, or its row on a day.
pub(super) async fn history(
    State(shared): State<Shared>,
    RucPath(ruc): RucPath,
    request: Request,
) -> Result<Response, Problem> {
    let query = Query::read(request.uri().query(), &["on"])?;
    if let Some(text) = query.text("on") {
        return day(&shared, ruc, input::date(text)?).await;
    }
    let (body, as_of) = registry::ask(&shared, move |registry| {
        let feed = registry.changes()?;
        Ok((body::history(ruc, &feed.history(ruc)?), feed.as_of()))
    })
    .await?;
    Ok(registry::send(&shared, body, as_of))
}

async fn day(shared: &Shared, ruc: Ruc, on: Date) -> Result<Response, Problem> {
    let today = to_lima(shared.lookups.runtime().wall()).date();
    if on > today {
        return Err(RateDateError::Future { today }.into());
    }
    let (body, as_of) = registry::ask(shared, move |registry| {
        let feed = registry.changes()?;
        let past = feed.on(ruc, on)?;
        Ok((body::day(ruc, on, &past, feed.first(), registry), feed.as_of()))
    })
    .await?;
    Ok(registry::send(shared, body, as_of))
}
