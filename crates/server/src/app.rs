//! What every handler shares: the look-ups, the counters and the rules of the house.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use chasqui::OfflineRegistry;
use chasqui::config::{Config, MigoPlan};
use chasqui_core::{Answer, Lookups, Value};
use tokio::sync::Semaphore;

use crate::desk::Desk;
use crate::metrics::Metrics;
use crate::openapi::Documents;
use crate::routes;
use crate::survey::Survey;

/// The application: everything behind the socket. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
    pub(crate) router: Router,
}

pub(crate) struct Inner {
    pub(crate) lookups: Lookups,
    /// The registry on this machine, for what is no look-up: searches, changes, history.
    pub(crate) padron: Option<Arc<OfflineRegistry>>,
    /// Where searches and reads of files are done.
    pub(crate) desk: Desk,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rules: Rules,
    pub(crate) in_flight: AtomicUsize,
    /// Room for the bytes of requests' bodies, all together.
    pub(crate) bodies: Arc<Semaphore>,
    pub(crate) requests: AtomicU64,
    /// Tells this process's request ids from those of others.
    pub(crate) id_prefix: u32,
    /// Set once no new work is wanted.
    pub(crate) stopping: AtomicBool,
    /// Set while few queries are left in the account, so that it is said once.
    pub(crate) warned: AtomicBool,
    /// The last look at memory, which is not repeated within a second.
    pub(crate) survey: Mutex<Option<Arc<Survey>>>,
    /// What describes the routes, rendered at the first question.
    pub(crate) documents: OnceLock<Documents>,
}

/// What the configuration says about requests.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) max_in_flight: usize,
    pub(crate) max_body: u64,
    /// Fewer queries than these left in the account are worth a warning.
    pub(crate) few_queries: i64,
}

/// What handlers are given.
pub(crate) type Shared = Arc<Inner>;

// === impl App ===

impl App {
    /// How long a request's body may take to arrive.
    pub(crate) const BODY_TIME: Duration = Duration::from_secs(30);

    /// What all requests' bodies may hold at once, in bytes.
    const BODY_BYTES: usize = 64 * 1024 * 1024;

    /// The routes over `lookups` and, where there is one, over the registry that they ask; counting into `metrics` (which
    /// should be the look-ups' observer too).
    pub fn new(config: &Config, lookups: Lookups, padron: Option<Arc<OfflineRegistry>>, metrics: Arc<Metrics>) -> Self {
        let rules = Rules {
            allowed_hosts: config.server.allowed_hosts.clone(),
            max_in_flight: config.server.max_in_flight,
            max_body: config.server.max_body,
            few_queries: few_queries(config.migo.plan),
        };
        let chance = lookups.runtime().chance();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any 32 bits will do")]
        let id_prefix = (chance * f64::from(u32::MAX)) as u32;
        let inner = Arc::new(Inner {
            lookups,
            padron,
            desk: Desk::new(),
            metrics,
            rules,
            in_flight: AtomicUsize::new(0),
            bodies: Arc::new(Semaphore::new(Self::BODY_BYTES)),
            requests: AtomicU64::new(0),
            id_prefix,
            stopping: AtomicBool::new(false),
            warned: AtomicBool::new(false),
            survey: Mutex::new(None),
            documents: OnceLock::new(),
        });
        let router = routes::router(Arc::clone(&inner));
        Self { inner, router }
    }

    /// From now on `/readyz` says that no new work is wanted. Requests are answered as before.
    pub fn begin_stopping(&self) {
        self.inner.stopping.store(true, Ordering::Relaxed);
    }
}

// === impl Inner ===

impl Inner {
    /// Counts what is left in the account, and warns once when it is little.
    pub(crate) fn note_account(&self, answer: &Answer) {
        let Value::Account(account) = answer.record.value() else { return };
        let Some(left) = account.consultas else { return };
        let provider = &answer.record.provenance().source;
        self.metrics.account(provider, left);
        let is_few = left < self.rules.few_queries;
        if is_few && !self.warned.swap(is_few, Ordering::Relaxed) {
            tracing::warn!(%provider, left, "few queries are left in the account");
        } else if !is_few {
            self.warned.store(false, Ordering::Relaxed);
        }
    }
}

/// One in twenty of the queries that a plan holds for a month, and never fewer than 500.
fn few_queries(plan: MigoPlan) -> i64 {
    let monthly = match plan {
        MigoPlan::Basico => 40_000,
        MigoPlan::Empresa => 80_000,
        MigoPlan::Premium => 150_000,
    };
    (monthly / 20).max(500)
}
