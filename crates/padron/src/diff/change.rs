//! One row's difference between two editions, in memory, as lines of JSON and as bytes.
//!
//! A change of cells holds both what they said and what they say, and a row that came or went is held whole, so that
//! a change can be followed in both directions.
//! Left out: where changes are kept.

use std::borrow::Cow;
use std::fmt;
use std::io;

use chasqui_types::Ruc;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::corrupt::{Corrupt, put_length, take, take_length};
use crate::edition::Edition;
use crate::line::{CELLS, Cells};
use crate::row::{Column, Row};
use crate::text::decode;

/// What is said of bytes that are no change.
pub(crate) const CHANGES: Corrupt = Corrupt { part: "changes" };

const CHANGED: u8 = 0;
const ADDED: u8 = 1;
const REMOVED: u8 = 2;
const APART: u8 = 0x80;
/// Eleven digits take five bytes.
const NUMBER: usize = 5;

/// Eleven digits, whether or not they are a well-formed number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number([u8; Ruc::LEN]);

/// What became of one row between two editions.
#[derive(Clone)]
pub struct Change {
    editions: (Edition, Edition),
    number: Number,
    apart: bool,
    what: What,
}

/// In which way a row differs.
#[derive(Clone)]
pub enum What {
    /// The old edition has no such row.
    Added(Row),
    /// The new edition has no such row.
    Removed(Row),
    /// Some of its cells differ; in the registry's order, and never none.
    Changed(Vec<FieldChange>),
}

/// A cell that differs. What it says is given as it stands in the text: `-` where it is blank.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldChange {
    column: Column,
    before: Box<[u8]>,
    after: Box<[u8]>,
}

// === impl Column ===

impl Column {
    /// The name of the column in answers, which is MIGO's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ruc => "ruc",
            Self::Name => "nombre_o_razon_social",
            Self::Status => "estado_del_contribuyente",
            Self::Condition => "condicion_de_domicilio",
            Self::Ubigeo => "ubigeo",
            Self::StreetKind => "tipo_de_via",
            Self::Street => "nombre_de_via",
            Self::ZoneKind => "codigo_de_zona",
            Self::Zone => "tipo_de_zona",
            Self::Number => "numero",
            Self::Interior => "interior",
            Self::Lot => "lote",
            Self::Flat => "dpto",
            Self::Block => "manzana",
            Self::Kilometre => "kilometro",
        }
    }
}

// === impl Number ===

impl Number {
    /// In front of every number.
    pub(crate) const NONE: Self = Self([0; Ruc::LEN]);

    pub(crate) fn of(row: &Row) -> Self {
        Self(row.bytes(Column::Ruc).try_into().expect("what has no eleven digits is no row"))
    }

    pub(crate) fn of_ruc(ruc: Ruc) -> Self {
        Self(ruc.as_str().as_bytes().try_into().expect("a Ruc has eleven digits"))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Ruc::LEN] {
        &self.0
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }

    fn put(self, output: &mut Vec<u8>) {
        let number = self.0.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        output.extend_from_slice(&number.to_le_bytes()[..NUMBER]);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let mut bytes = [0; 8];
        bytes[..NUMBER].copy_from_slice(take(input, NUMBER)?);
        let mut number = u64::from_le_bytes(bytes);
        let mut digits = [b'0'; Ruc::LEN];
        for digit in digits.iter_mut().rev() {
            *digit += (number % 10).to_le_bytes()[0];
            number /= 10;
        }
        (number == 0).then_some(Self(digits))
    }
}

// === impl Change ===

impl Change {
    pub(crate) fn new(editions: (Edition, Edition), number: Number, apart: bool, what: What) -> Self {
        Self { editions, number, apart, what }
    }

    /// The edition before the change, and the one after it.
    pub fn editions(&self) -> [Edition; 2] {
        [self.editions.0, self.editions.1]
    }

    pub(crate) fn key(&self) -> Number {
        self.number
    }

