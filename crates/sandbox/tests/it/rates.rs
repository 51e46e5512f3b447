//! Exchange rates: the calendar, the walk of the numbers, and when a day's rate is out.

use chasqui_migo::{write_rate, write_rates};
use chasqui_sandbox::rate;
use chasqui_types::time::{Date, days};
use chasqui_types::{Decimal, ExchangeRate};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{World, send};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn every_day(from: &str, to: &str) -> impl Iterator<Item = Date> {
    let to = day(to);
    day(from).series(days(1)).take_while(move |day| *day <= to)
}

#[test]
fn before_july_2023_there_is_none_on_sundays_mondays_and_holidays() {
    assert_eq!(rate(day("2010-01-03")), None);
    for date in every_day("2010-01-05", "2023-06-30") {
        let is_holiday = [(1, 1), (5, 1), (6, 29), (7, 28), (7, 29), (8, 30), (10, 8), (11, 1), (12, 8), (12, 25)]
            .contains(&(date.month(), date.day()));
        // 3 January 2010 was a Sunday.
        let weekday = day("2010-01-03").until(date).unwrap().get_days() % 7;
        assert_eq!(rate(date).is_none(), weekday < 2 || is_holiday, "{date}");
    }
}

#[test]
fn since_july_2023_every_day_has_one_and_days_off_repeat_the_last() {
    assert!(every_day("2023-07-01", "2027-12-31").all(|date| rate(date).is_some()));
    let amounts = |text: &str| rate(day(text)).map(|rate| (rate.buy, rate.sell));
    // Thursday, then two holidays on Friday and Saturday, a Sunday, a Monday.
    for text in ["2023-07-28", "2023-07-29", "2023-07-30", "2023-07-31"] {
        assert_eq!(amounts(text), amounts("2023-07-27"), "{text}");
    }
    assert_ne!(amounts("2023-08-01"), amounts("2023-07-27"));
}

#[test]
fn rates_look_like_rates_and_never_jump() {
    let rates: Vec<ExchangeRate> = every_day("2010-01-01", "2027-12-31").filter_map(rate).collect();
    assert_eq!(rates[0].date, day("2010-01-04"));
    for rate in &rates {
        assert!(rate.buy < rate.sell && rate.buy.scale() == 3 && rate.sell.scale() == 3, "{rate:?}");
        assert!(rate.buy > Decimal::new(27, 1) && rate.sell < Decimal::new(39, 1), "{rate:?}");
    }
    for pair in rates.windows(2) {
        for (before, after) in [(pair[0].buy, pair[1].buy), (pair[0].sell, pair[1].sell)] {
            assert!((after - before).abs() * Decimal::from(100) <= before, "{pair:?}");
        }
        assert_eq!(pair[1].flags(Some(&pair[0])), []);
    }
}

#[test]
fn rates_never_change_between_processes() {
    let line = |text: &str| rate(day(text)).map_or("none".to_owned(), |rate| format!("{} {}", rate.buy, rate.sell));
    assert_eq!(["2010-01-04", "2016-03-01", "2021-12-31", "2026-11-20"].map(line), EXPECTED);
}

const EXPECTED: [&str; 4] = ["2.858 2.861", "3.342 3.346", "3.800 3.804", "3.500 3.505"];

async fn at(now: &str) -> World {
    let world = World::new().await;
    world.sandbox.set_now(Some(now.parse().unwrap()));
    world
}

fn on(world: &World, date: &str) -> RequestBuilder {
    world.post("/api/v1/exchange/date", &json!({"token": "T", "fecha": date}))
}

fn whole(date: &str) -> String {
    format!("200 {}", String::from_utf8(write_rate(&rate(day(date)).unwrap())).unwrap())
}

const NONE: &str = r#"404 {"success":false,"message":"Tipo de cambio no encontrado"}"#;

#[tokio::test]
async fn a_days_rate_is_out_from_six_in_lima() {
    for (now, today_is_out) in [
        ("2026-11-20T05:59:59-05:00", false),
        ("2026-11-20T06:00:00-05:00", true),
        // In UTC the next day has begun; in Lima it has not.
        ("2026-11-20T23:30:00-05:00", true),
    ] {
        let world = at(now).await;
        let expected = if today_is_out { whole("2026-11-20") } else { NONE.to_owned() };
        assert_eq!(send(on(&world, "2026-11-20")).await, expected, "{now}");
        assert_eq!(send(on(&world, "2026-11-21")).await, NONE, "{now}");
        let last = if today_is_out { "2026-11-20" } else { "2026-11-19" };
        assert_eq!(send(world.post("/api/v1/exchange/latest", &json!({"token": "T"}))).await, whole(last), "{now}");
        assert_eq!(send(world.get("/api/v2/tipo-cambio/sunat/ultimo")).await, whole(last), "{now}");
    }
}

