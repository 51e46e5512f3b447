//! What changed in the registry, and how a taxpayer stood on a day.
//!
//! Cells of a change are told as they stand in the registry's text, `-` where they are blank, because it is the text
//! that changed; a null is where there was no row at all.
//! Left out: which changes are kept.

use bytes::Bytes;
use chasqui::OpenEdition;
use chasqui::padron::{Change, Column, Edition, FeedPage, History, OfflineRegistry, Past, Row, What};
use chasqui_types::Ruc;
use chasqui_types::time::Date;

use super::fields;
use crate::wire::{Object, list};

/// `{"changes": […], "next", "is_last", "first", "last"}`: the same objects as [`change_lines`] has lines.
pub fn changes(page: &FeedPage, first: Edition, last: Edition) -> Bytes {
    let lines = change_lines(&page.changes);
    let objects = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Object::with_capacity(lines.len() + 160)
        .json("changes", &list(objects))
        .text("next", &page.next.to_string())
        .plain("is_last", page.is_last)
        .text("first", &first.to_string())
        .text("last", &last.to_string())
        .finish()
        .into()
}

/// A line for each cell that differs, and one for each row that came or went.
pub fn change_lines(changes: &[Change]) -> Vec<u8> {
    let mut lines = Vec::new();
    for change in changes {
        change.write_ndjson(&mut lines).expect("writing to memory cannot fail");
    }
    lines
}

/// The line behind all changes: `{"next", "first", "last"}`.
pub(crate) fn end_line(page: &FeedPage, first: Edition, last: Edition) -> Vec<u8> {
    let mut line = Object::with_capacity(96)
        .text("next", &page.next.to_string())
        .text("first", &first.to_string())
        .text("last", &last.to_string())
        .finish();
    line.push(b'\n');
    line
}

/// `{"ruc", "first", "last", "changes": [{"editions", "kind", "fields": [{"field", "from", "to"}]}]}`, the newest first.
pub fn history(ruc: Ruc, history: &History) -> Bytes {
    Object::new()
        .text("ruc", ruc.as_str())
        .text("first", &history.first.to_string())
        .text("last", &history.last.to_string())
        .json("changes", &list(history.changes.iter().map(change)))
        .finish()
        .into()
}

fn change(change: &Change) -> Vec<u8> {
    let (kind, fields) = match change.what() {
        What::Added(row) => ("added", cells(row).map(|(name, cell)| field(name, None, Some(&cell))).collect()),
        What::Removed(row) => ("removed", cells(row).map(|(name, cell)| field(name, Some(&cell), None)).collect()),
        What::Changed(cells) => {
            let told = |cell: &chasqui::padron::FieldChange| {
                field(cell.column().name(), Some(&cell.before()), Some(&cell.after()))
            };
            ("changed", cells.iter().map(told).collect::<Vec<_>>())
        }
    };
    let editions = change.editions().map(|edition| format!("\"{edition}\""));
    Object::new().json("editions", &list(editions)).text("kind", kind).json("fields", &list(fields)).finish()
}

/// All cells of a row but its number.
fn cells(row: &Row) -> impl Iterator<Item = (&'static str, std::borrow::Cow<'_, str>)> {
    let columns = Column::ALL.into_iter().filter(|&column| column != Column::Ruc);
    columns.map(|column| (column.name(), row.text(column)))
}

fn field(name: &str, from: Option<&str>, to: Option<&str>) -> Vec<u8> {
    Object::with_capacity(128).text("field", name).text_or_null("from", from).text_or_null("to", to).finish()
}

/// `{"ruc", "on", "outcome", "edition", "first", "taxpayer"}`: how a taxpayer stood on a day.
///
/// `first` is the first edition of which anything is known.
pub fn day(ruc: Ruc, on: Date, past: &Past, first: Edition, registry: &OfflineRegistry) -> Bytes {
    let (outcome, edition, row) = match past {
        Past::Known { row, edition } => ("listed", Some(edition), Some(row)),
        Past::NotListed { edition } => ("not_listed", Some(edition), None),
        Past::BeforeFirstEdition { .. } => ("unknown", None, None),
    };
    let taxpayer =
        row.zip(edition).and_then(|(row, edition)| OpenEdition::taxpayer_of(row, *edition, registry.ubigeos()));
    let object = Object::with_capacity(1_152)
        .text("ruc", ruc.as_str())
        .text("on", &on.to_string())
        .text("outcome", outcome)
        .text_or_null("edition", edition.map(ToString::to_string).as_deref())
        .text("first", &first.to_string());
    match taxpayer {
        Some(taxpayer) => object.json("taxpayer", &fields(&taxpayer).finish()),
        None => object.plain("taxpayer", "null"),
    }
    .finish()
    .into()
}
