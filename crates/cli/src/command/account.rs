//! `chasqui account`: what is left in the account with the provider.
//!
//! Left out: changing it, which is the provider's website.

use chasqui::config::Config;
use chasqui_core::{Answer, Ask, Value};
use chasqui_server::body;
use chasqui_types::Account;
use clap::Args;

use super::ask::{self, Format, MannerArguments};
use super::ruc::source_line;
use super::unanswered;
use crate::exit::{Exit, Failure};
use crate::text::{or_dash, thousands};
use crate::{csv, output, table};

const AFTER_HELP: &str = "\
Examples:
  chasqui account
  chasqui account --format json

It asks the provider, which may count as one of the account's calls. Fewer than 500 queries left are warned of.
Exit codes: 0 found, 3 could not be found out, 4 configuration.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct AccountArguments {
    #[command(flatten)]
    manner: MannerArguments,
}

/// Fewer queries than these are worth a warning: a list of customers uses them up in a day.
const FEW: i64 = 500;

/// Asks and prints.
pub(crate) async fn run(arguments: &AccountArguments, config: &Config) -> Result<Exit, Failure> {
    let MannerArguments { format, refresh } = arguments.manner;
    let chasqui = ask::start(config, format, false).await?;
    let asked = chasqui.lookups().account(Ask { refresh, patience: None }).await;
    ask::stop(chasqui).await;
    let answer = asked.map_err(|error| unanswered(&error, format))?;
    let Value::Account(account) = answer.record.value() else { unreachable!("an account answers with one") };
    show(&answer, account, format)?;
    if let Some(left) = account.consultas.filter(|left| *left < FEW) {
        output::warning(&format!("fewer than {FEW} queries are left: {left}; add some to the account of MIGO"));
    }
    Ok(Exit::Done)
}

fn show(answer: &Answer, account: &Account, format: Format) -> Result<(), Failure> {
    let left = account.consultas.map(|left| left.to_string());
    match format {
        Format::Json | Format::Ndjson => output::line(&body::account(answer).unwrap_or_default()),
        Format::Csv => {
            let fields = [account.nombre.as_deref(), account.email.as_deref(), left.as_deref()];
            let after = ask::provenance(Some(answer));
            let cells = fields.map(Option::unwrap_or_default).into_iter().chain(after.iter().map(String::as_str));
            let header = csv::line(["nombre", "email", "consultas", "source", "as_of", "freshness"]);
            output::data(header + &csv::line(cells))
        }
        Format::Table => {
            let left = account.consultas.and_then(|left| usize::try_from(left).ok()).map(thousands).or(left);
            let pairs = [
                ("Nombre", or_dash(account.nombre.as_deref())),
                ("Email", or_dash(account.email.as_deref())),
                ("Consultas disponibles", or_dash(left.as_deref())),
            ];
            let pairs = pairs.map(|(label, value)| (label.to_owned(), value.into_owned()));
            let made_up = if ask::is_made_up(answer) { ask::made_up() } else { String::new() };
            output::data(format!("{}{}{made_up}", table::pairs(pairs), source_line(answer)))
        }
    }
}
