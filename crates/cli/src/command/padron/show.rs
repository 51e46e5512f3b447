//! What is in the registry: editions, counts, rows.
//!
//! Left out: answers, which `chasqui ruc` and `chasqui dni` give.

use std::path::Path;

use chasqui_padron::{Agents, Column, Padron, Row, Suppressed};
use chasqui_types::Ruc;
use serde_json::json;

use super::{Format, none, open, size};
use crate::command::ask::typed;
use crate::command::today;
use crate::exit::{Exit, Failure, chain};
use crate::text::{bytes, counted, one_line};
use crate::{output, table};

/// Which edition answers, and which others are kept.
pub(super) fn info(dir: &Path, format: Format) -> Result<Exit, Failure> {
    let editions = chasqui_padron::editions(dir)?;
    let padron = Padron::open(dir)?.ok_or_else(|| none(dir))?;
    let report = padron.report()?;
    let suppressed = Suppressed::open(dir).map(|list| list.len());
    let agents = Agents::open(dir);
    // Whoever looks after it needs the rest all the more when something cannot be read.
    let mut exit = Exit::Done;
    let troubles =
        [suppressed.as_ref().err().map(|error| chain(error)), agents.as_ref().err().map(|error| chain(error))];
    for trouble in troubles.into_iter().flatten() {
        output::error(&trouble);
        exit = Exit::Unknown;
    }
    let lists = agents.ok().map(|agents| agents.map(|agents| agents.lists().to_vec()).unwrap_or_default());
    if format == Format::Json {
        let text = json!({
            "in_use": report,
            "kept": editions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "suppressed": suppressed.ok(),
            "lists": lists,
        });
        return output::data(format!("{text:#}\n")).map(|()| exit);
    }
    let age = padron.edition().date().until(today()).map_or(0, |span| span.get_days());
    let others: Vec<String> =
        editions.iter().filter(|edition| **edition != padron.edition()).map(ToString::to_string).collect();
    let lists = lists.map(|lists| {
        lists.iter().map(|report| format!("{} of {}", report.list.name(), report.as_of)).collect::<Vec<_>>().join(", ")
    });
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let unreadable = || "cannot be read".to_owned();
    let mut pairs = vec![
        (
            "Edition".to_owned(),
            format!("{} ({} old)", padron.edition(), counted(usize::try_from(age).unwrap_or(0), "day")),
        ),
        ("Rows".to_owned(), size(padron.n_rows())),
        ("File".to_owned(), bytes(padron.n_bytes())),
        ("Made of".to_owned(), format!("{}, {}", one_line(&report.source.name), bytes(report.source.bytes))),
        ("Kept too".to_owned(), or_none(others.join(", "))),
        ("Suppressed".to_owned(), suppressed.map_or_else(|_| unreadable(), |n| counted(n, "number"))),
        ("Lists".to_owned(), lists.map_or_else(unreadable, or_none)),
    ];
    for (title, counts) in
        [("Prefix", &report.by_prefix), ("Status", &report.by_status), ("Condition", &report.by_condition)]
    {
        let mut counts: Vec<_> = counts.iter().collect();
        counts.sort_by_key(|(_, many)| std::cmp::Reverse(**many));
        pairs.extend(counts.into_iter().map(|(word, many)| (format!("{title} {word}"), size(*many))));
    }
    output::data(table::pairs(pairs)).map(|()| exit)
}

/// Rows as they stand in the registry. That one is not shown outweighs that one is not there.
pub(super) fn lookup(dir: &Path, numbers: &[String], format: Format) -> Result<Exit, Failure> {
    let (suppressed, padron) = (Suppressed::open(dir)?, open(dir)?);
    let (mut is_absent, mut is_hidden) = (false, false);
    let mut objects = Vec::new();
    for number in numbers {
        let number = number.trim();
        if suppressed.hides_text(number) {
            is_hidden = true;
            output::error(&format!("{} is suppressed, so nothing is told of it", typed(number, Ruc::LEN)));
            continue;
        }
        let rows = padron.find_raw(number)?;
        if rows.is_empty() {
            is_absent = true;
            output::note(&format!("{} is not in edition {}", one_line(number), padron.edition()));
        }
        for row in &rows {
            match format {
                Format::Json => {
                    let mut object = object(row);
                    object.insert("edition".to_owned(), padron.edition().to_string().into());
                    objects.push(serde_json::Value::from(object));
                }
                Format::Text => output::data(table::pairs(cells(row)) + "\n")?,
            }
        }
    }
    if format == Format::Json {
        output::data(format!("{:#}\n", serde_json::Value::from(objects)))?;
    }
    Ok(match (is_hidden, is_absent) {
        (true, _) => Exit::Unknown,
        (false, true) => Exit::Absent,
        (false, false) => Exit::Done,
    })
}

/// Every so many rows one, so that all kinds are among them.
pub(super) fn sample(dir: &Path, n: u64) -> Result<Exit, Failure> {
    let (suppressed, padron) = (Suppressed::open(dir)?, open(dir)?);
    let step = (padron.n_rows() / n.max(1)).max(1);
    let mut text = chasqui_padron::synth::HEADER.to_vec();
    let mut rows = padron.rows()?;
    let mut place = 0;
    while let Some(row) = rows.next()? {
        if suppressed.hides(row) {
            continue;
        }
        if place % step == 0 && place / step < n {
            text.extend_from_slice(row.raw());
            text.push(b'\n');
        }
        place += 1;
    }
    output::data(text).map(|()| Exit::Done)
}

/// What stands in a row, for people.
pub(super) fn cells(row: &Row) -> Vec<(String, String)> {
    let cells = Column::ALL.map(|column| (column.name().to_owned(), one_line(&row.text(column))));
    cells.into_iter().filter(|(_, text)| !text.trim_matches('-').is_empty()).collect()
}

/// What stands in a row, for programs.
pub(super) fn object(row: &Row) -> serde_json::Map<String, serde_json::Value> {
    Column::ALL.iter().map(|&column| (column.name().to_owned(), row.text(column).into())).collect()
}
