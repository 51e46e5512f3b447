//! The result columns: their names, and what stands in them.
//!
//! Nothing here depends on when it runs, so that an interrupted run and an uninterrupted one write the same file.
//! Left out: how a cell is written down, which each kind of file knows.

mod words;

use std::fmt::Write as _;

use chasqui_types::{Billing, Number};

use crate::{BadNumber, Finding, Row};

/// The language of the columns' names and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Spanish.
    #[default]
    Es,
    /// English. The registry's own nouns stay Spanish.
    En,
}

/// What the column `resultado` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The number exists.
    Found,
    /// A source says that it does not.
    Absent,
    /// It cannot be a number, so nobody was asked.
    Invalid,
    /// It could not be found out.
    Unknown,
}

/// How many result columns there are.
pub const N_COLUMNS: usize = 13;

/// The result cells of one row, in a buffer to be used again for the next.
///
/// ```
/// use chasqui_bulk::{Finding, Lang, ResultCells, Row};
///
/// let row = Row { number: Some(Ok("20131312955".parse::<chasqui_types::Ruc>()?.into())), ..Row::default() };
/// let mut cells = ResultCells::default();
/// cells.fill(Lang::Es, &row, Some(&Finding::Unknown("deadline".into())));
/// assert_eq!(cells.iter().next(), Some("SIN RESPUESTA"));
/// # Ok::<(), chasqui_types::ParseRucError>(())
/// ```
#[derive(Clone, Default)]
pub struct ResultCells {
    text: String,
    ends: [usize; N_COLUMNS],
    n_cells: usize,
}

// === impl Lang ===

impl Lang {
    /// The names of the result columns, in their order.
    pub fn names(self) -> [&'static str; N_COLUMNS] {
        let mut names = [
            "resultado",
            "nombre_o_razon_social",
            "estado_del_contribuyente",
            "condicion_de_domicilio",
            "ubigeo",
            "departamento",
            "provincia",
            "distrito",
            "direccion",
            "apto_facturacion",
            "motivos",
            "fuente",
            "datos_al",
        ];
        if self == Self::En {
            (names[0], names[9], names[10]) = ("result", "may_be_invoiced", "reasons");
            (names[11], names[12]) = ("source", "data_as_of");
        }
        names
    }

    /// What a column of the input is called that has no name of its own, before its position.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Es => "columna",
            Self::En => "column",
        }
    }

    /// The name of the one column of a plain list, and of JSON that is one.
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Es => "numero",
            Self::En => "number",
        }
    }
}

// === impl Outcome ===

impl Outcome {
    const ALL: [Self; 4] = [Self::Found, Self::Absent, Self::Invalid, Self::Unknown];

    /// What became of a row.
    ///
    /// A good number without a finding was never asked, so nothing is known of it.
    pub fn of(row: &Row, finding: Option<&Finding>) -> Self {
        match (&row.number, finding) {
            (None | Some(Err(_)), _) => Self::Invalid,
            (Some(Ok(_)), Some(Finding::Found(_))) => Self::Found,
            (Some(Ok(_)), Some(Finding::Absent(_))) => Self::Absent,
            (Some(Ok(_)), Some(Finding::Unknown(_)) | None) => Self::Unknown,
        }
    }

    /// The word in the column.
    pub fn words(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Found, Lang::Es) => "ENCONTRADO",
            (Self::Found, Lang::En) => "FOUND",
            (Self::Absent, Lang::Es) => "NO EXISTE",
            (Self::Absent, Lang::En) => "ABSENT",
            (Self::Invalid, Lang::Es) => "INVALIDO",
            (Self::Invalid, Lang::En) => "INVALID",
            (Self::Unknown, Lang::Es) => "SIN RESPUESTA",
            (Self::Unknown, Lang::En) => "UNKNOWN",
        }
    }

    /// Reads the word of a former run back, in either language.
    pub fn from_words(text: &str) -> Option<Self> {
        let is_it = |outcome: &Self| [Lang::Es, Lang::En].iter().any(|&lang| outcome.words(lang) == text.trim());
        Self::ALL.into_iter().find(is_it)
    }
}

// === impl BadNumber ===

impl BadNumber {
    /// What is wrong, for an accountant.
    pub fn words(self, lang: Lang) -> String {
        let mut text = String::new();
        words::bad_number(&mut text, self, lang);
        text
    }
}

// === impl ResultCells ===

