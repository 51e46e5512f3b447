//! `chasqui serve`: the HTTP server, until somebody asks it to stop.
//!
//! The first request to stop lets what is under way finish, the second one ends at once.
//! Left out: what is served, which is `chasqui-server`'s.

use std::io::ErrorKind;
use std::net::SocketAddr;

use chasqui::config::Loaded;
use chasqui_server::{ServeError, Server};
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::SANDBOX_ADVICE;
use crate::environment::Flag;
use crate::exit::{Exit, Failure, chain, is_io};
use crate::output;
use crate::signals::Signals;

const AFTER_HELP: &str = "\
Examples:
  chasqui serve
  chasqui serve --listen 127.0.0.1:9000
  CHASQUI_MIGO__TOKEN_FILE=/run/secrets/migo chasqui serve
  curl http://127.0.0.1:8080/v1/ruc/20131312955

Ctrl-C or SIGTERM lets requests under way finish, at most as long as server.shutdown; a second one ends at once.
This version listens on loopback only; put a proxy in front and name its host in server.allowed_hosts.";

/// The kinds of error that another address or more rights mend.
const ADDRESS_TROUBLE: &[ErrorKind] = &[ErrorKind::AddrInUse, ErrorKind::AddrNotAvailable, ErrorKind::PermissionDenied];

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArguments {
    /// Where it listens, over server.listen; a loopback address.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
}

// === impl ServeArguments ===

impl ServeArguments {
    /// The keys that its flags set.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let listen =
            self.listen.iter().map(|listen| ("--listen".to_owned(), "server.listen".to_owned(), listen.clone()));
        listen.collect()
    }
}

/// Serves until it is asked to stop.
pub(crate) async fn run(loaded: &Loaded) -> Result<Exit, Failure> {
    let config = &loaded.config;
    config.check_serving().map_err(|problem| Failure::of(Exit::Configuration, &problem))?;
    for warning in loaded.warnings() {
        output::warning(&warning.to_string());
    }
    let mut signals = Signals::listen()?;
    let server = Server::bind(config).await.map_err(|error| refused(error, config.server.listen))?;
    output::note(&format!("chasqui listens on http://{}, source: {}", server.address(), server.source()));
    if server.source() == chasqui_types::SourceId::SANDBOX.as_str() {
        output::warning(&format!("no token for MIGO, so the sandbox answers with made-up data; {SANDBOX_ADVICE}"));
    }
    let stop = CancellationToken::new();
    let mut running = std::pin::pin!(server.run(stop.clone()));
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = signals.next() => {
            stop.cancel();
            tokio::select! {
                ended = &mut running => ended,
                () = signals.next() => {
                    output::note("stopped at once; requests under way were cut off");
                    return Ok(Exit::Interrupted);
                }
            }
        }
    };
    ended.map(|()| Exit::Done).map_err(|error| Failure::of(Exit::Unknown, &error))
}

fn refused(error: ServeError, listen: SocketAddr) -> Failure {
    if is_io(&error, &[ErrorKind::AddrInUse]) {
        let advice = format!(
            "another program has port {}, perhaps another chasqui; stop it or choose another with --listen",
            listen.port()
        );
        return Failure::of(Exit::Configuration, &error).advise(&advice);
    }
    match error {
        ServeError::Start(cause) => cause.into(),
        ServeError::NoKeys => Failure::of(Exit::Configuration, &error),
        _ if is_io(&error, ADDRESS_TROUBLE) => Failure::new(Exit::Configuration, chain(&error)),
        _ => Failure::of(Exit::Unknown, &error),
    }
}
