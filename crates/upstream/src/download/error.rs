//! Why a file was not fetched.
//!
//! Each mirror fails in its own way, and the caller is told of all of them. What goes wrong on our side, such as a full
//! disk, ends the download at once: no other mirror would help.
//! Left out: a file that has not changed, which is an answer.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use reqwest::Url;

use super::{Download, host};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no file. What arrived of it is kept, unless it was of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// A mirror's address is none.
    #[error("the mirror in place {place} of the list is no http or https address")]
    Address {
        /// Its place in the list, from 1.
        place: usize,
    },
    /// The TLS stack does not come up.
    #[error("the HTTP client cannot be set up")]
    Client {
        /// Why.
        #[source]
        source: BoxError,
    },
    /// No mirror had it.
    #[error("no mirror gave the file: {}", all(failures))]
    NoMirror {
        /// What each said, in the order in which they were asked.
        failures: Vec<MirrorError>,
    },
    /// No room is left.
    #[error("the disk is full, so {} cannot grow; free space and fetch again, which goes on where this ended", path.display())]
    DiskFull {
        /// The file that was written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system refuses something else.
    #[error("could not write {}", path.display())]
    Write {
        /// The file that was written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody else is fetching the same file.
    #[error("somebody else is fetching {}; wait until they are done", path.display())]
    Busy {
        /// The file that was written.
        path: PathBuf,
    },
    /// The caller broke off.
    #[error("the download was broken off; fetching again goes on where it ended")]
    Cancelled,
}

/// Why a mirror did not give the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// There was no answer.
    #[error("{host} could not be reached, or did not answer in time")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// An answer that is no file.
    #[error("{host} answered with status {status}")]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// It sent us on, to where we do not go.
    #[error("{host} sends on to {to}, which is none of the configured mirrors; add it to them if it is trusted")]
    Redirected {
        /// The host.
        host: String,
        /// Scheme and host of the other address.
        to: String,
    },
    /// What it sent is something else.
    #[error("{host} sent something else than the file: {why}")]
    NotTheFile {
        /// The host.
        host: String,
        /// What it looks like.
        why: &'static str,
    },
    /// It is too long or too short.
    #[error("{host} has a file of {n_bytes} bytes, and it should have between {min} and {max}")]
    Size {
        /// The host.
        host: String,
        /// How long it is, as far as is known.
        n_bytes: u64,
        /// The fewest bytes.
        min: u64,
        /// The most bytes.
        max: u64,
    },
    /// The line broke, or nothing arrived for too long.
    #[error("the line to {host} broke after {n_bytes} bytes")]
    Interrupted {
        /// The host.
        host: String,
        /// How many bytes are there, and kept.
        n_bytes: u64,
        /// How many of them this attempt brought.
        n_new: u64,
        /// Why, where the line itself said so.
        #[source]
        source: Option<BoxError>,
    },
}

/// What ends an attempt: the mirror, after which another may do, or something of ours.
pub(super) enum Failure {
    Mirror(MirrorError),
    Ours(DownloadError),
}

// === impl DownloadError ===

impl DownloadError {
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_owned();
            match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
                _ => Self::Write { path, source },
            }
        }
    }
}

// === impl MirrorError ===

impl MirrorError {
    pub(super) fn unreachable(url: &Url, error: reqwest::Error) -> Self {
        Self::Unreachable { host: host(url), source: error.without_url().into() }
    }

    pub(super) fn interrupted(host: &str, n_bytes: u64, n_new: u64, source: Option<reqwest::Error>) -> Self {
        let source = source.map(|error| error.without_url().into());
        Self::Interrupted { host: host.to_owned(), n_bytes, n_new, source }
    }

    pub(super) fn size(host: &str, n_bytes: u64, download: &Download<'_>) -> Self {
        Self::Size { host: host.to_owned(), n_bytes, min: download.min, max: download.max }
    }
}

/// All failures with their causes; they have no common one to name as the source.
fn all(failures: &[MirrorError]) -> String {
    if failures.is_empty() {
        return "none is configured".to_owned();
    }
    let whole = |failure: &MirrorError| {
        let causes = std::iter::successors(std::error::Error::source(failure), |&error| error.source());
        causes.fold(failure.to_string(), |text, cause| format!("{text}: {cause}"))
    };
    failures.iter().map(whole).collect::<Vec<_>>().join("; ")
}

// === impl Failure ===

impl From<MirrorError> for Failure {
    fn from(error: MirrorError) -> Self {
        Self::Mirror(error)
    }
}

impl From<DownloadError> for Failure {
    fn from(error: DownloadError) -> Self {
        Self::Ours(error)
    }
}
