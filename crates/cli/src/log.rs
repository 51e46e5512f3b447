//! Where log lines go, which, and how they look.
//!
//! Only our own words may go below `info`, whatever the filter says: at `trace`, HTTP and TLS libraries print headers,
//! bodies and addresses, and with them tokens and numbers that our own lines mask.
//! For the same reason records of the older `log` interface are not picked up at all.
//! Left out: choosing what to log; who does something logs it.

use std::fs::{File, OpenOptions};
use std::io::IsTerminal as _;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use chasqui::config::{Loaded, LogFormat, Origin};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::exit::{Exit, Failure};

/// How every target of ours begins.
const OURS: &str = "chasqui";
/// The lowest level at which others may speak.
const OTHERS: LevelFilter = LevelFilter::INFO;

/// Whether people look at something else than the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A command that prints its answer and ends: what it has to say, it says itself, so that unless somebody asked for
    /// more, only errors are logged.
    OneShot,
    /// A program that runs on, and whose log is what is seen of it.
    Serving,
}

/// Starts logging. Called once.
pub(crate) fn start(loaded: &Loaded, manner: Manner) -> Result<(), Failure> {
    let log = &loaded.config.log;
    let is_default =
        loaded.settings.iter().any(|setting| setting.key == "log.filter" && setting.origin == Origin::Default);
    let filter = if manner == Manner::OneShot && is_default { "error" } else { &log.filter };
    let filter = capped(filter).map_err(|reason| {
        Failure::new(Exit::Configuration, format!("log.filter: {filter:?} cannot be read: {reason}"))
    })?;
    let (writer, is_terminal) = match &log.file {
        Some(path) => (BoxMakeWriter::new(Arc::new(open(path)?)), false),
        None => (BoxMakeWriter::new(std::io::stderr), std::io::stderr().is_terminal()),
    };
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !is_terminal,
    };
    let colours = is_terminal && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    // One line is one write, so that lines of several processes do not mix in one file.
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
    let lines = if json { lines.json().flatten_event(true).boxed() } else { lines.boxed() };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).expect("logging is started once");
    Ok(())
}

/// The filter that was asked for, with everybody else held to [`OTHERS`].
fn capped(filter: &str) -> Result<Targets, String> {
    let asked = Targets::from_str(filter).map_err(|error| error.to_string())?;
    let default = asked.default_level().unwrap_or(LevelFilter::OFF);
    let targets = asked.iter().map(|(target, level)| {
        let level = if target.starts_with(OURS) { level } else { level.min(OTHERS) };
        (target.to_owned(), level)
    });
    let ours = std::iter::once((OURS.to_owned(), default));
    // A directive of the filter comes after ours, and outweighs it where both name the same target.
    Ok(Targets::new().with_default(default.min(OTHERS)).with_targets(ours.chain(targets)))
}

fn open(path: &Path) -> Result<File, Failure> {
    OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
        Failure::new(Exit::Configuration, format!("log.file: {} cannot be opened", path.display())).because(&error)
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_level_for_everybody_lets_only_us_go_below_info() {
        check("trace", "chasqui_core::lookups", Level::TRACE, true);
        check("trace", "chasqui", Level::TRACE, true);
        check("trace", "hyper::proto", Level::INFO, true);
        check("trace", "hyper::proto", Level::DEBUG, false);
        check("warn", "chasqui_core", Level::INFO, false);
        check("off", "chasqui_core", Level::ERROR, false);
    }

    #[test]
    fn naming_another_library_does_not_open_it() {
        check("info,reqwest=trace", "reqwest::connect", Level::DEBUG, false);
        check("info,h2=trace", "h2::codec", Level::INFO, true);
        check("info,rustls=error", "rustls", Level::INFO, false);
    }

    #[test]
    fn a_directive_about_us_outweighs_the_level_for_everybody() {
        check("trace,chasqui=warn", "chasqui_core", Level::INFO, false);
        check("warn,chasqui_core=debug", "chasqui_core::guard", Level::DEBUG, true);
        check("warn,chasqui_core=debug", "chasqui_server", Level::INFO, false);
        check("chasqui_core=debug", "chasqui_server", Level::ERROR, false);
    }

    #[track_caller]
    fn check(filter: &str, target: &str, level: Level, wanted: bool) {
        assert_eq!(capped(filter).unwrap().would_enable(target, &level), wanted, "{filter}: {target} at {level}");
    }
}
