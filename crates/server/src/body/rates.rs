//! Exchange rates: decimals as texts, with the places they were published with.
//!
//! Left out: which rate holds on a day; the look-ups know.

use bytes::Bytes;
use chasqui_core::RateAnswer;
use chasqui_types::Freshness;
use chasqui_types::time::Date;

use super::{slot, with_meta};
use crate::wire::{Object, list};

/// The rate that holds on a day: `{date, published_on, moneda, precio_compra, precio_venta, flags, meta}`.
pub fn rate(answer: &RateAnswer) -> Bytes {
    // What is kept with the record must be right for whoever finds it there, whatever the day they asked about.
    let is_plain = answer.date == answer.rate().date && answer.flags.is_empty();
    if is_plain && answer.answer.freshness == Freshness::Fresh {
        return answer.answer.record.body(slot::NATIVE, || render(answer));
    }
    render(answer)
}

/// The rates of a range, a row for each day that has one: `{from, to, rates: […]}`.
pub fn rates(from: Date, to: Date, rows: &[RateAnswer]) -> Bytes {
    let rows: Vec<Bytes> = rows.iter().map(rate).collect();
    Object::with_capacity(rows.iter().map(Bytes::len).sum::<usize>() + rows.len() + 64)
        .text("from", &from.to_string())
        .text("to", &to.to_string())
        .json("rates", &list(&rows))
        .finish()
        .into()
}

fn render(answer: &RateAnswer) -> Bytes {
    let rate = answer.rate();
    let flags = answer.flags.iter().map(|flag| format!("\"{}\"", flag.as_str()));
    let object = Object::with_capacity(384)
        .text("date", &answer.date.to_string())
        .text("published_on", &rate.date.to_string())
        .text("moneda", &rate.currency)
        .text("precio_compra", &rate.buy.to_string())
        .text("precio_venta", &rate.sell.to_string())
        .json("flags", &list(flags));
    with_meta(object, &answer.answer)
}
