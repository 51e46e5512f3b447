//! How MIGO is asked: addresses, names of fields, bodies.
//!
//! The token of v1 travels in the body, that of v2 in `Authorization: Bearer`; a body built here is a secret, and is
//! not to be logged.
//! Left out: sending, and reading what clients send us in their encodings, which belongs to whoever listens.

use chasqui_types::time::Date;
use chasqui_types::{CpeQuery, Decimal, Dni, Ruc};
use serde::Serialize;

/// v1, the account: `POST`, field [`TOKEN`].
pub const V1_ACCOUNT: &str = "/api/v1/account";
/// v1, one number: `POST`, fields [`TOKEN`] and [`RUC`].
pub const V1_RUC: &str = "/api/v1/ruc";
/// v1, up to [`MAX_COLLECTION`](crate::MAX_COLLECTION) numbers: `POST`, fields [`TOKEN`] and [`RUC`] (a list).
pub const V1_COLLECTION: &str = "/api/v1/ruc/collection";
/// v1, the representatives of a company: `POST`, fields [`TOKEN`] and [`RUC`].
pub const V1_REPRESENTATIVES: &str = "/api/v1/ruc/representantes-legales";
/// v1, one person: `POST`, fields [`TOKEN`] and [`DNI`].
pub const V1_DNI: &str = "/api/v1/dni";
/// v1, the last published rate: `POST`, field [`TOKEN`].
pub const V1_LATEST_RATE: &str = "/api/v1/exchange/latest";
/// v1, the rate of a day: `POST`, fields [`TOKEN`] and [`DATE`].
pub const V1_RATE: &str = "/api/v1/exchange/date";
/// v1, the rates of a range: `POST`, fields [`TOKEN`], [`FROM`] and [`TO`].
pub const V1_RATES: &str = "/api/v1/exchange";
/// v1, one payment document: `POST`, fields [`TOKEN`], [`ISSUER`], [`KIND`], [`SERIES`], [`NUMBER`], [`ISSUED`] and,
/// unless it was printed, [`AMOUNT`].
pub const V1_CPE: &str = "/api/v1/cpe";
/// v2, one number: `GET`, the number after this and a slash. v1 answers the same under [`V1_RUC`].
pub const V2_RUC: &str = "/api/v2/ruc";
/// v2, one person: `GET`, the number after this and a slash.
pub const V2_DNI: &str = "/api/v2/dni";
/// v2, the rate of a day: `GET` with [`DATE`] in the query.
pub const V2_RATE: &str = "/api/v2/tipo-cambio/sunat";
/// v2, the last published rate: `GET`.
pub const V2_LATEST_RATE: &str = "/api/v2/tipo-cambio/sunat/ultimo";

/// The field of the token.
pub const TOKEN: &str = "token";
/// The field of a number, or of a list of them.
pub const RUC: &str = "ruc";
/// The field of one number of a list, in urlencoded and multipart bodies.
pub const RUC_ITEM: &str = "ruc[]";
/// The field of a person's number.
pub const DNI: &str = "dni";
/// The field of a day, `YYYY-MM-DD`.
pub const DATE: &str = "fecha";
/// The field of a range's first day, `YYYY-MM-DD`.
pub const FROM: &str = "fecha_inicio";
/// The field of a range's last day, `YYYY-MM-DD`.
pub const TO: &str = "fecha_fin";
/// The field of a document's issuer.
pub const ISSUER: &str = "ruc_emisor";
/// The field of a document's kind: 01, 03, 07, 08, R1.
pub const KIND: &str = "tipo_comprobante";
/// The field of a document's series.
pub const SERIES: &str = "serie";
/// The field of a document's number within its series.
pub const NUMBER: &str = "numero";
/// The field of the day a document was issued, `DD/MM/YYYY`; see [`issued`].
pub const ISSUED: &str = "fecha_emision";
/// The field of a document's total; see [`amount`].
pub const AMOUNT: &str = "monto";

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

/// v2's address of one person, [`V2_DNI`]`/10117410`.
pub fn v2_dni(dni: Dni) -> String {
    format!("{V2_DNI}/{dni}")
}

/// v2's address of the rate of a day, query included: [`V2_RATE`]`?fecha=2026-11-20`.
pub fn v2_rate(date: Date) -> String {
    format!("{V2_RATE}?{DATE}={date}")
}

/// The JSON body for [`V1_ACCOUNT`] and [`V1_LATEST_RATE`]: the token alone.
pub fn token_body(token: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
    }
    json(&Body { token })
}

/// The JSON body for [`V1_RUC`] and [`V1_REPRESENTATIVES`].
pub fn ruc_body(token: &str, ruc: Ruc) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        ruc: &'a str,
    }
    json(&Body { token, ruc: ruc.as_str() })
}

/// The JSON body for [`V1_COLLECTION`].
pub fn collection_body(token: &str, rucs: &[Ruc]) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        ruc: &'a [Ruc],
    }
    json(&Body { token, ruc: rucs })
}

