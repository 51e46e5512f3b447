//! The native routes, `/v1`: look-ups, and the cache for whoever runs it.

pub(crate) mod cache;
pub(crate) mod ruc;
