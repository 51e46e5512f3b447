#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod app;
pub mod body;
mod docs;
mod edge;
mod headers;
mod lifetime;
mod metrics;
mod naming;
mod openapi;
mod patient;
mod problem;
mod routes;
mod serve;
mod survey;
mod wire;

pub use app::App;
pub use docs::catalogue_markdown;
pub use metrics::Metrics;
pub use serve::{ServeError, Server};
