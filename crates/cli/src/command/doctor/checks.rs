//! The checks themselves, each with what to do about it.
//!
//! Left out: reading the configuration, which comes first and ends everything if it fails.

use std::io::ErrorKind;
use std::net::SocketAddr;

use chasqui::config::{CacheUrl, Config, SandboxMode};
use chasqui::{Chasqui, Start};
use chasqui_core::{Ask, Blame, LookupError};
use chasqui_types::time::Timestamp;
use chasqui_types::{Lookup, Ruc, SourceId};
use reqwest::Method;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{Finding, Health};
use crate::command::cache::Client;
use crate::command::{SANDBOX_ADVICE, reachable};
use crate::exit::{Failure, chain};
use crate::text::{age, counted, lima, one_line, seconds};

/// SUNAT's own number, which exists.
const KNOWN: &str = "20131312955";

/// What can be told from the configuration alone.
pub(super) fn settings(config: &Config, has_edition: bool) -> Vec<Finding> {
    vec![source(config, has_edition), cache(config), access(config)]
}

fn source(config: &Config, has_edition: bool) -> Finding {
    let finding = |health, detail: String| Finding::new("source", health, detail);
    let migo = &config.migo;
    if migo.token.is_some() {
        let detail = format!("migo at {}, API {}, plan {}", migo.base_url, migo.api.as_str(), migo.plan.as_str());
        return if migo.base_url.is_encrypted() {
            finding(Health::Good, detail)
        } else {
            finding(Health::Doubtful, format!("{detail}; over plain http, which only a test on this machine should do"))
        };
    }
    if is_alone(config, has_edition) {
        let detail = "the padrón alone; set CHASQUI_MIGO__TOKEN_FILE (or migo.token) to ask MIGO what it does not hold";
        return finding(Health::Doubtful, detail.to_owned());
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

/// Whether nobody but the registry answers: made-up taxpayers do not stand beside real ones unless that is written out.
fn is_alone(config: &Config, has_edition: bool) -> bool {
    has_edition && config.migo.token.is_none() && config.sandbox.enabled != SandboxMode::True
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
    match config.check_serving() {
        Ok(()) => {
            let detail = format!("no keys are asked for on {}, which is loopback", config.server.listen);
            Finding::new("access", Health::Good, detail)
        }
        Err(problem) => Finding::new("access", Health::Misconfigured, format!("no server will start: {problem}")),
    }
}

fn span(span: std::time::Duration) -> String {
    let hours = span.as_secs() / 3600;
    if hours > 0 && span.as_secs().is_multiple_of(3600) { format!("{hours}h") } else { seconds(span) }
}

/// Asks one known number, once.
pub(super) async fn provider(config: &Config, has_edition: bool) -> Finding {
    let finding = |health, detail: String| Finding::new("provider", health, detail);
    if is_alone(config, has_edition) {
        return finding(Health::Good, "none is set up, so there is nobody to ask".to_owned());
    }
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
            format!("{}; check the token (CHASQUI_MIGO__TOKEN_FILE) and the plan of the account", words(&error)),
        ),
        Err(error) => finding(
            Health::Unreachable,
            format!("{} ({}); check migo.base_url and the way out to it", words(&error), error.code()),
        ),
    }
}

fn words(error: &LookupError) -> String {
    one_line(&error.chain())
}

/// Whether a server could listen, or one does.
pub(super) async fn port(listen: SocketAddr) -> Result<Vec<Finding>, Failure> {
    let finding = |health, detail: String| Ok(vec![Finding::new("port", health, detail)]);
    match TcpListener::bind(listen).await {
        Ok(_) => finding(Health::Good, format!("{listen} is free for `chasqui serve`")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let found = server(&format!("http://{}", reachable(listen))).await?;
            if found.len() > 1 {
                return Ok(found);
            }
            let advice = "stop it, or choose another with server.listen";
            finding(Health::Doubtful, format!("{listen} is taken by another program; {advice}"))
        }
        Err(error) => finding(Health::Misconfigured, format!("{listen} cannot be listened on: {error}")),
    }
}

/// How a running server is doing, in its own words: one line if none answers, more if one does.
pub(super) async fn server(base: &str) -> Result<Vec<Finding>, Failure> {
    let answer = Client::new(base)?.ask(Method::GET, "/readyz", &[], None).await;
    let value = match answer {
        Ok(body) if body.value["providers"].is_array() => body.value,
        Ok(_) => {
            let detail = format!("{base} answers, but is no chasqui");
            return Ok(vec![Finding::new("server", Health::Unreachable, detail)]);
        }
        Err(failure) => return Ok(vec![Finding::new("server", Health::Unreachable, failure.to_string())]),
    };
    Ok(vec![state(base, &value), answering(&value), remembered(&value)])
}

/// Whether it should be sent requests, and why not.
fn state(base: &str, value: &Value) -> Finding {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let because: Vec<_> = value["because"].as_array().into_iter().flatten().map(word).collect();
    let status = word(&value["status"]);
    let health = match status.as_str() {
        "ready" => Health::Good,
        // A provider that rests cannot be asked; anything else that is degraded still answers.
        "degraded" if !value["providers"].as_array().into_iter().flatten().any(|one| one["state"] == "resting") => {
            Health::Doubtful
        }
        _ => Health::Unreachable,
    };
    let because = if because.is_empty() { String::new() } else { format!(": {}", because.join("; ")) };
    let version = word(&value["version"]);
    Finding::new("server", health, format!("a chasqui {version} answers at {base}, {status}{because}"))
}

/// Who answers there.
fn answering(value: &Value) -> Finding {
    let source = value["source"].as_str().unwrap_or("-");
    if value["made_up"] == true {
        let detail = format!("{source}, with made-up data; give that server a token");
        return Finding::new("its source", Health::Doubtful, detail);
    }
    Finding::new("its source", Health::Good, source)
}

/// How much it remembers, and how old that is.
fn remembered(value: &Value) -> Finding {
    let taxpayers = value["data"]["taxpayers"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
    let moment = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let age = match (moment(&value["data"]["oldest_as_of"]), moment(&value["timestamp"])) {
        (Some(oldest), Some(now)) => {
            let old = now.duration_since(oldest).unsigned_abs();
            format!("; the oldest data are of {}, {} ago", lima(oldest), age(old))
        }
        _ => String::new(),
    };
    Finding::new("its memory", Health::Good, format!("{}{age}", counted(taxpayers, "taxpayer")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_whose_provider_rests_cannot_find_out() {
        let body = |status: &str, provider: &str| {
            json!({
                "status": status, "version": "0.1.0", "because": ["migo is so"],
                "providers": [{"provider": "migo", "state": provider}],
            })
        };
        for (status, provider, expected) in [
            ("ready", "serving", Health::Good),
            ("degraded", "serving", Health::Doubtful),
            ("degraded", "probing", Health::Doubtful),
            ("degraded", "resting", Health::Unreachable),
            ("not_ready", "serving", Health::Unreachable),
        ] {
            let finding = state("http://x", &body(status, provider));
            assert_eq!(finding.health, expected, "{status} {provider}");
            assert!(finding.detail.ends_with(&format!("{status}: migo is so")), "{}", finding.detail);
        }
    }

    #[test]
    fn the_age_of_data_is_in_days() {
        let value = json!({
            "timestamp": "2026-11-20T15:01:30Z",
            "data": {"taxpayers": 3, "oldest_as_of": "2026-11-09T10:00:00Z"},
        });
        let detail = remembered(&value).detail;
        assert_eq!(detail, "3 taxpayers; the oldest data are of 2026-11-09 05:00:00 Lima, 11 days ago");
    }
}
