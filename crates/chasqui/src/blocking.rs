//! The client for code without `async`: the same questions, answered by waiting.
//!
//! The work is done by a thread of its own, so that it makes no difference where the caller stands: in a plain program,
//! on a thread for blocking work, or inside an async runtime of any kind. There it holds up the thread that it is
//! called on, as anything that waits does; code that can be `async` is better served by
//! [`chasqui::Client`](crate::Client).
//!
//! ```
//! use chasqui::blocking::Client;
//! use chasqui::config::Config;
//!
//! let client = Client::start(&Config::default_config())?; // no token: the sandbox answers
//! let answer = client.taxpayer("20131312955")?;
//! assert!(answer.found().is_some());
//! # Ok::<(), chasqui::Error>(())
//! ```
//!
//! Left out: anything that the async client does not do.

mod cache;
mod rows;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use chasqui_types::time::Date;
use chasqui_types::{Account, CpeQuery, CpeVerdict, Person, Representative, Taxpayer};
use secrecy::SecretString;

pub use self::cache::CacheHandle;
pub use self::rows::Rows;
use self::worker::Worker;
use crate::client::{self as asynchronous, Answer, ConnectOptions, DayRate, Error, Invoicing};
use crate::config::Config;

/// Asks about taxpayers, people, exchange rates and documents, and waits for the answer. Cheap to clone; clones share
/// everything.
///
/// Belongs to the process that made it: its thread does not go along with a `fork`, so the child makes a client of its own.
///
/// Replaces `MigoAPIService`; the methods are those of [`chasqui::Client`](crate::Client), which says more about each.
#[derive(Debug, Clone)]
pub struct Client {
    inner: asynchronous::Client,
    worker: Arc<Worker>,
}

// === impl Client ===

impl Client {
    /// Asks a Chasqui server, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When the address is none.
    pub fn connect(url: impl AsRef<str>) -> Result<Self, Error> {
        Self::connect_with(url, &ConnectOptions::default())
    }

    /// The same with a key, which is sent as `Authorization: Bearer`, over https or on this machine only.
    ///
    /// # Errors
    /// When the address is none, or the key would travel readable or cannot travel.
    pub fn connect_with_key(url: impl AsRef<str>, key: SecretString) -> Result<Self, Error> {
        Self::connect_with(url, &ConnectOptions { key: Some(key), ..ConnectOptions::default() })
    }

    /// The same with times of your own.
    ///
    /// # Errors
    /// As [`connect_with_key`](Self::connect_with_key).
    pub fn connect_with(url: impl AsRef<str>, options: &ConnectOptions) -> Result<Self, Error> {
        let inner = asynchronous::Client::connect_with(url, options)?;
        Ok(Self { inner, worker: Arc::new(Worker::start()?) })
    }

    /// Asks MIGO straight, in process, with the defaults of the configuration.
    ///
    /// # Errors
    /// When the client cannot be set up; the token is tried by the first question only.
    pub fn with_token(token: SecretString) -> Result<Self, Error> {
        let worker = Worker::start()?;
        let inner = worker.run(asynchronous::Client::with_token(token))?;
        Ok(Self { inner, worker: Arc::new(worker) })
    }

    /// Asks in process as `config` says; where no provider has a token, the sandbox answers with made-up data.
    ///
    /// # Errors
    /// When nothing could be asked that way.
    pub fn start(config: &Config) -> Result<Self, Error> {
        let worker = Worker::start()?;
        let config = config.clone();
        let inner = worker.run(async move { asynchronous::Client::start(&config).await })?;
        Ok(Self { inner, worker: Arc::new(worker) })
    }

