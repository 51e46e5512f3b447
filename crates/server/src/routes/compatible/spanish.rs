//! What the people of the old app and of MIGO's clients read, in their language.
//!
//! None of these sentences may say that a record does not exist unless an authority said so: clients tell absence by
//! words such as `no encontrado` and `no existe`.
//! Left out: MIGO's own words, which its wire format owns.

use std::borrow::Cow;

use axum::http::StatusCode;
use chasqui_core::LookupError;
use chasqui_types::{AbsenceReason, ParseDniError, ParseRucError};

use crate::problem::Problem;

/// Why a text is no number.
pub(crate) fn bad_number(error: &ParseRucError) -> Cow<'static, str> {
    match error {
        ParseRucError::NotADigit { position } => {
            format!("Formato de RUC inválido: el carácter {position} no es un dígito.").into()
        }
        ParseRucError::Length { found } => {
            format!("Formato de RUC inválido: debe tener 11 dígitos y tiene {found}.").into()
        }
        ParseRucError::Prefix => "Formato de RUC inválido: debe empezar con 10, 15, 16, 17 o 20.".into(),
        ParseRucError::CheckDigit => "Formato de RUC inválido: el dígito verificador no corresponde.".into(),
        _ => "Formato de RUC inválido.".into(),
    }
}

/// Why a text is no document number.
pub(crate) fn bad_dni(error: &ParseDniError) -> Cow<'static, str> {
    match error {
        ParseDniError::NotADigit { position } => {
            format!("Formato de DNI inválido: el carácter {position} no es un dígito.").into()
        }
        ParseDniError::Length { found } => {
            format!("Formato de DNI inválido: debe tener 8 dígitos y tiene {found}.").into()
        }
        _ => "Formato de DNI inválido.".into(),
    }
}

/// Who says that the number does not exist.
pub(crate) fn absent(reason: &AbsenceReason) -> Cow<'static, str> {
    match reason {
        AbsenceReason::Marked(words) => format!("Marcado como no encontrado por un operador: {words}").into(),
        _ => "RUC no encontrado en SUNAT.".into(),
    }
}

/// No such document.
pub(crate) const NO_PERSON: &str = "DNI no encontrado en RENIEC.";

/// No rate holds on a day.
pub(crate) const NO_RATE: &str = "No hay tipo de cambio publicado.";

/// Why it could not be found out.
pub(crate) fn unknown(error: &LookupError) -> &'static str {
    match error.code() {
        "limited" => "Se agotó por ahora el límite de consultas del proveedor; vuelva a consultar más tarde.",
        "upstream_auth" => {
            "El proveedor rechaza el token o el plan de este servicio; debe corregirlo quien lo administra."
        }
        "upstream_resting" => "El proveedor falló varias veces y está en pausa; vuelva a consultar en un momento.",
        "deadline" => "El proveedor no respondió a tiempo; no se sabe si el RUC está registrado.",
        "no_source" => "Este servicio no tiene configurada ninguna fuente que pueda responder.",
        "suppressed" => "Este servicio no informa sobre este número a pedido de su titular.",
        "stopped" => "El servicio se está deteniendo; vuelva a consultar en un momento.",
        _ => "El proveedor falló; no se sabe si el RUC está registrado.",
    }
}

/// The same of any question that is not about a RUC.
pub(crate) fn unknown_otherwise(error: &LookupError) -> &'static str {
    match error.code() {
        "limited" | "upstream_auth" | "upstream_resting" | "no_source" | "suppressed" | "stopped" => unknown(error),
        "deadline" => "El proveedor no respondió a tiempo; no se pudo averiguar el dato.",
        _ => "El proveedor falló; no se pudo averiguar el dato.",
    }
}

const OVERLOADED: &str = "El servicio está ocupado; vuelva a consultar en un momento.";

/// Why a request was not even looked at.
pub(crate) fn refusal(problem: &Problem) -> &'static str {
    match problem.code() {
        "overloaded" => OVERLOADED,
        "forbidden" => "Este servicio no atiende solicitudes de ese origen o con ese nombre de host.",
        "no_host" => "La solicitud no dice a qué host va.",
        "no_such_route" => "Este servicio no tiene esa ruta.",
        "method_not_allowed" => "Esta ruta no acepta ese método.",
        "internal" => "Ocurrió un error interno en el servicio.",
        _ => no_body(problem),
    }
}

/// Why a body did not arrive.
pub(crate) fn no_body(problem: &Problem) -> &'static str {
    match problem.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "El cuerpo de la solicitud es demasiado grande.",
        StatusCode::SERVICE_UNAVAILABLE => OVERLOADED,
        StatusCode::REQUEST_TIMEOUT => "El cuerpo de la solicitud tardó demasiado en llegar.",
        _ => "El cuerpo de la solicitud llegó incompleto.",
    }
}

/// The query's `refresh` says neither yes nor no.
pub(crate) const BAD_REFRESH: &str = "El parámetro refresh debe ser true o false.";
