//! A provider's limit holds in every window, and whoever cannot wait for room hears at once how long it would take.

use std::time::Duration;

use chasqui_core::{Ask, Family, LookupError, Many, ProviderError};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::{Ruc, SourceId};
use futures_util::future::join_all;
use proptest::prelude::*;

use crate::{TICK, assert_about, millis, secs, word, words, world_of};

fn patient(patience: Duration) -> Ask {
    Ask { refresh: false, patience: Some(patience) }
}

/// Room opens when the window's end has passed.
const AFTER: Duration = Duration::from_nanos(1);

/// Asserts that no window of length `per`, its ends included, holds more than `calls` calls.
#[track_caller]
fn assert_within_limit(world: &World, calls: usize, per: Duration) {
    let moments: Vec<Duration> = world.provider().asked().into_iter().map(|(moment, _)| moment).collect();
    assert!(moments.is_sorted());
    for window in moments.windows(calls + 1) {
        assert!(window[calls] - window[0] > per, "{} calls from {:?} to {:?}", calls + 1, window[0], window[calls]);
    }
}

fn on_paused_clock(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without sockets").block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_window_of_any_schedule_holds_more_than_the_limit(
        calls in 1u32..12,
        per in prop::sample::select(vec![1u64, 10, 100, 1_000, 60_000]),
        takes in 0u64..200,
        schedule in prop::collection::vec((0.0f64..4.0, 0.0f64..4.0), 64),
    ) {
        on_paused_clock(async {
            let per = millis(per);
            let world = world_of(Script::found().takes(millis(takes)))
                .lookups(|config| config.deadline = secs(600))
                .limit(Family::Ruc, calls, per)
                .start();
            let world = &world;
            let tasks = (0..64).zip(&schedule).map(|(n, (start, patience))| async move {
                world.pass(per.mul_f64(*start)).await;
                let (asked_at, patience) = (world.elapsed(), per.mul_f64(*patience));
                let result = world.lookups.taxpayer(sample::ruc(n), patient(patience)).await;
                let waited = world.elapsed() - asked_at;
                match &result {
                    Ok(_) => {}
                    Err(LookupError::Deadline { .. }) => assert!(waited >= patience),
                    Err(error) => {
                        let retry_after = error.retry_after().expect("a limit says when");
                        assert_eq!(error.code(), "limited");
                        assert!(waited + retry_after > patience, "it would have been worth the wait");
                    }
                }
                assert!(waited <= patience + 2 * TICK, "it keeps its own deadline");
            });
            join_all(tasks).await;
            world.runtime.settle().await;
            assert_within_limit(world, calls as usize, per);
        });
    }

    #[test]
    fn whoever_comes_back_when_told_to_gets_in(
        calls in 1u32..8,
        spent in prop::collection::vec(0u64..10_000, 8),
    ) {
        on_paused_clock(async {
            let per = secs(60);
            let world = world_of(Script::found()).limit(Family::Ruc, calls, per).start();
            let mut spent = spent;
            spent.sort_unstable();
            for (n, moment) in (0..calls).zip(&spent) {
                world.pass(millis(*moment).saturating_sub(world.elapsed())).await;
                world.ask(sample::ruc(n)).await.expect("there is room");
            }
            let result = world.lookups.taxpayer(sample::ruc(99), patient(secs(1))).await;
            let Err(error) = result else { panic!("{result:?}") };
            prop_assert_about(&world, &error);
            let retry_after = error.retry_after().expect("a limit says when");
            world.pass(retry_after - millis(2)).await;
            let early = world.lookups.taxpayer(sample::ruc(99), patient(Duration::ZERO)).await;
            assert!(early.is_err(), "{early:?}");
            world.pass(millis(3)).await;
            world.ask(sample::ruc(99)).await.expect("there is room now");
            assert_within_limit(&world, calls as usize, per);
        });
    }
}

#[track_caller]
fn prop_assert_about(world: &World, error: &LookupError) {
    let first = world.provider().asked()[0].0;
    let wait = error.retry_after().expect("a limit says when");
    assert_about(wait, first + secs(60) - world.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_cannot_wait_hears_at_once_how_long_it_would_take() {
    let world = world_of(Script::found()).limit(Family::Ruc, 1, secs(60)).start();
    world.ask(sample::ruc(0)).await.unwrap();
    world.pass(secs(10)).await;
    let before = world.elapsed();
    let error = world.ask(sample::ruc(1)).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(50) + AFTER)));
    let error = world.lookups.taxpayer(sample::ruc(2), patient(millis(1))).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(50) + AFTER)));
    assert_eq!((world.elapsed(), world.provider().calls()), (before, 1));
}

