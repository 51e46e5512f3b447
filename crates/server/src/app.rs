//! What every handler shares: the look-ups, the counters and the rules of the house.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use chasqui::config::Config;
use chasqui_core::Lookups;

use crate::metrics::Metrics;
use crate::openapi::Documents;
use crate::routes;

/// The application: everything behind the socket. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
    pub(crate) router: Router,
}

pub(crate) struct Inner {
    pub(crate) lookups: Lookups,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rules: Rules,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) requests: AtomicU64,
    /// Tells this process's request ids from those of others.
    pub(crate) id_prefix: u32,
    /// Set once no new work is wanted.
    pub(crate) stopping: AtomicBool,
    /// What describes the routes, rendered at the first question.
    pub(crate) documents: OnceLock<Documents>,
}

/// What the configuration says about requests.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) max_in_flight: usize,
    pub(crate) max_body: u64,
}

/// What handlers are given.
pub(crate) type Shared = Arc<Inner>;

// === impl App ===

impl App {
    /// How long a request's body may take to arrive.
    pub(crate) const BODY_TIME: Duration = Duration::from_secs(30);

    /// The routes over `lookups`, counting into `metrics` (which should be the look-ups' observer too).
    pub fn new(config: &Config, lookups: Lookups, metrics: Arc<Metrics>) -> Self {
        let rules = Rules {
            allowed_hosts: config.server.allowed_hosts.clone(),
            max_in_flight: config.server.max_in_flight,
            max_body: config.server.max_body,
        };
        let chance = lookups.runtime().chance();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any 32 bits will do")]
        let id_prefix = (chance * f64::from(u32::MAX)) as u32;
        let inner = Arc::new(Inner {
            lookups,
            metrics,
            rules,
            in_flight: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            id_prefix,
            stopping: AtomicBool::new(false),
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
