//! Names of cache entries.
//!
//! A key is `service:kind:subject`, fit for Memcached too: at most 250 bytes, no blank, no control character.
//! A natural person's number contains their DNI, so such a key holds a keyed hash of it instead; no key holds a secret.

use std::fmt;
use std::sync::Arc;

use chasqui_types::time::Date;
use chasqui_types::{CpeQuery, Ruc, RucPrefix};

use crate::record::Subject;

/// What kind of thing an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A taxpayer, found or absent.
    Ruc,
    /// A person.
    Dni,
    /// A rate, or a range of them.
    Rate,
    /// The representatives of a taxpayer.
    Representatives,
    /// The account with the provider.
    Account,
    /// A payment document.
    Cpe,
    /// Bytes that a caller stored under a name of their own.
    Other,
}

/// The name of one cache entry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey(Arc<str>);

/// Makes the keys of one service.
#[derive(Clone)]
pub struct Keys {
    service: Arc<str>,
    secret: [u8; 32],
}

/// A service name that cannot stand in a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a service name has 1 to 40 lower-case letters, digits, '-' or '_'")]
pub struct ParseKeyError;

// === impl Kind ===

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Ruc, Self::Dni, Self::Rate, Self::Representatives, Self::Account, Self::Cpe, Self::Other];

    /// Its word in keys, routes and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ruc => "ruc",
            Self::Dni => "dni",
            Self::Rate => "rate",
            Self::Representatives => "representatives",
            Self::Account => "account",
            Self::Cpe => "cpe",
            Self::Other => "other",
        }
    }
}

// === impl CacheKey ===

impl CacheKey {
    /// The longest a key may be, in bytes (Memcached's limit).
    pub const MAX_LEN: usize = 250;

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The service it belongs to.
    pub fn service(&self) -> &str {
        self.0.split(':').next().expect("split yields at least one piece")
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheKey({})", self.0)
    }
}

// === impl Keys ===

impl Keys {
    /// Keys of `service`, with a secret under which personal numbers are hashed.
    ///
    /// Replicas that share a cache must share the secret.
    pub fn new(service: &str, secret: [u8; 32]) -> Result<Self, ParseKeyError> {
        let fits = (1..=40).contains(&service.len())
            && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if fits { Ok(Self { service: service.into(), secret }) } else { Err(ParseKeyError) }
    }

    /// The service whose keys these are.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The key of what an answer is about.
    pub fn of(&self, subject: &Subject) -> CacheKey {
        match subject {
            Subject::Ruc(ruc) => self.ruc(*ruc),
            Subject::Dni(dni) => self.hashed(Kind::Dni, dni.as_str().as_bytes()),
            Subject::Rate(date) => self.join(Kind::Rate, "", digits(*date, &mut [0; 10])),
            Subject::LatestRate => self.join(Kind::Rate, "", "latest"),
            Subject::Rates(from, to) => self.join(Kind::Rate, "", &format!("{from}..{to}")),
            Subject::Representatives(ruc) => self.number(Kind::Representatives, *ruc),
            Subject::Account => self.join(Kind::Account, "", "self"),
            Subject::Cpe(query) => {
                let CpeQuery { ruc_emisor, tipo_comprobante, serie, numero, fecha_emision, monto } = &**query;
                let monto = monto.map_or_else(String::new, |monto| monto.normalize().to_string());
                let text = format!("{ruc_emisor}|{}|{serie}|{numero}|{fecha_emision}|{monto}", tipo_comprobante.code());
                self.hashed(Kind::Cpe, text.as_bytes())
            }
            Subject::Named(name) => self.named(name),
        }
    }

    /// The key of a taxpayer.
    pub fn ruc(&self, ruc: Ruc) -> CacheKey {
        self.number(Kind::Ruc, ruc)
    }

    fn number(&self, kind: Kind, ruc: Ruc) -> CacheKey {
        match ruc.prefix() {
            RucPrefix::Entity => self.join(kind, "", ruc.as_str()),
            RucPrefix::Person | RucPrefix::OtherPerson => self.hashed(kind, ruc.as_str().as_bytes()),
        }
    }

    fn hashed(&self, kind: Kind, subject: &[u8]) -> CacheKey {
        let hash = blake3::keyed_hash(&self.secret, subject).to_hex();
        self.join(kind, "h.", &hash[..32])
    }

