//! A dead upstream, over real sockets: answers at once, stale where there is any, one probe at a time, and back in
//! service within one rest.

use std::time::Duration;

use axum::http::StatusCode;
use chasqui_sandbox::{Fault, Faults};
use futures_util::future::join_all;

use crate::upstream::Upstream;

const REST: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "this test is about real time")]
async fn a_dead_upstream_costs_nobody_time_and_comes_back_within_one_rest() {
    let settings = [
        ("migo.retries", "0"),
        ("migo.timeout", "300ms"),
        ("breaker.failures", "3"),
        ("breaker.rest", "400ms"),
        ("breaker.max_rest", "400ms"),
        ("cache.found_ttl", "1ms"),
        ("cache.revalidate_for", "0s"),
    ];
    let upstream = Upstream::start_with(Faults::default(), &settings).await;
    assert_eq!(upstream.get("/v1/ruc/20131312955").await.status, StatusCode::OK);

    upstream.sandbox().set_faults(Faults::always(Fault::Silence));
    let failures = join_all((0..3).map(|n| {
        let ruc = chasqui_types::Ruc::from_body(20, 40_000_000 + n).unwrap();
        let upstream = &upstream;
        async move { upstream.get(&format!("/v1/ruc/{ruc}")).await.status }
    }))
    .await;
    assert_eq!(failures, [StatusCode::GATEWAY_TIMEOUT; 3]);

    let calls = upstream.sandbox().calls().total();
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let started = std::time::Instant::now();
        let stale = upstream.get("/v1/ruc/20131312955").await;
        assert_eq!((stale.status, stale.header("x-chasqui-freshness")), (StatusCode::OK, Some("stale")));
        let none = upstream.get("/v1/ruc/20100038146").await;
        assert_eq!(none.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(none.json()["code"], "upstream_resting");
        assert!(none.header("retry-after").is_some());
        slowest = slowest.max(started.elapsed() / 2);
    }
    assert_eq!(upstream.sandbox().calls().total(), calls, "resting: not called");
    assert!(slowest < Duration::from_millis(10), "{slowest:?}");

    tokio::time::sleep(REST).await; // The rest is a time of the real clock.
    let probes = join_all((0..50).map(|_| upstream.get("/v1/ruc/20100038146"))).await;
    assert!(probes.iter().all(|response| response.status != StatusCode::NOT_FOUND));
    assert_eq!(upstream.sandbox().calls().total(), calls + 1, "probing: one call");

    upstream.sandbox().set_faults(Faults::default());
    let recovered = std::time::Instant::now();
    while upstream.get("/v1/ruc/20100038146").await.status != StatusCode::OK {
        assert!(recovered.elapsed() < REST + Duration::from_millis(200), "back in service within one rest");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    upstream.stop().await;
}
