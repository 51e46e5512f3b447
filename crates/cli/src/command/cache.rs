//! `chasqui cache`: what a running server remembers, looked at and changed over HTTP.
//!
//! Left out: a cache of its own; a command ends, and its memory with it.

mod client;
mod show;

use chasqui::config::Config;
use chasqui_types::Ruc;
use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::Value;

use self::client::Body;
pub(crate) use self::client::Client;
use super::ask::typed;
use super::reachable;
use crate::exit::{Exit, Failure};
use crate::output;

const AFTER_HELP: &str = "\
Examples:
  chasqui cache stats
  chasqui cache health --server http://127.0.0.1:9000 --format json
  chasqui cache clear --service migo --kind ruc
  chasqui cache absent list
  chasqui cache absent add 20000000001 --reason 'closed, says the partner' --ttl 12h

Exit codes: 0 done, 1 the number is not marked as absent, 2 usage or bad number, 3 no answer, or the cache is unhealthy.";

const ABSENT_HELP: &str = "\
Examples:
  chasqui cache absent list
  chasqui cache absent show 20000000001
  chasqui cache absent add 20000000001 --reason 'closed, says the partner' --ttl 12h
  chasqui cache absent remove 20000000001";

/// Where the numbers marked as absent are.
const ABSENT: &str = "/v1/cache/absent";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CacheArguments {
    /// The server, instead of the one that the configuration describes.
    #[arg(long, global = true, value_name = "URL")]
    server: Option<String>,
    /// How answers are printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// The server's bodies.
    Json,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what is held, and how often it answered.
    #[command(after_help = "Examples:\n  chasqui cache stats\n  chasqui cache stats --format json")]
    Stats,
    /// Let the cache check itself.
    #[command(after_help = "Examples:\n  chasqui cache health")]
    Health,
    /// Forget entries: all, or those named.
    #[command(after_help = "Examples:\n  chasqui cache clear --service migo\n  chasqui cache clear --expired")]
    Clear {
        /// Of this service only.
        #[arg(long)]
        service: Option<String>,
        /// Of this kind only, such as ruc.
        #[arg(long)]
        kind: Option<String>,
        /// One number only, whatever is remembered of it.
        #[arg(long, conflicts_with_all = ["service", "kind"])]
        ruc: Option<String>,
        /// Only what may not be shown any more.
        #[arg(long, conflicts_with_all = ["service", "kind", "ruc"])]
        expired: bool,
    },
    /// Look at and change the numbers marked as absent.
    #[command(after_help = ABSENT_HELP)]
    Absent {
        #[command(subcommand)]
        action: Option<AbsentAction>,
    },
}

#[derive(Debug, Subcommand)]
enum AbsentAction {
    /// List the numbers that are marked as absent, by a source or by an operator.
    List,
    /// Show since when and why a number is marked as absent.
    Show {
        /// The number.
        #[arg(value_name = "RUC")]
        ruc: String,
    },
    /// Mark a number as absent.
    Add {
        /// The number.
        #[arg(value_name = "RUC")]
        ruc: String,
        /// Why, in words; without it, the server's own words.
        #[arg(long)]
        reason: Option<String>,
        /// For how long, such as 24h; without it, as the server is configured.
        #[arg(long)]
        ttl: Option<String>,
    },
    /// Forget that a number is marked as absent.
    Remove {
        /// The number.
        #[arg(value_name = "RUC")]
        ruc: String,
    },
    /// Forget all marks.
    Clear,
}

/// What is sent for an action.
struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

/// Asks the server and prints what it says.
pub(crate) async fn run(arguments: &CacheArguments, config: &Config) -> Result<Exit, Failure> {
    let base = match &arguments.server {
        Some(server) => server.clone(),
        None => format!("http://{}", reachable(config.server.listen)),
    };
    let Call { method, path, query, body } = call(&arguments.action)?;
    let client = Client::new(&base)?;
    let Body { text, value } = client.ask(method, &path, &query, body.as_ref()).await?;
    match arguments.format {
        Format::Json => output::line(text.trim_end().as_bytes())?,
        Format::Table => output::data(shown(&arguments.action, &value))?,
    }
    Ok(exit(&arguments.action, &value))
}

