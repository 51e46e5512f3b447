//! What routes that only the registry on this machine can answer have in common.
//!
//! They read files, so they are done where a thread may be kept busy.
//! Left out: look-ups, which have others to ask and never block.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use chasqui::{OfflineRegistry, RegistryError};
use chasqui_types::time::Timestamp;

use super::answer;
use crate::app::Inner;
use crate::desk::{Desk, Place};
use crate::headers;
use crate::problem::Problem;

/// The registry, where the configuration asks one.
pub(super) fn of(inner: &Inner) -> Result<Arc<OfflineRegistry>, Problem> {
    inner.padron.clone().ok_or_else(Problem::no_registry)
}

/// A place where a thread may be kept busy, unless too many wait for one.
pub(super) async fn place(inner: &Inner) -> Result<Place, Problem> {
    inner.desk.place().await.ok_or_else(|| {
        inner.metrics.shed();
        Problem::overloaded()
    })
}

/// Asks the registry something for which it reads files.
pub(super) async fn ask<T: Send + 'static>(
    inner: &Inner,
    question: impl FnOnce(&OfflineRegistry) -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, Problem> {
    let registry = of(inner)?;
    let place = place(inner).await?;
    Desk::work(place, move |_| question(&registry)).await?.map_err(|error| Problem::from(&error))
}

/// An answer of the edition that describes that moment.
pub(super) fn send(inner: &Inner, body: Bytes, as_of: Timestamp) -> Response {
    let mut response = answer::json(body);
    headers::describe_registry(response.headers_mut(), as_of, inner.lookups.registry_freshness(as_of));
    response
}
