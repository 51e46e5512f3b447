//! Thousands of calls at once: whoever is tested against the sandbox must not be limited by it.

use std::time::Duration;

use chasqui_sandbox::{Fault, Faults};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::{FOUND, World};

/// Each call has a connection of its own, and both ends of it are open files of this process: as many calls as the
/// system allows, up to 9,000.
fn n_calls() -> u64 {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
    // Where nothing says so, a thousand open files are the usual limit.
    let files: u64 = files.and_then(|files| files.parse().ok()).unwrap_or(1024);
    (files.saturating_sub(200) / 2).min(9000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_calls_wait_side_by_side() {
    let world = World::new().await;
    world.sandbox.set_faults(Faults::always(Fault::Latency { ms: 1000, jitter_ms: 0 }));
    let n_calls = n_calls();
    let mut calls: FuturesUnordered<_> =
        (0..n_calls).map(|_| world.ask(FOUND).timeout(Duration::from_mins(1)).send()).collect();
    let mut n_answered = 0;
    while let Some(answer) = calls.next().await {
        assert_eq!(answer.unwrap().status(), 200);
        n_answered += 1;
    }
    assert_eq!(n_answered, n_calls);
    assert_eq!(world.sandbox.calls().ruc, n_calls);
}
