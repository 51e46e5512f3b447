//! Which column holds the numbers, and which record is the header.
//!
//! Asked for, else by name, else by content; where several names fit, content decides. A title above a table is
//! neither header nor row.
//! Left out: reading the numbers themselves.

use super::error::{ReadError, one_line};
use super::shape::Why;
use crate::number::{Reading, is_day};
use crate::{Cell, Content, Row};

/// So many rows are looked at.
pub(super) const SAMPLE_ROWS: usize = 1_000;
/// The header is one of so many first records.
const HEADER_ROWS: usize = 20;
/// So many columns are looked at.
const SAMPLE_COLUMNS: usize = 16_384;
/// So much of a cell is looked at for a name, in characters.
const NAME_LENGTH: usize = 60;

/// Names of a column of numbers without `ruc` or `dni` in them, without blanks, accents and punctuation.
const NAMES: &[&str] = &[
    "numero",
    "nro",
    "num",
    "documento",
    "nrodocumento",
    "numdocumento",
    "ndocumento",
    "numerodocumento",
    "numerodedocumento",
    "nrodedocumento",
    "doc",
    "numdoc",
    "nrodoc",
    "ndoc",
    "numerodoc",
    "docidentidad",
    "documentoidentidad",
    "documentodeidentidad",
    "nrodocidentidad",
    "numdocidentidad",
    "numerodocumentoidentidad",
    "numerodedocumentodeidentidad",
    "nrodocumentoidentidad",
    "identificacion",
    "nroidentificacion",
    "numeroidentificacion",
    "numerodeidentificacion",
    "contribuyente",
    "vat",
    "taxid",
];

/// What a cell may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Empty,
    Other,
    /// Like a number, and none to be believed without a name above it.
    Like,
    /// A DNI where a name says so, and else rather a day: `20260131`.
    Day,
    Dni,
    Ruc,
}

/// The first rows of a file, as far as choosing needs them.
#[derive(Debug, Default)]
pub(super) struct Sample {
    rows: Vec<Vec<Class>>,
    /// The beginnings of the cells of the first rows.
    names: Vec<Vec<String>>,
}

/// What was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) column: usize,
    /// Which record is the header, from 0.
    pub(super) header: Option<usize>,
    pub(super) chosen: Why,
}

// === impl Class ===

impl Class {
    pub(super) fn of(reading: Reading) -> Self {
        match reading.number {
            Ok(chasqui_types::Number::Ruc(_)) => Self::Ruc,
            Ok(chasqui_types::Number::Dni(dni)) if !reading.is_recovered => {
                if is_day(dni.as_str()) {
                    Self::Day
                } else {
                    Self::Dni
                }
            }
            _ if reading.is_like_a_number() => Self::Like,
            Err(crate::BadNumber::Empty) => Self::Empty,
            _ => Self::Other,
        }
    }

    fn is_valid(self) -> bool {
        matches!(self, Self::Day | Self::Dni | Self::Ruc)
    }

    fn is_like_a_number(self) -> bool {
        self == Self::Like || self.is_valid()
    }
}

// === impl Sample ===

impl Sample {
    /// Adds a record of a text or a sheet.
    pub(super) fn add(&mut self, row: &Row) {
        let classes = match &row.content {
            Content::Text(record) => {
                record.iter().take(SAMPLE_COLUMNS).map(|text| Class::of(Reading::of_text(text, false))).collect()
            }
            Content::Sheet(cells) => {
                cells.iter().take(SAMPLE_COLUMNS).map(|cell| Class::of(Reading::of_cell(cell, false))).collect()
            }
            Content::Json(_) => Vec::new(),
        };
        if self.names.len() < HEADER_ROWS {
            let cells = texts(&row.content).into_iter().take(SAMPLE_COLUMNS);
            self.names.push(cells.map(|text| text.chars().take(NAME_LENGTH).collect()).collect());
        }
        self.rows.push(classes);
    }

