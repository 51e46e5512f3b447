//! Texts of others, made fit for a terminal, and numbers in words.
//!
//! What an upstream or a file says may hold escape sequences; shown raw, they would move the cursor or worse.
//! Left out: masking inside libraries, which their types do.

use std::borrow::Cow;
use std::time::Duration;

use chasqui_types::time::{Timestamp, to_lima};

/// The text with every control character as a space.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// What was typed instead of a number, recognisable to whoever typed it and to nobody else: `20…54`.
pub(crate) fn masked(text: &str) -> String {
    let letters: Vec<char> = text.trim().chars().collect();
    match letters[..] {
        [first, second, .., before_last, last] if letters.len() >= 8 => {
            one_line(&format!("{first}{second}…{before_last}{last}"))
        }
        _ => "…".to_owned(),
    }
}

/// A moment as Lima's clocks show it, and that they do.
pub(crate) fn lima(moment: Timestamp) -> String {
    to_lima(moment).strftime("%Y-%m-%d %H:%M:%S Lima").to_string()
}

/// A whole number with a comma between thousands.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun: `1 call`, `2 calls`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", thousands(number))
}

/// The text, cut after so many characters, with a mark where something is missing.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A share of one, in percent: `89.3 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A number of bytes, with the unit that keeps it short: `256 MiB`, `1.5 KiB`.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let power = (u64::BITS - 1 - n.leading_zeros()) / 10;
    let power = power.clamp(1, 4);
    let (whole, rest) = (n >> (10 * power), n & ((1 << (10 * power)) - 1));
    let tenths = (rest * 10) >> (10 * power);
    let fraction = if tenths == 0 { String::new() } else { format!(".{tenths}") };
    format!("{whole}{fraction} {}", UNITS[power as usize - 1])
}

/// An age as people say it: `5s`, `12m`, `30h`, `11 days`.
pub(crate) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// A wait in whole seconds, rounded up as `Retry-After` is.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// The same in words.
pub(crate) fn seconds(wait: Duration) -> String {
    let seconds = whole_seconds(wait);
    match seconds {
        0..=119 => format!("{seconds}s"),
        _ => format!("{}m", seconds.div_ceil(60)),
    }
}

/// A length of time as people say it: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn duration(time: Duration) -> String {
    let whole = time.as_secs();
    match whole {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{whole} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
    }
}

/// The text, or a dash where there is none.
pub(crate) fn or_dash(text: Option<&str>) -> Cow<'_, str> {
    match text {
        Some(text) if !text.is_empty() => Cow::Borrowed(text),
        _ => Cow::Borrowed("-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_keeps_its_ends_only() {
        assert_eq!(masked("20131312954"), "20…54");
        assert_eq!(masked(" 10101174102x "), "10…2x");
        assert_eq!(masked("1234567"), "…");
        assert_eq!(masked(""), "…");
    }

    #[test]
    fn escape_sequences_do_not_survive() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc"), "a [2Jb c");
    }

    #[test]
    fn numbers_for_people_have_commas() {
        assert_eq!(counted(1, "call"), "1 call");
        assert_eq!(counted(0, "call"), "0 calls");
        assert_eq!(counted(1_234_567, "number"), "1,234,567 numbers");
        assert_eq!(thousands(100), "100");
    }

    #[test]
    fn sizes_shares_and_ages_are_short() {
        for (n, expected) in [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (256 << 20, "256 MiB")]
        {
            assert_eq!(bytes(n), expected);
        }
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
        assert_eq!((percent(0.8934), percent(1.0)), ("89.3 %".to_owned(), "100.0 %".to_owned()));
        for (seconds, expected) in [(5, "5s"), (150, "2m"), (7_300, "2h"), (1_000_000, "11 days")] {
            assert_eq!(age(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!((cut("ñandú", 5), cut("ñandúes", 5)), ("ñandú".to_owned(), "ñandú…".to_owned()));
    }

    #[test]
    fn lengths_of_time_have_two_units_at_most() {
        for (millis, expected) in [(420, "0.4 s"), (12_900, "12 s"), (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min")]
        {
            assert_eq!(duration(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn waits_are_rounded_up() {
        assert_eq!(seconds(Duration::from_millis(100)), "1s");
        assert_eq!(seconds(Duration::from_secs(119)), "119s");
        assert_eq!(seconds(Duration::from_secs(121)), "3m");
    }
}