    /// The row's first column: eleven digits, well formed or not.
    pub fn number(&self) -> &str {
        self.number.as_str()
    }

    /// The number, if it is well formed.
    pub fn ruc(&self) -> Option<Ruc> {
        self.number().parse().ok()
    }

    /// Whether this is about a row that is kept apart: of no well-formed number, or not the one that counts.
    pub fn is_apart(&self) -> bool {
        self.apart
    }

    /// In which way the row differs.
    pub fn what(&self) -> &What {
        &self.what
    }

    /// Adds the change to `text` as lines of JSON, each with its end.
    ///
    /// A line for each cell that differs: `{"ruc", "kind": "changed", "field", "from", "to", "editions": [old, new]}`,
    /// with what the cell says as it stands in the text. A row that came or went is one line, `"kind": "added"` or
    /// `"removed"`, whose `field` is `"*"`, and whose `to` or `from` is an object with all other columns, and the other
    /// null. Where it is about a row kept apart, the line says `"apart": true`.
    pub fn write_ndjson(&self, text: &mut Vec<u8>) -> io::Result<()> {
        let line = Line {
            ruc: self.number(),
            kind: "changed",
            field: "*",
            from: None,
            to: None,
            editions: self.editions(),
            apart: self.apart,
        };
        match &self.what {
            What::Added(row) => Line { kind: "added", to: Some(Said::Row(row)), ..line }.write(text),
            What::Removed(row) => Line { kind: "removed", from: Some(Said::Row(row)), ..line }.write(text),
            What::Changed(cells) => cells.iter().try_for_each(|cell| {
                let (from, to) = (Said::Cell(cell.before()), Said::Cell(cell.after()));
                Line { field: cell.column.name(), from: Some(from), to: Some(to), ..line }.write(text)
            }),
        }
    }

    /// What the row was before, given what it was after; `None` stands for no row.
    pub(crate) fn undo(&self, after: Option<Row>) -> Result<Option<Row>, Corrupt> {
        match (&self.what, after) {
            (What::Added(added), Some(row)) if same_cells(added, &row) => Ok(None),
            (What::Removed(row), None) => Ok(Some(row.clone())),
            (What::Changed(cells), Some(row)) => {
                if cells.iter().any(|cell| row.bytes(cell.column) != &*cell.after) {
                    return Err(CHANGES);
                }
                replaced(&row, cells).map(Some)
            }
            _ => Err(CHANGES),
        }
    }

    /// Adds the change's bytes to `output`; its editions are the file's.
    pub(crate) fn encode(&self, output: &mut Vec<u8>) {
        let apart = if self.apart { APART } else { 0 };
        let (kind, row) = match &self.what {
            What::Changed(_) => (CHANGED, None),
            What::Added(row) => (ADDED, Some(row)),
            What::Removed(row) => (REMOVED, Some(row)),
        };
        output.push(kind | apart);
        self.number.put(output);
        if let Some(row) = row {
            put_bytes(row.raw(), output);
        }
        if let What::Changed(cells) = &self.what {
            put_length(cells.len(), output);
            for cell in cells {
                output.push(u8::try_from(cell.column as usize).expect("there are fifteen columns"));
                put_bytes(&cell.before, output);
                put_bytes(&cell.after, output);
            }
        }
    }

    /// Takes off `input` what [`Change::encode`] wrote.
    pub(crate) fn decode(editions: (Edition, Edition), input: &mut &[u8]) -> Result<Self, Corrupt> {
        let first = take(input, 1).ok_or(CHANGES)?[0];
        let number = Number::take(input).ok_or(CHANGES)?;
        let what = match first & !APART {
            kind @ (ADDED | REMOVED) => {
                let row = Row::parse(take_bytes(input)?).map_err(|_| CHANGES)?;
                if Number::of(&row) != number {
                    return Err(CHANGES);
                }
                if kind == ADDED { What::Added(row) } else { What::Removed(row) }
            }
            CHANGED => {
                let n_cells = take_length(input).filter(|n| (1..=CELLS).contains(n)).ok_or(CHANGES)?;
                let cells = (0..n_cells).map(|_| FieldChange::decode(input)).collect::<Result<_, _>>()?;
                What::Changed(cells)
            }
            _ => return Err(CHANGES),
        };
        Ok(Self::new(editions, number, first & APART != 0, what))
    }
}

