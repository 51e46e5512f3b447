//! What a collection reply says of each number.

use chasqui_migo::{Collection, Verdict, read_taxpayers, write_taxpayers};
use chasqui_types::{Ruc, Taxpayer};
use proptest::prelude::*;

use crate::{reply, ruc};

const A: &str = "20131312955";
const B: &str = "20100047218";
const C: &str = "20100017491";
const FOREIGN: &str = "20370146994";

#[test]
fn order_repeats_and_foreign_numbers_change_nothing() {
    let expected = "found A B C";
    check(&[item(A), item(B), item(C)], expected);
    check(&[item(C), item(A), item(B)], expected);
    check(&[item(A), item(A), item(B), item(C), item(B)], expected);
    check(&[item(A), item(FOREIGN), item(B), item(C), item(FOREIGN)], "found A B C, foreign 2");
}

#[test]
fn a_number_left_out_is_in_no_list() {
    check(&[item(C), item(A)], "found A C");
    check(&[], "");
}

#[test]
fn numbers_that_nobody_asked_for_leave_every_missing_number_open() {
    check(&[item(FOREIGN)], "unreadable A B C, foreign 1");
    check(&[item(A), item(FOREIGN)], "found A, unreadable B C, foreign 1");
}

#[test]
fn an_item_that_says_unknown_is_told_from_one_that_cannot_be_read() {
    let unknown = format!(r#"{{"success":false,"ruc":"{B}","message":"RUC no encontrado"}}"#);
    let failed = format!(r#"{{"success":false,"ruc":"{B}","message":"Servicio no disponible"}}"#);
    let broken = format!(r#"{{"success":true,"ruc":"{B}","nombre_o_razon_social":{{}}}}"#);
    let bare = format!(r#"{{"ruc":"{B}"}}"#);
    check(&[item(A), unknown.clone(), item(C)], "found A C, not found B");
    for item_b in [&failed, &broken, &bare] {
        check(&[item(A), item_b.clone(), item(C)], "found A C, unreadable B");
    }
    check(&[unknown.clone(), unknown.clone()], "not found B");
    // A record stands against a broken repeat; a record and an "unknown" cancel out.
    check(&[broken.clone(), item(B)], "found B");
    check(&[item(B), failed], "found B");
    check(&[item(B), unknown.clone()], "unreadable B");
    check(&[unknown.clone(), item(B)], "unreadable B");
    check(&[unknown, broken], "unreadable B");
}

#[test]
fn an_item_that_names_nobody_leaves_every_missing_number_open() {
    for nameless in
        ["null", "7", "[]", "{}", r#"{"success":false,"message":"no encontrado"}"#, r#"{"ruc":"20131312954"}"#]
    {
        check(&[item(A), nameless.to_owned()], "found A, unreadable B C");
    }
}

#[test]
fn the_older_wrapped_form_is_read() {
    let rows = format!("{},{}", item(B), item(A));
    check_body(&format!(r#"{{"success":true,"data":[{rows}]}}"#), "found A B");
    check_body(&format!(r#"{{"data":[{rows}]}}"#), "found A B");
    check_body(r#"{"success":true,"data":[]}"#, "");
}

#[test]
fn what_is_no_list_of_records_is_not_taken_for_an_empty_one() {
    let whole = write_taxpayers(&[Taxpayer::new(ruc(A)), Taxpayer::new(ruc(B))]);
    let malformed = [
        String::new(),
        "null".into(),
        "{}".into(),
        r#"{"success":true}"#.into(),
        r#"{"success":true,"data":{}}"#.into(),
        r#"{"success":false,"data":[]}"#.into(),
        r#"{"success":false,"message":"RUC no encontrado"}"#.into(),
        item(A),
        "<html></html>".into(),
        String::from_utf8_lossy(&whole[..whole.len() - 1]).into_owned(),
    ];
    for body in malformed {
        let verdict = ask(200, &body);
        assert!(matches!(verdict, Verdict::Malformed { .. }), "{body} {verdict:?}");
    }
}

#[test]
fn a_404_on_a_collection_is_never_an_absence() {
    assert_eq!(ask(404, r#"{"success":false,"message":"RUC no encontrado"}"#), Verdict::Failed { status: 404 });
    assert_eq!(ask(404, r#"{"message":"Unauthenticated."}"#), Verdict::TokenRefused);
    assert_eq!(ask(401, ""), Verdict::TokenRefused);
    assert_eq!(ask(200, r#"{"message":"Unauthenticated."}"#), Verdict::TokenRefused);
    assert_eq!(ask(503, "[]"), Verdict::Failed { status: 503 });
}

#[test]
fn a_number_asked_twice_is_answered_once() {
    let body = format!("[{}]", item(A));
    let verdict = read_taxpayers(&reply(200, body.as_bytes()), &[ruc(A), ruc(A)]);
    assert!(matches!(verdict, Verdict::Found(collection) if collection.found.len() == 1));
}

proptest! {
    #[test]
    fn every_number_is_in_one_list_at_most_and_only_if_it_was_asked(
        asked in prop::collection::vec(0u32..8, 0..8),
        items in prop::collection::vec((0u32..8, 0u8..4), 0..16),
    ) {
        let number = |body: u32| Ruc::from_body(20, body).unwrap();
        let asked: Vec<Ruc> = asked.into_iter().map(number).collect();
        let rows: Vec<String> = items.iter().map(|&(body, kind)| match kind {
            0 => item(number(body).as_str()),
            1 => format!(r#"{{"success":false,"ruc":"{}","message":"no existe"}}"#, number(body)),
            2 => format!(r#"{{"ruc":"{}"}}"#, number(body)),
            _ => "{}".to_owned(),
        }).collect();
        let body = format!("[{}]", rows.join(","));
        let Verdict::Found(collection) = read_taxpayers(&reply(200, body.as_bytes()), &asked) else {
            panic!("an array is a collection");
        };
        let mut listed: Vec<Ruc> = collection.found.iter().map(|taxpayer| taxpayer.ruc).collect();
        listed.extend(&collection.unreadable);
        listed.extend(&collection.not_found);
        let n_listed = listed.len();
        listed.sort_unstable();
        listed.dedup();
        prop_assert_eq!(listed.len(), n_listed);
        prop_assert!(listed.iter().all(|ruc| asked.contains(ruc)));
    }
}

fn item(number: &str) -> String {
    format!(r#"{{"success":true,"ruc":"{number}","nombre_o_razon_social":"X"}}"#)
}

fn ask(status: u16, body: &str) -> Verdict<Collection> {
    read_taxpayers(&reply(status, body.as_bytes()), &[ruc(A), ruc(B), ruc(C)])
}

#[track_caller]
fn check(items: &[String], expected: &str) {
    check_body(&format!("[{}]", items.join(",")), expected);
}

#[track_caller]
fn check_body(body: &str, expected: &str) {
    let Verdict::Found(collection) = ask(200, body) else { panic!("not a collection: {body}") };
    let letter = |ruc: &Ruc| match ruc.as_str() {
        A => " A",
        B => " B",
        C => " C",
        _ => " ?",
    };
    let mut parts = Vec::new();
    let found: Vec<Ruc> = collection.found.iter().map(|taxpayer| taxpayer.ruc).collect();
    for (name, rucs) in
        [("found", &found), ("unreadable", &collection.unreadable), ("not found", &collection.not_found)]
    {
        if !rucs.is_empty() {
            parts.push(format!("{name}{}", rucs.iter().map(letter).collect::<String>()));
        }
    }
    if collection.foreign > 0 {
        parts.push(format!("foreign {}", collection.foreign));
    }
    assert_eq!(parts.join(", "), expected, "{body}");
}
