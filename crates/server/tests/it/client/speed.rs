//! Many numbers cost about the time of one, and rows come as they arrive.

use std::time::{Duration, Instant};

use chasqui::{Client, Outcome, Ruc};

use super::{FOUND, ways};

/// Nothing but the upstream holds anybody up.
const AMPLE: &[(&str, &str)] = &[("migo.timeout", "10s"), ("lookup.deadline", "20s")];
/// How long the upstream takes. A program without optimisation is busy for longer than a call takes.
const LATENCY: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 100 });
/// What a thousand numbers may cost, in times of one.
const RATIO: f64 = 1.3;
/// Other tests run at the same time; the best of these counts.
const TRIES: usize = 3;

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn now() -> Instant {
    Instant::now()
}

fn numbers(n: u32) -> Vec<Ruc> {
    (1..=n).map(|body| Ruc::from_body(20, body).unwrap()).collect()
}

async fn ratio(client: &Client, rucs: &[Ruc]) -> f64 {
    let begun = now();
    client.taxpayer(FOUND).await.unwrap();
    let one = begun.elapsed();
    let begun = now();
    let (rows, summary) = client.taxpayers(rucs).collect_in_order().await;
    let many = begun.elapsed();
    assert_eq!((rows.len(), summary.unknown), (rucs.len(), 0));
    assert!(one >= LATENCY, "{one:?}");
    many.as_secs_f64() / one.as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_numbers_take_little_longer_than_one() {
    let rucs = numbers(1_000);
    for way in ways(&format!("latency={}ms", LATENCY.as_millis()), AMPLE).await {
        let client = way.client.anew();
        let mut best = f64::INFINITY;
        for _ in 0..TRIES {
            best = best.min(ratio(&client, &rucs).await);
            if best <= RATIO {
                break;
            }
        }
        assert!(best <= RATIO, "{}: {best:.2} times one call", way.name);
        way.stop().await;
    }
}

#[tokio::test]
async fn rows_arrive_before_the_last_call_has_ended() {
    let rucs = numbers(200);
    let never = format!("{}:silence", rucs[150]);
    for way in ways(&never, &[("migo.timeout", "1s"), ("lookup.deadline", "1s")]).await {
        let mut rows = way.client.taxpayers(&rucs);
        let mut words = Vec::new();
        while let Some(row) = rows.next().await {
            words.push(matches!(row.outcome, Outcome::Unknown(_)));
        }
        let n_early = words.iter().take_while(|is_unknown| !**is_unknown).count();
        assert_eq!((words.len(), n_early), (200, 100), "{}: the call that is answered, then the other", way.name);
        way.stop().await;
    }
}
