//! `chasqui cpe`: whether a payment document is what it says.
//!
//! Left out: many at once; the provider takes one document per call.

use chasqui::config::Config;
use chasqui_core::{Answer, Ask, Value};
use chasqui_server::body;
use chasqui_types::time::Date;
use chasqui_types::{CpeKind, CpeQuery, CpeState, CpeVerdict, Decimal, Ruc};
use clap::Args;

use super::ask::{self, Format, MannerArguments, typed};
use super::ruc::source_line;
use super::{today, unanswered};
use crate::exit::{Exit, Failure};
use crate::text::or_dash;
use crate::{csv, output, table};

const AFTER_HELP: &str = "\
Examples:
  chasqui cpe 20131312955 01 F001-123 2026-11-20 118.00
  chasqui cpe 20131312955 03 B001-77 2026-11-20 35.50 --format json

KIND is 01 factura, 03 boleta, 07 nota de crédito, 08 nota de débito or R1 recibo por honorarios.
The date is the day of issue; the amount is the total, and may be missing for a recibo
por honorarios or for a document that was printed, whose series starts with a digit.

Exit codes: 0 accepted or authorised, 1 it does not exist, was voided or was not authorised, 2 usage,
3 could not be found out (also when the source leaves the state blank), 4 configuration.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CpeArguments {
    /// Who issued it.
    #[arg(value_name = "RUC")]
    issuer: String,
    /// What it is: 01, 03, 07, 08 or R1.
    #[arg(value_name = "KIND", value_parser = kind)]
    kind: CpeKind,
    /// Its series and its number, such as F001-123.
    #[arg(value_name = "SERIES-NUMBER", value_parser = series_and_number)]
    document: (Box<str>, u32),
    /// The day of issue, such as 2026-11-20.
    #[arg(value_name = "DATE")]
    date: Date,
    /// The total, such as 118.00.
    #[arg(value_name = "AMOUNT", value_parser = amount)]
    amount: Option<Decimal>,
    #[command(flatten)]
    manner: MannerArguments,
}

/// Asks and prints.
pub(crate) async fn run(arguments: &CpeArguments, config: &Config) -> Result<Exit, Failure> {
    let MannerArguments { format, refresh } = arguments.manner;
    let (serie, numero) = arguments.document.clone();
    // Read here and not with the flags, whose messages repeat what was typed: an issuer may be a person.
    let issuer = arguments.issuer.trim().parse::<Ruc>();
    let bad_issuer = issuer.as_ref().err().map(|reason| {
        let shown = typed(&arguments.issuer, Ruc::LEN);
        format!("\"{shown}\" is not a RUC: {reason}")
    });
    let faults: Vec<_> = bad_issuer.into_iter().chain(faults(arguments, today())).collect();
    let (Ok(issuer), true) = (issuer, faults.is_empty()) else {
        return Err(Failure::new(Exit::Usage, faults.join("\n  ")));
    };
    let query = CpeQuery {
        ruc_emisor: issuer,
        tipo_comprobante: arguments.kind,
        serie,
        numero,
        fecha_emision: arguments.date,
        monto: arguments.amount,
    };
    let chasqui = ask::start(config, format, false).await?;
    let asked = chasqui.lookups().cpe(query, Ask { refresh, patience: None }).await;
    ask::stop(chasqui).await;
    let answer = asked.map_err(|error| unanswered(&error, format))?;
    let Value::Cpe(verdict) = answer.record.value() else { unreachable!("a document answers with a verdict") };
    show(&answer, verdict, format)?;
    Ok(exit(verdict))
}

/// What nobody needs to be asked about, because no such document can be.
fn faults(arguments: &CpeArguments, today: Date) -> impl Iterator<Item = String> {
    let future = (arguments.date > today)
        .then(|| format!("{} has not come yet: in Lima it is {today}; give the day of issue", arguments.date));
    let is_electronic = arguments.document.0.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let needs_amount = is_electronic && arguments.kind != CpeKind::FeeReceipt && arguments.amount.is_none();
    let missing = needs_amount.then(|| {
        let (code, series) = (arguments.kind.code(), &arguments.document.0);
        format!("no amount: {series} is an electronic series of kind {code}; add the total, such as 118.00")
    });
    future.into_iter().chain(missing)
}

