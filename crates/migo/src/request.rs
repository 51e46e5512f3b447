//! How MIGO is asked: addresses, names of fields, bodies.
//!
//! The token of v1 travels in the body, that of v2 in `Authorization: Bearer`; a body built here is a secret, and is
//! not to be logged.
//! Left out: sending, and reading what clients send us in their encodings, which belongs to whoever listens.

use chasqui_types::Ruc;

/// v1, one number: `POST`, fields [`TOKEN`] and [`RUC`].
pub const V1_RUC: &str = "/api/v1/ruc";
/// v1, up to [`MAX_COLLECTION`](crate::MAX_COLLECTION) numbers: `POST`, fields [`TOKEN`] and [`RUC`] (a list).
pub const V1_COLLECTION: &str = "/api/v1/ruc/collection";
/// v2, one number: `GET`, the number after this and a slash. v1 answers the same under [`V1_RUC`].
pub const V2_RUC: &str = "/api/v2/ruc";

/// The field of the token.
pub const TOKEN: &str = "token";
/// The field of a number, or of a list of them.
pub const RUC: &str = "ruc";
/// The field of one number of a list, in urlencoded and multipart bodies.
pub const RUC_ITEM: &str = "ruc[]";

/// The type of the bodies that are built here.
pub const CONTENT_TYPE: &str = "application/json";

/// v2's address of one number, [`V2_RUC`]`/20131312955`.
pub fn v2_ruc(ruc: Ruc) -> String {
    format!("{V2_RUC}/{ruc}")
}

/// v1's address of one number for `GET` with Bearer, [`V1_RUC`]`/20131312955`.
pub fn v1_get_ruc(ruc: Ruc) -> String {
    format!("{V1_RUC}/{ruc}")
}

/// The JSON body for [`V1_RUC`].
pub fn ruc_body(token: &str, ruc: Ruc) -> Vec<u8> {
    #[derive(serde::Serialize)]
    struct Body<'a> {
        token: &'a str,
        ruc: &'a str,
    }
    json(&Body { token, ruc: ruc.as_str() })
}

/// The JSON body for [`V1_COLLECTION`].
pub fn collection_body(token: &str, rucs: &[Ruc]) -> Vec<u8> {
    #[derive(serde::Serialize)]
    struct Body<'a> {
        token: &'a str,
        ruc: &'a [Ruc],
    }
    json(&Body { token, ruc: rucs })
}

fn json(body: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("texts and lists of texts are always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_and_addresses_are_migos() {
        let ruc: Ruc = "20131312955".parse().unwrap();
        assert_eq!(ruc_body("T\"1", ruc), br#"{"token":"T\"1","ruc":"20131312955"}"#);
        assert_eq!(collection_body("T", &[ruc, ruc]), br#"{"token":"T","ruc":["20131312955","20131312955"]}"#);
        assert_eq!(v2_ruc(ruc), "/api/v2/ruc/20131312955");
        assert_eq!(v1_get_ruc(ruc), "/api/v1/ruc/20131312955");
    }
}
