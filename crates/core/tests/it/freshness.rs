//! How long answers hold: fresh, then given at once while a new one is fetched, then only when none newer can be had.

use std::time::Duration;

use chasqui_core::{CacheUse, Scope};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::{AbsenceReason, Freshness};
use futures_util::future::join_all;

use crate::{millis, secs, words, world_of};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A world that found the company `age` ago.
async fn world_that_knows(age: Duration) -> World {
    let world = world_of(Script::found()).bare().start();
    world.ask(sample::company()).await.expect("the provider knows everybody");
    world.pass(age).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_fresh_answer_costs_no_call() {
    let world = world_that_knows(HOUR - MINUTE).await;
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh hit");
    assert_eq!(world.provider().calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn soon_after_its_time_an_answer_is_given_at_once_and_one_call_fetches_a_new_one() {
    let world = world_that_knows(HOUR + MINUTE).await;
    world.provider().follow(Script::found().takes(millis(200)));
    let before = world.elapsed();
    let answers = join_all((0..100).map(|_| world.ask(sample::company()))).await;
    assert!(answers.iter().all(|answer| words(answer) == "found stale hit"));
    assert_eq!(world.elapsed(), before, "nobody waited");
    world.runtime.settle().await;
    assert_eq!(world.provider().calls(), 2, "one call for all of them");
    let answer = world.ask(sample::company()).await.unwrap();
    assert_eq!((answer.freshness, answer.cache), (Freshness::Fresh, CacheUse::Hit));
    assert_eq!(answer.record.provenance().fetched_at, world.wall(), "asked for anew just now");
}

#[tokio::test(start_paused = true)]
async fn long_after_its_time_the_source_is_asked_first() {
    let world = world_that_knows(2 * HOUR).await;
    world.provider().follow(Script::found().takes(millis(200)));
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_better_than_none_until_its_last_hour() {
    for (age, expected) in
        [(2 * HOUR, "found stale hit"), (25 * HOUR - MINUTE, "found stale hit"), (25 * HOUR, "upstream_error")]
    {
        let world = world_that_knows(age).await;
        world.provider().follow(Script::unreachable());
        assert_eq!(words(&world.ask(sample::company()).await), expected, "{age:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_waits_for_the_source_no_longer_than_the_caller_does() {
    let world = world_that_knows(2 * HOUR).await;
    world.provider().follow(Script::hanging());
    let before = world.elapsed();
    let ask = chasqui_core::Ask { refresh: false, patience: Some(secs(2)) };
    assert_eq!(words(&world.lookups.taxpayer(sample::company(), ask).await), "found stale hit");
    assert!(world.elapsed() - before <= secs(2) + millis(1));
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_found_may_turn_out_to_be_absent_and_the_other_way_round() {
    let world = world_that_knows(2 * HOUR).await;
    world.provider().follow(Script::absent());
    assert_eq!(words(&world.ask(sample::company()).await), "absent fresh miss");
    world.pass(24 * HOUR).await;
    world.provider().follow(Script::found());
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
}

#[tokio::test(start_paused = true)]
async fn each_absence_goes_by_its_own_clock_and_is_never_stale() {
    let world = world_of(Script::absent()).bare().start();
    for n in 0..12 {
        world.ask(sample::ruc(n)).await.unwrap();
        world.pass(HOUR).await;
    }
    world.provider().follow(Script::unreachable());
    world.pass(12 * HOUR).await;
    for gone in 0..12u32 {
        let results = join_all((0..12).map(|n| world.ask(sample::ruc(n)))).await;
        for (n, result) in results.iter().enumerate() {
            let expected = if n <= gone as usize { "upstream_error" } else { "absent fresh absent-hit" };
            assert_eq!(words(result), expected, "number {n}, {gone} hours after the first was to go");
        }
        world.pass(HOUR).await;
    }
}

#[tokio::test(start_paused = true)]
async fn asking_anew_asks_and_a_failure_is_told_while_memory_keeps_what_it_had() {
    let world = world_that_knows(MINUTE).await;
    assert_eq!(words(&world.refresh(sample::company()).await), "found fresh miss");
    assert_eq!(world.provider().calls(), 2);
    let known = world.lookups.peek(sample::company()).unwrap().record;
    world.provider().follow(Script::unreachable());
    assert_eq!(words(&world.refresh(sample::company()).await), "upstream_error");
    assert!(std::sync::Arc::ptr_eq(&world.lookups.peek(sample::company()).unwrap().record, &known));
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh hit");
}

#[tokio::test(start_paused = true)]
async fn asking_anew_joins_a_call_that_is_under_way() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let (one, two) = tokio::join!(world.ask(sample::company()), world.refresh(sample::company()));
    assert_eq!((words(&one).as_str(), words(&two).as_str()), ("found fresh miss", "found fresh shared"));
    assert_eq!(world.provider().calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_operators_word_holds_like_an_authoritys_and_keeps_its_first_moment() {
    let world = world_of(Script::found()).start();
    let first = world.wall();
    world.lookups.mark_absent(sample::company(), "closed, seen on paper", Some(2 * HOUR));
    world.pass(HOUR).await;
    let record = world.lookups.mark_absent(sample::company(), "closed, confirmed", Some(2 * HOUR));
    assert_eq!((record.absence().unwrap().as_of, record.provenance().fetched_at), (first, world.wall()));
    assert_eq!(record.absence().unwrap().reason, AbsenceReason::Marked("closed, confirmed".into()));
    assert_eq!(words(&world.ask(sample::company()).await), "absent fresh absent-hit");
    assert_eq!(world.cache.entries(&Scope::absent_of("test"), world.wall()).len(), 1);
    world.pass(2 * HOUR).await;
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_number_is_asked_for_again() {
    let world = world_that_knows(MINUTE).await;
    assert!(world.lookups.forget(sample::company()));
    assert!(!world.lookups.forget(sample::company()));
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_eq!(world.provider().calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_says_where_it_comes_from_and_of_when_its_data_are() {
    let dated = |question: &chasqui_core::Question| {
        let chasqui_core::Question::Taxpayer(ruc) = question else { panic!("{question:?}") };
        let mut taxpayer = sample::taxpayer(*ruc);
        taxpayer.actualizado_en = Some("2026-11-20 03:00:00".into());
        Ok(chasqui_core::Reply::Taxpayer(Some(Box::new(taxpayer))))
    };
    let world = world_of(Script::by(dated).takes(millis(50))).start();
    let answer = world.ask(sample::company()).await.unwrap();
    let provenance = answer.record.provenance();
    assert_eq!(provenance.source.as_str(), "alpha");
    assert_eq!(provenance.as_of.to_string(), "2026-11-20T08:00:00Z");
    assert_eq!(provenance.fetched_at, world.wall());
}

#[tokio::test(start_paused = true)]
async fn an_operators_word_is_not_undone_by_a_call_under_way() {
    let world = world_of(Script::found().takes(secs(1))).start();
    let ruc = sample::ruc(0);
    let asking = world.ask(ruc);
    let marking = async {
        world.pass(millis(500)).await;
        world.lookups.mark_absent(ruc, "closed", None);
    };
    let (asked, ()) = tokio::join!(asking, marking);
    assert_eq!(words(&asked), "found fresh miss", "the caller hears what the provider said");
    assert_eq!(words(&world.ask(ruc).await).split(' ').next(), Some("absent"));

    world.lookups.forget(ruc);
    let asking = world.ask(ruc);
    let forgetting = async {
        world.pass(millis(500)).await;
        world.lookups.forget(ruc);
    };
    let _ = tokio::join!(asking, forgetting);
    assert!(world.lookups.peek(ruc).is_none(), "what was forgotten meanwhile stays forgotten");
}
