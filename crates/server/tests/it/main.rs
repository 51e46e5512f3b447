//! The server as its clients see it: one module per group of routes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod cache;
mod client;
mod counting;
mod docs;
mod edge;
mod faults;
mod log;
mod migo;
mod native;
mod old;
mod openapi;
mod operations;
mod privacy;
mod registry;
mod resting;
mod scripts;
mod upstream;
mod world;
mod written;
