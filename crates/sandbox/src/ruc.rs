//! The numbers of questions about taxpayers, and the collection that answers for several.
//!
//! Left out: the other questions; see `asked`.

use std::collections::HashSet;

use chasqui_migo::{Failure, MAX_COLLECTION, request, write_taxpayers};
use chasqui_types::{Ruc, Taxpayer};

use crate::asked::distorted;
use crate::faults::{Chosen, Fault};
use crate::fields::Fields;
use crate::registry::taxpayer;

/// Reads the number of a question for one; `None` for eleven digits that are no RUC.
pub(crate) fn one(number: Option<&str>) -> Result<Option<Ruc>, Failure> {
    let number = number.ok_or_else(|| Failure::invalid(request::RUC, Failure::RUC_REQUIRED))?;
    if is_eleven_digits(number) {
        Ok(number.parse().ok())
    } else {
        Err(Failure::invalid(request::RUC, Failure::RUC_INVALID))
    }
}

/// Reads the numbers of a question for several, without repeats and without those that are no RUC.
pub(crate) fn many(fields: &Fields) -> Result<Vec<Ruc>, Failure> {
    let numbers = fields.list(request::RUC).filter(|numbers| !numbers.is_empty());
    let numbers = numbers.ok_or_else(|| Failure::invalid(request::RUC, Failure::RUC_REQUIRED))?;
    if numbers.len() > MAX_COLLECTION {
        return Err(Failure::invalid(request::RUC, Failure::COLLECTION_TOO_LARGE));
    }
    if let Some(place) = numbers.iter().position(|number| !is_eleven_digits(number)) {
        return Err(Failure::invalid(&format!("{}.{place}", request::RUC), Failure::RUC_INVALID));
    }
    let mut seen = HashSet::with_capacity(numbers.len());
    Ok(numbers.iter().filter_map(|number| number.parse().ok()).filter(|ruc| seen.insert(*ruc)).collect())
}

fn is_eleven_digits(text: &str) -> bool {
    text.len() == Ruc::LEN && text.bytes().all(|letter| letter.is_ascii_digit())
}

/// The records that exist, in the order of asking, unless a fault says otherwise.
pub(crate) fn collection(rucs: &[Ruc], chosen: &Chosen) -> Vec<u8> {
    let known = rucs.iter().filter(|ruc| !chosen.omitted.contains(ruc));
    let mut records = distorted(known.filter_map(|ruc| taxpayer(*ruc)).collect(), chosen);
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
pub(crate) fn stranger(asked: &[Ruc]) -> Option<Taxpayer> {
    (99_999_000..99_999_999)
        .filter_map(|body| Ruc::from_body(20, body))
        .filter(|ruc| !asked.contains(ruc))
        .find_map(taxpayer)
}
