//! `chasqui config`: check, show and explain what can be configured.
//!
//! Left out: starting anything; a check reads and judges, no more.

use std::fmt::Write as _;

use chasqui::config::{Key, Loaded, Origin, reference_markdown, registry, sample_toml};
use clap::{Args, Subcommand, ValueEnum};

use crate::args::Global;
use crate::environment::{self, Given};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{counted, one_line};

const AFTER_HELP: &str = "\
Examples:
  chasqui config check
  chasqui config show --origin
  CHASQUI_MIGO__TIMEOUT=5s chasqui config show --origin --format json
  chasqui config sample > chasqui.toml

Everything that is wrong is reported at once, each with its place, and ends with exit code 4.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read everything and report what is wrong.
    #[command(after_help = "Examples:\n  chasqui config check\n  chasqui config check --config /etc/chasqui.toml")]
    Check,
    /// Print every key and its value, with secrets masked.
    #[command(after_help = "Examples:\n  chasqui config show --origin\n  chasqui config show --format json")]
    Show {
        /// Say where each value comes from.
        #[arg(long)]
        origin: bool,
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print a file with every key, its documentation and its default.
    #[command(after_help = "Examples:\n  chasqui config sample > chasqui.toml")]
    Sample,
    /// Print the reference of every key, as Markdown.
    #[command(after_help = "Examples:\n  chasqui config reference | less")]
    Reference,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// `key = value`, as in the file.
    Text,
    /// An array of objects.
    Json,
}

/// Does what was asked; nothing here needs a runtime.
pub(crate) fn run(arguments: &ConfigArguments, global: &Global) -> Result<Exit, Failure> {
    match arguments.action {
        Action::Check => check(global),
        Action::Show { origin, format } => show(&environment::load(global, Vec::new())?, origin, format),
        Action::Sample => output::data(sample_toml()).map(|()| Exit::Done),
        Action::Reference => output::data(reference_markdown()).map(|()| Exit::Done),
    }
}

fn check(global: &Global) -> Result<Exit, Failure> {
    let given = Given::gather(global, Vec::new())?;
    let loaded = given.load()?;
    for warning in loaded.warnings() {
        output::warning(&warning.to_string());
    }
    output::note(&format!("the configuration is right: {}", described(given.file(), &loaded)));
    Ok(Exit::Done)
}

/// Where it comes from, in words.
pub(super) fn described(file: Option<&str>, loaded: &Loaded) -> String {
    let set = loaded.settings.iter().filter(|setting| setting.origin != Origin::Default).count();
    let file = file.map_or_else(|| "no file".to_owned(), |path| format!("file {path}"));
    format!("{file}, {} set, the rest at their defaults", counted(set, "key"))
}

fn show(loaded: &Loaded, with_origin: bool, format: Format) -> Result<Exit, Failure> {
    let mut text = String::new();
    match format {
        Format::Text => {
            let lines = loaded.settings.iter().map(|setting| {
                let value = key(setting.key).toml(&setting.shown);
                (format!("{} = {}", setting.key, one_line(&value)), one_line(&setting.origin.to_string()))
            });
            let lines: Vec<_> = lines.collect();
            let width = lines.iter().map(|(line, _)| line.chars().count()).filter(|width| *width <= 50).max();
            let width = if with_origin { width.unwrap_or_default() } else { 0 };
            for (line, origin) in lines {
                let origin = if with_origin { format!("  # {origin}") } else { String::new() };
                writeln!(text, "{line:width$}{origin}").expect("a String takes any text");
            }
        }
        Format::Json => {
            let values = loaded.settings.iter().map(|setting| {
                let mut value = serde_json::json!({ "key": setting.key, "value": setting.shown });
                if with_origin {
                    value["origin"] = setting.origin.to_string().into();
                }
                value
            });
            text = format!("{:#}\n", values.collect::<serde_json::Value>());
        }
    }
    output::data(text).map(|()| Exit::Done)
}

fn key(path: &str) -> &'static Key {
    registry().iter().find(|key| key.path == path).expect("every setting is a key of the registry")
}
