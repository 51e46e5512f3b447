//! What benchmarks of files share: a run of the program, a bare pass over the same file, and a look at the outcome.
//!
//! Left out: what is in the files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

const RESULT_COLUMNS: usize = 13;

/// Runs the program; how long it took and the most memory it held, in megabytes.
pub(crate) fn run(program: &mut Command) -> Result<(Duration, f64)> {
    let started = Instant::now();
    let mut child = program.stderr(Stdio::null()).spawn()?;
    let mut peak = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak.max(peak_of(child.id()).unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = started.elapsed();
    ensure!(status.code().is_some_and(|code| code < 2), "the program ended with {status}");
    Ok((took, peak))
}

fn peak_of(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

/// Reads a file and writes it with blank columns, asking nobody.
pub(crate) fn bare_pass(input: &Path, output: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(input)?;
    let mut writer = csv::Writer::from_path(output)?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        for cell in &record {
            writer.write_field(cell)?;
        }
        for _ in 0..RESULT_COLUMNS {
            writer.write_field("")?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(started.elapsed())
}

/// Every row is there, in its place, and what became of it is one of these.
pub(crate) fn check(output: &Path, delimiter: u8, rows: u32, outcomes: &[&str]) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_path(output)?;
    let place = reader.headers()?.iter().position(|name| name == "resultado").context("there is no result column")?;
    let mut n = 0;
    for record in reader.records() {
        let record = record?;
        ensure!(record[0].parse::<u32>()? == n, "row {n} is not in its place");
        ensure!(outcomes.contains(&&record[place]), "row {n} has no answer");
        n += 1;
    }
    ensure!(n == rows, "{n} rows of {rows}");
    Ok(())
}
