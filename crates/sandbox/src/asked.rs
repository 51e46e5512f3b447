//! A question that MIGO would try to answer: reading it, and the answer.
//!
//! Left out: the token, which was looked at before; faults, except those that change which records a list carries.

use chasqui_migo::{
    Failure, request, write_account, write_cpe, write_person, write_rate, write_rates, write_representatives,
    write_taxpayer,
};
use chasqui_types::time::{Date, Timestamp, days};
use chasqui_types::{Account, CpeKind, CpeQuery, Dni, ExchangeRate, Representative, Ruc};

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::faults::{Chosen, Fault};
use crate::fields::Fields;
use crate::registry::{between, cpe, latest, person, published, representatives, taxpayer};
use crate::ruc;

/// A question, understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// One number; `None` for eleven digits that are no RUC, which MIGO looks up in vain.
    Taxpayer(Option<Ruc>),
    /// Several, without repeats and without those that are no RUC.
    Taxpayers(Vec<Ruc>),
    Person(Dni),
    /// As for a taxpayer.
    Representatives(Option<Ruc>),
    LatestRate,
    Rate(Date),
    Rates(Date, Date),
    Account,
    Cpe(Box<CpeQuery>),
}

/// What an answer depends on besides the question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) now: Timestamp,
    /// Calls so far, this one included.
    pub(crate) n_calls: u64,
}

const QUERIES: i64 = 40_000;
const ISO: &str = "AAAA-MM-DD";

// === impl Asked ===

impl Asked {
    /// Reads a question whose parts are fields, of a body or of a query.
    pub(crate) fn read(endpoint: Endpoint, fields: &Fields) -> Result<Self, Failure> {
        match endpoint {
            Endpoint::Ruc => ruc::one(fields.text(request::RUC)).map(Self::Taxpayer),
            Endpoint::Collection => ruc::many(fields).map(Self::Taxpayers),
            Endpoint::Representatives => ruc::one(fields.text(request::RUC)).map(Self::Representatives),
            Endpoint::Dni => dni(fields.text(request::DNI)).map(Self::Person),
            Endpoint::LatestRate | Endpoint::V2LatestRate => Ok(Self::LatestRate),
            Endpoint::Rate | Endpoint::V2Rate => day(fields, request::DATE).map(Self::Rate),
            Endpoint::Rates => range(fields),
            Endpoint::Account => Ok(Self::Account),
            Endpoint::Cpe => document(fields).map(|query| Self::Cpe(Box::new(query))),
            Endpoint::V1GetRuc | Endpoint::V2Ruc | Endpoint::V2Dni | Endpoint::Other => Err(Failure::path_not_found()),
        }
    }

    /// Reads a question whose number stands in the address.
    pub(crate) fn read_path(endpoint: Endpoint, number: &str) -> Result<Self, Failure> {
        match endpoint {
            Endpoint::V2Dni => dni(Some(number)).map(Self::Person),
            _ => ruc::one(Some(number)).map(Self::Taxpayer),
        }
    }

    /// The numbers that it is about, for rules that strike a number.
    pub(crate) fn numbers(&self) -> &[Ruc] {
        match self {
            Self::Taxpayer(ruc) | Self::Representatives(ruc) => ruc.as_slice(),
            Self::Taxpayers(rucs) => rucs,
            Self::Cpe(query) => std::slice::from_ref(&query.ruc_emisor),
            Self::Person(_) | Self::LatestRate | Self::Rate(_) | Self::Rates(..) | Self::Account => &[],
        }
    }

    pub(crate) fn answer(&self, situation: Situation, chosen: &Chosen) -> Answer {
        let Situation { now, n_calls } = situation;
        let or_none = |body: Option<Vec<u8>>, none: &str| match body {
            Some(body) => Answer::json(200, body),
            None => Failure::not_found(none).into(),
        };
        match self {
            Self::Taxpayer(ruc) => {
                or_none(ruc.and_then(taxpayer).map(|found| write_taxpayer(&found)), Failure::RUC_NOT_FOUND)
            }
            Self::Taxpayers(rucs) => Answer::json(200, ruc::collection(rucs, chosen)),
            Self::Person(dni) => or_none(person(*dni).map(|found| write_person(&found)), Failure::DNI_NOT_FOUND),
            Self::Representatives(ruc) => {
                let found = ruc.and_then(representatives).map(|list| people(list, chosen));
                or_none(found.map(|list| write_representatives(&list)), Failure::REPRESENTATIVES_NOT_FOUND)
            }
            Self::LatestRate => or_none(latest(now).map(|rate| write_rate(&rate)), Failure::RATE_NOT_FOUND),
            Self::Rate(day) => or_none(published(*day, now).map(|rate| write_rate(&rate)), Failure::RATE_NOT_FOUND),
            Self::Rates(from, to) => {
                let found = between(*from, *to, now);
                let found = (!found.is_empty()).then(|| quotes(found, *to, chosen));
                or_none(found.map(|list| write_rates(&list)), Failure::RATE_NOT_FOUND)
            }
            Self::Account => {
                let left = QUERIES.saturating_sub_unsigned(n_calls).max(0);
                let nombre = Some("SANDBOX CUENTA DE PRUEBA".into());
                let account = Account { nombre, email: Some("sandbox@example.com".into()), consultas: Some(left) };
                Answer::json(200, write_account(&account))
            }
            Self::Cpe(query) => Answer::json(200, write_cpe(&cpe(query))),
        }
    }
}

