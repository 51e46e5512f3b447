//! What is counted, for Prometheus.
//!
//! Handles are resolved when the server starts, so that counting is an atomic addition and no two look-ups can lock
//! each other out. Labels never hold a number, a name or a token.
//! Left out: what needs a look at the moment of asking (cache, breaker, limits); the route adds that.

use std::fmt::Write as _;
use std::time::Duration;

use chasqui_core::{CacheUse, Family, Observer};
use chasqui_types::SourceId;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Labelled;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Which group of routes answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    Native,
    Old,
    Migo,
    Operations,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    surface: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SurfaceLabels {
    surface: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuestionLabels {
    outcome: &'static str,
    cache: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    provider: String,
    family: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabels {
    provider: String,
    family: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccountLabels {
    provider: String,
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    /// Requests by surface and status; those with status 200 are resolved beforehand.
    requests: Labelled<RequestLabels, Counter>,
    ok: [Counter; 4],
    durations: [Histogram; 4],
    in_flight: Gauge,
    questions: Labelled<QuestionLabels, Counter>,
    hits: Counter,
    calls: Labelled<CallLabels, Counter>,
    latency: Labelled<ProviderLabels, Histogram, fn() -> Histogram>,
    waits: Labelled<ProviderLabels, Histogram, fn() -> Histogram>,
    shed: Counter,
    /// By provider; nothing at all until the account was asked for.
    account: Labelled<AccountLabels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

// === impl Surface ===

impl Surface {
    const ALL: [Self; 4] = [Self::Native, Self::Old, Self::Migo, Self::Operations];

    /// The surface of a path.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/v1/") {
            Self::Native
        } else if path.starts_with("/api/v1") || path.starts_with("/api/v2") {
            Self::Migo
        } else if path.starts_with("/api/") {
            Self::Old
        } else {
            Self::Operations
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Old => "old",
            Self::Migo => "migo",
            Self::Operations => "operations",
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Native => 0,
            Self::Old => 1,
            Self::Migo => 2,
            Self::Operations => 3,
        }
    }
}

// === impl Metrics ===

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("chasqui");
        let requests = Labelled::<RequestLabels, Counter>::default();
        registry.register("http_requests", "Requests answered, by group of routes and status", requests.clone());
        let seconds = Labelled::<SurfaceLabels, Histogram, fn() -> Histogram>::new_with_constructor(request_seconds);
        registry.register("http_request_seconds", "Time to answer a request", seconds.clone());
        let in_flight = Gauge::default();
        registry.register("http_in_flight", "Requests being worked on", in_flight.clone());
        let shed = Counter::default();
        registry.register("http_shed", "Requests refused because too many were being worked on", shed.clone());
        let questions = Labelled::<QuestionLabels, Counter>::default();
        registry.register("questions", "Numbers asked about, by outcome and use of memory", questions.clone());
        let calls = Labelled::<CallLabels, Counter>::default();
        registry.register("upstream_calls", "Calls to providers, by outcome", calls.clone());
        let latency = Labelled::new_with_constructor(upstream_seconds as fn() -> Histogram);
        registry.register("upstream_call_seconds", "Time that providers take to answer a call", latency.clone());
        let waits = Labelled::new_with_constructor(wait_seconds as fn() -> Histogram);
        registry.register("limit_wait_seconds", "Time that calls waited for room in a provider's limit", waits.clone());
        let account = Labelled::<AccountLabels, Gauge>::default();
        registry.register(
            "account_queries_left",
            "Queries left in the account with a provider, when it was last asked for",
            account.clone(),
        );
        let ok = Surface::ALL
            .map(|surface| requests.get_or_create_owned(&RequestLabels { surface: surface.as_str(), status: 200 }));
        let durations =
            Surface::ALL.map(|surface| seconds.get_or_create_owned(&SurfaceLabels { surface: surface.as_str() }));
        let hits = questions.get_or_create_owned(&QuestionLabels { outcome: "found", cache: "hit" });
        Self { registry, requests, ok, durations, in_flight, questions, hits, calls, latency, waits, shed, account }
    }

    pub(crate) fn request(&self, surface: Surface, status: u16, took: Duration) {
        if status == 200 {
            self.ok[surface.index()].inc();
        } else {
            self.requests.get_or_create_owned(&RequestLabels { surface: surface.as_str(), status }).inc();
        }
        self.durations[surface.index()].observe(took.as_secs_f64());
    }

    pub(crate) fn set_in_flight(&self, n_requests: usize) {
        self.in_flight.set(i64::try_from(n_requests).unwrap_or(i64::MAX));
    }

    pub(crate) fn shed(&self) {
        self.shed.inc();
    }

    pub(crate) fn account(&self, provider: &SourceId, left: i64) {
        self.account.get_or_create_owned(&AccountLabels { provider: provider.as_str().to_owned() }).set(left);
    }

    /// Everything counted, in Prometheus' text format, with `extra` lines before the closing mark.
    pub(crate) fn expose(&self, extra: &str) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        let body = text.strip_suffix("# EOF\n").unwrap_or(&text);
        let mut exposed = String::with_capacity(body.len() + extra.len() + 6);
        writeln!(exposed, "{body}{extra}# EOF").expect("writing to a string cannot fail");
        exposed
    }
}

impl Observer for Metrics {
    fn question(&self, outcome: &'static str, cache: Option<CacheUse>) {
        if outcome == "found" && cache == Some(CacheUse::Hit) {
            self.hits.inc();
            return;
        }
        let cache = cache.map_or("none", CacheUse::as_str);
        self.questions.get_or_create_owned(&QuestionLabels { outcome, cache }).inc();
    }

    fn call(&self, provider: &SourceId, family: Family, outcome: &'static str, took: Duration) {
        let (provider, family) = (provider.as_str().to_owned(), family.as_str());
        self.latency
            .get_or_create_owned(&ProviderLabels { provider: provider.clone(), family })
            .observe(took.as_secs_f64());
        self.calls.get_or_create_owned(&CallLabels { provider, family, outcome }).inc();
    }

    fn waited(&self, provider: &SourceId, family: Family, waited: Duration) {
        let labels = ProviderLabels { provider: provider.as_str().to_owned(), family: family.as_str() };
        self.waits.get_or_create_owned(&labels).observe(waited.as_secs_f64());
    }
}

fn request_seconds() -> Histogram {
    Histogram::new([0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0])
}

fn upstream_seconds() -> Histogram {
    Histogram::new([0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
}

fn wait_seconds() -> Histogram {
    Histogram::new([0.01, 0.1, 1.0, 5.0, 10.0, 30.0, 60.0, 900.0])
}
