//! Payment documents, under every name that their members may have.

use chasqui_migo::{Verdict, read_cpe, write_cpe};
use chasqui_types::{Condition, CpeState, CpeVerdict, Status};
use proptest::prelude::*;

use crate::{reply, shown};

/// State, issuer's state, domicile and remarks in one line.
fn line(body: &str) -> String {
    match read_cpe(&reply(200, body.as_bytes())) {
        Verdict::Found(CpeVerdict { document, status, condition, observaciones }) => format!(
            "{}|{}|{}|{}",
            document.as_ref().map_or("", CpeState::words),
            status.as_ref().map_or("", Status::as_str),
            condition.as_ref().map_or("", Condition::as_str),
            observaciones.join(";")
        ),
        other => shown(&other),
    }
}

#[test]
fn members_are_read_under_every_name_and_nested() {
    let expected = "ACEPTADO|ACTIVO|HABIDO|UNO";
    for body in [
        r#"{"success":true,"estado_comprobante":"1","estado_contribuyente":"00","condicion_domicilio":"00",
            "observaciones":"UNO"}"#,
        r#"{"estado_comprobante":1,"estado_ruc":"00","condicion_de_domicilio":"00","observaciones":["UNO",""]}"#,
        r#"{"success":true,"data":{"estadoCp":"1","estadoRuc":"00","condDomiRuc":"00","observaciones":["UNO"]}}"#,
        r#"{"success":true,"message":"Operation Success! ",
            "data":{"estadoCp":1,"estadoRuc":0,"condDomiRuc":0,"observaciones":["UNO",7]}}"#,
        r#"{"estado_comprobante":"1","estado_contribuyente":"ACTIVO","condicion_domicilio":"HABIDO",
            "observaciones":" UNO "}"#,
    ] {
        assert_eq!(line(body), expected, "{body}");
    }
}

#[test]
fn a_blank_is_nothing_and_an_unknown_code_is_kept() {
    assert_eq!(line(r#"{"success":true,"estado_comprobante":""}"#), "|||");
    assert_eq!(line(r#"{"estado_comprobante":null,"estado_contribuyente":"-","observaciones":null}"#), "|||");
    assert_eq!(line(r#"{"estado_comprobante":"0"}"#), "NO EXISTE|||");
    assert_eq!(line(r#"{"estado_comprobante":"9","estado_contribuyente":"77"}"#), "9|77||");
    // What is said of the issuer never costs what is said of the document.
    assert_eq!(
        line(r#"{"estado_comprobante":"2","estado_contribuyente":{},"condicion_domicilio":"12"}"#),
        "ANULADO||NO HABIDO|"
    );
}

#[test]
fn a_document_is_never_an_absence() {
    for (status, body, expected) in [
        (200, "{}", "Malformed: the body does not say the document's state"),
        (200, r#"{"success":true,"data":{}}"#, "Malformed: the body does not say the document's state"),
        (200, r#"{"estado_comprobante":[]}"#, "Malformed: the document's state is no code"),
        (200, "[]", "Malformed: the body is not an object"),
        (200, r#"{"success":false,"message":"El comprobante no existe"}"#, "Rejected 404(El comprobante no existe)"),
        (404, r#"{"success":false,"message":"El comprobante no existe"}"#, "Rejected 404(El comprobante no existe)"),
        (200, r#"{"message":"Unauthenticated."}"#, "TokenRefused"),
        (422, r#"{"message":"mal"}"#, "Rejected 422(mal)"),
    ] {
        assert_eq!(shown(&read_cpe(&reply(status, body.as_bytes()))), expected, "{status} {body}");
    }
}

#[test]
fn a_verdict_is_written_in_codes() {
    let verdict = CpeVerdict {
        document: Some(CpeState::Accepted),
        status: Status::from_code("11"),
        condition: Condition::from_code("12"),
        observaciones: vec!["UNO".into(), "\"DOS\"".into()],
    };
    let expected = concat!(
        r#"{"success":true,"estado_comprobante":"1","estado_contribuyente":"11","condicion_domicilio":"12","#,
        r#""observaciones":["UNO","\"DOS\""]}"#
    );
    assert_eq!(String::from_utf8(write_cpe(&verdict)).unwrap(), expected);
    let blank = CpeVerdict { document: None, status: None, condition: None, observaciones: vec![] };
    let expected = concat!(
        r#"{"success":true,"estado_comprobante":"","estado_contribuyente":"","condicion_domicilio":"","#,
        r#""observaciones":[]}"#
    );
    assert_eq!(String::from_utf8(write_cpe(&blank)).unwrap(), expected);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        state in prop::option::of("[0-9]{1,2}"),
        status in prop::option::of(prop::sample::select(vec!["00", "01", "02", "03", "10", "11", "22"])),
        condition in prop::option::of(prop::sample::select(vec!["00", "09", "11", "12", "20"])),
        remarks in prop::collection::vec("[A-Z\"]{1,9}", 0..3),
    ) {
        let verdict = CpeVerdict {
            document: state.as_deref().map(CpeState::from_code),
            status: status.and_then(Status::from_code),
            condition: condition.and_then(Condition::from_code),
            observaciones: remarks.into_iter().map(Into::into).collect(),
        };
        prop_assert_eq!(read_cpe(&reply(200, &write_cpe(&verdict))), Verdict::Found(verdict));
    }
}
