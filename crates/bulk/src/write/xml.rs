//! The XML of a sheet's cells, as both kinds of workbooks need it: those that are made and those that are added to.
//!
//! Texts stand in their cells ("inline"), so that no table of texts must be kept in memory or rewritten.
//! Left out: everything of a sheet but its cells.

use std::fmt::Write as _;

/// Rows of a sheet.
pub(super) const MAX_ROWS: u64 = 1_048_576;
/// Columns of a sheet.
pub(super) const MAX_COLUMNS: usize = 16_384;
/// Characters of a cell, as spreadsheet programs count them: in UTF-16.
pub(super) const MAX_TEXT: usize = 32_767;

/// How wide the result columns are, in characters.
pub(super) const RESULT_WIDTHS: [u8; crate::N_COLUMNS] = [16, 42, 20, 20, 9, 16, 18, 22, 48, 17, 42, 10, 12];

/// Where a cell stands and what it looks like.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// What stands before the names of elements: nothing, or `x:`.
    pub(super) prefix: &'a str,
    /// From 1.
    pub(super) row: u64,
    /// From 0.
    pub(super) column: usize,
    /// The number of a style, as it is written.
    pub(super) style: Option<&'a str>,
}

/// A cell with a text, which is a text whatever it looks like.
pub(super) fn push_text(xml: &mut String, place: Place<'_>, text: &str) {
    let prefix = place.prefix;
    open_cell(xml, place, " t=\"inlineStr\"");
    push(xml, format_args!("<{prefix}is><{prefix}t xml:space=\"preserve\">"));
    push_escaped(xml, text);
    push(xml, format_args!("</{prefix}t></{prefix}is></{prefix}c>"));
}

/// A cell with a number.
pub(super) fn push_number(xml: &mut String, place: Place<'_>, number: &str) {
    open_cell(xml, place, "");
    push(xml, format_args!("<{0}v>{number}</{0}v></{0}c>", place.prefix));
}

/// A cell with a truth.
pub(super) fn push_bool(xml: &mut String, place: Place<'_>, truth: bool) {
    open_cell(xml, place, " t=\"b\"");
    push(xml, format_args!("<{0}v>{1}</{0}v></{0}c>", place.prefix, u8::from(truth)));
}

fn open_cell(xml: &mut String, place: Place<'_>, kind: &str) {
    let Place { prefix, row, column, style } = place;
    push(xml, format_args!("<{prefix}c r=\"{}{row}\"", Letters(column)));
    if let Some(style) = style {
        push(xml, format_args!(" s=\"{style}\""));
    }
    push(xml, format_args!("{kind}>"));
}

/// A column, from 0, as sheets name it: `A`, `Z`, `AA`.
pub(super) struct Letters(pub(super) usize);

impl std::fmt::Display for Letters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(column) = *self;
        if column >= 26 {
            Self(column / 26 - 1).fmt(f)?;
        }
        let letter = u8::try_from(column % 26).expect("there are 26 letters");
        f.write_char(char::from(b'A' + letter))
    }
}

/// Takes a cell's name apart: `AB12` is column 27 of row 12.
pub(super) fn parse_place(name: &str) -> Option<(usize, u64)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = name.split_at(digits);
    // Three letters name every column there is.
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().try_fold(0, |sum, letter| {
        letter.is_ascii_alphabetic().then(|| sum * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    Some((column - 1, row.parse().ok()?))
}

/// Whether a cell has room for a text.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= MAX_TEXT || text.encode_utf16().count() <= MAX_TEXT
}

/// A text with what XML takes for its own escaped, and what it takes in no form left out.
pub(super) fn push_escaped(xml: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        let (plain, special) = rest.split_at(at);
        xml.push_str(plain);
        let mut characters = special.chars();
        match characters.next() {
            Some('&') => xml.push_str("&amp;"),
            Some('<') => xml.push_str("&lt;"),
            Some('>') => xml.push_str("&gt;"),
            Some('"') => xml.push_str("&quot;"),
            // Written as it is, it would be read as a line feed.
            Some('\r') => xml.push_str("&#13;"),
            _ => {}
        }
        rest = characters.as_str();
    }
    xml.push_str(rest);
}

fn is_special(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\u{fffe}' | '\u{ffff}') || (c < ' ' && !matches!(c, '\t' | '\n'))
}

pub(super) fn push(xml: &mut String, arguments: std::fmt::Arguments<'_>) {
    xml.write_fmt(arguments).expect("a String takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_sheets_name_them() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(Letters(column).to_string(), name);
            assert_eq!(parse_place(&format!("{name}12")), Some((column, 12)));
        }
        for name in ["", "12", "A", "A-1", "ABCD1", "Ñ1", "1A"] {
            assert_eq!(parse_place(name), None, "{name}");
        }
    }

    #[test]
    fn a_text_is_escaped_and_loses_only_what_no_xml_can_hold() {
        let mut xml = String::new();
        push_escaped(&mut xml, "a<b>&\"c\" \t\n\r\u{0}\u{1b}ñ\u{ffff}\u{1f600}");
        assert_eq!(xml, "a&lt;b&gt;&amp;&quot;c&quot; \t\n&#13;ñ\u{1f600}");
    }

    #[test]
    fn cells_carry_prefix_place_and_style() {
        let mut xml = String::new();
        push_text(&mut xml, Place { prefix: "x:", row: 3, column: 27, style: Some("5") }, "01");
        assert_eq!(
            xml,
            "<x:c r=\"AB3\" s=\"5\" t=\"inlineStr\"><x:is><x:t xml:space=\"preserve\">01</x:t></x:is></x:c>"
        );
    }

    #[test]
    fn a_text_is_measured_as_spreadsheets_do() {
        assert!(fits(&"ñ".repeat(MAX_TEXT)) && !fits(&"ñ".repeat(MAX_TEXT + 1)));
        assert!(!fits(&"\u{1f600}".repeat(MAX_TEXT / 2 + 1)));
    }
}
