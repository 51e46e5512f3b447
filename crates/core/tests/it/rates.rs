//! Exchange rates over a calendar: days without one, ranges, Lima's midnight, and the fewest calls.
#![expect(clippy::unwrap_used, reason = "what the tests stand on may fail them")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chasqui_core::{Ask, ProviderError, Question, RateAnswer, RateDateError, Reply};
use chasqui_testkit::{Script, World};
use chasqui_types::time::{Date, days};
use chasqui_types::{Decimal, ExchangeRate, Lookup, RateFlag, SourceId};

use crate::{secs, world_of};

/// A provider with a calendar: rates for all days but Sundays, Mondays after them, and holidays; today's only once it
/// is published.
#[derive(Clone, Default)]
struct Calendar {
    asked: Arc<Mutex<Vec<Question>>>,
    unpublished: Arc<Mutex<BTreeSet<Date>>>,
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn is_published(day: Date) -> bool {
    let holiday = matches!((day.month(), day.day()), (1, 1 | 2) | (5, 1) | (7, 28..=30) | (12, 25 | 26));
    !holiday && !matches!(day.weekday().to_monday_one_offset(), 7 | 1)
}

fn rate_of(day: Date) -> ExchangeRate {
    let thousandths = 3_400 + i64::from(day.day());
    ExchangeRate {
        date: day,
        currency: "USD".into(),
        buy: Decimal::new(thousandths, 3),
        sell: Decimal::new(thousandths + 6, 3),
    }
}

impl Calendar {
    fn script(&self) -> Script {
        let calendar = self.clone();
        Script::by(move |question| {
            calendar.asked.lock().unwrap().push(question.clone());
            Ok(calendar.reply(question))
        })
    }

    fn reply(&self, question: &Question) -> Reply {
        let unpublished = self.unpublished.lock().unwrap();
        let known = |day: &Date| is_published(*day) && !unpublished.contains(day);
        match question {
            Question::RateOn(day) => Reply::Rate(known(day).then(|| rate_of(*day))),
            Question::RatesBetween(from, to) => {
                Reply::Rates(from.series(days(1)).take_while(|day| day <= to).filter(known).map(rate_of).collect())
            }
            Question::LatestRate => {
                let mut day = date("2026-01-02");
                while !known(&day) {
                    day = day.yesterday().unwrap();
                }
                Reply::Rate(Some(rate_of(day)))
            }
            other => panic!("not about rates: {other:?}"),
        }
    }