/// The JSON body for [`V1_DNI`].
pub fn dni_body(token: &str, dni: Dni) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        dni: &'a str,
    }
    json(&Body { token, dni: dni.as_str() })
}

/// The JSON body for [`V1_RATE`].
pub fn rate_body(token: &str, date: Date) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        fecha: String,
    }
    json(&Body { token, fecha: date.to_string() })
}

/// The JSON body for [`V1_RATES`].
pub fn rates_body(token: &str, from: Date, to: Date) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        fecha_inicio: String,
        fecha_fin: String,
    }
    json(&Body { token, fecha_inicio: from.to_string(), fecha_fin: to.to_string() })
}

/// The JSON body for [`V1_CPE`].
pub fn cpe_body(token: &str, query: &CpeQuery) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        ruc_emisor: &'a str,
        tipo_comprobante: &'a str,
        serie: &'a str,
        numero: String,
        fecha_emision: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        monto: Option<String>,
    }
    json(&Body {
        token,
        ruc_emisor: query.ruc_emisor.as_str(),
        tipo_comprobante: query.tipo_comprobante.code(),
        serie: &query.serie,
        numero: query.numero.to_string(),
        fecha_emision: issued(query.fecha_emision),
        monto: query.monto.map(amount),
    })
}

/// A day as [`ISSUED`] carries it, `DD/MM/YYYY`.
pub fn issued(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// Reads a day as [`ISSUED`] carries it; `None` for anything but `DD/MM/YYYY`.
pub fn parse_issued(text: &str) -> Option<Date> {
    if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/') {
        return None;
    }
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (day.len(), month.len()) != (2, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A total as [`AMOUNT`] carries it: a text of two decimals.
pub fn amount(mut total: Decimal) -> String {
    total.rescale(2);
    total.to_string()
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("texts and lists of texts are always JSON")
}

#[cfg(test)]
mod tests {
    use chasqui_types::CpeKind;

    use super::*;

    #[test]
    fn bodies_and_addresses_are_migos() {
        let ruc: Ruc = "20131312955".parse().unwrap();
        assert_eq!(ruc_body("T\"1", ruc), br#"{"token":"T\"1","ruc":"20131312955"}"#);
        assert_eq!(collection_body("T", &[ruc, ruc]), br#"{"token":"T","ruc":["20131312955","20131312955"]}"#);
        assert_eq!(v2_ruc(ruc), "/api/v2/ruc/20131312955");
        assert_eq!(v1_get_ruc(ruc), "/api/v1/ruc/20131312955");

        let dni: Dni = "00117410".parse().unwrap();
        assert_eq!(dni_body("T", dni), br#"{"token":"T","dni":"00117410"}"#);
        assert_eq!(v2_dni(dni), "/api/v2/dni/00117410");

        let [from, to]: [Date; 2] = ["2026-01-09", "2026-11-20"].map(|day| day.parse().unwrap());
        assert_eq!(token_body("T"), br#"{"token":"T"}"#);
        assert_eq!(rate_body("T", from), br#"{"token":"T","fecha":"2026-01-09"}"#);
        assert_eq!(v2_rate(from), "/api/v2/tipo-cambio/sunat?fecha=2026-01-09");
        assert_eq!(rates_body("T", from, to), br#"{"token":"T","fecha_inicio":"2026-01-09","fecha_fin":"2026-11-20"}"#);
    }

    #[test]
    fn a_document_is_asked_for_with_its_total_or_without() {
        let mut query = CpeQuery {
            ruc_emisor: "20131312955".parse().unwrap(),
            tipo_comprobante: CpeKind::Invoice,
            serie: "F001".into(),
            numero: 7,
            fecha_emision: "2026-01-09".parse().unwrap(),
            monto: Some("118".parse().unwrap()),
        };
        let start = concat!(
            r#"{"token":"T","ruc_emisor":"20131312955","tipo_comprobante":"01","serie":"F001","numero":"7","#,
            r#""fecha_emision":"09/01/2026""#,
        );
        assert_eq!(String::from_utf8(cpe_body("T", &query)).unwrap(), format!(r#"{start},"monto":"118.00"}}"#));
        query.monto = None;
        assert_eq!(String::from_utf8(cpe_body("T", &query)).unwrap(), format!("{start}}}"));
    }

    #[test]
    fn a_day_of_issue_reads_back_and_nothing_else_does() {
        let day: Date = "2026-01-09".parse().unwrap();
        assert_eq!(parse_issued(&issued(day)), Some(day));
        for text in ["", "2026-01-09", "9/1/2026", "31/02/2026", "09/01/26", "09/01/2026 ", "09/0/12026", "///////////"]
        {
            assert_eq!(parse_issued(text), None, "{text}");
        }
    }

    #[test]
    fn totals_have_two_decimals() {
        for (total, text) in [("118", "118.00"), ("0.5", "0.50"), ("10.005", "10.01"), ("10.004", "10.00")] {
            assert_eq!(amount(total.parse().unwrap()), text);
        }
    }
}