/// Masked: no name and no address; a number that may be a person's shows its first two digits.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("number", &format_args!("{}…", &self.number()[..2]))
            .field("editions", &self.editions)
            .field("apart", &self.apart)
            .field("what", &self.what)
            .finish()
    }
}

impl fmt::Debug for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(row) => f.debug_tuple("Added").field(row).finish(),
            Self::Removed(row) => f.debug_tuple("Removed").field(row).finish(),
            Self::Changed(cells) => f.debug_tuple("Changed").field(cells).finish(),
        }
    }
}

// === impl FieldChange ===

impl FieldChange {
    pub(crate) fn between(column: Column, old: &Row, new: &Row) -> Option<Self> {
        let (before, after) = (old.bytes(column), new.bytes(column));
        (before != after).then(|| Self { column, before: before.into(), after: after.into() })
    }

    /// Which cell it is.
    pub fn column(&self) -> Column {
        self.column
    }

    /// What it said.
    pub fn before(&self) -> Cow<'_, str> {
        decode(&self.before)
    }

    /// What it says.
    pub fn after(&self) -> Cow<'_, str> {
        decode(&self.after)
    }

    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let column = take(input, 1).ok_or(CHANGES)?[0];
        // The number is what tells rows apart, so it cannot differ.
        let column = *Column::ALL.get(usize::from(column)).filter(|&&column| column != Column::Ruc).ok_or(CHANGES)?;
        Ok(Self { column, before: take_bytes(input)?.into(), after: take_bytes(input)?.into() })
    }
}

/// Masked: which cell, not what it says.
impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.column.name())
    }
}

fn put_bytes(bytes: &[u8], output: &mut Vec<u8>) {
    put_length(bytes.len(), output);
    output.extend_from_slice(bytes);
}

fn take_bytes<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Corrupt> {
    let length = take_length(input).ok_or(CHANGES)?;
    take(input, length).ok_or(CHANGES)
}

fn same_cells(one: &Row, other: &Row) -> bool {
    Column::ALL.iter().all(|&column| one.bytes(column) == other.bytes(column))
}

/// A row with some of its cells as they were before. Its line is put together, because only cells are known.
fn replaced(row: &Row, cells: &[FieldChange]) -> Result<Row, Corrupt> {
    let mut old = Row::new();
    old.refill(|text| {
        text.clear();
        let mut spans = Cells::default();
        for (span, &column) in spans.spans.iter_mut().zip(&Column::ALL) {
            let changed = cells.iter().find(|cell| cell.column == column);
            let bytes = changed.map_or_else(|| row.bytes(column), |cell| &cell.before);
            let start = text.len();
            text.extend_from_slice(bytes);
            let place = |at: usize| u32::try_from(at).map_err(|_| CHANGES);
            *span = (place(start)?, place(text.len())?);
            text.push(b'|');
        }
        Ok(spans)
    })?;
    Ok(old)
}

#[derive(Serialize)]
struct Line<'a> {
    ruc: &'a str,
    kind: &'static str,
    field: &'static str,
    from: Option<Said<'a>>,
    to: Option<Said<'a>>,
    editions: [Edition; 2],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    apart: bool,
}