fn dni(number: Option<&str>) -> Result<Dni, Failure> {
    let number = number.ok_or_else(|| Failure::invalid(request::DNI, Failure::DNI_REQUIRED))?;
    number.parse().map_err(|_| Failure::invalid(request::DNI, Failure::DNI_INVALID))
}

fn text<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, Failure> {
    fields.text(name).filter(|text| !text.is_empty()).ok_or_else(|| Failure::required(name))
}

fn day(fields: &Fields, name: &str) -> Result<Date, Failure> {
    let text = text(fields, name)?;
    let day = (text.len() == ISO.len()).then(|| text.parse().ok()).flatten();
    day.ok_or_else(|| Failure::invalid_date(name, ISO))
}

fn range(fields: &Fields) -> Result<Asked, Failure> {
    let (from, to) = (day(fields, request::FROM)?, day(fields, request::TO)?);
    if to < from {
        let message = format!("El campo {} debe ser igual o posterior a {}.", request::TO, request::FROM);
        return Err(Failure::invalid(request::TO, &message));
    }
    Ok(Asked::Rates(from, to))
}

fn document(fields: &Fields) -> Result<CpeQuery, Failure> {
    let issuer = ruc::one(Some(text(fields, request::ISSUER)?));
    let ruc_emisor = issuer.ok().flatten().ok_or_else(|| Failure::invalid_choice(request::ISSUER))?;
    let kind = CpeKind::from_code(text(fields, request::KIND)?);
    let tipo_comprobante = kind.ok_or_else(|| Failure::invalid_choice(request::KIND))?;
    let serie = text(fields, request::SERIES)?.into();
    let number = text(fields, request::NUMBER)?.parse();
    let numero = number.map_err(|_| Failure::invalid_choice(request::NUMBER))?;
    let day = request::parse_issued(text(fields, request::ISSUED)?);
    let fecha_emision = day.ok_or_else(|| Failure::invalid_date(request::ISSUED, "DD/MM/AAAA"))?;
    let total = fields.text(request::AMOUNT).filter(|total| !total.is_empty());
    let monto = total.map(|total| total.parse().map_err(|_| Failure::invalid_choice(request::AMOUNT))).transpose()?;
    Ok(CpeQuery { ruc_emisor, tipo_comprobante, serie, numero, fecha_emision, monto })
}

fn quotes(rates: Vec<ExchangeRate>, to: Date, chosen: &Chosen) -> Vec<ExchangeRate> {
    let mut rates = distorted(rates, chosen);
    if chosen.has(&Fault::Foreign) {
        // A day that was not asked for: the first one after the range that will ever have a rate.
        let after = to.series(days(1)).skip(1).take(15).find_map(crate::registry::rate);
        rates.extend(after);
    }
    rates
}

fn people(list: Vec<Representative>, chosen: &Chosen) -> Vec<Representative> {
    let mut list = distorted(list, chosen);
    if chosen.has(&Fault::Foreign) {
        // Somebody of another company.
        let ours: Vec<Ruc> = list.iter().map(|one| one.ruc).collect();
        let stranger = ruc::stranger(&ours).and_then(|other| representatives(other.ruc));
        list.extend(stranger.into_iter().flatten().take(1));
    }
    list
}

/// A list as the faults leave it: with gaps, emptied, doubled, turned round.
pub(crate) fn distorted<T: Clone>(mut records: Vec<T>, chosen: &Chosen) -> Vec<T> {
    let omitted = chosen.first(|fault| match fault {
        Fault::Omit { every } => Some((*every).max(1)),
        _ => None,
    });
    if let Some(every) = omitted {
        let mut place = 0;
        records.retain(|_| {
            place += 1;
            place % every != 0
        });
    }
    if chosen.has(&Fault::Empty) {
        records.clear();
    }
    if chosen.has(&Fault::Repeat) {
        records = records.into_iter().flat_map(|record| [record.clone(), record]).collect();
    }
    if chosen.has(&Fault::Reorder) {
        records.reverse();
    }
    records
}
