//! What a server says of its memory, for people: tables with headings, and sentences.
//!
//! A member that is missing, as in the answer of an older or newer server, is a dash; `--format json` shows everything.
//! Left out: the exit code.

use chasqui_types::time::Timestamp;
use serde_json::Value;

use crate::table::{self, Tone, Word};
use crate::text::{bytes, lima, one_line, percent, thousands};

/// Entries, use and lifetimes.
pub(super) fn stats(value: &Value) -> String {
    let lifetime = |name: &str| text(&value["lifetimes"][name]["text"]);
    let size = |name: &str| value[name].as_u64().map_or_else(dash, bytes);
    let share = |name: &str| value[name].as_f64().map_or_else(|| "no question yet".to_owned(), percent);
    let pairs = [
        ("Answered from memory", format!("{} found, {} absent", number(&value["hits"]), number(&value["absent_hits"]))),
        ("Not in memory", number(&value["misses"])),
        ("Hit rate", share("hit_rate")),
        ("Under way upstream", number(&value["in_flight"])),
        ("Memory", format!("{} of {}", size("bytes"), size("capacity"))),
        ("Made room for others", number(&value["evictions"])),
        ("Expired, not yet cleaned", number(&value["expired"])),
        (
            "Fresh for",
            format!("found {}, absent {}, else {}", lifetime("found"), lifetime("absent"), lifetime("default")),
        ),
        ("Shown as stale for", format!("{} more", lifetime("stale_for"))),
    ];
    let mut shown = table::pairs(pairs.map(|(label, value)| (label.to_owned(), value)));
    let entries = list(&value["entries"]);
    let reasons = list(&value["absent"]["reasons"]);
    if entries.is_empty() && reasons.is_empty() {
        return shown + "\nnothing held\n";
    }
    if !entries.is_empty() {
        let rows = entries.iter().map(|entry| {
            let words =
                [text(&entry["kind"]), text(&entry["service"]), number(&entry["fresh"]), number(&entry["stale"])];
            words.map(Word::from).into()
        });
        shown.push('\n');
        shown.push_str(&table::grid(&["Held", "Service", "Fresh", "Stale"], rows));
    }
    if !reasons.is_empty() {
        let rows = reasons.iter().map(|entry| {
            [reason(&entry["reason"]), text(&entry["service"]), number(&entry["count"])].map(Word::from).into()
        });
        shown.push('\n');
        shown.push_str(&table::grid(&["Marked as absent", "Service", "Numbers"], rows));
    }
    shown
}

/// The checks of memory.
pub(super) fn health(value: &Value) -> String {
    let rows = list(&value["checks"]).iter().map(|check| {
        let state = text(&check["status"]);
        let tone = match state.as_str() {
            "healthy" => Tone::Good,
            "warning" => Tone::Doubtful,
            _ => Tone::Bad,
        };
        vec![Word::from(text(&check["name"])), Word::toned(state, tone), Word::from(text(&check["detail"]))]
    });
    let grid = table::grid(&["Check", "State", "What was seen"], rows);
    format!("{grid}\nThe cache is {}.\n", text(&value["status"]))
}

/// How many entries of a scope were forgotten.
pub(super) fn cleared(value: &Value, one: &str, several: &str) -> String {
    match value["removed"].as_u64() {
        Some(0) => format!("no {one} was held\n"),
        Some(1) => format!("1 {one} was forgotten\n"),
        _ => format!("{} {several} were forgotten\n", number(&value["removed"])),
    }
}

/// How many expired entries were forgotten.
pub(super) fn cleaned(value: &Value) -> String {
    let counts = ["found", "absent", "other"].map(|name| value[name].as_u64().unwrap_or_default());
    match counts.iter().sum::<u64>() {
        0 => "no entry was expired\n".to_owned(),
        _ => format!("expired and forgotten: {} found, {} absent, {} other\n", counts[0], counts[1], counts[2]),
    }
}

/// Whether a number was forgotten.
pub(super) fn forgotten(ruc: &str, value: &Value) -> String {
    let what = if value["removed"] == true { "was forgotten" } else { "was not held" };
    format!("{ruc} {what}\n")
}

/// Whether a mark was forgotten.
pub(super) fn unmarked(ruc: &str, value: &Value) -> String {
    let what = if value["removed"] == true { "is not marked as absent any more" } else { "was not marked as absent" };
    format!("{ruc} {what}\n")
}

/// A mark that was just made.
pub(super) fn marked(value: &Value) -> String {
    let replaced = match value["replaced"].as_str() {
        Some("found") => "; a taxpayer that was remembered gave way",
        _ => "",
    };
    let [ruc, why] = ["ruc", "reason_words"].map(|name| text(&value[name]));
    format!("{ruc} is marked as absent until {}: {why}{replaced}\n", moment(&value["expires_at"]))
}

/// All marks.
pub(super) fn absent_numbers(value: &Value) -> String {
    let absent = list(&value["absent"]);
    if absent.is_empty() {
        return "no number is marked as absent\n".to_owned();
    }
    let rows = absent.iter().map(|one| {
        let words = ["ruc", "source", "reason_words"].map(|name| Word::from(text(&one[name])));
        words.into_iter().chain([moment(&one["added_at"]), text(&one["expires_in"])].map(Word::from)).collect()
    });
    let mut shown = table::grid(&["RUC", "Says", "Why", "Since", "For another"], rows);
    if value["total"].as_u64().is_some_and(|total| total > absent.len() as u64) {
        let rest = format!("\nthe newest {} of {}\n", absent.len(), number(&value["total"]));
        shown.push_str(&rest);
    }
    shown
}

/// One mark.
pub(super) fn absent_number(value: &Value) -> String {
    let pairs = [
        ("RUC", text(&value["ruc"])),
        ("Marked as absent by", text(&value["source"])),
        ("Why", text(&value["reason_words"])),
        ("Since", moment(&value["added_at"])),
        ("Until", format!("{}, another {}", moment(&value["expires_at"]), text(&value["expires_in"]))),
    ];
    table::pairs(pairs.map(|(label, value)| (label.to_owned(), value)))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn dash() -> String {
    "-".to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(dash, one_line)
}

fn number(value: &Value) -> String {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).map_or_else(dash, thousands)
}

fn moment(value: &Value) -> String {
    value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).map_or_else(dash, lima)
}

/// Who marked it, from the code of a reason.
fn reason(value: &Value) -> String {
    match value.as_str() {
        Some("not_found") => "a source says so".to_owned(),
        Some("omitted") => "a source left it out of a collection".to_owned(),
        Some("marked") => "an operator says so".to_owned(),
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_without_members_is_shown_with_dashes() {
        let nothing = json!({});
        for shown in [stats(&nothing), health(&nothing), marked(&nothing), absent_number(&nothing), cleaned(&nothing)] {
            assert!(!shown.is_empty());
        }
        assert!(stats(&nothing).ends_with("\nnothing held\n"));
        assert_eq!(absent_numbers(&nothing), "no number is marked as absent\n");
    }

    #[test]
    fn what_was_forgotten_is_a_sentence() {
        let sentence = |n: u64| cleared(&json!({ "removed": n }), "entry", "entries");
        assert_eq!(
            [sentence(0), sentence(1), sentence(1234)],
            ["no entry was held\n", "1 entry was forgotten\n", "1,234 entries were forgotten\n",]
        );
        assert_eq!(unmarked("20000000001", &json!({"removed": false})), "20000000001 was not marked as absent\n");
    }
}
