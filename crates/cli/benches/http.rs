//! How fast cached answers are over HTTP, beside a bare axum handler that returns the same bytes in the same run.
//!
//! Server and load share this machine's cores and the machine may be busy with other things, so what counts are the
//! ratios between figures of one run, round by round, not the figures.
//! Everything stays on loopback and is bounded in count and time. Left out: what providers do to latency, but for one
//! figure at a fixed 100 ms.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and runs its own tasks")]

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::serve::ListenerExt as _;
use chasqui::config::{Config, Sources};
use chasqui::{Chasqui, Start};
use chasqui_core::{Ask, Many};
use chasqui_sandbox::{Fault, Faults, Sandbox, SandboxConfig};
use chasqui_types::Ruc;

mod load;

use load::{Connection, free_address, get, stop, wait_for};

/// The baseline gets the program's allocator too, so that the ratio is about the work and nothing else.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const PATHS: [&str; 3] = ["/v1/ruc/20131312955", "/v1/dni/10117410", "/v1/rates/2025-03-04"];
const BARE: &str = "--serve-bare";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if let [mode, port] = &arguments[..]
        && mode == BARE
    {
        return runtime.block_on(serve_bare(port.parse()?));
    }
    runtime.block_on(measure())
}

async fn measure() -> Result<()> {
    let (mut chasqui, address, ready) = start_chasqui().await?;
    let idle = resident(&chasqui)?;
    println!("start to ready            {:>9.1} ms          target < 200 ms", ready.as_secs_f64() * 1e3);
    println!("resident when idle        {idle:>9.1} MB          target < 40 MB");

    for path in PATHS {
        compare(address, path).await?;
    }
    stop(&mut chasqui);

    println!();
    in_process_hit().await?;
    many_at_100_ms().await
}

/// One cached answer against a bare handler that returns the same bytes.
async fn compare(address: SocketAddr, path: &str) -> Result<()> {
    let body = get(address, path).await?;
    let (mut bare, bare_address) = start_bare(&body).await?;
    ensure!(get(bare_address, path).await? == body, "both servers have to return the same bytes");

    println!("\ncached GET {path}, {} bytes, {CONNECTIONS} connections, {ROUNDS} rounds of {ROUND:?} each", body.len());
    let mut ratios = Vec::new();
    let mut rates = Vec::new();
    for round in 1..=ROUNDS {
        let baseline = saturate(bare_address, path).await?;
        let rate = saturate(address, path).await?;
        println!("  round {round}: bare axum {baseline:>8.0}/s   chasqui {rate:>8.0}/s   ratio {:.2}", rate / baseline);
        ratios.push(rate / baseline);
        rates.push(rate);
    }
    println!("throughput, median ratio  {:>9.2}             target >= 0.75", median(&mut ratios));

    let half = median(&mut rates) / 2.0;
    for (name, target) in [("bare axum", bare_address), ("chasqui", address)] {
        let paths = [path.to_owned()];
        let measured = load::at_rate(target, &paths, CONNECTIONS, half, ROUND * 2).await?;
        let mut latencies: Vec<Duration> = measured.into_iter().map(|(_, latency)| latency).collect();
        latencies.sort_unstable();
        let at = |share: usize| latencies[(latencies.len() - 1) * share / 1000].as_secs_f64() * 1e3;
        println!(
            "at {half:.0}/s, {name:<10}     p50 {:.2} ms  p99 {:.2} ms  p99.9 {:.2} ms{}",
            at(500),
            at(990),
            at(999),
            if name == "chasqui" { "   target p99 < 5 ms" } else { "" },
        );
    }
    stop(&mut bare);
    Ok(())
}

/// What one hit costs inside the process, beside a read of a plain map behind a lock.
async fn in_process_hit() -> Result<()> {
    const HITS: u32 = 1_000_000;
    let chasqui = Chasqui::start(&Config::default_config(), Start::default()).await?;
    let lookups = chasqui.lookups();
    for (name, number) in [("company", "20131312955"), ("person, hashed key", "10101174102")] {
        let ruc: Ruc = number.parse()?;
        lookups.taxpayer(ruc, Ask::default()).await?;
        let started = Instant::now();
        for _ in 0..HITS {
            std::hint::black_box(lookups.taxpayer(std::hint::black_box(ruc), Ask::default()).await?);
        }
        let each = started.elapsed() / HITS;
        println!("in-process hit, {name:<18} {:>6} ns       target < 1000 ns", each.as_nanos());
    }
    let map = std::sync::RwLock::new(std::collections::HashMap::from([("sandbox:ruc:20131312955", Arc::new(1))]));
    let started = Instant::now();
    for _ in 0..HITS {
        let found = map.read().map(|map| map.get(std::hint::black_box("sandbox:ruc:20131312955")).cloned());
        std::hint::black_box(found).ok();
    }
    println!("  a locked HashMap read                {:>6} ns", (started.elapsed() / HITS).as_nanos());
    chasqui.stop(Duration::from_secs(1)).await;
    Ok(())
}

