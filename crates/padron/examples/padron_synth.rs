//! Writes a made-up registry to a file: what `cargo xtask padron-synth` runs.
//!
//! Left out: anything about the rows; see the library's module.

#![expect(clippy::print_stderr, clippy::disallowed_methods, reason = "a command line tool that says how long it took")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use chasqui_padron::synth::{HEADER, Synth};
use zip::write::SimpleFileOptions;

const USAGE: &str = "Usage: cargo xtask padron-synth [--rows N] [--seed S] [--zip] -o FILE";
const STEP: u64 = 16_384;

fn main() -> Result<()> {
    let (mut rows, mut seed, mut packed, mut path) = (1_000_000, 1, false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` takes a value\n\n{USAGE}"));
        match argument.as_str() {
            "--rows" => rows = value()?.replace('_', "").parse().context("`--rows` takes a number")?,
            "--seed" => seed = value()?.parse().context("`--seed` takes a number")?,
            "--zip" => packed = true,
            "-o" => path = Some(value()?),
            other => bail!("cannot use `{other}`\n\n{USAGE}"),
        }
    }
    let path = path.with_context(|| format!("where to?\n\n{USAGE}"))?;
    let start = Instant::now();
    let file = BufWriter::new(File::create(&path).with_context(|| format!("could not make {path}"))?);
    let synth = Synth::new(rows, seed);
    let n_bytes = if packed {
        let mut zip = zip::ZipWriter::new(file);
        let options = SimpleFileOptions::default().compression_level(Some(1)).large_file(true);
        zip.start_file("padron_reducido_ruc.txt", options)?;
        let n_bytes = write(&synth, &mut zip)?;
        zip.finish()?.flush()?;
        n_bytes
    } else {
        let mut file = file;
        let n_bytes = write(&synth, &mut file)?;
        file.flush()?;
        n_bytes
    };
    eprintln!("{rows} rows, {n_bytes} bytes of text in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn write(synth: &Synth, output: &mut dyn Write) -> Result<u64> {
    output.write_all(HEADER)?;
    let mut n_bytes = HEADER.len() as u64;
    let mut text = Vec::new();
    let mut from = 0;
    while from < synth.n_rows() {
        text.clear();
        let to = (from + STEP).min(synth.n_rows());
        synth.write(from..to, &mut text);
        output.write_all(&text).context("could not write")?;
        n_bytes += text.len() as u64;
        from = to;
    }
    Ok(n_bytes)
}
