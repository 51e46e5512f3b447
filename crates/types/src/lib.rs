#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod answer;
mod billing;
mod condition;
mod cpe;
mod dni;
mod number;
mod person;
mod rate;
mod ruc;
mod standing;
mod status;
mod taxpayer;
pub mod time;
mod ubigeo;

pub use answer::{Absence, AbsenceReason, Freshness, Lookup, Provenance, SourceId};
pub use billing::{Billing, BillingObstacle, BillingWarning};
pub use condition::{Condition, ConditionKind};
pub use cpe::{CpeKind, CpeQuery, CpeState, CpeVerdict};
pub use dni::{Dni, ParseDniError};
pub use number::Number;
pub use person::{Account, Person, Representative};
pub use rate::{ExchangeRate, RateFlag};
pub use ruc::{ParseRucError, Ruc, RucPrefix};
pub use rust_decimal::Decimal;
pub use standing::{AgentList, Standing, Standings};
pub use status::{Status, StatusKind};
pub use taxpayer::{Taxpayer, clean};
pub use ubigeo::{ParseUbigeoError, Ubigeo};
