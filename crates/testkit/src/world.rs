//! Everything that a look-up needs, put together as production puts it, with providers that follow scripts.
//!
//! Left out: edges; a test of the server brings its own router around `lookups`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chasqui_core::backoff::Backoff;
use chasqui_core::breaker::{BreakerConfig, Condition};
use chasqui_core::limiter::Limit;
use chasqui_core::{
    Answer, Ask, Cache, CacheKey, Family, FreshnessPolicy, Guard, GuardConfig, Keys, Local, LookupError, Lookups,
    LookupsConfig, Observer, Provider, Registry, RegistryPolicy, Runtime,
};
use chasqui_types::Ruc;
use chasqui_types::time::Timestamp;

use crate::{CountingObserver, Script, ScriptedProvider, TestRuntime};

/// A world that is under way.
pub struct World {
    /// The use case under test.
    pub lookups: Lookups,
    /// The scripted providers, in the order in which they are asked.
    pub providers: Vec<Arc<ScriptedProvider>>,
    /// Memory.
    pub cache: Arc<dyn Cache>,
    /// The clock.
    pub runtime: Arc<TestRuntime>,
    /// What was counted.
    pub observer: Arc<CountingObserver>,
}

/// A world in the making. Starts from the defaults of production, without limits.
pub struct WorldBuilder {
    scripts: Vec<Script>,
    lookups: LookupsConfig,
    guard: GuardConfig,
    cache: Arc<dyn Cache>,
    local: Option<Local>,
    chance: f64,
}

// === impl World ===

impl World {
    /// A world with that memory and a provider of that script, named `alpha`.
    pub fn of(cache: Arc<dyn Cache>, script: Script) -> WorldBuilder {
        WorldBuilder {
            scripts: vec![script],
            lookups: LookupsConfig {
                freshness: FreshnessPolicy::default(),
                deadline: Duration::from_secs(30),
                waves: 10,
            },
            guard: GuardConfig {
                timeout: Duration::from_secs(30),
                backoff: Backoff { base: Duration::from_millis(500), retries: 2 },
                breaker: BreakerConfig::default(),
                limits: HashMap::new(),
            },
            cache,
            local: None,
            chance: 0.0,
        }
    }

    /// The first provider.
    pub fn provider(&self) -> &ScriptedProvider {
        &self.providers[0]
    }

    /// Asks for a number, with the patience of the configuration.
    pub async fn ask(&self, ruc: Ruc) -> Result<Answer, LookupError> {
        self.lookups.taxpayer(ruc, Ask::default()).await
    }

    /// Asks for a number anew.
    pub async fn refresh(&self, ruc: Ruc) -> Result<Answer, LookupError> {
        self.lookups.taxpayer(ruc, Ask { refresh: true, patience: None }).await
    }

    /// Lets time pass.
    pub async fn pass(&self, time: Duration) {
        self.runtime.pass(time).await;
    }

    /// The time of day.
    pub fn wall(&self) -> Timestamp {
        self.runtime.wall()
    }

    /// Time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.runtime.elapsed()
    }

    /// The name of a number's entry in memory.
    pub fn key(&self, ruc: Ruc) -> CacheKey {
        self.lookups.keys().ruc(ruc)
    }

    /// How the first provider's breaker is.
    pub fn condition(&self) -> Condition {
        self.lookups.sources()[0].condition
    }
}

// === impl WorldBuilder ===

impl WorldBuilder {
    const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

    /// One more provider, asked after those before it: `beta`, `gamma`, `delta`.
    #[must_use]
    pub fn also(mut self, script: Script) -> Self {
        self.scripts.push(script);
        self
    }

    /// Failures are told at once and never send a provider to rest, so that calls can be counted.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.guard.backoff.retries = 0;
        self.guard.breaker.failures = u32::MAX;
        self.guard.breaker.auth_rest = Duration::ZERO;
        self
    }

    /// Changes the configuration of look-ups.
    #[must_use]
    pub fn lookups(mut self, change: impl FnOnce(&mut LookupsConfig)) -> Self {
        change(&mut self.lookups);
        self
    }

    /// Changes the guard around every provider.
    #[must_use]
    pub fn guard(mut self, change: impl FnOnce(&mut GuardConfig)) -> Self {
        change(&mut self.guard);
        self
    }

    /// At most `calls` of a family in any window of length `per`.
    #[must_use]
    pub fn limit(mut self, family: Family, calls: u32, per: Duration) -> Self {
        self.guard.limits.insert(family, Limit::new(calls, per));
        self
    }

    /// A registry on this machine, believed so far.
    #[must_use]
    pub fn registry(mut self, registry: Arc<dyn Registry>, policy: RegistryPolicy) -> Self {
        self.local = Some(Local { registry, policy });
        self
    }

    /// How chance falls: 0 (the default) makes pauses shortest.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    /// Puts it together. Time starts here.
    pub fn start(self) -> World {
        let runtime = TestRuntime::with_chance(self.chance);
        let observer = Arc::new(CountingObserver::default());
        assert!(self.scripts.len() <= Self::NAMES.len(), "there are names for {} providers", Self::NAMES.len());
        let providers: Vec<_> =
            Self::NAMES.iter().zip(self.scripts).map(|(name, script)| ScriptedProvider::new(name, script)).collect();
        let guards = providers
            .iter()
            .map(|provider| {
                Guard::new(
                    Arc::clone(provider) as Arc<dyn Provider>,
                    self.guard.clone(),
                    Arc::clone(&runtime) as Arc<dyn Runtime>,
                    Arc::clone(&observer) as Arc<dyn Observer>,
                )
            })
            .collect();
        let keys = Keys::new("test", [7; 32]).expect("the name is lower-case letters");
        let lookups = Lookups::new(
            self.lookups,
            keys,
            Arc::clone(&self.cache),
            self.local,
            guards,
            Arc::clone(&runtime) as Arc<dyn Runtime>,
            Arc::clone(&observer) as Arc<dyn Observer>,
        );
        World { lookups, providers, cache: self.cache, runtime, observer }
    }
}
