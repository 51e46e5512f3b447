//! A cell of the input on its way into another kind of file.
//!
//! A text shows what a person would read in the sheet; a workbook and JSON keep numbers as numbers.
//! Left out: quoting and escaping, which each kind of file does its own way.

use std::borrow::Cow;
use std::fmt::Write as _;

use chasqui_types::time::{Date, days};

use crate::{Cell, Lang};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Blank,
    Text(Cow<'a, str>),
    Number(f64),
    /// A number of JSON, as it was written.
    Digits(&'a str),
    Bool(bool),
    /// A day or a moment, by a sheet's serial number counted from 1900.
    Moment(f64),
}

/// How many days lie between the two origins that sheets count from.
const FROM_1904: f64 = 1462.0;

// === impl Value ===

impl<'a> Value<'a> {
    pub(super) fn of_text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(super) fn of_cell(cell: &'a Cell, from_1904: bool) -> Self {
        match cell {
            Cell::Empty => Self::Blank,
            Cell::Text(text) | Cell::Error(text) => Self::of_text(text),
            Cell::Number(number) => Self::Number(*number),
            Cell::Bool(truth) => Self::Bool(*truth),
            Cell::DateTime(serial) => Self::Moment(serial + if from_1904 { FROM_1904 } else { 0.0 }),
        }
    }

    /// One value of a JSON object; what is nested stays as it was written.
    pub(super) fn of_json(raw: &'a str) -> Self {
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw).map_or(Self::of_text(raw), |text: String| Self::Text(text.into())),
            Some(b't') if raw == "true" => Self::Bool(true),
            Some(b'f') if raw == "false" => Self::Bool(false),
            Some(b'n') if raw == "null" => Self::Blank,
            Some(b'-' | b'0'..=b'9') => Self::Digits(raw),
            _ => Self::of_text(raw),
        }
    }

    /// What a person reads in the cell.
    pub(super) fn text(&self, lang: Lang) -> Cow<'_, str> {
        match self {
            Self::Blank => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Digits(digits) => Cow::Borrowed(digits),
            Self::Number(number) => Cow::Owned(number_text(*number)),
            Self::Moment(serial) => Cow::Owned(moment_text(*serial).unwrap_or_else(|| number_text(*serial))),
            Self::Bool(truth) => Cow::Borrowed(match (truth, lang) {
                (true, Lang::Es) => "VERDADERO",
                (false, Lang::Es) => "FALSO",
                (true, Lang::En) => "TRUE",
                (false, Lang::En) => "FALSE",
            }),
        }
    }

    /// The cell as JSON, behind `json`.
    pub(super) fn push_json(&self, json: &mut Vec<u8>) {
        match self {
            Self::Blank => json.extend_from_slice(b"null"),
            Self::Bool(truth) => json.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Self::Digits(digits) => json.extend_from_slice(digits.as_bytes()),
            Self::Number(number) if number.is_finite() => json.extend_from_slice(number_text(*number).as_bytes()),
            Self::Text(_) | Self::Number(_) | Self::Moment(_) => push_json_text(json, &self.text(Lang::En)),
        }
    }
}

/// A text of JSON, quoted.
pub(super) fn push_json_text(json: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(json, text).expect("texts in memory are always written");
}

/// Fifteen digits, as spreadsheets show at most: what lies behind them is noise of the arithmetic.
fn number_text(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // No number is shown as minus nothing.
    format!("{}", rounded + 0.0)
}

/// `YYYY-MM-DD`, with the time of day where there is one; a time alone where there is no day.
fn moment_text(serial: f64) -> Option<String> {
    const DAY: f64 = 86_400.0;
    if !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    let (mut day, mut seconds) = (serial.trunc(), (serial.fract() * DAY).round());
    if seconds >= DAY {
        (day, seconds) = (day + 1.0, 0.0);
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above, and whole")]
    let (day, seconds) = (day as i32, seconds as i32);
    let mut text = String::new();
    if day > 0 {
        // Sheets know a 29 February 1900, so the days before it are one off.
        let origin = Date::constant(1899, 12, if day < 60 { 31 } else { 30 });
        write!(text, "{}", origin.checked_add(days(day)).ok()?).expect("a String takes every text");
    }
    if seconds > 0 || day == 0 {
        let blank = if day > 0 { " " } else { "" };
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(text, "{blank}{hours:02}:{minutes:02}:{:02}", seconds % 60).expect("a String takes every text");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &Cell, text: &str, json: &str) {
        let value = Value::of_cell(cell, false);
        let mut written = Vec::new();
        value.push_json(&mut written);
        assert_eq!((&*value.text(Lang::Es), std::str::from_utf8(&written).unwrap()), (text, json));
    }

    #[test]
    fn numbers_show_as_in_a_sheet() {
        check(&Cell::Number(20_131_312_955.0), "20131312955", "20131312955");
        check(&Cell::Number(0.1 + 0.2), "0.3", "0.3");
        check(&Cell::Number(-1234.5), "-1234.5", "-1234.5");
        check(&Cell::Number(-0.0), "0", "0");
        check(&Cell::Number(1e15), "1000000000000000", "1000000000000000");
        check(&Cell::Number(f64::NAN), "NaN", "\"NaN\"");
    }

    #[test]
    fn days_and_times_show_as_people_and_programs_write_them() {
        check(&Cell::DateTime(46_346.0), "2026-11-20", "\"2026-11-20\"");
        check(&Cell::DateTime(46_346.5), "2026-11-20 12:00:00", "\"2026-11-20 12:00:00\"");
        check(&Cell::DateTime(46_345.999_999_9), "2026-11-20", "\"2026-11-20\"");
        check(&Cell::DateTime(0.75), "18:00:00", "\"18:00:00\"");
        check(&Cell::DateTime(1.0), "1900-01-01", "\"1900-01-01\"");
        check(&Cell::DateTime(61.0), "1900-03-01", "\"1900-03-01\"");
        check(&Cell::DateTime(-5.0), "-5", "\"-5\"");
        let macintosh = Value::of_cell(&Cell::DateTime(44_884.0), true).text(Lang::Es).into_owned();
        assert_eq!(macintosh, "2026-11-20");
    }

    #[test]
    fn the_rest_shows_in_its_language() {
        check(&Cell::Empty, "", "null");
        check(&Cell::Bool(true), "VERDADERO", "true");
        check(&Cell::Error("#N/A".into()), "#N/A", "\"#N/A\"");
        check(&Cell::Text("=1 \"x\"".into()), "=1 \"x\"", "\"=1 \\\"x\\\"\"");
        assert_eq!(Value::Bool(false).text(Lang::En), "FALSE");
    }

    #[test]
    fn values_of_json_keep_what_they_are() {
        assert_eq!(Value::of_json("\"a\\u00f1\""), Value::Text("añ".into()));
        assert_eq!(Value::of_json("1.50"), Value::Digits("1.50"));
        assert_eq!(Value::of_json("[1, 2]"), Value::of_text("[1, 2]"));
        assert_eq!(Value::of_json("null"), Value::Blank);
    }
}
