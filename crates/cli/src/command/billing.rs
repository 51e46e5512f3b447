//! `chasqui billing`: whether taxpayers may be invoiced.
//!
//! Active and at a confirmed address, or not; what could not be found out is neither.
//! Left out: the rule itself, which is `chasqui-types`', and what every look-up shares, which is `ask`'s.

use std::cell::Cell;

use bytes::Bytes;
use chasqui_core::{Answer, Lookups};
use chasqui_server::body;
use chasqui_types::time::Timestamp;
use chasqui_types::{Billing, Ruc, Taxpayer};
use clap::Args;
use futures_util::stream::LocalBoxStream;

use super::ask::{Class, NumbersArguments, Outcome, Sheet};
use super::ruc::{as_row, source_line, taxpayers};
use crate::table::{self, Tone, Word};
use crate::text::or_dash;

const AFTER_HELP: &str = "\
Examples:
  chasqui billing 20131312955
  chasqui billing @customers.csv --format csv > verdicts.csv
  cut -d, -f1 customers.csv | chasqui billing - && echo 'invoice them all'

A taxpayer may be invoiced when it is ACTIVO and its domicile HABIDO: SI or NO, and why not. NO VERIFICADO means that it
could not be found out, which is no NO. Warnings (a short name or address, data older than a year) forbid nothing.

Exit codes: 0 all may be invoiced, 1 some may not, 2 some input is no number, 3 some could not be found out,
4 configuration. Where several apply, 3 outweighs 2, and 2 outweighs 1.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct BillingArguments {
    #[command(flatten)]
    pub(crate) numbers: NumbersArguments,
}

/// Verdicts on invoicing.
pub(crate) struct Verdicts {
    /// The moment at which data are old or not.
    pub(crate) now: Timestamp,
}

// === impl Verdicts ===

impl Verdicts {
    fn of(&self, answer: &Answer) -> Billing {
        Billing::of(&answer.taxpayer(), self.now)
    }

    /// The verdict in a word, reasons, and warnings.
    fn words(&self, outcome: &Outcome) -> (&'static str, String, String) {
        match outcome {
            Outcome::Invalid(_) => ("NO", "El número no es un RUC".to_owned(), String::new()),
            Outcome::Unknown(error) => ("NO VERIFICADO", error.code().to_owned(), String::new()),
            Outcome::Answered(answer) => {
                let billing = self.of(answer);
                let reasons: Vec<_> = billing.obstacles.iter().map(|obstacle| obstacle.words()).collect();
                let warnings: Vec<_> = billing.warnings.iter().map(|warning| warning.words()).collect();
                (if billing.is_valid() { "SI" } else { "NO" }, reasons.join("; "), warnings.join("; "))
            }
        }
    }
}

impl Sheet for Verdicts {
    type Number = Ruc;

    const NOUN: &'static str = "RUC";
    const INVALID: &'static str = "invalid_ruc";
    const DIGITS: usize = Ruc::LEN;
    const CLASSES: [&'static str; 4] = ["may be invoiced", "may not", "invalid", "unknown"];

    fn outcomes<'a>(
        &self,
        lookups: &'a Lookups,
        inputs: &'a [String],
        refresh: bool,
        calls: &'a Cell<Option<u32>>,
    ) -> LocalBoxStream<'a, Outcome> {
        taxpayers(lookups, inputs, refresh, calls)
    }

    fn class(&self, answer: &Answer) -> Class {
        if self.of(answer).is_valid() { Class::Good } else { Class::Bad }
    }

    fn alone(&self, input: &str, answer: &Answer) -> String {
        let billing = self.of(answer);
        let field = |text: Option<&str>| or_dash(text).into_owned();
        let taxpayer = answer.taxpayer().found();
        let name = taxpayer.and_then(|taxpayer| taxpayer.nombre_o_razon_social.as_deref());
        let mut pairs = vec![("RUC", input.to_owned()), ("Nombre o razón social", field(name))];
        pairs.push(("Apto para facturar", if billing.is_valid() { "SI" } else { "NO" }.to_owned()));
        pairs.extend(billing.obstacles.iter().map(|obstacle| ("Motivo", obstacle.words().to_owned())));
        pairs.extend(billing.warnings.iter().map(|warning| ("Advertencia", warning.words().to_owned())));
        if let Some([status, condition]) = taxpayer.map(states) {
            pairs.push(("Estado del contribuyente", status));
            pairs.push(("Condición de domicilio", condition));
        }
        let pairs = pairs.into_iter().map(|(label, value)| (label.to_owned(), value));
        format!("{}{}", table::pairs(pairs), source_line(answer))
    }

    fn header(&self) -> Vec<&'static str> {
        vec!["RUC", "Name", "Verdict", "Reasons", "Warnings"]
    }

    fn lines(&self, input: &str, outcome: &Outcome) -> Vec<Vec<Word>> {
        let (verdict, reasons, warnings) = self.words(outcome);
        let tone = match verdict {
            "SI" => Tone::Good,
            "NO" => Tone::Bad,
            _ => Tone::Doubtful,
        };
        vec![vec![
            Word::from(input),
            Word::from(or_dash(taxpayer(outcome).and_then(|taxpayer| taxpayer.nombre_o_razon_social.as_deref()))),
            Word::toned(verdict, tone),
            Word::from(or_dash(Some(&reasons))),
            Word::from(or_dash(Some(&warnings))),
        ]]
    }

    fn body(&self, input: &str, outcome: &Outcome, _is_alone: bool) -> Bytes {
        body::billing(input, &as_row(input, outcome), self.now)
    }

    fn columns(&self) -> Vec<&'static str> {
        let of_the_taxpayer = ["ruc", "nombre_o_razon_social", "estado_del_contribuyente", "condicion_de_domicilio"];
        of_the_taxpayer.into_iter().chain(["apto_facturacion", "motivos", "advertencias"]).collect()
    }

    fn cells(&self, input: &str, outcome: &Outcome) -> Vec<Vec<String>> {
        let taxpayer = taxpayer(outcome);
        let name = taxpayer.and_then(|taxpayer| taxpayer.nombre_o_razon_social.as_deref()).unwrap_or_default();
        let [status, condition] = taxpayer.map(states).unwrap_or_default();
        let (verdict, reasons, warnings) = self.words(outcome);
        vec![vec![input.to_owned(), name.to_owned(), status, condition, verdict.to_owned(), reasons, warnings]]
    }
}

fn taxpayer(outcome: &Outcome) -> Option<&Taxpayer> {
    outcome.answer().and_then(|answer| answer.taxpayer().found())
}

/// Status and condition, as the source wrote them.
fn states(taxpayer: &Taxpayer) -> [String; 2] {
    ["estado_del_contribuyente", "condicion_de_domicilio"].map(|name| {
        let field = taxpayer.fields().into_iter().find(|(known, _)| *known == name);
        field.and_then(|(_, text)| text).unwrap_or_default().to_owned()
    })
}
