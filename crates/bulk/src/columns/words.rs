//! What an accountant reads in the columns, in both languages.
//!
//! Each sentence says what is wrong and, where something can be done, what. None of them says that a number does not
//! exist unless a source said so.

use std::fmt::Write as _;

use chasqui_types::{BillingObstacle, BillingWarning, Number, ParseRucError};

use super::Lang;
use crate::BadNumber;

pub(super) fn verdict(may_be_invoiced: Option<bool>, lang: Lang) -> &'static str {
    match (may_be_invoiced, lang) {
        (Some(true), Lang::Es) => "SI",
        (Some(true), Lang::En) => "YES",
        (Some(false), _) => "NO",
        (None, Lang::Es) => "NO VERIFICADO",
        (None, Lang::En) => "NOT VERIFIED",
    }
}

pub(super) fn obstacle(obstacle: BillingObstacle, lang: Lang) -> &'static str {
    match (lang, obstacle) {
        (Lang::Es, _) => obstacle.words(),
        (Lang::En, BillingObstacle::Absent) => "The RUC does not exist",
        (Lang::En, BillingObstacle::NotActive) => "The taxpayer is not ACTIVO",
        (Lang::En, BillingObstacle::NotLocated) => "The address is not HABIDO",
        (Lang::En, _) => obstacle.as_str(),
    }
}

pub(super) fn warning(warning: BillingWarning, lang: Lang) -> &'static str {
    match (lang, warning) {
        (Lang::Es, _) => warning.words(),
        (Lang::En, BillingWarning::ShortName) => "The name has fewer than 3 characters",
        (Lang::En, BillingWarning::ShortAddress) => "The address has fewer than 10 characters",
        (Lang::En, BillingWarning::OldData) => "The data are more than 365 days old",
        (Lang::En, _) => warning.as_str(),
    }
}

pub(super) fn absent(number: Number, lang: Lang) -> &'static str {
    match (number, lang) {
        (Number::Ruc(_), _) => obstacle(BillingObstacle::Absent, lang),
        (Number::Dni(_), Lang::Es) => "El DNI no figura en el registro",
        (Number::Dni(_), Lang::En) => "The DNI is not in the registry",
    }
}

/// A document belongs to a person, and only a registration can tell.
pub(super) fn person(lang: Lang) -> &'static str {
    match lang {
        Lang::Es => "Un DNI no dice si se le puede facturar: para factura se necesita su RUC",
        Lang::En => "A DNI does not tell whether its holder may be invoiced: an invoice needs their RUC",
    }
}

/// Goes before the number.
pub(super) fn recovered(lang: Lang) -> &'static str {
    match lang {
        Lang::Es => "Número completado: ",
        Lang::En => "Number completed: ",
    }
}

/// Why it could not be found out, by the stable code of the look-up's error.
pub(super) fn unknown(code: &str, lang: Lang) -> &'static str {
    match lang {
        Lang::Es => match code {
            "limited" => "Se agotó por ahora el límite de consultas del proveedor: vuelva a intentar más tarde",
            "upstream_auth" => "El proveedor rechaza el token o el plan: debe corregirlo quien administra Chasqui",
            "upstream_resting" => "El proveedor falló varias veces y está en pausa: vuelva a intentar en un momento",
            "deadline" => "El proveedor no respondió a tiempo: vuelva a intentar",
            "no_source" => "No hay ninguna fuente configurada que pueda responder: revise la configuración",
            "suppressed" => "El padrón no informa sobre este número a pedido de su titular: consulte en SUNAT",
            "stopped" => "El proceso se detuvo antes de consultarlo: vuelva a intentar",
            _ => "El proveedor falló: vuelva a intentar",
        },
        Lang::En => match code {
            "limited" => "The provider's call limit is used up for now: try again later",
            "upstream_auth" => "The provider refuses the token or the plan: whoever runs Chasqui has to mend it",
            "upstream_resting" => "The provider failed repeatedly and is left alone: try again in a moment",
            "deadline" => "The provider did not answer in time: try again",
            "no_source" => "No source is configured that could answer: check the configuration",
            "suppressed" => "The registry does not tell about this number at its holder's request: ask SUNAT itself",
            "stopped" => "The run stopped before asking: try again",
            _ => "The provider failed: try again",
        },
    }
}

/// Why a cell holds no number, written behind `text`.
pub(super) fn bad_number(text: &mut String, bad: BadNumber, lang: Lang) {
    let words = match (bad, lang) {
        (BadNumber::Empty, Lang::Es) => "La celda del número está vacía",
        (BadNumber::Empty, Lang::En) => "The cell of the number is empty",
        (BadNumber::NotANumber, Lang::Es) => "No es un número de RUC ni de DNI",
        (BadNumber::NotANumber, Lang::En) => "This is neither the number of a RUC nor of a DNI",
        (BadNumber::Length { found } | BadNumber::Ruc(ParseRucError::Length { found }), _) => {
            return length(text, found, lang);
        }
        (BadNumber::Ruc(ParseRucError::Prefix), Lang::Es) => "Un RUC empieza con 10, 15, 16, 17 o 20",
        (BadNumber::Ruc(ParseRucError::Prefix), Lang::En) => "A RUC starts with 10, 15, 16, 17 or 20",
        (BadNumber::Ruc(ParseRucError::CheckDigit), Lang::Es) => {
            "El RUC está mal escrito: su último dígito no corresponde a los demás"
        }
        (BadNumber::Ruc(ParseRucError::CheckDigit), Lang::En) => {
            "The RUC is mistyped: its last digit does not match the others"
        }
        (BadNumber::Ruc(_), Lang::Es) => "No es un número de RUC",
        (BadNumber::Ruc(_), Lang::En) => "This is not the number of a RUC",
        (BadNumber::Rounded, Lang::Es) => {
            "La hoja de cálculo redondeó el número y se perdieron dígitos: vuelva a escribirlo, como texto"
        }
        (BadNumber::Rounded, Lang::En) => {
            "The spreadsheet rounded the number and digits are lost: write it again, as text"
        }
        (BadNumber::ShortDni { found }, _) => return short_dni(text, found, lang),
    };
    text.push_str(words);
}

fn length(text: &mut String, found: usize, lang: Lang) {
    let written = match lang {
        Lang::Es => write!(text, "Tiene {found} dígitos: un RUC tiene 11 y un DNI tiene 8"),
        Lang::En => write!(text, "It has {found} digits: a RUC has 11 and a DNI has 8"),
    };
    written.expect("a String takes every text");
}

fn short_dni(text: &mut String, found: usize, lang: Lang) {
    let written = match lang {
        Lang::Es => {
            write!(text, "Tiene {found} dígitos: si es un DNI sin sus ceros iniciales, escríbalo con 8 dígitos")
        }
        Lang::En => write!(text, "It has {found} digits: if it is a DNI without its leading zeros, write all 8 digits"),
    };
    written.expect("a String takes every text");
}
