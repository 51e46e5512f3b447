//! The behaviour of files of numbers, by what somebody does with them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod journal;
mod read_any;
mod read_json;
mod read_sheet;
mod read_text;
mod support;
mod world;
mod write;
mod write_files;
mod write_sheet;
