//! Many numbers at once: few calls, every row answered for itself, nobody left waiting.

use std::sync::Arc;

use chasqui_core::{Ask, CacheUse, Many, ProviderError, Question, Reply, Row, RowOutcome};
use chasqui_testkit::{Script, World, sample};
use chasqui_types::{AbsenceReason, Freshness, Ruc, SourceId};
use futures_util::{StreamExt, poll};

use crate::{TICK, millis, secs, word, words, world_of};

async fn look_up(world: &World, rucs: &[Ruc]) -> Vec<Row> {
    let inputs: Vec<String> = rucs.iter().map(Ruc::to_string).collect();
    world.lookups.taxpayers(&inputs, Many::default()).in_order().await
}

fn count(rows: &[Row], expected: &str) -> usize {
    rows.iter().filter(|row| word(&row.outcome) == expected).count()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_distinct_numbers_are_ten_collection_calls_and_nothing_else() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let rows = look_up(&world, &sample::rucs(1_000)).await;
    assert_eq!(count(&rows, "found"), 1_000);
    assert!(rows.iter().enumerate().all(|(place, row)| row.index == place));
    assert_eq!((world.provider().collections(), world.provider().calls()), (10, 10));
    assert_eq!(world.provider().most_at_once(), 10);
    assert!(world.elapsed() <= millis(130), "{:?}", world.elapsed());
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_under_way_than_there_are_waves() {
    for (waves, most, took) in [(10, 10, 300), (3, 3, 900), (0, 1, 2_500)] {
        let world = world_of(Script::found().takes(millis(100))).lookups(|config| config.waves = waves).start();
        let rows = look_up(&world, &sample::rucs(2_500)).await;
        assert_eq!((count(&rows, "found"), world.provider().calls()), (2_500, 25));
        assert_eq!(world.provider().most_at_once(), most);
        assert!(world.elapsed() <= millis(took) + 25 * TICK, "{:?}", world.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_caller_says_how_many_numbers_go_into_a_call() {
    for (per_call, calls) in [(30, 4), (100, 1), (1_000, 1), (0, 100)] {
        let world = world_of(Script::found()).start();
        let inputs: Vec<String> = sample::rucs(100).iter().map(Ruc::to_string).collect();
        let rows = world.lookups.taxpayers(&inputs, Many { per_call, ..Many::default() });
        let effort = rows.effort();
        assert_eq!(count(&rows.in_order().await, "found"), 100);
        assert_eq!(
            (world.provider().calls(), effort.batches(), effort.calls()),
            (usize::try_from(calls).unwrap(), calls, calls)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_input_has_a_row_in_its_place_whatever_it_is() {
    let world = world_of(Script::knows([sample::ruc(1), sample::company()])).start();
    let (one, two) = (sample::ruc(1).to_string(), sample::ruc(2).to_string());
    let spaced = format!("  {one}\t");
    let inputs = ["20131312955", "nada", &one, "", "20131312954", &two, &spaced, "20131312955", "30131312955"];
    let rows = world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    let words: Vec<_> = rows.iter().map(|row| word(&row.outcome)).collect();
    assert_eq!(words, ["found", "invalid", "found", "invalid", "invalid", "absent", "found", "found", "invalid"]);
    assert_eq!((world.provider().calls(), world.provider().collections()), (1, 1), "three distinct numbers, one call");
    assert_eq!(
        world.provider().asked()[0].1,
        Question::Taxpayers(vec![sample::company(), sample::ruc(1), sample::ruc(2)])
    );
    let (RowOutcome::Answered(first), RowOutcome::Answered(again)) = (&rows[0].outcome, &rows[7].outcome) else {
        panic!()
    };
    assert!(Arc::ptr_eq(&first.record, &again.record));
}

#[tokio::test(start_paused = true)]
async fn nothing_and_nothing_but_bad_numbers_cost_nothing() {
    let world = world_of(Script::found()).start();
    assert!(world.lookups.taxpayers::<&str>(&[], Many::default()).in_order().await.is_empty());
    let rows = world.lookups.taxpayers(&["1", "2"], Many::default()).in_order().await;
    assert_eq!((count(&rows, "invalid"), world.provider().calls()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_or_under_way_is_not_asked_again() {
    let world = world_of(Script::found().takes(millis(100))).start();
    world.ask(sample::ruc(0)).await.unwrap();
    let mut under_way = Box::pin(world.ask(sample::ruc(1)));
    assert!(poll!(&mut under_way).is_pending());
    let inputs: Vec<String> = sample::rucs(5).iter().map(Ruc::to_string).collect();
    let rows = world.lookups.taxpayers(&inputs, Many::default());
    let effort = rows.effort();
    let (rows, under_way) = tokio::join!(rows.in_order(), under_way);
    assert!(under_way.is_ok());
    let uses: Vec<_> = rows
        .iter()
        .map(|row| if let RowOutcome::Answered(answer) = &row.outcome { answer.cache } else { panic!("{row:?}") })
        .collect();
    assert_eq!(uses, [CacheUse::Hit, CacheUse::Shared, CacheUse::Miss, CacheUse::Miss, CacheUse::Miss]);
    assert_eq!((effort.cache_hits(), effort.calls(), effort.batches()), (1, 1, 1));
    assert_eq!((world.provider().singles(), world.provider().collections()), (2, 1));
    for n in 0..5 {
        assert_eq!(world.provider().asked_for(sample::ruc(n)), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn two_look_ups_at_once_share_the_numbers_they_have_in_common() {
    let world = world_of(Script::found().takes(millis(100))).start();
    let (all, half) = (sample::rucs(200), sample::rucs(100));
    let (all, half) = tokio::join!(look_up(&world, &all), look_up(&world, &half));
    assert_eq!((count(&all, "found"), count(&half, "found")), (200, 100));
    assert_eq!(world.provider().calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_new_number_among_many_is_asked_as_one() {
    let world = world_of(Script::found()).start();
    look_up(&world, &sample::rucs(2)).await;
    let rows = look_up(&world, &sample::rucs(3)).await;
    assert_eq!((count(&rows, "found"), world.provider().singles(), world.provider().collections()), (3, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn answers_arrive_as_they_come() {
    let slow = sample::ruc(150);
    let script = Script::found().takes(secs(5)).then(Script::found().takes(millis(10)));
    let world = world_of(script).start();
    let inputs: Vec<String> = sample::rucs(200).iter().map(Ruc::to_string).collect();
    let mut rows = world.lookups.taxpayers(&inputs, Many::default());
    for n in 0..100 {
        assert!(rows.next().await.is_some(), "row {n}");
    }
    assert!(world.elapsed() < secs(1), "{:?}", world.elapsed());
    assert_eq!(words(&world.ask(slow).await).split(' ').next(), Some("found"));
    assert_eq!(rows.count().await, 100);
}

#[tokio::test(start_paused = true)]
async fn calls_under_way_go_on_when_the_rows_are_dropped_and_others_are_not_begun() {
    let world = world_of(Script::found().takes(millis(100))).lookups(|config| config.waves = 1).start();
    let inputs: Vec<String> = sample::rucs(300).iter().map(Ruc::to_string).collect();
    let mut rows = world.lookups.taxpayers(&inputs, Many::default());
    assert!(poll!(rows.next()).is_pending());
    drop(rows);
    world.runtime.settle().await;
    assert_eq!((world.provider().calls(), world.provider().abandoned(), world.lookups.in_flight()), (1, 0, 0));
    let fresh = sample::rucs(300).into_iter().filter(|ruc| world.lookups.peek(*ruc).is_some()).count();
    assert_eq!(fresh, 100);
}

#[tokio::test(start_paused = true)]
async fn rows_that_nobody_reads_keep_nobody_else_waiting() {
    let world = world_of(Script::found().takes(millis(100))).lookups(|config| config.waves = 1).start();
    let inputs: Vec<String> = sample::rucs(300).iter().map(Ruc::to_string).collect();
    let unread = world.lookups.taxpayers(&inputs, Many::default());
    assert_eq!(words(&world.ask(sample::rucs(300)[299]).await), "found fresh shared");
    assert_eq!(world.provider().calls(), 3);
    drop(unread);
}

#[tokio::test(start_paused = true)]
async fn whoever_joined_a_caller_who_left_is_answered_by_collections_still() {
    let world = world_of(Script::found().takes(millis(100))).lookups(|config| config.waves = 1).start();
    let inputs: Vec<String> = sample::rucs(1_000).iter().map(Ruc::to_string).collect();
    let leaving = world.lookups.taxpayers(&inputs, Many::default());
    let staying = world.lookups.taxpayers(&inputs[500..700], Many::default());
    drop(leaving);
    let rows = staying.in_order().await;
    assert_eq!(count(&rows, "found"), 200);
    assert_eq!(world.provider().singles(), 0, "no number was asked alone");
    assert!(world.provider().collections() <= 4, "{}", world.provider().collections());
}

#[tokio::test(start_paused = true)]
async fn a_chunk_that_was_dropped_before_it_began_does_not_strand_its_followers() {
    let world = world_of(Script::found().takes(millis(100))).lookups(|config| config.waves = 1).start();
    let inputs: Vec<String> = sample::rucs(200).iter().map(Ruc::to_string).collect();
    let mut leading = world.lookups.taxpayers(&inputs, Many::default());
    assert!(poll!(leading.next()).is_pending());
    let dropping = async {
        world.pass(millis(10)).await;
        drop(leading);
    };
    let second: Vec<Ruc> = (150..153).map(sample::ruc).collect();
    let (one, rows, ()) = tokio::join!(world.ask(sample::ruc(199)), look_up(&world, &second), dropping);
    assert!(one.is_ok());
    assert_eq!(count(&rows, "found"), 3);
    assert!(world.elapsed() <= millis(300), "{:?}", world.elapsed());
    assert_eq!(world.lookups.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_number_left_out_of_a_collection_that_describes_others_is_absent() {
    let world = world_of(Script::knows(sample::rucs(9))).start();
    let rows = look_up(&world, &sample::rucs(10)).await;
    assert_eq!((count(&rows, "found"), world.provider().calls()), (9, 1));
    let RowOutcome::Answered(answer) = &rows[9].outcome else { panic!("{:?}", rows[9]) };
    assert_eq!(answer.record.absence().unwrap().reason, AbsenceReason::Omitted);
    assert_eq!(words(&world.ask(sample::ruc(9)).await), "absent fresh absent-hit");
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_named_as_absent_is_absent_and_one_that_cannot_be_read_is_unknown() {
    let script = Script::by(|_| {
        Ok(Reply::Taxpayers {
            found: vec![sample::taxpayer(sample::ruc(0)), sample::taxpayer(sample::ruc(77))],
            not_found: vec![sample::ruc(1)],
            unreadable: vec![sample::ruc(2)],
        })
    });
    let world = world_of(script).start();
    let rows = look_up(&world, &sample::rucs(4)).await;
    let words: Vec<_> = rows.iter().map(|row| word(&row.outcome)).collect();
    assert_eq!(words, ["found", "absent", "upstream_error", "absent"]);
    let reason = |row: usize| match &rows[row].outcome {
        RowOutcome::Answered(answer) => answer.record.absence().unwrap().reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((reason(1), reason(3)), (AbsenceReason::NotFound, AbsenceReason::Omitted));
    assert!(world.lookups.peek(sample::ruc(2)).is_none(), "unknown is not remembered");
    assert!(world.lookups.peek(sample::ruc(77)).is_none(), "nobody asked for that one");
    assert_eq!(world.provider().calls(), 1);
}

/// A provider whose collections are well-formed and empty; `alone` decides the question for one number.
fn empty_collections(alone: fn(Ruc) -> Result<Reply, ProviderError>) -> Script {
    Script::by(move |question| match question {
        Question::Taxpayer(ruc) => alone(*ruc),
        _ => Ok(Reply::Taxpayers { found: vec![], not_found: vec![], unreadable: vec![] }),
    })
}

#[tokio::test(start_paused = true)]
async fn an_empty_collection_is_believed_once_a_few_of_its_numbers_are_absent_alone() {
    let world = world_of(empty_collections(|_| Ok(Reply::Taxpayer(None)))).start();
    let rows = look_up(&world, &sample::rucs(50)).await;
    assert_eq!(count(&rows, "absent"), 50);
    assert_eq!((world.provider().collections(), world.provider().singles()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn an_empty_collection_that_begins_with_an_absent_number_is_still_not_believed() {
    let nobody = sample::rucs(50)[0];
    let script = Script::by(move |question| match question {
        Question::Taxpayer(ruc) if *ruc == nobody => Ok(Reply::Taxpayer(None)),
        Question::Taxpayer(ruc) => Ok(Reply::Taxpayer(Some(Box::new(sample::taxpayer(*ruc))))),
        _ => Ok(Reply::Taxpayers { found: vec![], not_found: vec![], unreadable: vec![] }),
    });
    let world = world_of(script).start();
    let rows = look_up(&world, &sample::rucs(50)).await;
    assert_eq!((count(&rows, "absent"), count(&rows, "found"), count(&rows, "upstream_error")), (1, 1, 48));
}

#[tokio::test(start_paused = true)]
async fn an_empty_collection_that_leaves_out_a_number_that_exists_tells_nothing() {
    let world = world_of(empty_collections(|ruc| Ok(Reply::Taxpayer(Some(Box::new(sample::taxpayer(ruc))))))).start();
    let rows = look_up(&world, &sample::rucs(50)).await;
    assert_eq!((count(&rows, "found"), count(&rows, "upstream_error")), (1, 49));
    assert_eq!((world.provider().collections(), world.provider().singles()), (1, 1));
    assert!(world.lookups.peek(sample::ruc(1)).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_empty_collection_is_not_believed_when_nobody_can_be_asked_alone() {
    let world =
        world_of(empty_collections(|_| Err(ProviderError::Failed { provider: SourceId::new("alpha"), status: 500 })));
    let world = world.bare().start();
    let rows = look_up(&world, &sample::rucs(50)).await;
    assert_eq!(count(&rows, "upstream_error"), 50);
    assert!(sample::rucs(50).into_iter().all(|ruc| world.lookups.peek(ruc).is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_chunk_that_fails_leaves_a_hundred_unknown_and_the_others_answered() {
    let bad = sample::ruc(250);
    let script = Script::by(move |question| match question {
        Question::Taxpayers(rucs) if rucs.contains(&bad) => {
            Err(ProviderError::Failed { provider: SourceId::new("alpha"), status: 502 })
        }
        Question::Taxpayers(rucs) => Ok(Reply::Taxpayers {
            found: rucs.iter().map(|ruc| sample::taxpayer(*ruc)).collect(),
            not_found: vec![],
            unreadable: vec![],
        }),
        other => panic!("{other:?}"),
    });
    let world = world_of(script).bare().start();
    let rows = look_up(&world, &sample::rucs(1_000)).await;
    assert_eq!((count(&rows, "found"), count(&rows, "upstream_error"), count(&rows, "absent")), (900, 100, 0));
    assert!(rows[200..300].iter().all(|row| word(&row.outcome) == "upstream_error"));
    assert!(world.lookups.peek(bad).is_none());
}

#[tokio::test(start_paused = true)]
async fn stale_rows_are_given_when_the_call_fails_and_the_others_are_unknown() {
    let world = world_of(Script::found()).bare().start();
    look_up(&world, &sample::rucs(3)).await;
    world.pass(secs(2 * 3_600)).await;
    world.provider().follow(Script::unreachable());
    let rows = look_up(&world, &sample::rucs(5)).await;
    assert_eq!((count(&rows, "found"), count(&rows, "upstream_error")), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_patient_caller_is_not_cut_short_by_the_impatient_look_up_that_leads() {
    let world = world_of(Script::found().takes(secs(3))).start();
    let inputs: Vec<String> = sample::rucs(2).iter().map(Ruc::to_string).collect();
    let hurried = world.lookups.taxpayers(&inputs, Many { patience: Some(secs(1)), ..Many::default() });
    let (rows, patient) = tokio::join!(
        async {
            let rows = hurried.in_order().await;
            assert!(world.elapsed() <= secs(1) + 4 * TICK, "{:?}", world.elapsed());
            rows
        },
        world.lookups.taxpayer(sample::ruc(1), Ask::default()),
    );
    assert_eq!(count(&rows, "deadline"), 2);
    assert_eq!(words(&patient), "found fresh shared");
    assert_eq!(world.provider().calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_ends_when_its_patience_does() {
    let world = world_of(Script::hanging()).start();
    let inputs: Vec<String> = sample::rucs(2_500).iter().map(Ruc::to_string).collect();
    let rows = world.lookups.taxpayers(&inputs, Many { patience: Some(secs(2)), ..Many::default() }).in_order().await;
    assert_eq!(count(&rows, "deadline"), 2_500);
    assert!(world.elapsed() <= secs(2) + 4 * TICK, "{:?}", world.elapsed());
}

#[tokio::test(start_paused = true)]
async fn stale_rows_are_given_at_once_and_fetched_anew_behind_no_more_calls_than_there_are_waves() {
    let world = world_of(Script::found()).start();
    look_up(&world, &sample::rucs(2_500)).await;
    world.pass(secs(3_600 + 60)).await;
    world.provider().follow(Script::found().takes(millis(100)));
    let (before, calls) = (world.elapsed(), world.provider().calls());
    let rows = look_up(&world, &sample::rucs(2_500)).await;
    assert!(
        rows.iter()
            .all(|row| matches!(&row.outcome, RowOutcome::Answered(answer) if answer.freshness == Freshness::Stale))
    );
    assert_eq!(world.elapsed(), before, "nobody waited");
    world.runtime.settle().await;
    assert_eq!(world.provider().calls() - calls, 25);
    assert_eq!(world.provider().most_at_once(), 10);
    assert_eq!(words(&world.ask(sample::ruc(2_499)).await), "found fresh hit");
}

#[tokio::test(start_paused = true)]
async fn each_distinct_number_is_counted_once() {
    let world = world_of(Script::found()).start();
    let known = sample::ruc(1);
    let inputs = ["20131312955", "20131312955", "nada", known.as_str()];
    for _ in 0..2 {
        world.lookups.taxpayers(&inputs, Many::default()).in_order().await;
    }
    let expected = [("found miss".to_owned(), 2), ("found hit".to_owned(), 2)];
    assert_eq!(world.observer.questions(), expected.into());
}
