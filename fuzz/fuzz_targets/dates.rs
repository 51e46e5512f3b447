//! Moments, dates and lengths of time as people and providers write them.
//!
//! Left out: the clock; everything here is text.

#![no_main]

use chasqui::config::parse_duration;
use chasqui_types::ExchangeRate;
use chasqui_types::time::{Date, from_lima, parse_http_date, parse_lima, to_lima, to_rfc3339};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = parse_duration(text);
    let _ = parse_http_date(text);
    if let Some(moment) = parse_lima(text) {
        assert_eq!(from_lima(to_lima(moment)), Some(moment));
        let _ = to_rfc3339(moment);
    }
    if let Ok(date) = text.parse::<Date>() {
        assert_eq!(date.to_string().parse::<Date>().ok(), Some(date));
        let _ = (date < ExchangeRate::FIRST_DAY, from_lima(date.into()));
    }
});
