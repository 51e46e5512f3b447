#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod answer;
mod asked;
mod body;
mod calls;
mod control;
mod endpoint;
mod faults;
mod fields;
mod limit;
mod registry;
mod ruc;
mod sandbox;
mod socket;
mod span;
mod world;

pub use calls::Calls;
pub use endpoint::Endpoint;
pub use faults::{Fault, FaultRule, Faults, Outage, ParseFaultError};
pub use limit::{Limit, ParseLimitError};
pub use registry::{cpe, person, rate, representatives, taxpayer};
pub use sandbox::{Sandbox, SandboxConfig, SandboxError};
