//! People and representatives: made up, the same for ever, and answered alike in every version.

use std::collections::HashSet;

use chasqui_migo::{write_person, write_representatives};
use chasqui_sandbox::{person, representatives, taxpayer};
use chasqui_types::{Dni, Ruc};
use serde_json::json;

use crate::{FOUND, World, known, send};

/// Always found.
const SOMEBODY: &str = "10117410";
/// Never found.
const NOBODY: &str = "99999999";

fn dni(number: u32) -> Dni {
    format!("{number:08}").parse().unwrap()
}

#[test]
fn one_number_in_ten_is_nobodys_and_every_name_says_sandbox() {
    let people: Vec<_> = (0..20_000).map(|number| person(dni(number * 4_999))).collect();
    let n_absent = people.iter().filter(|person| person.is_none()).count();
    assert!((1_900..=2_100).contains(&n_absent), "{n_absent}");
    assert!(people.iter().flatten().all(|person| person.nombre.starts_with("SANDBOX ")));
    assert!(person(SOMEBODY.parse().unwrap()).is_some() && person(NOBODY.parse().unwrap()).is_none());
}

#[test]
fn a_person_bears_the_name_of_their_own_ruc_and_need_not_have_one() {
    let mut n_without = 0;
    for person in (0..2_000).filter_map(|number| person(dni(number))) {
        match taxpayer(person.dni.ruc()) {
            Some(taxpayer) => assert_eq!(taxpayer.nombre_o_razon_social, Some(person.nombre)),
            None => n_without += 1,
        }
    }
    assert!(n_without > 100, "{n_without}");
}

#[test]
fn answers_never_change_between_processes() {
    // Written down once, for the same reason as those about taxpayers.
    let name = |number: &str| person(number.parse().unwrap()).map_or("nobody".into(), |person| person.nombre);
    let names = [SOMEBODY, "00000001", "12345678", "45678901", NOBODY].map(name);
    assert_eq!(names.each_ref().map(|name| &**name), EXPECTED_NAMES);
    let list = representatives(FOUND.parse().unwrap()).unwrap();
    let first: Vec<&str> = list[0].fields().into_iter().filter_map(|(_, text)| text).collect();
    assert_eq!((list.len(), first.join("|").as_str()), EXPECTED_FIRST);
}

const EXPECTED_NAMES: [&str; 5] =
    ["SANDBOX MODELO NORTE OESTE", "SANDBOX MUESTRA ESTE DELTA", "SANDBOX MUESTRA ALFA OESTE", "nobody", "nobody"];
const EXPECTED_FIRST: (usize, &str) = (3, "DNI|60935356|SANDBOX FICTICIO FICTICIO OESTE|GERENTE GENERAL|2018-05-25");

#[test]
fn most_companies_have_one_to_four_representatives_and_natural_persons_none() {
    let mut lengths = HashSet::new();
    let mut n_without = 0;
    for ruc in known(1_000) {
        let Some(list) = representatives(ruc) else {
            n_without += 1;
            continue;
        };
        lengths.insert(list.len());
        for one in list {
            let holder = person(one.dni.as_deref().unwrap().parse().unwrap()).unwrap();
            assert_eq!((one.ruc, one.nombre), (ruc, Some(holder.nombre)));
        }
    }
    assert!((60..=140).contains(&n_without), "{n_without}");
    assert_eq!(lengths, HashSet::from([1, 2, 3, 4]));
    for prefix in [10, 15, 17] {
        assert!((0..100).all(|body| representatives(Ruc::from_body(prefix, body).unwrap()).is_none()));
    }
}

#[tokio::test]
async fn a_person_is_answered_alike_in_both_versions() {
    let world = World::new().await;
    let body = write_person(&person(SOMEBODY.parse().unwrap()).unwrap());
    let found = format!("200 {}", String::from_utf8(body).unwrap());
    let nobody = r#"404 {"success":false,"message":"DNI no encontrado"}"#.to_owned();
    let invalid = concat!(
        r#"422 {"success":false,"message":"El campo dni debe contener 8 dígitos.","#,
        r#""errors":{"dni":["El campo dni debe contener 8 dígitos."]}}"#
    );
    for (number, expected) in [(SOMEBODY, found), (NOBODY, nobody), ("1011741", invalid.to_owned())] {
        let body = json!({"token": "T", "dni": number});
        assert_eq!(send(world.post("/api/v1/dni", &body)).await, expected);
        let form = world.client.post(world.url("/api/v1/dni/")).form(&[("token", "T"), ("dni", number)]);
        assert_eq!(send(form).await, expected);
        assert_eq!(send(world.get(&format!("/api/v2/dni/{number}"))).await, expected);
    }
    let missing = send(world.post("/api/v1/dni", &json!({"token": "T"}))).await;
    assert!(missing.starts_with("422 ") && missing.contains("obligatorio"), "{missing}");
    let calls = world.sandbox.calls();
    assert_eq!((calls.dni, calls.v2_dni, calls.total()), (7, 3, 10));
}

#[tokio::test]
async fn representatives_come_wrapped_or_not_at_all() {
    let world = World::new().await;
    let ask = |ruc: &str| world.post("/api/v1/ruc/representantes-legales", &json!({"token": "T", "ruc": ruc}));
    let body = write_representatives(&representatives(FOUND.parse().unwrap()).unwrap());
    assert_eq!(send(ask(FOUND)).await, format!("200 {}", String::from_utf8(body).unwrap()));
    let nobody = r#"404 {"success":false,"message":"Representantes legales no encontrados"}"#;
    assert_eq!(send(ask("10101174102")).await, nobody);
    assert_eq!(send(ask("20131312954")).await, nobody);
    assert!(send(ask("2013")).await.starts_with("422 "));
    assert_eq!(world.sandbox.calls().representatives, 4);
}
