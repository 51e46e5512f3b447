//! The bodies, byte for byte, and what they read back as.

use chasqui_migo::{Failure, Verdict, read_taxpayer, read_taxpayers, write_taxpayer, write_taxpayers};
use chasqui_types::{Condition, Ruc, Status, Taxpayer, clean};
use proptest::prelude::*;

use crate::{reply, ruc};

#[test]
fn a_taxpayer_is_22_members_in_migos_order_with_dashes_for_blanks() {
    let mut taxpayer = Taxpayer::new(ruc("20131312955"));
    taxpayer.nombre_o_razon_social = Some("PRUEBA \"Ñ\" S.A.C.".into());
    taxpayer.estado_del_contribuyente = Some(Status::from_text("ACTIVO"));
    taxpayer.condicion_de_domicilio = Some(Condition::from_text("HABIDO"));
    taxpayer.set_ubigeo("150101");
    taxpayer.direccion_simple = Some("AV. UNO NRO. 1".into());
    let expected = concat!(
        r#"{"success":true,"ruc":"20131312955","nombre_o_razon_social":"PRUEBA \"Ñ\" S.A.C.","#,
        r#""estado_del_contribuyente":"ACTIVO","condicion_de_domicilio":"HABIDO","ubigeo":"150101","#,
        r#""tipo_de_via":"-","nombre_de_via":"-","codigo_de_zona":"-","tipo_de_zona":"-","numero":"-","#,
        r#""interior":"-","lote":"-","dpto":"-","manzana":"-","kilometro":"-","distrito":"-","provincia":"-","#,
        r#""departamento":"-","direccion_simple":"AV. UNO NRO. 1","direccion":"-","actualizado_en":"-"}"#,
    );
    assert_eq!(String::from_utf8(write_taxpayer(&taxpayer)).unwrap(), expected);
    let both = String::from_utf8(write_taxpayers([&taxpayer, &taxpayer])).unwrap();
    assert_eq!(both, format!("[{expected},{expected}]"));
    assert_eq!(write_taxpayers([]), b"[]");
}

#[test]
fn failures_are_worded_as_migo_words_them() {
    check(Failure::not_found("RUC no encontrado"), r#"404 {"success":false,"message":"RUC no encontrado"}"#);
    check(Failure::unauthenticated(), r#"401 {"message":"Unauthenticated."}"#);
    check(Failure::denied("Plan vencido"), r#"403 {"success":false,"message":"Plan vencido"}"#);
    check(Failure::invalid("ruc", "mal"), r#"422 {"success":false,"message":"mal","errors":{"ruc":["mal"]}}"#);
    check(Failure::unavailable("luego"), r#"503 {"success":false,"message":"luego"}"#);
    check(Failure::path_not_found(), r#"404 {"success":false,"message":"Recurso no encontrado"}"#);
    check(Failure::throttled(), r#"429 {"message":"Too Many Attempts."}"#);
    check(Failure::server_error(), r#"500 {"message":"Server Error"}"#);
}

#[track_caller]
fn check(failure: Failure, expected: &str) {
    let (status, body) = failure.into_parts();
    assert_eq!(format!("{status} {}", String::from_utf8(body).unwrap()), expected);
}

fn taxpayer() -> impl Strategy<Value = Taxpayer> {
    let number = (prop::sample::select(vec![10u8, 15, 16, 17, 20]), 0u32..100_000_000);
    let text = prop_oneof![1 => Just(None), 2 => ".{0,20}".prop_map(|text: String| clean(&text))];
    (number, prop::collection::vec(text, 20), "[0-9]{6}|[0-9-]{0,7}").prop_map(|((prefix, body), texts, ubigeo)| {
        let mut taxpayer = Taxpayer::new(Ruc::from_body(prefix, body).unwrap());
        taxpayer.set_ubigeo(&ubigeo);
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        taxpayer.nombre_o_razon_social = next();
        taxpayer.estado_del_contribuyente = next().as_deref().map(Status::from_text);
        taxpayer.condicion_de_domicilio = next().as_deref().map(Condition::from_text);
        for slot in [
            &mut taxpayer.tipo_de_via,
            &mut taxpayer.nombre_de_via,
            &mut taxpayer.codigo_de_zona,
            &mut taxpayer.tipo_de_zona,
            &mut taxpayer.numero,
            &mut taxpayer.interior,
            &mut taxpayer.lote,
            &mut taxpayer.dpto,
            &mut taxpayer.manzana,
            &mut taxpayer.kilometro,
            &mut taxpayer.distrito,
            &mut taxpayer.provincia,
            &mut taxpayer.departamento,
            &mut taxpayer.direccion_simple,
            &mut taxpayer.direccion,
            &mut taxpayer.actualizado_en,
        ] {
            *slot = next();
        }
        taxpayer
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(taxpayer in taxpayer()) {
        let body = write_taxpayer(&taxpayer);
        prop_assert_eq!(read_taxpayer(&reply(200, &body), taxpayer.ruc), Verdict::Found(taxpayer));
    }

    #[test]
    fn a_written_collection_reads_back(mut taxpayers in prop::collection::vec(taxpayer(), 0..8)) {
        taxpayers.sort_by_key(|taxpayer| taxpayer.ruc);
        taxpayers.dedup_by_key(|taxpayer| taxpayer.ruc);
        let asked: Vec<Ruc> = taxpayers.iter().map(|taxpayer| taxpayer.ruc).collect();
        let body = write_taxpayers(&taxpayers);
        let Verdict::Found(collection) = read_taxpayers(&reply(200, &body), &asked) else {
            panic!("a written collection is readable");
        };
        prop_assert_eq!(collection.found, taxpayers);
        prop_assert!(collection.unreadable.is_empty() && collection.not_found.is_empty());
    }
}
