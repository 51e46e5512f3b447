#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod assembly;
pub mod blocking;
mod client;
pub mod config;
/// Large public files, fetched whole or not at all; see `chasqui-upstream`.
pub mod download {
    pub use chasqui_upstream::{
        Download, DownloadError, DownloadProgress, Downloaded, Downloader, DownloaderConfig, Form, MirrorError,
        Validators,
    };
}
pub mod padron;
mod runtime;

pub use assembly::{Chasqui, Start, StartError};
pub use chasqui_core::Kind;
pub use chasqui_types as types;
pub use chasqui_types::time::{Date, Timestamp};
pub use chasqui_types::{
    Absence, AbsenceReason, Account, AgentList, Billing, BillingObstacle, BillingWarning, ConditionKind, CpeKind,
    CpeQuery, CpeState, CpeVerdict, Decimal, Dni, ExchangeRate, Freshness, Lookup, Person, Provenance, RateFlag,
    Representative, Ruc, SourceId, Standing, Standings, StatusKind, Taxpayer,
};
pub use client::{
    AbsentCount, AbsentNumber, AbsentNumbers, Answer, CacheCheck, CacheEntries, CacheHandle, CacheHealth, CacheStats,
    Cleaned, Client, ConnectOptions, DayRate, Error, Health, Invoicing, Marked, Outcome, Replaced, Row, Rows, Summary,
};
pub use padron::{OfflineRegistry, OpenEdition, RegistryError};
pub use runtime::TokioRuntime;
pub use secrecy::SecretString;
