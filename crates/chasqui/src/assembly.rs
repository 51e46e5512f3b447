//! Puts the pieces together: from a checked configuration to something that answers.
//!
//! The stack around a provider is built here and nowhere else, so that it reads in one place.
//! Left out: surfaces; those who ask go through [`Chasqui::lookups`].

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chasqui_cache::MemoryCache;
use chasqui_core::backoff::Backoff;
use chasqui_core::breaker::BreakerConfig;
use chasqui_core::limiter::Limit;
use chasqui_core::{
    Cache, Family, FreshnessPolicy, Guard, GuardConfig, Keys, Local, Lookups, LookupsConfig, NoObserver, Observer,
    Registry, RegistryPolicy, Runtime, Turn,
};
use chasqui_sandbox::{Sandbox, SandboxConfig, SandboxError};
use chasqui_types::SourceId;
use chasqui_upstream::{Api, BuildError, MigoClient, MigoClientConfig};
use secrecy::SecretString;
use tokio::task::AbortHandle;

use crate::config::{Config, MigoApi, MigoLimits, Problem, SandboxMode, SourceName, WhenMissing};
use crate::padron::OfflineRegistry;
use crate::runtime::TokioRuntime;

/// How a start differs from the configuration.
#[derive(Clone)]
pub struct Start {
    /// A server, whose answers others read, as opposed to one command.
    pub serving: bool,
    /// Nobody is asked: answers come from what is on this machine.
    pub offline: bool,
    /// Counts what happens.
    pub observer: Arc<dyn Observer>,
}

/// Answers questions. Stop it with [`Chasqui::stop`], or what runs in the background is cut off.
pub struct Chasqui {
    lookups: Lookups,
    runtime: Arc<TokioRuntime>,
    sandbox: Option<Sandbox>,
    padron: Option<Arc<OfflineRegistry>>,
    /// What looks for newer editions.
    watch: Option<AbortHandle>,
}

/// Why nothing can be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration forbids what it would take.
    #[error("{0}")]
    Config(Problem),
    /// No provider has a token and the sandbox may not answer.
    #[error(
        "no source can be asked: set migo.token (or CHASQUI_MIGO__TOKEN_FILE), import a padrón, or allow the sandbox with sandbox.enabled = \"auto\""
    )]
    NoSource,
    /// The simulated upstream does not come up.
    #[error("the sandbox does not start")]
    Sandbox(#[source] SandboxError),
    /// The provider's client does not come up.
    #[error("the client of {provider} cannot be set up")]
    Client {
        /// Whose.
        provider: SourceId,
        /// Why.
        #[source]
        source: BuildError,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] getrandom::Error),
}

/// Where questions go, and as whom.
struct Upstream {
    id: SourceId,
    base_url: String,
    token: SecretString,
    api: Api,
    limits: HashMap<Family, Limit>,
}

impl Default for Start {
    fn default() -> Self {
        Self { serving: false, offline: false, observer: Arc::new(NoObserver) }
    }
}

// === impl Chasqui ===

impl Chasqui {
    /// The longest that a connection may take to come up.
    const CONNECT: Duration = Duration::from_secs(10);
    /// How often a server looks for a newer edition of the registry.
    const WATCH: Duration = Duration::from_secs(5);

    /// Puts everything together. Opens no connection to a provider; starts the sandbox where it is to answer.
    ///
    /// Must run inside a Tokio runtime.
    pub async fn start(config: &Config, start: Start) -> Result<Self, StartError> {
        let runtime = Arc::new(TokioRuntime::default());
        let padron = start_padron(config);
        let has_edition = padron.as_ref().is_some_and(|padron| padron.edition().is_some());
        let sandbox = if start.offline { None } else { start_sandbox(config, &start, has_edition).await? };
        let upstream = match (&sandbox, &config.migo.token) {
            _ if start.offline => None,
            (Some(sandbox), _) => Some(sandbox_upstream(sandbox, config)),
            (None, Some(token)) => Some(migo_upstream(config, token)),
            (None, None) if has_edition => None,
            (None, None) => return Err(StartError::NoSource),
        };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(StartError::Random)?;
        let name = upstream.as_ref().map_or(SourceId::PADRON, |upstream| upstream.id.clone());
        let keys = Keys::new(name.as_str(), secret).expect("a source's name fits a key");
        let cache: Arc<dyn Cache> = Arc::new(MemoryCache::new(config.cache.capacity));
        let guard = |upstream| guard(upstream, config, Arc::clone(&runtime) as Arc<dyn Runtime>, &start.observer);
        let guards = upstream.map(guard).transpose()?.into_iter().collect();
        let local = padron.as_ref().map(|padron| Local {
            registry: Arc::clone(padron) as Arc<dyn Registry>,
            policy: registry_policy(config, start.offline),
        });
        let lookups = Lookups::new(
            lookups_config(config),
            keys,
            cache,
            local,
            guards,
            Arc::clone(&runtime) as Arc<dyn Runtime>,
            start.observer,
        );
        let watch = padron.as_ref().filter(|_| start.serving).map(|padron| runtime.repeat(Self::WATCH, padron));
        Ok(Self { lookups, runtime, sandbox, padron, watch })
    }

    /// The questions that can be asked.
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// Where the sandbox listens, if it is the one that answers.
    pub fn sandbox(&self) -> Option<SocketAddr> {
        self.sandbox.as_ref().map(Sandbox::address)
    }

