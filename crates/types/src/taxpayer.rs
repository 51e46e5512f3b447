//! A taxpayer, as MIGO's 22 fields describe one.
//!
//! Field names are MIGO's Spanish ones, because that is what every client of this market already parses.
//! Left out: `success`, which belongs to the wire.

use std::fmt;

use crate::time::{Timestamp, parse_lima};
use crate::{Condition, Ruc, Standings, Status, Ubigeo};

/// Who a number belongs to: MIGO's fields without `success` (facts: MIGO 1.3).
///
/// A part that the source left blank (`""`, `-`, `----`) is `None`.
#[derive(Clone, PartialEq, Eq)]
pub struct Taxpayer {
    /// The number.
    pub ruc: Ruc,
    /// Name or business name.
    pub nombre_o_razon_social: Option<Box<str>>,
    /// State of the registration.
    pub estado_del_contribuyente: Option<Status>,
    /// Condition of the fiscal domicile.
    pub condicion_de_domicilio: Option<Condition>,
    /// District code; a text that is no code is in [`Taxpayer::ubigeo_crudo`].
    pub ubigeo: Option<Ubigeo>,
    /// A district code that does not have six digits, as it came.
    pub ubigeo_crudo: Option<Box<str>>,
    /// Kind of street: `AV.`, `JR.`, …
    pub tipo_de_via: Option<Box<str>>,
    /// Name of the street.
    pub nombre_de_via: Option<Box<str>>,
    /// Kind of zone (`URB.`, …): the registry's own, misleading name for it.
    pub codigo_de_zona: Option<Box<str>>,
    /// Name of the zone.
    pub tipo_de_zona: Option<Box<str>>,
    /// Door number.
    pub numero: Option<Box<str>>,
    /// Inner number.
    pub interior: Option<Box<str>>,
    /// Lot.
    pub lote: Option<Box<str>>,
    /// Flat number; not the department of the country.
    pub dpto: Option<Box<str>>,
    /// Block.
    pub manzana: Option<Box<str>>,
    /// Kilometre.
    pub kilometro: Option<Box<str>>,
    /// District name.
    pub distrito: Option<Box<str>>,
    /// Province name.
    pub provincia: Option<Box<str>>,
    /// Department (region) name.
    pub departamento: Option<Box<str>>,
    /// Street address.
    pub direccion_simple: Option<Box<str>>,
    /// Street address with district, province and department.
    pub direccion: Option<Box<str>>,
    /// When the source last updated the record, as it wrote it: `YYYY-MM-DD HH:MM:SS`, Lima.
    pub actualizado_en: Option<Box<str>>,
    /// What SUNAT's small lists say of them, where this machine has any of the lists; no field of MIGO's.
    pub padrones: Option<Box<Standings>>,
}

/// What a text says once blanks are folded: `None` when it is empty or only dashes.
///
/// Trims, folds runs of blanks (no-break ones included) into one space, and reads `-` and `----` as nothing.
///
/// ```
/// assert_eq!(chasqui_types::clean("  SAN   CARLOS "), Some("SAN CARLOS".into()));
/// assert_eq!(chasqui_types::clean("----"), None);
/// ```
pub fn clean(text: &str) -> Option<Box<str>> {
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let mut folded = String::with_capacity(text.len());
    folded.push_str(first);
    for word in words {
        folded.push(' ');
        folded.push_str(word);
    }
    if folded.bytes().all(|b| b == b'-') { None } else { Some(folded.into_boxed_str()) }
}

// === impl Taxpayer ===

impl Taxpayer {
    /// A taxpayer of whom only the number is known.
    pub fn new(ruc: Ruc) -> Self {
        Self {
            ruc,
            nombre_o_razon_social: None,
            estado_del_contribuyente: None,
            condicion_de_domicilio: None,
            ubigeo: None,
            ubigeo_crudo: None,
            tipo_de_via: None,
            nombre_de_via: None,
            codigo_de_zona: None,
            tipo_de_zona: None,
            numero: None,
            interior: None,
            lote: None,
            dpto: None,
            manzana: None,
            kilometro: None,
            distrito: None,
            provincia: None,
            departamento: None,
            direccion_simple: None,
            direccion: None,
            actualizado_en: None,
            padrones: None,
        }
    }

