//! What became of each number, printed: for people, as the server's bodies, or for a spreadsheet.
//!
//! Rows are handed in by input order. Formats that can be printed line by line are; a table waits for its widest cell.
//! Left out: reasons and sums, which are not data and go to standard error.

use chasqui_core::{Answer, RowOutcome};
use chasqui_server::body;
use chasqui_types::{Absence, Lookup, SourceId, Taxpayer};

use super::Format;
use crate::command::SANDBOX_ADVICE;
use crate::exit::Failure;
use crate::table::{self, Tone, Word};
use crate::text::{lima, one_line, or_dash};
use crate::{csv, output};

/// Prints rows in one format.
pub(super) struct Printer {
    format: Format,
    is_alone: bool,
    n_rows: usize,
    grid: Vec<Vec<Word>>,
    is_made_up: bool,
}

const LABELS: [(&str, &str); 20] = [
    ("nombre_o_razon_social", "Nombre o razón social"),
    ("estado_del_contribuyente", "Estado del contribuyente"),
    ("condicion_de_domicilio", "Condición de domicilio"),
    ("ubigeo", "Ubigeo"),
    ("tipo_de_via", "Tipo de vía"),
    ("nombre_de_via", "Nombre de vía"),
    ("codigo_de_zona", "Código de zona"),
    ("tipo_de_zona", "Tipo de zona"),
    ("numero", "Número"),
    ("interior", "Interior"),
    ("lote", "Lote"),
    ("dpto", "Dpto."),
    ("manzana", "Manzana"),
    ("kilometro", "Kilómetro"),
    ("distrito", "Distrito"),
    ("provincia", "Provincia"),
    ("departamento", "Departamento"),
    ("direccion_simple", "Dirección simple"),
    ("direccion", "Dirección"),
    ("actualizado_en", "Actualizado en"),
];

// === impl Printer ===

impl Printer {
    /// A printer for so many inputs.
    pub(super) fn new(format: Format, inputs: usize) -> Self {
        Self { format, is_alone: inputs == 1, n_rows: 0, grid: Vec::new(), is_made_up: false }
    }

    /// The next row in input order.
    pub(super) fn row(&mut self, input: &str, outcome: &RowOutcome) -> Result<(), Failure> {
        let is_first = self.n_rows == 0;
        self.n_rows += 1;
        match self.format {
            Format::Table if self.is_alone => alone(input, outcome),
            Format::Table => {
                self.is_made_up |= is_made_up(outcome);
                self.grid.push(words(input, outcome));
                Ok(())
            }
            Format::Json if self.is_alone => output::line(&lone_body(input, outcome)),
            Format::Json => {
                output::data(if is_first { "[\n" } else { ",\n" })?;
                output::data(body::row(input, outcome))
            }
            Format::Ndjson => output::line(&body::row(input, outcome)),
            Format::Csv => {
                if is_first {
                    output::data(csv_header())?;
                }
                output::data(csv_line(input, outcome))
            }
        }
    }

    /// What follows the last row.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.format {
            Format::Json if !self.is_alone => output::data("\n]\n"),
            Format::Table if !self.is_alone => {
                let header = ["RUC", "Name", "Status", "Condition", "District", "Department", "Outcome"];
                let mut text = table::grid(&header, self.grid);
                if self.is_made_up {
                    text.push_str(&made_up());
                }
                output::data(text)
            }
            _ => Ok(()),
        }
    }
}

// === one number, for people ===

fn alone(input: &str, outcome: &RowOutcome) -> Result<(), Failure> {
    // A bad number and an unknown one have no data to print.
    let RowOutcome::Answered(answer) = outcome else { return Ok(()) };
    let mut text = match answer.taxpayer() {
        Lookup::Found(taxpayer) => found(taxpayer, answer),
        Lookup::Absent(absence) => absent(input, &absence, answer),
    };
    if is_made_up(outcome) {
        text.push_str(&made_up());
    }
    output::data(text)
}

fn found(taxpayer: &Taxpayer, answer: &Answer) -> String {
    let number = std::iter::once(("RUC".to_owned(), taxpayer.ruc.to_string()));
    let fields = taxpayer.fields().into_iter().filter_map(|(name, text)| {
        let label = LABELS.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label);
        Some((label.to_owned(), text?.to_owned()))
    });
    let provenance = answer.record.provenance();
    let (source, as_of, freshness) = (&provenance.source, lima(provenance.as_of), answer.freshness.as_str());
    format!("{}\nSource: {source}, as of {as_of}, {freshness}\n", table::pairs(number.chain(fields)))
}

fn absent(input: &str, absence: &Absence, answer: &Answer) -> String {
    let (source, as_of) = (&answer.record.provenance().source, lima(absence.as_of));
    let reason = one_line(&absence.reason.to_string());
    format!("{input} is absent: {source} said so at {as_of} ({reason})\n")
}

