//! `chasqui dni`: the names that go with identity documents.
//!
//! The number of a document stands in answers alone: a bad one is shown by its ends.
//! Left out: what every look-up shares, which is `ask`'s.

use std::cell::Cell;

use bytes::Bytes;
use chasqui_core::{Answer, Ask, Lookups, Value};
use chasqui_server::body;
use chasqui_types::{Dni, Person};
use clap::Args;
use futures_util::stream::LocalBoxStream;

use super::ask::{self, NumbersArguments, Outcome, Sheet};
use super::ruc::{absent, source_line, verdict};
use crate::table::{self, Word};
use crate::text::or_dash;

const AFTER_HELP: &str = "\
Examples:
  chasqui dni 10117410
  chasqui dni @people.txt --format csv > people.csv
  pbpaste | chasqui dni - --format ndjson

Each number costs a call: there is no collection of people. A name is personal data; keep it no longer than you need.
One number is one object in `--format json`, several are an array. Beside the name stand the digit that is printed next
to the number on the card, and the RUC that the holder has, if they have one of the ordinary kind.

Exit codes: 0 all found, 1 some absent, 2 some input is no number, 3 some could not be found out, 4 configuration.
Where several apply, 3 outweighs 2, and 2 outweighs 1.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DniArguments {
    #[command(flatten)]
    pub(crate) numbers: NumbersArguments,
}

/// People.
pub(crate) struct People;

// === impl People ===

impl Sheet for People {
    type Number = Dni;

    const NOUN: &'static str = "DNI";
    const INVALID: &'static str = "invalid_dni";
    const DIGITS: usize = Dni::LEN;

    fn outcomes<'a>(
        &self,
        lookups: &'a Lookups,
        inputs: &'a [String],
        refresh: bool,
        _calls: &'a Cell<Option<u32>>,
    ) -> LocalBoxStream<'a, Outcome> {
        let ask = Ask { refresh, patience: None };
        ask::one_by_one::<Self, _>(inputs, lookups.config().waves, move |dni| lookups.person(dni, ask))
    }

    fn alone(&self, input: &str, answer: &Answer) -> String {
        match (person(answer), answer.record.absence()) {
            (Some(person), _) => {
                let pairs = [
                    ("DNI", person.dni.to_string()),
                    ("Nombre", person.nombre.to_string()),
                    ("Dígito verificador", person.dni.verification_digit().to_string()),
                    ("RUC de persona natural", format!("{} (si lo tiene)", person.dni.ruc())),
                ];
                let pairs = pairs.map(|(label, value)| (label.to_owned(), value));
                format!("{}{}", table::pairs(pairs), source_line(answer))
            }
            (None, Some(absence)) => absent(input, absence, answer),
            (None, None) => String::new(),
        }
    }

    fn header(&self) -> Vec<&'static str> {
        vec!["DNI", "Name", "Digit", "Outcome"]
    }

    fn lines(&self, input: &str, outcome: &Outcome) -> Vec<Vec<Word>> {
        let person = outcome.answer().and_then(person);
        let digit = person.map(|person| person.dni.verification_digit().to_string());
        vec![vec![
            Word::from(input),
            Word::from(or_dash(person.map(|person| &*person.nombre))),
            Word::from(or_dash(digit.as_deref())),
            verdict(outcome),
        ]]
    }

    fn body(&self, input: &str, outcome: &Outcome, is_alone: bool) -> Bytes {
        let body = outcome.answer().and_then(body::person);
        match body {
            Some(body) if is_alone => body,
            body => ask::row::<Self>("dni", input, outcome, "person", body.as_ref()),
        }
    }

    fn columns(&self) -> Vec<&'static str> {
        vec!["dni", "nombre", "digito_verificador"]
    }

    fn cells(&self, input: &str, outcome: &Outcome) -> Vec<Vec<String>> {
        let person = outcome.answer().and_then(person);
        let cell = |text: Option<String>| text.unwrap_or_default();
        vec![vec![
            input.to_owned(),
            cell(person.map(|person| person.nombre.to_string())),
            cell(person.map(|person| person.dni.verification_digit().to_string())),
        ]]
    }
}

fn person(answer: &Answer) -> Option<&Person> {
    match answer.record.value() {
        Value::Person(person) => Some(person),
        _ => None,
    }
}
