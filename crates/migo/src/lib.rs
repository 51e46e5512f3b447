#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod failure;
mod message;
mod read;
mod record;
mod reply;
pub mod request;
mod write;

pub use failure::Failure;
pub use read::{Collection, read_taxpayer, read_taxpayers};
pub use reply::{RawReply, Verdict};
pub use write::{write_taxpayer, write_taxpayers};

/// How many numbers MIGO takes in one collection call (facts: MIGO 1.2).
pub const MAX_COLLECTION: usize = 100;
