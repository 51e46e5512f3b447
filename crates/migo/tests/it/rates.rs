//! Exchange rates: decimals to the last place, days to the letter.

use chasqui_migo::{Failure, Verdict, read_rate, read_rates, write_rate, write_rates};
use chasqui_types::time::{Date, days};
use chasqui_types::{Decimal, ExchangeRate};
use proptest::prelude::*;

use crate::{day, reply, shown};

const DAY: &str = "2026-11-20";

fn one(body: &str) -> Verdict<ExchangeRate> {
    read_rate(&reply(200, body.as_bytes()), Some(day(DAY)))
}

fn with(buy: &str) -> String {
    format!(r#"{{"success":true,"fecha":"{DAY}","moneda":"USD","precio_compra":{buy},"precio_venta":"3.437"}}"#)
}

#[test]
fn places_stay_as_they_were_sent_in_texts_and_in_numbers() {
    for (sent, buy) in [
        ("\"3.430\"", "3.430"),
        ("\" 3.43 \"", "3.43"),
        ("\"3\"", "3"),
        ("3.430", "3.430"),
        ("3.4310", "3.4310"),
        ("3", "3"),
        // As a binary fraction this would be 0.1000000000000000055….
        ("0.1", "0.1"),
        ("3.0000000001", "3.0000000001"),
        ("34310e-4", "3.4310"),
    ] {
        let Verdict::Found(rate) = one(&with(sent)) else { panic!("{sent} is an amount") };
        assert_eq!((rate.buy.to_string().as_str(), rate.sell.to_string().as_str()), (buy, "3.437"), "{sent}");
    }
}

#[test]
fn what_is_no_amount_makes_no_rate() {
    for sent in [
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "\"-\"",
        "0",
        "\"0.000\"",
        "-3.4",
        "\"-3.4\"",
        "\"3,430\"",
        "\"3_430\"",
        "\"S/ 3.43\"",
        "\"3.4.3\"",
        "\".\"",
        "\"NaN\"",
        "1e40",
        "79228162514264337593543950335",
        "3.43000000000000000000000000001",
    ] {
        assert_eq!(one(&with(sent)), Verdict::Malformed { why: "an amount is none" }, "{sent}");
    }
}

#[test]
fn a_rate_is_that_of_the_day_asked() {
    assert_eq!(shown(&one(&with("3.431").replace(DAY, "2026-11-19"))), "Malformed: the rate is another day's");
    assert_eq!(shown(&one(&with("3.431").replace(DAY, "20/11/2026"))), "Malformed: the rate does not say its day");
    assert_eq!(shown(&one(&with("3.431").replace("fecha", "f"))), "Malformed: the rate does not say its day");
    assert_eq!(shown(&one(&with("3.431").replace("true", "\"true\""))), "Malformed: success is not a boolean");
    assert_eq!(shown(&one("[]")), "Malformed: the body is not an object");
    let latest = |body: &str| read_rate(&reply(200, body.as_bytes()), None);
    assert!(matches!(latest(&with("3.431").replace(DAY, "2026-11-19")), Verdict::Found(rate) if rate.date.day() == 19));
    let Verdict::Found(rate) = one(&with("3.431").replace("USD", "-")) else { panic!("a rate") };
    assert_eq!(&*rate.currency, "USD");
}

#[test]
fn a_day_without_a_rate_is_told_and_the_latest_is_never_missing() {
    let (status, body) = Failure::not_found(Failure::RATE_NOT_FOUND).into_parts();
    assert_eq!(shown(&read_rate(&reply(status, &body), Some(day(DAY)))), "NotFound(Tipo de cambio no encontrado)");
    assert_eq!(shown(&read_rate(&reply(status, &body), None)), "Rejected 404(Tipo de cambio no encontrado)");
    assert_eq!(shown(&read_rate(&reply(200, &body), None)), "Rejected 404(Tipo de cambio no encontrado)");
    let plan = br#"{"success":false,"message":"Su plan ha vencido"}"#;
    assert_eq!(shown(&read_rate(&reply(404, plan), Some(day(DAY)))), "Failed 404");
    let page = Failure::path_not_found();
    assert_eq!(shown(&read_rate(&reply(404, page.body()), Some(day(DAY)))), "Failed 404");
    assert_eq!(shown(&read_rate(&reply(500, b""), Some(day(DAY)))), "Failed 500");
    assert_eq!(shown(&one(r#"{"message":"Unauthenticated."}"#)), "TokenRefused");
}

fn item(date: &str, buy: &str) -> String {
    format!(r#"{{"fecha":"{date}","moneda":"USD","precio_compra":"{buy}","precio_venta":"3.437"}}"#)
}

/// The days and buying prices that a list holds, from 10 to 20 November.
fn range(body: &str) -> String {
    match read_rates(&reply(200, body.as_bytes()), day("2026-11-10"), day(DAY)) {
        Verdict::Found(rates) => {
            rates.iter().map(|rate| format!("{}={}", rate.date.day(), rate.buy)).collect::<Vec<_>>().join(" ")
        }
        other => shown(&other),
    }
}

#[test]
fn a_range_is_sorted_each_day_once_and_nothing_that_was_not_asked() {
    let items = [
        item("2026-11-20", "3.400"),
        item("2026-11-09", "3.100"),
        item("2026-11-10", "3.20"),
        item("2026-11-15", "3.30"),
        item("2026-11-20", "3.999"),
        item("2026-11-21", "3.500"),
    ]
    .join(",");
    for body in [
        format!("[{items}]"),
        format!(r#"{{"success":true,"data":[{items}]}}"#),
        format!(r#"{{"data":[{items}],"x":1}}"#),
    ] {
        assert_eq!(range(&body), "10=3.20 15=3.30 20=3.400", "{body}");
    }
    let gap = "Malformed: it leaves out more days in a row than ever passed without a rate";
    assert_eq!(range(r#"{"success":true,"data":[]}"#), gap);
    assert_eq!(range(&format!("[{}]", item("2026-11-10", "3.2"))), gap, "cut after its first day");
}

#[test]
fn a_day_that_cannot_be_read_spoils_the_range() {
    let good = item("2026-11-12", "3.400");
    for (bad, why) in [
        ("7", "a rate is not an object"),
        ("{}", "the rate does not say its day"),
        (&*item("2026-11-13", "-"), "an amount is none"),
        (&*item("2026-11-13", "3.4").replace('{', r#"{"success":false,"#), "a rate of the list is none"),
    ] {
        assert_eq!(range(&format!("[{good},{bad}]")), format!("Malformed: {why}"));
    }
    for body in ["{}", "7", r#"{"success":true,"data":{}}"#] {
        assert_eq!(range(body), "Malformed: the body holds no list of rates");
    }
    assert!(range(r#"{"success":false,"data":[]}"#).starts_with("Malformed"));
}

#[test]
fn no_rates_in_a_range_is_an_answer_only_in_migos_words_and_for_a_few_days() {
    let (status, body) = Failure::not_found(Failure::RATE_NOT_FOUND).into_parts();
    let ask = |status, body: &[u8], to| shown(&read_rates(&reply(status, body), day("2026-01-01"), day(to)));
    assert_eq!(ask(status, &body, "2026-01-04"), "Found");
    assert_eq!(ask(404, Failure::path_not_found().body(), "2026-01-04"), "Failed 404");
    assert_eq!(ask(404, b"<html>", "2026-01-04"), "Failed 404");
    let gap = "Malformed: it leaves out more days in a row than ever passed without a rate";
    assert_eq!(ask(status, &body, "2026-12-31"), gap);
    assert_eq!(ask(200, b"[]", "2026-12-31"), gap);
    // Cut after January.
    assert_eq!(ask(200, format!("[{}]", item("2026-01-31", "3.4")).as_bytes(), "2026-12-31"), gap);
}

#[test]
fn bodies_are_migos_to_the_letter() {
    let (buy, sell) = ("3.43".parse().unwrap(), "3.4375".parse().unwrap());
    let rate = ExchangeRate { date: day("2026-01-09"), currency: "USD".into(), buy, sell };
    let members = r#""fecha":"2026-01-09","moneda":"USD","precio_compra":"3.430","precio_venta":"3.4375""#;
    assert_eq!(String::from_utf8(write_rate(&rate)).unwrap(), format!(r#"{{"success":true,{members}}}"#));
    let both = String::from_utf8(write_rates([&rate, &rate])).unwrap();
    assert_eq!(both, format!(r#"{{"success":true,"data":[{{{members}}},{{{members}}}]}}"#));
    assert_eq!(write_rates([]), br#"{"success":true,"data":[]}"#);
}

fn rates() -> impl Strategy<Value = Vec<ExchangeRate>> {
    let amount = || (1i64..1_000_000, 0u32..=7).prop_map(|(number, scale)| Decimal::new(number, scale));
    prop::collection::vec((1i32..=8, amount(), amount()), 1..12).prop_map(|rows| {
        let mut date: Date = day("2024-02-15");
        rows.into_iter()
            .map(|(gap, buy, sell)| {
                date += days(gap);
                ExchangeRate { date, currency: "USD".into(), buy, sell }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_without_losing_a_place(rates in rates()) {
        let first = &rates[0];
        let Verdict::Found(read) = read_rate(&reply(200, &write_rate(first)), Some(first.date)) else {
            panic!("a written rate is readable");
        };
        prop_assert_eq!(&read, first);
        prop_assert_eq!(read.buy.scale(), first.buy.scale().max(3));
        let body = write_rates(&rates);
        let (from, to) = (first.date, rates[rates.len() - 1].date);
        prop_assert_eq!(read_rates(&reply(200, &body), from, to), Verdict::Found(rates));
    }

    #[test]
    fn any_text_as_an_amount_is_read_or_refused_and_never_stops_us(text in ".{0,40}", number in any::<f64>()) {
        let quoted = serde_json::to_string(&text).unwrap();
        one(&with(&quoted));
        one(&with(&number.to_string()));
    }
}
