//! People, representatives and the account: what replies say, and the bodies that say it.

use chasqui_migo::{
    Failure, Verdict, read_account, read_person, read_representatives, write_account, write_person,
    write_representatives,
};
use chasqui_types::{Account, Dni, Person, Representative, Ruc, clean};
use proptest::prelude::*;

use crate::{ASKED, dni, reply, ruc, shown};

const DNI: &str = "00117410";

fn person(status: u16, body: &str) -> Verdict<Person> {
    read_person(&reply(status, body.as_bytes()), dni(DNI))
}

#[test]
fn a_person_is_found_under_the_number_asked_alone() {
    for body in [
        r#"{"success":true,"dni":"00117410","nombre":"PEREZ  SOTO ANA "}"#,
        r#"{"dni":117410,"nombre":"PEREZ SOTO ANA"}"#,
        r#"{"success":null,"dni":" 00117410 ","nombre":"PEREZ SOTO ANA","extra":[1]}"#,
    ] {
        let expected = Person { dni: dni(DNI), nombre: "PEREZ SOTO ANA".into() };
        assert_eq!(person(200, body), Verdict::Found(expected), "{body}");
    }
    for (body, why) in [
        (r#"{"success":true,"dni":"10117410","nombre":"X"}"#, "the record is another number's"),
        (r#"{"success":true,"dni":"117410","nombre":"X"}"#, "the record does not say whose it is"),
        (r#"{"success":true,"nombre":"X"}"#, "the record does not say whose it is"),
        (r#"{"success":true,"dni":"00117410"}"#, "the record has no name"),
        (r#"{"success":true,"dni":"00117410","nombre":" - "}"#, "the record has no name"),
        (r#"{"success":true,"dni":"00117410","nombre":["X"]}"#, "the record has no name"),
        (r#"{"success":"si","dni":"00117410","nombre":"X"}"#, "success is not a boolean"),
        (r#"[{"dni":"00117410","nombre":"X"}]"#, "the body is not an object"),
    ] {
        assert_eq!(person(200, body), Verdict::Malformed { why }, "{body}");
    }
}

#[test]
fn an_unknown_person_is_told_by_404_and_by_200_and_nothing_else_is_one() {
    for (status, body, expected) in [
        (404, r#"{"success":false,"message":"DNI no encontrado"}"#, "NotFound(DNI no encontrado)"),
        (200, r#"{"success":false,"message":"No existe"}"#, "NotFound(No existe)"),
        (404, r#"{"success":false,"message":"Recurso no encontrado"}"#, "Failed 404"),
        (404, "<html></html>", "Failed 404"),
        (503, r#"{"success":false,"message":"DNI no encontrado"}"#, "Failed 503"),
        (200, r#"{"message":"Unauthenticated."}"#, "TokenRefused"),
        (401, "", "TokenRefused"),
        (403, r#"{"success":false,"message":"Plan vencido"}"#, "Denied(Plan vencido)"),
    ] {
        assert_eq!(shown(&person(status, body)), expected, "{status} {body}");
    }
    let (status, body) = Failure::not_found(Failure::DNI_NOT_FOUND).into_parts();
    assert_eq!(shown(&read_person(&reply(status, &body), dni(DNI))), "NotFound(DNI no encontrado)");
}

#[test]
fn a_person_is_three_members() {
    let body = write_person(&Person { dni: dni(DNI), nombre: "PEÑA \"SOTO\" ANA".into() });
    let expected = r#"{"success":true,"dni":"00117410","nombre":"PEÑA \"SOTO\" ANA"}"#;
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

fn list(status: u16, body: &str) -> Verdict<Vec<Representative>> {
    read_representatives(&reply(status, body.as_bytes()), ruc(ASKED))
}

fn representative(dni: Option<&str>, nombre: Option<&str>) -> Representative {
    let text = |text: Option<&str>| text.map(Into::into);
    Representative {
        documento: Some("DNI".into()),
        dni: text(dni),
        nombre: text(nombre),
        cargo: Some("GERENTE GENERAL".into()),
        fecha: Some("2015-03-01".into()),
        ruc: ruc(ASKED),
    }
}

#[test]
fn representatives_are_read_wrapped_and_bare_whole_and_in_part() {
    let whole = r#"{"documento":"DNI","dni":"00117410","nombre":"PEREZ SOTO ANA","cargo":"GERENTE GENERAL",
        "fecha":"2015-03-01","ruc":"20131312955"}"#;
    let number = r#"{"documento":"DNI","dni":117410,"nombre":null,"cargo":"GERENTE  GENERAL","fecha":"2015-03-01"}"#;
    let blank = r#"{"documento":"-","dni":"","nombre":null,"cargo":{},"ruc":"20131312955"}"#;
    let expected =
        vec![representative(Some("00117410"), Some("PEREZ SOTO ANA")), representative(Some("00117410"), None)];
    for body in [
        format!(r#"{{"success":true,"data":[{whole},{number},{blank}]}}"#),
        format!(r#"{{"data":[{whole},{number}]}}"#),
        format!("[{whole},{number}]"),
    ] {
        assert_eq!(list(200, &body), Verdict::Found(expected.clone()), "{body}");
    }
    assert_eq!(list(200, r#"{"success":true,"data":[]}"#), Verdict::Found(vec![]));
}

#[test]
fn a_list_that_is_none_is_not_taken_for_an_empty_one() {
    for body in [
        "{}",
        "null",
        r#"{"success":true}"#,
        r#"{"success":true,"data":{}}"#,
        r#"{"success":false,"data":[]}"#,
        r#"{"data":[7]}"#,
        r#"{"data":[{}]}"#,
        r#"{"data":[{"nombre":"X","ruc":"20100047218"}]}"#,
    ] {
        let verdict = list(200, body);
        assert!(matches!(verdict, Verdict::Malformed { .. }), "{body} {verdict:?}");
    }
    let (status, body) = Failure::not_found(Failure::REPRESENTATIVES_NOT_FOUND).into_parts();
    assert_eq!(
        shown(&read_representatives(&reply(status, &body), ruc(ASKED))),
        "NotFound(Representantes legales no encontrados)"
    );
}

#[test]
fn representatives_are_six_members_under_data() {
    let body = write_representatives(&[representative(None, Some("X")), representative(Some("1"), None)]);
    let expected = concat!(
        r#"{"success":true,"data":["#,
        r#"{"documento":"DNI","dni":"-","nombre":"X","cargo":"GERENTE GENERAL","#,
        r#""fecha":"2015-03-01","ruc":"20131312955"},"#,
        r#"{"documento":"DNI","dni":"1","nombre":"-","cargo":"GERENTE GENERAL","#,
        r#""fecha":"2015-03-01","ruc":"20131312955"}]}"#,
    );
    assert_eq!(String::from_utf8(body).unwrap(), expected);
    assert_eq!(write_representatives([]), br#"{"success":true,"data":[]}"#);
}

fn account(body: &str) -> Verdict<Account> {
    read_account(&reply(200, body.as_bytes()))
}

#[test]
fn the_queries_left_are_a_number_or_a_text() {
    for (consultas, expected) in [
        ("39999", Some(39_999)),
        ("\"39999\"", Some(39_999)),
        ("\" 39,999 \"", Some(39_999)),
        ("0", Some(0)),
        ("-3", Some(-3)),
        ("null", None),
        ("\"sin límite\"", None),
        ("12.5", None),
        ("[]", None),
    ] {
        let body = format!(r#"{{"success":true,"nombre":"EMPRESA","email":" ","consultas":{consultas}}}"#);
        let expected = Account { nombre: Some("EMPRESA".into()), email: None, consultas: expected };
        assert_eq!(account(&body), Verdict::Found(expected), "{body}");
    }
}

#[test]
fn an_account_is_never_unknown() {
    for (status, body, expected) in [
        (200, r#"{"success":true}"#, "Malformed: the body describes no account"),
        (200, r#"{"message":"Unauthenticated."}"#, "TokenRefused"),
        (200, r#"{"success":false,"message":"Cuenta no encontrada"}"#, "Rejected 404(Cuenta no encontrada)"),
        (404, r#"{"success":false,"message":"Cuenta no encontrada"}"#, "Rejected 404(Cuenta no encontrada)"),
        (404, r#"{"success":false,"message":"Unauthenticated."}"#, "TokenRefused"),
    ] {
        assert_eq!(shown(&read_account(&reply(status, body.as_bytes()))), expected, "{status} {body}");
    }
}

#[test]
fn an_account_is_four_members() {
    let mut account = Account { nombre: Some("X".into()), email: None, consultas: Some(7) };
    assert_eq!(write_account(&account), br#"{"success":true,"nombre":"X","email":"-","consultas":7}"#);
    account.consultas = None;
    assert_eq!(write_account(&account), br#"{"success":true,"nombre":"X","email":"-","consultas":null}"#);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(number in 0u32..100_000_000, name in "[A-ZÑ\"\\\\ ]{0,20}X", n in any::<i64>()) {
        let dni: Dni = format!("{number:08}").parse().unwrap();
        let person = Person { dni, nombre: clean(&name).unwrap() };
        prop_assert_eq!(read_person(&reply(200, &write_person(&person)), dni), Verdict::Found(person));

        let ruc = Ruc::from_body(20, number).unwrap();
        let one = Representative { nombre: clean(&name), ruc, ..representative(Some(dni.as_str()), None) };
        let list = vec![one.clone(), one];
        prop_assert_eq!(read_representatives(&reply(200, &write_representatives(&list)), ruc), Verdict::Found(list));

        let account = Account { nombre: clean(&name), email: None, consultas: Some(n) };
        prop_assert_eq!(read_account(&reply(200, &write_account(&account))), Verdict::Found(account));
    }
}
