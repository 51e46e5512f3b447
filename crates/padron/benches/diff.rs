//! What differs between two editions of which one row in a hundred differs, beside reading both.
//!
//! Which rows differ is known, so the figures are not only printed: a difference too many or too few is an error.
//! Arguments: `--rows N`, `--folder DIR` to keep the files for the next run.
//! Left out: which cells, which the tests compare one by one.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "shared/edition.rs"]
mod edition;
#[path = "shared/next.rs"]
mod next;
mod shared;

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use chasqui_padron::{Options, Outcome, Padron, diff, import, put_into_use, write_changes};
use shared::figure;

fn main() -> Result<()> {
    let (place, rest) = shared::arguments()?;
    ensure!(rest.is_empty(), "cannot use {rest:?}");
    let old = edition::edition(&place)?;
    let (next, dir) = (next::next(&place)?, place.editions());
    let threads = NonZeroUsize::new(2).context("two is not zero")?;
    let today = next::EDITION.parse()?;
    let options = Options { date: Some(today), today, force: false, keep: 3, threads };
    let edition = match import(&next.zip, &dir, &options, &mut |_| ControlFlow::Continue(()))? {
        Outcome::Imported(report) => report.edition,
        Outcome::AlreadyImported { edition, .. } => edition,
    };
    let new = Padron::open_edition(&dir, edition)?;
    // Others ask the first.
    put_into_use(&dir, old.edition())?;

    let start = Instant::now();
    let mut n_bytes = 0;
    for padron in [&old, &new] {
        let mut rows = padron.rows()?;
        while let Some(row) = rows.next()? {
            n_bytes += row.raw().len();
        }
    }
    std::hint::black_box(n_bytes);
    let reading = start.elapsed();
    println!("reading every row of both {:>9.1} s", reading.as_secs_f64());
    let start = Instant::now();
    let differences = diff(&old, &new, |_| ControlFlow::Continue(()))?;
    let took = start.elapsed();
    println!("comparing them            {:>9.1} s: {differences:?}", took.as_secs_f64());
    ensure!(differences == next.differences, "expected {:?}", next.differences);
    let start = Instant::now();
    let written = write_changes(&dir, &old, &new)?;
    let writing = start.elapsed();
    ensure!(written == differences, "the file says {written:?}");
    let file = dir.join(format!("changes-{}-{}.chq", old.edition(), new.edition()));
    println!("and keeping what differs  {:>9.1} s, {} bytes", writing.as_secs_f64(), fs::metadata(file)?.len());

    // One that was not as expected was an error.
    let found = format!("{} rows", differences.rows());
    figure("differences, one row in a hundred", &found, Some(("exact", true)), "");
    let beside = format!("reading both editions takes {:.1} s", reading.as_secs_f64());
    figure("comparing two editions", &format!("{:.1} s", took.as_secs_f64()), None, &beside);
    Ok(())
}
