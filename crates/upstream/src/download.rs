//! Large public files, fetched whole or not at all.
//!
//! The registry is 400 MB behind a host that is often slow, so a line that breaks is picked up where it broke, other
//! mirrors are tried in their order, and what has not changed is not fetched. A redirect is followed to the hosts that
//! were configured and to no other, because whoever serves the registry decides who exists.
//! Left out: what the file means, waiting between attempts, and when to look again.

mod error;
mod partial;
mod reply;

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use chasqui_types::time::{Timestamp, parse_http_date};
use reqwest::header::{ACCEPT_ENCODING, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};

pub use error::{DownloadError, MirrorError};

use error::Failure;
use partial::Partial;
use reply::{Announced, Head};

/// How files are fetched.
#[derive(Debug, Clone)]
pub struct DownloaderConfig {
    /// Addresses of the same file, in the order in which they are tried.
    pub mirrors: Vec<String>,
    /// What the program calls itself; `None` for a name that SUNAT's hosts, some of which refuse programs, accept.
    pub user_agent: Option<String>,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
    /// How long nothing may arrive before the line is taken for dead. There is no limit to the whole.
    pub idle_timeout: Duration,
}

/// Fetches a file from its mirrors.
#[derive(Debug)]
pub struct Downloader {
    client: Client,
    mirrors: Vec<Url>,
}

/// What is to be fetched.
#[derive(Debug, Clone, Copy)]
pub struct Download<'a> {
    /// Where the file is to lie; while it is not whole it lies beside that, with `.part` behind its name.
    pub into: &'a Path,
    /// What is known of the file that was fetched last, if any was.
    pub known: Option<&'a Validators>,
    /// A file with fewer bytes is none.
    pub min: u64,
    /// A file with more bytes is none.
    pub max: u64,
    /// What it is to be.
    pub form: Form,
}

/// What a file is to be, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A zip.
    Zip,
    /// Anything but a web page.
    Any,
}

/// What tells one version of a file from another. Kept by the caller until the next time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    /// The version's name, as its host gives it.
    #[serde(default)]
    pub etag: Option<String>,
    /// When it was last modified, as its host writes it.
    #[serde(default)]
    pub last_modified: Option<String>,
    /// SHA-256 of its bytes, in hexadecimal.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadProgress {
    /// Bytes that are there, those of former attempts included.
    pub done: u64,
    /// Bytes of the whole, if the host says so.
    pub total: Option<u64>,
}

/// What became of a download that met no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downloaded {
    /// The file lies where it was wanted.
    Fetched {
        /// The host it came from.
        host: String,
        /// Its length.
        n_bytes: u64,
        /// How many of its bytes a former attempt had left.
        n_resumed: u64,
        /// What tells it from other versions.
        validators: Validators,
    },
    /// It is the one that is known already; nothing lies where it was wanted that did not before.
    Unchanged {
        /// The host that said so.
        host: String,
        /// What tells it from other versions, as far as is known now.
        validators: Validators,
    },
}

type Progress<'a> = &'a mut (dyn FnMut(DownloadProgress) -> ControlFlow<()> + Send);

// === impl Downloader ===

impl Downloader {
    const AGENT: &str = concat!("Mozilla/5.0 (compatible; chasqui/", env!("CARGO_PKG_VERSION"), ")");
    const MAX_REDIRECTS: usize = 5;
    /// How often a mirror whose line breaks is asked to go on, as long as each attempt brings something.
    const TRIES: usize = 5;

