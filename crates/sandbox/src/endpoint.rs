//! Which question an address asks.
//!
//! Addresses are written out here rather than taken from the client's crate, so that a wrong one there is found out.
//! Left out: what it is answered; see `asked`.

use http::Method;
use serde::{Deserialize, Serialize};

/// What can be asked here, as calls are counted and faults are aimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// v1 `POST /api/v1/ruc`.
    Ruc,
    /// v1 `POST /api/v1/ruc/collection`.
    Collection,
    /// v1 `GET /api/v1/ruc/{ruc}`.
    V1GetRuc,
    /// v2 `GET /api/v2/ruc/{ruc}`.
    V2Ruc,
    /// v1 `POST /api/v1/dni`.
    Dni,
    /// v2 `GET /api/v2/dni/{dni}`.
    V2Dni,
    /// v1 `POST /api/v1/exchange/latest`.
    LatestRate,
    /// v1 `POST /api/v1/exchange/date`.
    Rate,
    /// v1 `POST /api/v1/exchange`.
    Rates,
    /// v2 `GET /api/v2/tipo-cambio/sunat/ultimo`.
    V2LatestRate,
    /// v2 `GET /api/v2/tipo-cambio/sunat?fecha=`.
    V2Rate,
    /// v1 `POST /api/v1/ruc/representantes-legales`.
    Representatives,
    /// v1 `POST /api/v1/account`.
    Account,
    /// v1 `POST /api/v1/cpe`.
    Cpe,
    /// Anything else, unknown addresses and wrong methods.
    Other,
}

/// An address, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `POST`, the question in the body.
    Body(Endpoint),
    /// `GET`, the question in the query, if it has parts.
    Query(Endpoint),
    /// `GET`, the number as it stands in the address.
    Path(Endpoint, &'a str),
    WrongMethod,
    Unknown,
}

const BODIES: &[(&str, Endpoint)] = &[
    ("/api/v1/ruc", Endpoint::Ruc),
    ("/api/v1/ruc/collection", Endpoint::Collection),
    ("/api/v1/ruc/representantes-legales", Endpoint::Representatives),
    ("/api/v1/dni", Endpoint::Dni),
    ("/api/v1/exchange/latest", Endpoint::LatestRate),
    ("/api/v1/exchange/date", Endpoint::Rate),
    ("/api/v1/exchange", Endpoint::Rates),
    ("/api/v1/account", Endpoint::Account),
    ("/api/v1/cpe", Endpoint::Cpe),
];
const QUERIES: &[(&str, Endpoint)] =
    &[("/api/v2/tipo-cambio/sunat", Endpoint::V2Rate), ("/api/v2/tipo-cambio/sunat/ultimo", Endpoint::V2LatestRate)];
const PATHS: &[(&str, Endpoint)] =
    &[("/api/v1/ruc/", Endpoint::V1GetRuc), ("/api/v2/ruc/", Endpoint::V2Ruc), ("/api/v2/dni/", Endpoint::V2Dni)];

// === impl Endpoint ===

impl Endpoint {
    /// Every one, in the order of their counters.
    pub(crate) const ALL: [Self; 15] = [
        Self::Ruc,
        Self::Collection,
        Self::V1GetRuc,
        Self::V2Ruc,
        Self::Dni,
        Self::V2Dni,
        Self::LatestRate,
        Self::Rate,
        Self::Rates,
        Self::V2LatestRate,
        Self::V2Rate,
        Self::Representatives,
        Self::Account,
        Self::Cpe,
        Self::Other,
    ];

    /// The name in rules, JSON and counts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ruc => "ruc",
            Self::Collection => "collection",
            Self::V1GetRuc => "v1_get_ruc",
            Self::V2Ruc => "v2_ruc",
            Self::Dni => "dni",
            Self::V2Dni => "v2_dni",
            Self::LatestRate => "latest_rate",
            Self::Rate => "rate",
            Self::Rates => "rates",
            Self::V2LatestRate => "v2_latest_rate",
            Self::V2Rate => "v2_rate",
            Self::Representatives => "representatives",
            Self::Account => "account",
            Self::Cpe => "cpe",
            Self::Other => "other",
        }
    }
}