/// A thousand numbers against one, with an upstream that takes 100 ms a call.
async fn many_at_100_ms() -> Result<()> {
    let mut ratios = Vec::new();
    for round in 0..3u32 {
        let faults = Faults::always(Fault::Latency { ms: 100, jitter_ms: 0 });
        let sandbox = Sandbox::start(SandboxConfig { faults, ..SandboxConfig::default() }).await?;
        let flag = |key: &str, value: &str| ("bench".to_owned(), key.to_owned(), value.to_owned());
        let flags = vec![flag("migo.token", "bench"), flag("migo.base_url", &sandbox.base_url())];
        let config = Config::load(&Sources { flags, ..Sources::default() })?.config;
        let chasqui = Chasqui::start(&config, Start::default()).await?;
        let number = |body: u32| Ruc::from_body(20, body).context("a body of eight digits");
        let warm_up = chasqui.lookups().taxpayer(number(1)?, Ask::default()).await;
        drop(warm_up);
        let started = Instant::now();
        drop(chasqui.lookups().taxpayer(number(2)?, Ask::default()).await);
        let one = started.elapsed();
        let rucs: Vec<String> =
            (0..1_000).map(|n| Ok(number(10_000_000 + round * 1_000 + n)?.to_string())).collect::<Result<_>>()?;
        let calls_before = sandbox.calls().total();
        let started = Instant::now();
        let rows = chasqui.lookups().taxpayers(&rucs, Many::default()).in_order().await;
        let thousand = started.elapsed();
        ensure!(rows.len() == 1_000, "a thousand rows");
        println!(
            "1,000 numbers {:>6.1} ms, one {:>6.1} ms, {} calls",
            thousand.as_secs_f64() * 1e3,
            one.as_secs_f64() * 1e3,
            sandbox.calls().total() - calls_before
        );
        ratios.push(thousand.as_secs_f64() / one.as_secs_f64());
        chasqui.stop(Duration::from_secs(1)).await;
        sandbox.shutdown().await;
    }
    println!("1,000 numbers / one, median ratio {:>6.2}        target <= 1.30", median(&mut ratios));
    Ok(())
}

// === the servers ===

async fn start_chasqui() -> Result<(Child, SocketAddr, Duration)> {
    let address = free_address()?;
    let started = Instant::now();
    let directory = std::env::temp_dir();
    let child = Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(["serve", "--listen", &address.to_string()])
        .current_dir(directory)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let child = wait_for(child, address, "/readyz").await?;
    Ok((child, address, started.elapsed()))
}

async fn start_bare(body: &[u8]) -> Result<(Child, SocketAddr)> {
    let address = free_address()?;
    let mut child = Command::new(std::env::current_exe()?)
        .args([BARE, &address.port().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    std::io::Write::write_all(&mut child.stdin.take().context("its input is piped")?, body)?;
    Ok((wait_for(child, address, PATHS[0]).await?, address))
}

/// The baseline: one axum handler that returns the bytes that it was given, and nothing else.
async fn serve_bare(port: u16) -> Result<()> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let body = bytes::Bytes::from(bytes);
    let handler = move |axum::extract::Path(_segments): axum::extract::Path<(String, String)>| {
        let body = body.clone();
        async move { ([(axum::http::header::CONTENT_TYPE, "application/json")], body) }
    };
    let router = axum::Router::new().route("/v1/{kind}/{number}", axum::routing::get(handler));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// Resident memory in MB (10⁶ bytes), as the kernel counts it.
fn resident(child: &Child) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("the kernel tells VmRSS")?;
    let kib: f64 = line.split_whitespace().nth(1).context("VmRSS has a number")?.parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// Requests a second with every connection always busy.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
async fn saturate(address: SocketAddr, path: &str) -> Result<f64> {
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::open(address, path).await?;
        let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
        tasks.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                connection.ask().await?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        }));
    }
    tokio::time::sleep(Duration::from_millis(200)).await; // Let all connections get going.
    let (before, started) = (answered.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(ROUND).await;
    let (after, took) = (answered.load(Ordering::Relaxed), started.elapsed());
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    Ok((after - before) as f64 / took.as_secs_f64())
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
