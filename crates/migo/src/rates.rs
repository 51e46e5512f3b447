//! Exchange rates: what a reply says, and the bodies that say it.
//!
//! Amounts go from the text of the reply to a decimal without ever being a binary fraction, so `3.430` keeps its three
//! places, as text and as a number alike.
//! Left out: which day's rate holds where none was published; MIGO does not say, and stepping back is policy.

use std::collections::BTreeMap;

use chasqui_types::time::Date;
use chasqui_types::{Decimal, ExchangeRate, clean};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::reply::{Question, RawReply, Verdict, refusal, token_or};
use crate::write::{push_member, wrapped};

/// An object whose members still are what the reply wrote.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// SUNAT's own currency, where a reply names none.
const DOLLAR: &str = "USD";

/// Never has a rate been missing for so many days in a row (a week-end and a holiday make five): a longer gap is the
/// reply's own.
const LONGEST_GAP: i32 = 8;

/// Reads the reply to a question about the rate of one day, or about the last published one if `asked` is `None`.
///
/// [`Verdict::NotFound`] means that none was published for that day. The last one always exists: a reply that says
/// otherwise is a failure.
pub fn read_rate(reply: &RawReply<'_>, asked: Option<Date>) -> Verdict<ExchangeRate> {
    let question = if asked.is_some() { Question::Day } else { Question::Always };
    let verdict = reply.judge(question, |value| {
        let Value::Object(object) = value else { return Verdict::Malformed { why: "the body is not an object" } };
        if let Some(verdict) = refusal(&object) {
            return verdict;
        }
        if !object.contains_key("fecha") {
            return token_or(&object, "the rate does not say its day");
        }
        match parsed::<Members<'_>>(reply.body).and_then(|members| rate_of(&members)) {
            Ok(rate) if asked.is_none_or(|day| day == rate.date) => Verdict::Found(rate),
            Ok(_) => Verdict::Malformed { why: "the rate is another day's" },
            Err(why) => Verdict::Malformed { why },
        }
    });
    if asked.is_some() { verdict } else { verdict.never_absent() }
}

/// Reads the reply to a question about the rates from `from` to `to`, both included.
///
/// They come back by day, each day once; days that were not asked for are dropped. "Not found" means that there are
/// none in the range. A reply that leaves out more than eight days in a row is not believed: so long a time without a rate
/// has never been, and taking it for one would turn a cut reply into absences.
pub fn read_rates(reply: &RawReply<'_>, from: Date, to: Date) -> Verdict<Vec<ExchangeRate>> {
    let verdict = reply.judge(Question::Day, |value| {
        let items = match &value {
            Value::Array(_) => parsed::<Vec<Members<'_>>>(reply.body),
            Value::Object(object) => {
                if let Some(verdict) = refusal(object) {
                    return verdict;
                }
                if !object.get("data").is_some_and(Value::is_array) {
                    return token_or(object, "the body holds no list of rates");
                }
                parsed::<Members<'_>>(reply.body).and_then(|members| {
                    let data = members.get("data").ok_or("the body holds no list of rates")?;
                    parsed::<Vec<Members<'_>>>(data.get().as_bytes())
                })
            }
            _ => return Verdict::Malformed { why: "the body holds no list of rates" },
        };
        match items.and_then(|items| rates_of(&items, from, to)) {
            Ok(rates) => Verdict::Found(rates),
            Err(why) => Verdict::Malformed { why },
        }
    });
    match verdict {
        Verdict::NotFound { .. } => whole(Vec::new(), from, to),
        Verdict::Found(rates) => whole(rates, from, to),
        other => other,
    }
}

/// One rate as MIGO's v1 and v2 answer it: amounts as texts, three places at least (facts: MIGO 1.2).
pub fn write_rate(rate: &ExchangeRate) -> Vec<u8> {
    let mut body = b"{\"success\":true".to_vec();
    push_rate(&mut body, rate);
    body.push(b'}');
    body
}

/// The rates of a range as MIGO's v1 answers them: `{"success":true,"data":[…]}`.
pub fn write_rates<'a>(rates: impl IntoIterator<Item = &'a ExchangeRate>) -> Vec<u8> {
    wrapped(rates, |body, rate| {
        body.push(b'{');
        push_rate(body, rate);
        body.push(b'}');
    })
}

fn push_rate(body: &mut Vec<u8>, rate: &ExchangeRate) {
    push_member(body, "fecha", &rate.date.to_string());
    push_member(body, "moneda", &rate.currency);
    push_member(body, "precio_compra", &places(rate.buy));
    push_member(body, "precio_venta", &places(rate.sell));
}

/// At least the three places that MIGO writes, and no place less than are known.
fn places(mut amount: Decimal) -> String {
    amount.rescale(amount.scale().max(3));
    amount.to_string()
}

fn parsed<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> Result<T, &'static str> {
    serde_json::from_slice(json).map_err(|_| "a rate is not an object")
}

/// By day, the first of each; an item that cannot be read spoils all, because its day would look unpublished.
fn rates_of(items: &[Members<'_>], from: Date, to: Date) -> Result<Vec<ExchangeRate>, &'static str> {
    let mut rates = BTreeMap::new();
    for item in items {
        if item.get("success").is_some_and(|success| !matches!(success.get(), "true" | "null")) {
            return Err("a rate of the list is none");
        }
        let rate = rate_of(item)?;
        if (from..=to).contains(&rate.date) {
            rates.entry(rate.date).or_insert(rate);
        }
    }
    Ok(rates.into_values().collect())
}

fn whole(rates: Vec<ExchangeRate>, from: Date, to: Date) -> Verdict<Vec<ExchangeRate>> {
    let gap = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
    let mut last = from;
    let mut longest = 0;
    for day in rates.iter().map(|rate| rate.date).chain([to]) {
        longest = longest.max(gap(last, day));
        last = day;
    }
    if longest > LONGEST_GAP {
        return Verdict::Malformed { why: "it leaves out more days in a row than ever passed without a rate" };
    }
    Verdict::Found(rates)
}

fn rate_of(members: &Members<'_>) -> Result<ExchangeRate, &'static str> {
    let text = |name: &str| members.get(name).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let date = text("fecha").and_then(|text| text.trim().parse().ok()).ok_or("the rate does not say its day")?;
    let currency = text("moneda").as_deref().and_then(clean).unwrap_or_else(|| DOLLAR.into());
    let amount = |name: &str| members.get(name).and_then(|raw| amount_of(raw)).ok_or("an amount is none");
    Ok(ExchangeRate { date, currency, buy: amount("precio_compra")?, sell: amount("precio_venta")? })
}

/// A positive amount in the range of currencies, out of a text or a number.
fn amount_of(raw: &RawValue) -> Option<Decimal> {
    /// Beyond this it is no rate, and sums with it might not fit.
    const LARGEST: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
    const MOST_PLACES: u32 = 10;

    let quoted = raw.get().starts_with('"').then(|| serde_json::from_str::<String>(raw.get()).ok()).flatten();
    let text = quoted.as_deref().unwrap_or(raw.get()).trim();
    let amount = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()?
    } else if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        Decimal::from_str_exact(text).ok()?
    } else {
        return None;
    };
    let is_plausible = amount > Decimal::ZERO && amount < LARGEST && amount.scale() <= MOST_PLACES;
    is_plausible.then_some(amount)
}
