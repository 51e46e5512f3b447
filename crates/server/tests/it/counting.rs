//! How many calls questions cost.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use chasqui_sandbox::{Fault, Faults};
use chasqui_types::Ruc;
use futures_util::future::join_all;
use serde_json::json;

use crate::upstream::Upstream;

fn slow() -> Faults {
    Faults::always(Fault::Latency { ms: 300, jitter_ms: 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_for_one_number_cost_one_call() {
    let upstream = Upstream::start_with(slow(), &[("server.max_in_flight", "20000")]).await;
    let responses = join_all((0..10_000).map(|_| upstream.get("/v1/ruc/20131312955"))).await;
    assert!(responses.iter().all(|response| response.status == StatusCode::OK));
    let bodies: BTreeSet<_> = responses.iter().map(|response| &response.body).collect();
    assert_eq!(bodies.len(), 1, "all get the same bytes");
    let calls = upstream.sandbox().calls();
    assert_eq!((calls.ruc, calls.total()), (1, 1));
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_distinct_numbers_cost_ten_collection_calls_and_nothing_else() {
    let upstream = Upstream::start_with(Faults::default(), &[]).await;
    let rucs: Vec<String> = (0..1_000).map(|n| Ruc::from_body(20, 30_000_000 + n).unwrap().to_string()).collect();
    let response = upstream.post_json("/v1/ruc/lookup", &json!({"rucs": rucs})).await;
    let body = response.json();
    assert_eq!(body["results"].as_array().unwrap().len(), 1_000);
    assert_eq!(body["summary"]["unknown"], 0);
    assert_eq!(body["summary"]["upstream_calls"], 10);
    let calls = upstream.sandbox().calls();
    assert_eq!((calls.collection, calls.total()), (10, 10));
    for (row, ruc) in body["results"].as_array().unwrap().iter().zip(&rucs) {
        assert_eq!(row["ruc"], **ruc, "rows are in input order");
    }
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_none_cost_nothing() {
    let upstream = Upstream::start_with(Faults::default(), &[]).await;
    for number in ["20131312954", "12345678901", "2013131295", "2013131295x"] {
        let response = upstream.get(&format!("/v1/ruc/{number}")).await;
        assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(response.json()["code"], "invalid_ruc");
    }
    assert_eq!(upstream.sandbox().calls().total(), 0);
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_cannot_wait_for_room_in_the_limit_is_told_at_once_when_to_come_back() {
    let upstream = Upstream::start_with(Faults::default(), &[("migo.limits.ruc", "1/1h")]).await;
    assert_eq!(upstream.get("/v1/ruc/20131312955").await.status, StatusCode::OK);
    let response = upstream.get("/v1/ruc/20100038146").await;
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS, "{}", response.text());
    let wait: u64 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((3_590..=3_601).contains(&wait), "{wait}");
    assert_eq!(upstream.sandbox().calls().total(), 1);
    // What is remembered is not limited.
    assert_eq!(upstream.get("/v1/ruc/20131312955").await.status, StatusCode::OK);
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_rates_costs_one_call_and_then_none() {
    let upstream = Upstream::start_with(Faults::default(), &[]).await;
    // A leap year aside, 365 days; the first of them has no rate of its own, so that days before it count too.
    let year = upstream.get("/v1/rates?from=2019-01-01&to=2019-12-31").await;
    assert_eq!(year.json()["rates"].as_array().unwrap().len(), 365, "{}", year.text());
    let calls = upstream.sandbox().calls();
    assert_eq!((calls.rates, calls.total()), (1, 1));
    for path in ["/v1/rates?from=2019-01-01&to=2019-12-31", "/v1/rates/2019-07-28", "/v1/rates/2019-12-31"] {
        assert_eq!(upstream.get(path).await.header("x-cache"), Some("hit"), "{path}");
    }
    assert_eq!(upstream.sandbox().calls().total(), calls.total());
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_rates_after_the_gaps_costs_one_call() {
    let upstream = Upstream::start_with(Faults::default(), &[]).await;
    let year = upstream.get("/v1/rates?from=2024-03-01&to=2025-02-28").await;
    assert_eq!(year.json()["rates"].as_array().unwrap().len(), 365, "{}", year.text());
    let calls = upstream.sandbox().calls();
    assert_eq!((calls.rates, calls.total()), (1, 1));
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_for_one_person_or_the_rate_cost_one_call_each() {
    let upstream = Upstream::start_with(slow(), &[]).await;
    for path in ["/v1/dni/10117410", "/v1/rates/latest"] {
        let responses = join_all((0..1_000).map(|_| upstream.get(path))).await;
        assert!(responses.iter().all(|response| response.status == StatusCode::OK), "{path}");
        let bodies: BTreeSet<_> = responses.iter().map(|response| &response.body).collect();
        assert_eq!(bodies.len(), 1, "all get the same bytes");
    }
    let calls = upstream.sandbox().calls();
    // The days before the latest rate tell whether it jumps: one call more, once.
    assert_eq!((calls.dni, calls.latest_rate, calls.rates, calls.total()), (1, 1, 1, 3));
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_days_that_are_none_cost_nothing() {
    let upstream = Upstream::start_with(Faults::default(), &[]).await;
    for path in ["/v1/dni/1011741", "/v1/dni/1011741x", "/v1/rates/2009-12-31", "/v1/rates/2999-01-01"] {
        assert_eq!(upstream.get(path).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    assert_eq!(upstream.sandbox().calls().total(), 0);
    upstream.stop().await;
}