#[tokio::test]
async fn a_day_is_answered_alike_in_both_versions() {
    let world = at("2026-11-20T12:00:00-05:00").await;
    for (date, expected) in [
        ("2019-05-15", whole("2019-05-15")),
        ("2019-05-12", NONE.to_owned()),
        ("2009-12-31", NONE.to_owned()),
        ("2026-11-21", NONE.to_owned()),
    ] {
        assert_eq!(send(on(&world, date)).await, expected, "{date}");
        assert_eq!(send(world.get(&format!("/api/v2/tipo-cambio/sunat?fecha={date}"))).await, expected, "{date}");
    }
    for date in ["20/11/2026", "2026-13-01", "2026-11-20T00:00:00", "x"] {
        assert!(send(on(&world, date)).await.starts_with("422 "), "{date}");
        assert!(send(world.get(&format!("/api/v2/tipo-cambio/sunat?fecha={date}"))).await.starts_with("422 "));
    }
    assert!(send(world.get("/api/v2/tipo-cambio/sunat")).await.contains("El campo fecha es obligatorio."));
    assert_eq!(
        send(world.client.get(world.url("/api/v2/tipo-cambio/sunat"))).await,
        r#"401 {"message":"Unauthenticated."}"#
    );
    assert_eq!((world.sandbox.calls().rate, world.sandbox.calls().v2_rate), (8, 10));
}

fn between(world: &World, from: &str, to: &str) -> RequestBuilder {
    world.post("/api/v1/exchange", &json!({"token": "T", "fecha_inicio": from, "fecha_fin": to}))
}

#[tokio::test]
async fn a_range_holds_what_is_out_of_it() {
    let world = at("2026-11-20T05:00:00-05:00").await;
    let rates = |from: &str, to: &str| {
        let rates: Vec<ExchangeRate> = every_day(from, to).filter_map(rate).collect();
        format!("200 {}", String::from_utf8(write_rates(&rates)).unwrap())
    };
    assert_eq!(send(between(&world, "2019-12-20", "2020-01-10")).await, rates("2019-12-20", "2020-01-10"));
    assert_eq!(send(between(&world, "2009-01-01", "2010-02-01")).await, rates("2010-01-01", "2010-02-01"));
    assert_eq!(send(between(&world, "2026-11-15", "2026-12-31")).await, rates("2026-11-15", "2026-11-19"));
    // A Sunday and a Monday.
    assert_eq!(send(between(&world, "2019-05-12", "2019-05-13")).await, NONE);
    assert!(send(between(&world, "2019-05-13", "2019-05-12")).await.starts_with("422 "));
    assert!(send(between(&world, "2019-05-13", "")).await.contains("El campo fecha_fin es obligatorio."));
}

#[tokio::test]
async fn faults_distort_a_range_as_they_do_any_list() {
    let world = at("2026-11-20T12:00:00-05:00").await;
    for (faults, expected) in [
        ("omit=2", vec!["16", "18"]),
        ("empty", vec![]),
        ("reorder", vec!["19", "18", "17", "16"]),
        ("rates:repeat", vec!["16", "16", "17", "17", "18", "18", "19", "19"]),
        ("foreign", vec!["16", "17", "18", "19", "20"]),
        ("rate:empty", vec!["16", "17", "18", "19"]),
    ] {
        world.sandbox.set_faults(faults.parse().unwrap());
        let body: Value = between(&world, "2026-11-16", "2026-11-19").send().await.unwrap().json().await.unwrap();
        let days: Vec<&str> =
            body["data"].as_array().unwrap().iter().map(|rate| &rate["fecha"].as_str().unwrap()[8..]).collect();
        assert_eq!(days, expected, "{faults}");
    }
}

#[tokio::test]
async fn the_clock_is_stopped_and_let_go_over_http() {
    let world = World::new().await;
    let url = world.url("/_sandbox/clock");
    let stopped = send(world.client.put(&url).json(&"2026-11-20T05:59:00-05:00")).await;
    assert_eq!(stopped, r#"200 {"now":"2026-11-20T10:59:00Z"}"#);
    assert_eq!(send(on(&world, "2026-11-20")).await, NONE);
    assert!(send(world.client.put(&url).json(&"yesterday")).await.starts_with("400 "));
    assert_eq!(send(world.client.get(&url)).await, stopped);
    assert_ne!(send(world.client.delete(&url)).await, stopped);
    assert!(send(world.client.post(&url)).await.starts_with("405 "));
}
