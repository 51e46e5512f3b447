//! A provider that fails is left alone, asked again by one caller at a time, and serves again once it can.

use std::time::Duration;

use chasqui_core::breaker::Condition;
use chasqui_core::{Family, Many, ProviderError, Question, Reply};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::{Ruc, SourceId};
use futures_util::future::join_all;
use futures_util::poll;

use crate::{millis, secs, word, words, world_of};

const HOUR: Duration = Duration::from_hours(1);
const REST: Duration = Duration::from_secs(5);

fn alpha() -> SourceId {
    SourceId::new("alpha")
}

/// A world whose provider was just sent to rest, knowing a stale answer about the company.
async fn resting_world() -> World {
    let world = world_of(Script::found()).start();
    world.ask(sample::company()).await.expect("the provider knows everybody");
    world.pass(2 * HOUR).await;
    world.provider().follow(Script::unreachable());
    for n in 0..5 {
        assert!(world.ask(sample::ruc(n)).await.is_err());
    }
    assert_eq!(world.condition(), Condition::Resting);
    world
}

#[tokio::test(start_paused = true)]
async fn a_dead_upstream_is_left_alone_after_five_failures() {
    let world = world_of(Script::unreachable()).start();
    for n in 0..100 {
        assert!(world.ask(sample::ruc(n)).await.is_err());
        if world.condition() == Condition::Resting {
            break;
        }
    }
    assert_eq!(world.provider().calls(), 5);
}

#[tokio::test(start_paused = true)]
async fn while_it_rests_everybody_is_answered_at_once() {
    let world = resting_world().await;
    let (calls, before) = (world.provider().calls(), world.elapsed());
    let results = join_all((100..200).map(|n| world.ask(sample::ruc(n)))).await;
    for result in &results {
        assert_eq!(words(result), "upstream_resting");
        let wait = result.as_ref().unwrap_err().retry_after().unwrap();
        assert!(wait > Duration::ZERO && wait <= REST, "{wait:?}");
    }
    assert_eq!(words(&world.ask(sample::company()).await), "found stale hit", "stale where there is any");
    let inputs: Vec<String> =
        (300..500).map(|n| sample::ruc(n).to_string()).chain([sample::company().to_string()]).collect();
    let rows = world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    assert!(rows[..200].iter().all(|row| word(&row.outcome) == "upstream_resting"));
    assert_eq!(word(&rows[200].outcome), "found");
    assert_eq!((world.provider().calls(), world.elapsed()), (calls, before), "no call and no time");
}

