//! `GET /v1/taxpayers`: who has a name like this?
//!
//! What is asked may be somebody's name, so nothing of it is logged or repeated in a refusal.
//! Left out: how names are likened.

mod question;

use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use chasqui_core::LookupError;

use super::registry;
use crate::app::Shared;
use crate::body;
use crate::desk::Desk;
use crate::problem::Problem;
use crate::routes::input;

/// How long a search may take, once it has begun.
const WITHIN: Duration = Duration::from_millis(250);

/// The taxpayers whose names fit best.
pub(super) async fn search(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let mut query = question::read(request.uri().query())?;
    let registry = registry::of(&shared)?;
    let runtime = shared.lookups.runtime();
    let began = runtime.now();
    query.within = WITHIN;
    let place = match input::patience(request.headers()) {
        None => registry::place(&shared).await?,
        Some(patience) => {
            let place = tokio::time::timeout(patience, registry::place(&shared)).await;
            let place = place.map_err(|_| Problem::from(&LookupError::Deadline { limit: patience }))??;
            query.within = WITHIN.min(patience.saturating_sub(runtime.now() - began));
            place
        }
    };
    let clock = std::sync::Arc::clone(runtime);
    let page = Desk::work(place, move |caller| {
        // For who went away time is up.
        registry.search(&query, &|| if caller.is_gone() { clock.now() + WITHIN } else { clock.now() })
    });
    let page = page.await?.map_err(|error| Problem::from(&error))?;
    let freshness = shared.lookups.registry_freshness(page.as_of);
    Ok(registry::send(&shared, body::names(&page, freshness), page.as_of))
}
