//! The offline registry at its real size, beside `SQLite` with the same rows in the same run: imported, looked up, and
//! read back.
//!
//! The machine may be busy with other things, so what counts are the ratios within a run. Arguments: `--rows N`,
//! `--folder DIR` to keep the files for the next run, `--no-sqlite`.
//! Left out: how good a search by name is, which is `search`'s, and downloads.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod shared;

use std::fs;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chasqui_padron::synth::Synth;
use chasqui_padron::{Column, Names, Options, Outcome, Padron, Progress, Report, Row, Stage, Ubigeos, import};
use chasqui_types::Ruc;
use chasqui_types::time::Date;
use rusqlite::types::ValueRef;
use shared::{Place, figure};

const LOOKUPS: usize = 1_000_000;
const SQLITE_LOOKUPS: usize = 200_000;
const COMPARED: u64 = 1_000_000;

fn main() -> Result<()> {
    let (place, rest) = shared::arguments()?;
    match rest.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure(&place, true),
        ["--no-sqlite"] => measure(&place, false),
        _ => bail!("cannot use {rest:?}"),
    }
}

fn measure(place: &Place, with_sqlite: bool) -> Result<()> {
    let start = Instant::now();
    let zip = place.zip()?;
    println!("{} rows, made and packed  {:>9.1} s", place.synth.n_rows(), start.elapsed().as_secs_f64());
    let dir = place.editions();
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let (report, import) = run_import(&zip, &dir)?;
    println!("  rows {}, words {}, bad lines {}", report.rows, report.words, report.bad.count());
    let peak = peak_resident()?;

    let note = dir.join(report.edition.to_string()).join("checked");
    fs::remove_file(note)?;
    for what in ["open, every byte checked", "open, checked before"] {
        let start = Instant::now();
        black_box(Padron::open(&dir)?);
        println!("{what:24}  {:>9.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
    let padron = Padron::open(&dir)?.context("the import puts its edition into use")?;
    let start = Instant::now();
    let names = Names::build(&padron, &mut |_| ControlFlow::Continue(()))?;
    let (index, peak_with_names) = (start.elapsed(), peak_resident()?);
    println!("index of names            {:>9.1} s", index.as_secs_f64());

    let n_equal = compare(&place.synth, &padron)?;
    let present = present(&place.synth, LOOKUPS);
    let absent = absent(&padron, LOOKUPS)?;
    let mut row = Row::new();
    println!("\none look-up, warm, {LOOKUPS} in random order");
    let ours = each(&present, |ruc| Ok(black_box(padron.find_into(ruc, &mut row)?)))?;
    ours.print("in the edition, 15 fields");
    let not_there = each(&absent, |ruc| Ok(black_box(padron.find_into(ruc, &mut row)?)))?;
    not_there.print("not in it");
    let ubigeos = Ubigeos::inei();
    let taxpayers = each(&present, |ruc| {
        padron.find_into(ruc, &mut row)?;
        Ok(black_box(row.taxpayer(&ubigeos)).is_some())
    })?;
    taxpayers.print("as a taxpayer");
    many(&padron, &present)?;
    let start = Instant::now();
    padron.verify()?;
    println!("verify                    {:>9.1} s", start.elapsed().as_secs_f64());

    let path = place.path("rows.sqlite");
    let theirs = if with_sqlite { Some(sqlite(&padron, &path, &present, &absent)?) } else { None };
    let beside = |theirs: Option<f64>, ours: f64| {
        theirs.map(|theirs| format!("SQLite / ours {:.1} x", theirs / ours)).unwrap_or_default()
    };
    let load = theirs.as_ref().and_then(|theirs| theirs.load).map(|load| load.as_secs_f64());
    let seconds = |what: &str, took: Duration, target: &str, most: u64| {
        let is_met = Some((target, took < Duration::from_secs(most)));
        figure(what, &format!("{:.1} s", took.as_secs_f64()), is_met, &beside(load, took.as_secs_f64()));
    };
    let at_most = |what: &str, value: f64, most: f64, unit: &str, beside: &str| {
        figure(what, &format!("{value:.2} {unit}"), Some((&format!("< {most} {unit}"), value < most)), beside);
    };
    println!();
    seconds("import from zip", import, "< 60 s", 60);
    at_most("its memory, at most", peak, 1500.0, "MB", "");
    seconds("import from zip, with the index of names", import + index, "< 600 s", 600);
    at_most("its memory, at most", peak_with_names, 1500.0, "MB", "");
    let file = megabytes(report.file_bytes);
    let their_file = if with_sqlite { Some(megabytes(fs::metadata(&path)?.len())) } else { None };
    at_most("file of rows", file, 550.0, "MB", &beside(their_file, file));
    at_most("index of names", megabytes(names.n_bytes()), 1200.0, "MB", "");
    let their_p50 = theirs.as_ref().map(|theirs| theirs.present.p50());
    at_most("look-up by RUC, 15 fields, p50", ours.p50(), 2.0, "us", &beside(their_p50, ours.p50()));
    let their_p99 = theirs.as_ref().map(|theirs| theirs.present.at(0.99));
    at_most("look-up by RUC, 15 fields, p99", ours.at(0.99), 15.0, "us", &beside(their_p99, ours.at(0.99)));
    if let Some(theirs) = their_p50 {
        let ratio = theirs / ours.p50();
        figure("SQLite by primary key / ours, p50", &format!("{ratio:.1} x"), Some((">= 3 x", ratio >= 3.0)), "");
    }
    let their_absent = theirs.as_ref().map(|theirs| theirs.absent.p50());
    let p50 = not_there.p50();
    at_most("look-up of a number not in the edition, p50", p50, 0.5, "us", &beside(their_absent, p50));
    // A row that differs was an error.
    figure("rows that came back equal", &n_equal.to_string(), Some(("all", true)), "");
    Ok(())
}

fn run_import(zip: &Path, dir: &Path) -> Result<(Report, Duration)> {
    let threads = NonZeroUsize::new(2).expect("two is not zero");
    let today: Date = "2026-11-21".parse()?;
    let options = Options { date: Some(today), today, force: false, keep: 3, threads };
    let start = Instant::now();
    let mut stages: Vec<(Stage, Instant)> = Vec::new();
    let mut progress = |progress: Progress| {
        if stages.last().is_none_or(|&(stage, _)| stage != progress.stage) {
            stages.push((progress.stage, Instant::now()));
        }
        ControlFlow::Continue(())
    };
    let outcome = import(zip, dir, &options, &mut progress)?;
    let took = start.elapsed();
    let Outcome::Imported(report) = outcome else { bail!("the folder was empty") };
    println!("import from zip           {:>9.1} s", took.as_secs_f64());
    for (index, &(stage, from)) in stages.iter().enumerate() {
        let to = stages.get(index + 1).map_or(start + took, |&(_, next)| next);
        println!("  {:22}  {:>9.1} s", format!("{stage:?}"), (to - from).as_secs_f64());
    }
    Ok((*report, took))
}

/// A million rows of the text, line for line.
fn compare(synth: &Synth, padron: &Padron) -> Result<u64> {
    let mut text = Vec::new();
    let (mut row, mut n_equal, mut n_other) = (Row::new(), 0, 0);
    // Rows from all over the text.
    let every = (synth.n_rows() / COMPARED).max(1);
    for place in (0..synth.n_rows()).step_by(usize::try_from(every)?) {
        text.clear();
        synth.write(place..place + 1, &mut text);
        text.pop();
        let Ok(number) = std::str::from_utf8(text.get(..Ruc::LEN).unwrap_or_default()) else { continue };
        let found = match number.parse() {
            Ok(ruc) => padron.find_into(ruc, &mut row)? && row.raw() == text,
            Err(_) => false,
        };
        // What is not found so stands apart, unless it is no row at all.
        if found || padron.find_raw(number)?.iter().any(|row| row.raw() == text) {
            n_equal += 1;
        } else {
            ensure!(Row::parse(&text).is_err(), "row {place} of the text is not what it was");
            n_other += 1;
        }
    }
    println!("compared with the text    {n_equal:>9} rows equal, {n_other} bad lines among them");
    Ok(n_equal)
}

/// The same numbers one by one, and all of them together.
fn many(padron: &Padron, present: &[Ruc]) -> Result<()> {
    let (start, mut row) = (Instant::now(), Row::new());
    for &ruc in present {
        black_box(padron.find_into(ruc, &mut row)?);
    }
    print!("{} look-ups: one by one {:.0} ms", present.len(), start.elapsed().as_secs_f64() * 1e3);
    for n_threads in [1, 2] {
        let (start, n_bytes) = (Instant::now(), AtomicU64::new(0));
        padron.find_many(present, n_threads, |_, row| {
            let length = row.map_or(0, |row| row.raw().len());
            n_bytes.fetch_add(length as u64, Ordering::Relaxed);
        })?;
        print!(", together on {n_threads} {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
        black_box(n_bytes);
    }
    println!();
    Ok(())
}

/// What `SQLite` takes for the same.
struct Theirs {
    /// Nothing if it was loaded by an earlier run.
    load: Option<Duration>,
    present: Figures,
    absent: Figures,
}

fn sqlite(padron: &Padron, path: &Path, present: &[Ruc], absent: &[Ruc]) -> Result<Theirs> {
    let fresh = !path.exists();
    let database = rusqlite::Connection::open(path)?;
    database.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = 8589934592;")?;
    let mut load = None;
    if fresh {
        let start = Instant::now();
        let others = (1..15).map(|column| format!("c{column} TEXT")).collect::<Vec<_>>().join(", ");
        database.execute_batch(&format!("CREATE TABLE padron (ruc INTEGER PRIMARY KEY, {others}); BEGIN"))?;
        let mut insert = database.prepare(&format!("INSERT OR IGNORE INTO padron VALUES (?{})", ", ?".repeat(14)))?;
        let mut rows = padron.rows()?;
        while let Some(row) = rows.next()? {
            let cells = Column::ALL.map(|column| row.text(column));
            insert.execute(rusqlite::params_from_iter(cells.iter().map(|cell| &**cell)))?;
        }
        drop(insert);
        database.execute_batch("COMMIT")?;
        load = Some(start.elapsed());
        println!("\nSQLite, rows in order     {:>9.1} s to load", start.elapsed().as_secs_f64());
    }
    println!("SQLite file               {:>9.1} MB", megabytes(fs::metadata(path)?.len()));
    let mut query = database.prepare("SELECT * FROM padron WHERE ruc = ?")?;
    let mut find = |ruc: Ruc| {
        let mut rows = query.query([i64::try_from(ruc.to_u64())?])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let mut n_bytes = 0;
        for column in 0..15 {
            if let ValueRef::Text(text) = row.get_ref(column)? {
                n_bytes += text.len();
            }
        }
        black_box(n_bytes);
        Ok(true)
    };
    let present = each(&present[..SQLITE_LOOKUPS.min(present.len())], &mut find)?;
    present.print("SQLite by primary key");
    let absent = each(&absent[..SQLITE_LOOKUPS.min(absent.len())], &mut find)?;
    absent.print("SQLite, not in it");
    Ok(Theirs { load, present, absent })
}

struct Figures(Vec<Duration>);

impl Figures {
    fn at(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small"
        )]
        let place = (self.0.len() as f64 * share) as usize;
        self.0[place.min(self.0.len() - 1)].as_secs_f64() * 1e6
    }

    fn p50(&self) -> f64 {
        self.at(0.5)
    }

    fn print(&self, what: &str) {
        let (p50, p99, p999) = (self.p50(), self.at(0.99), self.at(0.999));
        println!("  {what:26} p50 {p50:>6.2} us   p99 {p99:>6.2} us   p99.9 {p999:>6.2} us");
    }
}

/// Times each look-up, the clock's own cost included, after a round that is not timed.
fn each(rucs: &[Ruc], mut find: impl FnMut(Ruc) -> Result<bool>) -> Result<Figures> {
    for &ruc in rucs {
        find(ruc)?;
    }
    let mut took = Vec::with_capacity(rucs.len());
    for &ruc in rucs {
        let start = Instant::now();
        find(ruc)?;
        took.push(start.elapsed());
    }
    took.sort_unstable();
    Ok(Figures(took))
}

/// Numbers of rows from all over the text, in no order.
fn present(synth: &Synth, n: usize) -> Vec<Ruc> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..n).map(|_| synth.number(random.u64(..synth.n_rows()))).collect()
}

/// Well-formed numbers that the edition does not have, as like those it has as can be.
fn absent(padron: &Padron, n: usize) -> Result<Vec<Ruc>> {
    let mut random = fastrand::Rng::with_seed(8);
    let mut absent = Vec::with_capacity(n);
    while absent.len() < n {
        let (prefix, body) =
            if random.u8(..8) == 0 { (20, random.u32(10_000_000..61_500_000)) } else { (10, random.u32(..81_000_000)) };
        let ruc = Ruc::from_body(prefix, body).context("a prefix and eight digits")?;
        if !padron.contains(ruc)? {
            absent.push(ruc);
        }
    }
    Ok(absent)
}

/// The most memory this process ever had, in MB; 0 where the system does not say.
fn peak_resident() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).map_or(Ok(0.0), str::parse::<f64>)?;
    Ok(kilobytes / 1e3)
}

fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let bytes = bytes as f64;
    bytes / 1e6
}
