#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod assembly;
pub mod config;
mod runtime;

pub use assembly::{Chasqui, Start, StartError};
pub use runtime::TokioRuntime;
