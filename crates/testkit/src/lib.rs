#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![expect(clippy::missing_panics_doc, reason = "a fake that is misused, and a contract that is broken, fail the test")]

pub mod contract;
mod observer;
mod provider;
mod runtime;
pub mod sample;
mod script;
mod world;

pub use observer::CountingObserver;
pub use provider::ScriptedProvider;
pub use runtime::TestRuntime;
pub use script::Script;
pub use world::{World, WorldBuilder};
