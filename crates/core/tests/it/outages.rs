//! An outage is never an absence and is never remembered, whatever failed, whoever asked and whatever memory held.

use std::time::Duration;

use chasqui_core::{Many, ProviderError, Row, RowOutcome, Scope};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::{Freshness, Lookup, Ruc, SourceId};

use crate::{millis, secs, word, words, world_of};

/// What memory holds of the numbers when the outage begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// Nothing.
    Cold,
    /// Found ones, past freshness and past the time in which they are refreshed behind the caller's back.
    Stale,
    /// Found ones, past all.
    StaleNoMore,
    /// Absent ones, past their time.
    AbsentNoMore,
}

const HOUR: Duration = Duration::from_hours(1);

async fn world_with(memory: Memory, n: u32) -> World {
    let world = world_of(Script::found()).bare().start();
    let age = match memory {
        Memory::Cold => return world,
        Memory::Stale => 2 * HOUR,
        Memory::StaleNoMore => 25 * HOUR,
        Memory::AbsentNoMore => {
            world.provider().follow(Script::absent());
            24 * HOUR
        }
    };
    for ruc in sample::rucs(n) {
        world.ask(ruc).await.expect("the outage has not begun");
    }
    world.pass(age).await;
    world
}

/// Numbers asked one by one, as a chunk of one, or as one collection.
async fn rows(world: &World, n: u32, refresh: bool) -> Vec<Row> {
    let inputs: Vec<String> = sample::rucs(n).iter().map(Ruc::to_string).collect();
    world.lookups.taxpayers(&inputs, Many { refresh, ..Many::default() }).in_order().await
}

/// One error of every kind, and an answer that never comes.
fn outages() -> Vec<Script> {
    let errors = sample::every_error(&SourceId::new("alpha"));
    errors
        .into_iter()
        .map(Script::failing)
        .chain([Script::hanging(), Script::unreachable().takes(millis(10))])
        .collect()
}

#[track_caller]
fn assert_nothing_was_learnt(world: &World, memory: Memory, n: u32) {
    assert!(world.cache.entries(&Scope { absent: Some(true), ..Scope::default() }, world.wall()).is_empty());
    let kept = if memory == Memory::Stale { n as usize } else { 0 };
    assert_eq!(world.cache.entries(&Scope::default(), world.wall()).len(), kept, "{memory:?}");
}

#[tokio::test(start_paused = true)]
async fn one_number_is_unknown_or_stale_and_never_absent() {
    for memory in [Memory::Cold, Memory::Stale, Memory::StaleNoMore, Memory::AbsentNoMore] {
        for outage in outages() {
            let world = world_with(memory, 1).await;
            world.provider().follow(outage.clone());
            let result = world.ask(sample::ruc(0)).await;
            if memory == Memory::Stale {
                assert_eq!(words(&result), "found stale hit", "{outage:?}");
            } else {
                assert!(result.is_err(), "{memory:?} {outage:?} {result:?}");
            }
            assert!(world.refresh(sample::ruc(0)).await.is_err(), "who asks anew hears that it failed");
            world.runtime.settle().await;
            assert_nothing_was_learnt(&world, memory, 1);
            world.provider().follow(Script::found());
            assert_eq!(words(&world.refresh(sample::ruc(0)).await), "found fresh miss", "{memory:?} {outage:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_numbers_are_unknown_or_stale_and_never_absent() {
    for memory in [Memory::Cold, Memory::Stale, Memory::StaleNoMore, Memory::AbsentNoMore] {
        for n in [1, 3] {
            for outage in outages() {
                let world = world_with(memory, n).await;
                world.provider().follow(outage.clone());
                for row in rows(&world, n, false).await {
                    match (&row.outcome, memory) {
                        (RowOutcome::Answered(answer), Memory::Stale) => {
                            assert_eq!(answer.freshness, Freshness::Stale);
                            assert!(matches!(answer.taxpayer(), Lookup::Found(_)));
                        }
                        (RowOutcome::Unknown(_), Memory::Cold | Memory::StaleNoMore | Memory::AbsentNoMore) => {}
                        (outcome, _) => panic!("{memory:?} {n} {outage:?} {outcome:?}"),
                    }
                }
                for row in rows(&world, n, true).await {
                    assert!(matches!(row.outcome, RowOutcome::Unknown(_)), "{memory:?} {n} {outage:?} {row:?}");
                }
                world.runtime.settle().await;
                assert_nothing_was_learnt(&world, memory, n);
                world.provider().follow(Script::found());
                assert!(rows(&world, n, true).await.iter().all(|row| word(&row.outcome) == "found"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_failure_has_the_code_that_says_who_must_act() {
    let codes = [
        ("unreachable", "upstream_error"),
        ("timed_out", "deadline"),
        ("failed", "upstream_error"),
        ("failed", "upstream_error"),
        ("malformed", "upstream_error"),
        ("throttled", "limited"),
        ("throttled", "limited"),
        ("token_refused", "upstream_auth"),
        ("denied", "upstream_auth"),
        ("rejected", "upstream_error"),
        ("limited", "limited"),
        ("resting", "upstream_resting"),
        ("resting", "upstream_auth"),
        ("out_of_time", "deadline"),
    ];
    for (error, (kind, code)) in sample::every_error(&SourceId::new("alpha")).into_iter().zip(codes) {
        assert_eq!(error.kind(), kind);
        let world = world_of(Script::failing(error)).bare().start();
        assert_eq!(words(&world.ask(sample::company()).await), code, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_source_is_asked_when_the_first_fails_and_not_when_it_says_absent() {
    let world = world_of(Script::unreachable()).also(Script::found()).bare().start();
    let answer = world.ask(sample::company()).await.unwrap();
    assert_eq!(answer.record.provenance().source.as_str(), "beta");

    let world = world_of(Script::absent()).also(Script::found()).bare().start();
    assert_eq!(words(&world.ask(sample::company()).await), "absent fresh miss");
    assert_eq!(world.providers[1].calls(), 0);

    let world = world_of(Script::unreachable())
        .also(Script::failing(ProviderError::TokenRefused { provider: SourceId::new("beta") }));
    let world = world.bare().start();
    assert_eq!(words(&world.ask(sample::company()).await), "upstream_auth", "the last one's word");
}

#[tokio::test(start_paused = true)]
async fn without_sources_it_cannot_be_found_out() {
    let world = world_of(Script::found()).start();
    let lookups = chasqui_core::Lookups::new(
        world.lookups.config().clone(),
        world.lookups.keys().clone(),
        world.cache.clone(),
        None,
        Vec::new(),
        world.runtime.clone(),
        world.observer.clone(),
    );
    let result = lookups.taxpayer(sample::company(), chasqui_core::Ask::default()).await;
    assert_eq!(words(&result), "no_source");
    let rows = lookups.taxpayers(&["20131312955", "nada"], Many::default()).in_order().await;
    assert_eq!((word(&rows[0].outcome), word(&rows[1].outcome)), ("no_source", "invalid"));
    assert!(world.elapsed() < secs(1));
}
