//! Why there is no answer.
//!
//! "There is no such record" is not here: that is an answer, [`Lookup::Absent`](chasqui_types::Lookup).
//! Each error says whose turn it is to act ([`Blame`]) and when asking again could help ([`Retry`]).

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use chasqui_types::SourceId;
use chasqui_types::time::{Timestamp, to_lima};

use crate::question::Family;

/// A cause that many waiters share.
pub type SharedError = Arc<dyn Error + Send + Sync>;

/// Why one attempt at a provider gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// No connection, or it broke before the reply was whole.
    #[error("the connection to {provider} failed")]
    Unreachable {
        /// Who was asked.
        provider: SourceId,
        /// What the network said.
        #[source]
        source: SharedError,
    },
    /// It did not answer in time.
    #[error("{provider} did not answer within {limit:?}")]
    TimedOut {
        /// Who was asked.
        provider: SourceId,
        /// How long this attempt was given.
        limit: Duration,
    },
    /// It answered with a status that says that it failed, or one that makes no sense for the question.
    #[error("{provider} answered with status {status}")]
    Failed {
        /// Who was asked.
        provider: SourceId,
        /// The HTTP status.
        status: u16,
    },
    /// The call succeeded but the body is not what we know how to read.
    #[error("{provider} sent a body that cannot be read: {why}")]
    Malformed {
        /// Who was asked.
        provider: SourceId,
        /// What is wrong with it.
        why: Cow<'static, str>,
    },
    /// It asked us to slow down.
    #[error("{provider} asked us to slow down")]
    Throttled {
        /// Who was asked.
        provider: SourceId,
        /// For how long, if it said so.
        retry_after: Option<Duration>,
    },
    /// It does not accept our token.
    #[error("{provider} refused our token")]
    TokenRefused {
        /// Who was asked.
        provider: SourceId,
    },
    /// It knows us and says no: an expired plan, a spent quota, a plan without this kind of question. Its own words are
    /// left out, because they may repeat what was asked.
    #[error("{provider} denies us this kind of question; the plan may have expired or its quota be spent")]
    Denied {
        /// Who was asked.
        provider: SourceId,
    },
    /// It refused this one request as badly put. Its own words are left out, because they may repeat what was asked.
    #[error("{provider} rejected the request with status {status}")]
    Rejected {
        /// Who was asked.
        provider: SourceId,
        /// The HTTP status.
        status: u16,
    },
    /// We did not ask: the provider's limit leaves no room before the deadline.
    #[error("the limit of {provider} for {} leaves no room for another {retry_after:?}", family.as_str())]
    Limited {
        /// Who would have been asked.
        provider: SourceId,
        /// Which limit.
        family: Family,
        /// When there will be room.
        retry_after: Duration,
    },
    /// We did not ask: recent calls failed.
    #[error("{provider} is resting after {}", because.as_str())]
    Resting {
        /// Who would have been asked.
        provider: SourceId,
        /// For how long.
        for_another: Duration,
        /// Why.
        because: RestCause,
    },
    /// We ran out of time before asking.
    #[error("no time was left to ask {provider}")]
    OutOfTime {
        /// Who would have been asked.
        provider: SourceId,
    },
}

/// Why a provider rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestCause {
    /// Too many calls failed.
    Failures,
    /// It refused our token or denied us.
    Auth,
}

/// Why a question has no answer: what is left when every source was tried.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The last source asked gave none.
    #[error("no answer after {attempts} attempt(s) in {}ms", elapsed.as_millis())]
    Source {
        /// Calls that were made.
        attempts: u32,
        /// Time spent.
        elapsed: Duration,
        /// What the last one said.
        #[source]
        source: ProviderError,
    },
    /// The caller's time ran out while others still work on the answer.
    #[error("no answer within {limit:?}")]
    Deadline {
        /// The caller's time.
        limit: Duration,
    },
    /// The answer waits for room in a provider's limit, longer than the caller does.
    #[error("the provider's limit leaves no room for another {retry_after:?}")]
    Limited {
        /// When there will be room.
        retry_after: Duration,
    },
    /// No source that could be asked is configured.
    #[error("no source is configured that could answer")]
    NoSource,
    /// The registry on this machine lacks it, and no provider could say whether it therefore does not exist.
    #[error("the offline registry of {} does not list it, and nobody could confirm that", to_lima(*as_of).date())]
    Unlisted {
        /// The moment that the registry describes.
        as_of: Timestamp,
        /// Why nobody could.
        #[source]
        source: Box<LookupError>,
    },
    /// Only the registry on this machine was asked, and it may not tell about this number.
    #[error("the number is suppressed in the offline registry, and nobody else is asked")]
    Suppressed,
    /// The work was stopped before its end, as at shutdown.
    #[error("the look-up was stopped before it ended")]
    Stopped,
}

/// Whose turn it is to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The provider's.
    Upstream,
    /// Whoever runs this program: the token, the plan, the configuration.
    Operator,
    /// Ours: we chose not to ask, or asked badly.
    Us,
}

/// When asking again could help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not at all, or not within this question.
    Never,
    /// Soon, with growing pauses.
    WithBackoff,
    /// Not before this long.
    After(Duration),
}

// === impl ProviderError ===

