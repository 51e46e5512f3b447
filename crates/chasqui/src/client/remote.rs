//! Asking a Chasqui server over the network.
//!
//! One pool of connections, no redirects (a key must not follow one to another host), no proxy from the environment
//! (which only the command line reads), and bounds on time and size.
//! Left out: what a reply means, which the modules below judge; and retries, because the server makes those that help,
//! and a client that repeats everything only doubles the load of a server in trouble.

mod lines;
mod memory;
mod reply;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chasqui_core::{Ask, Kind};
use chasqui_types::time::Date;
use chasqui_types::{Account, CpeQuery, CpeVerdict, Dni, Person, Representative, Ruc, Taxpayer};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

use self::reply::{Answering, Reply};
use self::wire::{
    AccountBody, BillingRowBody, CpeAskBody, CpeBody, Line, PersonBody, RateBody, RatesBody, RepresentativesBody,
    TaxpayerBody,
};
use super::answer::{Answer, DayRate, Invoicing};
use super::cache::{AbsentNumber, AbsentNumbers, CacheHealth, CacheStats, Cleaned, Marked};
use super::error::Error;
use super::rows::Batch;
use super::way::{Answered, Way};

const JSON: &str = "application/json";

/// How a Chasqui server is reached; begins with [`ConnectOptions::default`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// What it asks of its callers, if it asks for one: sent as `Authorization: Bearer`.
    pub key: Option<SecretString>,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
    /// How long an answer may take in all, a thousand rows included. A little more than the server's own
    /// `lookup.deadline`, so that the server has the last word on why there is none.
    pub timeout: Duration,
}

impl Default for ConnectOptions {
    /// No key, five seconds to connect, thirty-five in all.
    fn default() -> Self {
        Self { key: None, connect_timeout: Duration::from_secs(5), timeout: Duration::from_secs(35) }
    }
}

/// Asks a server. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub(crate) struct Remote {
    client: Client,
    base: Arc<Url>,
    key: Option<HeaderValue>,
    timeout: Duration,
    /// One for each question that may be on its way; the others wait here, where they hold no connection.
    places: Arc<Semaphore>,
}

/// A request for one JSON body.
struct Question<'a> {
    method: Method,
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    body: Option<Vec<u8>>,
    accept: &'static str,
    ask: Ask,
}

// === impl Remote ===

impl Remote {
    /// Shorter than servers keep idle connections, so that a request does not meet one that is closing.
    const IDLE: Duration = Duration::from_secs(5);
    /// Questions on their way at the same time, each on a connection of its own: with those that come up and go, far
    /// fewer than the files that a process may have open, however many tasks ask at once.
    const AT_ONCE: usize = 128;

    pub(crate) fn new(url: &str, options: &ConnectOptions) -> Result<Self, Error> {
        let base = address(url)?;
        let key = options.key.as_ref().map(|key| bearer(&base, key)).transpose()?;
        let mut builder = Client::builder()
            .user_agent(concat!("chasqui-client/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(Self::IDLE)
            .pool_max_idle_per_host(Self::AT_ONCE)
            .tcp_nodelay(true)
            .no_proxy();
        if base.scheme() == "http" {
            // Nothing here will speak TLS: the system's certificates need not be read, or be there at all.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(Error::setup)?;
        Ok(Self {
            client,
            base: Arc::new(base),
            key,
            timeout: options.timeout,
            places: Arc::new(Semaphore::new(Self::AT_ONCE)),
        })
    }

    /// `path` below the address, with `query` and what `ask` adds to it.
    fn url(&self, path: &str, query: &[(&str, &str)], ask: Ask) -> Url {
        let mut url = (*self.base).clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() || ask.refresh {
            let mut pairs = url.query_pairs_mut();
            pairs.extend_pairs(query);
            if ask.refresh {
                pairs.append_pair("refresh", "true");
            }
        }
        url
    }

    fn request(&self, question: Question<'_>) -> RequestBuilder {
        let url = self.url(question.path, question.query, question.ask);
        let mut request = self.client.request(question.method, url).header(ACCEPT, question.accept);
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, key.clone());
        }
        if let Some(body) = question.body {
            request = request.header(CONTENT_TYPE, JSON).body(body);
        }
        if let Some(patience) = question.ask.patience {
            let seconds = patience.as_secs().saturating_add(u64::from(patience.subsec_nanos() > 0));
            request = request.header("prefer", format!("wait={seconds}"));
        }
        request
    }

    /// Sends, and gives an answer this long to arrive, its last byte included.
    async fn send(&self, question: Question<'_>, within: Duration) -> Result<Response, Error> {
        self.request(question).timeout(within).send().await.map_err(reply::unreachable)
    }

    async fn reply(&self, question: Question<'_>) -> Result<Reply, Error> {
        let patience = question.ask.patience.unwrap_or(Duration::MAX);
        let asked = async {
            let _place = self.places.acquire().await.expect("it is never closed");
            Reply::read(self.send(question, self.timeout).await?).await
        };
        // To wait for a place is to wait, too; and whoever is in a hurry has not shown that nobody can be reached.
        tokio::time::timeout(patience, asked).await.unwrap_or_else(|late| Err(reply::late(late)))
    }

    /// Asks with `GET`; what was found is read as `B`.
    async fn get<B: DeserializeOwned + Into<Answer<T>>, T>(&self, path: &str, ask: Ask) -> Answered<T> {
        match self.reply(Question::get(path, ask)).await?.answer::<B>()? {
            Answering::Found(body) => Ok(body.into()),
            Answering::Absent(absent) => Ok(absent.into()),
        }
    }
}

#[async_trait]
impl Way for Remote {
    fn describe(&self) -> String {
        format!("through {}", self.base)
    }

