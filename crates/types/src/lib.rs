#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod answer;
mod condition;
mod ruc;
mod status;
mod taxpayer;
pub mod time;
mod ubigeo;

pub use answer::{Absence, AbsenceReason, Freshness, Lookup, Provenance, SourceId};
pub use condition::{Condition, ConditionKind};
pub use ruc::{ParseRucError, Ruc, RucPrefix};
pub use status::{Status, StatusKind};
pub use taxpayer::{Taxpayer, clean};
pub use ubigeo::{ParseUbigeoError, Ubigeo};
