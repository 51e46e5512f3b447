//! `chasqui ruc`: taxpayers by their numbers, in this process, without a server.
//!
//! Left out: what every look-up shares, which is `ask`'s.

use std::cell::Cell;
use std::collections::BTreeMap;

use bytes::Bytes;
use chasqui_core::{Answer, Ask, Lookups, Many, RowOutcome};
use chasqui_server::body;
use chasqui_types::{Absence, AgentList, Lookup, Ruc, Standing, Taxpayer};
use clap::Args;
use futures_util::StreamExt as _;
use futures_util::stream::{self, LocalBoxStream};

use super::ask::{NumbersArguments, Outcome, Sheet};
use crate::table::{self, Tone, Word};
use crate::text::{lima, one_line, or_dash};

const AFTER_HELP: &str = "\
Examples:
  chasqui ruc 20131312955
  chasqui ruc 20131312955 20100047218 --format csv > taxpayers.csv
  cut -d, -f1 partners.csv | chasqui ruc - --format ndjson
  chasqui ruc @numbers.txt --refresh

A list has one number per line; quotes, a heading without digits and Windows' line ends do not disturb.
One number is one object in `--format json`, several are an array; the bodies are those of the HTTP server.
`--format ndjson` prints one JSON object per line, in the order of the input, each as soon as its answer is there.
In `--format csv` a cell that a spreadsheet would take for a formula gets an apostrophe in front.

Exit codes: 0 all found, 1 some absent, 2 some input is no number, 3 some could not be found out, 4 configuration.
Where several apply, 3 outweighs 2, and 2 outweighs 1.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RucArguments {
    #[command(flatten)]
    pub(crate) numbers: NumbersArguments,
}

/// Taxpayers.
pub(crate) struct Taxpayers;

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

// === impl Taxpayers ===

impl Sheet for Taxpayers {
    type Number = Ruc;

    const NOUN: &'static str = "RUC";
    const INVALID: &'static str = "invalid_ruc";
    const DIGITS: usize = Ruc::LEN;

    fn outcomes<'a>(
        &self,
        lookups: &'a Lookups,
        inputs: &'a [String],
        refresh: bool,
        calls: &'a Cell<Option<u32>>,
    ) -> LocalBoxStream<'a, Outcome> {
        taxpayers(lookups, inputs, refresh, calls)
    }

    fn alone(&self, input: &str, answer: &Answer) -> String {
        match answer.taxpayer() {
            Lookup::Found(taxpayer) => found(taxpayer, answer),
            Lookup::Absent(absence) => absent(input, &absence, answer),
        }
    }

    fn header(&self) -> Vec<&'static str> {
        vec!["RUC", "Name", "Status", "Condition", "District", "Department", "Outcome"]
    }

    fn lines(&self, input: &str, outcome: &Outcome) -> Vec<Vec<Word>> {
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
        vec![vec![
            Word::from(input),
            Word::from(field("nombre_o_razon_social")),
            toned("estado_del_contribuyente", status.map(chasqui_types::Status::is_active)),
            toned("condicion_de_domicilio", condition.map(chasqui_types::Condition::is_located)),
            Word::from(field("distrito")),
            Word::from(field("departamento")),
            verdict(outcome),
        ]]
    }

    fn body(&self, input: &str, outcome: &Outcome, is_alone: bool) -> Bytes {
        // The body that the server answers one question with; where there is no taxpayer, the row that says why.
        let alone = outcome.answer().filter(|_| is_alone).and_then(body::taxpayer);
        alone.unwrap_or_else(|| body::row(input, &as_row(input, outcome)))
    }

    fn columns(&self) -> Vec<&'static str> {
        std::iter::once("ruc").chain(LABELS.map(|(name, _)| name)).collect()
    }

    fn cells(&self, input: &str, outcome: &Outcome) -> Vec<Vec<String>> {
        let fields = taxpayer(outcome).map(Taxpayer::fields);
        let fields = (0..LABELS.len()).map(|index| fields.and_then(|fields| fields[index].1).unwrap_or_default());
        vec![std::iter::once(input).chain(fields).map(str::to_owned).collect()]
    }
}

