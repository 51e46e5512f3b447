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
    for (name, text) in pages() {
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

/// The pages as they are committed: what the program prints, and a note for those who would edit them.
fn pages() -> [(&'static str, String); 2] {
    const NOTE: &str = "Written by `cargo xtask docs` from the registry of keys. Edit that, not this.";
    let page = reference_markdown();
    let (title, rest) = page.split_once('\n').expect("the page has a title");
    let page = format!("{title}\n\n<!-- {NOTE} -->\n{rest}");
    [("docs/configuration.md", page), ("chasqui.example.toml", format!("# {NOTE}\n{}", sample_toml()))]
}
