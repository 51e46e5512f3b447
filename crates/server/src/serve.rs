//! The socket: taking connections, bounding what a slow client can hold, and stopping without cutting anybody off.
//!
//! Left out: what a request means; [`App`] answers it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use chasqui::config::{Auth, Config};
use chasqui::{Chasqui, Start, StartError};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::metrics::Metrics;
use crate::patient::Patient;

/// A server that listens and is ready to answer.
pub struct Server {
    app: App,
    chasqui: Chasqui,
    listener: TcpListener,
    address: SocketAddr,
    /// One for each connection.
    places: Arc<Semaphore>,
    shutdown: Duration,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Nothing can be asked.
    #[error("cannot start")]
    Start(#[source] StartError),
    /// Keys are asked for, and there is nowhere to keep them.
    #[error(
        "server.auth = \"keys\" needs the store of keys, which this version does not have; use \"off\" on loopback"
    )]
    NoKeys,
}

/// How many connections are taken at once: enough for those worked on and those that wait for their next request, as
/// far as the system's limit of open files leaves room for the providers' and our own.
fn places(max_in_flight: usize) -> usize {
    const SPARE: usize = 64;
    let wanted = max_in_flight.saturating_mul(2).saturating_add(SPARE);
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    // A quarter of the files, and at least the spare ones, is not for clients.
    let most = files.saturating_sub((files / 4).max(SPARE)).max(1);
    if most < max_in_flight {
        tracing::warn!(files, connections = most, "the limit of open files (ulimit -n) holds connections down");
    }
    wanted.min(most)
}

// === impl Server ===

impl Server {
    /// How long a client may take to send a request's headers.
    const HEADER_TIME: Duration = Duration::from_secs(10);
    /// What a request's headers may take. It bounds the buffer before each read, so that up to twice as much may pass.
    const HEADER_BYTES: usize = 32 * 1024;
    /// How long to wait before taking connections again when the system has no room for more.
    const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

    /// How long a client may leave an answer untouched.
    const WRITE_TIME: Duration = Duration::from_secs(30);

    /// Listens, and starts everything that answers need.
    ///
    /// Must run inside a Tokio runtime.
    pub async fn bind(config: &Config) -> Result<Self, ServeError> {
        if config.server.auth == Auth::Keys {
            return Err(ServeError::NoKeys);
        }
        let address = config.server.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
        let address = listener.local_addr().map_err(|source| ServeError::Listen { address, source })?;
        let metrics = Arc::new(Metrics::new());
        let start = Start { serving: true, observer: Arc::clone(&metrics) as _, ..Start::default() };
        let chasqui = Chasqui::start(config, start).await.map_err(ServeError::Start)?;
        let app = App::new(config, chasqui.lookups().clone(), chasqui.padron().cloned(), metrics);
        let n_places = places(config.server.max_in_flight);
        let places = Arc::new(Semaphore::new(n_places.min(Semaphore::MAX_PERMITS)));
        Ok(Self { app, chasqui, listener, address, places, shutdown: config.server.shutdown })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who answers: `migo`, `sandbox` for made-up data, or `padron` where no provider is asked.
    pub fn source(&self) -> &str {
        self.chasqui.lookups().keys().service()
    }

    /// Answers until `stop` is cancelled, then lets requests under way finish, at most as long as configured.
    ///
    /// # Errors
    /// None today; kept for listeners that can break.
    pub async fn run(self, stop: CancellationToken) -> Result<(), ServeError> {
        tracing::info!(address = %self.address, source = self.source(), "ready");
        if !self.app.inner.rules.allowed_hosts.is_empty() {
            tracing::warn!(
                "server.allowed_hosts lets others in, and server.auth is off: whatever stands in front has to ask who they \
                 are, and keep /v1/cache and /metrics to operators"
            );
        }
        let mut connections = JoinSet::new();
        let graceful = GracefulShutdown::new();
        loop {
            // Those that ended are let go of; nobody asks what became of them.
            while connections.try_join_next().is_some() {}
            // Taken before the connection is: clients beyond them wait in the system's own queue.
            let place = tokio::select! {
                () = stop.cancelled() => break,
                place = Arc::clone(&self.places).acquire_owned() => place.expect("the places are never closed"),
            };
            let stream = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of file descriptors, or a client that left already: neither is a reason to stop.
                        tracing::warn!(%error, "a connection could not be taken");
                        tokio::time::sleep(Self::ACCEPT_PAUSE).await;
                        continue;
                    }
                },
            };
            let connection = Self::connection(self.app.clone(), stream, &graceful);
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
        }
        // Said before nobody listens, so that a probe under way sends requests elsewhere.
        self.app.begin_stopping();
        drop(self.listener);
        tracing::info!("stopping: no new connections, requests under way may finish");
        let runtime = Arc::clone(self.app.inner.lookups.runtime());
        let deadline = runtime.now() + self.shutdown;
        if tokio::time::timeout(self.shutdown, graceful.shutdown()).await.is_err() {
            tracing::warn!(waited = ?self.shutdown, "requests were cut off at the end of server.shutdown");
        }
        connections.shutdown().await;
        if !self.chasqui.stop(deadline.saturating_duration_since(runtime.now())).await {
            tracing::warn!("background work was cut off at the end of server.shutdown");
        }
        tracing::info!("stopped");
        Ok(())
    }

    fn connection(app: App, stream: TcpStream, graceful: &GracefulShutdown) -> impl Future<Output = ()> + use<> {
        let _ = stream.set_nodelay(true);
        let stream = Patient::new(stream, Self::WRITE_TIME);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let app = app.clone();
            async move { Ok::<_, std::convert::Infallible>(app.handle(request.map(Body::new)).await) }
        });
        // HTTP/1 alone: telling versions apart would wait for a silent client's first byte without a bound, and
        // HTTP/2 without TLS is nothing that clients or proxies speak.
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(Self::HEADER_TIME).max_buf_size(Self::HEADER_BYTES);
        let watcher = graceful.watcher();
        async move {
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(error = %error, "a connection broke");
            }
        }
    }
}
