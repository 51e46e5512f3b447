//! MIGO's routes: a client that changes only its base URL notices nothing.
//!
//! Parity is checked against the sandbox, over sockets on both sides; what MIGO has no answer for, against scripts.

mod clients;
mod forward;
mod outages;
mod parity;
mod questions;
