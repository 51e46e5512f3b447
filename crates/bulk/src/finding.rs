//! What became of a number, as far as the result columns tell.
//!
//! Free of the moment of asking, so that a run that was interrupted writes the same file as one that was not.
//! Left out: the words of the columns, which depend on the language.

use std::borrow::Cow;
use std::fmt;

use chasqui_types::time::{Date, Timestamp, to_lima};
use chasqui_types::{Billing, Lookup, Person, Provenance, SourceId, Taxpayer};

/// What became of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It exists.
    Found(Box<Facts>),
    /// A source says that there is no such record.
    Absent(Origin),
    /// It could not be found out; a stable code says why.
    Unknown(Cow<'static, str>),
}

/// What the result columns say of whom a number belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    /// Name or business name.
    pub nombre_o_razon_social: Option<Box<str>>,
    /// State of the registration.
    pub estado_del_contribuyente: Option<Box<str>>,
    /// Condition of the fiscal domicile.
    pub condicion_de_domicilio: Option<Box<str>>,
    /// District code.
    pub ubigeo: Option<Box<str>>,
    /// Department (region) name.
    pub departamento: Option<Box<str>>,
    /// Province name.
    pub provincia: Option<Box<str>>,
    /// District name.
    pub distrito: Option<Box<str>>,
    /// Street address with district, province and department.
    pub direccion: Option<Box<str>>,
    /// Whether it may be invoiced; `None` for a person, who has no registration that could tell.
    pub billing: Option<Billing>,
    /// Who said so.
    pub origin: Origin,
}

/// Who said something, and of which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub source: SourceId,
    /// The day (Lima) that the data describe, where the source tells one.
    pub as_of: Option<Date>,
}

// === impl Facts ===

impl Facts {
    /// What the columns say of a taxpayer.
    pub fn of_taxpayer(taxpayer: &Taxpayer, origin: Origin) -> Self {
        let text = |text: &Option<Box<str>>| text.clone();
        // Judged on the day of the data: whether they are old by now depends on when one looks.
        let day = taxpayer.updated_at().unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            nombre_o_razon_social: text(&taxpayer.nombre_o_razon_social),
            estado_del_contribuyente: taxpayer.estado_del_contribuyente.as_ref().map(|status| status.as_str().into()),
            condicion_de_domicilio: taxpayer.condicion_de_domicilio.as_ref().map(|word| word.as_str().into()),
            ubigeo: taxpayer.ubigeo.as_ref().map(|code| code.as_str().into()).or(text(&taxpayer.ubigeo_crudo)),
            departamento: text(&taxpayer.departamento),
            provincia: text(&taxpayer.provincia),
            distrito: text(&taxpayer.distrito),
            direccion: text(&taxpayer.direccion).or(text(&taxpayer.direccion_simple)),
            billing: Some(Billing::of(&Lookup::Found(taxpayer), day)),
            origin,
        }
    }

    /// What the columns say of a person.
    pub fn of_person(person: &Person, origin: Origin) -> Self {
        Self {
            nombre_o_razon_social: Some(person.nombre.clone()),
            estado_del_contribuyente: None,
            condicion_de_domicilio: None,
            ubigeo: None,
            departamento: None,
            provincia: None,
            distrito: None,
            direccion: None,
            billing: None,
            origin,
        }
    }
}

/// Masked: where it comes from, no name and no address.
impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("origin", &self.origin).finish_non_exhaustive()
    }
}

// === impl Origin ===

impl From<&Provenance> for Origin {
    fn from(provenance: &Provenance) -> Self {
        let as_of = provenance.stated_as_of().map(|moment| to_lima(moment).date());
        Self { source: provenance.source.clone(), as_of }
    }
}
