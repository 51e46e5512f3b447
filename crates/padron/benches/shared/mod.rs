//! What the benchmarks of the offline registry share: their arguments, the made-up file, and the table of figures.
//!
//! Files are made once in a folder, so that several benchmarks measure the same rows.
//! Left out: what is measured.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chasqui_padron::synth::{HEADER, Synth};
use zip::write::SimpleFileOptions;

const ROWS: u64 = 18_400_000;
const SEED: u64 = 1;
const STEP: u64 = 16_384;

/// Where everything lies, and how large it is.
pub(crate) struct Place {
    pub(crate) synth: Synth,
    folder: PathBuf,
    /// Removed at the end, unless somebody wants to keep it.
    _temporary: Option<tempfile::TempDir>,
}

/// Reads `--rows N` and `--folder DIR`, which keeps the files for the next run; what is left is the caller's.
pub(crate) fn arguments() -> Result<(Place, Vec<String>)> {
    let (mut n_rows, mut folder, mut rest) = (ROWS, None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` takes a value"));
        match argument.as_str() {
            "--rows" => n_rows = value()?.replace('_', "").parse().context("`--rows` takes a number")?,
            "--folder" => folder = Some(PathBuf::from(value()?)),
            "--bench" => {}
            _ => rest.push(argument),
        }
    }
    let temporary = if folder.is_none() { Some(tempfile::tempdir()?) } else { None };
    let folder = folder.or_else(|| Some(temporary.as_ref()?.path().to_owned())).context("there is a folder")?;
    fs::create_dir_all(&folder)?;
    let folder = fs::canonicalize(folder)?;
    Ok((Place { synth: Synth::new(n_rows, SEED), folder, _temporary: temporary }, rest))
}

// === impl Place ===

impl Place {
    /// A file in the folder that belongs to so many rows.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let (stem, end) = name.rsplit_once('.').map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
        self.folder.join(format!("{stem}-{}{end}", self.synth.n_rows()))
    }

    /// The folder of editions.
    pub(crate) fn editions(&self) -> PathBuf {
        self.path("padron")
    }

    /// The registry as SUNAT publishes it, made if it is not there yet.
    pub(crate) fn zip(&self) -> Result<PathBuf> {
        let path = self.path("padron.zip");
        if !path.exists() {
            let n_rows = self.synth.n_rows();
            pack(&path, (0..n_rows).step_by(usize::try_from(STEP)?), |from, text| {
                self.synth.write(from..(from + STEP).min(n_rows), text);
                Ok(())
            })?;
        }
        Ok(path)
    }
}

/// Packs the header and the lines of one piece after the other. The file is there when it is whole.
pub(crate) fn pack<T>(
    path: &Path,
    pieces: impl Iterator<Item = T>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    let mut unfinished = OsString::from(path);
    unfinished.push(".new");
    let mut zip = zip::ZipWriter::new(BufWriter::new(File::create(&unfinished)?));
    let options = SimpleFileOptions::default().compression_level(Some(1)).large_file(true);
    zip.start_file("padron_reducido_ruc.txt", options)?;
    zip.write_all(HEADER)?;
    let mut text = Vec::new();
    for piece in pieces {
        text.clear();
        write(piece, &mut text)?;
        zip.write_all(&text)?;
    }
    zip.finish()?.flush()?;
    fs::rename(unfinished, path)?;
    Ok(())
}

/// One line of the table that a run ends with, which `cargo xtask bench padron` gathers: a figure, what was hoped for
/// and whether it is so, and what stands beside it.
pub(crate) fn figure(what: &str, value: &str, target: Option<(&str, bool)>, beside: &str) {
    let (target, is_met) = target.unzip();
    let verdict = is_met.map_or("", |is_met| if is_met { "ok" } else { "MISSED" });
    println!("| {what} | {value} | {} | {verdict} | {beside} |", target.unwrap_or_default());
}
