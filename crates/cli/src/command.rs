//! The commands, one module each: its flags, what it does, how it ends.
//!
//! Left out: what a command needs of the world outside, which [`environment`](crate::environment) reads for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use chasqui::StartError;

use crate::exit::{Exit, Failure};

pub(crate) mod cache;
pub(crate) mod config;
pub(crate) mod doctor;
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

/// The address at which this machine reaches what listens on `listen`.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