    /// The registry on this machine, where one is among the sources.
    pub fn padron(&self) -> Option<&Arc<OfflineRegistry>> {
        self.padron.as_ref()
    }

    /// Waits for background work, at most `within`, and stops the sandbox; whether all work ended.
    pub async fn stop(self, within: Duration) -> bool {
        if let Some(watch) = self.watch {
            watch.abort();
        }
        let drained = self.runtime.drain(within).await;
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
        drained
    }
}

/// The registry, where it is among the sources; with an edition or, until one is imported, without.
fn start_padron(config: &Config) -> Option<Arc<OfflineRegistry>> {
    let is_source = config.lookup.ruc.contains(&SourceName::Padron) || config.lookup.dni.contains(&SourceName::Padron);
    is_source.then(|| Arc::new(OfflineRegistry::open(&config.padron)))
}

async fn start_sandbox(config: &Config, start: &Start, has_edition: bool) -> Result<Option<Sandbox>, StartError> {
    // Made-up taxpayers beside real ones would be taken for real.
    if has_edition && config.sandbox.enabled == SandboxMode::Auto {
        return Ok(None);
    }
    if !config.sandbox_allowed(start.serving).map_err(StartError::Config)? {
        return Ok(None);
    }
    let limits = config.sandbox.limits;
    let sandbox = Sandbox::start(SandboxConfig {
        limits: limits.map(|limit| chasqui_sandbox::Limit { calls: limit.calls, per: limit.per }),
        ..SandboxConfig::default()
    })
    .await
    .map_err(StartError::Sandbox)?;
    Ok(Some(sandbox))
}

fn sandbox_upstream(sandbox: &Sandbox, config: &Config) -> Upstream {
    let limits = config.sandbox.limits.map(|limit| Limit::new(limit.calls, limit.per));
    Upstream {
        id: SourceId::SANDBOX,
        base_url: sandbox.base_url(),
        token: "sandbox".to_owned().into(),
        api: api(config.migo.api),
        limits: limits.map(|limit| Family::ALL.map(|family| (family, limit)).into()).unwrap_or_default(),
    }
}

fn migo_upstream(config: &Config, token: &SecretString) -> Upstream {
    Upstream {
        id: SourceId::MIGO,
        base_url: config.migo.base_url.as_str().to_owned(),
        token: token.clone(),
        api: api(config.migo.api),
        limits: migo_limits(&config.migo.limits),
    }
}

/// The stack around a provider, outer to inner: deadline (the look-up's), retry, breaker, limit, attempt timeout,
/// provider.
fn guard(
    upstream: Upstream,
    config: &Config,
    runtime: Arc<dyn Runtime>,
    observer: &Arc<dyn Observer>,
) -> Result<Guard, StartError> {
    let provider = upstream.id.clone();
    let client = MigoClient::new(MigoClientConfig {
        id: upstream.id,
        base_url: upstream.base_url,
        token: upstream.token,
        api: upstream.api,
        connect_timeout: Chasqui::CONNECT.min(config.migo.timeout),
    })
    .map_err(|source| StartError::Client { provider, source })?;
    let guard = GuardConfig {
        timeout: config.migo.timeout,
        backoff: Backoff { base: config.migo.retry_base, retries: config.migo.retries },
        breaker: BreakerConfig {
            failures: config.breaker.failures,
            within: config.breaker.within,
            rest: config.breaker.rest,
            max_rest: config.breaker.max_rest,
            auth_rest: config.breaker.auth_rest,
        },
        limits: upstream.limits,
    };
    Ok(Guard::new(Arc::new(client), guard, runtime, Arc::clone(observer)))
}

fn registry_policy(config: &Config, offline: bool) -> RegistryPolicy {
    let turn = |sources: &[SourceName]| {
        let place = |source| sources.iter().position(|name| *name == source);
        match (place(SourceName::Padron), place(SourceName::Migo)) {
            (None, _) => Turn::Never,
            (Some(_), None) => Turn::Only,
            (Some(_), Some(_)) if offline => Turn::Only,
            (Some(padron), Some(migo)) if padron < migo => Turn::First,
            (Some(_), Some(_)) => Turn::Last,
        }
    };
    RegistryPolicy {
        taxpayers: turn(&config.lookup.ruc),
        people: turn(&config.lookup.dni),
        max_age: config.padron.max_age,
        trust_absence: config.padron.absent == WhenMissing::Trust,
    }
}

fn lookups_config(config: &Config) -> LookupsConfig {
    LookupsConfig {
        freshness: FreshnessPolicy {
            found: config.cache.found_ttl,
            absent: config.cache.absent_ttl,
            person: config.cache.person_ttl,
            default: config.cache.default_ttl,
            stale_for: config.cache.stale_for,
            revalidate_for: config.cache.revalidate_for,
        },
        deadline: config.lookup.deadline,
        waves: config.lookup.waves,
    }
}

fn migo_limits(limits: &MigoLimits) -> HashMap<Family, Limit> {
    let of = |limit: crate::config::Limit| Limit::new(limit.calls, limit.per);
    HashMap::from([
        (Family::Ruc, of(limits.ruc)),
        (Family::Dni, of(limits.dni)),
        (Family::Batch, of(limits.batch)),
        (Family::Rate, of(limits.rate)),
        (Family::Cpe, of(limits.cpe)),
        (Family::Account, of(limits.account)),
    ])
}

fn api(api: MigoApi) -> Api {
    match api {
        MigoApi::V1 => Api::V1,
        MigoApi::V2 => Api::V2,
    }
}
