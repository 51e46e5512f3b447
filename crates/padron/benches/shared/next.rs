//! The registry a day later: one row in a hundred is changed, gone, or followed by a new one, and which is known.
//!
//! Odd rows stay as they are, and so do rows whose number an odd one repeats: which of two counts is another question.
//! Left out: what a later edition is good for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use chasqui_padron::{Column, Differences};
use chasqui_types::Ruc;

use crate::shared::{Place, pack};

/// What it is called.
pub(crate) const EDITION: &str = "2026-11-22";
/// One row in so many, and the first of them.
const EVERY: u64 = 100;
const FIRST: u64 = 7;
const STEP: u64 = 16_384;
/// Each cell ends with a bar.
const CELLS: usize = Column::ALL.len() + 1;
/// Companies of the made-up registry have smaller numbers.
const FIRST_NEW: u64 = 61_500_000;

/// The file, and how it differs.
pub(crate) struct Next {
    pub(crate) zip: PathBuf,
    pub(crate) differences: Differences,
}

#[derive(Clone, Copy)]
enum Fate {
    Gone,
    Followed,
    /// Another name and another condition.
    Renamed,
    /// Another status.
    Changed,
}

/// Whether a row is not among those that may differ.
pub(crate) fn stays(row: u64) -> bool {
    row % EVERY != FIRST
}

/// The file of the next day, made if it is not there yet.
pub(crate) fn next(place: &Place) -> Result<Next> {
    let fates = fates(place)?;
    let mut differences = Differences::default();
    for fate in fates.values() {
        match fate {
            Fate::Gone => differences.removed += 1,
            Fate::Followed => differences.added += 1,
            Fate::Renamed => differences.cells += 2,
            Fate::Changed => differences.cells += 1,
        }
    }
    differences.changed = fates.len() as u64 - differences.removed - differences.added;
    let (zip, n_rows) = (place.path("padron-next.zip"), place.synth.n_rows());
    if !zip.exists() {
        pack(&zip, (0..n_rows).step_by(usize::try_from(STEP)?), |from, text| {
            let mut at = from;
            for (&row, &fate) in fates.range(from..from + STEP) {
                place.synth.write(at..row, text);
                let start = text.len();
                place.synth.write(row..row + 1, text);
                let line = text.split_off(start);
                text.extend(changed(&line, row, fate)?);
                at = row + 1;
            }
            place.synth.write(at..(from + STEP).min(n_rows), text);
            Ok(())
        })?;
    }
    Ok(Next { zip, differences })
}

/// What becomes of which row.
fn fates(place: &Place) -> Result<BTreeMap<u64, Fate>> {
    let n_rows = place.synth.n_rows();
    // Numbers that some other row has too, or a row that is odd itself.
    let (mut odd, mut text) = (BTreeSet::new(), Vec::new());
    for from in (0..n_rows).step_by(usize::try_from(STEP)?) {
        text.clear();
        let rows = from..(from + STEP).min(n_rows);
        place.synth.write(rows.clone(), &mut text);
        for (row, line) in rows.zip(text.split(|&byte| byte == b'\n')) {
            let number = place.synth.number(row);
            if !line.starts_with(number.as_str().as_bytes()) || line.split(|&byte| byte == b'|').count() != CELLS {
                odd.extend([number.as_str().as_bytes().to_vec(), line.iter().copied().take(Ruc::LEN).collect()]);
            }
        }
    }
    let candidates = (0..n_rows).filter(|&row| !stays(row));
    let plain = candidates.filter(|&row| !odd.contains(place.synth.number(row).as_str().as_bytes()));
    let fate = |row: u64| match row / EVERY % 20 {
        0 => Fate::Gone,
        1 => Fate::Followed,
        2..=5 => Fate::Renamed,
        _ => Fate::Changed,
    };
    Ok(plain.map(|row| (row, fate(row))).collect())
}

fn changed(line: &[u8], row: u64, fate: Fate) -> Result<Vec<u8>> {
    let mut cells: Vec<Vec<u8>> = line.split(|&byte| byte == b'|').map(<[u8]>::to_vec).collect();
    ensure!(cells.len() == CELLS, "row {row} is odd");
    let mut put = |column: Column, value: &[u8], other: &[u8]| {
        let cell = &mut cells[column as usize];
        *cell = if cell == value { other.to_vec() } else { value.to_vec() };
    };
    match fate {
        Fate::Gone => return Ok(Vec::new()),
        Fate::Followed => {
            let body = u32::try_from(FIRST_NEW + row / EVERY / 20)?;
            let number = Ruc::from_body(20, body).context("a body has eight digits")?;
            return Ok([line, number.as_str().as_bytes(), &line[Ruc::LEN..]].concat());
        }
        Fate::Renamed => {
            put(Column::Name, b"NOMBRE NUEVO", b"NOMBRE");
            put(Column::Condition, b"HABIDO", b"NO HABIDO");
        }
        Fate::Changed => put(Column::Status, b"ACTIVO", b"BAJA DE OFICIO"),
    }
    Ok(cells.join(&b'|'))
}
