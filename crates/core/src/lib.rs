#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod backoff;
pub mod breaker;
mod cache;
mod errand;
mod error;
mod flight;
mod freshness;
mod guard;
mod key;
pub mod limiter;
mod lookups;
mod many;
mod ports;
mod question;
mod rates;
mod record;
mod registry;

pub use cache::{Cache, CacheHealth, CacheStats, Cleaned, Health, HealthCheck, Scope};
pub use errand::{Errand, Patience, Pause, Settled};
pub use error::{Blame, LookupError, ProviderError, RestCause, Retry, SharedError};
pub use freshness::FreshnessPolicy;
pub use guard::{Guard, GuardConfig, GuardSnapshot};
pub use key::{CacheKey, Keys, Kind, ParseKeyError};
pub use lookups::{Answer, Ask, CacheUse, Lookups, LookupsConfig};
pub use many::{Effort, Many, Row, RowOutcome, Rows};
pub use ports::{NoObserver, Observer, Provider, Runtime};
pub use question::{Family, Question, RawBody, RawQuestion, RawReply, Reply};
pub use rates::{RateAnswer, RateDateError};
pub use record::{N_SLOTS, Record, Subject, Value};
pub use registry::{EditionState, Holder, Listing, Local, Registry, RegistryPolicy, RegistryState, Turn};
