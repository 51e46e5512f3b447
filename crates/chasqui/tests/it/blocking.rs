//! The blocking client wherever it may be called, and dropped: it never panics.

use std::time::Duration;

use chasqui::blocking::Client;
use chasqui::config::Config;

const FOUND: &str = "20131312955";
const ABSENT: &str = "20000000001";

/// Starts a client, asks it everything that waits, and drops it.
fn live_and_die() {
    let client = Client::start(&Config::default_config()).unwrap();
    assert!(client.taxpayer(FOUND).unwrap().found().is_some());
    assert!(client.within(Duration::from_secs(20)).anew().taxpayer(ABSENT).unwrap().is_absent());
    assert_eq!(client.taxpayer("1").unwrap_err().code(), "invalid_ruc");
    let mut rows = client.taxpayers([FOUND, ABSENT, "x"]);
    assert_eq!(rows.by_ref().count(), 3);
    let summary = rows.summary();
    assert_eq!((summary.found, summary.absent, summary.invalid, summary.upstream_calls), (1, 1, 1, Some(0)));
    assert_eq!(client.cache().absent().unwrap().total, 1);
    // Some of its work is still under way when it goes.
    drop(client.people((0..100).map(|number| format!("{number:08}"))).next());
}

#[test]
fn outside_any_runtime() {
    live_and_die();
}

#[tokio::test(flavor = "current_thread")]
async fn inside_a_runtime_of_one_thread() {
    live_and_die();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_a_runtime_of_many_threads() {
    live_and_die();
}

#[tokio::test]
async fn on_a_thread_for_blocking_work() {
    tokio::task::spawn_blocking(live_and_die).await.unwrap();
}

#[tokio::test]
async fn made_outside_and_dropped_inside_and_the_other_way_round() {
    let client = std::thread::spawn(|| Client::start(&Config::default_config()).unwrap()).join().unwrap();
    assert!(client.taxpayer(FOUND).unwrap().found().is_some());
    let rows = client.taxpayers([FOUND]);
    drop(client);
    std::thread::spawn(move || assert_eq!(rows.count(), 1)).join().unwrap();
}

#[test]
fn every_question_can_be_waited_for() {
    let client = Client::start(&Config::default_config()).unwrap();
    let day = "2026-01-05".parse().unwrap();
    assert!(client.person("10117410").unwrap().found().is_some());
    assert!(client.representatives(FOUND).unwrap().found().is_some());
    assert!(client.account().unwrap().found().is_some());
    assert!(client.latest_rate().unwrap().found().is_some());
    assert!(client.rate_on(day).unwrap().found().is_some());
    assert_eq!(client.rates(day, day).unwrap().len(), 1);
    assert!(client.billing(FOUND).unwrap().may_be_invoiced());
    let (rows, summary) = client.billings([ABSENT, FOUND]).collect_in_order();
    assert_eq!((rows[0].index, rows[1].outcome.may_be_invoiced(), summary.total()), (0, Some(true), 2));
    let cache = client.cache();
    cache.mark_absent(FOUND, "closed", None).unwrap();
    assert!(cache.absent_number(FOUND).unwrap().is_some());
    assert!(cache.forget_absent(FOUND).unwrap());
    assert!(!cache.forget(FOUND).unwrap());
    assert!(cache.stats().unwrap().taken_at > cache.absent().unwrap().numbers[0].added_at);
    assert_eq!(cache.health().unwrap().checks.len(), 3);
    assert_eq!(cache.forget_all_absent().unwrap(), 1);
    assert_eq!(cache.clean().unwrap().absent, 0);
    assert!(cache.clear().unwrap() > 0);
    assert_eq!(cache.clear_some(Some("sandbox"), Some(chasqui::Kind::Ruc)).unwrap(), 0);
}
