//! No reply but the ones named by the law is ever an absence.
//!
//! The law is written down here a second time, in other words and without the crate's own functions.

use chasqui_migo::{
    Verdict, read_account, read_cpe, read_person, read_rate, read_rates, read_representatives, read_taxpayer,
    read_taxpayers,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{ASKED, day, dni, reply, ruc};

/// Whether this reply may be taken for "there is no such record"; for a day's rate only `by_its_words`.
fn the_law_says_absent(status: u16, body: &[u8], by_its_words: bool) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let Ok(value) = serde_json::from_str::<Value>(text) else { return false };
    let Some(object) = value.as_object() else { return false };
    let Some(message) = object.get("message").and_then(Value::as_str) else { return false };
    // Upper case without accents, every run of blanks one space, nothing but letters at the end.
    let words: Vec<String> = message
        .to_lowercase()
        .replace(['\u{301}', '\u{303}', '\u{308}'], "")
        .split_whitespace()
        .map(|word| {
            word.replace('á', "a")
                .replace('é', "e")
                .replace('í', "i")
                .replace('ó', "o")
                .replace('ú', "u")
                .to_uppercase()
        })
        .collect();
    let sentence = words.join(" ");
    let bare = sentence.trim_end_matches(['.', ' ']);
    if bare == "UNAUTHENTICATED" || !bare.chars().any(char::is_alphabetic) {
        return false;
    }
    // About machinery, not about a record. The generator below knows these words of the longer list.
    let machinery = ["RECURSO", "SERVICIO", "ROUTE", "TOKEN", "CONEXION", "SERVICE", "SERVER", "PLAN", "VENCIDO"];
    if bare.split(|c: char| !c.is_alphanumeric()).any(|word| machinery.contains(&word)) {
        return false;
    }
    let says_so = ["NO ENCONTR", "NO SE ENCONTR", "NO EXISTE"].iter().any(|words| bare.contains(words));
    if by_its_words && !says_so {
        return false;
    }
    match (status, object.get("success")) {
        (404, Some(success)) => *success == json!(false),
        (404, None) => says_so || bare.split(|c: char| !c.is_alphanumeric()).any(|word| word == "RUC" || word == "DNI"),
        (200, Some(success)) => *success == json!(false) && says_so,
        _ => false,
    }
}

fn status() -> impl Strategy<Value = u16> {
    let refusals = prop::sample::select(vec![400, 401, 403, 410, 422, 429]);
    prop_oneof![3 => Just(404), 3 => Just(200), 1 => refusals, 1 => 100u16..600]
}

fn message() -> impl Strategy<Value = Value> {
    let sentences = vec![
        "RUC no encontrado",
        "El ruc consultado es inválido",
        "Sin datos",
        "Su plan ha vencido",
        "No se encontraron registros",
        "Recurso no encontrado",
        "RECURSO NO ENCONTRADO.",
        " recurso  no  encontrado . ",
        "Unauthenticated.",
        "UNAUTHENTICATED",
        "El RUC no existe",
        "No Existe",
        "no encontr",
        "Servicio no disponible",
        "no Route matched with those values",
        "Token no encontrado",
        "No existe conexión con el servicio",
        "Service Unavailable",
        "Server Error",
        "",
        ".",
        " ",
        "-",
        "404",
        "Not Found",
        "Recúrso no encontrado",
        "ruc nó encontrádo",
    ];
    prop_oneof![
        4 => prop::sample::select(sentences).prop_map(|text| json!(text)),
        1 => "[a-zA-ZáéÉ .]{0,12}(no encontr|NO EXISTE|recurso)?[a-z. ]{0,6}".prop_map(|text| json!(text)),
        1 => any_json(),
    ]
}

