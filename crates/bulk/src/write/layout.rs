//! Which columns an output has: those of the input, then the results.
//!
//! Left out: workbooks that are added to, whose own columns stay where they are.

use std::collections::HashMap;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::WriteError;
use super::value::Value;
use super::xml::MAX_COLUMNS;
use crate::columns::{free_name, free_names};
use crate::{Content, Format, Input, Lang, N_COLUMNS, Row, Shape};

/// The columns of an output.
pub(super) struct Layout {
    pub(super) lang: Lang,
    /// What stood above the header.
    pub(super) preamble: Vec<Vec<String>>,
    /// The names of the input's columns, as many as its widest row has cells.
    pub(super) header: Vec<String>,
    /// The names of the result columns.
    pub(super) results: [String; N_COLUMNS],
    /// The column of numbers.
    column: usize,
    /// Where each key of JSON objects stands in the header.
    keys: HashMap<String, usize>,
    from_1904: bool,
}

// === impl Layout ===

impl Layout {
    /// For a table: delimited text or a sheet.
    pub(super) fn of_table(input: &Input, lang: Lang) -> Result<Self, WriteError> {
        let mut layout = Self::new(input.shape(), lang);
        if matches!(input.shape().format, Format::Ndjson { .. }) {
            layout.add_keys(input, |_| true)?;
            if layout.header.len() > MAX_COLUMNS {
                return Err(WriteError::TooManyKeys);
            }
        }
        layout.name_results();
        Ok(layout)
    }

    /// For JSON objects, which need a name for each column and no name twice.
    pub(super) fn of_objects(input: &Input, lang: Lang) -> Result<Self, WriteError> {
        let mut layout = Self::new(input.shape(), lang);
        if matches!(input.shape().format, Format::Ndjson { .. }) {
            // The objects keep their keys, so only one that stands where a result would go matters.
            layout.add_keys(input, |key| {
                let key = key.to_lowercase();
                lang.names().iter().any(|name| key.starts_with(name))
            })?;
        } else {
            layout.distinguish_names();
        }
        layout.name_results();
        Ok(layout)
    }

    fn new(shape: &Shape, lang: Lang) -> Self {
        let mut header = match (&shape.header, &shape.format) {
            (Some(header), _) => header.clone(),
            (None, Format::List { .. } | Format::Ndjson { .. }) => vec![lang.number().to_owned()],
            (None, _) => (0..shape.n_columns).map(|column| numbered(lang, column)).collect(),
        };
        // A row may be wider than the header. Its surplus columns have no name, and what has none stays so.
        header.resize(header.len().max(shape.n_columns), String::new());
        let from_1904 = matches!(shape.format, Format::Xlsx { from_1904: true, .. });
        let (preamble, column) = (shape.preamble.clone(), shape.column);
        Self { lang, preamble, header, results: Default::default(), column, keys: HashMap::new(), from_1904 }
    }

    /// Goes through the whole input, because a key may appear in the last line for the first time.
    fn add_keys(&mut self, input: &Input, is_wanted: impl Fn(&str) -> bool) -> Result<(), WriteError> {
        self.keys = self.header.iter().cloned().zip(0..).collect();
        let (mut rows, mut row) = (input.rows()?, Row::default());
        while rows.next_into(&mut row)? && self.header.len() <= MAX_COLUMNS {
            let Content::Json(line) = &row.content else { continue };
            for (key, _) in members(line).unwrap_or_default() {
                if !self.keys.contains_key(&key) && is_wanted(&key) {
                    self.keys.insert(key.clone(), self.header.len());
                    self.header.push(key);
                }
            }
        }
        Ok(())
    }

    fn distinguish_names(&mut self) {
        for column in 0..self.header.len() {
            let (before, rest) = self.header.split_at_mut(column);
            if rest[0].trim().is_empty() {
                rest[0] = numbered(self.lang, column);
            }
            rest[0] = free_name(&rest[0], |name| before.iter().any(|other| other == name));
        }
    }

    fn name_results(&mut self) {
        self.results = free_names(self.lang, self.header.iter().map(String::as_str));
    }

    /// The name of the column of numbers.
    pub(super) fn number(&self) -> &str {
        self.header.get(self.column).map_or(self.lang.number(), String::as_str)
    }

    /// Gives every cell of the input's columns to `put`, with its column; missing ones are blank.
    pub(super) fn each(&self, row: &Row, mut put: impl FnMut(usize, Value<'_>)) {
        let n_cells = match &row.content {
            Content::Text(record) => {
                record.iter().enumerate().for_each(|(column, text)| put(column, Value::of_text(text)));
                record.len()
            }
            Content::Sheet(cells) => {
                let values = cells.iter().map(|cell| Value::of_cell(cell, self.from_1904));
                values.enumerate().for_each(|(column, value)| put(column, value));
                cells.len()
            }
            Content::Json(line) => {
                self.values(line).into_iter().enumerate().for_each(|(column, value)| put(column, value));
                self.header.len()
            }
        };
        (n_cells..self.header.len()).for_each(|column| put(column, Value::Blank));
    }

    /// The members of an object under their names. A line that is none stands whole in the column of numbers.
    fn values<'a>(&self, line: &'a str) -> Vec<Value<'a>> {
        let mut values = vec![Value::Blank; self.header.len()];
        match members(line) {
            Some(members) => {
                for (key, raw) in members {
                    if let Some(&column) = self.keys.get(&key) {
                        values[column] = Value::of_json(raw);
                    }
                }
            }
            None => {
                if let Some(value) = values.get_mut(self.column) {
                    *value = Value::of_json(line.trim());
                }
            }
        }
        values
    }
}

fn numbered(lang: Lang, column: usize) -> String {
    format!("{}_{}", lang.column(), column + 1)
}

/// The members of the object that a line is; `None` where it is none.
fn members(line: &str) -> Option<Vec<(String, &str)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, &'de str)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, raw)) = map.next_entry::<String, &RawValue>()? {
                members.push((key, raw.get()));
            }
            Ok(members)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let members = deserializer.deserialize_map(Members).ok()?;
    deserializer.end().ok()?;
    Some(members)
}

/// Whether a line is an object of JSON.
pub(super) fn is_object(line: &str) -> bool {
    line.trim_start().starts_with('{') && is_json(line)
}

/// Whether a line is one value of JSON.
pub(super) fn is_json(line: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(line).is_ok()
}
