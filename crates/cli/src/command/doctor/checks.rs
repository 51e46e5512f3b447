//! The checks themselves, each with what to do about it.
//!
//! Left out: reading the configuration, which comes first and ends everything if it fails.

use std::io::ErrorKind;
use std::net::SocketAddr;

use chasqui::config::{Auth, CacheUrl, Config, SourceName};
use chasqui::{Chasqui, Start};
use chasqui_core::{Ask, Blame};
use chasqui_types::{Lookup, Ruc, SourceId};
use reqwest::Method;
use tokio::net::TcpListener;

use super::{Finding, Health};
use crate::command::cache::Client;
use crate::command::{SANDBOX_ADVICE, reachable};
use crate::exit::{Failure, chain};
use crate::text::seconds;

/// SUNAT's own number, which exists.
const KNOWN: &str = "20131312955";

/// What can be told from the configuration alone.
pub(super) fn settings(config: &Config) -> Vec<Finding> {
    vec![source(config), cache(config), access(config)]
}

fn source(config: &Config) -> Finding {
    let finding = |health, detail: String| Finding::new("source", health, detail);
    let migo = &config.migo;
    if migo.token.is_some() {
        if !config.lookup.ruc.contains(&SourceName::Migo) {
            let detail = "migo.token is set, but lookup.ruc does not name migo; add it there".to_owned();
            return finding(Health::Misconfigured, detail);
        }
        let detail = format!("migo at {}, API {}, plan {}", migo.base_url, migo.api.as_str(), migo.plan.as_str());
        return if migo.base_url.is_encrypted() {
            finding(Health::Good, detail)
        } else {
            finding(Health::Doubtful, format!("{detail}; over plain http, which only a test on this machine should do"))
        };
    }
    match (config.sandbox_allowed(false), config.sandbox_allowed(true)) {
        (Ok(true), Ok(_)) => finding(Health::Doubtful, format!("the sandbox, with made-up data; {SANDBOX_ADVICE}")),
        (Ok(true), Err(problem)) => finding(Health::Doubtful, format!("the sandbox, but not for a server: {problem}")),
        (Ok(false), _) => {
            finding(Health::Misconfigured, format!("none: no token, and no sandbox may answer; {SANDBOX_ADVICE}"))
        }
        (Err(problem), _) => finding(Health::Misconfigured, problem.to_string()),
    }
}

fn cache(config: &Config) -> Finding {
    let cache = &config.cache;
    let detail = format!(
        "memory of {} MiB; found fresh for {}, absent for {}, stale for another {}",
        cache.capacity >> 20,
        span(cache.found_ttl),
        span(cache.absent_ttl),
        span(cache.stale_for),
    );
    match cache.url {
        CacheUrl::Memory => Finding::new("cache", Health::Good, detail),
        CacheUrl::Redis(_) | CacheUrl::Memcache(_) => {
            Finding::new("cache", Health::Doubtful, format!("{detail}; cache.url is not used by this version"))
        }
    }
}

fn access(config: &Config) -> Finding {
    let listen = config.server.listen;
    match config.server.auth {
        Auth::Off => Finding::new("access", Health::Good, format!("no keys are asked for on {listen}")),
        Auth::Keys => {
            let detail = "server.auth = \"keys\" is not built yet, so a server will not start; use \"off\" on loopback";
            Finding::new("access", Health::Misconfigured, detail)
        }
    }
}

fn span(span: std::time::Duration) -> String {
    let hours = span.as_secs() / 3600;
    if hours > 0 && span.as_secs().is_multiple_of(3600) { format!("{hours}h") } else { seconds(span) }
}

/// Asks one known number, once.
pub(super) async fn provider(config: &Config) -> Finding {
    let finding = |health, detail: String| Finding::new("provider", health, detail);
    let mut config = config.clone();
    config.migo.retries = 0;
    let chasqui = match Chasqui::start(&config, Start::default()).await {
        Ok(chasqui) => chasqui,
        Err(error) => return finding(Health::Misconfigured, chain(&error)),
    };
    let ruc: Ruc = KNOWN.parse().expect("SUNAT's own number is one");
    let asked = chasqui.lookups().taxpayer(ruc, Ask { refresh: true, patience: None }).await;
    let name = chasqui.lookups().keys().service().to_owned();
    chasqui.stop(std::time::Duration::ZERO).await;
    match asked {
        Ok(answer) => match answer.taxpayer() {
            Lookup::Found(_) if name == SourceId::SANDBOX.as_str() => {
                finding(Health::Good, "the sandbox answers".to_owned())
            }
            Lookup::Found(_) => finding(Health::Good, format!("{name} answers, and takes the token")),
            Lookup::Absent(_) => {
                finding(Health::Doubtful, format!("{name} answers, but says that {KNOWN}, SUNAT's own, is absent"))
            }
        },
        Err(error) if error.blame() == Blame::Operator => finding(
            Health::Misconfigured,
            format!("{}; check the token (CHASQUI_MIGO__TOKEN_FILE) and the plan of the account", chain(&error)),
        ),
        Err(error) => finding(
            Health::Unreachable,
            format!("{} ({}); check migo.base_url and the way out to it", chain(&error), error.code()),
        ),
    }
}

/// Whether a server could listen, or one does.
pub(super) async fn port(listen: SocketAddr) -> Result<Finding, Failure> {
    let finding = |health, detail: String| Ok(Finding::new("port", health, detail));
    match TcpListener::bind(listen).await {
        Ok(_) => finding(Health::Good, format!("{listen} is free for `chasqui serve`")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let found = server(&format!("http://{}", reachable(listen))).await?;
            if found.health == Health::Good {
                return Ok(found);
            }
            let advice = "stop it, or choose another with server.listen";
            finding(Health::Doubtful, format!("{listen} is taken by another program; {advice}"))
        }
        Err(error) => finding(Health::Misconfigured, format!("{listen} cannot be listened on: {error}")),
    }
}

/// Whether a server answers there.
pub(super) async fn server(base: &str) -> Result<Finding, Failure> {
    // A cache's statistics are something that only a server of ours has.
    Ok(match Client::new(base)?.ask(Method::GET, "/v1/cache/stats", &[], None).await {
        Ok(_) => Finding::new("server", Health::Good, format!("a chasqui answers at {base}")),
        Err(failure) => Finding::new("server", Health::Unreachable, failure.to_string()),
    })
}
