//! The condition of a taxpayer's fiscal domicile, as SUNAT's registry words it.
//!
//! As with [`Status`](crate::Status), wordings are cut at 20 characters and open-ended, so the raw text stays.
//! `NO HABIDO` (12) and `NO HALLADO` (20) sound alike and differ in law; they are separate variants, and a test keeps
//! their codes apart, because public tables have swapped them.

use std::fmt;

use crate::status::recognise;

/// A domicile's condition: what we recognise in it, and the text it came as.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    kind: ConditionKind,
    text: Box<str>,
}

/// The conditions that are known, from SUNAT's code table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConditionKind {
    /// 00 HABIDO: the address is confirmed.
    Located,
    /// 01 to 08, and 20: nobody was met at the address. The raw text may say why.
    NotFound,
    /// 09 PENDIENTE: to be confirmed.
    Pending,
    /// 10 NO APLICABLE.
    NotApplicable,
    /// 11 POR VERIFICAR: to be checked.
    ToVerify,
    /// 12 NO HABIDO: not found, and the taxpayer did not put it right in time.
    NotLocated,
    /// A wording this version does not know; see [`Condition::as_str`].
    Unrecognised,
}

const TABLE: &[(ConditionKind, &str, &str)] = &[
    (ConditionKind::Located, "00", "HABIDO"),
    (ConditionKind::NotFound, "20", "NO HALLADO"),
    (ConditionKind::NotFound, "01", "NO HALLADO SE MUDO DE DOMICILIO"),
    (ConditionKind::NotFound, "02", "NO HALLADO FALLECIO"),
    (ConditionKind::NotFound, "03", "NO HALLADO NO EXISTE DOMICILIO"),
    (ConditionKind::NotFound, "04", "NO HALLADO CERRADO"),
    (ConditionKind::NotFound, "05", "NO HALLADO NRO.PUERTA NO EXISTE"),
    (ConditionKind::NotFound, "06", "NO HALLADO DESTINATARIO DESCONOCIDO"),
    (ConditionKind::NotFound, "07", "NO HALLADO RECHAZADO"),
    (ConditionKind::NotFound, "08", "NO HALLADO OTROS MOTIVOS"),
    (ConditionKind::Pending, "09", "PENDIENTE"),
    (ConditionKind::NotApplicable, "10", "NO APLICABLE"),
    (ConditionKind::ToVerify, "11", "POR VERIFICAR"),
    (ConditionKind::NotLocated, "12", "NO HABIDO"),
];

// === impl Condition ===

impl Condition {
    /// Recognises a wording, whole or cut at 20 characters. Never fails: an unknown one keeps its text.
    pub fn from_text(text: &str) -> Self {
        let kind =
            recognise(text, TABLE.iter().map(|(kind, _, full)| (*kind, *full))).unwrap_or(ConditionKind::Unrecognised);
        Self { kind, text: text.into() }
    }

    /// Reads SUNAT's two-digit code (facts: MIGO 1.2, CPE tables; the longer table behind the padrón).
    /// `None` for an unknown code.
    pub fn from_code(code: &str) -> Option<Self> {
        let (kind, _, text) = TABLE.iter().find(|(_, known, _)| *known == code)?;
        Some(Self { kind: *kind, text: (*text).into() })
    }

    /// What was recognised.
    pub fn kind(&self) -> ConditionKind {
        self.kind
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How the known conditions are worded, each once and without a reason.
    pub fn wordings() -> impl Iterator<Item = &'static str> {
        // The wording without a reason is the first of its kind.
        let is_first = |place: usize| place == 0 || TABLE[place - 1].0 != TABLE[place].0;
        (0..TABLE.len()).filter(move |&place| is_first(place)).map(|place| TABLE[place].2)
    }

    /// Whether the address is confirmed.
    pub fn is_located(&self) -> bool {
        self.kind == ConditionKind::Located
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({})", self.text)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

// === impl ConditionKind ===

impl ConditionKind {
    /// SUNAT's two-digit code for the condition without its reason.
    pub fn code(self) -> Option<&'static str> {
        TABLE.iter().find(|(kind, _, _)| *kind == self).map(|(_, code, _)| *code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_habido_is_12_and_no_hallado_is_20() {
        assert_eq!(Condition::from_code("12").unwrap().as_str(), "NO HABIDO");
        assert_eq!(Condition::from_code("12").unwrap().kind(), ConditionKind::NotLocated);
        assert_eq!(Condition::from_code("20").unwrap().as_str(), "NO HALLADO");
        assert_eq!(Condition::from_code("20").unwrap().kind(), ConditionKind::NotFound);
        assert_eq!(Condition::from_text("NO HABIDO").kind().code(), Some("12"));
        assert_eq!(Condition::from_text("NO HALLADO").kind().code(), Some("20"));
        assert_ne!(ConditionKind::NotLocated, ConditionKind::NotFound);
    }

    #[test]
    fn cut_wordings_keep_their_reason_in_the_text() {
        for text in [
            "NO HALLADO SE MUDO D",
            "NO HALLADO NO EXISTE",
            "NO HALLADO FALLECIO",
            "NO HALLADO CERRADO",
            "NO HALLADO NRO.PUERT",
            "NO HALLADO DESTINATA",
            "NO HALLADO RECHAZADO",
            "NO HALLADO OTROS MOT",
        ] {
            let condition = Condition::from_text(text);
            assert_eq!(condition.kind(), ConditionKind::NotFound, "{text}");
            assert_eq!(condition.as_str(), text);
        }
    }

    #[test]
    fn the_other_conditions_are_recognised_and_unknown_ones_are_kept() {
        check("HABIDO", ConditionKind::Located);
        check("PENDIENTE", ConditionKind::Pending);
        check("POR VERIFICAR", ConditionKind::ToVerify);
        check("NO APLICABLE", ConditionKind::NotApplicable);
        check("HABIDO A MEDIAS", ConditionKind::Unrecognised);
        check("NO HA", ConditionKind::Unrecognised);
    }

    #[track_caller]
    fn check(text: &str, kind: ConditionKind) {
        assert_eq!(Condition::from_text(text).kind(), kind, "{text}");
    }
}
