//! The configuration as the rest of the program sees it: plain data, already checked.
//!
//! One struct per section of the file, one field per key, under the same names.
//! Values that may carry a password are [`SecretString`]s, so that `Debug` cannot show them.
//! Left out: comparison, because a secret has none.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::url::HttpUrl;
use super::values::Limit;

/// Everything that can be configured, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The HTTP server.
    pub server: ServerConfig,
    /// What is logged, how and where.
    pub log: LogConfig,
    /// The database.
    pub store: StoreConfig,
    /// What is remembered and for how long.
    pub cache: CacheConfig,
    /// The offline registry.
    pub padron: PadronConfig,
    /// Which sources are asked, in which order.
    pub lookup: LookupConfig,
    /// When a failing provider is left alone.
    pub breaker: BreakerConfig,
    /// MIGO.
    pub migo: MigoConfig,
    /// The simulated upstream.
    pub sandbox: SandboxConfig,
}

/// `[server]`
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether callers need a key.
    pub auth: Auth,
    /// Hosts answered besides loopback ones, in lower case, without port.
    pub allowed_hosts: Vec<String>,
    /// Requests worked on at once; the next one is shed.
    pub max_in_flight: usize,
    /// Largest request body, in bytes.
    pub max_body: u64,
    /// How long requests under way may take to finish once the server is told to stop.
    pub shutdown: Duration,
    /// A loopback address that serves the operations routes without a key.
    pub operations: Option<SocketAddr>,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Comma-separated `LEVEL` and `TARGET=LEVEL` directives.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
    /// Where lines go; standard error without one.
    pub file: Option<PathBuf>,
}

/// `[store]`
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Which database.
    pub url: StoreUrl,
}

/// `[cache]`
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// What is shared between replicas; memory is always in front of it.
    pub url: CacheUrl,
    /// How much memory holds, in bytes.
    pub capacity: u64,
    /// Freshness of a taxpayer that was found.
    pub found_ttl: Duration,
    /// Freshness of an absence.
    pub absent_ttl: Duration,
    /// Freshness of a person.
    pub person_ttl: Duration,
    /// Freshness of anything else.
    pub default_ttl: Duration,
    /// How long past freshness an answer is still given when the source fails.
    pub stale_for: Duration,
    /// How long past freshness an answer is given at once while a new one is fetched; at most `stale_for`.
    pub revalidate_for: Duration,
}

/// `[padron]`
#[derive(Debug, Clone)]
pub struct PadronConfig {
    /// Where editions are kept.
    pub dir: PathBuf,
    /// Past this age an edition counts as old.
    pub max_age: Duration,
    /// What it means that a number is missing from it.
    pub absent: WhenMissing,
    /// Where editions come from, first that works; empty: nothing is downloaded.
    pub mirrors: Vec<HttpUrl>,
    /// Where SUNAT's lists of agents come from, without their paths, first that works; empty: nothing is downloaded.
    pub lists: Vec<HttpUrl>,
    /// How many editions are kept.
    pub keep: usize,
    /// Whether names can be searched.
    pub names: bool,
    /// Whether a search by name finds natural persons too.
    pub search_persons: bool,
}

/// `[lookup]`
#[derive(Debug, Clone)]
pub struct LookupConfig {
    /// Sources of a RUC, in the order of asking; at least one.
    pub ruc: Vec<SourceName>,
    /// Sources of a DNI, in the order of asking; at least one.
    pub dni: Vec<SourceName>,
    /// Sources of an exchange rate, in the order of asking; at least one.
    pub rate: Vec<SourceName>,
    /// The longest that a question may take.
    pub deadline: Duration,
    /// Collection calls of one look-up that run at once.
    pub waves: usize,
}

/// `[breaker]`
#[derive(Debug, Clone)]
pub struct BreakerConfig {
    /// Failures that send a provider to rest.
    pub failures: u32,
    /// The window in which they are counted.
    pub within: Duration,
    /// The first rest; each further one doubles.
    pub rest: Duration,
    /// The longest rest; at least `rest`.
    pub max_rest: Duration,
    /// The rest after the provider refused our token.
    pub auth_rest: Duration,
}

