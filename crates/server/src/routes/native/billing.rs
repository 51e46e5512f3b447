//! `GET /v1/ruc/{ruc}/billing` and `POST /v1/billing`: may this taxpayer be invoiced, and may these?
//!
//! That a number does not exist is a verdict here, not a problem: it may not be invoiced.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::RowOutcome;

use super::answer;
use super::ruc::Asked;
use crate::app::Shared;
use crate::body::{self, BillingSummary};
use crate::headers::Blend;
use crate::problem::Problem;
use crate::routes::input::RucPath;

/// The verdict on one taxpayer; a problem only where there is none.
pub(super) async fn one(
    State(shared): State<Shared>,
    RucPath(ruc): RucPath,
    request: Request,
) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    let answer = shared.lookups.taxpayer(ruc, ask).await.map_err(|error| Problem::from(&error))?;
    let now = shared.lookups.runtime().wall();
    let body = body::billing(ruc.as_str(), &RowOutcome::Answered(answer.clone()), now);
    Ok(answer::described(body, &answer))
}

/// The verdicts on many, a row for each number in input order, with the counts per criterion; or rows as they arrive.
pub(super) async fn many(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let asked = Asked::read(&shared, request).await?;
    let rows = shared.lookups.taxpayers(&asked.rucs, asked.many);
    let now = shared.lookups.runtime().wall();
    if asked.lines {
        return Ok(answer::lines(asked.rucs, rows, move |input, outcome| body::billing(input, outcome, now)));
    }
    let effort = rows.effort();
    let (mut summary, mut blend) = (BillingSummary::default(), Blend::default());
    let mut bodies = Vec::with_capacity(asked.rucs.len());
    for row in rows.in_order().await {
        summary.count(&row.outcome, now);
        if let RowOutcome::Answered(answer) = &row.outcome {
            blend.add(answer);
        }
        bodies.push(body::billing(&asked.rucs[row.index], &row.outcome, now));
    }
    summary.upstream_calls = effort.calls();
    let mut response = answer::json(body::billing_results(&bodies, &summary));
    blend.describe(response.headers_mut());
    Ok(response)
}