#[tokio::test(start_paused = true)]
async fn one_of_a_hundred_probes_and_the_others_are_answered_at_once() {
    let world = resting_world().await;
    world.provider().follow(Script::found().takes(millis(100)));
    world.pass(REST).await;
    let (calls, before) = (world.provider().calls(), world.elapsed());
    let ask = async |n| {
        let result = world.ask(sample::ruc(n)).await;
        (words(&result), world.elapsed() - before)
    };
    let heard = join_all((100..200).map(ask)).await;
    let refused = heard.iter().filter(|heard| **heard == ("upstream_resting".to_owned(), Duration::ZERO)).count();
    let probed = heard.iter().filter(|(words, _)| words == "found fresh miss").count();
    assert_eq!((refused, probed, world.provider().calls() - calls), (99, 1, 1));
    assert_eq!(world.condition(), Condition::Serving);
    assert!(join_all((100..200).map(|n| world.ask(sample::ruc(n)))).await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_given_at_once_while_its_refresh_probes() {
    let world = resting_world().await;
    world.provider().follow(Script::found().takes(millis(100)));
    world.pass(REST).await;
    let before = world.elapsed();
    let answers = join_all((0..100).map(|_| world.ask(sample::company()))).await;
    assert!(answers.iter().all(|answer| words(answer) == "found stale hit"));
    assert_eq!(world.elapsed(), before);
    world.runtime.settle().await;
    assert_eq!(world.condition(), Condition::Serving);
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh hit");
}

#[tokio::test(start_paused = true)]
async fn it_serves_again_within_one_rest_of_its_recovery() {
    let world = resting_world().await;
    // Two more probes fail, so that it rests for ten and then twenty seconds.
    for n in 0..2 {
        world.pass(REST * 2u32.pow(n)).await;
        assert!(world.ask(sample::ruc(50 + n)).await.is_err());
    }
    let recovered_at = world.elapsed();
    world.provider().follow(Script::found());
    let mut n = 1_000;
    while world.ask(sample::ruc(n)).await.is_err() {
        n += 1;
        world.pass(millis(100)).await;
    }
    let took = world.elapsed() - recovered_at;
    assert!(took <= 4 * REST + millis(200), "{took:?}");
    assert_eq!(world.condition(), Condition::Serving);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_killed_lets_the_next_caller_probe() {
    let world = resting_world().await;
    world.provider().follow(Script::hanging().then(Script::found()));
    world.pass(REST).await;
    let mut probe = Box::pin(world.ask(sample::ruc(100)));
    assert!(poll!(&mut probe).is_pending());
    tokio::task::yield_now().await;
    assert_eq!(words(&world.ask(sample::ruc(101)).await), "upstream_resting", "one at a time");
    drop(probe);
    world.runtime.kill();
    world.runtime.settle().await;
    assert_eq!(words(&world.ask(sample::ruc(102)).await), "found fresh miss");
    assert_eq!(world.condition(), Condition::Serving);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_ours_makes_it_rest_ten_minutes_at_once() {
    let refusals = [ProviderError::TokenRefused { provider: alpha() }, ProviderError::Denied { provider: alpha() }];
    for refusal in refusals {
        let world = world_of(Script::failing(refusal).then(Script::found())).start();
        assert_eq!(words(&world.ask(sample::ruc(0)).await), "upstream_auth");
        let result = world.ask(sample::ruc(1)).await;
        assert_eq!(words(&result), "upstream_auth");
        assert_eq!(result.unwrap_err().retry_after(), Some(secs(600)));
        world.pass(secs(599)).await;
        assert_eq!(words(&world.ask(sample::ruc(1)).await), "upstream_auth");
        assert_eq!(world.provider().calls(), 1);
        world.pass(secs(1)).await;
        assert_eq!(words(&world.ask(sample::ruc(1)).await), "found fresh miss");
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_collections_still_answers_one_by_one() {
    let script = Script::by(|question| match question {
        Question::Taxpayers(_) => Err(ProviderError::Denied { provider: alpha() }),
        Question::Taxpayer(ruc) => Ok(Reply::Taxpayer(Some(Box::new(sample::taxpayer(*ruc))))),
        other => panic!("{other:?}"),
    });
    let world = world_of(script).start();
    let inputs: Vec<String> = sample::rucs(20).iter().map(Ruc::to_string).collect();
    let rows = world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    assert!(rows.iter().all(|row| word(&row.outcome) == "upstream_auth"));
    assert_eq!(words(&world.ask(sample::ruc(0)).await), "found fresh miss");
    assert_eq!(world.condition(), Condition::Serving);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_rests_even_where_the_deadline_is_far_shorter_than_its_timeout() {
    let world = world_of(Script::hanging()).lookups(|config| config.deadline = millis(500)).start();
    for n in 0..5 {
        assert!(world.ask(sample::ruc(n)).await.is_err());
    }
    world.runtime.settle().await;
    assert_eq!(world.condition(), Condition::Resting);
    world.pass(secs(5)).await;
    assert!(world.ask(sample::ruc(0)).await.is_err(), "a probe that hangs");
    world.pass(secs(9)).await;
    assert_eq!(words(&world.ask(sample::ruc(0)).await), "upstream_resting", "and rests twice as long");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_room_does_not_keep_others_from_probing() {
    let script = Script::unreachable().times(5).then(Script::found());
    let world = world_of(script).guard(|guard| guard.backoff.retries = 0).limit(Family::Batch, 1, secs(20)).start();
    let inputs: Vec<String> = sample::rucs(2).iter().map(Ruc::to_string).collect();
    assert_eq!(world.lookups.taxpayers(&inputs, Many::default()).in_order().await.len(), 2);
    for n in 0..4 {
        assert!(world.ask(sample::ruc(n)).await.is_err());
    }
    assert_eq!(world.condition(), Condition::Resting);
    world.pass(secs(5)).await;
    let waiting = world.lookups.taxpayers(&inputs, Many::default());
    world.runtime.settle().await;
    assert_eq!(words(&world.ask(sample::ruc(9)).await), "found fresh miss");
    drop(waiting);
}

#[tokio::test(start_paused = true)]
async fn a_rest_of_one_family_is_a_rest_of_all() {
    let world = resting_world().await;
    world.provider().follow(Script::found());
    let inputs: Vec<String> = sample::rucs(20).iter().map(Ruc::to_string).collect();
    let rows = world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    assert!(rows.iter().all(|row| word(&row.outcome) == "upstream_resting"));
}

#[tokio::test(start_paused = true)]
async fn what_we_refuse_ourselves_is_not_held_against_it() {
    let world = world_of(Script::found()).limit(Family::Ruc, 1, secs(3_600)).start();
    world.ask(sample::ruc(0)).await.unwrap();
    for n in 1..100 {
        assert_eq!(words(&world.ask(sample::ruc(n)).await), "limited");
    }
    assert_eq!((world.condition(), world.provider().calls()), (Condition::Serving, 1));
}

#[tokio::test(start_paused = true)]
async fn being_told_to_slow_down_or_that_we_asked_badly_is_not_held_against_it() {
    for error in [
        ProviderError::Throttled { provider: alpha(), retry_after: None },
        ProviderError::Rejected { provider: alpha(), status: 422 },
    ] {
        let world = world_of(Script::failing(error)).start();
        for n in 0..50 {
            assert!(world.ask(sample::ruc(n)).await.is_err());
        }
        assert_eq!(world.condition(), Condition::Serving);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_is_sent_to_rest_too() {
    let world = world_of(Script::hanging()).guard(|guard| guard.timeout = secs(2)).start();
    for n in 0..3 {
        assert!(world.ask(sample::ruc(n)).await.is_err());
    }
    assert_eq!((world.condition(), world.provider().calls()), (Condition::Resting, 5));
    assert_eq!(world.provider().abandoned(), 5, "a call that took too long is dropped");
}

#[tokio::test(start_paused = true)]
async fn one_source_at_rest_leaves_the_other_to_answer() {
    let world = world_of(Script::unreachable()).also(Script::found().takes(millis(10))).start();
    for n in 0..20 {
        assert!(world.ask(sample::ruc(n)).await.is_ok());
    }
    assert_eq!(world.lookups.sources()[1].condition, Condition::Serving);
    assert!(world.providers[0].calls() <= 8, "{} calls to a dead source", world.providers[0].calls());
}
