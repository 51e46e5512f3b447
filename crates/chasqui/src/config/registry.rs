//! Every key there is: its place, what it takes, its default, and its documentation.
//!
//! The one list that reading, the reference page, the sample file and the tests share, so that they cannot disagree.
//! Left out: how a text becomes a value, which is `reading` and `values`.

use super::sections::{Auth, LogFormat, MigoApi, MigoPlan, SandboxMode, SourceName, WhenMissing};

/// One thing that can be configured.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Section and name with dots between: `migo.limits.ruc`.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its value when nothing is said, written as in an environment variable; empty where there is none.
    pub default: &'static str,
    /// What it is for, in sentences.
    pub doc: &'static str,
    /// Another value that it takes, written as in an environment variable.
    pub example: &'static str,
    /// Whether it is or may hold a password; such a key is also read from the file named by `…_FILE`.
    pub secret: bool,
    /// What has to be built before it has any effect; it is accepted and checked all the same.
    pub later: Option<&'static str>,
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A path; empty means none where `optional`.
    Path {
        /// Whether none is an answer.
        optional: bool,
    },
    /// An address to listen on; empty means none where `optional`.
    Address {
        /// Whether none is an answer.
        optional: bool,
    },
    /// `LEVEL` and `TARGET=LEVEL` directives.
    Filter,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A whole number between two bounds, both included.
    Count {
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
    },
    /// A time with its unit.
    Duration {
        /// Whether no time at all makes sense.
        zero: bool,
    },
    /// A number of bytes with its unit.
    Size {
        /// The smallest, in bytes.
        least: u64,
        /// The largest, in bytes.
        most: u64,
    },
    /// `CALLS/TIME`; a word stands for what holds without one.
    Limit {
        /// What an unset limit is called.
        unset: &'static str,
    },
    /// An `http` or `https` URL.
    HttpUrl,
    /// Where the database is.
    StoreUrl,
    /// Where the shared cache is.
    CacheUrl,
    /// A secret text; unset where there is none.
    Token,
    /// Host names.
    Hosts,
    /// `http` or `https` URLs.
    HttpUrls,
    /// Names of sources, at least one, each once.
    SourceNames(&'static [&'static str]),
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

const PLAN_LIMIT: Kind = Kind::Limit { unset: "" };

const fn key(path: &'static str, kind: Kind, default: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key { path, kind, default, doc, example, secret: false, later: None }
}

impl Key {
    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn later(mut self, what: Option<&'static str>) -> Self {
        self.later = what;
        self
    }

    /// The environment variable that sets it: `CHASQUI_MIGO__LIMITS__RUC`.
    pub fn variable(&self) -> String {
        format!("CHASQUI_{}", self.path.replace('.', "__").to_ascii_uppercase())
    }

    /// The environment variable that names a file with its value, for a secret: `CHASQUI_MIGO__TOKEN_FILE`.
    pub fn file_variable(&self) -> Option<String> {
        self.secret.then(|| format!("{}_FILE", self.variable()))
    }

    /// Whether it is a URL or a list of them.
    pub(super) fn takes_urls(&self) -> bool {
        matches!(self.kind, Kind::HttpUrl | Kind::HttpUrls | Kind::StoreUrl | Kind::CacheUrl)
    }

    /// Section and name: `("migo.limits", "ruc")`.
    pub fn section_and_name(&self) -> (&'static str, &'static str) {
        self.path.rsplit_once('.').expect("every key stands in a section")
    }
}

/// Every key, section by section.
pub fn registry() -> &'static [Key] {
    REGISTRY
}

