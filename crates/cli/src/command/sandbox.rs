//! `chasqui sandbox`: the simulated upstream on a port of its own, for people who write clients.
//!
//! Left out: what it answers and how it misbehaves, which is `chasqui-sandbox`'s.

use std::net::SocketAddr;

use chasqui_sandbox::{Faults, Limit, Sandbox, SandboxConfig, SandboxError};
use clap::Args;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::signals::Signals;
use crate::text::counted;

const AFTER_HELP: &str = "\
Examples:
  chasqui sandbox
  chasqui sandbox --fault 'status=503@20%' --fault latency=100ms+50ms
  chasqui sandbox --fault 20131312955:reset --fault collection:omit=3 --fault outage=10s/2s
  chasqui sandbox --limits 900/15m --token secret

A fault is [TARGET:]KIND[=VALUE][@SHARE%]. The target is one RUC or an endpoint: ruc, collection, v1_get_ruc, v2_ruc,
dni, v2_dni, latest_rate, rate, rates, v2_latest_rate, v2_rate, representatives, account, cpe, other. Kinds: latency=100ms[+50ms] status=503 throttle[=SECONDS] unauthorized forbidden echo malformed html[=STATUS]
truncated content-type=text/html reset drip=16/50ms silence omit=3 reorder repeat empty foreign wrapped outage=10s/2s.
While it runs, faults are read and replaced under /_sandbox/faults, and calls counted under /_sandbox/calls.

To use it in MIGO's place, give Chasqui any token and
  CHASQUI_MIGO__BASE_URL=http://127.0.0.1:8900";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SandboxArguments {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8900")]
    listen: SocketAddr,
    /// The one token that it accepts; without it, any that is not empty.
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Calls beyond this are answered 429, such as 900/15m.
    #[arg(long, value_name = "CALLS/TIME")]
    limits: Option<Limit>,
    /// What goes wrong; may be repeated.
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Faults>,
    /// Where the chance in delays starts.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
}

/// Answers until it is asked to stop, then says what it was asked.
pub(crate) async fn run(arguments: SandboxArguments) -> Result<Exit, Failure> {
    let SandboxArguments { listen, token, limits, faults, seed } = arguments;
    let mut signals = Signals::listen()?;
    let shown_token = token.clone().unwrap_or_else(|| "any".to_owned());
    let config = SandboxConfig { listen, token, faults: together(faults), limits, seed };
    let sandbox = Sandbox::start(config).await.map_err(|error| match error {
        SandboxError::Listen { .. } => {
            Failure::of(Exit::Configuration, &error).advise("choose another address with --listen, or port 0 for any")
        }
        _ => Failure::of(Exit::Unknown, &error),
    })?;
    let base = sandbox.base_url();
    output::note(&format!("the sandbox listens on {base}; every taxpayer it answers with is made up"));
    output::note(&format!("  curl {base}/api/v1/ruc -d token={shown_token} -d ruc=20131312955"));
    output::note(&format!("  curl {base}/api/v2/ruc/20131312955 -H 'Authorization: Bearer {shown_token}'"));
    if !listen.ip().is_loopback() {
        output::warning("it listens off loopback: others may take its made-up data for real");
    }
    signals.next().await;
    let calls = sandbox.calls();
    tokio::select! {
        () = sandbox.shutdown() => {}
        () = signals.next() => {}
    }
    output::note(&format!(
        "{}: {} for one RUC, {} for collections, {} for people, {} for rates, {} for representatives, {} for the account, \
         {} for documents, {} elsewhere",
        counted(usize::try_from(calls.total()).unwrap_or(usize::MAX), "call"),
        calls.ruc + calls.v1_get_ruc + calls.v2_ruc,
        calls.collection,
        calls.dni + calls.v2_dni,
        calls.latest_rate + calls.rate + calls.rates + calls.v2_latest_rate + calls.v2_rate,
        calls.representatives,
        calls.account,
        calls.cpe,
        calls.other,
    ));
    Ok(Exit::Done)
}

/// All rules of all flags; a later outage outweighs an earlier one.
fn together(flags: Vec<Faults>) -> Faults {
    let mut all = Faults::default();
    for Faults { calls, rules, outage } in flags {
        all.calls.extend(calls);
        all.rules.extend(rules);
        all.outage = outage.or(all.outage);
    }
    all
}