    /// The same client, which asks anew whatever memory says.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { inner: self.inner.anew(), worker: Arc::clone(&self.worker) }
    }

    /// The same client, which waits this long for an answer, if the configured deadline is not shorter.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Self {
        Self { inner: self.inner.within(patience), worker: Arc::clone(&self.worker) }
    }

    /// Who is this taxpayer?
    ///
    /// Replaces `MigoAPIService.consultar_ruc`.
    pub fn taxpayer(&self, ruc: impl AsRef<str>) -> Result<Answer<Taxpayer>, Error> {
        let ruc = ruc.as_ref().to_owned();
        self.run(async move |client| client.taxpayer(ruc).await)
    }

    /// Who holds this document?
    ///
    /// Replaces `MigoAPIService.consultar_dni`.
    pub fn person(&self, dni: impl AsRef<str>) -> Result<Answer<Person>, Error> {
        let dni = dni.as_ref().to_owned();
        self.run(async move |client| client.person(dni).await)
    }

    /// Who represents this taxpayer?
    ///
    /// Replaces `MigoAPIService.consultar_representantes_legales`.
    pub fn representatives(&self, ruc: impl AsRef<str>) -> Result<Answer<Vec<Representative>>, Error> {
        let ruc = ruc.as_ref().to_owned();
        self.run(async move |client| client.representatives(ruc).await)
    }

    /// What is left in the account with the provider?
    ///
    /// Replaces `MigoAPIService.consultar_cuenta`.
    pub fn account(&self) -> Result<Answer<Account>, Error> {
        self.run(async |client| client.account().await)
    }

    /// What was the last published exchange rate?
    ///
    /// Replaces `MigoAPIService.consultar_tipo_cambio_latest`.
    pub fn latest_rate(&self) -> Result<Answer<DayRate>, Error> {
        self.run(async |client| client.latest_rate().await)
    }

    /// Which exchange rate holds on this day?
    ///
    /// Replaces `MigoAPIService.consultar_tipo_cambio_fecha`.
    pub fn rate_on(&self, date: Date) -> Result<Answer<DayRate>, Error> {
        self.run(async move |client| client.rate_on(date).await)
    }

    /// Which exchange rates hold on the days from the first to the second?
    ///
    /// Replaces `MigoAPIService.consultar_tipo_cambio_rango`.
    pub fn rates(&self, from: Date, to: Date) -> Result<Vec<Answer<DayRate>>, Error> {
        self.run(async move |client| client.rates(from, to).await)
    }

    /// Is this payment document valid?
    pub fn cpe(&self, query: &CpeQuery) -> Result<Answer<CpeVerdict>, Error> {
        let query = query.clone();
        self.run(async move |client| client.cpe(&query).await)
    }

    /// May this taxpayer be invoiced?
    ///
    /// Replaces `MigoAPIService.validar_ruc_para_facturacion`.
    pub fn billing(&self, ruc: impl AsRef<str>) -> Result<Answer<Invoicing>, Error> {
        let ruc = ruc.as_ref().to_owned();
        self.run(async move |client| client.billing(ruc).await)
    }

    /// Who are these taxpayers? Rows as they arrive.
    ///
    /// Replaces `MigoAPIService.consultar_ruc_masivo`, `consultar_ruc_masivo_completo`, and the functions
    /// `batch_query`, `consultar_rucs_en_paralelo` and `validar_rucs_batch`.
    pub fn taxpayers<S: AsRef<str>>(&self, rucs: impl IntoIterator<Item = S>) -> Rows<Taxpayer> {
        Rows::new(self.inner.taxpayers(rucs), &self.worker)
    }

    /// Who holds these documents? Rows as they arrive.
    pub fn people<S: AsRef<str>>(&self, dnis: impl IntoIterator<Item = S>) -> Rows<Person> {
        Rows::new(self.inner.people(dnis), &self.worker)
    }

    /// May these taxpayers be invoiced? Rows as they arrive.
    ///
    /// Replaces `MigoAPIService.validar_rucs_para_facturacion`.
    pub fn billings<S: AsRef<str>>(&self, rucs: impl IntoIterator<Item = S>) -> Rows<Invoicing> {
        Rows::new(self.inner.billings(rucs), &self.worker)
    }

    /// Memory, for whoever looks after it.
    pub fn cache(&self) -> CacheHandle {
        CacheHandle::new(self.inner.cache(), &self.worker)
    }

    fn run<T, F>(&self, ask: impl FnOnce(asynchronous::Client) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.worker.run(ask(self.inner.clone()))
    }
}
