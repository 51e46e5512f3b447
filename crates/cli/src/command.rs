//! The commands, one module each: its flags, what it does, how it ends.
//!
//! Left out: what a command needs of the world outside, which [`environment`](crate::environment) reads for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use chasqui::{StartError, TokioRuntime};
use chasqui_core::{LookupError, Runtime as _};
use chasqui_types::time::{Date, to_lima};

use self::ask::Format;
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) mod account;
pub(crate) mod ask;
pub(crate) mod batch;
pub(crate) mod billing;
pub(crate) mod cache;
pub(crate) mod config;
pub(crate) mod cpe;
pub(crate) mod dni;
pub(crate) mod doctor;
pub(crate) mod padron;
pub(crate) mod pages;
pub(crate) mod rate;
pub(crate) mod representatives;
pub(crate) mod ruc;
pub(crate) mod sandbox;
pub(crate) mod serve;

/// What is said wherever made-up data may be taken for real.
const SANDBOX_ADVICE: &str = "set CHASQUI_MIGO__TOKEN_FILE (or migo.token) to ask MIGO";

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let exit = match error {
            StartError::Config(_) | StartError::NoSource | StartError::Client { .. } => Exit::Configuration,
            _ => Exit::Unknown,
        };
        Self::of(exit, &error)
    }
}

/// One question that could not be answered: an object for programs, and a failure for people.
fn unanswered(error: &LookupError, format: Format) -> Failure {
    unknown(error, format, &ask::why(error))
}

/// The same, of a question that nobody was asked.
fn unasked(format: Format) -> Failure {
    unknown(&LookupError::NoSource, format, ask::OFFLINE)
}

fn unknown(error: &LookupError, format: Format, why: &str) -> Failure {
    if matches!(format, Format::Json | Format::Ndjson) {
        let object = ask::error_object(error.code(), error.public_message(), error.retry_after());
        if let Err(failure) = output::line(format!("{{\"outcome\":\"unknown\",\"error\":{object}}}").as_bytes()) {
            return failure;
        }
    }
    Failure::new(Exit::Unknown, format!("could not be found out ({}): {why}", error.code()))
}

/// Lima's day.
fn today() -> Date {
    to_lima(TokioRuntime::default().wall()).date()
}

/// The address at which this machine reaches what listens on `listen`.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