static REGISTRY: &[Key] = &[
    key(
        "server.listen",
        Kind::Address { optional: false },
        "127.0.0.1:8080",
        "127.0.0.1:9000",
        "Where the server listens, as HOST:PORT; the host is a loopback address or `localhost`. \
         This version listens on loopback only; put a proxy in front and name its host in `server.allowed_hosts`.",
    ),
    key(
        "server.auth",
        Kind::Choice(Auth::WORDS),
        "off",
        "keys",
        "Whether callers need a key. This version has no keys yet: `chasqui serve` refuses `keys`, and with `off` \
         it listens on loopback only.",
    ),
    key(
        "server.allowed_hosts",
        Kind::Hosts,
        "",
        "chasqui.example.com",
        "Hosts that requests may name in `Host` besides loopback ones, without port. \
         It matters with `auth = \"off\"`, where any other host is refused.",
    ),
    key(
        "server.max_in_flight",
        Kind::Count { least: 1, most: 1_000_000 },
        "8192",
        "1024",
        "How many requests are worked on at once. The next one is answered 503 `overloaded`.",
    ),
    key(
        "server.max_body",
        Kind::Size { least: KIB, most: GIB },
        "8MiB",
        "512KiB",
        "The largest request body. A larger one is answered 413. No question of this version may exceed 1MiB.",
    ),
    key(
        "server.shutdown",
        Kind::Duration { zero: true },
        "20s",
        "5s",
        "How long requests under way may take to finish once the server is told to stop.",
    ),
    key(
        "server.operations",
        Kind::Address { optional: true },
        "",
        "127.0.0.1:9090",
        "A loopback address of its own for the operations routes, where they need no key. Empty for none. \
         This version has none: `chasqui serve` refuses an address here.",
    )
    .later(Some("callers' keys")),
    key(
        "log.filter",
        Kind::Filter,
        "info",
        "warn,chasqui=debug",
        "What is logged: `LEVEL` or `TARGET=LEVEL`, separated by commas; levels are off, error, warn, info, debug, \
         trace. The variable `CHASQUI_LOG` sets it too.",
    ),
    key(
        "log.format",
        Kind::Choice(LogFormat::WORDS),
        "auto",
        "json",
        "How a line looks. `auto` is text on a terminal and JSON elsewhere.",
    ),
    key(
        "log.file",
        Kind::Path { optional: true },
        "",
        "chasqui.log",
        "The file that lines are appended to. Empty for standard error.",
    ),
    key(
        "store.url",
        Kind::StoreUrl,
        "sqlite:chasqui.db",
        "postgres://chasqui@localhost/chasqui",
        "The database: `sqlite:PATH` or `postgres://…`.",
    )
    .secret()
    .later(Some("the store")),
    key(
        "cache.url",
        Kind::CacheUrl,
        "memory:",
        "redis://localhost:6379",
        "What replicas share: `memory:` for nothing, `redis://…`, `rediss://…` or `memcache://…`. \
         Memory stays in front of it.",
    )
    .secret()
    .later(Some("the shared cache")),
    key(
        "cache.capacity",
        Kind::Size { least: MIB, most: TIB },
        "256MiB",
        "1GiB",
        "How much the cache in memory may hold.",
    ),
    key(
        "cache.found_ttl",
        Kind::Duration { zero: true },
        "1h",
        "6h",
        "How long a taxpayer that was found stays fresh.",
    ),
    key(
        "cache.absent_ttl",
        Kind::Duration { zero: true },
        "24h",
        "1h",
        "How long an authority's word that a number does not exist stays fresh.",
    ),
    key("cache.person_ttl", Kind::Duration { zero: true }, "24h", "7d", "How long a person stays fresh."),
    key("cache.default_ttl", Kind::Duration { zero: true }, "15m", "5m", "How long anything else stays fresh."),
    key(
        "cache.stale_for",
        Kind::Duration { zero: true },
        "24h",
        "3d",
        "How long past its freshness an answer is still given, marked as stale, when no source can be reached.",
    ),
    key(
        "cache.revalidate_for",
        Kind::Duration { zero: true },
        "5m",
        "0s",
        "How long past its freshness an answer is given at once, marked as stale, while a new one is fetched. \
         Never longer than `stale_for`.",
    ),
    key(
        "padron.dir",
        Kind::Path { optional: false },
        "padron",
        "/var/lib/chasqui/padron",
        "The directory that holds the editions of the padrón.",
    ),
    key(
        "padron.max_age",
        Kind::Duration { zero: false },
        "3d",
        "7d",
        "Past this age of the edition, providers are asked first and the padrón answers as stale.",
    ),
    key(
        "padron.absent",
        Kind::Choice(WhenMissing::WORDS),
        "ask",
        "trust",
        "What a number missing from the padrón means: `ask` the next source, or `trust` that it is absent.",
    ),
    key(
        "padron.mirrors",
        Kind::HttpUrls,
        "https://www2.sunat.gob.pe/padron_reducido_ruc.zip",
        "https://mirror.example.com/padron_reducido_ruc.zip",
        "Where editions are downloaded from; the first that works. With none, nothing is downloaded.",
    ),
    key(
        "padron.lists",
        Kind::HttpUrls,
        "https://www.sunat.gob.pe",
        "https://ww1.sunat.gob.pe",
        "The hosts of SUNAT's lists of agents and good taxpayers, without their paths; the first that works. \
         With none, no list is downloaded.",
    ),
    key("padron.keep", Kind::Count { least: 1, most: 1000 }, "3", "7", "How many editions are kept."),
    key(
        "padron.names",
        Kind::Boolean,
        "true",
        "false",
        "Whether an import builds the index that searches by name need.",
    ),
    key(
        "padron.search_persons",
        Kind::Boolean,
        "false",
        "true",
        "Whether a search by name finds natural persons too, not only legal entities.",
    ),
    key(
        "lookup.ruc",
        Kind::SourceNames(SourceName::WORDS),
        "padron,migo",
        "migo",
        "The sources of a RUC, in the order of asking. One that is not set up is passed over.",
    ),
    key(
        "lookup.dni",
        Kind::SourceNames(SourceName::WORDS),
        "padron,migo",
        "migo",
        "The sources of a DNI, in the order of asking.",
    ),
    key(
        "lookup.rate",
        Kind::SourceNames(&["migo"]),
        "migo",
        "migo",
        "The sources of an exchange rate, in the order of asking. The padrón holds none.",
    ),
    key(
        "lookup.deadline",
        Kind::Duration { zero: false },
        "30s",
        "10s",
        "The longest that a question may take, waits and retries included.",
    ),
    key(
        "lookup.waves",
        Kind::Count { least: 1, most: 1000 },
        "10",
        "4",
        "How many collection calls of 100 numbers each one look-up makes at once.",
    ),
    key(
        "breaker.failures",
        Kind::Count { least: 1, most: 1_000_000 },
        "5",
        "10",
        "How many failures within `within`, among the last twice as many calls less one, make a provider rest.",
    ),
    key("breaker.within", Kind::Duration { zero: false }, "30s", "1m", "The window in which failures are counted."),
    key(
        "breaker.rest",
        Kind::Duration { zero: false },
        "5s",
        "10s",
        "How long a provider that fails is left alone before one question probes it. \
         Each probe that fails doubles the rest.",
    ),
    key("breaker.max_rest", Kind::Duration { zero: false }, "60s", "5m", "The longest rest; at least `rest`."),
    key(
        "breaker.auth_rest",
        Kind::Duration { zero: false },
        "10m",
        "1h",
        "How long a provider is left alone after it refused our token.",
    ),
    key(
        "migo.token",
        Kind::Token,
        "",
        "the-token-from-your-account",
        "The token of your MIGO account. Without one, the sandbox answers in MIGO's place where it may.",
    )
    .secret(),
    key(
        "migo.base_url",
        Kind::HttpUrl,
        "https://api.migo.pe",
        "http://127.0.0.1:9000",
        "Where MIGO's API is. With a token, plain `http` is refused off loopback.",
    ),
    key(
        "migo.api",
        Kind::Choice(MigoApi::WORDS),
        "v1",
        "v2",
        "Which version of MIGO's API is spoken. A question that v2 lacks goes to v1.",
    ),
    key("migo.timeout", Kind::Duration { zero: false }, "30s", "10s", "The longest that one attempt may take."),
    key(
        "migo.retries",
        Kind::Count { least: 0, most: 20 },
        "2",
        "0",
        "How many attempts follow a first one that failed, as far as `lookup.deadline` allows.",
    ),
    key(
        "migo.retry_base",
        Kind::Duration { zero: false },
        "500ms",
        "1s",
        "The wait before the first retry. Each further one doubles, with some chance in it.",
    ),
    key(
        "migo.plan",
        Kind::Choice(MigoPlan::WORDS),
        "basico",
        "empresa",
        "The plan you bought. It decides every limit that is not set in `[migo.limits]`.",
    ),
    key(
        "migo.limits.ruc",
        PLAN_LIMIT,
        "",
        "1800/15m",
        "Calls for one RUC: in any TIME, at most CALLS, all at once if need be. Without it, the limit of the plan.",
    ),
    key(
        "migo.limits.dni",
        PLAN_LIMIT,
        "",
        "900/15m",
        "Calls for a DNI or for legal representatives, which share it. Without it, the limit of the plan.",
    ),
    key(
        "migo.limits.batch",
        PLAN_LIMIT,
        "",
        "900/15m",
        "Calls for a collection of up to 100 RUCs. Without it, the limit of the plan.",
    ),
    key("migo.limits.rate", PLAN_LIMIT, "", "1800/15m", "Calls for exchange rates. Without it, the limit of the plan."),
    key(
        "migo.limits.cpe",
        PLAN_LIMIT,
        "",
        "1800/15m",
        "Calls for the validity of payment documents. Without it, the limit of the plan.",
    ),
    key("migo.limits.account", PLAN_LIMIT, "", "60/15m", "Calls for the account. Without it, the limit of `ruc`."),
    key(
        "sandbox.enabled",
        Kind::Choice(SandboxMode::WORDS),
        "auto",
        "true",
        "Whether made-up answers may stand in for MIGO. They never do once MIGO has a token. \
         `auto` lets them, except in a server off loopback; `true` lets them there too; `false` never does.",
    ),
    key(
        "sandbox.limits",
        Kind::Limit { unset: "none" },
        "none",
        "900/15m",
        "A limit that the sandbox enforces on its callers, as CALLS/TIME, or `none`.",
    ),
];
