#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod app;
pub mod body;
mod edge;
mod headers;
mod lifetime;
mod metrics;
mod openapi;
mod problem;
mod routes;
mod serve;
mod wire;

pub use app::App;
pub use metrics::Metrics;
pub use serve::{ServeError, Server};