impl ProviderError {
    /// Whose turn it is to act. Only [`Blame::Upstream`] counts against a provider's breaker.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Failed { .. } | Self::Malformed { .. } => {
                Blame::Upstream
            }
            Self::TokenRefused { .. } | Self::Denied { .. } => Blame::Operator,
            Self::Throttled { .. }
            | Self::Rejected { .. }
            | Self::Limited { .. }
            | Self::Resting { .. }
            | Self::OutOfTime { .. } => Blame::Us,
        }
    }

    /// When asking again could help, within the same question.
    ///
    /// A resting provider is not waited for: whoever asks wants to know at once.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Throttled { retry_after: Some(wait), .. } => Retry::After(*wait),
            Self::Throttled { retry_after: None, .. } | Self::Unreachable { .. } | Self::TimedOut { .. } => {
                Retry::WithBackoff
            }
            Self::Failed { status, .. } if *status >= 500 => Retry::WithBackoff,
            Self::Failed { .. }
            | Self::Malformed { .. }
            | Self::TokenRefused { .. }
            | Self::Denied { .. }
            | Self::Rejected { .. }
            | Self::Limited { .. }
            | Self::Resting { .. }
            | Self::OutOfTime { .. } => Retry::Never,
        }
    }

    /// A stable word for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::Failed { .. } => "failed",
            Self::Malformed { .. } => "malformed",
            Self::Throttled { .. } => "throttled",
            Self::TokenRefused { .. } => "token_refused",
            Self::Denied { .. } => "denied",
            Self::Rejected { .. } => "rejected",
            Self::Limited { .. } => "limited",
            Self::Resting { .. } => "resting",
            Self::OutOfTime { .. } => "out_of_time",
        }
    }
}

// === impl RestCause ===

impl RestCause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Failures => "repeated failures",
            Self::Auth => "it refused our token",
        }
    }
}

// === impl LookupError ===

impl LookupError {
    /// The whole chain of causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            let words = cause.to_string();
            // Some errors repeat their cause; once is enough.
            if !text.ends_with(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            source = cause.source();
        }
        text
    }

    /// Logs that a question has no answer. What we chose not to ask is told by the change of state that made us.
    pub(crate) fn log(&self, about: &dyn std::fmt::Debug) {
        let (code, error) = (self.code(), self.chain());
        if matches!(code, "limited" | "upstream_resting" | "stopped") {
            tracing::debug!(?about, code, error, "no answer");
        } else {
            tracing::warn!(?about, code, error, "no answer");
        }
    }

    /// A stable code for clients: `limited`, `upstream_error`, `upstream_auth`, `upstream_resting`, `deadline`,
    /// `no_source`, `suppressed`, `stopped`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Deadline { .. } => "deadline",
            Self::Limited { .. } => "limited",
            Self::NoSource => "no_source",
            Self::Suppressed => "suppressed",
            Self::Stopped => "stopped",
            Self::Unlisted { source, .. } => source.code(),
            Self::Source { source, .. } => match source {
                ProviderError::TimedOut { .. } | ProviderError::OutOfTime { .. } => "deadline",
                ProviderError::Throttled { .. } | ProviderError::Limited { .. } => "limited",
                ProviderError::Resting { because: RestCause::Failures, .. } => "upstream_resting",
                ProviderError::TokenRefused { .. }
                | ProviderError::Denied { .. }
                | ProviderError::Resting { because: RestCause::Auth, .. } => "upstream_auth",
                ProviderError::Unreachable { .. }
                | ProviderError::Failed { .. }
                | ProviderError::Malformed { .. }
                | ProviderError::Rejected { .. } => "upstream_error",
            },
        }
    }

    /// What a client may be told: what happened and what to do, without addresses or inner detail.
    pub fn public_message(&self) -> &'static str {
        if let Self::Unlisted { .. } = self {
            return "The offline registry does not list this number, and no provider could say whether it exists; ask again later.";
        }
        match self.code() {
            "limited" => "The provider's call limit is used up for now; ask again after the given time.",
            "upstream_auth" => {
                "The provider refuses this gateway's token or plan; whoever runs the gateway has to mend it."
            }
            "upstream_resting" => {
                "The provider failed repeatedly and is left alone for a moment; ask again after the given time."
            }
            "deadline" => {
                "The provider did not answer in time; nothing could be found out, which is no word on whether the record exists."
            }
            "no_source" => "No source that could answer is configured.",
            "suppressed" => {
                "The offline registry does not tell about this number, because its holder asked for that, and nobody else is asked; this is no word on whether it exists."
            }
            "stopped" => "The gateway is shutting down; ask again.",
            _ => "The provider failed; nothing could be found out, which is no word on whether the record exists.",
        }
    }

    /// How long to wait before asking again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after } => Some(*retry_after),
            Self::Unlisted { source, .. } => source.retry_after(),
            Self::Source { source, .. } => match source {
                ProviderError::Limited { retry_after, .. } => Some(*retry_after),
                ProviderError::Resting { for_another, .. } => Some(*for_another),
                ProviderError::Throttled { retry_after, .. } => Some(retry_after.unwrap_or(Duration::from_secs(1))),
                _ => None,
            },
            Self::Deadline { .. } | Self::NoSource | Self::Suppressed | Self::Stopped => None,
        }
    }

    /// Whose turn it is to act.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Source { source, .. } => source.blame(),
            Self::Unlisted { source, .. } => source.blame(),
            Self::Deadline { .. } => Blame::Upstream,
            Self::NoSource | Self::Suppressed => Blame::Operator,
            Self::Limited { .. } | Self::Stopped => Blame::Us,
        }
    }
}
