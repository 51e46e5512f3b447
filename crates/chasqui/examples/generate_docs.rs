//! Writes the pages that follow from the registry of keys, or checks that they are up to date.
//!
//! `cargo xtask docs` runs it with `--write`, `cargo xtask tidy` with `--check`.

#![expect(clippy::print_stdout, reason = "a program for people who work here")]

use std::path::Path;
use std::process::ExitCode;

use chasqui::config::{reference_markdown, sample_toml};

fn main() -> std::io::Result<ExitCode> {
    let check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut behind = 0;
    for (name, text) in [("docs/configuration.md", reference_markdown()), ("chasqui.example.toml", sample_toml())] {
        let path = root.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|written| written == text) {
            continue;
        }
        behind += 1;
        if check {
            println!("{name}:1: is behind the registry of keys; run `cargo xtask docs`");
        } else {
            std::fs::write(&path, text)?;
            println!("wrote {name}");
        }
    }
    Ok(if check && behind > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
