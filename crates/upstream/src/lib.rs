#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod migo;

pub use migo::{Api, BuildError, MigoClient, MigoClientConfig};
