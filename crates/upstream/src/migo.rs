//! MIGO as a provider.
//!
//! One pool of connections for this provider alone, no redirects (a token must not follow one to another host), and a
//! bound on the size of a reply.
//! Left out: the meaning of a reply, which `chasqui-migo` judges.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use chasqui_core::{Provider, ProviderError, Question, Reply};
use chasqui_migo::{Collection, RawReply, Verdict, read_taxpayer, read_taxpayers, request};
use chasqui_types::SourceId;
use chasqui_types::time::parse_http_date;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};

/// How MIGO is reached.
#[derive(Debug, Clone)]
pub struct MigoClientConfig {
    /// Under which name it answers.
    pub id: SourceId,
    /// Scheme, host and port, such as `https://api.migo.pe`.
    pub base_url: String,
    /// The account's token.
    pub token: SecretString,
    /// Which of its interfaces is asked, where both know the question.
    pub api: Api,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
}

/// MIGO's interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `POST`, the token in the body.
    V1,
    /// `GET`, the token as Bearer. It has no collections: those are asked of v1.
    V2,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base address is none.
    #[error("the base URL is not one")]
    BaseUrl,
    /// The token cannot stand in a header.
    #[error("the token holds characters that no header can carry")]
    Token,
    /// The TLS stack does not come up.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// Asks MIGO.
#[derive(Debug)]
pub struct MigoClient {
    id: SourceId,
    client: Client,
    base_url: Url,
    token: SecretString,
    bearer: HeaderValue,
    api: Api,
}

/// A reply read whole.
struct Received {
    status: u16,
    content_type: Option<String>,
    retry_after: Option<Duration>,
    body: BytesMut,
    /// The body outgrew what any answer of MIGO could be.
    too_large: bool,
}

// === impl MigoClient ===

impl MigoClient {
    /// The largest reply that is read: a hundred taxpayers take about 80 KiB.
    const MAX_BODY: usize = 4 * 1024 * 1024;
    /// Shorter than servers keep idle connections, so that a request does not meet one that is closing.
    const IDLE: Duration = Duration::from_secs(10);

    /// Sets up the connection pool; opens none yet.
    pub fn new(config: MigoClientConfig) -> Result<Self, BuildError> {
        let base_url = Url::parse(&config.base_url).map_err(|_| BuildError::BaseUrl)?;
        let host = base_url.host_str().ok_or(BuildError::BaseUrl)?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", config.token.expose_secret()))
            .map_err(|_| BuildError::Token)?;
        bearer.set_sensitive(true);
        let mut builder = Client::builder()
            .user_agent(concat!("chasqui/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(Self::IDLE)
            .tcp_nodelay(true);
        if is_loopback(host) {
            builder = builder.no_proxy();
        }
        if base_url.scheme() == "http" {
            // Nothing here will speak TLS: the system's certificates need not be read, or be there at all.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(BuildError::Client)?;
        Ok(Self { id: config.id, client, base_url, token: config.token, bearer, api: config.api })
    }

    fn request(&self, question: &Question) -> RequestBuilder {
        let token = self.token.expose_secret();
        match (question, self.api) {
            (Question::Taxpayer(ruc), Api::V1) => self.post(request::V1_RUC, request::ruc_body(token, *ruc)),
            (Question::Taxpayer(ruc), Api::V2) => self
                .client
                .request(Method::GET, self.url(&request::v2_ruc(*ruc)))
                .header(reqwest::header::AUTHORIZATION, self.bearer.clone()),
            (Question::Taxpayers(rucs), _) => self.post(request::V1_COLLECTION, request::collection_body(token, rucs)),
            _ => unreachable!("the guard asks `can_answer` first"),
        }
    }

    fn post(&self, path: &str, body: Vec<u8>) -> RequestBuilder {
        self.client.request(Method::POST, self.url(path)).header(CONTENT_TYPE, request::CONTENT_TYPE).body(body)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }

    async fn send(&self, question: &Question) -> Result<Received, ProviderError> {
        let request = self.request(question).header(ACCEPT, request::CONTENT_TYPE);
        let unreachable = |error: reqwest::Error| ProviderError::Unreachable {
            provider: self.id.clone(),
            // The address may show a number (v2) and adds nothing to what the operator knows.
            source: Arc::new(error.without_url()),
        };
        let response = request.send().await.map_err(unreachable)?;
        receive(response).await.map_err(unreachable)
    }

    fn malformed(&self, why: &'static str) -> ProviderError {
        ProviderError::Malformed { provider: self.id.clone(), why: why.into() }
    }

    /// The record, `None` where MIGO says that there is none, or why there is no answer.
    fn settle<T>(&self, verdict: Verdict<T>) -> Result<Option<T>, ProviderError> {
        let provider = self.id.clone();
        Err(match verdict {
            Verdict::Found(record) => return Ok(Some(record)),
            Verdict::NotFound { .. } => return Ok(None),
            Verdict::TokenRefused => ProviderError::TokenRefused { provider },
            Verdict::Denied { message } => ProviderError::Denied { provider, message: quote(&message) },
            Verdict::Rejected { status, message } => {
                ProviderError::Rejected { provider, status, message: quote(&message) }
            }
            Verdict::Throttled { retry_after } => ProviderError::Throttled { provider, retry_after },
            Verdict::Failed { status } => ProviderError::Failed { provider, status },
            Verdict::Malformed { why } => ProviderError::Malformed { provider, why: why.into() },
        })
    }
}

#[async_trait]
impl Provider for MigoClient {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn can_answer(&self, question: &Question) -> bool {
        matches!(question, Question::Taxpayer(_) | Question::Taxpayers(_))
    }

    async fn ask(&self, question: &Question) -> Result<Reply, ProviderError> {
        let received = self.send(question).await?;
        if received.too_large {
            return Err(self.malformed("it is larger than any answer could be"));
        }
        match question {
            Question::Taxpayer(ruc) => {
                let found = self.settle(read_taxpayer(&received.raw(), *ruc))?;
                Ok(Reply::Taxpayer(found.map(Box::new)))
            }
            Question::Taxpayers(rucs) => match self.settle(read_taxpayers(&received.raw(), rucs))? {
                Some(Collection { found, unreadable, not_found, .. }) => {
                    Ok(Reply::Taxpayers { found, not_found, unreadable })
                }
                None => Err(self.malformed("a collection that is said not to exist")),
            },
            _ => unreachable!("the guard asks `can_answer` first"),
        }
    }
}

impl Received {
    fn raw(&self) -> RawReply<'_> {
        RawReply {
            status: self.status,
            content_type: self.content_type.as_deref(),
            retry_after: self.retry_after,
            body: &self.body,
        }
    }
}

async fn receive(mut response: Response) -> Result<Received, reqwest::Error> {
    let status = response.status().as_u16();
    let headers = response.headers();
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let retry_after = retry_after(headers);
    let mut body = BytesMut::new();
    let mut too_large = false;
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MigoClient::MAX_BODY {
            too_large = true;
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Received { status, content_type, retry_after, body, too_large })
}

/// Reads `Retry-After`: seconds, or a date measured against the reply's own `Date`. At most a day is believed.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    const DAY: u64 = 24 * 60 * 60;
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(DAY)));
    }
    let until = parse_http_date(text)?;
    let sent = parse_http_date(headers.get(DATE)?.to_str().ok()?)?;
    let seconds = u64::try_from(until.as_second().saturating_sub(sent.as_second())).unwrap_or(0);
    Some(Duration::from_secs(seconds.min(DAY)))
}

