//! What the `message` of a reply says, whatever its capitals, accents and full stops.
//!
//! MIGO's exact sentences are documented nowhere, so they are compared loosely; but each class of sentence is narrow,
//! because a sentence taken for "there is no such record" by mistake turns an outage into an absence.
//! Left out: statuses. A sentence alone never decides; see [`crate::reply`].

/// What a sentence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saying {
    /// Nothing: no letter in it.
    Nothing,
    /// The token is missing or wrong.
    TokenRefused,
    /// Something other than a record is missing or broken (the address, the token, a service behind it), which says
    /// nothing of the record.
    Elsewhere,
    /// Something is not there: `no encontr…`, `no se encontr…`, `no existe`.
    NotThere,
    /// Something else about a RUC or a DNI.
    AboutRecord,
    /// Anything else.
    Other,
}

/// Words of sentences about machinery, in Spanish and English, without accents: `Recurso no encontrado`, `no Route
/// matched with those values`, `Token no encontrado`, `Su plan ha vencido`, `No existe conexión con el servicio`.
const ELSEWHERE: &[&str] = &[
    "api",
    "backend",
    "conexion",
    "connection",
    "consultas",
    "cuota",
    "database",
    "endpoint",
    "error",
    "expirado",
    "expired",
    "gateway",
    "host",
    "limite",
    "method",
    "metodo",
    "page",
    "pagina",
    "plan",
    "quota",
    "recurso",
    "resource",
    "route",
    "ruta",
    "saldo",
    "server",
    "service",
    "servicio",
    "servidor",
    "suscripcion",
    "timeout",
    "token",
    "upstream",
    "url",
    "vencido",
];

// === impl Saying ===

impl Saying {
    pub(crate) fn of(text: &str) -> Self {
        let text = folded(text);
        match text.as_str() {
            text if !text.contains(char::is_alphabetic) => Self::Nothing,
            "unauthenticated" => Self::TokenRefused,
            text if words(text).any(|word| ELSEWHERE.contains(&word)) => Self::Elsewhere,
            text if ["no encontr", "no se encontr", "no existe"].iter().any(|words| text.contains(words)) => {
                Self::NotThere
            }
            text if words(text).any(|word| matches!(word, "ruc" | "dni")) => Self::AboutRecord,
            _ => Self::Other,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}

/// Lower case, without accents, blanks folded, without full stops and blanks at the end.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase).filter_map(plain));
    }
    let end = folded.trim_end_matches(['.', ' ']).len();
    folded.truncate(end);
    folded
}

/// A letter without its accent; `None` for an accent that stands alone (decomposed text).
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'ä' | 'â' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        '\u{300}'..='\u{36f}' => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_told_by_its_words_alone() {
        check("RUC no encontrado", Saying::NotThere);
        check("NO ENCONTRADO.", Saying::NotThere);
        check("El RUC  20131312955\tno existe", Saying::NotThere);
        check("el ruc no existé", Saying::NotThere);
        check("Dni no encontrado", Saying::NotThere);
        check("Recurso no encontrado", Saying::Elsewhere);
        check("  RECURSO  no encontrado . ", Saying::Elsewhere);
        check("Recu\u{301}rso no encontrado..", Saying::Elsewhere);
        check("no Route matched with those values", Saying::Elsewhere);
        check("Token no encontrado", Saying::Elsewhere);
        check("Su plan ha vencido", Saying::Elsewhere);
        check("No se encontraron registros", Saying::NotThere);
        check("No existe conexión con SUNAT", Saying::Elsewhere);
        check("Unauthenticated.", Saying::TokenRefused);
        check("unauthenticated", Saying::TokenRefused);
        check("", Saying::Nothing);
        check(" . - 404", Saying::Nothing);
        check("Servicio no disponible", Saying::Elsewhere);
        check("El ruc consultado es inválido", Saying::AboutRecord);
        check("Sin datos para ese número", Saying::Other);
        check("noencontrado", Saying::Other);
    }

    #[track_caller]
    fn check(text: &str, saying: Saying) {
        assert_eq!(Saying::of(text), saying, "{text}");
    }
}
