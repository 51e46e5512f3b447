//! What can be typed after `chasqui`: the flags of every command, and the list of commands.
//!
//! Left out: the flags of one command, which stand with it in [`command`](crate::command).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::command::{
    account, batch, billing, cache, config, cpe, dni, doctor, padron, pages, rate, representatives, ruc, sandbox, serve,
};

/// The end of `chasqui --help`.
const AFTER_HELP: &str = "\
Examples:
  chasqui ruc 20131312955                       one taxpayer, as a table
  chasqui ruc @numbers.txt --format csv         many, one number per line of a file
  chasqui billing @customers.txt                who may be invoiced
  chasqui batch clientes.xlsx                   a spreadsheet, checked and completed
  chasqui rate 2026-07-28                       what a dollar was worth on a day
  chasqui serve --listen 127.0.0.1:8080         the HTTP server
  chasqui doctor                                what is set up, and what to do about the rest

Configuration: chasqui.toml (--config, else $CHASQUI_CONFIG, else ./chasqui.toml if there is one), then variables
such as CHASQUI_MIGO__TOKEN_FILE, then flags. `chasqui config reference` lists every key.
Without a MIGO token a sandbox answers with made-up taxpayers, and says so.

Exit codes: 0 all found, 1 some absent, 2 usage or bad number, 3 could not find out, 4 configuration.
Where several apply, 3 outweighs 2, and 2 outweighs 1.";

/// Asks who a Peruvian taxpayer is, and serves the answers.
#[derive(Debug, Parser)]
#[command(name = "chasqui", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The file of configuration.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Configuration")]
    pub(crate) config: Option<PathBuf>,
    /// Sets one key of the configuration, over the file and the environment; may be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = setting, help_heading = "Configuration")]
    pub(crate) settings: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look taxpayers up by their numbers.
    Ruc(ruc::RucArguments),
    /// Find the names that go with identity documents.
    Dni(dni::DniArguments),
    /// Show what a dollar is worth in soles: the last rate, that of a day, those of a range.
    Rate(rate::RateArguments),
    /// Show who may sign for companies.
    Representatives(representatives::RepresentativesArguments),
    /// Check whether taxpayers may be invoiced.
    Billing(billing::BillingArguments),
    /// Validate and enrich a file of numbers: CSV, XLSX, newline-delimited JSON or a list.
    Batch(batch::BatchArguments),
    /// Show what is left in the account with the provider.
    Account(account::AccountArguments),
    /// Check whether a payment document is valid.
    Cpe(cpe::CpeArguments),
    /// Run the HTTP server.
    Serve(serve::ServeArguments),
    /// Run the simulated upstream on a port of its own, with faults on request.
    Sandbox(sandbox::SandboxArguments),
    /// Look at and change what a running server remembers.
    Cache(cache::CacheArguments),
    /// Look after SUNAT's registry on this machine: import editions, look into them, go back.
    Padron(padron::PadronArguments),
    /// Check, show and explain the configuration.
    Config(config::ConfigArguments),
    /// Check what is set up, and say what to do about the rest.
    Doctor(doctor::DoctorArguments),
    /// Print what a shell needs to complete commands and flags.
    Completions(pages::CompletionsArguments),
    /// Print a manual page.
    Man(pages::ManArguments),
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as migo.timeout=10s")?;
    let key = key.trim();
    if key == "migo.token" {
        return Err("a token on the command line is seen by everybody on this machine; set CHASQUI_MIGO__TOKEN_FILE \
                    to a file that holds it"
            .to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_flags_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_is_a_key_and_a_value_and_never_a_token() {
        assert_eq!(setting("migo.timeout = 5s").unwrap(), ("migo.timeout".to_owned(), " 5s".to_owned()));
        assert_eq!(setting("padron.mirrors=http://a/?b=c").unwrap().1, "http://a/?b=c");
        assert!(setting("migo.timeout").is_err());
        assert!(!setting("migo.token=abc").unwrap_err().contains("abc"));
    }
}