/// What the answer to an action says, for people.
fn shown(action: &Action, value: &Value) -> String {
    match action {
        Action::Stats => show::stats(value),
        Action::Health => show::health(value),
        Action::Clear { expired: true, .. } => show::cleaned(value),
        Action::Clear { ruc: Some(ruc), .. } => show::forgotten(ruc.trim(), value),
        Action::Clear { .. } => show::cleared(value, "entry", "entries"),
        Action::Absent { action } => match action.as_ref().unwrap_or(&AbsentAction::List) {
            AbsentAction::List => show::absent_numbers(value),
            AbsentAction::Show { .. } => show::absent_number(value),
            AbsentAction::Add { .. } => show::marked(value),
            AbsentAction::Remove { ruc } => show::unmarked(ruc.trim(), value),
            AbsentAction::Clear => show::cleared(value, "absent number", "absent numbers"),
        },
    }
}

fn exit(action: &Action, value: &Value) -> Exit {
    match action {
        Action::Health if value["status"] == "unhealthy" => Exit::Unknown,
        Action::Absent { action: Some(AbsentAction::Remove { .. }) } if value["removed"] == false => Exit::Absent,
        _ => Exit::Done,
    }
}

fn call(action: &Action) -> Result<Call, Failure> {
    let get = |path: &str| Call::new(Method::GET, path);
    Ok(match action {
        Action::Stats => get("/v1/cache/stats"),
        Action::Health => get("/v1/cache/health"),
        Action::Clear { expired: true, .. } => Call::new(Method::POST, "/v1/cache/clean"),
        Action::Clear { ruc: Some(ruc), .. } => Call::new(Method::DELETE, &route("/v1/cache/ruc", ruc)?),
        Action::Clear { service, kind, .. } => {
            let named = [("service", service), ("kind", kind)];
            let query = named.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
            Call { query, ..Call::new(Method::DELETE, "/v1/cache") }
        }
        Action::Absent { action } => match action.as_ref().unwrap_or(&AbsentAction::List) {
            AbsentAction::List => get(ABSENT),
            AbsentAction::Clear => Call::new(Method::DELETE, ABSENT),
            AbsentAction::Show { ruc } => get(&route(ABSENT, ruc)?),
            AbsentAction::Remove { ruc } => Call::new(Method::DELETE, &route(ABSENT, ruc)?),
            AbsentAction::Add { ruc, reason, ttl } => {
                let said = [("reason", reason), ("ttl", ttl)].into_iter();
                let said = said.filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into())));
                Call { body: Some(Value::Object(said.collect())), ..Call::new(Method::PUT, &route(ABSENT, ruc)?) }
            }
        },
    })
}

/// A number's route, once it is one.
fn route(under: &str, ruc: &str) -> Result<String, Failure> {
    let ruc: Ruc = ruc.trim().parse().map_err(|error| {
        Failure::new(Exit::Usage, format!("\"{}\" is not a RUC", typed(ruc, Ruc::LEN))).because(&error)
    })?;
    Ok(format!("{under}/{ruc}"))
}

// === impl Call ===

impl Call {
    fn new(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), query: Vec::new(), body: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_one_request() {
        let clear = |service: Option<&str>, expired| Action::Clear {
            service: service.map(str::to_owned),
            kind: None,
            ruc: None,
            expired,
        };
        check(&clear(None, false), "DELETE /v1/cache []");
        check(&clear(Some("migo"), false), r#"DELETE /v1/cache [("service", "migo")]"#);
        check(&clear(None, true), "POST /v1/cache/clean []");
        check(&Action::Absent { action: None }, "GET /v1/cache/absent []");
        let show = AbsentAction::Show { ruc: " 20000000001 ".to_owned() };
        check(&Action::Absent { action: Some(show) }, "GET /v1/cache/absent/20000000001 []");
    }

    #[test]
    fn a_bad_number_is_refused_before_anything_is_sent() {
        let remove = AbsentAction::Remove { ruc: "../stats".to_owned() };
        let Err(failure) = call(&Action::Absent { action: Some(remove) }) else { panic!("sent") };
        assert_eq!(failure.exit(), Exit::Usage);
    }

    #[track_caller]
    fn check(action: &Action, expected: &str) {
        let call = call(action).unwrap();
        assert_eq!(format!("{} {} {:?}", call.method, call.path, call.query), expected);
    }
}
