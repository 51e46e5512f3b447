//! The built program as people and scripts meet it: arguments in, output and an exit code out.
//!
//! Every run has an environment and a directory of its own, so that nothing of the machine's leaks in.

mod batch;
mod cache;
mod config;
mod disk;
mod doctor;
mod edges;
mod faults;
mod guides;
mod migration;
mod padron;
mod pages;
mod program;
mod questions;
mod ruc;
mod secrets;
mod serve;
