//! Elements of a sheet, taken apart and written again.
//!
//! Whatever is not changed is written with the bytes that were read.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};

use crate::write::xml;

/// An element's name.
pub(super) struct Element<'a> {
    /// What stands before its local name: nothing, or `x:`.
    pub(super) prefix: &'a str,
}

/// The columns of a row's cells, which need not say where they stand.
#[derive(Default)]
pub(super) struct Cells {
    next: usize,
}

// === impl Element ===

impl<'a> Element<'a> {
    pub(super) fn of(start: &'a BytesStart<'_>) -> Self {
        let name = start.name().into_inner();
        let prefix = name.find(':').map_or("", |colon| &name[..=colon]);
        Self { prefix }
    }
}

// === impl Cells ===

impl Cells {
    /// The column of the next cell, from 0.
    pub(super) fn column(&mut self, cell: &BytesStart<'_>) -> usize {
        let told = attribute(cell, "r").and_then(|name| xml::parse_place(&name));
        let column = told.map_or(self.next, |(column, _)| column);
        self.next = column + 1;
        column
    }
}

/// The number of a row, which is one more than that of the row `before` it where it does not say.
pub(super) fn row_number(row: &BytesStart<'_>, before: u64) -> Option<u64> {
    match attribute(row, "r") {
        Some(number) => number.trim().parse().ok(),
        None => Some(before + 1),
    }
}

/// An attribute by its name, which has no prefix. As it was written: what is asked for needs no escapes.
pub(super) fn attribute<'a>(element: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    let attribute = element.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(attribute.value)
}

/// An event as it was read.
pub(super) fn push_event(xml: &mut String, event: &Event<'_>) {
    match event {
        Event::Start(start) => push_start(xml, start, false, None),
        Event::Empty(start) => push_start(xml, start, true, None),
        Event::End(end) => around(xml, "</", end, ">"),
        Event::Text(text) => xml.push_str(text),
        Event::CData(text) => around(xml, "<![CDATA[", text, "]]>"),
        Event::Comment(text) => around(xml, "<!--", text, "-->"),
        Event::Decl(text) => around(xml, "<?", text, "?>"),
        Event::PI(text) => around(xml, "<?", text, "?>"),
        Event::DocType(text) => around(xml, "<!DOCTYPE ", text, ">"),
        Event::GeneralRef(name) => around(xml, "&", name, ";"),
        Event::Eof => {}
    }
}

fn around(xml: &mut String, before: &str, text: &str, after: &str) {
    xml.push_str(before);
    xml.push_str(text);
    xml.push_str(after);
}

/// The beginning of an element, or all of an empty one, without one of its attributes.
pub(super) fn push_start(xml: &mut String, start: &BytesStart<'_>, is_empty: bool, without: Option<&str>) {
    let end = if is_empty { "/>" } else { ">" };
    let is_told = |name| attribute(start, name).is_some();
    let Some(without) = without.filter(|name| is_told(name)) else { return around(xml, "<", start, end) };
    push_some(xml, start, &[without]);
    xml.push_str(end);
}

/// A `col` with other bounds.
pub(super) fn push_bounds(xml: &mut String, column: &BytesStart<'_>, min: usize, max: usize) {
    push_some(xml, column, &["min", "max"]);
    xml::push(xml, format_args!(r#" min="{min}" max="{max}"/>"#));
}

/// An element with another value for one of its attributes.
pub(super) fn push_with(xml: &mut String, start: &BytesStart<'_>, is_empty: bool, name: &str, value: &str) {
    push_some(xml, start, &[name]);
    xml::push(xml, format_args!(r#" {name}="{value}"{}"#, if is_empty { "/>" } else { ">" }));
}

/// The beginning of an element without its end and without some of its attributes.
fn push_some(xml: &mut String, start: &BytesStart<'_>, without: &[&str]) {
    around(xml, "<", start.name().as_ref(), "");
    for attribute in start.attributes().flatten() {
        let key = attribute.key.as_ref();
        if !without.contains(&key) {
            // Values come as they were written, so one kind of quote is in none of them.
            let quote = if attribute.value.contains('"') { '\'' } else { '"' };
            xml::push(xml, format_args!(" {key}={quote}{}{quote}", attribute.value));
        }
    }
}