    async fn taxpayer(&self, ruc: Ruc, ask: Ask) -> Answered<Taxpayer> {
        let answer = self.get::<TaxpayerBody, _>(&format!("/v1/ruc/{ruc}"), ask).await?;
        ours(answer, |taxpayer: &Taxpayer| taxpayer.ruc == ruc)
    }

    async fn person(&self, dni: Dni, ask: Ask) -> Answered<Person> {
        let answer = self.get::<PersonBody, _>(&format!("/v1/dni/{dni}"), ask).await?;
        ours(answer, |person: &Person| person.dni == dni)
    }

    async fn representatives(&self, ruc: Ruc, ask: Ask) -> Answered<Vec<Representative>> {
        let answer = self.get::<RepresentativesBody, _>(&format!("/v1/ruc/{ruc}/representatives"), ask).await?;
        ours(answer, |people: &Vec<Representative>| people.iter().all(|one| one.ruc == ruc))
    }

    async fn account(&self, ask: Ask) -> Answered<Account> {
        self.get::<AccountBody, _>("/v1/account", ask).await
    }

    async fn latest_rate(&self, ask: Ask) -> Answered<DayRate> {
        self.get::<RateBody, _>("/v1/rates/latest", ask).await
    }

    async fn rate_on(&self, date: Date, ask: Ask) -> Answered<DayRate> {
        let answer = self.get::<RateBody, _>(&format!("/v1/rates/{date}"), ask).await?;
        ours(answer, |rate: &DayRate| rate.date == date)
    }

    async fn rates(&self, from: Date, to: Date, ask: Ask) -> Result<Vec<Answer<DayRate>>, Error> {
        let (first, last) = (from.to_string(), to.to_string());
        let query = [("from", first.as_str()), ("to", last.as_str())];
        let reply = self.reply(Question { query: &query, ..Question::get("/v1/rates", ask) }).await?;
        let rates = reply.body::<RatesBody>()?.rates.into_iter().map(Answer::from);
        rates.map(|answer| ours(answer, |rate: &DayRate| (from..=to).contains(&rate.date))).collect()
    }

    async fn cpe(&self, query: CpeQuery, ask: Ask) -> Answered<CpeVerdict> {
        let body = wire::to_json(&CpeAskBody::from(&query));
        let question = Question { method: Method::POST, body: Some(body), ..Question::get("/v1/cpe/validate", ask) };
        Ok(self.reply(question).await?.body::<CpeBody>()?.into())
    }

    async fn billing(&self, ruc: Ruc, ask: Ask) -> Answered<Invoicing> {
        let reply = self.reply(Question::get(&format!("/v1/ruc/{ruc}/billing"), ask)).await?;
        reply.body::<BillingRowBody>()?.outcome(ruc).into_result()
    }

    fn taxpayers(&self, rucs: Vec<Ruc>, ask: Ask) -> Batch<Taxpayer> {
        self.lines::<wire::RowBody, _>("/v1/ruc/lookup", rucs, ask)
    }

    fn billings(&self, rucs: Vec<Ruc>, ask: Ask) -> Batch<Invoicing> {
        self.lines::<BillingRowBody, _>("/v1/billing", rucs, ask)
    }

    async fn cache_stats(&self) -> Result<CacheStats, Error> {
        self.memory_stats().await
    }

