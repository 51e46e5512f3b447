//! What the people of the old app and of MIGO's clients read, in their language.
//!
//! None of these sentences may say that a record does not exist unless an authority said so: clients tell absence by
//! words such as `no encontrado` and `no existe`.
//! Left out: MIGO's own words, which its wire format owns.

use std::borrow::Cow;

use axum::http::StatusCode;
use chasqui_core::LookupError;
use chasqui_types::{AbsenceReason, ParseRucError};

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

/// Who says that the number does not exist.
pub(crate) fn absent(reason: &AbsenceReason) -> Cow<'static, str> {
    match reason {
        AbsenceReason::Marked(words) => format!("RUC no encontrado: {words}").into(),
        _ => "RUC no encontrado en SUNAT.".into(),
    }
}

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
        "stopped" => "El servicio se está deteniendo; vuelva a consultar en un momento.",
        _ => "El proveedor falló; no se sabe si el RUC está registrado.",
    }
}

/// Why a request was not even looked at.
pub(crate) fn refusal(problem: &Problem) -> &'static str {
    match problem.code() {
        "overloaded" => "El servicio está ocupado; vuelva a consultar en un momento.",
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
        StatusCode::REQUEST_TIMEOUT => "El cuerpo de la solicitud tardó demasiado en llegar.",
        _ => "El cuerpo de la solicitud llegó incompleto.",
    }
}

/// The query's `refresh` says neither yes nor no.
pub(crate) const BAD_REFRESH: &str = "El parámetro refresh debe ser true o false.";

/// An address of MIGO that this version does not serve.
pub(crate) const NOT_SERVED: &str = "Esta versión de Chasqui todavía no atiende esta ruta de MIGO.";
