#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod entry;
mod health;
mod memory;

pub use memory::MemoryCache;
