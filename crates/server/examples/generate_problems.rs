//! Writes the page that follows from the catalogue of problems, or checks that it is up to date.
//!
//! `cargo xtask docs` runs it with `--write`, `cargo xtask tidy` with `--check`.

#![expect(clippy::print_stdout, reason = "a program for people who work here")]

use std::path::Path;
use std::process::ExitCode;

const NAME: &str = "docs/errors.md";

fn main() -> std::io::Result<ExitCode> {
    let check = std::env::args().any(|argument| argument == "--check");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(NAME);
    let text = chasqui_server::catalogue_markdown();
    if std::fs::read_to_string(&path).is_ok_and(|written| written == text) {
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        println!("{NAME}:1: is behind the catalogue of problems; run `cargo xtask docs`");
        return Ok(ExitCode::FAILURE);
    }
    std::fs::write(&path, text)?;
    println!("wrote {NAME}");
    Ok(ExitCode::SUCCESS)
}
