//! `chasqui doctor`: what is set up, whether it works, and what to do about what does not.
//!
//! Every check is one line. It changes nothing, and spends one call at the provider unless told not to.
//! Left out: the store, which is checked once it is built.

mod checks;
mod registry;

use std::io::IsTerminal as _;

use chasqui::config::Loaded;
use clap::Args;

use super::config::described;
use crate::args::Global;
use crate::environment::Given;
use crate::exit::{Exit, Failure};
use crate::log::{self, Manner};
use crate::output;
use crate::text::one_line;

const AFTER_HELP: &str = "\
Examples:
  chasqui doctor
  chasqui doctor --no-calls
  chasqui doctor --server http://127.0.0.1:9000

Asking the provider spends one of the account's calls: it looks up 20131312955, SUNAT's own number.
Exit codes: 0 nothing fails, 3 something cannot be reached, 4 the configuration has to be changed.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DoctorArguments {
    /// A running server to check besides this machine's configuration, instead of the port that one would listen on.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Do not ask the provider.
    #[arg(long)]
    no_calls: bool,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    /// It works, but something should be looked at.
    Doubtful,
    /// Something cannot be reached.
    Unreachable,
    /// The configuration has to be changed.
    Misconfigured,
}

/// One line.
struct Finding {
    name: &'static str,
    health: Health,
    detail: String,
}

/// Checks everything; a configuration that cannot be read leaves nothing else to check.
pub(crate) async fn run(arguments: &DoctorArguments, global: &Global) -> Result<Exit, Failure> {
    let loaded = match configuration(global) {
        Ok((loaded, findings)) => {
            log::start(&loaded, Manner::OneShot)?;
            if arguments.server.is_some() {
                output::data("This machine's configuration:\n")?;
            }
            show(&findings)?;
            loaded
        }
        Err(failure) => {
            show(&[Finding::new("configuration", Health::Misconfigured, "it cannot be used; see below")])?;
            return Err(failure);
        }
    };
    let config = &loaded.config;
    let mut worst = Health::Good;
    let has_edition = registry::has_edition(config);
    for finding in checks::settings(config, has_edition).into_iter().chain(registry::registry(config)) {
        worst = worst.and(show(&[finding])?);
    }
    if worst != Health::Misconfigured {
        let finding = if arguments.no_calls {
            Finding::new("provider", Health::Good, "not asked, because of --no-calls")
        } else {
            checks::provider(config, has_edition).await
        };
        worst = worst.and(show(&[finding])?);
    }
    let findings = match &arguments.server {
        Some(server) => {
            output::data(format!("\nThe server at {}, whose configuration may be another:\n", one_line(server)))?;
            checks::server(server).await?
        }
        None => checks::port(config.server.listen).await?,
    };
    worst = worst.and(show(&findings)?);
    Ok(worst.exit())
}

fn configuration(global: &Global) -> Result<(Loaded, Vec<Finding>), Failure> {
    let given = Given::gather(global, Vec::new())?;
    let loaded = given.load()?;
    let mut findings = vec![Finding::new("configuration", Health::Good, described(given.file(), &loaded))];
    let warnings = loaded.warnings();
    let warnings = warnings.iter().map(|warning| Finding::new("configuration", Health::Doubtful, warning.to_string()));
    findings.extend(warnings);
    Ok((loaded, findings))
}

/// Prints findings and says which was worst.
fn show(findings: &[Finding]) -> Result<Health, Failure> {
    let is_terminal = std::io::stdout().is_terminal();
    let mut worst = Health::Good;
    for Finding { name, health, detail } in findings {
        output::data(format!("{:4}  {name:13}  {}\n", health.sign(is_terminal), one_line(detail)))?;
        worst = worst.and(*health);
    }
    Ok(worst)
}

// === impl Finding ===

impl Finding {
    fn new(name: &'static str, health: Health, detail: impl Into<String>) -> Self {
        Self { name, health, detail: detail.into() }
    }
}

// === impl Health ===

impl Health {
    /// The worse of two. What has to be changed by hand outweighs what may come back by itself.
    fn and(self, other: Self) -> Self {
        if (other as u8) > (self as u8) { other } else { self }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Good | Self::Doubtful => Exit::Done,
            Self::Unreachable => Exit::Unknown,
            Self::Misconfigured => Exit::Configuration,
        }
    }

    fn sign(self, is_terminal: bool) -> &'static str {
        match (self, is_terminal) {
            (Self::Good, true) => "✓",
            (Self::Good, false) => "ok",
            (Self::Doubtful, true) => "!",
            (Self::Doubtful, false) => "warn",
            (Self::Unreachable | Self::Misconfigured, true) => "✗",
            (Self::Unreachable | Self::Misconfigured, false) => "fail",
        }
    }
}