enum Said<'a> {
    Cell(Cow<'a, str>),
    Row(&'a Row),
}

impl Line<'_> {
    fn write(&self, text: &mut Vec<u8>) -> io::Result<()> {
        serde_json::to_writer(&mut *text, self)?;
        text.push(b'\n');
        Ok(())
    }
}

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Cell(text) => serializer.serialize_str(text),
            Self::Row(row) => {
                let mut map = serializer.serialize_map(Some(CELLS - 1))?;
                for column in &Column::ALL[1..] {
                    map.serialize_entry(column.name(), &row.text(*column))?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn editions() -> (Edition, Edition) {
        ("2026-11-20".parse().unwrap(), "2026-11-21".parse().unwrap())
    }

    fn row() -> impl Strategy<Value = Row> {
        ("[0-9]{11}", prop::collection::vec("[A-Z |\\-]{0,6}", 14), any::<bool>()).prop_filter_map(
            "too many bars make no row",
            |(number, cells, ends)| {
                let line = format!("{number}|{}{}", cells.join("|"), if ends { "|" } else { "" });
                Row::parse(line.as_bytes()).ok()
            },
        )
    }

    fn what() -> impl Strategy<Value = What> {
        let cell = (1..CELLS, "[A-Z ]{0,200}", prop::collection::vec(any::<u8>(), 0..5));
        let cell = cell.prop_map(|(column, before, after)| FieldChange {
            column: Column::ALL[column],
            before: before.into_bytes().into(),
            after: after.into(),
        });
        prop_oneof![
            row().prop_map(What::Added),
            row().prop_map(What::Removed),
            prop::collection::vec(cell, 1..5).prop_map(What::Changed),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            changes in prop::collection::vec((what(), any::<bool>(), 0..99_999_999_999_u64), 0..5),
        ) {
            let changes: Vec<Change> = changes.into_iter().map(|(what, apart, number)| {
                let number = match &what {
                    What::Added(row) | What::Removed(row) => Number::of(row),
                    What::Changed(_) => Number(format!("{number:011}").into_bytes().try_into().unwrap()),
                };
                Change::new(editions(), number, apart, what)
            }).collect();
            let mut bytes = Vec::new();
            for change in &changes {
                change.encode(&mut bytes);
            }
            let mut left = bytes.as_slice();
            for change in &changes {
                let read = Change::decode(editions(), &mut left).unwrap();
                let mut said = [Vec::new(), Vec::new()];
                change.write_ndjson(&mut said[0]).unwrap();
                read.write_ndjson(&mut said[1]).unwrap();
                prop_assert_eq!(&said[0], &said[1]);
                let mut again = Vec::new();
                read.encode(&mut again);
                let mut once = Vec::new();
                change.encode(&mut once);
                prop_assert_eq!(again, once);
            }
            prop_assert!(left.is_empty());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), kind in 0..3_u8) {
            let bytes = [&[kind][..], &bytes].concat();
            let mut left = bytes.as_slice();
            while let Ok(change) = Change::decode(editions(), &mut left) {
                change.write_ndjson(&mut Vec::new()).unwrap();
                let _ = format!("{change:?}");
            }
        }

        #[test]
        fn what_was_done_is_undone(before in row(), after in row(), number in "[0-9]{11}") {
            let with_number = |row: &Row| {
                let mut line = row.raw().to_vec();
                line[..11].copy_from_slice(number.as_bytes());
                Row::parse(&line).unwrap()
            };
            let (before, after) = (with_number(&before), with_number(&after));
            let cells: Vec<FieldChange> =
                Column::ALL.iter().filter_map(|&column| FieldChange::between(column, &before, &after)).collect();
            let change = |what| Change::new(editions(), Number::of(&before), false, what);
            if !cells.is_empty() {
                let changed = change(What::Changed(cells));
                let undone = changed.undo(Some(after.clone())).unwrap().unwrap();
                prop_assert!(same_cells(&undone, &before));
                prop_assert!(changed.undo(None).is_err());
                // A row that is not what the change left was changed by something else.
                prop_assert!(changed.undo(Some(before.clone())).is_err());
            }
            prop_assert!(change(What::Added(after.clone())).undo(Some(after.clone())).unwrap().is_none());
            prop_assert!(change(What::Added(after)).undo(None).is_err());
            let removed = change(What::Removed(before.clone()));
            prop_assert!(same_cells(&removed.undo(None).unwrap().unwrap(), &before));
            prop_assert!(removed.undo(Some(before)).is_err());
        }
    }
}
