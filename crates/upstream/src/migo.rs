//! MIGO as a provider.
//!
//! One pool of connections for this provider alone, no redirects (a token must not follow one to another host), and a
//! bound on the size of a reply.
//! Left out: the meaning of a reply, which `chasqui-migo` judges.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chasqui_core::{self as core, Provider, ProviderError, Question, RawBody, RawQuestion, Reply};
use chasqui_migo::{
    Collection, RawReply, Verdict, read_account, read_cpe, read_person, read_rate, read_rates, read_representatives,
    read_taxpayer, read_taxpayers, request,
};
use chasqui_types::SourceId;
use chasqui_types::time::parse_http_date;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
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
        base_url.host_str().ok_or(BuildError::BaseUrl)?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", config.token.expose_secret()))
            .map_err(|_| BuildError::Token)?;
        bearer.set_sensitive(true);
        let mut builder = Client::builder()
            .user_agent(concat!("chasqui/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(Self::IDLE)
            .tcp_nodelay(true)
            // The environment is the command line's business, and a sandbox on loopback is reached directly.
            .no_proxy();
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
            (Question::Taxpayer(ruc), Api::V2) => self.get(&request::v2_ruc(*ruc)),
            (Question::Person(dni), Api::V1) => self.post(request::V1_DNI, request::dni_body(token, *dni)),
            (Question::Person(dni), Api::V2) => self.get(&request::v2_dni(*dni)),
            (Question::LatestRate, Api::V1) => self.post(request::V1_LATEST_RATE, request::token_body(token)),
            (Question::LatestRate, Api::V2) => self.get(request::V2_LATEST_RATE),
            (Question::RateOn(day), Api::V1) => self.post(request::V1_RATE, request::rate_body(token, *day)),
            (Question::RateOn(day), Api::V2) => self.get(&request::v2_rate(*day)),
            // What follows v2 does not have: it is asked of v1, whichever is configured.
            (Question::Taxpayers(rucs), _) => self.post(request::V1_COLLECTION, request::collection_body(token, rucs)),
            (Question::RatesBetween(from, to), _) => {
                self.post(request::V1_RATES, request::rates_body(token, *from, *to))
            }
            (Question::Representatives(ruc), _) => {
                self.post(request::V1_REPRESENTATIVES, request::ruc_body(token, *ruc))
            }
            (Question::Account, _) => self.post(request::V1_ACCOUNT, request::token_body(token)),
            (Question::Cpe(query), _) => self.post(request::V1_CPE, request::cpe_body(token, query)),
            (Question::Raw(raw), _) => self.raw_request(raw),
            _ => unreachable!("the guard asks `can_answer` first"),
        }
    }

    fn get(&self, address: &str) -> RequestBuilder {
        self.client.request(Method::GET, self.url(address)).header(AUTHORIZATION, self.bearer.clone())
    }

    fn post(&self, path: &str, body: Vec<u8>) -> RequestBuilder {
        self.client.request(Method::POST, self.url(path)).header(CONTENT_TYPE, request::CONTENT_TYPE).body(body)
    }

    /// A request that is not ours, with our token: in the body where there is one, and as Bearer.
    fn raw_request(&self, raw: &RawQuestion) -> RequestBuilder {
        let method = Method::from_bytes(raw.method.as_bytes()).unwrap_or(Method::GET);
        let mut url = self.url(&raw.path);
        url.set_query(raw.query.as_deref());
        let request = self.client.request(method, url).header(AUTHORIZATION, self.bearer.clone());
        let token = self.token.expose_secret();
        match &raw.body {
            RawBody::Empty => request,
            RawBody::JsonObject(object) => {
                request.header(CONTENT_TYPE, request::CONTENT_TYPE).body(with_token(object, token))
            }
            RawBody::Form(pairs) => {
                let ours = [(request::TOKEN, token)].into_iter();
                let theirs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                request.form(&ours.chain(theirs).collect::<Vec<_>>())
            }
        }
    }

    /// An address of MIGO's: a path, and perhaps a query.
    fn url(&self, address: &str) -> Url {
        let (path, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url.set_query(query);
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
            Verdict::Denied { .. } => ProviderError::Denied { provider },
            Verdict::Rejected { status, .. } => ProviderError::Rejected { provider, status },
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
        matches!(
            question,
            Question::Taxpayer(_)
                | Question::Taxpayers(_)
                | Question::Person(_)
                | Question::LatestRate
                | Question::RateOn(_)
                | Question::RatesBetween(..)
                | Question::Representatives(_)
                | Question::Account
                | Question::Cpe(_)
                | Question::Raw(_)
        )
    }

    async fn ask(&self, question: &Question) -> Result<Reply, ProviderError> {
        let received = self.send(question).await?;
        if received.too_large {
            return Err(self.malformed("it is larger than any answer could be"));
        }
        let raw = received.raw();
        let nobody = "something that is said not to exist and always does";
        Ok(match question {
            Question::Taxpayer(ruc) => Reply::Taxpayer(self.settle(read_taxpayer(&raw, *ruc))?.map(Box::new)),
            Question::Taxpayers(rucs) => {
                let read = self.settle(read_taxpayers(&raw, rucs))?.ok_or_else(|| self.malformed(nobody))?;
                let Collection { found, unreadable, not_found, .. } = read;
                Reply::Taxpayers { found, not_found, unreadable }
            }
            Question::Person(dni) => Reply::Person(self.settle(read_person(&raw, *dni))?),
            // A provider that has rates has a last one.
            Question::LatestRate => {
                Reply::Rate(Some(self.settle(read_rate(&raw, None))?.ok_or_else(|| self.malformed(nobody))?))
            }
            Question::RateOn(day) => Reply::Rate(self.settle(read_rate(&raw, Some(*day)))?),
            Question::RatesBetween(from, to) => {
                Reply::Rates(self.settle(read_rates(&raw, *from, *to))?.unwrap_or_default())
            }
            Question::Representatives(ruc) => Reply::Representatives(self.settle(read_representatives(&raw, *ruc))?),
            Question::Account => {
                Reply::Account(self.settle(read_account(&raw))?.ok_or_else(|| self.malformed(nobody))?)
            }
            Question::Cpe(_) => Reply::Cpe(self.settle(read_cpe(&raw))?.ok_or_else(|| self.malformed(nobody))?),
            Question::Raw(_) => Reply::Raw(self.hand_back(received)?),
            _ => unreachable!("the guard asks `can_answer` first"),
        })
    }
}

