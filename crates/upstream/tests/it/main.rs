//! What this crate does over a real socket, against a server that says exactly what a test wants.
//!
//! Left out: MIGO, whose client is tested where its guard and its sandbox are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod download;
mod server;