    /// Sets up the connection pool; opens none yet.
    pub fn new(config: DownloaderConfig) -> Result<Self, DownloadError> {
        let mirrors = (1..).zip(&config.mirrors).map(|(place, mirror)| {
            let url = Url::parse(mirror).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            url.ok_or(DownloadError::Address { place })
        });
        let mirrors: Vec<Url> = mirrors.collect::<Result<_, _>>()?;
        let agent = config.user_agent.unwrap_or_else(|| Self::AGENT.to_owned());
        let builder = || {
            Client::builder()
                .user_agent(agent.as_str())
                // Followed by hand, because only hand-picked hosts are.
                .redirect(Policy::none())
                // Positions in a file are those of its own bytes.
                .no_gzip()
                .connect_timeout(config.connect_timeout)
                .read_timeout(config.idle_timeout)
                // The environment is the command line's business.
                .no_proxy()
        };
        let client = match builder().build() {
            // A bare container may have no certificates, and needs none where no mirror speaks TLS.
            Err(_) if mirrors.iter().all(|mirror| mirror.scheme() == "http") => builder().tls_certs_only([]).build(),
            client => client,
        };
        let client = client.map_err(|error| DownloadError::Client { source: error.into() })?;
        Ok(Self { client, mirrors })
    }

    /// Fetches the file, from the first mirror that has it.
    ///
    /// `progress` is told of every piece and may break off. Writes to the disk as it goes, and reads what a former
    /// attempt left, without handing the thread to others meanwhile.
    ///
    /// Cancel-safe: whatever arrived before the future was dropped is there for the next attempt.
    pub async fn fetch(&self, download: &Download<'_>, progress: Progress<'_>) -> Result<Downloaded, DownloadError> {
        let mut failures = Vec::new();
        for mirror in &self.mirrors {
            let mut tries_left = Self::TRIES;
            loop {
                tries_left -= 1;
                let error = match self.fetch_from(mirror, download, progress).await {
                    Ok(downloaded) => return Ok(downloaded),
                    Err(Failure::Ours(error)) => return Err(error),
                    Err(Failure::Mirror(error)) => error,
                };
                let goes_on = matches!(error, MirrorError::Interrupted { n_new, .. } if n_new > 0);
                if !goes_on || tries_left == 0 {
                    failures.push(error);
                    break;
                }
            }
        }
        Err(DownloadError::NoMirror { failures })
    }

    async fn fetch_from(
        &self,
        mirror: &Url,
        download: &Download<'_>,
        progress: Progress<'_>,
    ) -> Result<Downloaded, Failure> {
        let host = host(mirror);
        let mut partial = Partial::open(download.into)?;
        loop {
            let response = self.ask(mirror, download, &partial).await?;
            let resumes = partial.validator().is_some();
            match response.status() {
                StatusCode::NOT_MODIFIED if download.known.is_some() => {
                    // What is left of another version is of no use any more.
                    partial.discard()?;
                    let validators = download.known.cloned().unwrap_or_default();
                    return Ok(Downloaded::Unchanged { host, validators });
                }
                // What is there goes beyond what the host has, so it is of another version.
                StatusCode::RANGE_NOT_SATISFIABLE if resumes => {
                    partial.discard()?;
                    continue;
                }
                StatusCode::OK => {}
                StatusCode::PARTIAL_CONTENT if resumes => {}
                status => return Err(MirrorError::Status { host, status: status.as_u16() }.into()),
            }
            let announced = Announced::of(&response);
            if let Some(known) = download.known.filter(|known| known.is_same(&announced.validators)) {
                partial.discard()?;
                let validators = Validators { sha256: known.sha256.clone(), ..announced.validators };
                return Ok(Downloaded::Unchanged { host, validators });
            }
            announced.check(&host, download)?;
            if response.status() == StatusCode::PARTIAL_CONTENT {
                if !partial.goes_on_with(&announced) {
                    partial.discard()?;
                    continue;
                }
            } else {
                partial.begin(&announced)?;
            }
            return receive(response, &host, download, partial, progress).await;
        }
    }

