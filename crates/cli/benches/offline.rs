//! A million numbers of a file, told from the registry on this machine, beside a bare pass over the same file.
//!
//! The program runs as its users run it, from CSV to CSV, over numbers drawn from a made-up registry of 18.4 million
//! rows. The baseline reads the same file and writes it with as many blank columns, in the same run, because the machine
//! may be busy with other things. Arguments: `--rows N`, `--folder DIR` to keep the files for the next run.
//! Left out: files of other kinds, and providers, which `batch` measures.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "../../padron/benches/shared/edition.rs"]
mod edition;
mod pass;
#[path = "../../padron/benches/shared/mod.rs"]
mod shared;

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use pass::{bare_pass, check, run};
use shared::figure;

const NUMBERS: u32 = 1_000_000;
const ROUNDS: usize = 3;
const MOST: Duration = Duration::from_secs(6);

fn main() -> Result<()> {
    let (place, rest) = shared::arguments()?;
    ensure!(rest.is_empty(), "cannot use {rest:?}");
    let padron = edition::edition(&place)?;
    let folder = tempfile::tempdir()?;
    let [input, output, bare] = ["in.csv", "out.csv", "bare.csv"].map(|name| folder.path().join(name));
    let mut text = std::io::BufWriter::new(std::fs::File::create(&input)?);
    writeln!(text, "codigo,ruc,nota")?;
    let (mut random, mut n) = (fastrand::Rng::with_seed(17), 0);
    while n < NUMBERS {
        let ruc = place.synth.number(random.u64(..place.synth.n_rows()));
        // An odd row has another number, or none.
        if padron.contains(ruc)? {
            writeln!(text, "{n},{ruc},cliente de la zona {}", n % 17)?;
            n += 1;
        }
    }
    text.flush()?;
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        let baseline = bare_pass(&input, &bare)?;
        let mut program = Command::new(env!("CARGO_BIN_EXE_chasqui"));
        program.arg("batch").arg(&input).arg("-o").arg(&output).args(["--force", "--offline"]);
        program.current_dir(folder.path()).env_clear().env("CHASQUI_PADRON__DIR", place.editions());
        let (took, peak) = run(&mut program)?;
        println!(
            "round {round}: {:.2} s, {peak:.1} MB; a bare pass {:.2} s",
            took.as_secs_f64(),
            baseline.as_secs_f64()
        );
        rounds.push((took, baseline, peak));
        check(&output, b',', NUMBERS, &["ENCONTRADO"])?;
    }
    rounds.sort_by_key(|&(took, ..)| took);
    let (took, baseline, peak) = rounds[ROUNDS / 2];
    let beside =
        format!("{:.1} x a bare pass over the file, {peak:.0} MB", took.as_secs_f64() / baseline.as_secs_f64());
    let what = format!("{NUMBERS} numbers with `batch --offline`, CSV to CSV, all answered");
    figure(&what, &format!("{:.2} s", took.as_secs_f64()), Some(("< 6 s", took < MOST)), &beside);
    Ok(())
}
