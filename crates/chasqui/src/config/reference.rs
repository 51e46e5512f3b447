//! The reference page and the sample file, written from the registry.
//!
//! Nobody edits either by hand, so neither can say something that reading does not do.

use std::fmt::Write as _;

use super::registry::{Key, Kind, registry};
use super::values::Bytes;

const INTRODUCTION: &str = r"# Configuration

Nothing has to be configured: without a file, everything works on the defaults below.

Values come from four places; a later one outweighs an earlier one:

1. the defaults below;
2. the file named by `--config`, else by `$CHASQUI_CONFIG`, else `./chasqui.toml` if there is one;
3. environment variables, named below for each key;
4. flags of the command line.

A list in a variable is separated by commas.
A secret can also be read from a file, named by its variable with `_FILE` at the end; setting both is refused.
Unknown keys and wrong values are refused, all of them at once, each with its place.
`chasqui config check` does just that.
`chasqui config show --origin` shows every value and where it came from, with secrets masked.

Times carry a unit: `ms`, `s`, `m`, `h`, `d`, alone or in a row (`1h30m`).
Sizes carry one too: `B`, `KiB`, `MiB`, `GiB`, `TiB`, or `kB`, `MB`, `GB`, `TB` for powers of ten.
A limit `CALLS/TIME` means: in any window of that length, at most so many calls, all at once if need be.
";

/// The reference of every key, as a page of Markdown; the page `docs/configuration.md` is the same.
pub fn reference_markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut section = "";
    for key in registry() {
        let (its_section, _) = key.section_and_name();
        if its_section != section {
            section = its_section;
            put(&mut page, format_args!("\n## [{section}]\n\n{}\n", about(section)));
        }
        put(&mut page, format_args!("\n### `{}`\n\n", key.path));
        for sentence in sentences(key.doc) {
            put(&mut page, format_args!("{sentence}\n"));
        }
        if let Some(later) = key.later {
            put(&mut page, format_args!("It is checked and does nothing yet: {later} comes later.\n"));
        }
        put(&mut page, format_args!("\n- takes: {}\n", key.takes()));
        let default = if key.default.is_empty() && !key.is_list() { none(key) } else { code(&key.toml(key.default)) };
        put(&mut page, format_args!("- default: {default}\n"));
        put(&mut page, format_args!("- example: {}\n", code(&key.toml(key.example))));
        put(&mut page, format_args!("- variable: `{}`", key.variable()));
        if let Some(file) = key.file_variable() {
            put(&mut page, format_args!(", or `{file}` for a file that holds it"));
        }
        page.push('\n');
    }
    page
}

/// The file `chasqui.example.toml`: every key, commented out, with its default.
///
/// A key without a default shows an example.
pub fn sample_toml() -> String {
    let mut file = "# Chasqui's configuration: every key, commented out, with its default.\n\
                    # Take the # away from a line to change it. `chasqui config reference` says the same as a page.\n"
        .to_owned();
    let mut section = "";
    for key in registry() {
        let (its_section, name) = key.section_and_name();
        if its_section != section {
            section = its_section;
            put(&mut file, format_args!("\n\n[{section}]\n"));
        }
        file.push('\n');
        let later = key.later.map(|later| format!(" Does nothing yet: {later} comes later.")).unwrap_or_default();
        for line in wrapped(&format!("{}{later}", key.doc), 116) {
            put(&mut file, format_args!("# {line}\n"));
        }
        if key.default.is_empty() && !key.is_list() {
            put(&mut file, format_args!("# For example:\n#{name} = {}\n", key.toml(key.example)));
        } else {
            put(&mut file, format_args!("#{name} = {}\n", key.toml(key.default)));
        }
    }
    file
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("a String takes any text");
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn none(key: &Key) -> String {
    match key.path {
        "migo.limits.account" => "that of `migo.limits.ruc`".to_owned(),
        path if path.starts_with("migo.limits.") => "that of `migo.plan`".to_owned(),
        _ => "none".to_owned(),
    }
}

/// What a section is about.
fn about(section: &str) -> &'static str {
    match section {
        "server" => "The HTTP server.",
        "log" => "What is logged, how and where.",
        "store" => "The database.",
        "cache" => "What is remembered, and for how long.",
        "padron" => "The offline registry of taxpayers.",
        "lookup" => "Which sources are asked, in which order, and for how long.",
        "breaker" => "When a provider that fails is left alone.",
        "migo" => "MIGO, the provider.",
        "migo.limits" => {
            "How often each family of MIGO's endpoints may be asked.\n\n\
             What a plan allows in 15 minutes, as MIGO publishes it:\n\n\
             | plan | ruc, rate, cpe | dni | batch |\n|---|---|---|---|\n\
             | basico | 900 | 450 | 450 |\n| empresa | 1800 | 900 | 900 |\n| premium | 3600 | 1800 | 900 |"
        }
        "sandbox" => "The simulated upstream that answers where no provider has a token.",
        _ => "",
    }
}

/// One sentence per line, so that a change shows as one line.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ").map(str::trim_end)
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

// === impl Key ===

impl Key {
    /// What it takes, in words.
    pub fn takes(&self) -> String {
        let words = |words: &[&str]| words.iter().map(|word| code(word)).collect::<Vec<_>>().join(", ");
        match self.kind {
            Kind::Path { optional: false } => "a path".to_owned(),
            Kind::Path { optional: true } => "a path, or nothing".to_owned(),
            Kind::Address { optional: false } => "HOST:PORT".to_owned(),
            Kind::Address { optional: true } => "HOST:PORT, or nothing".to_owned(),
            Kind::Filter => "directives".to_owned(),
            Kind::Choice(choices) => format!("one of {}", words(choices)),
            Kind::Boolean => "`true` or `false`".to_owned(),
            Kind::Count { least, most } => format!("a whole number from {least} to {most}"),
            Kind::Duration { zero: true } => "a time".to_owned(),
            Kind::Duration { zero: false } => "a time longer than zero".to_owned(),
            Kind::Size { least, most } => {
                format!("a size from {} to {}", Bytes(least), Bytes(most))
            }
            Kind::Limit { unset: "" } => "CALLS/TIME".to_owned(),
            Kind::Limit { unset } => format!("CALLS/TIME, or `{unset}`"),
            Kind::HttpUrl => "an `http` or `https` URL, without user name, password or query".to_owned(),
            Kind::StoreUrl => "`sqlite:PATH` or `postgres://…`".to_owned(),
            Kind::CacheUrl => "`memory:`, `redis://…`, `rediss://…` or `memcache://…`".to_owned(),
            Kind::Token => "a text of visible ASCII characters".to_owned(),
            Kind::Hosts => "a list of host names".to_owned(),
            Kind::HttpUrls => "a list of `http` or `https` URLs".to_owned(),
            Kind::SourceNames(known) => {
                format!("a list out of {}, at least one, each once", words(known))
            }
        }
    }

    fn is_list(&self) -> bool {
        matches!(self.kind, Kind::Hosts | Kind::HttpUrls | Kind::SourceNames(_))
    }

    /// A value written as in a variable, written as in the file.
    pub fn toml(&self, text: &str) -> String {
        let quoted = |text: &str| toml_edit::Value::from(text).to_string();
        match self.kind {
            Kind::Boolean | Kind::Count { .. } => text.to_owned(),
            Kind::Choice(words) if words.contains(&"true") && matches!(text, "true" | "false") => text.to_owned(),
            _ if self.is_list() => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                format!("[{}]", items.map(quoted).collect::<Vec<_>>().join(", "))
            }
            _ => quoted(text),
        }
    }
}
