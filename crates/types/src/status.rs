//! The state of a registration, as SUNAT's registry words it.
//!
//! Sources cut the words at 20 characters and add new ones without notice, so a [`Status`] keeps the raw text and only
//! names what it recognises.
//! Left out: whether a taxpayer may invoice; that is a billing rule, and needs the domicile's condition too.

use std::fmt;

/// A registration's state: what we recognise in it, and the text it came as.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Status {
    kind: StatusKind,
    text: Box<str>,
}

/// The states that are known, from SUNAT's code table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusKind {
    /// 00 ACTIVO: operating.
    Active,
    /// 01 BAJA PROVISIONAL: the taxpayer announced its end, closure still being processed.
    ProvisionalClosure,
    /// 02 BAJA PROV. POR OFICIO: SUNAT started closing it.
    ProvisionalClosureExOfficio,
    /// 03 SUSPENSION TEMPORAL: paused by the taxpayer.
    Suspended,
    /// 04 ANUL.PROVI.-ACTO ILICITO: provisionally annulled, unlawful act.
    ProvisionalAnnulmentUnlawfulAct,
    /// 10 BAJA DEFINITIVA: closed at the taxpayer's request.
    Closed,
    /// 11 BAJA DE OFICIO: closed by SUNAT.
    ClosedExOfficio,
    /// 12 BAJA MULT.INSCR. Y OTROS: closed, registered more than once.
    ClosedDuplicate,
    /// 20 NUM. INTERNO IDENTIF.: a number for SUNAT's own use.
    InternalNumber,
    /// 21 OTROS OBLIGADOS: not a regular taxpayer.
    OtherObliged,
    /// 22 INHABILITADO-VENT.UNICA: disabled in the single window.
    Disabled,
    /// 30 ANULACION - ERROR SUNAT: annulled, SUNAT's error.
    AnnulledBySunatError,
    /// 31 ANULACION - ACTO ILICITO: annulled, unlawful act.
    AnnulledUnlawfulAct,
    /// PENDIENTE DE INI. DE ACTIVIDADES: registered, not started. It has no code in the tables.
    NotStarted,
    /// A wording this version does not know; see [`Status::as_str`].
    Unrecognised,
}

/// Kind, SUNAT's code, its full wording. Where two wordings mean one state, the coded one comes first.
const TABLE: &[(StatusKind, Option<&str>, &str)] = &[
    (StatusKind::Active, Some("00"), "ACTIVO"),
    (StatusKind::ProvisionalClosure, Some("01"), "BAJA PROVISIONAL"),
    (StatusKind::ProvisionalClosureExOfficio, Some("02"), "BAJA PROV. POR OFICIO"),
    (StatusKind::ProvisionalClosureExOfficio, None, "BAJA PROVISIONAL DE OFICIO"),
    (StatusKind::Suspended, Some("03"), "SUSPENSION TEMPORAL"),
    (StatusKind::ProvisionalAnnulmentUnlawfulAct, Some("04"), "ANUL.PROVI.-ACTO ILICITO"),
    (StatusKind::Closed, Some("10"), "BAJA DEFINITIVA"),
    (StatusKind::ClosedExOfficio, Some("11"), "BAJA DE OFICIO"),
    (StatusKind::ClosedExOfficio, None, "BAJA DEFINITIVA DE OFICIO"),
    (StatusKind::ClosedDuplicate, Some("12"), "BAJA MULT.INSCR. Y OTROS"),
    (StatusKind::ClosedDuplicate, None, "BAJA MULTIPLE INSCRIPCION Y OTROS"),
    (StatusKind::InternalNumber, Some("20"), "NUM. INTERNO IDENTIF."),
    (StatusKind::InternalNumber, None, "NUMERO INTERNO IDENTIFICATORIO"),
    (StatusKind::OtherObliged, Some("21"), "OTROS OBLIGADOS"),
    (StatusKind::Disabled, Some("22"), "INHABILITADO-VENT.UNICA"),
    (StatusKind::AnnulledBySunatError, Some("30"), "ANULACION - ERROR SUNAT"),
    (StatusKind::AnnulledUnlawfulAct, Some("31"), "ANULACION - ACTO ILICITO"),
    (StatusKind::NotStarted, None, "PENDIENTE DE INI. DE ACTIVIDADES"),
    (StatusKind::NotStarted, None, "PENDIENTE DE INICIO DE ACTIVIDADES"),
];

// === impl Status ===

impl Status {
    /// Recognises a wording, whole or cut at 20 characters. Never fails: an unknown one keeps its text.
    pub fn from_text(text: &str) -> Self {
        Self { kind: StatusKind::from_text(text), text: text.into() }
    }

    /// Reads SUNAT's two-digit code (facts: MIGO 1.2, CPE tables). `None` for an unknown code.
    pub fn from_code(code: &str) -> Option<Self> {
        let (kind, _, text) = TABLE.iter().find(|(_, known, _)| *known == Some(code))?;
        Some(Self { kind: *kind, text: (*text).into() })
    }

