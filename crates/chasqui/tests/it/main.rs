//! The library as those who import it meet it, without a server; what goes through one is tested beside the server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod blocking;
mod empty_crate;
mod hostile;
mod in_process;
mod reaching;
mod registry;