fn exit(verdict: &CpeVerdict) -> Exit {
    match &verdict.document {
        Some(CpeState::Accepted | CpeState::Authorised) => Exit::Done,
        Some(CpeState::NotReported | CpeState::Voided | CpeState::NotAuthorised) => Exit::Absent,
        // A blank, or a code that nobody has explained, says nothing about the document.
        _ => Exit::Unknown,
    }
}

fn show(answer: &Answer, verdict: &CpeVerdict, format: Format) -> Result<(), Failure> {
    let document = verdict.document.as_ref().map(CpeState::words);
    let status = verdict.status.as_ref().map(ToString::to_string);
    let condition = verdict.condition.as_ref().map(ToString::to_string);
    let remarks = verdict.observaciones.join("; ");
    let fields = [
        ("estado_comprobante", "Estado del comprobante", document),
        ("estado_del_contribuyente", "Estado del contribuyente", status.as_deref()),
        ("condicion_de_domicilio", "Condición de domicilio", condition.as_deref()),
        ("observaciones", "Observaciones", Some(&*remarks)),
    ];
    match format {
        Format::Json | Format::Ndjson => output::line(&body::cpe(answer).unwrap_or_default()),
        Format::Csv => {
            let after = ask::provenance(Some(answer));
            let header = fields.iter().map(|(name, ..)| *name).chain(["source", "as_of", "freshness"]);
            let cells = fields.iter().map(|(.., text)| text.unwrap_or_default());
            output::data(csv::line(header) + &csv::line(cells.chain(after.iter().map(String::as_str))))
        }
        Format::Table => {
            let pairs = fields.map(|(_, label, text)| (label.to_owned(), or_dash(text).into_owned()));
            let made_up = if ask::is_made_up(answer) { ask::made_up() } else { String::new() };
            output::data(format!("{}{}{made_up}", table::pairs(pairs), source_line(answer)))
        }
    }
}

fn kind(text: &str) -> Result<CpeKind, String> {
    CpeKind::from_code(text).ok_or_else(|| "expected 01, 03, 07, 08 or R1".to_owned())
}

fn series_and_number(text: &str) -> Result<(Box<str>, u32), String> {
    const WANTED: &str = "expected a series and a number, such as F001-123";
    let (series, number) = text.trim().split_once('-').ok_or(WANTED)?;
    let is_series = (1..=4).contains(&series.len()) && series.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_number = (1..=8).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_series || !is_number {
        return Err(WANTED.to_owned());
    }
    Ok((series.to_ascii_uppercase().into(), number.parse().map_err(|_| WANTED)?))
}

fn amount(text: &str) -> Result<Decimal, String> {
    let amount = text.parse::<Decimal>().ok();
    let amount = amount.filter(|amount| !amount.is_sign_negative() && amount.scale() <= 2);
    amount.ok_or_else(|| "expected an amount with at most two decimals, such as 118.00".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_a_series_and_a_number() {
        assert_eq!(series_and_number("f001-00000123"), Ok(("F001".into(), 123)));
        for bad in ["F001", "F001-", "-1", "F0001-1", "F001-123456789", "F001-1-2", "F001-x", "Ñ001-1"] {
            assert!(series_and_number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_amount_is_a_decimal_of_money() {
        assert_eq!(amount("118.00").unwrap().to_string(), "118.00");
        for bad in ["-1", "1.005", "1,50", "S/ 1", ""] {
            assert!(amount(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_state_that_says_nothing_is_not_taken_for_an_absence() {
        let verdict = |document| CpeVerdict { document, status: None, condition: None, observaciones: Vec::new() };
        assert_eq!(exit(&verdict(None)), Exit::Unknown);
        assert_eq!(exit(&verdict(Some(CpeState::Unrecognised("9".into())))), Exit::Unknown);
        assert_eq!(exit(&verdict(Some(CpeState::NotReported))), Exit::Absent);
        assert_eq!(exit(&verdict(Some(CpeState::Authorised))), Exit::Done);
    }
}