/// One number goes alone, so that it costs a call for one; several go together, and are put in order.
pub(super) fn taxpayers<'a>(
    lookups: &'a Lookups,
    inputs: &'a [String],
    refresh: bool,
    calls: &'a Cell<Option<u32>>,
) -> LocalBoxStream<'a, Outcome> {
    if let [input] = inputs {
        let outcome = async move {
            match input.parse::<Ruc>() {
                Err(reason) => Outcome::Invalid(reason.to_string()),
                Ok(ruc) => Outcome::of(lookups.taxpayer(ruc, Ask { refresh, patience: None }).await),
            }
        };
        return stream::once(outcome).boxed_local();
    }
    let rows = lookups.taxpayers(inputs, Many { refresh, ..Many::default() });
    let in_order = stream::unfold((rows, BTreeMap::new(), 0), move |(mut rows, mut early, next)| async move {
        loop {
            if let Some(outcome) = early.remove(&next) {
                calls.set(Some(rows.effort().calls()));
                return Some((Outcome::from(outcome), (rows, early, next + 1)));
            }
            let row = rows.next().await?;
            early.insert(row.index, row.outcome);
        }
    });
    in_order.boxed_local()
}

impl From<RowOutcome> for Outcome {
    fn from(outcome: RowOutcome) -> Self {
        match outcome {
            RowOutcome::Invalid(reason) => Self::Invalid(reason.to_string()),
            RowOutcome::Answered(answer) => Self::Answered(answer),
            RowOutcome::Unknown(error) => Self::Unknown(error),
        }
    }
}

/// The outcome as the server's rows take it.
pub(super) fn as_row(input: &str, outcome: &Outcome) -> RowOutcome {
    match outcome {
        Outcome::Answered(answer) => RowOutcome::Answered(answer.clone()),
        Outcome::Unknown(error) => RowOutcome::Unknown(error.clone()),
        Outcome::Invalid(_) => {
            let reason = input.parse::<Ruc>().expect_err("what was invalid stays so");
            RowOutcome::Invalid(reason)
        }
    }
}

fn found(taxpayer: &Taxpayer, answer: &Answer) -> String {
    let number = std::iter::once(("RUC".to_owned(), taxpayer.ruc.to_string()));
    let fields = taxpayer.fields().into_iter().filter_map(|(name, text)| {
        let label = LABELS.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label);
        Some((label.to_owned(), text?.to_owned()))
    });
    let standings = taxpayer.padrones.iter().flat_map(|standings| standings.iter());
    let standings = standings.filter_map(|(list, standing)| Some((flag(list).to_owned(), listed(standing?))));
    format!("{}{}", table::pairs(number.chain(fields).chain(standings)), source_line(answer))
}

fn flag(list: AgentList) -> &'static str {
    match list {
        AgentList::Retention => "Agente de retención",
        AgentList::Perception => "Agente de percepción",
        AgentList::FuelPerception => "Agente de percepción, combustible",
        AgentList::GoodTaxpayer => "Buen contribuyente",
    }
}

/// What a list says, and of which day the list is.
fn listed(standing: &Standing) -> String {
    let since = standing.since.map(|day| format!(", desde {day}")).unwrap_or_default();
    let word = if standing.is_listed { "sí" } else { "no" };
    format!("{word}{since} (lista al {})", standing.as_of)
}

/// Where an answer for people comes from.
pub(super) fn source_line(answer: &Answer) -> String {
    let provenance = answer.record.provenance();
    let (source, as_of, freshness) = (&provenance.source, lima(provenance.as_of), answer.freshness.as_str());
    format!("\nSource: {source}, as of {as_of}, {freshness}\n")
}

/// An absence for people.
pub(super) fn absent(input: &str, absence: &Absence, answer: &Answer) -> String {
    let (source, as_of) = (&answer.record.provenance().source, lima(absence.as_of));
    let reason = one_line(&absence.reason.to_string());
    format!("{input} is absent: {source} said so at {as_of} ({reason})\n")
}

/// What became of an input, in words.
pub(super) fn verdict(outcome: &Outcome) -> Word {
    match outcome {
        Outcome::Invalid(reason) => Word::toned(format!("invalid: {reason}"), Tone::Bad),
        Outcome::Unknown(error) => Word::toned(format!("unknown: {}", error.code()), Tone::Bad),
        Outcome::Answered(answer) => {
            let source = &answer.record.provenance().source;
            match answer.record.absence() {
                None => Word::toned(format!("found, {}", answer.freshness.as_str()), Tone::Good),
                Some(_) => Word::toned(format!("absent, says {source}"), Tone::Doubtful),
            }
        }
    }
}

fn taxpayer(outcome: &Outcome) -> Option<&Taxpayer> {
    outcome.answer().and_then(|answer| answer.taxpayer().found())
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
