//! Rules about the text of files: what each must open with and which words none may hold.
//!
//! They look at lines, not at syntax, so they cannot tell a string from code; a word that is forbidden is simply not
//! written. The words are glued together here, so that this file keeps its own rules.
//! Left out: everything clippy and rustfmt see already.

use super::{File, Finding};

/// Written by other programs, or in need of the very words.
const EXEMPT: &[&str] = &["Cargo.lock", "fuzz/Cargo.lock", "deny.toml"];

struct Rule {
    word: &'static str,
    place: Place,
    files: Files,
    advice: &'static str,
}

/// Where in a line a word counts.
#[derive(Clone, Copy)]
enum Place {
    Anywhere,
    /// Not as a part of a longer word.
    WholeWord,
    /// At the beginning of a path: `/x/` but not `./a/x/` or `host/x/`.
    PathStart,
}

#[derive(Clone, Copy)]
enum Files {
    All,
    Rust,
}

const MACHINE_PATH: &str = "a path that exists on one machine only; make it relative or invent one";
const REGISTRY: &str = "names a package registry; say it without the host";
const UNFINISHED: &str = concat!("marks unfinished work; finish it, or say what it waits for: `TO", "DO(reason)`");
const PANICS: &str = "compiles but panics; write the code or leave the case out";

#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule { word: concat!("/wo", "rk/"), place: Place::PathStart, files: Files::All, advice: MACHINE_PATH },
    Rule { word: concat!("/far", "m/"), place: Place::PathStart, files: Files::All, advice: MACHINE_PATH },
    Rule { word: concat!("../sha", "red"), place: Place::Anywhere, files: Files::All, advice: "points outside the repository; say what it says" },
    Rule { word: concat!("crates", ".io"), place: Place::Anywhere, files: Files::All, advice: REGISTRY },
    Rule { word: concat!("pypi", ".org"), place: Place::Anywhere, files: Files::All, advice: REGISTRY },
    Rule { word: concat!("registry.npm", "js.org"), place: Place::Anywhere, files: Files::All, advice: REGISTRY },
    Rule { word: concat!("proxy.go", "lang.org"), place: Place::Anywhere, files: Files::All, advice: REGISTRY },
    Rule { word: concat!("FIX", "ME"), place: Place::WholeWord, files: Files::All, advice: UNFINISHED },
    Rule { word: concat!("XX", "X"), place: Place::WholeWord, files: Files::All, advice: UNFINISHED },
    Rule { word: concat!("to", "do!"), place: Place::WholeWord, files: Files::Rust, advice: PANICS },
    Rule { word: concat!("unimpl", "emented!"), place: Place::WholeWord, files: Files::Rust, advice: PANICS },
    Rule { word: concat!("#[ign", "ore"), place: Place::Anywhere, files: Files::Rust, advice: "a test that never runs proves nothing; mend it or delete it" },
    Rule { word: concat!("#[should_", "panic"), place: Place::Anywhere, files: Files::Rust, advice: "any panic passes; assert on a returned error" },
    Rule { word: concat!("fn te", "st_"), place: Place::Anywhere, files: Files::Rust, advice: "name a test by the sentence it proves, without the prefix" },
];

/// Every finding about one file.
pub(super) fn check(file: &File) -> Vec<Finding> {
    if EXEMPT.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let is_rust = file.has_extension("rs");
    let mut findings = Vec::new();
    if is_rust && !opens_with_its_purpose(&file.text) {
        let what = "no module doc; open with `//!`, saying why the module exists and what it leaves out";
        findings.push(Finding::of(&file.path, what));
    }
    for (index, line) in file.text.lines().enumerate() {
        for rule in RULES {
            if (is_rust || matches!(rule.files, Files::All)) && rule.place.holds(line, rule.word) {
                findings.push(Finding::at(&file.path, index + 1, format!("`{}` {}", rule.word, rule.advice)));
            }
        }
        if leaves_work_without_reason(line, is_rust) {
            findings.push(Finding::at(&file.path, index + 1, format!("`{TO_DO}` {UNFINISHED}")));
        }
    }
    findings
}

/// A module doc, or a crate root whose doc is its README.
fn opens_with_its_purpose(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    first.starts_with("//! ") || first.starts_with("#![doc = include_str!")
}

const TO_DO: &str = concat!("TO", "DO");

/// Whether a line leaves work to others without saying why.
///
/// In Rust only comments count, because the word also is Spanish for "all" and stands in names.
fn leaves_work_without_reason(line: &str, is_rust: bool) -> bool {
    let text = match (is_rust, line.split_once("//")) {
        (true, Some((_, comment))) => comment,
        (true, None) => return false,
        (false, _) => line,
    };
    occurrences(text, TO_DO).filter(|&(before, after)| !within_word(before, after)).any(|(_, after)| {
        let reason = after.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(reason, _)| reason.trim());
        reason.is_none_or(str::is_empty)
    })
}

