//! People: the holder of a DNI, and those who may sign for a company.

use std::fmt;

use crate::{Dni, Ruc};

/// The holder of a DNI.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The number.
    pub dni: Dni,
    /// The whole name, surnames first, as the source wrote it.
    pub nombre: Box<str>,
}

/// Somebody who represents a company before the tax authority, with MIGO's field names (facts: MIGO 1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Representative {
    /// Kind of document: `DNI`, `CARNET EXT.`, …
    pub documento: Option<Box<str>>,
    /// Number of the document, whatever its kind. MIGO's name for it.
    pub dni: Option<Box<str>>,
    /// The whole name.
    pub nombre: Option<Box<str>>,
    /// Office: `GERENTE GENERAL`, …
    pub cargo: Option<Box<str>>,
    /// Since when, as the source wrote it.
    pub fecha: Option<Box<str>>,
    /// The company.
    pub ruc: Ruc,
}

/// The account with a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub nombre: Option<Box<str>>,
    /// Their address.
    pub email: Option<Box<str>>,
    /// Queries left, where the source gives a number.
    pub consultas: Option<i64>,
}

// === impl Representative ===

impl Representative {
    /// Every field but the company, with MIGO's name for it, in MIGO's order.
    pub fn fields(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("documento", self.documento.as_deref()),
            ("dni", self.dni.as_deref()),
            ("nombre", self.nombre.as_deref()),
            ("cargo", self.cargo.as_deref()),
            ("fecha", self.fecha.as_deref()),
        ]
    }
}

/// Masked: no name.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("dni", &self.dni).finish_non_exhaustive()
    }
}

/// Masked: the office alone.
impl fmt::Debug for Representative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Representative").field("ruc", &self.ruc).field("cargo", &self.cargo).finish_non_exhaustive()
    }
}

/// Masked: the number of queries alone.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("consultas", &self.consultas).finish_non_exhaustive()
    }
}
