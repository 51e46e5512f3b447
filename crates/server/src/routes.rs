//! The routes, by group, and what handlers of every group need.

mod compatible;
mod input;
pub(crate) mod migo;
pub(crate) mod native;
mod old;
pub(crate) mod operations;
mod reply;

pub(crate) use compatible::spanish;

use axum::Router;

use crate::app::Shared;
use crate::problem::Problem;

/// Every route. A trailing slash was taken off before.
pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .merge(native::router())
        .merge(old::router())
        .merge(migo::router())
        .merge(operations::router())
        .merge(crate::docs::router())
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .with_state(shared)
}