    /// Sets the district code from a source's text, keeping a text that is no code.
    pub fn set_ubigeo(&mut self, text: &str) {
        let text = clean(text);
        self.ubigeo = text.as_deref().and_then(|text| text.parse().ok());
        self.ubigeo_crudo = if self.ubigeo.is_some() { None } else { text };
    }

    /// The moment of [`actualizado_en`](Self::actualizado_en), read as Lima's time.
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.actualizado_en.as_deref().and_then(parse_lima)
    }

    /// Every field of MIGO's but the number, with its name, in MIGO's order.
    pub fn fields(&self) -> [(&'static str, Option<&str>); 20] {
        let ubigeo = self.ubigeo.as_ref().map(Ubigeo::as_str).or(self.ubigeo_crudo.as_deref());
        [
            ("nombre_o_razon_social", self.nombre_o_razon_social.as_deref()),
            ("estado_del_contribuyente", self.estado_del_contribuyente.as_ref().map(Status::as_str)),
            ("condicion_de_domicilio", self.condicion_de_domicilio.as_ref().map(Condition::as_str)),
            ("ubigeo", ubigeo),
            ("tipo_de_via", self.tipo_de_via.as_deref()),
            ("nombre_de_via", self.nombre_de_via.as_deref()),
            ("codigo_de_zona", self.codigo_de_zona.as_deref()),
            ("tipo_de_zona", self.tipo_de_zona.as_deref()),
            ("numero", self.numero.as_deref()),
            ("interior", self.interior.as_deref()),
            ("lote", self.lote.as_deref()),
            ("dpto", self.dpto.as_deref()),
            ("manzana", self.manzana.as_deref()),
            ("kilometro", self.kilometro.as_deref()),
            ("distrito", self.distrito.as_deref()),
            ("provincia", self.provincia.as_deref()),
            ("departamento", self.departamento.as_deref()),
            ("direccion_simple", self.direccion_simple.as_deref()),
            ("direccion", self.direccion.as_deref()),
            ("actualizado_en", self.actualizado_en.as_deref()),
        ]
    }
}

/// Masked: the number's ends and the registration's state, no name and no address.
impl fmt::Debug for Taxpayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taxpayer")
            .field("ruc", &self.ruc)
            .field("estado_del_contribuyente", &self.estado_del_contribuyente)
            .field("condicion_de_domicilio", &self.condicion_de_domicilio)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_folded_and_dashes_are_nothing() {
        assert_eq!(clean("").as_deref(), None);
        assert_eq!(clean(" \u{a0}\t").as_deref(), None);
        assert_eq!(clean(" - ").as_deref(), None);
        assert_eq!(clean("SONIDO Y VISION  SA").as_deref(), Some("SONIDO Y VISION SA"));
        assert_eq!(clean("A-1").as_deref(), Some("A-1"));
    }

    #[test]
    fn a_district_code_that_is_none_is_kept_apart() {
        let mut taxpayer = Taxpayer::new("20131312955".parse().unwrap());
        taxpayer.set_ubigeo("150122");
        assert_eq!(taxpayer.ubigeo.unwrap().as_str(), "150122");
        taxpayer.set_ubigeo("15-01");
        assert_eq!((taxpayer.ubigeo, taxpayer.ubigeo_crudo.as_deref()), (None, Some("15-01")));
        taxpayer.set_ubigeo("-");
        assert_eq!((taxpayer.ubigeo, taxpayer.ubigeo_crudo.as_deref()), (None, None));
    }

    #[test]
    fn debug_output_names_nobody() {
        let mut taxpayer = Taxpayer::new("10101174102".parse().unwrap());
        taxpayer.nombre_o_razon_social = Some("PRUEBA APELLIDO NOMBRE".into());
        let shown = format!("{taxpayer:?}");
        assert!(!shown.contains("PRUEBA") && !shown.contains("10117410"), "{shown}");
    }
}
