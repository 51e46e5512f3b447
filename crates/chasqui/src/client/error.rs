//! Why a client has no answer, in the same words whether it asked in process or over the network.
//!
//! "There is no such record" is not here: that is an answer.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use chasqui_core::{LookupError, RateDateError, SharedError};
use chasqui_types::{ParseDniError, ParseRucError};

use crate::StartError;

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked about is no number, no day, no document. Nobody was asked, and nothing was spent.
    #[error("{detail}")]
    #[non_exhaustive]
    Invalid {
        /// `invalid_ruc`, `invalid_dni`, `invalid_date`, `invalid_cpe`, `invalid_body`, `invalid_url`, `invalid_key`.
        code: Cow<'static, str>,
        /// What is wrong with it.
        detail: String,
        /// The request, in the server's log.
        request_id: Option<Box<str>>,
    },
    /// It could not be found out, which is no word on whether the record exists.
    #[error("no answer: {detail}")]
    #[non_exhaustive]
    Unknown {
        /// `limited`, `deadline`, `upstream_error`, `upstream_auth`, `upstream_resting`, `overloaded`, …: the same
        /// words as a server's problems (`docs/errors.md`).
        code: Cow<'static, str>,
        /// What happened and what to do.
        detail: String,
        /// When asking again could help, where that is known.
        retry_after: Option<Duration>,
        /// The request, in the server's log.
        request_id: Option<Box<str>>,
        /// What happened inside, where the question was asked in process.
        source: Option<SharedError>,
    },
    /// The Chasqui server does not let this client in: its key is missing, wrong, or not meant for this.
    #[error("the Chasqui server refuses the request: {detail}")]
    #[non_exhaustive]
    Refused {
        /// `unauthenticated` or `forbidden`.
        code: Cow<'static, str>,
        /// What the server says.
        detail: String,
        /// The request, in the server's log.
        request_id: Option<Box<str>>,
    },
    /// The Chasqui server cannot be reached, or the connection broke before its answer was whole.
    #[error("the Chasqui server cannot be reached; check its address, and that it is running")]
    #[non_exhaustive]
    Unreachable {
        /// What something in front of it answered instead: 502, 503 or 504.
        status: Option<u16>,
        /// What the network said.
        source: Option<SharedError>,
    },
    /// What answered does not speak as a Chasqui server of this version does.
    #[error("what answered is not a Chasqui server of this version; check the address and its path: {why}")]
    #[non_exhaustive]
    Malformed {
        /// What is odd about it.
        why: Cow<'static, str>,
        /// The request, in the server's log.
        request_id: Option<Box<str>>,
    },
    /// The client cannot be set up.
    #[error("the client cannot be set up")]
    #[non_exhaustive]
    Setup {
        /// Why.
        source: SharedError,
    },
}

// === impl Error ===

impl Error {
    /// A stable word: that of the error itself where it has one, else `unreachable`, `malformed` or `setup`.
    pub fn code(&self) -> &str {
        match self {
            Self::Invalid { code, .. } | Self::Unknown { code, .. } | Self::Refused { code, .. } => code,
            Self::Unreachable { .. } => "unreachable",
            Self::Malformed { .. } => "malformed",
            Self::Setup { .. } => "setup",
        }
    }

    /// How long to wait before asking again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unknown { retry_after, .. } => *retry_after,
            Self::Invalid { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::Malformed { .. }
            | Self::Setup { .. } => None,
        }
    }

    /// The request, as the server's log names it; `None` in process and where no server answered.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Invalid { request_id, .. }
            | Self::Unknown { request_id, .. }
            | Self::Refused { request_id, .. }
            | Self::Malformed { request_id, .. } => request_id.as_deref(),
            Self::Unreachable { .. } | Self::Setup { .. } => None,
        }
    }

    /// The same error, with the request that it came of.
    pub(crate) fn of_request(mut self, id: Option<&str>) -> Self {
        if let Self::Invalid { request_id, .. }
        | Self::Unknown { request_id, .. }
        | Self::Refused { request_id, .. }
        | Self::Malformed { request_id, .. } = &mut self
            && request_id.is_none()
        {
            *request_id = id.map(Into::into);
        }
        self
    }

    /// Whether the question itself is at fault, so that asking it again cannot help.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid { .. })
    }

    pub(crate) fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { code: code.into(), detail: detail.into(), request_id: None }
    }

    pub(crate) fn malformed(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { why: why.into(), request_id: None }
    }

    /// The work was dropped before it gave an answer, as when everything is shut down.
    pub(crate) fn stopped() -> Self {
        Self::from(LookupError::Stopped)
    }

    pub(crate) fn setup(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Setup { source: Arc::new(source) }
    }
}

impl From<LookupError> for Error {
    fn from(error: LookupError) -> Self {
        Self::Unknown {
            code: error.code().into(),
            detail: error.public_message().to_owned(),
            retry_after: error.retry_after(),
            request_id: None,
            source: Some(Arc::new(error)),
        }
    }
}

impl From<ParseRucError> for Error {
    fn from(error: ParseRucError) -> Self {
        Self::invalid("invalid_ruc", format!("This is no RUC: {error}."))
    }
}

impl From<ParseDniError> for Error {
    fn from(error: ParseDniError) -> Self {
        Self::invalid("invalid_dni", format!("This is no DNI: {error}."))
    }
}

impl From<RateDateError> for Error {
    fn from(error: RateDateError) -> Self {
        Self::invalid("invalid_date", format!("No rate can be asked for this: {error}."))
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        Self::setup(error)
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
