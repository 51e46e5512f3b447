//! One upstream call per number, however many ask and whenever they come and go.

use std::sync::Arc;

use chasqui_core::{Ask, CacheUse, LookupError};
use chasqui_testkit::{Script, sample};
use chasqui_types::SourceId;
use futures_util::future::join_all;
use futures_util::poll;

use crate::{TICK, millis, secs, words, world_of};

#[tokio::test(start_paused = true)]
async fn ten_thousand_callers_for_one_number_make_one_call() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let answers = join_all((0..10_000).map(|_| world.ask(sample::company()))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(world.provider().calls(), 1);
    let misses = answers.iter().flatten().filter(|answer| answer.cache == CacheUse::Miss).count();
    assert_eq!(misses, 1, "the others shared the call that one of them had under way");
    let first = &answers[0].as_ref().unwrap().record;
    assert!(answers.iter().flatten().all(|answer| Arc::ptr_eq(&answer.record, first)), "one record, never copied");
}

#[tokio::test(start_paused = true)]
async fn an_absent_number_too_is_asked_for_once() {
    let world = world_of(Script::absent().takes(millis(100))).start();
    let answers = join_all((0..1_000).map(|_| world.ask(sample::company()))).await;
    assert!(answers.iter().flatten().all(|answer| answer.record.absence().is_some()));
    assert_eq!((answers.iter().flatten().count(), world.provider().calls()), (1_000, 1));
}

#[tokio::test(start_paused = true)]
async fn a_flight_outlives_the_caller_who_started_it() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let mut first = Box::pin(world.ask(sample::company()));
    assert!(poll!(&mut first).is_pending());
    let mut others = Box::pin(join_all((0..10_000).map(|_| world.ask(sample::company()))));
    assert!(poll!(&mut others).is_pending());
    drop(first);
    assert!(others.await.iter().all(Result::is_ok));
    assert_eq!((world.provider().calls(), world.provider().abandoned()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_everybody_left_still_fills_memory() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let mut only = Box::pin(world.ask(sample::company()));
    assert!(poll!(&mut only).is_pending());
    drop(only);
    world.runtime.settle().await;
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh hit");
    assert_eq!((world.provider().calls(), world.lookups.in_flight()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn callers_who_come_just_as_it_lands_cause_no_second_call() {
    let world = world_of(Script::found().takes(millis(10))).start();
    let late = (0..400u32).map(|n| {
        let world = &world;
        async move {
            // Some come before, some after, and many at the very moment, each at another turn of the scheduler.
            world.pass(millis(u64::from(9 + n % 3))).await;
            for _ in 0..n / 3 {
                tokio::task::yield_now().await;
            }
            world.ask(sample::company()).await
        }
    });
    let (first, late) = tokio::join!(world.ask(sample::company()), join_all(late));
    assert!(first.is_ok() && late.iter().all(Result::is_ok));
    assert_eq!(world.provider().calls(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_on_several_threads_cause_no_second_call_either() {
    let world = Arc::new(world_of(Script::found()).start());
    for n in 0..200 {
        let tasks = (0..16).map(|_| {
            let lookups = world.lookups.clone();
            async move { lookups.taxpayer(sample::ruc(n), Ask::default()).await.map(|_| ()) }
        });
        let mut set = tokio::task::JoinSet::new();
        tasks.for_each(|task| drop(set.spawn(task)));
        assert!(set.join_all().await.iter().all(Result::is_ok));
    }
    assert_eq!(world.provider().calls(), 200);
    assert_eq!(world.lookups.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_caller_keeps_a_deadline_of_their_own() {
    let world = world_of(Script::found().takes(secs(3))).start();
    let patient = world.ask(sample::company());
    let impatient = async {
        let started = world.elapsed();
        let ask = Ask { refresh: false, patience: Some(secs(1)) };
        let result = world.lookups.taxpayer(sample::company(), ask).await;
        assert!(matches!(&result, Err(LookupError::Deadline { limit }) if *limit == secs(1)), "{result:?}");
        assert!(world.elapsed() - started <= secs(1) + TICK);
    };
    let (patient, ()) = tokio::join!(patient, impatient);
    assert_eq!(words(&patient), "found fresh miss");
    assert_eq!(world.provider().calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_is_killed_is_started_anew_by_those_who_wait() {
    let world = world_of(Script::hanging().then(Script::found())).start();
    let killing = async {
        world.pass(secs(1)).await;
        world.runtime.kill();
    };
    let (answers, ()) = tokio::join!(join_all((0..100).map(|_| world.ask(sample::company()))), killing);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((world.provider().calls(), world.provider().abandoned()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_is_killed_again_and_again_is_given_up() {
    let world = world_of(Script::hanging()).start();
    let killing = async {
        for _ in 0..5 {
            world.pass(secs(1)).await;
            world.runtime.kill();
        }
    };
    let (result, ()) = tokio::join!(world.ask(sample::company()), killing);
    assert_eq!(words(&result), "stopped");
    assert_eq!((world.provider().calls(), world.lookups.in_flight()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_those_who_waited_and_by_nobody_after() {
    let world = world_of(Script::unreachable().takes(millis(10)).then(Script::found())).bare().start();
    let failed = join_all((0..100).map(|_| world.ask(sample::company()))).await;
    assert!(failed.iter().all(|result| words(result) == "upstream_error"));
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_eq!(world.provider().calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn questions_are_counted_by_what_became_of_them() {
    let world = world_of(Script::knows([sample::ruc(1)])).start();
    for n in [1, 1, 2, 2] {
        world.ask(sample::ruc(n)).await.unwrap();
    }
    world
        .provider()
        .follow(Script::failing(chasqui_core::ProviderError::TokenRefused { provider: SourceId::new("alpha") }));
    assert_eq!(words(&world.ask(sample::ruc(3)).await), "upstream_auth");
    let expected = [("found miss", 1), ("found hit", 1), ("absent miss", 1), ("absent absent-hit", 1), ("unknown", 1)];
    assert_eq!(world.observer.questions(), expected.map(|(name, n)| (name.to_owned(), n)).into());
    let expected = [("alpha ruc found", 1), ("alpha ruc absent", 1), ("alpha ruc token_refused", 1)];
    assert_eq!(world.observer.calls(), expected.map(|(name, n)| (name.to_owned(), n)).into());
}
