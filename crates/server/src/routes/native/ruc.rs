//! `GET /v1/ruc/{ruc}` and `POST /v1/ruc/lookup`: one taxpayer, or up to a thousand.

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::{Many, RowOutcome};

use super::answer::{self, REFRESH};
use crate::app::{Inner, Shared};
use crate::body::{self, Summary};
use crate::headers::Blend;
use crate::problem::Problem;
use crate::routes::input::{self, Members, Query, RucPath};

/// The most numbers that one request takes.
const MAX_NUMBERS: usize = 1_000;

/// One taxpayer, from the freshest place that the policy allows.
pub(super) async fn show(
    State(shared): State<Shared>,
    RucPath(ruc): RucPath,
    request: Request,
) -> Result<Response, Problem> {
    let ask = answer::ask(request.uri().query(), request.headers())?;
    answer::send(shared.lookups.taxpayer(ruc, ask).await, body::taxpayer)
}

/// What a request about many numbers says.
pub(super) struct Asked {
    pub(super) rucs: Vec<String>,
    pub(super) many: Many,
    /// Rows as they arrive.
    pub(super) lines: bool,
}

// === impl Asked ===

impl Asked {
    /// `{"rucs": […], "refresh": …}`, and `refresh` and `format` as parameters.
    pub(super) async fn read(inner: &Inner, request: Request) -> Result<Self, Problem> {
        const EXAMPLE: &str = r#"{"rucs": ["20131312955"]}"#;
        let query = Query::read(request.uri().query(), &[REFRESH, "format"])?;
        let by_query = query.flag(REFRESH)?;
        let patience = input::patience(request.headers());
        let lines = answer::wants_lines(&query, request.headers())?;
        let members = Members::read(inner, request, &["rucs", REFRESH], EXAMPLE).await?;
        let rucs = members.list("rucs", MAX_NUMBERS)?;
        let refresh = members.flag(REFRESH)? || by_query;
        Ok(Self { rucs, many: Many { refresh, patience, ..Many::default() }, lines })
    }
}

/// Many taxpayers: one row per input number, in input order; or rows as they arrive.
pub(super) async fn lookup(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let asked = Asked::read(&shared, request).await?;
    let rows = shared.lookups.taxpayers(&asked.rucs, asked.many);
    if asked.lines {
        return Ok(answer::lines(asked.rucs, rows, body::row));
    }
    let effort = rows.effort();
    let (mut summary, mut blend) = (Summary::default(), Blend::default());
    let mut bodies = Vec::with_capacity(asked.rucs.len());
    for row in rows.in_order().await {
        summary.count(&row.outcome);
        if let RowOutcome::Answered(answer) = &row.outcome {
            blend.add(answer);
        }
        bodies.push(body::row(&asked.rucs[row.index], &row.outcome));
    }
    summary.upstream_calls = effort.calls();
    let mut response = answer::json(body::results(&bodies, &summary));
    blend.describe(response.headers_mut());
    Ok(response)
}
