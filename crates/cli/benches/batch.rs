//! How long a file takes from end to end, beside a bare pass over the same file, and how much memory it takes.
//!
//! The program runs as its users run it, with MIGO's place taken by the sandbox in a process of its own, so that its
//! memory is the batch's alone. The baseline reads the same file and writes it with as many blank columns, in the same
//! run, because the machine may be busy with other things.
//! Left out: limits and latency, which are the provider's and not the program's.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod pass;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use chasqui_types::Ruc;
use pass::{bare_pass, check, run};
use rust_xlsxwriter::Workbook;

const ROUNDS: usize = 3;
/// The sandbox knows some of the numbers.
const OUTCOMES: &[&str] = &["ENCONTRADO", "NO EXISTE"];

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut sandbox = Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(["sandbox", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()?;
    let base = listens_on(&mut sandbox)?;
    let measured = measure(folder.path(), &base);
    sandbox.kill()?;
    sandbox.wait()?;
    measured
}

fn measure(folder: &Path, base: &str) -> Result<()> {
    for rows in [1_000, 100_000, 400_000] {
        fs::write(folder.join("in.csv"), csv_of(rows))?;
        let target = if rows == 100_000 { "   target < 15 s, < 150 MB" } else { "" };
        for round in 1..=if rows == 100_000 { ROUNDS } else { 1 } {
            let baseline = bare_pass(&folder.join("in.csv"), &folder.join("bare.csv"))?;
            let (took, peak) = batch(folder, base, "in.csv", "out.csv")?;
            println!(
                "{rows:>7} rows of CSV, round {round}   {:>6.2} s  {peak:>6.1} MB  {:>5.1} x a bare pass ({:.3} s){target}",
                took.as_secs_f64(),
                took.as_secs_f64() / baseline.as_secs_f64(),
                baseline.as_secs_f64(),
            );
        }
        check(&folder.join("out.csv"), b',', rows, OUTCOMES)?;
    }
    let rows = 10_000;
    xlsx_of(rows, &folder.join("in.xlsx"))?;
    let (took, peak) = batch(folder, base, "in.xlsx", "out.xlsx")?;
    println!(
        "{rows:>7} rows of XLSX             {:>6.2} s  {peak:>6.1} MB   target < 15 s, < 150 MB",
        took.as_secs_f64()
    );
    batch(folder, base, "out.xlsx", "out.csv")?;
    check(&folder.join("out.csv"), b';', rows, OUTCOMES)
}

/// Runs the program over a file; how long it took and the most memory it held.
fn batch(folder: &Path, base: &str, input: &str, output: &str) -> Result<(Duration, f64)> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chasqui"));
    program.args(["batch", input, "-o", output, "--force"]).current_dir(folder);
    program.env("CHASQUI_MIGO__TOKEN", "any").env("CHASQUI_MIGO__BASE_URL", base);
    program.env("CHASQUI_MIGO__LIMITS__BATCH", "1000000/1m").env("CHASQUI_MIGO__LIMITS__RUC", "1000000/1m");
    run(&mut program)
}

fn ruc(n: u32) -> Result<Ruc> {
    Ruc::from_body(20, 10_000_000 + n).context("a body has eight digits")
}

fn csv_of(rows: u32) -> String {
    let mut text = String::from("codigo,ruc,nota\n");
    for n in 0..rows {
        let number = ruc(n).expect("there are enough bodies");
        writeln!(text, "{n},{number},cliente de la zona {}", n % 17).expect("a String takes every text");
    }
    text
}

fn xlsx_of(rows: u32, path: &Path) -> Result<()> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["codigo", "ruc", "nota"]) {
        sheet.write(0, column, name)?;
    }
    for n in 0..rows {
        sheet.write(n + 1, 0, n)?;
        sheet.write(n + 1, 1, ruc(n)?.as_str())?;
        sheet.write(n + 1, 2, "cliente")?;
    }
    workbook.save(path)?;
    Ok(())
}

fn listens_on(sandbox: &mut Child) -> Result<String> {
    let stderr = BufReader::new(sandbox.stderr.take().context("standard error is piped")?);
    for line in stderr.lines() {
        let line = line?;
        if let Some((_, after)) = line.split_once("listens on ") {
            return Ok(after.split(';').next().unwrap_or(after).to_owned());
        }
    }
    anyhow::bail!("the sandbox did not start")
}
