//! Whether a block printed what the page shows, where `…` stands for anything.
//!
//! A line that is `…` stands for any lines, within a line it stands for any text.
//! In JSON, which is compared as values, the text `"…"` stands for any value, and a member of that name for any others.

use anyhow::{Context, ensure};
use serde_json::Value;

const ANYTHING: &str = "…";

/// Fails with both texts if they differ.
pub(crate) fn check(language: &str, expected: &str, printed: &str) -> anyhow::Result<()> {
    let is_same = match language {
        "json" | "ndjson" => is_same_json(expected, printed)?,
        _ => {
            let [expected, printed] = [expected, printed].map(|text| text.trim_end().lines().collect::<Vec<_>>());
            is_same_text(&expected, &printed)
        }
    };
    ensure!(is_same, "the page shows\n{expected}\nbut it printed\n{printed}");
    Ok(())
}

fn is_same_text(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&ANYTHING, rest)) => (0..=printed.len()).any(|n| is_same_text(rest, &printed[n..])),
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, more)| is_same_line(line.trim_end(), first.trim_end()) && is_same_text(rest, more)),
    }
}

fn is_same_line(expected: &str, printed: &str) -> bool {
    let Some((start, rest)) = expected.split_once(ANYTHING) else { return expected == printed };
    let Some(mut printed) = printed.strip_prefix(start) else { return false };
    let mut rest = rest;
    while let Some((piece, more)) = rest.split_once(ANYTHING) {
        let Some((_, after)) = printed.split_once(piece) else { return false };
        (printed, rest) = (after, more);
    }
    printed.ends_with(rest)
}

fn is_same_json(expected: &str, printed: &str) -> anyhow::Result<bool> {
    let read = |text: &str| {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>().collect::<Result<Vec<_>, _>>();
        values.with_context(|| format!("this is no JSON: {text}"))
    };
    let (expected, printed) = (read(expected)?, read(printed)?);
    Ok(expected.len() == printed.len() && expected.iter().zip(&printed).all(|(one, other)| is_same_value(one, other)))
}

fn is_same_value(expected: &Value, printed: &Value) -> bool {
    match (expected, printed) {
        (Value::String(text), _) if text == ANYTHING => true,
        (Value::Object(expected), Value::Object(printed)) => {
            let others_may_be = expected.contains_key(ANYTHING);
            let named = expected.iter().filter(|(name, _)| *name != ANYTHING);
            (others_may_be || expected.len() == printed.len())
                && named.into_iter().all(|(name, value)| printed.get(name).is_some_and(|own| is_same_value(value, own)))
        }
        (Value::Array(expected), Value::Array(printed)) => {
            expected.len() == printed.len() && expected.iter().zip(printed).all(|(one, own)| is_same_value(one, own))
        }
        _ => expected == printed,
    }
}

#[test]
fn an_ellipsis_stands_for_anything() {
    let check = |expected: &str, printed: &str, is_same: bool| {
        let [expected_lines, printed_lines] = [expected, printed].map(|text| text.lines().collect::<Vec<_>>());
        assert_eq!(is_same_text(&expected_lines, &printed_lines), is_same, "{expected:?} {printed:?}");
    };
    check("one\ntwo", "one\ntwo  ", true);
    check("one", "one\ntwo", false);
    check("one\n…\nfour", "one\ntwo\nthree\nfour", true);
    check("one\n…\ntwo", "one\ntwo", true);
    check("one\n…", "two\none", false);
    check("at … Lima …", "at 2026-11-20 Lima fresh", true);
    check("at … Lima, fresh", "at 2026-11-20 Lima, stale", false);
}

#[test]
fn json_is_compared_as_values() {
    let printed = r#"{"ruc":"20131312955","meta":{"source":"sandbox","as_of":"2026"},"list":[1,2]}"#;
    for (expected, is_same) in [
        (printed, true),
        (r#"{"list": [1, 2], "meta": "…", "ruc": "20131312955"}"#, true),
        (r#"{"ruc": "20131312955", "…": "…"}"#, true),
        (r#"{"ruc": "20131312955"}"#, false),
        (r#"{"ruc": "20131312955", "meta": {"source": "migo", "…": "…"}, "…": "…"}"#, false),
        (r#"{"list": [1], "…": "…"}"#, false),
    ] {
        assert_eq!(is_same_json(expected, printed).expect("both are JSON"), is_same, "{expected}");
    }
}
