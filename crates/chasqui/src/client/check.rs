//! What is wrong with a question, before anybody is asked.
//!
//! A server would refuse the same in the same words; here it costs no trip, and in process there is no server.

use std::time::Duration;

use chasqui_types::{CpeQuery, Dni, Ruc};

use super::error::Error;
use crate::config::parse_duration;

/// The longest series of a document, in characters.
const MAX_SERIES: usize = 4;
/// The largest number of a document within its series.
const MAX_NUMBER: u32 = 99_999_999;
/// The longest total, in characters.
const MAX_AMOUNT: usize = 15;
/// The longest reason for a mark, in characters.
const MAX_REASON: usize = 200;

/// A taxpayer's number; blanks around it do not matter.
pub(crate) fn ruc(text: &str) -> Result<Ruc, Error> {
    Ok(text.trim().parse::<Ruc>()?)
}

/// A person's number; blanks around it do not matter.
pub(crate) fn dni(text: &str) -> Result<Dni, Error> {
    Ok(text.trim().parse::<Dni>()?)
}

/// A document such as can exist, its series in capitals.
pub(crate) fn cpe(mut query: CpeQuery) -> Result<CpeQuery, Error> {
    let invalid = |detail: String| Err(Error::invalid("invalid_cpe", detail));
    let series = query.serie.trim().to_ascii_uppercase();
    if !(1..=MAX_SERIES).contains(&series.len()) || !series.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return invalid(format!("`serie` has 1 to {MAX_SERIES} letters and digits, such as F001."));
    }
    if !(1..=MAX_NUMBER).contains(&query.numero) {
        return invalid(format!("`numero` is a whole number from 1 to {MAX_NUMBER}."));
    }
    let is_amount = query.monto.is_none_or(|amount| {
        !amount.is_sign_negative() && amount.normalize().scale() <= 2 && amount.to_string().len() <= MAX_AMOUNT
    });
    if !is_amount {
        return invalid("`monto` is an amount with at most two decimals, such as 118.00.".to_owned());
    }
    query.serie = series.into();
    Ok(query)
}

/// Why a number is marked.
pub(crate) fn reason(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_REASON || text.chars().any(char::is_control) {
        let detail = format!("`reason` has 1 to {MAX_REASON} characters on one line.");
        return Err(Error::invalid("invalid_body", detail));
    }
    Ok(text)
}

/// For how long a number is marked, as a server would understand it: whole milliseconds.
pub(crate) fn lifetime(ttl: Option<Duration>) -> Result<Option<Duration>, Error> {
    let read = |ttl: Duration| {
        parse_duration(&written(ttl))
            .map_err(|wanted| Error::invalid("invalid_body", format!("`ttl` is not understood: {wanted}.")))
    };
    ttl.map(read).transpose()
}

/// A time as configurations and servers read it.
pub(crate) fn written(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(change: impl FnOnce(&mut CpeQuery)) -> Result<CpeQuery, Error> {
        let mut query = CpeQuery {
            ruc_emisor: "20131312955".parse().unwrap(),
            tipo_comprobante: chasqui_types::CpeKind::Invoice,
            serie: "f001".into(),
            numero: 1,
            fecha_emision: "2026-11-20".parse().unwrap(),
            monto: Some("118.00".parse().unwrap()),
        };
        change(&mut query);
        cpe(query)
    }

    #[test]
    fn a_document_that_cannot_exist_is_not_asked_about() {
        assert_eq!(&*query(|_| {}).unwrap().serie, "F001");
        let changes: [fn(&mut CpeQuery); 6] = [
            |query| query.serie = "".into(),
            |query| query.serie = "F0001".into(),
            |query| query.numero = 0,
            |query| query.numero = 100_000_000,
            |query| query.monto = Some("-1".parse().unwrap()),
            |query| query.monto = Some("1.005".parse().unwrap()),
        ];
        for change in changes {
            assert_eq!(query(change).unwrap_err().code(), "invalid_cpe");
        }
    }

    #[test]
    fn a_mark_has_a_reason_and_a_time_that_a_server_understands() {
        assert_eq!(reason(" closed ").unwrap(), "closed");
        for text in ["", " ", "two\nlines", &"x".repeat(201)] {
            assert_eq!(reason(text).unwrap_err().code(), "invalid_body");
        }
        let hour = Duration::from_hours(1);
        assert_eq!(lifetime(Some(hour)).unwrap(), Some(hour));
        assert_eq!(lifetime(None).unwrap(), None);
        for time in [Duration::ZERO, Duration::from_micros(1), Duration::MAX] {
            assert_eq!(lifetime(Some(time)).unwrap_err().code(), "invalid_body");
        }
    }
}