// === impl Place ===

impl Place {
    fn holds(self, line: &str, word: &str) -> bool {
        occurrences(line, word).any(|(before, after)| match self {
            Self::Anywhere => true,
            Self::WholeWord => !within_word(before, after),
            Self::PathStart => !before.ends_with(|last: char| last.is_alphanumeric() || ".~_-})".contains(last)),
        })
    }
}

/// What stands before and after each place where `word` does.
fn occurrences<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    line.match_indices(word).map(move |(at, _)| (&line[..at], &line[at + word.len()..]))
}

fn within_word(before: &str, after: &str) -> bool {
    let of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    before.ends_with(of_a_word) || after.starts_with(of_a_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOC: &str = "//! Why.\n";

    #[test]
    fn a_rust_file_opens_with_its_purpose() {
        refused("a.rs", "use std::fmt;\n", 1);
        refused("tests/it/main.rs", "// Why.\nmod a;\n", 1);
        refused("a.rs", "", 1);
        refused("a.rs", "//!\nmod a;\n", 1);
        allowed("a.rs", DOC);
        allowed("lib.rs", "\n#![doc = include_str!(\"../README.md\")]\n");
        allowed("a.py", "import os\n");
    }

    #[test]
    fn paths_of_one_machine_are_refused() {
        for folder in [concat!("/wo", "rk/"), concat!("/far", "m/")] {
            refused("a.md", &format!("first\nsee {folder}main\n"), 2);
            refused("a.sh", &format!("{folder}x"), 1);
            refused("a.md", &format!("(file://{folder}x)"), 1);
            allowed("a.md", &format!("https://example.pe{folder}x and ./a{folder}b"));
        }
        refused("a.md", concat!("[notes](../sha", "red/notes.md)"), 1);
    }

    #[test]
    fn registry_hosts_are_refused() {
        for host in [
            concat!("crates", ".io"),
            concat!("pypi", ".org"),
            concat!("registry.npm", "js.org"),
            concat!("proxy.go", "lang.org"),
        ] {
            refused("a.md", &format!("get it from https://{host}/x"), 1);
        }
        allowed("Cargo.lock", concat!("registry+https://example/crates", ".io-index"));
        allowed("deny.toml", concat!("crates", ".io"));
    }

    #[test]
    fn unfinished_code_is_refused() {
        refused("a.rs", &format!("{DOC}fn f() {{ {}() }}", concat!("to", "do!")), 2);
        refused("a.rs", &format!("{DOC}fn f() {{ {}() }}", concat!("unimpl", "emented!")), 2);
        refused("a.sh", concat!("# FIX", "ME later"), 1);
        refused("a.rs", concat!("//! Why. XX", "X"), 1);
        allowed("a.sh", concat!("mktemp -d XX", "XXXX"));
        allowed("a.md", concat!("no `to", "do!` in code"));
    }

    #[test]
    fn work_left_to_others_carries_its_reason() {
        for bare in ["", ":", " later", "()", "( )", "(no end"] {
            refused("a.rs", &format!("{DOC}// {TO_DO}{bare}"), 2);
            refused("a.toml", &format!("# {TO_DO}{bare}"), 1);
        }
        allowed("a.rs", &format!("{DOC}// {TO_DO}(the upstream has no v2 of it): drop this branch"));
        allowed("a.rs", &format!("{DOC}const NAME: &str = \"SANDBOX {TO_DO} PERU SAC\";"));
        allowed("a.md", &format!("{TO_DO}S"));
    }

    #[test]
    fn tests_that_prove_nothing_are_refused() {
        refused("a.rs", &format!("{DOC}{}]\nfn f() {{}}", concat!("#[ign", "ore")), 2);
        refused("a.rs", &format!("{DOC}{} = \"slow\"]", concat!("#[ign", "ore")), 2);
        refused("a.rs", &format!("{DOC}{}]", concat!("#[should_", "panic")), 2);
        refused("a.rs", &format!("{DOC}{}parsing() {{}}", concat!("fn te", "st_")), 2);
        allowed("a.md", concat!("no #[ign", "ore]"));
    }

    #[track_caller]
    fn refused(path: &str, text: &str, line: usize) {
        let findings = check(&File { path: path.to_owned(), text: text.to_owned() });
        assert_eq!(findings.len(), 1, "{findings:?} in {text:?}");
        assert_eq!(findings[0].line, line, "{findings:?}");
    }

    #[track_caller]
    fn allowed(path: &str, text: &str) {
        assert_eq!(check(&File { path: path.to_owned(), text: text.to_owned() }), []);
    }
}
