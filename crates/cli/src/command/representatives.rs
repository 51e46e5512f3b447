//! `chasqui representatives`: who may sign for companies.
//!
//! Several people represent one company, so one input may have several lines.
//! Left out: what every look-up shares, which is `ask`'s.

use std::cell::Cell;
use std::sync::Arc;

use bytes::Bytes;
use chasqui_core::{Answer, Ask, Lookups, Record, Value};
use chasqui_server::body;
use chasqui_types::{Absence, AbsenceReason, Representative, Ruc};
use clap::Args;
use futures_util::StreamExt as _;
use futures_util::stream::LocalBoxStream;

use super::ask::{self, NumbersArguments, Outcome, Sheet};
use super::ruc::{source_line, verdict};
use crate::table::{self, Word};
use crate::text::{lima, or_dash};

const AFTER_HELP: &str = "\
Examples:
  chasqui representatives 20131312955
  chasqui representatives @companies.txt --format csv > representatives.csv

Each company costs a call, from the limit of DNI questions. A company has one line per representative.
One number is one object in `--format json`, several are an array.

Exit codes: 0 all have some, 1 some have none, 2 some input is no number, 3 some could not be found out,
4 configuration. Where several apply, 3 outweighs 2, and 2 outweighs 1.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RepresentativesArguments {
    #[command(flatten)]
    pub(crate) numbers: NumbersArguments,
}

/// Representatives of companies.
pub(crate) struct Representatives;

const FIELDS: [&str; 5] = ["documento", "dni", "nombre", "cargo", "fecha"];

// === impl Representatives ===

impl Sheet for Representatives {
    type Number = Ruc;

    const NOUN: &'static str = "RUC";
    const INVALID: &'static str = "invalid_ruc";
    const DIGITS: usize = Ruc::LEN;

    fn outcomes<'a>(
        &self,
        lookups: &'a Lookups,
        inputs: &'a [String],
        refresh: bool,
        _calls: &'a Cell<Option<u32>>,
    ) -> LocalBoxStream<'a, Outcome> {
        let ask = Ask { refresh, patience: None };
        let outcomes =
            ask::one_by_one::<Self, _>(inputs, lookups.config().waves, move |ruc| lookups.representatives(ruc, ask));
        outcomes.map(with_nobody_as_absence).boxed_local()
    }

    fn alone(&self, input: &str, answer: &Answer) -> String {
        if let Some(absence) = answer.record.absence() {
            let provenance = answer.record.provenance();
            let moment = lima(absence.as_of);
            return format!("nobody represents {input}, as far as {} knew at {moment}\n", provenance.source);
        }
        let rows = representatives(answer).iter().map(|one| words(one).into());
        format!("{}{}", table::grid(&["Document", "Number", "Name", "Office", "Since"], rows), source_line(answer))
    }

    fn header(&self) -> Vec<&'static str> {
        vec!["RUC", "Document", "Number", "Name", "Office", "Since", "Outcome"]
    }

    fn lines(&self, input: &str, outcome: &Outcome) -> Vec<Vec<Word>> {
        let line =
            |words: [Word; 5]| std::iter::once(Word::from(input)).chain(words).chain([verdict(outcome)]).collect();
        let mut lines: Vec<_> = people(outcome).iter().map(|one| line(words(one))).collect();
        if lines.is_empty() {
            lines.push(line([(); 5].map(|()| Word::from("-"))));
        }
        lines
    }

    fn body(&self, input: &str, outcome: &Outcome, is_alone: bool) -> Bytes {
        match outcome.answer().and_then(body::representatives) {
            Some(body) if is_alone => body,
            body => ask::row::<Self>("ruc", input, outcome, "representatives", body.as_ref()),
        }
    }

    fn columns(&self) -> Vec<&'static str> {
        std::iter::once("ruc").chain(FIELDS).collect()
    }

    fn cells(&self, input: &str, outcome: &Outcome) -> Vec<Vec<String>> {
        let line = |cells: [Option<&str>; 5]| {
            let cells = cells.map(Option::unwrap_or_default);
            std::iter::once(input).chain(cells).map(str::to_owned).collect()
        };
        let mut lines: Vec<_> = people(outcome).iter().map(|one| line(one.fields().map(|(_, text)| text))).collect();
        if lines.is_empty() {
            lines.push(line([None; 5]));
        }
        lines
    }
}

/// A list with nobody in it says what an absence says, so that no format has to know of both.
fn with_nobody_as_absence(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answered(answer) if matches!(answer.record.value(), Value::Representatives(list) if list.is_empty()) =>
        {
            let record = &answer.record;
            let provenance = record.provenance().clone();
            let absence = Absence { reason: AbsenceReason::NotFound, as_of: provenance.as_of };
            let (subject, value) = (record.subject().clone(), Value::Absent(absence));
            let record = Record::new(subject, value, provenance, record.fresh_until(), record.stale_until());
            Outcome::Answered(Answer { record: Arc::new(record), ..answer })
        }
        other => other,
    }
}

fn people(outcome: &Outcome) -> &[Representative] {
    outcome.answer().map(representatives).unwrap_or_default()
}

fn representatives(answer: &Answer) -> &[Representative] {
    match answer.record.value() {
        Value::Representatives(list) => list,
        _ => &[],
    }
}

fn words(representative: &Representative) -> [Word; 5] {
    representative.fields().map(|(_, text)| Word::from(or_dash(text)))
}

#[cfg(test)]
mod tests {
    use chasqui_core::{CacheUse, Subject};
    use chasqui_types::{Freshness, Provenance, SourceId};

    use super::super::ask::Class;
    use super::*;

    #[test]
    fn the_columns_are_the_fields() {
        let ruc = "20131312955".parse().unwrap();
        let one = Representative { documento: None, dni: None, nombre: None, cargo: None, fecha: None, ruc };
        assert_eq!(one.fields().map(|(name, _)| name), FIELDS);
    }

    #[test]
    fn a_list_with_nobody_in_it_is_an_absence_in_every_format() {
        let ruc: Ruc = "20131312955".parse().unwrap();
        let moment = "2026-11-20T15:00:00Z".parse().unwrap();
        let provenance = Provenance { source: SourceId::MIGO, as_of: moment, fetched_at: moment };
        let value = Value::Representatives(Vec::new());
        let record = Record::new(Subject::Representatives(ruc), value, provenance, moment, moment);
        let answer = Answer { record: Arc::new(record), freshness: Freshness::Fresh, cache: CacheUse::Miss };
        let outcome = with_nobody_as_absence(Outcome::Answered(answer));
        let answer = outcome.answer().unwrap();
        assert_eq!(Representatives.class(answer), Class::Bad);
        let said = Representatives.alone("20131312955", answer);
        assert_eq!(said, "nobody represents 20131312955, as far as migo knew at 2026-11-20 10:00:00 Lima\n");
        let body = Representatives.body("20131312955", &outcome, true);
        assert!(body.starts_with(br#"{"ruc":"20131312955","outcome":"absent""#), "{body:?}");
        assert_eq!(Representatives.cells("20131312955", &outcome).len(), 1);
    }
}
