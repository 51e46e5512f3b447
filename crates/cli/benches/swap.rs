//! What a new edition of the registry costs those who are asking meanwhile.
//!
//! A server answers 20,000 questions a second from an edition of 18.4 million made-up rows, while another process imports
//! the edition of the next day, and again while one that was imported before is put into use; the server takes either
//! up by itself. Latencies are compared between before and the worst second of the change, in the same run, because the
//! machine may be busy with other things: an import takes the processors that the server and this program need.
//! Arguments: `--rows N`, `--folder DIR` to keep the files for the next run.
//! Left out: how long an import takes, which is measured by `padron`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and runs its own tasks")]

#[path = "../../padron/benches/shared/edition.rs"]
mod edition;
mod load;
#[path = "../../padron/benches/shared/next.rs"]
mod next;
#[path = "../../padron/benches/shared/mod.rs"]
mod shared;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use load::{at_rate, free_address, get, stop, wait_for};
use shared::{Place, figure};

const NUMBERS: usize = 10_000;
const RATE: f64 = 20_000.0;
const CONNECTIONS: usize = 64;
const BEFORE: Duration = Duration::from_secs(6);
/// Longer than a server takes to look for a newer edition.
const CHANGE: Duration = Duration::from_secs(10);
const MOST: f64 = 3.0;
const TOO_BUSY: Duration = Duration::from_millis(25);

fn main() -> Result<()> {
    let (place, rest) = shared::arguments()?;
    ensure!(rest.is_empty(), "cannot use {rest:?}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(&place))
}

async fn measure(place: &Place) -> Result<()> {
    let padron = edition::edition(place)?;
    // An earlier run may have left it; there is nothing to import then.
    let (dir, later) = (place.editions(), place.editions().join(next::EDITION));
    if later.exists() {
        fs::remove_dir_all(later)?;
    }
    let next = next::next(place)?;
    println!("the next edition differs in {} rows", next.differences.rows());
    let n_rows = usize::try_from(place.synth.n_rows())?;
    let rows = (0..place.synth.n_rows()).step_by((n_rows / NUMBERS).max(1));
    let mut paths = Vec::new();
    for row in rows.filter(|&row| next::stays(row)) {
        let ruc = place.synth.number(row);
        if padron.contains(ruc)? {
            paths.push(format!("/v1/ruc/{ruc}"));
        }
    }
    let address = free_address()?;
    let server = chasqui(&dir)
        .args(["serve", "--listen", &address.to_string(), "--set", "padron.max_age=3000d"])
        .args(["--set", "lookup.ruc=padron"])
        .spawn()?;
    let mut server = wait_for(server, address, "/readyz").await?;
    let measured = compare(&dir, &next.zip, &paths, address).await;
    stop(&mut server);
    measured
}

async fn compare(dir: &Path, zip: &Path, paths: &[String], address: SocketAddr) -> Result<()> {
    println!("{} different numbers, {RATE} requests a second over {CONNECTIONS} connections", paths.len());
    let load = |time| at_rate(address, paths, CONNECTIONS, RATE, time);
    // Once without looking, so that the pages are in memory.
    load(BEFORE / 2).await?;
    ensure!(in_use(address).await? == edition::EDITION, "the first edition answers");
    let calm = p99(load(BEFORE).await?.iter().map(|(_, latency)| *latency).collect());
    println!("before the import        p99 {:>7.2} ms", milliseconds(calm));
    let mut import = chasqui(dir).args(["padron", "import"]).arg(zip).args(["--edition", next::EDITION]).spawn()?;
    let (started, mut during) = (Instant::now(), Vec::new());
    let ended = loop {
        // A request that fails ends the load with an error.
        during.extend(load(BEFORE / 3).await?.into_iter().map(|(_, latency)| latency));
        if let Some(status) = import.try_wait()? {
            break status;
        }
    };
    ensure!(ended.success(), "the import ended with {ended}");
    let (n, busy) = (during.len(), p99(during));
    println!(
        "while it ran             p99 {:>7.2} ms, {n} answers in {:.0} s",
        milliseconds(busy),
        started.elapsed().as_secs_f64()
    );
    let beside = format!("{:.1} x before, {n} answers, none failed", busy.as_secs_f64() / calm.as_secs_f64());
    figure("p99 while another process imports an edition", &format!("{:.1} ms", milliseconds(busy)), None, &beside);
    settled(address, next::EDITION, &load).await?;

    put_into_use(dir, edition::EDITION)?;
    settled(address, edition::EDITION, &load).await?;
    let before = load(BEFORE).await?;
    let calm = p99(before.iter().map(|(_, latency)| *latency).collect());
    println!("before the change        p99 {:>7.2} ms, {} answers", milliseconds(calm), before.len());
    let change = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        put_into_use(dir, next::EDITION)
    };
    let (during, changed) = tokio::join!(load(CHANGE), change);
    let during = during?;
    changed?;
    ensure!(in_use(address).await? == next::EDITION, "the second edition answers");
    let mut seconds: BTreeMap<u64, Vec<Duration>> = BTreeMap::new();
    for (due, latency) in &during {
        seconds.entry(due.as_secs()).or_default().push(*latency);
    }
    let worst = seconds.into_values().map(p99).max().context("there were answers")?;
    let ratio = worst.as_secs_f64() / calm.as_secs_f64();
    println!("the worst second         p99 {:>7.2} ms, {} answers", milliseconds(worst), during.len());
    // A server that cannot keep up is slow before, too, and the ratio says nothing.
    let (is_calm, answers) = (calm < TOO_BUSY, during.len());
    let note = if is_calm { "" } else { ", too busy to judge" };
    let beside = format!("{:.2} ms before{note}, {answers} answers, none failed", milliseconds(calm));
    let is_met = is_calm.then_some(("< 3 x", ratio < MOST));
    figure("p99 of the worst second of a swap / before", &format!("{ratio:.2} x"), is_met, &beside);
    put_into_use(dir, edition::EDITION)
}

/// Waits until the server answers from an edition, and is asked the while.
async fn settled<F>(address: SocketAddr, edition: &str, load: &impl Fn(Duration) -> F) -> Result<()>
where
    F: Future<Output = Result<Vec<(Duration, Duration)>>>,
{
    let until = Instant::now() + 2 * CHANGE;
    while in_use(address).await? != edition {
        ensure!(Instant::now() < until, "the server does not take up {edition}");
        load(BEFORE / 6).await?;
    }
    Ok(())
}

async fn in_use(address: SocketAddr) -> Result<String> {
    let body: serde_json::Value = serde_json::from_slice(&get(address, "/readyz").await?)?;
    Ok(body["padron"]["edition"].as_str().context("there is an edition")?.to_owned())
}

fn p99(mut latencies: Vec<Duration>) -> Duration {
    latencies.sort_unstable();
    latencies.get(latencies.len() * 99 / 100).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn put_into_use(dir: &Path, edition: &str) -> Result<()> {
    let status = chasqui(dir).args(["padron", "use", edition]).status()?;
    ensure!(status.success(), "`chasqui padron use` ended with {status}");
    Ok(())
}

/// The program, silent, over a folder of editions.
fn chasqui(dir: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chasqui"));
    program.current_dir(dir).env_clear().env("CHASQUI_PADRON__DIR", dir);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    program
}