/// `[migo]`
#[derive(Debug, Clone)]
pub struct MigoConfig {
    /// Our token; without one MIGO is not asked.
    pub token: Option<SecretString>,
    /// Where MIGO is.
    pub base_url: HttpUrl,
    /// Which version of its API is spoken where both answer.
    pub api: MigoApi,
    /// The longest that one attempt may take.
    pub timeout: Duration,
    /// Attempts after the first.
    pub retries: u32,
    /// The wait before the first retry; each further one doubles.
    pub retry_base: Duration,
    /// The plan that was bought, which decides the limits not set one by one.
    pub plan: MigoPlan,
    /// How often each family may be asked.
    pub limits: MigoLimits,
}

/// `[migo.limits]`, filled in from the plan where nothing is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigoLimits {
    /// RUC, one at a time.
    pub ruc: Limit,
    /// DNI and legal representatives.
    pub dni: Limit,
    /// Collections of RUCs.
    pub batch: Limit,
    /// Exchange rates.
    pub rate: Limit,
    /// Validity of payment documents.
    pub cpe: Limit,
    /// The account.
    pub account: Limit,
}

/// `[sandbox]`
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Whether made-up answers may be given.
    pub enabled: SandboxMode,
    /// A limit that the sandbox enforces on its callers.
    pub limits: Option<Limit>,
}

/// Which database: `store.url`.
#[derive(Debug, Clone)]
pub enum StoreUrl {
    /// A file, or `:memory:`.
    Sqlite(PathBuf),
    /// The whole `postgres://` URL, password included.
    Postgres(SecretString),
}

/// What is shared between replicas: `cache.url`.
#[derive(Debug, Clone)]
pub enum CacheUrl {
    /// Nothing; each process remembers by itself.
    Memory,
    /// The whole `redis://` or `rediss://` URL.
    Redis(SecretString),
    /// The whole `memcache://` URL.
    Memcache(SecretString),
}

/// Declares an enum together with the words that stand for its variants.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $name:ident { $( $(#[$variant_about:meta])* $variant:ident = $word:literal, )+ }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$variant_about])* $variant, )+ }

        impl $name {
            /// The words that stand for the variants, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that stands for it.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The variant that a word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$variant), )+ _ => None }
            }
        }
    };
}

choice! {
    /// Whether callers need a key.
    Auth {
        /// They do not; allowed on loopback only.
        Off = "off",
        /// They do.
        Keys = "keys",
    }
}

choice! {
    /// How a log line looks.
    LogFormat {
        /// Text on a terminal, JSON elsewhere.
        Auto = "auto",
        /// For people.
        Text = "text",
        /// One JSON object per line.
        Json = "json",
    }
}

choice! {
    /// What it means that a number is missing from the padrón.
    WhenMissing {
        /// Nothing yet: the next source is asked.
        Ask = "ask",
        /// The number is absent, as of the edition.
        Trust = "trust",
    }
}

choice! {
    /// Versions of MIGO's API.
    MigoApi {
        /// POST with the token in the body.
        V1 = "v1",
        /// GET with a Bearer token.
        V2 = "v2",
    }
}

choice! {
    /// What MIGO sells.
    MigoPlan {
        /// The smallest plan with limits of its own.
        Basico = "basico",
        /// Twice as much.
        Empresa = "empresa",
        /// Twice as much again, collections aside.
        Premium = "premium",
    }
}

choice! {
    /// Whether the sandbox may answer.
    SandboxMode {
        /// Where no provider has a token, except for a server off loopback.
        Auto = "auto",
        /// Where no provider has a token, a server off loopback included.
        True = "true",
        /// Never.
        False = "false",
    }
}

choice! {
    /// Sources that a look-up can name.
    SourceName {
        /// The offline registry.
        Padron = "padron",
        /// MIGO.
        Migo = "migo",
    }
}

// === impl MigoLimits ===

impl MigoLimits {
    /// MIGO's published limits of a plan, per 15 minutes (facts: MIGO 1.5).
    ///
    /// None is published for the account; it is held to that of a RUC.
    pub fn of(plan: MigoPlan) -> Self {
        let (ruc, dni, batch) = match plan {
            MigoPlan::Basico => (900, 450, 450),
            MigoPlan::Empresa => (1800, 900, 900),
            MigoPlan::Premium => (3600, 1800, 900),
        };
        let per = Duration::from_mins(15);
        let limit = |calls| Limit { calls, per };
        Self {
            ruc: limit(ruc),
            dni: limit(dni),
            batch: limit(batch),
            rate: limit(ruc),
            cpe: limit(ruc),
            account: limit(ruc),
        }
    }
}
