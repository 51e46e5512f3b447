//! Any JSON, shown as tables: members as pairs, lists of objects as grids.
//!
//! Bodies of a server that is newer than this program are shown whole, members it does not know included.
//! Left out: meaning; a name is shown as it came.

use serde_json::{Map, Value};

use crate::table::{self, Word};

/// The whole value, for people.
pub(crate) fn tables(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(members) => show_object(&mut text, members),
        Value::Array(items) => show_list(&mut text, items),
        plain => text = format!("{}\n", scalar(plain)),
    }
    text
}

fn show_object(text: &mut String, members: &Map<String, Value>) {
    let (mut pairs, mut lists) = (Vec::new(), Vec::new());
    flatten("", members, &mut pairs, &mut lists);
    text.push_str(&table::pairs(pairs));
    for (name, items) in lists {
        text.extend(["\n", &name, "\n"]);
        show_list(text, items);
    }
}

/// Nested members become `outer.inner`; lists of objects are set aside for tables of their own.
fn flatten<'a>(
    prefix: &str,
    members: &'a Map<String, Value>,
    pairs: &mut Vec<(String, String)>,
    lists: &mut Vec<(String, &'a [Value])>,
) {
    for (name, value) in members {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(inner) => flatten(&name, inner, pairs, lists),
            Value::Array(items) if items.iter().any(Value::is_object) => lists.push((name, items)),
            plain => pairs.push((name, scalar(plain))),
        }
    }
}

fn show_list(text: &mut String, items: &[Value]) {
    let mut header: Vec<&str> = Vec::new();
    for name in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !header.contains(&name.as_str()) {
            header.push(name);
        }
    }
    if header.is_empty() {
        text.extend(items.iter().map(|item| format!("{}\n", scalar(item))));
        return;
    }
    let rows = items.iter().map(|item| {
        header.iter().map(|name| Word::from(item.get(name).map(scalar).unwrap_or_default())).collect::<Vec<_>>()
    });
    text.push_str(&table::grid(&header, rows));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_lists_and_unknown_shapes_are_all_shown() {
        let value = serde_json::json!({
            "status": "healthy",
            "hits": {"found": 3, "rate": 0.75},
            "checks": [{"name": "round_trip", "health": "healthy"}, {"name": "new", "extra": [1, 2]}],
            "none": null,
        });
        let shown = anstream::adapter::strip_str(&tables(&value)).to_string();
        for line in ["status      healthy", "hits.rate   0.75", "none        -", "checks", "         new         1, 2"]
        {
            assert!(shown.lines().any(|shown| shown.starts_with(line) || shown == line), "{line:?} in\n{shown}");
        }
        assert_eq!(tables(&serde_json::json!([])), "");
    }
}