impl ResultCells {
    /// What the columns say of a row; `finding` is `None` for a row whose number is bad.
    pub fn fill(&mut self, lang: Lang, row: &Row, finding: Option<&Finding>) {
        self.clear();
        let outcome = Outcome::of(row, finding);
        let facts = match finding {
            Some(Finding::Found(facts)) if outcome == Outcome::Found => Some(&**facts),
            _ => None,
        };
        let billing = facts.and_then(|facts| facts.billing.as_ref());
        self.push(outcome.words(lang));
        match facts {
            Some(facts) => {
                self.push_blank(facts.nombre_o_razon_social.as_deref());
                self.push_blank(facts.estado_del_contribuyente.as_deref());
                self.push_blank(facts.condicion_de_domicilio.as_deref());
                self.push_blank(facts.ubigeo.as_deref());
                self.push_blank(facts.departamento.as_deref());
                self.push_blank(facts.provincia.as_deref());
                self.push_blank(facts.distrito.as_deref());
                self.push_blank(facts.direccion.as_deref());
            }
            None => (0..8).for_each(|_| self.push("")),
        }
        self.push(words::verdict(verdict(outcome, billing), lang));
        self.push_reasons(lang, row, finding, billing);
        let origin = match finding {
            Some(Finding::Absent(origin)) if outcome == Outcome::Absent => Some(origin),
            _ => facts.map(|facts| &facts.origin),
        };
        self.push(origin.map_or("", |origin| origin.source.as_str()));
        if let Some(day) = origin.and_then(|origin| origin.as_of) {
            self.print(format_args!("{day}"));
        }
        self.end();
    }

    /// Takes the cells of a former run as they are. Missing ones are blank, surplus ones are left out.
    pub fn copy(&mut self, cells: &[String]) {
        self.clear();
        let blanks = std::iter::repeat("");
        cells.iter().map(String::as_str).chain(blanks).take(N_COLUMNS).for_each(|cell| self.push(cell));
    }

    /// The cells, in the order of [`Lang::names`]; blank where there is nothing to say.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends[..self.n_cells].iter().map(move |&end| {
            let cell = &self.text[start..end];
            start = end;
            cell
        })
    }

    fn push_reasons(&mut self, lang: Lang, row: &Row, finding: Option<&Finding>, billing: Option<&Billing>) {
        let start = self.text.len();
        let number = match &row.number {
            Some(Ok(number)) => number,
            Some(Err(bad)) => return self.end_with(|text| words::bad_number(text, *bad, lang)),
            None => return self.end_with(|text| words::bad_number(text, BadNumber::Empty, lang)),
        };
        match finding {
            Some(Finding::Found(_)) => match billing {
                Some(billing) => {
                    let obstacles = billing.obstacles.iter().map(|obstacle| words::obstacle(*obstacle, lang));
                    let warnings = billing.warnings.iter().map(|warning| words::warning(*warning, lang));
                    obstacles.chain(warnings).for_each(|words| self.push_reason(start, words));
                }
                None if matches!(number, Number::Dni(_)) => self.push_reason(start, words::person(lang)),
                None => {}
            },
            Some(Finding::Absent(_)) => self.push_reason(start, words::absent(*number, lang)),
            Some(Finding::Unknown(code)) => self.push_reason(start, words::unknown(code, lang)),
            None => self.push_reason(start, words::unknown("stopped", lang)),
        }
        if row.is_recovered {
            self.push_reason(start, words::recovered(lang));
            self.print(format_args!("{number}"));
        }
        self.end();
    }

    fn push_reason(&mut self, start: usize, words: &str) {
        if self.text.len() > start {
            self.text.push_str("; ");
        }
        self.text.push_str(words);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.n_cells = 0;
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.end();
    }

    fn push_blank(&mut self, text: Option<&str>) {
        self.push(text.unwrap_or_default());
    }

    fn print(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.text.write_fmt(arguments).expect("a String takes every text");
    }

    fn end_with(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.end();
    }

    fn end(&mut self) {
        self.ends[self.n_cells] = self.text.len();
        self.n_cells += 1;
    }
}

/// Masked: how many cells there are, because they hold names.
impl std::fmt::Debug for ResultCells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultCells").field("n_cells", &self.n_cells).finish_non_exhaustive()
    }
}

/// Whether it may be invoiced, where that is known: an outage and an identity document leave it open.
fn verdict(outcome: Outcome, billing: Option<&Billing>) -> Option<bool> {
    match outcome {
        Outcome::Found => billing.map(Billing::is_valid),
        Outcome::Absent | Outcome::Invalid => Some(false),
        Outcome::Unknown => None,
    }
}

/// The names of the result columns beside those that are there already: one that is taken gets `_2`, `_3`, …
///
/// Told apart without regard to case, as spreadsheets do.
pub(crate) fn free_names<'a>(lang: Lang, taken: impl IntoIterator<Item = &'a str>) -> [String; N_COLUMNS] {
    let taken: std::collections::HashSet<String> = taken.into_iter().map(|name| name.trim().to_lowercase()).collect();
    lang.names().map(|name| free_name(name, |name| taken.contains(name)))
}

/// `name`, or the first of `name_2`, `name_3`, … that is not taken.
pub(crate) fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = name.to_owned();
    let mut n = 2_u32;
    while is_taken(&free) {
        free = format!("{name}_{n}");
        n += 1;
    }
    free
}

#[cfg(test)]
mod tests;