fn success() -> impl Strategy<Value = Option<Value>> {
    prop::sample::select(vec![
        None,
        Some(json!(false)),
        Some(json!(true)),
        Some(json!(null)),
        Some(json!("false")),
        Some(json!(0)),
        Some(json!([])),
    ])
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("(success|message|ruc|data|errors|[a-z]{1,4})", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What MIGO could have meant, then damaged: wrapped, cut short, prefixed, or left whole.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let near_miss = (success(), prop::option::weighted(0.9, message()), any::<bool>())
        .prop_map(|(success, message, named)| {
            let mut object = serde_json::Map::new();
            if let Some(success) = success {
                object.insert("success".into(), success);
            }
            if let Some(message) = message {
                object.insert("message".into(), message);
            }
            if named {
                object.insert("ruc".into(), json!(ASKED));
                object.insert("nombre_o_razon_social".into(), json!("X"));
                object.insert("dni".into(), json!("10117410"));
                object.insert("nombre".into(), json!("X"));
                object.insert("fecha".into(), json!("2026-11-20"));
            }
            Value::Object(object)
        })
        .boxed();
    prop_oneof![
        4 => near_miss.clone().prop_map(|value| value.to_string().into_bytes()),
        1 => (near_miss.clone(), any::<prop::sample::Index>()).prop_map(|(value, at)| {
            let mut body = value.to_string().into_bytes();
            body.truncate(at.index(body.len()));
            body
        }),
        1 => near_miss.clone().prop_map(|value| json!([value]).to_string().into_bytes()),
        1 => near_miss.clone().prop_map(|value| json!({ "data": value }).to_string().into_bytes()),
        1 => near_miss.prop_map(|value| format!("<html>{value}</html>").into_bytes()),
        1 => any_json().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_reply_is_an_absence_exactly_when_the_law_says_so(
        status in status(),
        body in body(),
        content_type in prop::option::of(prop::sample::select(vec!["application/json", "text/html", "text/plain", ""])),
    ) {
        let mut reply = reply(status, &body);
        reply.content_type = content_type;
        let lawful = the_law_says_absent(status, &body, false);
        let lawful_of_a_day = the_law_says_absent(status, &body, true);
        let shown = || format!("{status} {}", String::from_utf8_lossy(&body));
        for (question, absent) in [
            ("taxpayer", matches!(read_taxpayer(&reply, ruc(ASKED)), Verdict::NotFound { .. })),
            ("person", matches!(read_person(&reply, dni("10117410")), Verdict::NotFound { .. })),
            ("representatives", matches!(read_representatives(&reply, ruc(ASKED)), Verdict::NotFound { .. })),
        ] {
            prop_assert_eq!(absent, lawful, "{}: {}", question, shown());
        }
        let rate = read_rate(&reply, Some(day("2026-11-20")));
        prop_assert_eq!(matches!(rate, Verdict::NotFound { .. }), lawful_of_a_day, "rate: {}", shown());
        if status != 200 {
            // A range without rates is known from the same replies, and from none besides.
            let (from, to) = (day("2026-11-20"), day("2026-11-21"));
            prop_assert_eq!(matches!(read_rates(&reply, from, to), Verdict::Found(_)), lawful_of_a_day, "{}", shown());
        }
    }

    #[test]
    fn what_always_is_is_never_an_absence(status in status(), body in body()) {
        let reply = reply(status, &body);
        for (question, absent) in [
            ("latest rate", matches!(read_rate(&reply, None), Verdict::NotFound { .. })),
            ("account", matches!(read_account(&reply), Verdict::NotFound { .. })),
            ("document", matches!(read_cpe(&reply), Verdict::NotFound { .. })),
            ("rates", matches!(read_rates(&reply, day("2026-11-20"), day("2026-11-21")), Verdict::NotFound { .. })),
        ] {
            prop_assert!(!absent, "{}: {} {}", question, status, String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn a_collection_as_a_whole_is_never_an_absence(status in status(), body in body()) {
        let verdict = read_taxpayers(&reply(status, &body), &[ruc(ASKED)]);
        let is_absent = matches!(verdict, Verdict::NotFound { .. });
        prop_assert!(!is_absent, "{} {}", status, String::from_utf8_lossy(&body));
    }
}