#[tokio::test(start_paused = true)]
async fn the_same_is_told_to_who_joins_a_flight_that_waits_and_the_flight_goes_on() {
    let world = world_of(Script::found()).limit(Family::Ruc, 1, secs(10)).start();
    world.ask(sample::ruc(0)).await.unwrap();
    let hurried = async {
        world.pass(secs(4)).await;
        let before = world.elapsed();
        let error = world.lookups.taxpayer(sample::ruc(1), patient(secs(2))).await.unwrap_err();
        assert!(matches!(error, LookupError::Limited { retry_after } if retry_after == secs(6) + AFTER), "{error:?}");
        assert_eq!(world.elapsed(), before);
    };
    let (answer, ()) = tokio::join!(world.ask(sample::ruc(1)), hurried);
    assert_eq!(words(&answer), "found fresh miss");
    assert_about(world.elapsed(), secs(10));
    assert_eq!(world.observer.waits().len(), 1);
    assert_about(world.observer.waits()[0], secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_flight_outlives_a_caller_who_could_not_wait_and_its_answer_is_remembered() {
    let world = world_of(Script::found()).limit(Family::Ruc, 1, secs(10)).start();
    world.ask(sample::ruc(0)).await.unwrap();
    let error = world.lookups.taxpayer(sample::ruc(1), patient(secs(1))).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(10) + AFTER)));
    assert_eq!(world.elapsed(), Duration::ZERO);
    world.runtime.settle().await;
    assert_about(world.elapsed(), secs(10));
    assert_eq!(words(&world.ask(sample::ruc(1)).await), "found fresh hit");
    assert_eq!(world.provider().calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn collections_wait_for_room_while_the_deadline_allows() {
    let world = world_of(Script::found()).limit(Family::Batch, 2, secs(12)).start();
    let inputs: Vec<String> = sample::rucs(800).iter().map(Ruc::to_string).collect();
    let rows = world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    // Two calls at once, two after 12 seconds and two after 24; the last two would be past the deadline of 30.
    let found = rows.iter().filter(|row| word(&row.outcome) == "found").count();
    let limited = rows.iter().filter(|row| word(&row.outcome) == "limited").count();
    assert_eq!((found, limited), (600, 200));
    assert_within_limit(&world, 2, secs(12));
    assert_eq!(world.provider().calls(), 6);
}

#[tokio::test(start_paused = true)]
async fn families_have_limits_of_their_own() {
    let world = world_of(Script::found()).limit(Family::Ruc, 1, secs(60)).limit(Family::Batch, 1, secs(60)).start();
    world.ask(sample::ruc(0)).await.unwrap();
    let inputs: Vec<String> = sample::rucs(10).iter().map(Ruc::to_string).collect();
    let rows = world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    assert!(rows.iter().all(|row| word(&row.outcome) == "found"));
    assert_eq!(world.lookups.sources()[0].room, [(Family::Ruc, 0), (Family::Batch, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_silences_the_whole_family_and_becomes_the_callers_wait() {
    let throttled = ProviderError::Throttled { provider: SourceId::new("alpha"), retry_after: Some(secs(120)) };
    let world = world_of(Script::failing(throttled).then(Script::found())).limit(Family::Ruc, 100, secs(900)).start();
    let error = world.ask(sample::ruc(0)).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(120))));
    world.pass(secs(20)).await;
    let error = world.ask(sample::ruc(1)).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(100))));
    assert_eq!((world.provider().calls(), world.elapsed()), (1, secs(20)));
    world.pass(secs(100)).await;
    assert_eq!(words(&world.ask(sample::ruc(1)).await), "found fresh miss");
}

#[tokio::test(start_paused = true)]
async fn a_silence_of_a_day_is_cut_to_the_limits_own_window() {
    let throttled = ProviderError::Throttled { provider: SourceId::new("alpha"), retry_after: Some(secs(86_400)) };
    let world = world_of(Script::failing(throttled).then(Script::found())).limit(Family::Ruc, 100, secs(900)).start();
    let error = world.ask(sample::ruc(0)).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(900))));
    world.pass(secs(900)).await;
    assert_eq!(words(&world.ask(sample::ruc(1)).await), "found fresh miss");
}

#[tokio::test(start_paused = true)]
async fn no_call_is_paid_that_has_no_time_to_be_answered() {
    let world = world_of(Script::found().takes(millis(50)))
        .limit(Family::Ruc, 1, millis(29_500))
        .guard(|guard| guard.timeout = secs(30))
        .lookups(|config| config.deadline = secs(30))
        .start();
    world.ask(sample::ruc(0)).await.unwrap();
    let error = world.ask(sample::ruc(1)).await.unwrap_err();
    assert_eq!((error.code(), world.provider().calls()), ("limited", 1), "half a second is not worth a call");
}

#[tokio::test(start_paused = true)]
async fn a_short_silence_is_waited_for() {
    let throttled = ProviderError::Throttled { provider: SourceId::new("alpha"), retry_after: Some(secs(3)) };
    let world = world_of(Script::failing(throttled).then(Script::found())).limit(Family::Ruc, 100, secs(60)).start();
    let answers = join_all((0..10).map(|n| world.ask(sample::ruc(n)))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_about(world.elapsed(), secs(3));
}
