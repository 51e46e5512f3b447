//! Exchange rates that nobody published, on the days on which SUNAT would publish some.
//!
//! The calendar is SUNAT's in outline (facts: MIGO 6): a quote says what the market closed at the day before, so there
//! is none on Sundays, Mondays and holidays; since July 2023 those days carry the last quote instead of a gap.
//! A rate is a function of its day: a base for each year, a wave of weeks and a little noise, which together never move
//! it by more than 1 % from one quote to the next.
//! Left out: movable feasts, and days on which SUNAT published nothing for reasons of its own.

use chasqui_types::time::{Date, Timestamp, days, to_lima};
use chasqui_types::{Decimal, ExchangeRate};

use super::spread;

/// The first quote.
const FIRST: Date = Date::constant(2010, 1, 4);
/// From here on, days without a quote carry the last one.
const CARRIES: Date = Date::constant(2023, 7, 1);
/// The hour in Lima from which a day's rate is out.
const HOUR: i8 = 6;

/// Month and day.
const HOLIDAYS: &[(i8, i8)] =
    &[(1, 1), (5, 1), (6, 29), (7, 28), (7, 29), (8, 30), (10, 8), (11, 1), (12, 8), (12, 25)];

/// Soles for a thousand dollars on the first day of each year from 2010; the last one stays.
const YEARS: &[i64] =
    &[2860, 2830, 2800, 2800, 2870, 3000, 3350, 3330, 3270, 3340, 3360, 3620, 3800, 3790, 3720, 3740, 3560, 3500, 3500];

/// The made-up rate of a day, whenever that is; `None` for a day on which none is published.
///
/// From 4 January 2010 on, none on Sundays, Mondays and fixed holidays; from 1 July 2023 on, one for every day.
pub fn rate(date: Date) -> Option<ExchangeRate> {
    if date < FIRST || (date < CARRIES && !is_quoted(date)) {
        return None;
    }
    let mut quoted = date;
    while !is_quoted(quoted) {
        quoted = quoted.yesterday().expect("the first day is quoted");
    }
    let (buy, sell) = quote(quoted);
    Some(ExchangeRate { date, currency: "USD".into(), buy: Decimal::new(buy, 3), sell: Decimal::new(sell, 3) })
}

/// The rate of a day as it is known at `now`: today's is out from six in the morning, Lima's time.
pub(crate) fn published(date: Date, now: Timestamp) -> Option<ExchangeRate> {
    if date <= last_day(now) { rate(date) } else { None }
}

/// The last rate that is known at `now`.
pub(crate) fn latest(now: Timestamp) -> Option<ExchangeRate> {
    let mut day = last_day(now);
    while day >= FIRST {
        if let Some(rate) = rate(day) {
            return Some(rate);
        }
        day = day.yesterday().ok()?;
    }
    None
}

/// The rates of a range that are known at `now`, by day.
pub(crate) fn between(from: Date, to: Date, now: Timestamp) -> Vec<ExchangeRate> {
    let last = to.min(last_day(now));
    from.max(FIRST).series(days(1)).take_while(|day| *day <= last).filter_map(rate).collect()
}

fn last_day(now: Timestamp) -> Date {
    let lima = to_lima(now);
    let today = lima.date();
    if lima.hour() >= HOUR { today } else { today.yesterday().unwrap_or(today) }
}

fn is_quoted(date: Date) -> bool {
    let weekday = date.weekday().to_monday_zero_offset();
    date == FIRST || (!matches!(weekday, 0 | 6) && !HOLIDAYS.contains(&(date.month(), date.day())))
}

/// Buying and selling in thousandths.
fn quote(date: Date) -> (i64, i64) {
    let day = FIRST.until(date).map_or(0, |span| i64::from(span.get_days()));
    let dice = |salt: u64, number: i64, sides: u64| {
        let number = spread(salt ^ number.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15)) % sides;
        i64::try_from(number).expect("a few sides fit")
    };
    let wave = |week: i64| dice(1, week, 21) - 10;
    let (week, weekday) = (day / 7, day % 7);
    let waved = (wave(week) * (7 - weekday) + wave(week + 1) * weekday) / 7;
    let sell = base(date) + waved + dice(2, day, 5) - 2;
    (sell - 3 - dice(3, day, 4), sell)
}

fn base(date: Date) -> i64 {
    let year = usize::try_from(date.year() - FIRST.year()).unwrap_or(0);
    let of = |year: usize| YEARS[year.min(YEARS.len() - 1)];
    let (passed, whole) = (i64::from(date.day_of_year()) - 1, i64::from(date.days_in_year()));
    of(year) + (of(year + 1) - of(year)) * passed / whole
}
