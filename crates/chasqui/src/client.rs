//! The client: every question, the same in process and through a Chasqui server.
//!
//! Left out: how a question is asked, which the ways below know, and where a configuration comes from.

mod answer;
mod cache;
mod check;
mod error;
mod local;
mod remote;
mod rows;
mod way;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chasqui_core::Ask;
use chasqui_types::time::Date;
use chasqui_types::{Account, CpeQuery, CpeVerdict, Person, Representative, Taxpayer};
use futures_util::StreamExt;
use secrecy::SecretString;

pub use self::answer::{Answer, DayRate, Invoicing, Outcome, Row, Summary};
pub use self::cache::{
    AbsentCount, AbsentNumber, AbsentNumbers, CacheCheck, CacheEntries, CacheHandle, CacheHealth, CacheStats, Cleaned,
    Health, Marked, Replaced,
};
pub use self::error::Error;
use self::local::Local;
pub use self::remote::ConnectOptions;
use self::remote::Remote;
use self::rows::Batch;
pub use self::rows::Rows;
use self::way::Way;
use crate::assembly::{Chasqui, Start};
use crate::config::Config;

/// Asks about taxpayers, people, exchange rates and documents. Cheap to clone; clones share everything.
///
/// Replaces `MigoAPIService` and `MigoAPIServiceAsync`; for code without `async` there is
/// [`blocking::Client`](crate::blocking::Client), which also is what `run_async` was for.
///
/// Of a server, 128 single questions are asked at a time, however many tasks ask; the others wait for their turn.
///
/// Every method must run inside a Tokio runtime (with its timers and its network: `enable_all`) and is cancel-safe: a question that went upstream goes on there and its
/// answer is remembered.
#[derive(Clone)]
pub struct Client {
    way: Arc<dyn Way>,
    ask: Ask,
}

// === impl Client ===

impl Client {
    /// The most numbers that go to a server in one request, and that are looked at together in process.
    const NUMBERS_TOGETHER: usize = 1_000;
    /// How many such requests are under way.
    const REQUESTS_AT_ONCE: usize = 2;
    /// How many people are asked for at once; there is no question about many.
    const PEOPLE_AT_ONCE: usize = 16;

