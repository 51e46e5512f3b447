//! What the registry says of a number.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chasqui_padron::synth::Synth;
use chasqui_padron::{Column, Ubigeos};
use chasqui_types::{Condition, Ruc, Status};

use crate::{SAMPLE, World};

fn sample() -> World {
    let world = World::new();
    world.import(SAMPLE).unwrap();
    world
}

fn ruc(text: &str) -> Ruc {
    text.parse().unwrap()
}

#[test]
fn a_company_has_all_its_fields_and_an_address_as_migo_writes_it() {
    let ubigeos = Ubigeos::inei();
    let padron = sample().padron();
    let taxpayer = padron.find(ruc("20272209325")).unwrap().unwrap().taxpayer(&ubigeos).unwrap();
    let fields: BTreeMap<_, _> = taxpayer.fields().into_iter().collect();
    for (field, expected) in [
        ("nombre_o_razon_social", Some("PESCA PERU MOLLENDO S.A.")),
        ("estado_del_contribuyente", Some("BAJA DEFINITIVA")),
        ("condicion_de_domicilio", Some("HABIDO")),
        ("ubigeo", Some("150122")),
        ("codigo_de_zona", None),
        ("distrito", Some("MIRAFLORES")),
        ("direccion_simple", Some("AV. JOSE PARDO NRO. 601 INT. 1603")),
        ("direccion", Some("AV. JOSE PARDO NRO. 601 INT. 1603 - LIMA LIMA MIRAFLORES")),
        ("actualizado_en", None),
    ] {
        assert_eq!(fields[field], expected, "{field}");
    }
    let yara = padron.find(ruc("20100193117")).unwrap().unwrap().taxpayer(&ubigeos).unwrap();
    let address = "CAL. MONTERREY NRO. 355 DPTO. 501 URB. CHACARILLA DEL ESTANQUE - LIMA LIMA SANTIAGO DE SURCO";
    assert_eq!(yara.direccion.as_deref(), Some(address));
}

#[test]
fn what_the_source_leaves_blank_is_nothing() {
    let padron = sample().padron();
    let row = padron.find(ruc("20000000001")).unwrap().unwrap();
    assert_eq!((row.bytes(Column::StreetKind), row.clean(Column::StreetKind)), (&b"----"[..], None));
    let taxpayer = row.taxpayer(&Ubigeos::none()).unwrap();
    assert_eq!(taxpayer.nombre_o_razon_social.as_deref(), Some("PRUEBA \\ BARRA INVERTIDA S.A.C."));
    assert_eq!((taxpayer.ubigeo, taxpayer.direccion_simple, taxpayer.direccion), (None, None, None));
    let nameless = padron.find(ruc("20100000050")).unwrap().unwrap();
    assert_eq!(nameless.taxpayer(&Ubigeos::none()).unwrap().nombre_o_razon_social, None);
}

#[test]
fn a_bar_in_a_name_shifts_nothing() {
    let row = sample().padron().find(ruc("20614244730")).unwrap().unwrap();
    let taxpayer = row.taxpayer(&Ubigeos::none()).unwrap();
    assert_eq!(taxpayer.nombre_o_razon_social.as_deref(), Some("EBEN EZER | INGENIERIA S.A.C."));
    assert_eq!(taxpayer.estado_del_contribuyente, Some(Status::from_text("ACTIVO")));
    assert_eq!(taxpayer.condicion_de_domicilio, Some(Condition::from_text("HABIDO")));
    assert_eq!(taxpayer.direccion_simple.as_deref(), Some("CAL. LA PAZ NRO. 200 URB. SANTA PATRICIA"));
}

#[test]
fn letters_of_the_old_encoding_are_read() {
    let row = sample().padron().find(ruc("20100000131")).unwrap().unwrap();
    assert_eq!(row.text(Column::Street), "LOS PIÑONES");
    assert!(row.text(Column::Name).contains("COMPAÑÍA"), "{}", row.text(Column::Name));
}

#[test]
fn a_dni_gives_the_name_alone() {
    let padron = sample().padron();
    let row = padron.find_dni("10117410".parse().unwrap()).unwrap().unwrap();
    assert_eq!(&*row.person().unwrap().nombre, "PRUEBA APELLIDO NOMBRE");
    assert!(padron.find_dni("10117411".parse().unwrap()).unwrap().is_none());
    assert!(padron.find(ruc("20100193117")).unwrap().unwrap().person().is_none(), "a company's number holds no DNI");
}

#[test]
fn nothing_shows_a_name_by_accident() {
    let row = sample().padron().find(ruc("10101174102")).unwrap().unwrap();
    let shown = format!("{row:?}");
    assert!(!shown.contains("APELLIDO") && !shown.contains("101174"), "{shown}");
}

#[test]
fn membership_is_certain() {
    let synth = Synth::new(5_000, 1);
    let padron = World::with_rows(5_000).padron();
    let members: std::collections::BTreeSet<Ruc> = (0..5_000).map(|row| synth.number(row)).collect();
    let n_found = members.iter().filter(|&&ruc| padron.contains(ruc).unwrap()).count();
    assert!(n_found >= 4_990, "all but the odd ones: {n_found}");
    for body in (0..100_000_000).step_by(9_973) {
        for prefix in [10, 15, 16, 17, 20] {
            let ruc = Ruc::from_body(prefix, body).unwrap();
            assert_eq!(padron.contains(ruc).unwrap(), padron.find(ruc).unwrap().is_some());
            assert!(members.contains(&ruc) || !padron.contains(ruc).unwrap());
        }
    }
}

#[test]
fn many_numbers_get_the_answers_that_each_would_alone() {
    let synth = Synth::new(5_000, 1);
    let padron = World::with_rows(5_000).padron();
    let mut rucs: Vec<Ruc> = (0..5_000).rev().step_by(3).map(|row| synth.number(row)).collect();
    rucs.push(ruc("20131312955"));
    rucs.extend_from_within(..10);
    for n_threads in [0, 1, 2, 3, 64] {
        let answers = Mutex::new(BTreeMap::new());
        padron
            .find_many(&rucs, n_threads, |place, row| {
                let before = answers.lock().unwrap().insert(place, row.map(|row| row.raw().to_vec()));
                assert!(before.is_none(), "answered once");
            })
            .unwrap();
        let answers = answers.into_inner().unwrap();
        assert_eq!(answers.len(), rucs.len());
        for (place, answer) in answers {
            assert_eq!(answer, padron.find(rucs[place]).unwrap().map(|row| row.raw().to_vec()));
        }
    }
    padron.find_many(&[], 2, |_, _| panic!("nothing was asked")).unwrap();
}

/// Any thread may ask.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<chasqui_padron::Padron>();
};