    async fn cache_health(&self) -> Result<CacheHealth, Error> {
        self.memory_health().await
    }

    async fn clear(&self, service: Option<&str>, kind: Option<Kind>) -> Result<usize, Error> {
        self.clear_memory(service, kind).await
    }

    async fn clean(&self) -> Result<Cleaned, Error> {
        self.clean_memory().await
    }

    async fn forget(&self, ruc: Ruc) -> Result<bool, Error> {
        self.removed(&format!("/v1/cache/ruc/{ruc}")).await
    }

    async fn absent_numbers(&self) -> Result<AbsentNumbers, Error> {
        self.remembered_absent().await
    }

    async fn absent_number(&self, ruc: Ruc) -> Result<Option<AbsentNumber>, Error> {
        self.remembered_absent_number(ruc).await
    }

    async fn mark_absent(&self, ruc: Ruc, reason: &str, ttl: Option<Duration>) -> Result<Marked, Error> {
        self.mark(ruc, reason, ttl).await
    }

    async fn forget_absent(&self, ruc: Ruc) -> Result<bool, Error> {
        self.removed(&format!("/v1/cache/absent/{ruc}")).await
    }

    async fn forget_all_absent(&self) -> Result<usize, Error> {
        self.removed_count("/v1/cache/absent", &[]).await
    }
}

// === impl Question ===

impl<'a> Question<'a> {
    fn get(path: &'a str, ask: Ask) -> Self {
        Self { method: Method::GET, path, query: &[], body: None, accept: JSON, ask }
    }
}

/// An answer about something else is none, however well it is formed.
fn ours<T>(answer: Answer<T>, is_ours: impl FnOnce(&T) -> bool) -> Answered<T> {
    match answer.found() {
        Some(record) if !is_ours(record) => Err(Error::malformed("it answered another question than was asked")),
        _ => Ok(answer),
    }
}

/// Where a server is: scheme, host, port, and perhaps a path.
fn address(text: &str) -> Result<Url, Error> {
    let invalid = |why: &str| Error::invalid("invalid_url", format!("This is no address of a Chasqui server: {why}."));
    let url = Url::parse(text).map_err(|_| invalid("expected an http:// or https:// URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(invalid("expected an http:// or https:// URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("expected no user name or password in it; give a key instead"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("expected a URL without ? and #"));
    }
    Ok(url)
}

/// A key as a header, if it may travel to `base`.
fn bearer(base: &Url, key: &SecretString) -> Result<HeaderValue, Error> {
    let is_loopback = match base.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if base.scheme() != "https" && !is_loopback {
        let detail = "A key would travel readable over plain http; use https, or no key.";
        return Err(Error::invalid("invalid_url", detail));
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
        .map_err(|_| Error::invalid("invalid_key", "The key holds characters that no header can carry."))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(url: &str) -> Remote {
        Remote::new(url, &ConnectOptions::default()).unwrap()
    }

    #[test]
    fn an_address_keeps_its_path_and_no_route_names_a_key() {
        let url = |base: &str, ask| remote(base).url("/v1/account", &[], ask).to_string();
        let anew = Ask { refresh: true, patience: None };
        assert_eq!(url("http://127.0.0.1:1", Ask::default()), "http://127.0.0.1:1/v1/account");
        assert_eq!(url("http://127.0.0.1:1/chasqui/", anew), "http://127.0.0.1:1/chasqui/v1/account?refresh=true");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused_at_once() {
        for url in ["", "127.0.0.1:8080", "ftp://localhost", "http://", "http://u:p@localhost", "http://localhost/?a=1"]
        {
            let error = Remote::new(url, &ConnectOptions::default()).err().unwrap();
            assert_eq!(error.code(), "invalid_url", "{url}");
        }
    }

    #[test]
    fn a_key_does_not_travel_readable_and_never_shows() {
        let with_key = |url: &str, key: &str| {
            let key = Some(SecretString::from(key.to_owned()));
            Remote::new(url, &ConnectOptions { key, ..ConnectOptions::default() }).map(|remote| remote.describe())
        };
        assert_eq!(with_key("http://chasqui.example", "s3cr3t").unwrap_err().code(), "invalid_url");
        assert_eq!(with_key("http://localhost", "s3cr3t\n").unwrap_err().code(), "invalid_key");
        for url in ["http://localhost:8080", "http://[::1]:8080", "https://chasqui.example"] {
            assert!(!with_key(url, "s3cr3t").unwrap().contains("s3cr3t"));
        }
    }
}
