//! Tables for people: two columns for one thing, several for many.
//!
//! Plain columns without frames, so that what is copied out of a terminal is just the words.
//! Left out: data for programs, which have formats of their own.

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};

use crate::text::one_line;

/// On a narrower terminal, some of which say that they have no width at all, words are left to the terminal to break.
const NARROWEST: u16 = 60;

/// What a word means at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Doubtful,
    Bad,
}

/// A cell of a table.
pub(crate) struct Word {
    text: String,
    tone: Option<Tone>,
}

/// Labels and values, one pair per line.
pub(crate) fn pairs(rows: impl IntoIterator<Item = (String, String)>) -> String {
    let mut table = bare();
    for (label, value) in rows {
        table.add_row([cell(&label).add_attribute(Attribute::Bold), cell(&value)]);
    }
    finished(table)
}

/// Rows under a header.
pub(crate) fn grid(header: &[&str], rows: impl IntoIterator<Item = Vec<Word>>) -> String {
    let mut table = bare();
    table.set_header(header.iter().map(|name| cell(name).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.into_iter().map(|word| match word.tone {
            None => cell(&word.text),
            Some(tone) => cell(&word.text).fg(tone.colour()),
        }));
    }
    finished(table)
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // Colours are taken out at the end where there is no terminal; the width is only known where there is one.
    table.enforce_styling();
    // Blanks stay plain, so that those at the end of a line can be seen and cut.
    table.style_text_only();
    if table.is_tty() && table.width().is_some_and(|width| width >= NARROWEST) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

fn cell(text: &str) -> Cell {
    Cell::new(one_line(text))
}

fn finished(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    // A number or a label that is broken in two can neither be read nor copied.
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

// === impl Tone ===

impl Tone {
    fn colour(self) -> Color {
        match self {
            Self::Good => Color::Green,
            Self::Doubtful => Color::Yellow,
            Self::Bad => Color::Red,
        }
    }
}

// === impl Word ===

impl Word {
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone: Some(tone) }
    }
}

impl<T: Into<String>> From<T> for Word {
    fn from(text: T) -> Self {
        Self { text: text.into(), tone: None }
    }
}
