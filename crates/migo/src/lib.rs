#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod account;
mod cpe;
mod failure;
mod message;
mod person;
mod rates;
mod read;
mod record;
mod reply;
mod representatives;
pub mod request;
mod write;

pub use account::{read_account, write_account};
pub use cpe::{read_cpe, write_cpe};
pub use failure::Failure;
pub use person::{read_person, write_person};
pub use rates::{read_rate, read_rates, write_rate, write_rates};
pub use read::{Collection, read_taxpayer, read_taxpayers};
pub use reply::{RawReply, Verdict};
pub use representatives::{read_representatives, write_representatives};
pub use write::{write_taxpayer, write_taxpayers};

/// How many numbers MIGO takes in one collection call (facts: MIGO 1.2).
pub const MAX_COLLECTION: usize = 100;