    /// Asks a Chasqui server, such as `http://127.0.0.1:8080`; a path before its routes is kept.
    ///
    /// Opens no connection yet.
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
        Ok(Self::over(Remote::new(url.as_ref(), options)?))
    }

    /// Asks MIGO straight, in process, with the defaults of the configuration.
    ///
    /// # Errors
    /// When the client cannot be set up; the token is tried by the first question only.
    pub async fn with_token(token: SecretString) -> Result<Self, Error> {
        let mut config = Config::default_config();
        config.migo.token = Some(token);
        Self::start(&config).await
    }

    /// Asks in process as `config` says; where no provider has a token, the sandbox answers with made-up data, as long
    /// as the runtime lives that this was called in.
    ///
    /// # Errors
    /// When nothing could be asked that way.
    pub async fn start(config: &Config) -> Result<Self, Error> {
        Ok(Self::from(Chasqui::start(config, Start::default()).await?))
    }

    /// The same client, which asks anew whatever memory says.
    ///
    /// Replaces `force_refresh` and `use_cache=False`.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { ask: Ask { refresh: true, ..self.ask }, ..self.clone() }
    }

    /// The same client, which waits this long for an answer, if the configured deadline is not shorter.
    ///
    /// For many numbers it is the time of each request for a thousand of them.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Self {
        Self { ask: Ask { patience: Some(patience), ..self.ask }, ..self.clone() }
    }

    /// Who is this taxpayer?
    ///
    /// Replaces `MigoAPIService.consultar_ruc`.
    ///
    /// # Errors
    /// When the number is none, or it could not be found out; never because the taxpayer does not exist.
    pub async fn taxpayer(&self, ruc: impl AsRef<str>) -> Result<Answer<Taxpayer>, Error> {
        self.way.taxpayer(check::ruc(ruc.as_ref())?, self.ask).await
    }

    /// Who holds this document?
    ///
    /// Replaces `MigoAPIService.consultar_dni`.
    ///
    /// # Errors
    /// When the number is none, or it could not be found out.
    pub async fn person(&self, dni: impl AsRef<str>) -> Result<Answer<Person>, Error> {
        self.way.person(check::dni(dni.as_ref())?, self.ask).await
    }

    /// Who represents this taxpayer? Absent if the authority knows of nobody.
    ///
    /// Replaces `MigoAPIService.consultar_representantes_legales`.
    ///
    /// # Errors
    /// When the number is none, or it could not be found out.
    pub async fn representatives(&self, ruc: impl AsRef<str>) -> Result<Answer<Vec<Representative>>, Error> {
        self.way.representatives(check::ruc(ruc.as_ref())?, self.ask).await
    }

    /// What is left in the account with the provider?
    ///
    /// Replaces `MigoAPIService.consultar_cuenta`.
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn account(&self) -> Result<Answer<Account>, Error> {
        self.way.account(self.ask).await
    }

    /// What was the last published exchange rate?
    ///
    /// Replaces `MigoAPIService.consultar_tipo_cambio_latest`.
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn latest_rate(&self) -> Result<Answer<DayRate>, Error> {
        self.way.latest_rate(self.ask).await
    }

    /// Which exchange rate holds on this day of Lima's? A day without one has the last one published before it.
    ///
    /// Replaces `MigoAPIService.consultar_tipo_cambio_fecha`.
    ///
    /// # Errors
    /// When there can be none for the day, or it could not be found out.
    pub async fn rate_on(&self, date: Date) -> Result<Answer<DayRate>, Error> {
        self.way.rate_on(date, self.ask).await
    }

    /// Which exchange rates hold on the days from the first to the second, both included? One row for each day that
    /// has one, in order; at most ten years.
    ///
    /// Replaces `MigoAPIService.consultar_tipo_cambio_rango`.
    ///
    /// # Errors
    /// When there can be none for the days, or one of them could not be found out.
    pub async fn rates(&self, from: Date, to: Date) -> Result<Vec<Answer<DayRate>>, Error> {
        self.way.rates(from, to, self.ask).await
    }

    /// Is this payment document valid?
    ///
    /// # Errors
    /// When there can be no such document, or it could not be found out.
    pub async fn cpe(&self, query: &CpeQuery) -> Result<Answer<CpeVerdict>, Error> {
        self.way.cpe(check::cpe(query.clone())?, self.ask).await
    }

    /// May this taxpayer be invoiced? [`Answer::may_be_invoiced`] says so in one word; one that does not exist may not.
    ///
    /// Replaces `MigoAPIService.validar_ruc_para_facturacion`.
    ///
    /// # Errors
    /// When the number is none, or it could not be found out, which is no verdict.
    pub async fn billing(&self, ruc: impl AsRef<str>) -> Result<Answer<Invoicing>, Error> {
        self.way.billing(check::ruc(ruc.as_ref())?, self.ask).await
    }

    /// Who are these taxpayers? Any number of them; what is no number becomes a row that says so.
    ///
    /// Replaces `MigoAPIService.consultar_ruc_masivo` and `consultar_ruc_masivo_completo`, and of
    /// `MigoAPIServiceAsync` `batch_query`, `consultar_rucs_en_paralelo` and `validar_rucs_batch`.
    pub fn taxpayers<S: AsRef<str>>(&self, rucs: impl IntoIterator<Item = S>) -> Rows<Taxpayer> {
        let (way, ask) = (Arc::clone(&self.way), self.ask);
        let begin = move |inputs: &[String]| Batch::of(inputs, check::ruc, |rucs| way.taxpayers(rucs, ask));
        Rows::new(owned(rucs), Self::NUMBERS_TOGETHER, Self::REQUESTS_AT_ONCE, Box::new(begin))
    }

    /// Who holds these documents? As [`taxpayers`](Self::taxpayers) in everything else, but for the cost: a call for
    /// each document that memory does not hold.
    pub fn people<S: AsRef<str>>(&self, dnis: impl IntoIterator<Item = S>) -> Rows<Person> {
        let (way, ask) = (Arc::clone(&self.way), self.ask);
        let ask_each = move |dnis: Vec<_>| {
            let way = Arc::clone(&way);
            let outcomes = futures_util::stream::iter(dnis.into_iter().enumerate()).then(move |(place, dni)| {
                let way = Arc::clone(&way);
                async move { (place, way.person(dni, ask).await.into()) }
            });
            Batch { outcomes: outcomes.boxed(), effort: None }
        };
        let begin = move |inputs: &[String]| Batch::of(inputs, check::dni, &ask_each);
        Rows::new(owned(dnis), 1, Self::PEOPLE_AT_ONCE, Box::new(begin))
    }

    /// May these taxpayers be invoiced? [`Outcome::may_be_invoiced`] says so row by row.
    ///
    /// Replaces `MigoAPIService.validar_rucs_para_facturacion`.
    pub fn billings<S: AsRef<str>>(&self, rucs: impl IntoIterator<Item = S>) -> Rows<Invoicing> {
        let (way, ask) = (Arc::clone(&self.way), self.ask);
        let begin = move |inputs: &[String]| Batch::of(inputs, check::ruc, |rucs| way.billings(rucs, ask));
        Rows::new(owned(rucs), Self::NUMBERS_TOGETHER, Self::REQUESTS_AT_ONCE, Box::new(begin))
    }

    /// Memory, for whoever looks after it: what it holds, how it is, what it should forget.
    pub fn cache(&self) -> CacheHandle {
        CacheHandle::new(Arc::clone(&self.way))
    }

    fn over(way: impl Way + 'static) -> Self {
        Self { way: Arc::new(way), ask: Ask::default() }
    }
}

/// Asks what was put together by hand, in process.
impl From<Chasqui> for Client {
    fn from(chasqui: Chasqui) -> Self {
        Self::over(Local::new(chasqui))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("way", &self.way.describe()).field("ask", &self.ask).finish()
    }
}

fn owned<S: AsRef<str>>(inputs: impl IntoIterator<Item = S>) -> Vec<String> {
    inputs.into_iter().map(|input| input.as_ref().to_owned()).collect()
}