impl MigoClient {
    /// What MIGO said to a request that is not ours. What says that MIGO is in no state to answer is an error.
    fn hand_back(&self, received: Received) -> Result<core::RawReply, ProviderError> {
        let provider = self.id.clone();
        match received.status {
            401 => Err(ProviderError::TokenRefused { provider }),
            429 => Err(ProviderError::Throttled { provider, retry_after: received.retry_after }),
            status @ (300..=399 | 500..) => Err(ProviderError::Failed { provider, status }),
            status => Ok(core::RawReply {
                status,
                content_type: received.content_type.filter(|text| !text.contains(self.token.expose_secret())),
                body: without_token(received.body.freeze(), self.token.expose_secret()),
            }),
        }
    }
}

/// A JSON object with the token as its first member.
fn with_token(object: &[u8], token: &str) -> Vec<u8> {
    let rest = object.trim_ascii_start().strip_prefix(b"{").unwrap_or(object).trim_ascii_start();
    let mut body = request::token_body(token);
    body.pop();
    if !rest.starts_with(b"}") {
        body.push(b',');
    }
    body.extend_from_slice(rest);
    body
}

/// The body with the token, should it be repeated there, put out of sight; as it is, and as JSON, addresses and forms
/// would write it.
fn without_token(body: Bytes, token: &str) -> Bytes {
    let percent = |upper: bool| -> String {
        token
            .bytes()
            .map(|byte| match byte {
                plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
                other if upper => format!("%{other:02X}"),
                other => format!("%{other:02x}"),
            })
            .collect()
    };
    let spellings = [token.to_owned(), token.replace('/', "\\/"), percent(true), percent(false)];
    spellings.iter().fold(body, |body, spelling| without(body, spelling.as_bytes()))
}

fn without(body: Bytes, needle: &[u8]) -> Bytes {
    if needle.is_empty() || !body.windows(needle.len()).any(|window| window == needle) {
        return body;
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut rest = &body[..];
    while let Some(at) = rest.windows(needle.len()).position(|window| window == needle) {
        clean.extend_from_slice(&rest[..at]);
        clean.extend_from_slice(b"********");
        rest = &rest[at + needle.len()..];
    }
    clean.extend_from_slice(rest);
    clean.into()
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
    fn a_request_that_is_not_ours_carries_our_token_and_its_reply_does_not() {
        assert_eq!(with_token(b"{\"a\":1}", "T"), b"{\"token\":\"T\",\"a\":1}");
        assert_eq!(with_token(b" { } ", "T"), b"{\"token\":\"T\"} ");
        let body = Bytes::from_static(b"you sent T0K and T0K");
        assert_eq!(without_token(body, "T0K"), &b"you sent ******** and ********"[..]);
        assert_eq!(without_token(Bytes::from_static(b"nothing"), "T0K"), &b"nothing"[..]);
        let spelt = Bytes::from_static(br"a/b+c a\/b+c a%2Fb%2Bc a%2fb%2bc");
        assert_eq!(without_token(spelt, "a/b+c"), &b"******** ******** ******** ********"[..]);
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
}
