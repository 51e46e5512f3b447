//! Which question an address asks.
//!
//! Left out: what it is answered; each family has its module.

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
    /// Anything else, unknown addresses and wrong methods.
    Other,
}

/// An address, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Ruc,
    Collection,
    /// The number, as it stands in the address.
    RucInPath(Endpoint, &'a str),
    WrongMethod,
    Unknown,
}

// === impl Endpoint ===

impl Endpoint {
    pub(crate) const ALL: [Self; 5] = [Self::Ruc, Self::Collection, Self::V1GetRuc, Self::V2Ruc, Self::Other];

    /// The name in rules, JSON and counts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ruc => "ruc",
            Self::Collection => "collection",
            Self::V1GetRuc => "v1_get_ruc",
            Self::V2Ruc => "v2_ruc",
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
        match path {
            "/api/v1/ruc" => only(Method::POST, Self::Ruc),
            "/api/v1/ruc/collection" => only(Method::POST, Self::Collection),
            _ => {
                let found = [("/api/v1/ruc/", Endpoint::V1GetRuc), ("/api/v2/ruc/", Endpoint::V2Ruc)]
                    .into_iter()
                    .find_map(|(start, endpoint)| Some((path.strip_prefix(start)?, endpoint)));
                match found {
                    Some((number, endpoint)) if !number.is_empty() && !number.contains('/') => {
                        only(Method::GET, Self::RucInPath(endpoint, number))
                    }
                    _ => Self::Unknown,
                }
            }
        }
    }

    pub(crate) fn endpoint(self) -> Endpoint {
        match self {
            Self::Ruc => Endpoint::Ruc,
            Self::Collection => Endpoint::Collection,
            Self::RucInPath(endpoint, _) => endpoint,
            Self::WrongMethod | Self::Unknown => Endpoint::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_with_and_without_a_slash_at_the_end() {
        check(&Method::POST, "/api/v1/ruc", Route::Ruc);
        check(&Method::POST, "/api/v1/ruc/", Route::Ruc);
        check(&Method::POST, "/api/v1/ruc/collection/", Route::Collection);
        check(&Method::GET, "/api/v1/ruc/2", Route::RucInPath(Endpoint::V1GetRuc, "2"));
        check(&Method::GET, "/api/v2/ruc/2/", Route::RucInPath(Endpoint::V2Ruc, "2"));
        check(&Method::GET, "/api/v1/ruc", Route::WrongMethod);
        check(&Method::POST, "/api/v2/ruc/2", Route::WrongMethod);
        check(&Method::GET, "/api/v2/ruc", Route::Unknown);
        check(&Method::GET, "/api/v2/ruc/2/3", Route::Unknown);
        check(&Method::POST, "/api/v1/ruc//", Route::Unknown);
        check(&Method::GET, "/", Route::Unknown);
    }

    #[track_caller]
    fn check(method: &Method, path: &str, route: Route<'_>) {
        assert_eq!(Route::of(method, path), route, "{method} {path}");
    }
}
