//! The server as its clients see it: one module per group of routes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod cache;
mod counting;
mod edge;
mod faults;
mod migo;
mod old;
mod openapi;
mod operations;
mod privacy;
mod resting;
mod upstream;
mod world;
