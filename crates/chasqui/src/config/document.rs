//! The file of configuration, as the values it sets.
//!
//! The parser's own report is not shown whole, because it quotes the line, which may hold a token.
//! Left out: what a value means, which is `reading`.

use toml_edit::{Document, Item, TableLike, Value};

use super::origin::Origin;
use super::problem::Problem;
use super::reading::Raw;
use super::registry::{Key, registry};
use super::suggestion::{nearest_key, nearest_section};

/// Every known key that the file sets, and everything wrong with its shape.
pub(super) fn read(path: &str, text: &str) -> (Vec<(&'static Key, Raw, Origin)>, Vec<Problem>) {
    let mut reading = Reading { path, text, values: Vec::new(), problems: Vec::new() };
    match Document::parse(text) {
        Ok(document) => reading.table("", document.as_table(), 0),
        Err(error) => {
            let offset = error.span().map_or(text.len(), |span| span.start);
            reading.problems.push(Problem {
                origin: Some(reading.origin(offset)),
                column: Some(reading.column(offset)),
                key: None,
                message: format!("not TOML: {}", error.message()),
            });
        }
    }
    (reading.values, reading.problems)
}

struct Reading<'a> {
    path: &'a str,
    text: &'a str,
    values: Vec<(&'static Key, Raw, Origin)>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn table(&mut self, section: &str, table: &dyn TableLike, offset: usize) {
        for (name, item) in table.iter() {
            let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
            let place = table.key(name).and_then(toml_edit::Key::span);
            let offset = place.or_else(|| item.span()).map_or(offset, |span| span.start);
            self.item(&path, item, offset);
        }
    }

    fn item(&mut self, path: &str, item: &Item, offset: usize) {
        let origin = self.origin(offset);
        if let Some(key) = registry().iter().find(|key| key.path == path) {
            self.values.push((key, raw(item), origin));
            return;
        }
        let is_section = registry().iter().any(|key| within(key.path, path));
        match item.as_table_like() {
            Some(table) if is_section => self.table(path, table, offset),
            Some(_) => self.problems.push(unknown("section", origin, path, nearest_section(path))),
            None if is_section => {
                let message = format!("expected a section, found {}", raw(item).sort());
                self.problems.push(Problem::new(origin, path, message));
            }
            None => match file_variable(path) {
                Some(variable) => self.problems.push(Problem::new(origin, path, named_by(&variable))),
                None => self.problems.push(unknown("key", origin, path, nearest_key(path))),
            },
        }
    }

    fn origin(&self, offset: usize) -> Origin {
        Origin::File { path: self.path.to_owned(), line: 1 + self.before(offset).matches('\n').count() }
    }

    /// Counted in characters, from 1.
    fn column(&self, offset: usize) -> usize {
        1 + self.before(offset).chars().rev().take_while(|c| *c != '\n').count()
    }

    fn before(&self, offset: usize) -> &str {
        &self.text[..self.text.floor_char_boundary(offset)]
    }
}

fn unknown(what: &str, origin: Origin, path: &str, meant: Option<&str>) -> Problem {
    let hint = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    Problem::new(origin, path, format!("unknown {what}{hint}"))
}

/// The variable that names the file which `path`, such as `migo.token_file`, is meant to name.
pub(super) fn file_variable(path: &str) -> Option<String> {
    let secret = path.strip_suffix("_file")?;
    registry().iter().find(|key| key.path == secret)?.file_variable()
}

/// What is said of a key that [`file_variable`] knows.
pub(super) fn named_by(variable: &str) -> String {
    format!("a file is named by the variable {variable}")
}

fn within(path: &str, section: &str) -> bool {
    path.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

fn raw(item: &Item) -> Raw {
    match item {
        Item::Value(value) => raw_value(value),
        Item::Table(_) => Raw::Other("a section"),
        Item::ArrayOfTables(_) => Raw::Other("a list of sections"),
        Item::None => Raw::Other("nothing"),
    }
}

fn raw_value(value: &Value) -> Raw {
    match value {
        Value::String(text) => Raw::Text(text.value().clone()),
        Value::Integer(number) => Raw::Integer(*number.value()),
        Value::Boolean(truth) => Raw::Boolean(*truth.value()),
        Value::Array(items) => Raw::List(items.iter().map(raw_value).collect()),
        Value::Float(_) => Raw::Other("a fraction"),
        Value::Datetime(_) => Raw::Other("a date"),
        Value::InlineTable(_) => Raw::Other("a section"),
    }
}
