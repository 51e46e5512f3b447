#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod app;
pub mod body;
mod desk;
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

/// The blocks in Rust of the guides, as documentation tests; here, because this crate may use all that they show.
#[cfg(doctest)]
#[expect(rustdoc::invalid_codeblock_attributes, reason = "`file=NAME` beside a language is for the test of the guides")]
mod guides {
    #[doc = include_str!("../../../docs/guide.md")]
    mod guide {}
}
