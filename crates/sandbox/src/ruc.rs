//! The questions about taxpayers: reading them, and what MIGO would answer.
//!
//! Left out: faults, except those that change which records a collection carries.

use std::collections::HashSet;

use chasqui_migo::{Failure, MAX_COLLECTION, request, write_taxpayer, write_taxpayers};
use chasqui_types::{Ruc, Taxpayer};

use crate::answer::Answer;
use crate::faults::{Chosen, Fault};
use crate::fields::Fields;
use crate::registry::taxpayer;

/// A question that MIGO would try to answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// One number; `None` for eleven digits that are no RUC, which MIGO looks up in vain.
    One(Option<Ruc>),
    /// Several, without repeats and without those that are no RUC.
    Many(Vec<Ruc>),
}

/// Reads the number of a question for one.
pub(crate) fn one(number: Option<&str>) -> Result<Asked, Failure> {
    let number = number.ok_or_else(|| Failure::invalid(request::RUC, Failure::RUC_REQUIRED))?;
    if is_eleven_digits(number) {
        Ok(Asked::One(number.parse().ok()))
    } else {
        Err(Failure::invalid(request::RUC, Failure::RUC_INVALID))
    }
}

/// Reads the numbers of a question for several.
pub(crate) fn many(fields: &Fields) -> Result<Asked, Failure> {
    let numbers = fields.list(request::RUC).filter(|numbers| !numbers.is_empty());
    let numbers = numbers.ok_or_else(|| Failure::invalid(request::RUC, Failure::RUC_REQUIRED))?;
    if numbers.len() > MAX_COLLECTION {
        return Err(Failure::invalid(request::RUC, Failure::COLLECTION_TOO_LARGE));
    }
    if let Some(place) = numbers.iter().position(|number| !is_eleven_digits(number)) {
        return Err(Failure::invalid(&format!("{}.{place}", request::RUC), Failure::RUC_INVALID));
    }
    let mut seen = HashSet::with_capacity(numbers.len());
    Ok(Asked::Many(numbers.iter().filter_map(|number| number.parse().ok()).filter(|ruc| seen.insert(*ruc)).collect()))
}

fn is_eleven_digits(text: &str) -> bool {
    text.len() == Ruc::LEN && text.bytes().all(|letter| letter.is_ascii_digit())
}

// === impl Asked ===

impl Asked {
    pub(crate) fn numbers(&self) -> &[Ruc] {
        match self {
            Self::One(ruc) => ruc.as_slice(),
            Self::Many(rucs) => rucs,
        }
    }

    pub(crate) fn answer(&self, chosen: &Chosen) -> Answer {
        match self {
            Self::One(ruc) => match ruc.and_then(taxpayer) {
                Some(taxpayer) => Answer::json(200, write_taxpayer(&taxpayer)),
                None => Failure::not_found(Failure::RUC_NOT_FOUND).into(),
            },
            Self::Many(rucs) => Answer::json(200, collection(rucs, chosen)),
        }
    }
}

/// The records that exist, in the order of asking, unless a fault says otherwise.
fn collection(rucs: &[Ruc], chosen: &Chosen) -> Vec<u8> {
    let known = rucs.iter().filter(|ruc| !chosen.omitted.contains(ruc));
    let mut records: Vec<Taxpayer> = known.filter_map(|ruc| taxpayer(*ruc)).collect();
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
    if chosen.has(&Fault::Foreign) {
        records.extend(stranger(rucs));
    }
    let body = write_taxpayers(&records);
    if chosen.has(&Fault::Wrapped) {
        return [br#"{"success":true,"data":"#, body.as_slice(), b"}"].concat();
    }
    body
}

/// The record of a number that was not asked.
fn stranger(asked: &[Ruc]) -> Option<Taxpayer> {
    (99_999_000..99_999_999)
        .filter_map(|body| Ruc::from_body(20, body))
        .filter(|ruc| !asked.contains(ruc))
        .find_map(taxpayer)
}
