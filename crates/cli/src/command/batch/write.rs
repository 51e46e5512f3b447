//! Writing the file anew, row by row, with what was found out.
//!
//! Left out: how a row looks in each format.

use std::io;

use chasqui_bulk::{Former, Input, ReadError, Row, Rows, WriteError, Writer};
use chasqui_core::Runtime as _;

use super::Run;
use super::ask::Answers;
use super::meter::Meter;
use super::plan::{Destination, Plan};
use super::summary::RowCounts;
use crate::exit::{Exit, Failure};

/// After so many rows somebody who wants to stop is listened to.
const BREATH: u64 = 1_000;

/// So many rows are looked up together, which costs less than one by one; fewer where they are long, so that memory
/// holds a few megabytes of them.
const BLOCK: usize = 4_096;
const BLOCK_BYTES: usize = 2 << 20;

/// Begins the output before anybody is asked, so that one that cannot be written costs no call.
pub(super) fn begin(plan: &Plan, input: &Input) -> Result<Writer, Failure> {
    match &plan.destination {
        Destination::File(path) => Writer::create(path, input, &plan.write).map_err(|error| {
            let exit = if matches!(error, WriteError::Full { .. } | WriteError::Io { .. }) {
                Exit::Unknown
            } else {
                Exit::Usage
            };
            Failure::of(exit, &error)
        }),
        Destination::Stdout => Writer::to(Box::new(io::stdout()), input, &plan.write).map_err(|error| failed(&error)),
    }
}

/// Writes every row of the file.
pub(super) async fn write(
    run: &Run<'_>,
    mut writer: Writer,
    former: Option<&Former>,
    answers: &mut Answers,
    meter: &mut Meter,
) -> Result<RowCounts, Failure> {
    let unreadable = |error| Failure::of(Exit::Usage, &error);
    let mut rows = run.input.rows().map_err(unreadable)?;
    let mut former = former.map(Former::rows).transpose().map_err(unreadable)?;
    let mut block: Vec<Row> = Vec::new();
    let mut counts = RowCounts::default();
    let mut n = 0;
    loop {
        let (n_rows, is_last) = fill(&mut block, &mut rows).map_err(unreadable)?;
        let ahead = answers.look_ahead(&block[..n_rows]);
        for (row, known) in block.iter().zip(ahead) {
            let kept = match &mut former {
                Some(former) => former.next(row).map_err(|error| Failure::of(Exit::Usage, &error))?,
                None => None,
            };
            if let Some(cells) = kept {
                counts.count_kept(row, cells.outcome);
                writer.copy(row, &cells.cells).map_err(|error| failed(&error))?;
            } else {
                let finding = match (row.number, known) {
                    (Some(Ok(_)), Some(known)) => Some(known),
                    (Some(Ok(number)), None) => Some(answers.of(number)?),
                    _ => None,
                };
                counts.count(row, finding.as_ref());
                writer.write(row, finding.as_ref()).map_err(|error| failed(&error))?;
            }
            n += 1;
            if n % BREATH == 0 {
                meter.show_writing(run.runtime.now(), n);
                tokio::task::yield_now().await;
            }
        }
        if is_last {
            break;
        }
    }
    writer.finish().map_err(|error| failed(&error))?;
    Ok(counts)
}

/// Reads the next rows into the places of former ones: how many, and whether they are the last.
fn fill(block: &mut Vec<Row>, rows: &mut Rows) -> Result<(usize, bool), ReadError> {
    // Places of long rows would stay long.
    if block.iter().map(Row::n_bytes).sum::<usize>() > BLOCK_BYTES {
        block.clear();
    }
    let mut n_bytes = 0;
    for place in 0..BLOCK {
        if place == block.len() {
            block.push(Row::default());
        }
        if !rows.next_into(&mut block[place])? {
            return Ok((place, true));
        }
        n_bytes += block[place].n_bytes();
        if n_bytes > BLOCK_BYTES {
            return Ok((place + 1, false));
        }
    }
    Ok((BLOCK, false))
}

/// Whoever reads our output may go away before its end, which ends the run quietly.
fn failed(error: &WriteError) -> Failure {
    if error.is_broken_pipe() { Failure::closed() } else { Failure::of(Exit::Unknown, error) }
}
