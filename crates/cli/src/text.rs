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

/// A wait, in whole seconds, rounded up as `Retry-After` is.
pub(crate) fn seconds(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match seconds {
        0..=119 => format!("{seconds}s"),
        _ => format!("{}m", seconds.div_ceil(60)),
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
    fn waits_are_rounded_up() {
        assert_eq!(seconds(Duration::from_millis(100)), "1s");
        assert_eq!(seconds(Duration::from_secs(119)), "119s");
        assert_eq!(seconds(Duration::from_secs(121)), "3m");
    }
}
