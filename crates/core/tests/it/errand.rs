//! Long lists: limits are waited for, outages waited out, culprits found, and nothing is asked twice for nothing.

use std::collections::HashMap;
use std::time::Duration;

use chasqui_core::{Errand, Family, Patience, ProviderError, Question, Reply};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::{Dni, Number, Person, Ruc, SourceId};

use crate::{assert_about, millis, secs, world_of};

const PATIENCE: Patience = Patience { give_up_after: Duration::from_mins(5) };

fn failed(status: u16) -> ProviderError {
    ProviderError::Failed { provider: SourceId::new("alpha"), status }
}

fn malformed() -> ProviderError {
    ProviderError::Malformed { provider: SourceId::new("alpha"), why: "no JSON".into() }
}

/// Works off `numbers` as a command would: hands in while there is hunger, takes out one by one.
async fn work_off(errand: &mut Errand, numbers: impl IntoIterator<Item = Number>) -> HashMap<Number, &'static str> {
    let mut numbers = numbers.into_iter();
    let mut outcomes = HashMap::new();
    loop {
        while errand.is_hungry()
            && let Some(number) = numbers.next()
        {
            errand.add(number);
        }
        let Some(settled) = errand.next().await else { break };
        let word = match &settled.result {
            Ok(answer) if answer.record.absence().is_some() => "absent",
            Ok(_) => "found",
            Err(error) => error.code(),
        };
        assert_eq!(outcomes.insert(settled.number, word), None, "a number is settled once");
    }
    assert!(errand.is_empty());
    outcomes
}

async fn work_off_rucs(world: &World, n: u32) -> HashMap<Number, &'static str> {
    let mut errand = world.lookups.errand(PATIENCE);
    work_off(&mut errand, sample::rucs(n).into_iter().map(Number::Ruc)).await
}

fn count(outcomes: &HashMap<Number, &'static str>, word: &str) -> usize {
    outcomes.values().filter(|outcome| **outcome == word).count()
}

#[tokio::test(start_paused = true)]
async fn a_list_costs_a_call_for_each_hundred_and_no_more_are_under_way_than_there_are_waves() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let outcomes = work_off_rucs(&world, 2_450).await;
    assert_eq!(count(&outcomes, "found"), 2_450);
    assert_eq!((world.provider().calls(), world.provider().most_at_once()), (25, 10));
    assert_about(world.elapsed(), millis(300));
}

#[tokio::test(start_paused = true)]
async fn what_a_limit_puts_off_is_waited_for_however_long() {
    let world = world_of(Script::found()).limit(Family::Batch, 2, secs(900)).start();
    let outcomes = work_off_rucs(&world, 1_000).await;
    assert_eq!(count(&outcomes, "found"), 1_000);
    assert_eq!(world.provider().calls(), 10);
    // Ten calls, two at a time: four windows of fifteen minutes.
    assert_about(world.elapsed(), secs(3_600));
}