// === many numbers, for people ===

fn words(input: &str, outcome: &RowOutcome) -> Vec<Word> {
    let taxpayer = taxpayer(outcome);
    let field = |name: &str| {
        let text = taxpayer.and_then(|taxpayer| taxpayer.fields().into_iter().find(|(known, _)| *known == name)?.1);
        or_dash(text).into_owned()
    };
    let status = taxpayer.and_then(|taxpayer| taxpayer.estado_del_contribuyente.as_ref());
    let condition = taxpayer.and_then(|taxpayer| taxpayer.condicion_de_domicilio.as_ref());
    let toned = |name: &str, is_good: Option<bool>| match is_good {
        Some(false) => Word::toned(field(name), Tone::Doubtful),
        _ => Word::from(field(name)),
    };
    vec![
        Word::from(input),
        Word::from(field("nombre_o_razon_social")),
        toned("estado_del_contribuyente", status.map(chasqui_types::Status::is_active)),
        toned("condicion_de_domicilio", condition.map(chasqui_types::Condition::is_located)),
        Word::from(field("distrito")),
        Word::from(field("departamento")),
        verdict(outcome),
    ]
}

fn verdict(outcome: &RowOutcome) -> Word {
    match outcome {
        RowOutcome::Invalid(reason) => Word::toned(format!("invalid: {reason}"), Tone::Bad),
        RowOutcome::Unknown(error) => Word::toned(format!("unknown: {}", error.code()), Tone::Bad),
        RowOutcome::Answered(answer) => {
            let source = &answer.record.provenance().source;
            match answer.taxpayer() {
                Lookup::Found(_) => Word::toned(format!("found, {}", answer.freshness.as_str()), Tone::Good),
                Lookup::Absent(_) => Word::toned(format!("absent, says {source}"), Tone::Doubtful),
            }
        }
    }
}

fn made_up() -> String {
    format!("SANDBOX: made-up data, not SUNAT's; {SANDBOX_ADVICE}\n")
}

fn is_made_up(outcome: &RowOutcome) -> bool {
    matches!(outcome, RowOutcome::Answered(answer) if answer.record.provenance().source == SourceId::SANDBOX)
}

fn taxpayer(outcome: &RowOutcome) -> Option<&Taxpayer> {
    match outcome {
        RowOutcome::Answered(answer) => answer.taxpayer().found(),
        RowOutcome::Invalid(_) | RowOutcome::Unknown(_) => None,
    }
}

// === for programs ===

/// The body that the server answers one question with; where there is no taxpayer, the row that says why.
fn lone_body(input: &str, outcome: &RowOutcome) -> bytes::Bytes {
    let taxpayer = match outcome {
        RowOutcome::Answered(answer) => body::taxpayer(answer),
        RowOutcome::Invalid(_) | RowOutcome::Unknown(_) => None,
    };
    taxpayer.unwrap_or_else(|| body::row(input, outcome))
}

fn csv_header() -> String {
    let fields = LABELS.iter().map(|(name, _)| *name);
    let after = ["outcome", "error_code", "source", "as_of", "freshness"];
    csv::line(std::iter::once("ruc").chain(fields).chain(after))
}

fn csv_line(input: &str, outcome: &RowOutcome) -> String {
    let (word, code) = match outcome {
        RowOutcome::Invalid(_) => ("invalid", "invalid_ruc"),
        RowOutcome::Unknown(error) => ("unknown", error.code()),
        RowOutcome::Answered(answer) => match answer.taxpayer() {
            Lookup::Found(_) => ("found", ""),
            Lookup::Absent(_) => ("absent", "absent"),
        },
    };
    let (source, as_of, freshness) = match outcome {
        RowOutcome::Answered(answer) => {
            let provenance = answer.record.provenance();
            let as_of = chasqui_types::time::to_rfc3339(provenance.as_of);
            (provenance.source.as_str(), as_of, answer.freshness.as_str())
        }
        RowOutcome::Invalid(_) | RowOutcome::Unknown(_) => ("", String::new(), ""),
    };
    let fields = taxpayer(outcome).map(Taxpayer::fields);
    let fields = (0..LABELS.len()).map(|index| fields.and_then(|fields| fields[index].1).unwrap_or_default());
    let after = [word, code, source, &as_of, freshness];
    let cells: Vec<_> = std::iter::once(input).chain(fields).chain(after).map(one_line).collect();
    csv::line(cells.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_label_and_csv_columns_follow_their_order() {
        let taxpayer = Taxpayer::new("20131312955".parse().unwrap());
        let fields = taxpayer.fields();
        let (names, labels) = (fields.map(|(name, _)| name), LABELS.map(|(name, _)| name));
        assert_eq!(names, labels);
    }
}
