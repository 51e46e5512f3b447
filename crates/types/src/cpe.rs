//! Payment documents: what is asked of one, and what the tax authority says of it.
//!
//! Left out: sending documents, which is a provider's business of its own.

use std::fmt;

use rust_decimal::Decimal;

use crate::time::Date;
use crate::{Condition, Ruc, Status};

/// Which document is asked about.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CpeQuery {
    /// Who issued it.
    pub ruc_emisor: Ruc,
    /// What it is.
    pub tipo_comprobante: CpeKind,
    /// Its series, such as `F001`.
    pub serie: Box<str>,
    /// Its number within the series.
    pub numero: u32,
    /// When it was issued, in Lima.
    pub fecha_emision: Date,
    /// Its total; blank for one that was printed.
    pub monto: Option<Decimal>,
}

/// Kinds of documents (facts: MIGO 1.2, CPE tables).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CpeKind {
    /// 01 factura.
    Invoice,
    /// 03 boleta.
    Receipt,
    /// 07 nota de crédito.
    CreditNote,
    /// 08 nota de débito.
    DebitNote,
    /// R1 recibo por honorarios.
    FeeReceipt,
}

/// What the tax authority says of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpeVerdict {
    /// Of the document itself; `None` where the source left it blank.
    pub document: Option<CpeState>,
    /// Of its issuer.
    pub status: Option<Status>,
    /// Of its issuer's domicile.
    pub condition: Option<Condition>,
    /// Remarks, as the source wrote them.
    pub observaciones: Vec<Box<str>>,
}

/// States of a document (facts: MIGO 1.2, CPE tables), with room for codes that are not in them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CpeState {
    /// 0 no existe: it was not reported.
    NotReported,
    /// 1 aceptado.
    Accepted,
    /// 2 anulado.
    Voided,
    /// 3 autorizado: printed with permission.
    Authorised,
    /// 4 no autorizado.
    NotAuthorised,
    /// A code that the tables do not hold.
    Unrecognised(Box<str>),
}

// === impl CpeQuery ===

/// Masked: the amount is nobody's business.
impl fmt::Debug for CpeQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpeQuery")
            .field("ruc_emisor", &self.ruc_emisor)
            .field("tipo_comprobante", &self.tipo_comprobante)
            .finish_non_exhaustive()
    }
}

// === impl CpeKind ===

impl CpeKind {
    const TABLE: [(Self, &'static str); 5] = [
        (Self::Invoice, "01"),
        (Self::Receipt, "03"),
        (Self::CreditNote, "07"),
        (Self::DebitNote, "08"),
        (Self::FeeReceipt, "R1"),
    ];

    /// The code of the tables.
    pub fn code(self) -> &'static str {
        Self::TABLE.iter().find(|(kind, _)| *kind == self).map_or("01", |(_, code)| code)
    }

    /// The kind of a code of the tables.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(_, known)| known.eq_ignore_ascii_case(code)).map(|(kind, _)| *kind)
    }
}

// === impl CpeVerdict ===

impl CpeVerdict {
    /// Whether the document is known to the authority: a verdict that later news cannot turn into "it exists after all".
    pub fn is_settled(&self) -> bool {
        match &self.document {
            Some(CpeState::Accepted | CpeState::Voided | CpeState::Authorised) => true,
            Some(CpeState::NotReported | CpeState::NotAuthorised | CpeState::Unrecognised(_)) | None => false,
        }
    }
}

// === impl CpeState ===

impl CpeState {
    /// Reads a code. Never fails: an unknown one is kept.
    pub fn from_code(code: &str) -> Self {
        match code.trim() {
            "0" => Self::NotReported,
            "1" => Self::Accepted,
            "2" => Self::Voided,
            "3" => Self::Authorised,
            "4" => Self::NotAuthorised,
            other => Self::Unrecognised(other.into()),
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        match self {
            Self::NotReported => "0",
            Self::Accepted => "1",
            Self::Voided => "2",
            Self::Authorised => "3",
            Self::NotAuthorised => "4",
            Self::Unrecognised(code) => code,
        }
    }

    /// The tables' own words.
    pub fn words(&self) -> &str {
        match self {
            Self::NotReported => "NO EXISTE",
            Self::Accepted => "ACEPTADO",
            Self::Voided => "ANULADO",
            Self::Authorised => "AUTORIZADO",
            Self::NotAuthorised => "NO AUTORIZADO",
            Self::Unrecognised(code) => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for code in ["0", "1", "2", "3", "4", "7"] {
            assert_eq!(CpeState::from_code(code).code(), code);
        }
        for code in ["01", "03", "07", "08", "R1"] {
            assert_eq!(CpeKind::from_code(code).unwrap().code(), code);
        }
        assert_eq!(CpeKind::from_code("r1"), Some(CpeKind::FeeReceipt));
        assert_eq!(CpeKind::from_code("99"), None);
    }
}
