//! JSON, one value a line: which key holds the number, and the number of a line.
//!
//! Only the one member is looked at, so that a line may be as deep and as strange as it likes.
//! Left out: writing the line back, which keeps every byte of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::column::{Class, SAMPLE_ROWS, Sample};
use super::error::ReadError;
use super::lines::Lines;
use super::shape::Encoding;
use super::source::Source;
use crate::number::Reading;
use crate::{Cell, Content, Row};

/// So many different keys are looked at.
const MAX_KEYS: usize = 1_000;

/// Lines that hold something.
pub(super) struct JsonRecords {
    lines: Lines,
}

/// What was chosen: the keys in order of appearance, and which one; none where no line is an object.
pub(super) struct Keys {
    pub(super) keys: Vec<String>,
    pub(super) chosen: Option<super::column::Choice>,
}

// === impl JsonRecords ===

impl JsonRecords {
    pub(super) fn new(source: &Source, encoding: Encoding) -> Result<Self, ReadError> {
        Ok(Self { lines: Lines::new(source.open()?, encoding) })
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    pub(super) fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if !matches!(row.content, Content::Json(_)) {
            row.content = Content::Json(String::new());
        }
        let Content::Json(text) = &mut row.content else { return Ok(false) };
        text.clear();
        while let Some(line) = self.lines.next_line()? {
            if !line.text.trim().is_empty() {
                row.place = line.number;
                text.push_str(line.text);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

// === impl Keys ===

impl Keys {
    /// Looks at the first lines.
    pub(super) fn of(mut records: JsonRecords, asked: Option<&str>) -> Result<Self, ReadError> {
        let (mut row, mut keys, mut rows) = (Row::default(), Vec::new(), Vec::new());
        while rows.len() < SAMPLE_ROWS && records.next_into(&mut row)? {
            let Content::Json(line) = &row.content else { break };
            let mut classes = Vec::new();
            let members = Members { keys: &mut keys, classes: &mut classes };
            // A line that is no JSON says nothing about keys.
            let _ = members.deserialize(&mut serde_json::Deserializer::from_str(line));
            rows.push(classes);
        }
        if rows.is_empty() {
            return Err(ReadError::Empty);
        }
        if keys.is_empty() && asked.is_none() {
            return Ok(Self { keys, chosen: None });
        }
        let choice = Sample::of_keys(keys.clone(), rows).choose(asked)?;
        Ok(Self { keys, chosen: Some(choice) })
    }
}

/// What the number of a line is: behind the key in an object, else the value itself.
pub(super) fn reading(line: &str, key: Option<&str>, pad_dni: bool) -> Reading {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let cell = Member { key, is_inside: false }.deserialize(&mut deserializer);
    match cell.and_then(|cell| deserializer.end().map(|()| cell)) {
        Ok(cell) => Reading::of_cell(&cell, pad_dni),
        // Digits with a zero in front are no JSON, and still a number.
        Err(_) => Reading::of_text(line, pad_dni),
    }
}

/// Reads the member of a key, or a bare value.
#[derive(Clone, Copy)]
struct Member<'k> {
    key: Option<&'k str>,
    is_inside: bool,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// What is no number and no text is a cell that no number can be.
const OTHER: Cell = Cell::Bool(false);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Empty)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Cell, E> {
        Ok(OTHER)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
        Ok(Cell::Number(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "what does not fit has too many digits anyway")]
    fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell::Number(number as f64))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Cell, E> {
        Ok(OTHER)
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Cell, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(OTHER)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Cell, A::Error> {
        let mut cell = if self.is_inside || self.key.is_none() { OTHER } else { Cell::Empty };
        while let Some(is_it) = members.next_key_seed(KeyIs(self.key.filter(|_| !self.is_inside)))? {
            if is_it {
                // The last of equal keys counts, as in any program that reads the line.
                cell = members.next_value_seed(Member { is_inside: true, ..self })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(cell)
    }
}

struct KeyIs<'k>(Option<&'k str>);

impl<'de> DeserializeSeed<'de> for KeyIs<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyIs<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(self.0 == Some(key))
    }
}

/// Collects the keys of an object, and what stands behind each of them.
struct Members<'a> {
    keys: &'a mut Vec<String>,
    classes: &'a mut Vec<Class>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            let cell = members.next_value_seed(Member { key: None, is_inside: true })?;
            let place = match self.keys.iter().position(|known| *known == key) {
                Some(place) => place,
                None if self.keys.len() < MAX_KEYS => {
                    self.keys.push(key);
                    self.keys.len() - 1
                }
                None => continue,
            };
            if self.classes.len() <= place {
                self.classes.resize(place + 1, Class::Empty);
            }
            self.classes[place] = Class::of(Reading::of_cell(&cell, false));
        }
        Ok(())
    }
}

/// Refuses an array, and an object over several lines, by the first line that holds something.
pub(super) fn refuse_spread(line: &str) -> Result<(), ReadError> {
    let line = line.trim();
    let is_value = |c: char| matches!(c, '{' | '[' | ']' | '"') || c.is_ascii_digit();
    let is_array =
        line.strip_prefix('[').is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with(is_value));
    if is_array || line == "{" {
        return Err(ReadError::Foreign {
            what: "JSON that is not written line by line",
            advice: "write one object per line (NDJSON)",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, key: Option<&str>, expected: &str) {
        let reading = reading(line, key, false);
        let shown = match reading.number {
            Ok(number) => format!("{number}{}", if reading.is_recovered { "+" } else { "" }),
            Err(reason) => format!("{reason:?}"),
        };
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn the_number_of_a_line_is_behind_its_key_or_the_line_itself() {
        let ruc = Some("ruc");
        check(r#"{"ruc":"20131312955"}"#, ruc, "20131312955");
        check(r#"{"a":[[[{}]]],"ruc":20131312955}"#, ruc, "20131312955");
        check(r#"{"ruc":1,"ruc":"20131312955"}"#, ruc, "20131312955");
        check(r#"{"ruc":1234567}"#, ruc, "01234567+");
        check(r#"{"ruc":2.0131312955E10}"#, ruc, "20131312955");
        check(r#"{"ruc":"1234567"}"#, ruc, "ShortDni { found: 7 }");
        check(r#"{"r\u0075c":"20131312955"}"#, ruc, "20131312955");
        check(r#"{"ruc":null}"#, ruc, "Empty");
        check(r#"{"otro":1}"#, ruc, "Empty");
        check(r#"{"ruc":{"ruc":"20131312955"}}"#, ruc, "NotANumber");
        check(r#"{"ruc":["20131312955"]}"#, ruc, "NotANumber");
        check(r#"{"ruc":-5}"#, ruc, "NotANumber");
        check(r#"{"ruc":true}"#, ruc, "NotANumber");
        check(r#"{"ruc":"20131312955""#, ruc, "NotANumber");
        check(r#"{"ruc":"20131312955"} x"#, ruc, "NotANumber");
        check("\"20131312955\"", ruc, "20131312955");
        check("20131312955", None, "20131312955");
        check("01234567", None, "01234567");
        check("[20131312955]", None, "NotANumber");
        check("null", None, "Empty");
        check(
            &format!("{{\"ruc\":\"20131312955\",\"a\":{}{}}}", "[".repeat(9_000), "]".repeat(9_000)),
            ruc,
            "20131312955",
        );
        check(&format!("{{\"ruc\":{}1{}}}", "[".repeat(9_000), "]".repeat(9_000)), ruc, "NotANumber");
    }
}