// === impl Route ===

impl<'a> Route<'a> {
    /// One slash at the end changes nothing, as with MIGO.
    pub(crate) fn of(method: &Method, path: &'a str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        let only = |allowed: Method, route| if *method == allowed { route } else { Self::WrongMethod };
        let exact = |table: &[(&str, Endpoint)]| table.iter().find(|(known, _)| *known == path).map(|found| found.1);
        if let Some(endpoint) = exact(BODIES) {
            return only(Method::POST, Self::Body(endpoint));
        }
        if let Some(endpoint) = exact(QUERIES) {
            return only(Method::GET, Self::Query(endpoint));
        }
        match PATHS.iter().find_map(|(start, endpoint)| Some((path.strip_prefix(start)?, *endpoint))) {
            Some((number, endpoint)) if !number.is_empty() && !number.contains('/') => {
                only(Method::GET, Self::Path(endpoint, number))
            }
            _ => Self::Unknown,
        }
    }

    pub(crate) fn endpoint(self) -> Endpoint {
        match self {
            Self::Body(endpoint) | Self::Query(endpoint) | Self::Path(endpoint, _) => endpoint,
            Self::WrongMethod | Self::Unknown => Endpoint::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_with_and_without_a_slash_at_the_end() {
        check(&Method::POST, "/api/v1/ruc", Route::Body(Endpoint::Ruc));
        check(&Method::POST, "/api/v1/ruc/", Route::Body(Endpoint::Ruc));
        check(&Method::POST, "/api/v1/ruc/collection/", Route::Body(Endpoint::Collection));
        check(&Method::POST, "/api/v1/ruc/representantes-legales", Route::Body(Endpoint::Representatives));
        check(&Method::POST, "/api/v1/exchange", Route::Body(Endpoint::Rates));
        check(&Method::POST, "/api/v1/exchange/latest/", Route::Body(Endpoint::LatestRate));
        check(&Method::GET, "/api/v1/ruc/2", Route::Path(Endpoint::V1GetRuc, "2"));
        check(&Method::GET, "/api/v2/ruc/2/", Route::Path(Endpoint::V2Ruc, "2"));
        check(&Method::GET, "/api/v2/dni/2", Route::Path(Endpoint::V2Dni, "2"));
        check(&Method::GET, "/api/v2/tipo-cambio/sunat/", Route::Query(Endpoint::V2Rate));
        check(&Method::GET, "/api/v2/tipo-cambio/sunat/ultimo", Route::Query(Endpoint::V2LatestRate));
        check(&Method::GET, "/api/v1/ruc", Route::WrongMethod);
        check(&Method::POST, "/api/v2/ruc/2", Route::WrongMethod);
        check(&Method::POST, "/api/v2/tipo-cambio/sunat", Route::WrongMethod);
        check(&Method::GET, "/api/v1/account", Route::WrongMethod);
        check(&Method::GET, "/api/v2/ruc", Route::Unknown);
        check(&Method::GET, "/api/v2/ruc/2/3", Route::Unknown);
        check(&Method::POST, "/api/v1/ruc//", Route::Unknown);
        check(&Method::GET, "/api/v2/tipo-cambio/sbs", Route::Unknown);
        check(&Method::GET, "/", Route::Unknown);
    }

    #[track_caller]
    fn check(method: &Method, path: &str, route: Route<'_>) {
        assert_eq!(Route::of(method, path), route, "{method} {path}");
    }

    #[test]
    fn counters_names_and_json_agree() {
        for (place, endpoint) in Endpoint::ALL.into_iter().enumerate() {
            assert_eq!(endpoint as usize, place);
            assert_eq!(serde_json::to_value(endpoint).unwrap(), endpoint.as_str());
        }
    }
}
