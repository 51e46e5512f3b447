//! A failure that may pass is tried again, a few times, with pauses, and never past the deadline.

use std::time::Duration;

use chasqui_core::{Ask, Family, LookupError, ProviderError};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::SourceId;
use futures_util::future::join_all;
use proptest::prelude::*;

use crate::{TICK, assert_about, millis, secs, words, world_of};

fn alpha() -> SourceId {
    SourceId::new("alpha")
}

/// Pauses between the calls that came.
fn pauses(world: &World) -> Vec<Duration> {
    world.provider().asked().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
}

#[tokio::test(start_paused = true)]
async fn two_tries_follow_the_first_and_the_error_remembers_the_effort() {
    let world = world_of(Script::unreachable()).start();
    let error = world.ask(sample::company()).await.unwrap_err();
    let LookupError::Source { attempts, elapsed, source } = error else { panic!("{error:?}") };
    assert_eq!((attempts, source.kind(), world.provider().calls()), (3, "unreachable", 3));
    assert_eq!(elapsed, world.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_is_not_noticed() {
    let world = world_of(Script::unreachable().times(2).then(Script::found())).start();
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_eq!(world.provider().calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn pauses_double_and_chance_shortens_them_by_up_to_half() {
    for (chance, first) in [(0.0, 250), (0.5, 375), (1.0, 500)] {
        let world = world_of(Script::unreachable()).guard(|guard| guard.backoff.retries = 4).chance(chance).start();
        assert!(world.ask(sample::company()).await.is_err());
        let pauses = pauses(&world);
        assert_eq!(pauses.len(), 4);
        for (n, pause) in (0..).zip(pauses) {
            assert_about(pause, millis(first * 2u64.pow(n)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_try_cannot_mend_is_tried_once() {
    for error in sample::every_error(&alpha()) {
        let worthwhile = matches!(
            error,
            ProviderError::Unreachable { .. }
                | ProviderError::TimedOut { .. }
                | ProviderError::Failed { status: 500, .. }
                | ProviderError::Throttled { .. }
        );
        let world = world_of(Script::failing(error.clone())).start();
        assert!(world.ask(sample::company()).await.is_err());
        assert_eq!(world.provider().calls(), if worthwhile { 3 } else { 1 }, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_provider_asks_for_is_kept() {
    let throttled = ProviderError::Throttled { provider: alpha(), retry_after: Some(secs(7)) };
    let world = world_of(Script::failing(throttled).then(Script::found())).start();
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_about(pauses(&world)[0], secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_is_not_taken_but_handed_on_at_once() {
    let throttled = ProviderError::Throttled { provider: alpha(), retry_after: Some(secs(31)) };
    let world = world_of(Script::failing(throttled)).start();
    let error = world.ask(sample::company()).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), ("limited", Some(secs(31))));
    assert_eq!((world.provider().calls(), world.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_pause_after_a_failure_is_not_told_as_a_limit_to_who_cannot_wait() {
    let world = world_of(Script::unreachable()).start();
    let ask = Ask { refresh: false, patience: Some(millis(100)) };
    let result = world.lookups.taxpayer(sample::company(), ask).await;
    assert_eq!(words(&result), "deadline", "no limit has anything to do with it");
}

#[tokio::test(start_paused = true)]
async fn retries_do_not_multiply_an_outage() {
    let world = world_of(Script::unreachable()).guard(|guard| guard.breaker.failures = u32::MAX).start();
    let results = join_all((0..100).map(|n| world.ask(sample::ruc(n)))).await;
    assert!(results.iter().all(Result::is_err));
    // Ten retries are in the purse, and each call pays in a fifth of one.
    let calls = world.provider().calls();
    assert!((110..=138).contains(&calls), "{calls}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_is_given_up_when_it_takes_too_long_and_tried_again() {
    let world = world_of(Script::hanging().then(Script::found())).guard(|guard| guard.timeout = secs(2)).start();
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_about(world.elapsed(), secs(2) + millis(250));
    assert_eq!(world.provider().abandoned(), 1, "the first call was dropped");
}

#[tokio::test(start_paused = true)]
async fn each_attempt_pays_for_itself_in_the_limit() {
    let world = world_of(Script::unreachable()).limit(Family::Ruc, 2, secs(600)).start();
    let error = world.ask(sample::company()).await.unwrap_err();
    assert_eq!((error.code(), world.provider().calls()), ("limited", 2), "there was no room for the third");
}

fn on_paused_clock(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without sockets").block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nobody_waits_past_their_deadline_whatever_fails(
        acts in prop::collection::vec((0u8..4, 0u64..8_000), 1..8),
        timeout in 1u64..8_000,
        retries in 0u32..6,
        deadline in 1u64..20_000,
        patience in 1u64..20_000,
    ) {
        on_paused_clock(async {
            let scripts = acts.iter().map(|(kind, takes)| {
                let (provider, takes) = (alpha(), millis(*takes));
                let act = match kind {
                    0 => Script::hanging(),
                    1 => Script::unreachable(),
                    2 => Script::failing(ProviderError::Throttled { provider, retry_after: Some(takes) }),
                    _ => Script::failing(ProviderError::Failed { provider, status: 503 }),
                };
                act.takes(takes)
            });
            let script = scripts.reduce(Script::then).expect("there is one act at least");
            let world = world_of(script)
                .lookups(|config| config.deadline = millis(deadline))
                .guard(|guard| {
                    guard.timeout = millis(timeout);
                    guard.backoff.retries = retries;
                })
                .start();
            let ask = Ask { refresh: false, patience: Some(millis(patience)) };
            let result = world.lookups.taxpayer(sample::company(), ask).await;
            assert!(result.is_err(), "every act fails: {result:?}");
            assert!(world.elapsed() <= millis(patience.min(deadline)) + TICK, "{:?}", world.elapsed());
            world.runtime.settle().await;
            let landed = world.elapsed();
            assert!(landed <= millis(deadline) + TICK, "the flight keeps the deadline too: {landed:?}");
            assert!(world.provider().calls() <= retries as usize + 1);
        });
    }
}
