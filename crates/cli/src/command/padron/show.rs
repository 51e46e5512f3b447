//! What is in the registry: editions, counts, rows.
//!
//! Left out: answers, which `chasqui ruc` and `chasqui dni` give.

use std::path::Path;

use chasqui_padron::{Changes, Column, Padron, Past, Row};
use chasqui_types::Ruc;
use chasqui_types::time::Date;
use serde_json::json;

use super::{Format, none};
use crate::command::today;
use crate::exit::{Exit, Failure};
use crate::text::{bytes, counted, one_line, thousands};
use crate::{output, table};

/// What the columns are called, as in MIGO's answers.
const NAMES: [&str; Column::ALL.len()] = [
    "ruc",
    "nombre_o_razon_social",
    "estado_del_contribuyente",
    "condicion_de_domicilio",
    "ubigeo",
    "tipo_de_via",
    "nombre_de_via",
    "codigo_de_zona",
    "tipo_de_zona",
    "numero",
    "interior",
    "lote",
    "dpto",
    "manzana",
    "kilometro",
];

/// Which edition answers, and which others are kept.
pub(super) fn info(dir: &Path, format: Format) -> Result<Exit, Failure> {
    let editions = chasqui_padron::editions(dir)?;
    let Some(padron) = Padron::open(dir)? else {
        return Err(none(dir));
    };
    let report = padron.report()?;
    let others: Vec<String> =
        editions.iter().filter(|edition| **edition != padron.edition()).map(ToString::to_string).collect();
    if format == Format::Json {
        let text = json!({ "in_use": report, "kept": editions.iter().map(ToString::to_string).collect::<Vec<_>>() });
        return output::data(format!("{text:#}\n")).map(|()| Exit::Done);
    }
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let age = padron.edition().date().until(today()).map_or(0, |span| span.get_days());
    let mut pairs = vec![
        (
            "Edition".to_owned(),
            format!("{} ({} old)", padron.edition(), counted(usize::try_from(age).unwrap_or(0), "day")),
        ),
        ("Rows".to_owned(), thousands(size(padron.n_rows()))),
        ("File".to_owned(), bytes(padron.n_bytes())),
        ("Made of".to_owned(), format!("{}, {}", one_line(&report.source.name), bytes(report.source.bytes))),
        ("Kept too".to_owned(), if others.is_empty() { "none".to_owned() } else { others.join(", ") }),
    ];
    for (title, counts) in
        [("Prefix", &report.by_prefix), ("Status", &report.by_status), ("Condition", &report.by_condition)]
    {
        let mut counts: Vec<_> = counts.iter().collect();
        counts.sort_by_key(|(_, many)| std::cmp::Reverse(**many));
        pairs.extend(counts.into_iter().map(|(word, many)| (format!("{title} {word}"), thousands(size(*many)))));
    }
    output::data(table::pairs(pairs)).map(|()| Exit::Done)
}

/// Rows as they stand in the registry.
pub(super) fn lookup(padron: &Padron, numbers: &[String], format: Format) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut objects = Vec::new();
    for number in numbers {
        let rows = padron.find_raw(number.trim())?;
        if rows.is_empty() {
            exit = Exit::Absent;
            output::note(&format!("{} is not in edition {}", one_line(number), padron.edition()));
        }
        for row in &rows {
            match format {
                Format::Json => objects.push(object(row, padron)),
                Format::Text => output::data(table::pairs(cells(row)) + "\n")?,
            }
        }
    }
    if format == Format::Json {
        output::data(format!("{:#}\n", serde_json::Value::from(objects)))?;
    }
    Ok(exit)
}

/// What changed in a row, or how it stood on a day.
pub(super) fn history(dir: &Path, padron: &Padron, ruc: Ruc, on: Option<Date>) -> Result<Exit, Failure> {
    let changes = Changes::open(dir, padron)?;
    let Some(on) = on else {
        let history = changes.history(ruc)?;
        let mut text = Vec::new();
        for change in &history {
            change.write_ndjson(&mut text).expect("memory takes every byte");
        }
        let since = changes.first();
        output::note(&format!("{} since edition {since}", counted(history.len(), "change")));
        return output::data(text).map(|()| Exit::Done);
    };
    match changes.on(padron, ruc, on)? {
        Past::Known { row, edition } => {
            output::note(&format!("as edition {edition} had it"));
            output::data(table::pairs(cells(&row))).map(|()| Exit::Done)
        }
        Past::NotListed { edition } => {
            output::note(&format!("{ruc} was not in edition {edition}"));
            Ok(Exit::Absent)
        }
        Past::BeforeFirstEdition { first } => {
            let words = format!("nothing is known of {on}: changes are kept since edition {first}");
            Err(Failure::new(Exit::Unknown, words))
        }
    }
}

fn cells(row: &Row) -> Vec<(String, String)> {
    let cells = NAMES.into_iter().zip(Column::ALL).map(|(name, column)| (name.to_owned(), one_line(&row.text(column))));
    cells.filter(|(_, text)| !text.trim_matches('-').is_empty()).collect()
}

fn object(row: &Row, padron: &Padron) -> serde_json::Value {
    let mut object: serde_json::Map<_, _> =
        NAMES.iter().zip(Column::ALL).map(|(name, column)| ((*name).to_owned(), row.text(column).into())).collect();
    object.insert("edition".to_owned(), padron.edition().to_string().into());
    object.into()
}