    /// The key of something that a caller names. A name that does not fit a key is hashed.
    pub fn named(&self, name: &str) -> CacheKey {
        let room = CacheKey::MAX_LEN - self.service.len() - Kind::Other.as_str().len() - 2;
        let fits = !name.is_empty()
            && name.len() <= room
            && !name.starts_with("h.")
            && name.bytes().all(|b| b.is_ascii_graphic())
            && !holds_a_personal_number(name);
        if fits {
            self.join(Kind::Other, "", name)
        } else {
            let hash = blake3::keyed_hash(&self.secret, name.as_bytes()).to_hex();
            self.join(Kind::Other, "h.", &hash)
        }
    }

    fn join(&self, kind: Kind, mark: &str, subject: &str) -> CacheKey {
        let kind = kind.as_str();
        let mut text = String::with_capacity(self.service.len() + kind.len() + mark.len() + subject.len() + 2);
        for piece in [&*self.service, ":", kind, ":", mark, subject] {
            text.push_str(piece);
        }
        CacheKey(text.into())
    }
}

/// A day as `YYYY-MM-DD`, without the machinery of formatting: a cached rate is asked for under it.
fn digits(date: Date, text: &mut [u8; 10]) -> &str {
    let year = u32::try_from(date.year()).unwrap_or(0);
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    let places = [year / 1000, year / 100, year / 10, year, 0, u32::from(month / 10), u32::from(month), 0];
    for (slot, number) in text.iter_mut().zip(places.into_iter().chain([u32::from(day / 10), u32::from(day)])) {
        *slot = b'0' + u8::try_from(number % 10).expect("a remainder of ten is one digit");
    }
    (text[4], text[7]) = (b'-', b'-');
    std::str::from_utf8(text).expect("digits and hyphens are ASCII")
}

/// Whether eight digits stand together, as in a DNI: such a name is hashed rather than judged.
fn holds_a_personal_number(name: &str) -> bool {
    let mut run = 0;
    name.bytes().any(|b| {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        run == 8
    })
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("service", &self.service).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::new("migo", [7; 32]).unwrap()
    }

    #[test]
    fn a_company_is_named_and_a_person_is_hashed() {
        assert_eq!(keys().ruc("20131312955".parse().unwrap()).as_str(), "migo:ruc:20131312955");
        let person = keys().ruc("10101174102".parse().unwrap());
        assert!(person.as_str().starts_with("migo:ruc:h."), "{person:?}");
        assert!(!person.as_str().contains("10117410"), "{person:?}");
        assert_eq!(person, keys().ruc("10101174102".parse().unwrap()));
    }

    #[test]
    fn a_rate_is_named_by_its_day() {
        for day in ["2010-01-01", "2024-02-29", "2026-11-21"] {
            assert_eq!(keys().of(&Subject::Rate(day.parse().unwrap())).as_str(), format!("migo:rate:{day}"));
        }
    }

    #[test]
    fn services_do_not_share_names() {
        let other = Keys::new("sandbox", [7; 32]).unwrap();
        let ruc = "20131312955".parse().unwrap();
        assert_ne!(keys().ruc(ruc), other.ruc(ruc));
        assert_eq!(other.ruc(ruc).service(), "sandbox");
    }

    #[test]
    fn a_service_name_that_could_break_a_key_is_refused() {
        for name in ["", "con espacio", "a:b", "Ñ", "MAYUS", &"x".repeat(41)] {
            assert_eq!(Keys::new(name, [0; 32]).unwrap_err(), ParseKeyError, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_name_gives_a_key_that_any_cache_accepts(name in ".{0,400}") {
            let key = keys().named(&name);
            prop_assert!(key.as_str().len() <= CacheKey::MAX_LEN);
            prop_assert!(key.as_str().bytes().all(|b| b.is_ascii_graphic()));
            prop_assert!(key.as_str().starts_with("migo:other:"));
        }

        #[test]
        fn no_key_shows_a_dni(body in 10_000_000u32..100_000_000) {
            let ruc = Ruc::from_body(10, body).unwrap();
            let digits = body.to_string();
            let dni = Subject::Dni(digits.parse().unwrap());
            for key in [keys().of(&dni), keys().of(&Subject::Representatives(ruc)), keys().ruc(ruc), keys().named(&format!("dni_{digits}")), keys().named(&digits)] {
                let hash = key.as_str();
                prop_assert!(!hash.contains(&digits), "{}", hash);
            }
        }

        #[test]
        fn two_names_never_share_a_key(one in "[a-z0-9. ]{0,20}", two in "[a-z0-9. ]{0,20}") {
            prop_assume!(one != two);
            prop_assert_ne!(keys().named(&one), keys().named(&two));
        }
    }
}