    /// What was recognised.
    pub fn kind(&self) -> StatusKind {
        self.kind
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How the known states are worded, each once.
    pub fn wordings() -> impl Iterator<Item = &'static str> {
        // Where two wordings mean one state they follow each other.
        let is_first = |place: usize| place == 0 || TABLE[place - 1].0 != TABLE[place].0;
        (0..TABLE.len()).filter(move |&place| is_first(place)).map(|place| TABLE[place].2)
    }

    /// Whether the taxpayer operates.
    pub fn is_active(&self) -> bool {
        self.kind == StatusKind::Active
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({})", self.text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

// === impl StatusKind ===

impl StatusKind {
    fn from_text(text: &str) -> Self {
        recognise(text, TABLE.iter().map(|(kind, _, full)| (*kind, *full))).unwrap_or(Self::Unrecognised)
    }

    /// SUNAT's two-digit code, where the tables give one.
    pub fn code(self) -> Option<&'static str> {
        TABLE.iter().find(|(kind, code, _)| *kind == self && code.is_some()).and_then(|(_, code, _)| *code)
    }
}

/// Where sources cut a wording, in characters.
const CUT: usize = 20;

/// Finds the wording that `text` is, whole or cut at [`CUT`] characters; case and blanks around it do not matter.
pub(crate) fn recognise<K>(text: &str, table: impl Iterator<Item = (K, &'static str)>) -> Option<K> {
    let text = text.trim().to_uppercase();
    table
        .filter(|(_, full)| {
            *full == text || (text.len() >= CUT - 1 && full.len() > CUT && full.starts_with(text.as_str()))
        })
        .map(|(kind, _)| kind)
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_and_whole_wordings_are_the_same_state() {
        check("ACTIVO", StatusKind::Active);
        check(" activo ", StatusKind::Active);
        check("BAJA PROVISIONAL", StatusKind::ProvisionalClosure);
        check("BAJA PROV. POR OFICI", StatusKind::ProvisionalClosureExOfficio);
        check("BAJA PROVISIONAL DE OFICIO", StatusKind::ProvisionalClosureExOfficio);
        check("BAJA PROVISIONAL DE ", StatusKind::ProvisionalClosureExOfficio);
        check("SUSPENSION TEMPORAL", StatusKind::Suspended);
        check("BAJA DEFINITIVA", StatusKind::Closed);
        check("BAJA DE OFICIO", StatusKind::ClosedExOfficio);
        check("BAJA DEFINITIVA DE OFICIO", StatusKind::ClosedExOfficio);
        check("BAJA MULT.INSCR. Y O", StatusKind::ClosedDuplicate);
        check("PENDIENTE DE INI. DE", StatusKind::NotStarted);
        check("OTROS OBLIGADOS", StatusKind::OtherObliged);
        check("NUM. INTERNO IDENTIF", StatusKind::InternalNumber);
        check("ANUL.PROVI.-ACTO ILI", StatusKind::ProvisionalAnnulmentUnlawfulAct);
        check("ANULACION - ACTO ILI", StatusKind::AnnulledUnlawfulAct);
        check("ANULACION - ERROR SU", StatusKind::AnnulledBySunatError);
        check("INHABILITADO-VENT.UN", StatusKind::Disabled);
    }

    #[test]
    fn an_unknown_wording_keeps_its_text_and_is_not_guessed() {
        check("ACTIVO CON RESERVA", StatusKind::Unrecognised);
        check("ACT", StatusKind::Unrecognised);
        check("", StatusKind::Unrecognised);
        assert_eq!(Status::from_text("Algo Nuevo").as_str(), "Algo Nuevo");
    }

    #[test]
    fn codes_name_the_state_they_are_printed_for() {
        for (code, text) in [
            ("00", "ACTIVO"),
            ("01", "BAJA PROVISIONAL"),
            ("02", "BAJA PROV. POR OFICIO"),
            ("03", "SUSPENSION TEMPORAL"),
            ("10", "BAJA DEFINITIVA"),
            ("11", "BAJA DE OFICIO"),
            ("22", "INHABILITADO-VENT.UNICA"),
        ] {
            let status = Status::from_code(code).unwrap();
            assert_eq!(status.as_str(), text);
            assert_eq!(status.kind(), Status::from_text(text).kind());
            assert_eq!(status.kind().code(), Some(code));
        }
        assert_eq!(Status::from_code("99"), None);
    }

    #[test]
    fn each_state_is_worded_once() {
        let kinds: Vec<StatusKind> = Status::wordings().map(|text| Status::from_text(text).kind()).collect();
        let known: std::collections::HashSet<StatusKind> = TABLE.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds.len(), known.len());
        assert_eq!(kinds.into_iter().collect::<std::collections::HashSet<_>>(), known);
    }

    #[track_caller]
    fn check(text: &str, kind: StatusKind) {
        assert_eq!(Status::from_text(text).kind(), kind, "{text}");
    }
}