    /// Sends the request, and again to wherever it is sent on, within the hosts that were configured.
    async fn ask(&self, mirror: &Url, download: &Download<'_>, partial: &Partial) -> Result<Response, Failure> {
        let mut url = mirror.clone();
        for _ in 0..=Self::MAX_REDIRECTS {
            let mut request = self.client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
            if let Some(known) = download.known {
                if let Some(etag) = &known.etag {
                    request = request.header(IF_NONE_MATCH, etag);
                }
                if let Some(modified) = &known.last_modified {
                    request = request.header(IF_MODIFIED_SINCE, modified);
                }
            }
            if let Some(validator) = partial.validator() {
                request = request.header(RANGE, format!("bytes={}-", partial.n_bytes())).header(IF_RANGE, validator);
            }
            let response = request.send().await.map_err(|error| MirrorError::unreachable(&url, error))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            let next =
                next.ok_or_else(|| MirrorError::Status { host: host(&url), status: response.status().into() })?;
            let is_ours = self.mirrors.iter().any(|mirror| mirror.host_str() == next.host_str());
            let stays_safe = next.scheme() == "https" || (next.scheme() == "http" && url.scheme() == "http");
            if !(is_ours && stays_safe) {
                let to = format!("{}://{}", next.scheme(), host(&next));
                return Err(MirrorError::Redirected { host: host(mirror), to }.into());
            }
            url = next;
        }
        Err(MirrorError::Redirected { host: host(mirror), to: "one address after the other".to_owned() }.into())
    }
}

/// Writes what arrives behind what is there, until the file is whole.
async fn receive(
    mut response: Response,
    host: &str,
    download: &Download<'_>,
    mut partial: Partial,
    progress: Progress<'_>,
) -> Result<Downloaded, Failure> {
    let (n_resumed, total) = (partial.n_bytes(), partial.total());
    let mut head = Head::new(download.form, n_resumed > 0);
    loop {
        let done = partial.n_bytes();
        if progress(DownloadProgress { done, total }).is_break() {
            return Err(DownloadError::Cancelled.into());
        }
        let interrupted =
            |source: Option<reqwest::Error>| MirrorError::interrupted(host, done, done - n_resumed, source);
        match response.chunk().await {
            Ok(Some(chunk)) if done + chunk.len() as u64 > download.max => {
                partial.discard()?;
                return Err(MirrorError::size(host, done + chunk.len() as u64, download).into());
            }
            Ok(Some(chunk)) => {
                if let Err(why) = head.see(&chunk) {
                    partial.discard()?;
                    return Err(MirrorError::NotTheFile { host: host.to_owned(), why }.into());
                }
                partial.put(&chunk)?;
            }
            Ok(None) if total.is_some_and(|total| total != done) => return Err(interrupted(None).into()),
            Ok(None) => break,
            Err(error) => return Err(interrupted(Some(error)).into()),
        }
    }
    let n_bytes = partial.n_bytes();
    if n_bytes < download.min || !head.is_whole() {
        partial.discard()?;
        return Err(MirrorError::size(host, n_bytes, download).into());
    }
    let host = host.to_owned();
    let validators = partial.validators();
    if download.known.is_some_and(|known| known.sha256.is_some() && known.sha256 == validators.sha256) {
        partial.discard()?;
        return Ok(Downloaded::Unchanged { host, validators });
    }
    partial.finish(download.into)?;
    Ok(Downloaded::Fetched { host, n_bytes, n_resumed, validators })
}

/// What people are told of an address: a path or a query adds nothing, and may hold a secret.
fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

// === impl Validators ===

impl Validators {
    /// When the file was last modified, if its host says so.
    pub fn modified(&self) -> Option<Timestamp> {
        self.last_modified.as_deref().and_then(parse_http_date)
    }

    /// Whether two answers are about the same version. Either mark will do, because mirrors name versions differently.
    fn is_same(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.etag, &other.etag) || same(&self.last_modified, &other.last_modified)
    }

    /// What a host is asked to go on by: it must stand for the very same bytes.
    fn strong(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/")).or(self.last_modified.as_deref())
    }
}
