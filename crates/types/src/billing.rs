//! Whether a taxpayer may be invoiced.
//!
//! The rules of the app that Chasqui replaces: active and at a confirmed address, with warnings that do not forbid.
//! Left out: what happens when it could not be found out; that is no verdict, and whoever asks must say so.

use crate::time::{Timestamp, to_lima};
use crate::{Lookup, Taxpayer};

/// A verdict on invoicing a taxpayer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billing {
    /// Why it may not be invoiced; empty if it may.
    pub obstacles: Vec<BillingObstacle>,
    /// What a person should look at; forbids nothing.
    pub warnings: Vec<BillingWarning>,
}

/// Why a taxpayer may not be invoiced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BillingObstacle {
    /// There is no such taxpayer.
    Absent,
    /// Its registration is not ACTIVO.
    NotActive,
    /// Its domicile is not HABIDO.
    NotLocated,
}

/// What a person should look at before invoicing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BillingWarning {
    /// The name has fewer than 3 characters.
    ShortName,
    /// The address has fewer than 10 characters.
    ShortAddress,
    /// The source updated the record more than 365 days ago.
    OldData,
}

// === impl Billing ===

impl Billing {
    const SHORTEST_NAME: usize = 3;
    const SHORTEST_ADDRESS: usize = 10;
    const OLDEST_DATA_DAYS: i32 = 365;

    /// Judges what is known of a taxpayer at `now`.
    pub fn of(lookup: &Lookup<&Taxpayer>, now: Timestamp) -> Self {
        let Lookup::Found(taxpayer) = lookup else {
            return Self { obstacles: vec![BillingObstacle::Absent], warnings: Vec::new() };
        };
        let mut obstacles = Vec::new();
        if !taxpayer.estado_del_contribuyente.as_ref().is_some_and(crate::Status::is_active) {
            obstacles.push(BillingObstacle::NotActive);
        }
        if !taxpayer.condicion_de_domicilio.as_ref().is_some_and(crate::Condition::is_located) {
            obstacles.push(BillingObstacle::NotLocated);
        }
        let length = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
        let mut warnings = Vec::new();
        if length(taxpayer.nombre_o_razon_social.as_deref()) < Self::SHORTEST_NAME {
            warnings.push(BillingWarning::ShortName);
        }
        let address = taxpayer.direccion.as_deref().or(taxpayer.direccion_simple.as_deref());
        if length(address) < Self::SHORTEST_ADDRESS {
            warnings.push(BillingWarning::ShortAddress);
        }
        if taxpayer.updated_at().is_some_and(|updated| is_old(updated, now)) {
            warnings.push(BillingWarning::OldData);
        }
        Self { obstacles, warnings }
    }

    /// Whether it may be invoiced.
    pub fn is_valid(&self) -> bool {
        self.obstacles.is_empty()
    }
}

fn is_old(updated: Timestamp, now: Timestamp) -> bool {
    to_lima(updated).date().until(to_lima(now).date()).is_ok_and(|span| span.get_days() > Billing::OLDEST_DATA_DAYS)
}

// === impl BillingObstacle ===

impl BillingObstacle {
    /// A stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NotActive => "not_active",
            Self::NotLocated => "not_located",
        }
    }

    /// In Spanish, for the person who invoices.
    pub fn words(self) -> &'static str {
        match self {
            Self::Absent => "El RUC no existe",
            Self::NotActive => "El contribuyente no está ACTIVO",
            Self::NotLocated => "El domicilio no está HABIDO",
        }
    }
}

// === impl BillingWarning ===

impl BillingWarning {
    /// A stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShortName => "short_name",
            Self::ShortAddress => "short_address",
            Self::OldData => "old_data",
        }
    }

    /// In Spanish, for the person who invoices.
    pub fn words(self) -> &'static str {
        match self {
            Self::ShortName => "El nombre tiene menos de 3 caracteres",
            Self::ShortAddress => "La dirección tiene menos de 10 caracteres",
            Self::OldData => "Los datos tienen más de 365 días",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Condition, Status};

    fn taxpayer() -> Taxpayer {
        let mut taxpayer = Taxpayer::new("20131312955".parse().unwrap());
        taxpayer.nombre_o_razon_social = Some("EMPRESA DE PRUEBA S.A.C.".into());
        taxpayer.estado_del_contribuyente = Some(Status::from_text("ACTIVO"));
        taxpayer.condicion_de_domicilio = Some(Condition::from_text("HABIDO"));
        taxpayer.direccion = Some("AV. LIMA NRO. 10".into());
        taxpayer.actualizado_en = Some("2026-11-20 03:00:00".into());
        taxpayer
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Taxpayer), obstacles: &[BillingObstacle], warnings: &[BillingWarning]) {
        let mut taxpayer = taxpayer();
        change(&mut taxpayer);
        let billing = Billing::of(&Lookup::Found(&taxpayer), "2026-11-21T12:00:00Z".parse().unwrap());
        assert_eq!((&billing.obstacles[..], &billing.warnings[..]), (obstacles, warnings));
        assert_eq!(billing.is_valid(), obstacles.is_empty());
    }

    #[test]
    fn only_active_and_located_taxpayers_may_be_invoiced() {
        check(|_| {}, &[], &[]);
        check(
            |t| t.estado_del_contribuyente = Some(Status::from_text("BAJA DE OFICIO")),
            &[BillingObstacle::NotActive],
            &[],
        );
        check(
            |t| t.condicion_de_domicilio = Some(Condition::from_text("NO HABIDO")),
            &[BillingObstacle::NotLocated],
            &[],
        );
        check(
            |t| (t.estado_del_contribuyente, t.condicion_de_domicilio) = (None, None),
            &[BillingObstacle::NotActive, BillingObstacle::NotLocated],
            &[],
        );
    }

    #[test]
    fn warnings_forbid_nothing() {
        check(|t| t.nombre_o_razon_social = Some("ÑÑ".into()), &[], &[BillingWarning::ShortName]);
        check(|t| t.direccion = None, &[], &[BillingWarning::ShortAddress]);
        check(|t| t.actualizado_en = Some("2025-11-20 23:00:00".into()), &[], &[BillingWarning::OldData]);
        check(|t| t.actualizado_en = Some("2025-11-21 00:00:00".into()), &[], &[]);
    }

    #[test]
    fn nobody_cannot_be_invoiced() {
        let absence = crate::Absence { reason: crate::AbsenceReason::NotFound, as_of: Timestamp::UNIX_EPOCH };
        let billing = Billing::of(&Lookup::Absent(absence), Timestamp::UNIX_EPOCH);
        assert_eq!(billing.obstacles, [BillingObstacle::Absent]);
    }
}
