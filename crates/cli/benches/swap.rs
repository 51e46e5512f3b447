//! What a new edition of the registry costs those who are asking meanwhile.
//!
//! A server answers 20,000 questions a second from an edition of a million made-up rows; then another edition is put
//! into use, which the server takes up by itself. Latencies are compared between before and the worst second of the
//! change, in the same run, because the machine may be busy with other things.
//! Left out: the import, which is another process and is measured by `padron`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and runs its own tasks")]

mod load;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chasqui_padron::synth::{HEADER, Synth};
use load::{at_rate, free_address, get, stop, wait_for};

const ROWS: u64 = 1_000_000;
const RATE: f64 = 20_000.0;
const CONNECTIONS: usize = 64;
const BEFORE: Duration = Duration::from_secs(6);
/// Longer than a server takes to look for a newer edition.
const CHANGE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure())
}

async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // The second one lacks the last rows of the first.
    for (edition, rows) in [("2026-11-20", ROWS), ("2026-11-21", ROWS - 10_000)] {
        let text = folder.path().join(format!("{edition}.txt"));
        write_rows(&text, &Synth::new(ROWS, 1), rows)?;
        chasqui(folder.path(), &["padron", "import", &format!("{edition}.txt"), "--edition", edition, "--force"])?;
    }
    chasqui(folder.path(), &["padron", "use", "2026-11-20"])?;
    let address = free_address()?;
    let server = Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(["serve", "--listen", &address.to_string(), "--set", "padron.max_age=3000d"])
        .args(["--set", "lookup.ruc=padron"])
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut server = wait_for(server, address, "/readyz").await?;
    let measured = compare(folder.path(), address).await;
    stop(&mut server);
    measured
}

async fn compare(folder: &Path, address: std::net::SocketAddr) -> Result<()> {
    let synth = Synth::new(ROWS, 1);
    let listed = (0..ROWS - 10_000).step_by(500);
    let paths: Vec<String> = listed.map(|row| format!("/v1/ruc/{}", synth.number(row))).collect();
    println!("{} different numbers, {RATE} requests a second over {CONNECTIONS} connections", paths.len());
    let before = at_rate(address, &paths, CONNECTIONS, RATE, BEFORE).await?;
    let calm = p99(before.iter().map(|(_, latency)| *latency).collect());
    println!("before                p99 {:>6.2} ms, {} answers, none failed", calm.as_secs_f64() * 1e3, before.len());
    ensure!(edition(address).await? == "2026-11-20", "the first edition answers");

    let changing = tokio::spawn({
        let paths = paths.clone();
        async move { at_rate(address, &paths, CONNECTIONS, RATE, CHANGE).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    chasqui(folder, &["padron", "use", "2026-11-21"])?;
    // A request that fails ends the load with an error.
    let during = changing.await??;
    ensure!(edition(address).await? == "2026-11-21", "the second edition answers");
    let mut seconds: BTreeMap<u64, Vec<Duration>> = BTreeMap::new();
    for (due, latency) in &during {
        seconds.entry(due.as_secs()).or_default().push(*latency);
    }
    let worst = seconds.into_values().map(p99).max().context("there were answers")?;
    println!("the worst second      p99 {:>6.2} ms, {} answers, none failed", worst.as_secs_f64() * 1e3, during.len());
    println!("the worst second / before {:>6.2}             target < 3", worst.as_secs_f64() / calm.as_secs_f64());
    Ok(())
}

async fn edition(address: std::net::SocketAddr) -> Result<String> {
    let body: serde_json::Value = serde_json::from_slice(&get(address, "/readyz").await?)?;
    Ok(body["padron"]["edition"].as_str().context("there is an edition")?.to_owned())
}

fn p99(mut latencies: Vec<Duration>) -> Duration {
    latencies.sort_unstable();
    latencies.get(latencies.len() * 99 / 100).copied().unwrap_or_default()
}

fn write_rows(path: &Path, synth: &Synth, rows: u64) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(HEADER)?;
    let mut lines = Vec::new();
    for start in (0..rows).step_by(10_000) {
        lines.clear();
        synth.write(start..(start + 10_000).min(rows), &mut lines);
        file.write_all(&lines)?;
    }
    Ok(file.flush()?)
}

fn chasqui(folder: &Path, arguments: &[&str]) -> Result<()> {
    let mut child: Child = Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stderr(Stdio::null())
        .spawn()?;
    let status = child.wait()?;
    ensure!(status.success(), "chasqui {} ended with {status}", arguments.join(" "));
    Ok(())
}
