//! Starting and stopping a sandbox, and talking to it from the same process.
//!
//! Left out: choosing when one is started, and warning that its data are made up; whoever starts it does.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chasqui_types::time::Timestamp;
use tokio::net::TcpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calls::Calls;
use crate::faults::Faults;
use crate::limit::Limit;
use crate::socket;
use crate::world::World;

/// Connections that may wait to be accepted: thousands arrive at once in tests, and a full queue looks like a fault.
const BACKLOG: u32 = 16 * 1024;
/// How long a stop waits for its connections, which themselves end sooner.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// How a sandbox is started.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The one token that is accepted; without it, any that is not empty.
    pub token: Option<String>,
    /// What goes wrong from the start.
    pub faults: Faults,
    /// Calls beyond this are answered 429; without it, none are.
    pub limits: Option<Limit>,
    /// Where jitter starts. Taxpayers do not depend on it.
    pub seed: u64,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address is taken, or is not ours.
    #[error("the sandbox cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// A running sandbox. Dropping it stops it without waiting.
pub struct Sandbox {
    address: SocketAddr,
    world: Arc<World>,
    tracker: TaskTracker,
    stop: CancellationToken,
}

// === impl SandboxConfig ===

impl Default for SandboxConfig {
    /// On a free port of the loopback, any token, no faults, no limits.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            faults: Faults::default(),
            limits: None,
            seed: 0,
        }
    }
}

/// Without the token.
impl fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("listen", &self.listen)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("faults", &self.faults)
            .field("limits", &self.limits)
            .field("seed", &self.seed)
            .finish()
    }
}

// === impl Sandbox ===

impl Sandbox {
    /// Listens and answers from now on, on the current runtime.
    ///
    /// Cancel-safe: dropped before it is done, it leaves nothing running.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Listen`] when the address cannot be listened on.
    #[expect(
        clippy::unused_async,
        reason = "it needs a runtime to listen on, and an async fn cannot be called without one"
    )]
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let SandboxConfig { listen, token, faults, limits, seed } = config;
        let failed = |source| SandboxError::Listen { address: listen, source };
        let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(failed)?;
        socket.set_reuseaddr(true).map_err(failed)?;
        socket.bind(listen).map_err(failed)?;
        let listener = socket.listen(BACKLOG).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;

        let world = Arc::new(World::new(token, limits, faults, seed));
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        tracker.spawn(socket::accept(listener, Arc::clone(&world), tracker.clone(), stop.clone()));
        tracing::debug!(%address, "the sandbox answers");
        Ok(Self { address, world, tracker, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client of MIGO is given as its base: `http://127.0.0.1:40123`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces all faults; shares are counted from zero again.
    pub fn set_faults(&self, faults: Faults) {
        self.world.set_faults(faults);
    }

    /// The faults in force.
    pub fn faults(&self) -> Faults {
        self.world.faults().faults.clone()
    }

    /// Stops the clock that rates are published by at this moment, or lets it run again.
    ///
    /// A day's rate is out from six in the morning, Lima's time: one minute before, that day has none yet.
    pub fn set_now(&self, now: Option<Timestamp>) {
        self.world.set_now(now);
    }

    /// What it has been asked so far.
    pub fn calls(&self) -> Calls {
        self.world.calls.read()
    }

    /// Forgets what it has been asked.
    pub fn reset_calls(&self) {
        self.world.calls.reset();
    }

    /// Stops: no new connections, running calls may finish for a moment, hung ones are dropped.
    ///
    /// Takes two seconds at most. Dropped before it is done, the sandbox stops all the same.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(SHUTDOWN, self.tracker.wait()).await.is_err() {
            tracing::warn!("the sandbox left connections behind");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).field("calls", &self.calls()).finish_non_exhaustive()
    }
}