    fn calls(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn world(&self) -> World {
        world_of(self.script()).bare().start()
    }
}

fn found(lookup: Lookup<RateAnswer>) -> RateAnswer {
    lookup.found().expect("some rate holds")
}

#[tokio::test(start_paused = true)]
async fn every_day_since_2010_has_the_last_rate_published_before_it() {
    let calendar = Calendar::default();
    let world = calendar.world();
    let today = world.lookups.today();
    let mut day = ExchangeRate::FIRST_DAY;
    let mut rows = Vec::new();
    while day <= today {
        let end = day.checked_add(days(3_000)).unwrap().min(today);
        rows.extend(world.lookups.rates(day, end, Ask::default()).await.unwrap());
        day = end.tomorrow().unwrap();
    }
    let mut expected = None;
    let mut rows = rows.into_iter();
    for day in ExchangeRate::FIRST_DAY.series(days(1)).take_while(|day| *day <= today) {
        if is_published(day) {
            expected = Some(day);
        }
        let Some(published_on) = expected else { continue };
        let row = rows.next().expect("a row a day");
        assert_eq!((row.date, row.rate()), (day, &rate_of(published_on)), "{day}");
    }
    assert!(rows.next().is_none());
    // Six thousand days in one pass; asked again they cost nothing.
    let calls = calendar.calls();
    assert!(calls <= 20, "{calls}");
    world.lookups.rates(date("2015-01-01"), date("2015-12-31"), Ask::default()).await.unwrap();
    assert_eq!(calendar.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_day_without_a_rate_steps_back_and_says_so() {
    let calendar = Calendar::default();
    let world = calendar.world();
    for (asked, published) in [
        ("2023-03-04", "2023-03-04"), // a Saturday with a rate of its own
        ("2023-03-05", "2023-03-04"), // Sunday
        ("2023-03-06", "2023-03-04"), // Monday
        ("2024-01-02", "2023-12-30"), // over New Year, a Sunday and a Monday before it
        ("2025-07-30", "2025-07-26"), // a week-end and a long holiday
        ("2012-02-29", "2012-02-29"), // a leap day
    ] {
        let answer = found(world.lookups.rate_on(date(asked), Ask::default()).await.unwrap());
        assert_eq!((answer.date, answer.rate().date), (date(asked), date(published)), "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_past_rate_never_expires_and_a_step_back_costs_one_call_once() {
    let calendar = Calendar::default();
    let world = calendar.world();
    found(world.lookups.rate_on(date("2023-03-06"), Ask::default()).await.unwrap());
    assert_eq!(calendar.calls(), 1, "the day and those before it, together");
    world.pass(secs(12 * 3_600)).await;
    found(world.lookups.rate_on(date("2023-03-06"), Ask::default()).await.unwrap());
    found(world.lookups.rate_on(date("2023-03-05"), Ask::default()).await.unwrap());
    assert_eq!(calendar.calls(), 1);
    world.pass(secs(5_000 * 86_400)).await;
    found(world.lookups.rate_on(date("2023-03-04"), Ask::default()).await.unwrap());
    assert_eq!(calendar.calls(), 1, "a published rate is for ever");
}

#[tokio::test(start_paused = true)]
async fn a_later_reply_that_leaves_a_day_out_does_not_unpublish_it() {
    let calendar = Calendar::default();
    let world = calendar.world();
    found(world.lookups.rate_on(date("2025-03-12"), Ask::default()).await.unwrap());
    calendar.unpublished.lock().unwrap().insert(date("2025-03-12"));
    let rows = world.lookups.rates(date("2025-03-10"), date("2025-03-14"), Ask::default()).await.unwrap();
    let of = |rows: &[RateAnswer], day: &str| rows.iter().find(|row| row.date == date(day)).map(|row| row.rate().date);
    assert_eq!(of(&rows, "2025-03-12"), Some(date("2025-03-12")));
    let again = found(world.lookups.rate_on(date("2025-03-12"), Ask::default()).await.unwrap());
    assert_eq!(again.rate().date, date("2025-03-12"));
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_came_late_is_had_by_asking_anew() {
    let calendar = Calendar::default();
    let world = calendar.world();
    calendar.unpublished.lock().unwrap().insert(date("2025-03-15"));
    let before = found(world.lookups.rate_on(date("2025-03-16"), Ask::default()).await.unwrap());
    assert_eq!(before.rate().date, date("2025-03-14"));
    calendar.unpublished.lock().unwrap().clear();
    let refresh = Ask { refresh: true, ..Ask::default() };
    let after = found(world.lookups.rate_on(date("2025-03-16"), refresh).await.unwrap());
    assert_eq!(after.rate().date, date("2025-03-15"));
}

#[tokio::test(start_paused = true)]
async fn a_latest_rate_of_tomorrow_is_nonsense_and_an_old_one_is_flagged() {
    let of = |day: &str| {
        let rate = rate_of(date(day));
        Script::by(move |question| match question {
            Question::LatestRate => Ok(Reply::Rate(Some(rate.clone()))),
            Question::RatesBetween(..) => Ok(Reply::Rates(vec![])),
            other => panic!("{other:?}"),
        })
    };
    let world = world_of(of("2026-11-22")).bare().start();
    assert_eq!(world.lookups.today(), date("2026-11-21"));
    assert_eq!(world.lookups.latest_rate(Ask::default()).await.unwrap_err().code(), "upstream_error");
    let world = world_of(of("2026-10-01")).bare().start();
    let old = found(world.lookups.latest_rate(Ask::default()).await.unwrap());
    assert_eq!((old.date, &old.flags[..]), (date("2026-11-21"), &[RateFlag::Old][..]));
    let world = world_of(of("2026-11-21")).bare().start();
    let today = found(world.lookups.latest_rate(Ask::default()).await.unwrap());
    assert_eq!(today.flags, []);
    world.pass(secs(4 * 3_600)).await;
    let calls = world.provider().calls();
    found(world.lookups.latest_rate(Ask::default()).await.unwrap());
    assert_eq!(world.provider().calls(), calls, "today's holds for the day");
}

#[tokio::test(start_paused = true)]
async fn a_range_of_a_year_costs_one_call_and_what_is_known_costs_none() {
    let calendar = Calendar::default();
    let world = calendar.world();
    let rows = world.lookups.rates(date("2024-01-03"), date("2024-12-31"), Ask::default()).await.unwrap();
    assert_eq!(rows.len(), 364);
    assert!(calendar.calls() <= 2, "{}", calendar.calls());
    let before = calendar.calls();
    world.lookups.rates(date("2024-03-01"), date("2024-11-30"), Ask::default()).await.unwrap();
    assert_eq!(calendar.calls(), before, "within what is known");
    world.lookups.rates(date("2024-06-01"), date("2025-03-31"), Ask::default()).await.unwrap();
    assert_eq!(calendar.calls(), before + 1, "one call for the days that are missing");
    let asked = calendar.asked.lock().unwrap().last().cloned();
    assert_eq!(asked, Some(Question::RatesBetween(date("2025-01-01"), date("2025-03-31"))));
}

#[tokio::test(start_paused = true)]
async fn a_full_year_of_365_days_costs_one_call() {
    let calendar = Calendar::default();
    let world = calendar.world();
    let rows = world.lookups.rates(date("2023-03-01"), date("2024-02-28"), Ask::default()).await.unwrap();
    assert_eq!((rows.len(), calendar.calls()), (365, 1));
}

#[tokio::test(start_paused = true)]
async fn today_is_limas_and_is_asked_again_until_it_is_published() {
    let calendar = Calendar::default();
    let world = calendar.world();
    let today = world.lookups.today();
    let days_off: Vec<Date> = (0..4).map(|n| today.checked_sub(days(n)).unwrap()).collect();
    calendar.unpublished.lock().unwrap().extend(days_off.iter().copied());
    let answer = found(world.lookups.rate_on(today, Ask::default()).await.unwrap());
    assert!(answer.rate().date < days_off[3], "{}", answer.rate().date);
    let calls = calendar.calls();
    world.pass(secs(60)).await;
    found(world.lookups.rate_on(today, Ask::default()).await.unwrap());
    assert_eq!(calendar.calls(), calls, "its absence holds for a few minutes");
    world.pass(secs(300)).await;
    calendar.unpublished.lock().unwrap().clear();
    let answer = found(world.lookups.rate_on(today, Ask::default()).await.unwrap());
    assert!(calendar.calls() > calls, "and is asked again after them");
    assert_eq!(answer.rate().date, if is_published(today) { today } else { answer.rate().date });
}

#[tokio::test(start_paused = true)]
async fn limas_day_ends_five_hours_after_utcs() {
    let world = Calendar::default().world();
    let start = world.lookups.today();
    let utc_midnight = world.wall().as_second().rem_euclid(86_400);
    // To 23:30 in Lima, which is 04:30 of the next day in UTC.
    let to_2330 = (86_400 + 4 * 3_600 + 1_800 - utc_midnight).rem_euclid(86_400);
    world.pass(secs(u64::try_from(to_2330).unwrap())).await;
    let at_2330 = world.lookups.today();
    assert!(at_2330 == start || at_2330 == start.tomorrow().unwrap());
    let utc_day = date(&world.wall().to_string()[..10]);
    assert_eq!(at_2330.tomorrow().unwrap(), utc_day);
    assert_eq!(world.lookups.check_rate_date(utc_day), Err(RateDateError::Future { today: at_2330 }));
    world.pass(secs(1_800)).await;
    assert_eq!(world.lookups.today(), utc_day);
    assert_eq!(world.lookups.check_rate_date(utc_day), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn days_that_cannot_be_asked_are_refused_with_the_reason() {
    let world = Calendar::default().world();
    let check = |from: &str, to: &str| world.lookups.check_rate_range(date(from), date(to));
    assert_eq!(check("2009-12-31", "2010-01-05"), Err(RateDateError::TooEarly));
    assert_eq!(check("2020-01-05", "2020-01-04"), Err(RateDateError::Backwards));
    assert_eq!(check("2010-01-01", "2025-01-01"), Err(RateDateError::TooLong));
    assert_eq!(check("2016-01-01", "2025-12-31"), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn odd_rates_are_flagged_and_told() {
    let script = Script::by(|question| match question {
        Question::RatesBetween(..) => Ok(Reply::Rates(vec![
            rate_of(date("2025-03-04")),
            ExchangeRate { buy: Decimal::new(4_000, 3), sell: Decimal::new(3_990, 3), ..rate_of(date("2025-03-05")) },
            rate_of(date("2025-03-06")),
        ])),
        other => panic!("{other:?}"),
    });
    let world = world_of(script).bare().start();
    let rows = world.lookups.rates(date("2025-03-04"), date("2025-03-07"), Ask::default()).await.unwrap();
    let flags: Vec<&[RateFlag]> = rows.iter().map(|row| &row.flags[..]).collect();
    let odd = &[RateFlag::BuyOverSell, RateFlag::Jump][..];
    assert_eq!(
        flags,
        [&[][..], odd, &[RateFlag::Jump], &[RateFlag::Jump]],
        "a day that carries a rate carries its flags"
    );
    let again = world.lookups.rates(date("2025-03-05"), date("2025-03-05"), Ask::default()).await.unwrap();
    assert_eq!(again[0].flags, odd, "from memory too");
    let alone = found(world.lookups.rate_on(date("2025-03-05"), Ask::default()).await.unwrap());
    assert_eq!(alone.flags, odd, "and alone");
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_never_a_day_without_a_rate() {
    let failed = ProviderError::Failed { provider: SourceId::new("alpha"), status: 500 };
    // The day itself is known to have none, but what was published before it cannot be found out.
    let script = Script::by(move |question| match question {
        Question::RateOn(_) => Ok(Reply::Rate(None)),
        _ => Err(failed.clone()),
    });
    let world = world_of(script).bare().start();
    assert!(world.lookups.rate_on(date("2023-03-05"), Ask::default()).await.is_err());
    assert!(world.lookups.rates(date("2023-03-01"), date("2023-03-31"), Ask::default()).await.is_err());
    assert!(world.lookups.latest_rate(Ask::default()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_latest_rate_holds_until_lima_wakes_up_to_another_day() {
    let calendar = Calendar::default();
    let world = calendar.world();
    let latest = found(world.lookups.latest_rate(Ask::default()).await.unwrap());
    let calls = calendar.calls();
    found(world.lookups.rate_on(latest.rate().date, Ask::default()).await.unwrap());
    assert_eq!(calendar.calls(), calls, "it is known for its own day too");
    world.pass(secs(2 * 86_400)).await;
    found(world.lookups.latest_rate(Ask::default()).await.unwrap());
    assert!(calendar.calls() > calls);
}