#[tokio::test(start_paused = true)]
async fn while_a_limit_is_waited_for_it_says_until_when() {
    let world = world_of(Script::found()).limit(Family::Batch, 1, secs(900)).start();
    let mut errand = world.lookups.errand(PATIENCE);
    for ruc in sample::rucs(200) {
        errand.add(ruc.into());
    }
    assert_eq!(errand.pause(), None);
    for _ in 0..100 {
        assert!(errand.next().await.is_some());
    }
    let waited = tokio::time::timeout(secs(10), errand.next()).await;
    assert!(waited.is_err(), "the rest waits");
    let pause = errand.pause().expect("nothing moves");
    assert_eq!((pause.code, errand.len()), ("limited", 100));
    for _ in 0..100 {
        assert!(errand.next().await.is_some());
    }
    assert!(errand.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_ends_in_time_costs_no_answer() {
    let script = Script::found().times(3).then(Script::unreachable().times(9)).then(Script::found());
    let world = world_of(script).start();
    let outcomes = work_off_rucs(&world, 3_000).await;
    assert_eq!(count(&outcomes, "found"), 3_000);
    assert!(world.elapsed() < PATIENCE.give_up_after, "{:?}", world.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_does_not_end_leaves_the_rest_unknown_and_keeps_what_was_answered() {
    let world = world_of(Script::found().times(3).then(Script::unreachable())).start();
    let outcomes = work_off_rucs(&world, 3_000).await;
    assert_eq!((outcomes.len(), count(&outcomes, "found"), count(&outcomes, "absent")), (3_000, 300, 0));
    assert!(world.elapsed() <= PATIENCE.give_up_after + secs(60), "{:?}", world.elapsed());
    assert!(world.provider().calls() < 100, "a dead provider is not hammered: {}", world.provider().calls());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_ends_it_at_once() {
    let world = world_of(Script::failing(ProviderError::TokenRefused { provider: SourceId::new("alpha") })).start();
    let outcomes = work_off_rucs(&world, 3_000).await;
    assert_eq!((outcomes.len(), count(&outcomes, "upstream_auth")), (3_000, 3_000));
    assert!(world.provider().calls() <= 10);
    assert_about(world.elapsed(), secs(0));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_only_ever_asks_for_patience_is_left_after_a_while() {
    let throttled = |wait| ProviderError::Throttled { provider: SourceId::new("alpha"), retry_after: wait };
    for wait in [None, Some(secs(60)), Some(secs(3_600))] {
        let world = world_of(Script::failing(throttled(wait))).limit(Family::Batch, 450, secs(900)).start();
        let outcomes = work_off_rucs(&world, 300).await;
        assert_eq!((outcomes.len(), count(&outcomes, "limited")), (300, 300));
        assert!(world.elapsed() < secs(7_200), "{wait:?}: {:?}", world.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_one_number_that_spoils_its_call_is_found_and_the_others_are_answered() {
    let culprit = sample::ruc(250);
    for error in [failed(500), malformed()] {
        let script = Script::by(move |question| match question {
            Question::Taxpayers(rucs) if rucs.contains(&culprit) => Err(error.clone()),
            Question::Taxpayer(ruc) if *ruc == culprit => Err(error.clone()),
            Question::Taxpayers(rucs) => Ok(Reply::Taxpayers {
                found: rucs.iter().copied().map(sample::taxpayer).collect(),
                not_found: Vec::new(),
                unreadable: Vec::new(),
            }),
            Question::Taxpayer(ruc) => Ok(Reply::Taxpayer(Some(Box::new(sample::taxpayer(*ruc))))),
            other => panic!("{other:?} was not to be asked"),
        });
        let world = world_of(script).start();
        let outcomes = work_off_rucs(&world, 1_000).await;
        assert_eq!((outcomes.len(), count(&outcomes, "found")), (1_000, 999));
        assert_eq!(outcomes[&Number::Ruc(culprit)], "upstream_error");
    }
}

/// Finds everybody: people one by one, taxpayers together.
fn both_kinds() -> Script {
    Script::by(|question| {
        Ok(match question {
            Question::Person(dni) => Reply::Person(Some(Person { dni: *dni, nombre: "PRUEBA SANDBOX".into() })),
            Question::Taxpayers(rucs) => Reply::Taxpayers {
                found: rucs.iter().copied().map(sample::taxpayer).collect(),
                not_found: Vec::new(),
                unreadable: Vec::new(),
            },
            other => panic!("{other:?} was not to be asked"),
        })
    })
}

fn dni(n: u32) -> Number {
    Number::Dni(format!("1{n:07}").parse::<Dni>().expect("eight digits are a DNI"))
}

#[tokio::test(start_paused = true)]
async fn taxpayers_far_behind_many_people_do_not_wait_for_the_limit_of_those() {
    let world = world_of(both_kinds()).limit(Family::Dni, 5, secs(900)).start();
    let mut errand = world.lookups.errand(PATIENCE);
    let mut numbers = (0..3_000).map(dni).chain(sample::rucs(1_000).into_iter().map(Number::Ruc));
    let mut n_taxpayers = 0;
    while n_taxpayers < 1_000 {
        while errand.is_hungry()
            && let Some(number) = numbers.next()
        {
            errand.add(number);
        }
        let settled = errand.next().await.expect("there is more");
        n_taxpayers += usize::from(matches!(settled.number, Number::Ruc(_)));
    }
    assert_about(world.elapsed(), secs(0));
    assert_eq!(world.provider().calls(), 10 + 5);
}

#[tokio::test(start_paused = true)]
async fn taxpayers_among_people_still_share_full_calls() {
    let world = world_of(both_kinds()).start();
    let mut errand = world.lookups.errand(PATIENCE);
    let rucs = sample::rucs(1_000).into_iter().map(Number::Ruc);
    let numbers = (0..1_000).map(dni).zip(rucs).flat_map(|(dni, ruc)| [dni, ruc]);
    assert_eq!(work_off(&mut errand, numbers).await.len(), 2_000);
    assert_eq!(world.provider().calls(), 1_000 + 10);
}

#[tokio::test(start_paused = true)]
async fn people_and_taxpayers_wait_for_their_own_limits_only() {
    let world = world_of(both_kinds()).limit(Family::Dni, 5, secs(900)).start();
    let mut errand = world.lookups.errand(PATIENCE);
    let dnis = (0..8).map(|n| Number::Dni(format!("1011741{n}").parse::<Dni>().unwrap()));
    let rucs: Vec<Ruc> = sample::rucs(300);
    let mut order = Vec::new();
    dnis.chain(rucs.into_iter().map(Number::Ruc)).for_each(|number| errand.add(number));
    while let Some(settled) = errand.next().await {
        assert!(settled.result.is_ok());
        order.push((settled.number, world.elapsed()));
    }
    assert_eq!(order.len(), 308);
    let late = order.iter().filter(|(_, when)| *when > secs(1)).count();
    assert_eq!(late, 3, "only the people beyond their limit came late");
    assert_about(world.elapsed(), secs(900));
}
