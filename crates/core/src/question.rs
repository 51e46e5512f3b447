//! What can be asked of a source, and what comes back.
//!
//! Left out: how a question is worded on the wire; each provider knows that.

use bytes::Bytes;
use chasqui_types::time::Date;
use chasqui_types::{Account, CpeQuery, CpeVerdict, Dni, ExchangeRate, Person, Representative, Ruc, Taxpayer};

use crate::record::{Subject, Value};

/// A question, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Who is this taxpayer?
    Taxpayer(Ruc),
    /// Who are these? At most 100 distinct numbers (the collection limit of MIGO).
    Taxpayers(Vec<Ruc>),
    /// Who holds this document?
    Person(Dni),
    /// What was the last published rate?
    LatestRate,
    /// Which rate was published for this day?
    RateOn(Date),
    /// Which rates were published from the first day to the second, both included?
    RatesBetween(Date, Date),
    /// Who represents this taxpayer?
    Representatives(Ruc),
    /// What is left in the account?
    Account,
    /// Is this document valid?
    Cpe(CpeQuery),
    /// Something that only the provider understands. Never remembered, never repeated.
    Raw(RawQuestion),
}

/// A request to hand on to a provider as it is, but for the token, which the provider's client puts in.
#[derive(Clone, PartialEq, Eq)]
pub struct RawQuestion {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, absolute and normalised.
    pub path: String,
    /// The query, without the token.
    pub query: Option<String>,
    /// The body, without the token.
    pub body: RawBody,
}

/// The body of a [`RawQuestion`].
#[derive(Clone, PartialEq, Eq)]
pub enum RawBody {
    /// None at all.
    Empty,
    /// A JSON object, as bytes from `{` to `}`.
    JsonObject(Bytes),
    /// Pairs of a form.
    Form(Vec<(String, String)>),
}

/// What a provider said to a [`RawQuestion`].
#[derive(Clone, PartialEq, Eq)]
pub struct RawReply {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: Option<String>,
    /// The body, whole, without our token should it be in there.
    pub body: Bytes,
}

/// The method alone: path and body may hold numbers.
impl std::fmt::Debug for RawQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawQuestion").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The status alone.
impl std::fmt::Debug for RawReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawReply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// What a source replied. The variant matches the question's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// To [`Question::Taxpayer`]. `None` is the authority's word that there is no such record, and nothing else.
    Taxpayer(Option<Box<Taxpayer>>),
    /// To [`Question::Taxpayers`].
    Taxpayers {
        /// Those it described, in any order.
        found: Vec<Taxpayer>,
        /// Those it said do not exist, by name.
        not_found: Vec<Ruc>,
        /// Those it mentioned in a way that cannot be read: neither found nor absent.
        unreadable: Vec<Ruc>,
    },
    /// To [`Question::Person`]; `None` as for a taxpayer.
    Person(Option<Person>),
    /// To [`Question::LatestRate`] and [`Question::RateOn`]; `None`: none was published for that day.
    Rate(Option<ExchangeRate>),
    /// To [`Question::RatesBetween`]: those that were published, by day.
    Rates(Vec<ExchangeRate>),
    /// To [`Question::Representatives`]; `None`: the authority knows of none.
    Representatives(Option<Vec<Representative>>),
    /// To [`Question::Account`].
    Account(Account),
    /// To [`Question::Cpe`].
    Cpe(CpeVerdict),
    /// To [`Question::Raw`].
    Raw(RawReply),
}

/// A group of a provider's endpoints that shares one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// One taxpayer at a time.
    Ruc,
    /// People and legal representatives.
    Dni,
    /// Collections of taxpayers.
    Batch,
    /// Exchange rates.
    Rate,
    /// Validity of documents.
    Cpe,
    /// The account with the provider.
    Account,
}

// === impl Question ===

impl Question {
    /// Which limit it counts against.
    pub fn family(&self) -> Family {
        match self {
            Self::Taxpayer(_) => Family::Ruc,
            Self::Taxpayers(_) => Family::Batch,
            // Representatives share the limit of people (facts: MIGO 1.5).
            Self::Person(_) | Self::Representatives(_) => Family::Dni,
            Self::LatestRate | Self::RateOn(_) | Self::RatesBetween(..) => Family::Rate,
            Self::Account | Self::Raw(_) => Family::Account,
            Self::Cpe(_) => Family::Cpe,
        }
    }

    /// Whether asking twice does no more than asking once.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Raw(_))
    }

    /// What an answer to it is about. `None` for a collection, whose answers are about each of its numbers, and for
    /// what is not ours to understand.
    pub(crate) fn subject(&self) -> Option<Subject> {
        Some(match self {
            Self::Taxpayers(_) | Self::Raw(_) => return None,
            Self::Taxpayer(ruc) => Subject::Ruc(*ruc),
            Self::Person(dni) => Subject::Dni(*dni),
            Self::LatestRate => Subject::LatestRate,
            Self::RateOn(date) => Subject::Rate(*date),
            Self::RatesBetween(from, to) => Subject::Rates(*from, *to),
            Self::Representatives(ruc) => Subject::Representatives(*ruc),
            Self::Account => Subject::Account,
            Self::Cpe(query) => Subject::Cpe(Box::new(query.clone())),
        })
    }
}

// === impl Reply ===

impl Reply {
    /// What it says of the one thing that was asked about; `None` for "there is no such record".
    ///
    /// # Panics
    /// On the reply to a collection, which says more than one thing.
    pub(crate) fn into_value(self) -> Option<Value> {
        match self {
            Self::Taxpayer(taxpayer) => taxpayer.map(Value::Taxpayer),
            Self::Taxpayers { .. } | Self::Raw(_) => unreachable!("a provider replies to the question it was asked"),
            Self::Person(person) => person.map(Value::Person),
            Self::Rate(rate) => rate.map(Value::Rate),
            Self::Rates(rates) => Some(Value::Rates(rates)),
            Self::Representatives(representatives) => representatives.map(Value::Representatives),
            Self::Account(account) => Some(Value::Account(account)),
            Self::Cpe(verdict) => Some(Value::Cpe(verdict)),
        }
    }

    /// Whether it says that there is no such record.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Taxpayer(None) | Self::Person(None) | Self::Rate(None) | Self::Representatives(None))
    }
}

// === impl Family ===

impl Family {
    /// Every family.
    pub const ALL: [Self; 6] = [Self::Ruc, Self::Dni, Self::Batch, Self::Rate, Self::Cpe, Self::Account];

    /// Its name in configuration, logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ruc => "ruc",
            Self::Dni => "dni",
            Self::Batch => "batch",
            Self::Rate => "rate",
            Self::Cpe => "cpe",
            Self::Account => "account",
        }
    }
}