/// A provider's words, short and without anything that looks like a document's number.
fn quote(message: &str) -> String {
    let mut quoted: String = message.chars().take(200).filter(|c| !c.is_control()).collect();
    let mut run = 0;
    let digits: Vec<(usize, usize)> = quoted
        .char_indices()
        .filter_map(|(at, c)| {
            run = if c.is_ascii_digit() { run + 1 } else { 0 };
            (run == 8).then(|| (at + 1 - 8, at + 1))
        })
        .collect();
    for (from, to) in digits {
        quoted.replace_range(from..to, "********");
    }
    quoted
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base_url: &str) -> MigoClient {
        MigoClient::new(MigoClientConfig {
            id: SourceId::MIGO,
            base_url: base_url.to_owned(),
            token: "s3cr3t-t0k3n".to_owned().into(),
            api: Api::V1,
            connect_timeout: Duration::from_secs(1),
        })
        .unwrap()
    }

    #[test]
    fn a_base_with_a_path_keeps_it() {
        assert_eq!(
            client("http://127.0.0.1:1/migo/").url("/api/v1/ruc").as_str(),
            "http://127.0.0.1:1/migo/api/v1/ruc"
        );
        assert_eq!(client("http://127.0.0.1:1").url("/api/v1/ruc").as_str(), "http://127.0.0.1:1/api/v1/ruc");
    }

    #[test]
    fn the_token_never_shows() {
        let shown = format!("{:?}", client("http://127.0.0.1:1"));
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }

    #[test]
    fn retry_after_is_read_in_both_spellings() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("90"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(90)));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("Fri, 20 Nov 2026 10:01:30 GMT"));
        assert_eq!(retry_after(&headers), None, "a date says nothing without the other clock");
        headers.insert(DATE, HeaderValue::from_static("Fri, 20 Nov 2026 10:00:00 GMT"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(90)));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("99999999999"));
        assert_eq!(retry_after(&headers), Some(Duration::from_hours(24)));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("soon"));
        assert_eq!(retry_after(&headers), None);
    }

    #[test]
    fn a_providers_words_lose_their_numbers() {
        assert_eq!(quote("El DNI 10117410 no vale"), "El DNI ******** no vale");
        assert_eq!(quote("El RUC 10101174102\n"), "El RUC ********102");
    }
}
