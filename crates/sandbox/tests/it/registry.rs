//! The made-up taxpayers: the same for ever, in the promised shares, and like nobody.

use chasqui_sandbox::taxpayer;
use chasqui_types::{ConditionKind, Ruc, RucPrefix, StatusKind};

use crate::{ABSENT, FOUND};

#[test]
fn one_number_is_always_found_and_one_never() {
    let found = taxpayer(FOUND.parse().unwrap()).unwrap();
    assert_eq!(found.nombre_o_razon_social.as_deref(), Some("SANDBOX SUPERINTENDENCIA DE PRUEBA"));
    assert!(found.estado_del_contribuyente.unwrap().is_active());
    assert!(found.condicion_de_domicilio.unwrap().is_located());
    assert_eq!(found.ubigeo.unwrap().as_str(), "150101");
    assert_eq!(taxpayer(ABSENT.parse().unwrap()), None);
}

#[test]
fn answers_never_change_between_processes() {
    // Written down once: if this fails, every cached sandbox answer and every snapshot elsewhere changes too.
    let line = |number: &str| {
        let Some(taxpayer) = taxpayer(number.parse().unwrap()) else { return format!("{number} nobody") };
        let fields: Vec<&str> = taxpayer.fields().into_iter().filter_map(|(_, text)| text).collect();
        format!("{number} {}", fields.join("|"))
    };
    let lines: Vec<String> = ["20131312955", "20100047218", "20100017491", "10101174102"].map(line).to_vec();
    assert_eq!(lines, EXPECTED);
}

const EXPECTED: [&str; 4] = [
    concat!(
        "20131312955 SANDBOX SUPERINTENDENCIA DE PRUEBA|ACTIVO|HABIDO|150101|CAL.|SEÑAL DE PRUEBA|1814|230|LIMA|LIMA|",
        "LIMA|CAL. SEÑAL DE PRUEBA NRO. 1814 DPTO. 230|CAL. SEÑAL DE PRUEBA NRO. 1814 DPTO. 230 - LIMA LIMA LIMA|",
        "2026-01-01 01:05:57"
    ),
    concat!(
        "20100047218 SANDBOX INVERSIONES TARUKA SOCIEDAD ANONIMA CERRADA|ACTIVO|HABIDO|150130|CAL.|SEÑAL DE PRUEBA|",
        "COO.|LA MAQUETA|2071|SAN BORJA|LIMA|LIMA|CAL. SEÑAL DE PRUEBA NRO. 2071 COO. LA MAQUETA|",
        "CAL. SEÑAL DE PRUEBA NRO. 2071 COO. LA MAQUETA - LIMA LIMA SAN BORJA|2026-01-25 04:13:44"
    ),
    "20100017491 nobody",
    "10101174102 SANDBOX MODELO NORTE OESTE|ACTIVO|HABIDO|2026-01-03 04:57:44",
];

#[test]
fn shares_are_as_promised_over_a_hundred_thousand_numbers() {
    let all: Vec<_> = (0..100_000).map(|body| taxpayer(Ruc::from_body(20, body * 997).unwrap())).collect();
    let found: Vec<_> = all.iter().flatten().collect();
    let status = |kind| found.iter().filter(|t| t.estado_del_contribuyente.as_ref().unwrap().kind() == kind).count();
    let condition = |kind| found.iter().filter(|t| t.condicion_de_domicilio.as_ref().unwrap().kind() == kind).count();
    near(all.len() - found.len(), all.len(), 10.0);
    near(status(StatusKind::Suspended), found.len(), 8.0);
    near(status(StatusKind::ClosedExOfficio), found.len(), 8.0);
    near(status(StatusKind::Active), found.len(), 81.0);
    near(condition(ConditionKind::NotLocated), found.len(), 8.0);
    near(condition(ConditionKind::NotFound), found.len(), 4.0);
    near(condition(ConditionKind::Located), found.len(), 86.0);
    assert_eq!(status(StatusKind::Unrecognised) + condition(ConditionKind::Unrecognised), 0);
}

#[track_caller]
fn near(part: usize, whole: usize, percent: f64) {
    let is = f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap()) * 100.0;
    assert!((is - percent).abs() < 0.5, "{is} % instead of {percent} %");
}

#[test]
fn everybody_says_sandbox_and_only_companies_have_an_address() {
    for prefix in [10, 15, 16, 17, 20] {
        for body in 0..2000 {
            let Some(taxpayer) = taxpayer(Ruc::from_body(prefix, body).unwrap()) else { continue };
            assert!(taxpayer.nombre_o_razon_social.as_deref().unwrap().starts_with("SANDBOX "));
            assert!(taxpayer.updated_at().is_some());
            let n_address_parts = taxpayer.fields()[3..19].iter().filter(|(_, text)| text.is_some()).count();
            if taxpayer.ruc.prefix() != RucPrefix::Entity {
                assert_eq!(n_address_parts, 0);
                continue;
            }
            let text = |part: &Option<Box<str>>| part.as_deref().unwrap().to_owned();
            let whole = format!(
                "{} - {} {} {}",
                text(&taxpayer.direccion_simple),
                text(&taxpayer.departamento),
                text(&taxpayer.provincia),
                text(&taxpayer.distrito)
            );
            assert_eq!(taxpayer.direccion.as_deref(), Some(whole.as_str()));
            assert!(taxpayer.ubigeo.is_some());
        }
    }
}
