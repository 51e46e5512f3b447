//! MIGO's error bodies, exactly, for those who answer in MIGO's place.
//!
//! Left out: headers such as `Retry-After`, which whoever answers sets.

use crate::write::push_text;

/// A refusal or failure as MIGO words it: a status and its JSON body (facts: MIGO 1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    status: u16,
    body: Vec<u8>,
}

// === impl Failure ===

impl Failure {
    /// The words for a number that nobody has.
    pub const RUC_NOT_FOUND: &'static str = "RUC no encontrado";
    /// The words for a number of the wrong shape.
    pub const RUC_INVALID: &'static str = "El campo ruc debe contener 11 dígitos.";
    /// The words for a question without its number.
    pub const RUC_REQUIRED: &'static str = "El campo ruc es obligatorio.";
    /// The words for a collection of more than [`MAX_COLLECTION`](crate::MAX_COLLECTION) numbers.
    pub const COLLECTION_TOO_LARGE: &'static str = "El campo ruc no debe contener más de 100 elementos.";

    /// The words for a person's number that nobody has.
    pub const DNI_NOT_FOUND: &'static str = "DNI no encontrado";
    /// The words for a person's number of the wrong shape.
    pub const DNI_INVALID: &'static str = "El campo dni debe contener 8 dígitos.";
    /// The words for a question without its person's number.
    pub const DNI_REQUIRED: &'static str = "El campo dni es obligatorio.";
    /// The words for a day, or a range, for which no rate was published.
    pub const RATE_NOT_FOUND: &'static str = "Tipo de cambio no encontrado";
    /// The words for a company of which nobody is known.
    pub const REPRESENTATIVES_NOT_FOUND: &'static str = "Representantes legales no encontrados";

    /// 422: the field is missing.
    pub fn required(field: &str) -> Self {
        Self::invalid(field, &format!("El campo {field} es obligatorio."))
    }

    /// 422: the field holds no day in this `format`, such as `AAAA-MM-DD`.
    pub fn invalid_date(field: &str, format: &str) -> Self {
        Self::invalid(field, &format!("El campo {field} no corresponde con el formato {format}."))
    }

    /// 422: the field holds none of the values it may.
    pub fn invalid_choice(field: &str) -> Self {
        Self::invalid(field, &format!("El campo {field} es inválido."))
    }

    /// 404: there is no such record.
    pub fn not_found(message: &str) -> Self {
        Self::unsuccessful(404, message)
    }

    /// 401: no token, or a wrong one.
    pub fn unauthenticated() -> Self {
        Self::worded(401, "Unauthenticated.")
    }

    /// 403: a known token that may not ask this; the plan expired or its quota is used up.
    pub fn denied(message: &str) -> Self {
        Self::unsuccessful(403, message)
    }

    /// 422: the field does not hold what it should.
    pub fn invalid(field: &str, message: &str) -> Self {
        let mut body = start(message);
        body.extend_from_slice(b",\"errors\":{");
        push_text(&mut body, field);
        body.extend_from_slice(b":[");
        push_text(&mut body, message);
        body.extend_from_slice(b"]}}");
        Self { status: 422, body }
    }

    /// 429: too many calls; comes with `Retry-After`.
    pub fn throttled() -> Self {
        Self::worded(429, "Too Many Attempts.")
    }

    /// 500: the service broke.
    pub fn server_error() -> Self {
        Self::worded(500, "Server Error")
    }

    /// 503: could not find out. MIGO has no such answer; its clients know that a 5xx says nothing of the record.
    pub fn unavailable(message: &str) -> Self {
        Self::unsuccessful(503, message)
    }

    /// 404: no such address, which says nothing of a record.
    pub fn path_not_found() -> Self {
        Self::unsuccessful(404, "Recurso no encontrado")
    }

    /// 405: the address exists, with another method.
    pub fn method_not_allowed() -> Self {
        Self::worded(405, "Method Not Allowed")
    }

    /// `{"success":false,"message":…}` under any status.
    pub fn unsuccessful(status: u16, message: &str) -> Self {
        let mut body = start(message);
        body.push(b'}');
        Self { status, body }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The JSON body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Status and body.
    pub fn into_parts(self) -> (u16, Vec<u8>) {
        (self.status, self.body)
    }

    /// The framework's own errors carry a message alone.
    fn worded(status: u16, message: &str) -> Self {
        let mut body = b"{\"message\":".to_vec();
        push_text(&mut body, message);
        body.push(b'}');
        Self { status, body }
    }
}

fn start(message: &str) -> Vec<u8> {
    let mut body = b"{\"success\":false,\"message\":".to_vec();
    push_text(&mut body, message);
    body
}