    /// A sample of JSON objects: the keys, and what stands behind each of them.
    pub(super) fn of_keys(keys: Vec<String>, rows: Vec<Vec<Class>>) -> Self {
        let header = vec![Class::Other; keys.len()];
        Self { rows: std::iter::once(header).chain(rows).collect(), names: vec![keys] }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Chooses; `asked` is what a person said.
    pub(super) fn choose(&self, asked: Option<&str>) -> Result<Choice, ReadError> {
        if let Some(asked) = asked {
            return self.asked(asked);
        }
        let named = self.named(is_name);
        if let Some((row, column, n_valid)) = named
            && n_valid > 0
        {
            return Ok(Choice { column, header: Some(row), chosen: Why::Header });
        }
        let is_single = self.n_columns() == 1;
        if let Some(column) = self.by_content() {
            let chosen = if is_single { Why::OnlyOne } else { Why::Content };
            return Ok(Choice { column, header: self.header_above(column), chosen });
        }
        if let Some((row, column, _)) = named {
            return Ok(Choice { column, header: Some(row), chosen: Why::Header });
        }
        if is_single && (0..self.rows.len()).any(|row| self.class(row, 0).is_like_a_number()) {
            return Ok(Choice { column: 0, header: self.header_above(0), chosen: Why::OnlyOne });
        }
        Err(ReadError::NoNumbers { there: self.there() })
    }

    fn asked(&self, asked: &str) -> Result<Choice, ReadError> {
        let wanted = normalised(asked);
        let exact = self.named(|name| name == asked);
        let named = exact.or_else(|| self.named(|name| !wanted.is_empty() && normalised(name) == wanted));
        if let Some((row, column, _)) = named {
            return Ok(Choice { column, header: Some(row), chosen: Why::Asked });
        }
        match place(asked).filter(|&column| column < self.n_columns()) {
            Some(column) => Ok(Choice { column, header: self.header_above(column), chosen: Why::Asked }),
            None => Err(ReadError::NoColumn { asked: one_line(asked), there: self.there() }),
        }
    }

    fn n_columns(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    fn class(&self, row: usize, column: usize) -> Class {
        self.rows[row].get(column).copied().unwrap_or(Class::Empty)
    }

    /// The cell with such a name that has most valid numbers below: its row, its column and how many. Of equals the
    /// first that does not stand alone in its row, as a title does.
    fn named(&self, is_it: impl Fn(&str) -> bool) -> Option<(usize, usize, usize)> {
        let mut best: Option<(usize, usize, usize)> = None;
        let mut most = (0, false);
        for (row, names) in self.names.iter().enumerate() {
            for (column, name) in names.iter().enumerate() {
                // `RUC: 20131312955` is a number with a name.
                if self.class(row, column).is_like_a_number() || !is_it(name) {
                    continue;
                }
                let n_valid = (row + 1..self.rows.len()).filter(|&row| self.class(row, column).is_valid()).count();
                let rank = (n_valid, self.n_filled(row) > 1);
                if best.is_none() || rank > most {
                    (best, most) = (Some((row, column, n_valid)), rank);
                }
            }
        }
        best
    }

    fn n_filled(&self, row: usize) -> usize {
        self.rows[row].iter().filter(|class| **class != Class::Empty).count()
    }

    /// The column with the highest share of valid numbers. A RUC has a check digit and so counts more than a DNI, which
    /// any eight digits are.
    fn by_content(&self) -> Option<usize> {
        let mut best = (0, 1, None);
        for column in 0..self.n_columns() {
            let (mut n_filled, mut n_valid, mut weight) = (0_u64, 0_u64, 0_u64);
            for row in 0..self.rows.len() {
                let class = self.class(row, column);
                n_filled += u64::from(class != Class::Empty);
                let worth = match class {
                    Class::Ruc => 3,
                    Class::Dni => 1,
                    Class::Empty | Class::Other | Class::Like | Class::Day => 0,
                };
                n_valid += worth.min(1);
                weight += worth;
            }
            // Less than a third is chance: an amount or a telephone number now and then.
            if n_valid > 0 && n_valid * 3 >= n_filled && weight * best.1 > best.0 * n_filled {
                best = (weight, n_filled, Some(column));
            }
        }
        best.2
    }

    /// The header of a column without a known name: above its first number, the first record that is no title.
    fn header_above(&self, column: usize) -> Option<usize> {
        let first = (0..self.rows.len()).find(|&row| self.class(row, column).is_like_a_number());
        let above = first.unwrap_or(self.rows.len()).min(self.names.len());
        let is_filled = |row: &usize| self.class(*row, column) != Class::Empty;
        if self.n_columns() == 1 {
            return (above > 0 && !self.names[0].iter().any(|name| name.contains(|c: char| c.is_ascii_digit())))
                .then_some(0);
        }
        let header = (0..above).filter(is_filled).find(|&row| self.n_filled(row) > 1).or((0..above).find(is_filled));
        let is_unnamed = above == 1 && !self.rows[0].iter().any(|class| class.is_like_a_number());
        header.or(is_unnamed.then_some(0))
    }

    /// The columns by letter and name, for a message.
    fn there(&self) -> Vec<String> {
        let n_filled = |names: &&Vec<String>| names.iter().filter(|name| !name.trim().is_empty()).count();
        let Some(widest) = self.names.iter().rev().max_by_key(n_filled) else { return Vec::new() };
        let shown = |(place, name): (usize, &String)| format!("{} `{}`", letters(place), one_line(name));
        widest.iter().enumerate().map(shown).collect()
    }
}

/// The cells of a record as text.
pub(super) fn texts(content: &Content) -> Vec<String> {
    match content {
        Content::Text(record) => record.iter().map(str::to_owned).collect(),
        Content::Sheet(cells) => cells.iter().map(text_of).collect(),
        Content::Json(line) => vec![line.clone()],
    }
}

fn text_of(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Error(text) => text.to_string(),
        Cell::Number(number) | Cell::DateTime(number) => number.to_string(),
        Cell::Bool(is_true) => is_true.to_string().to_uppercase(),
    }
}

fn is_name(text: &str) -> bool {
    const OURS: [&str; 2] = ["ruc", "dni"];
    let name = normalised(text);
    // `R.U.C.` is three words, and none of them.
    let is_spelled = || words(text).windows(3).any(|three| OURS.contains(&three.concat().as_str()));
    words(text).iter().any(|word| OURS.contains(&word.as_str())) || is_spelled() || NAMES.contains(&name.as_str())
}

/// Lower case, without accents, blanks and punctuation.
fn normalised(text: &str) -> String {
    words(text).concat()
}

/// The words of a name, in lower case and without accents; `nroRuc` is two of them.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in text.chars() {
        let plain = plain(c);
        if !plain.is_alphanumeric() || (was_lower && plain.is_uppercase()) {
            words.push(String::new());
        }
        was_lower = plain.is_lowercase();
        if plain.is_alphanumeric() {
            words.last_mut().expect("there is always one").extend(plain.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Letters of Spanish without their marks; the ordinal signs are no letters here.
fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'ä' | 'â' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        'Á' | 'À' | 'Ä' | 'Â' => 'A',
        'É' | 'È' | 'Ë' | 'Ê' => 'E',
        'Í' | 'Ì' | 'Ï' | 'Î' => 'I',
        'Ó' | 'Ò' | 'Ö' | 'Ô' => 'O',
        'Ú' | 'Ù' | 'Ü' | 'Û' => 'U',
        'Ñ' => 'N',
        'º' | 'ª' => ' ',
        _ => c,
    }
}

/// A column by its letters or by its place from 1.
fn place(text: &str) -> Option<usize> {
    let text = text.trim();
    if let Ok(place) = text.parse::<usize>() {
        return place.checked_sub(1);
    }
    let is_letters = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let digit = |letter: u8| usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    is_letters.then(|| text.bytes().fold(0, |place, letter| place * 26 + digit(letter)) - 1)
}

/// The letters of a column, as a spreadsheet shows them.
fn letters(place: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = place + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).expect("a remainder of 26 is a letter")));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_every_spelling() {
        for name in [
            "RUC",
            "ruc ",
            "R.U.C.",
            "N° D.N.I. del titular",
            "Dni",
            "N° RUC",
            "Nº Documento",
            "NRO. DOCUMENTO",
            "Número de documento",
            "RUC/DNI",
            "ruc_dni",
            "nroRuc",
            "Doc. Identidad",
            "RUC Proveedor",
            "ruc-cliente",
            "NUM DOC",
            "Documento",
            "numeroDocumento",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "Nombre", "Teléfono", "Tipo documento", "Crucero", "Instrucción", "Dirección"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn places_are_said_by_letter_or_number() {
        for (text, expected) in [
            ("A", Some(0)),
            ("z", Some(25)),
            ("AA", Some(26)),
            ("XFD", Some(16_383)),
            ("1", Some(0)),
            (" 12 ", Some(11)),
            ("0", None),
            ("", None),
            ("RUC1", None),
            ("ABCD", None),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
        for column in [0, 25, 26, 701, 702, 16_383] {
            assert_eq!(place(&letters(column)), Some(column));
        }
    }
}
