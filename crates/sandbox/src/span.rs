//! Lengths of time as people write them: `250ms`, `2s`, `15m`.
//!
//! Left out: fractions and sums; a fault needs neither.

use std::time::Duration;

/// Reads a whole number with its unit: `ms`, `s`, `m`, `h` or `d`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit())?);
    let number: u64 = number.parse().ok()?;
    let seconds = |each: u64| number.checked_mul(each).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(60 * 60),
        "d" => seconds(24 * 60 * 60),
        _ => None,
    }
}

/// The shortest text that reads back as the same length, down to milliseconds.
pub(crate) fn print(span: Duration) -> String {
    let millis = span.as_millis();
    for (each, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] {
        if millis > 0 && millis.is_multiple_of(each) {
            return format!("{}{unit}", millis / each);
        }
    }
    format!("{millis}ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_back_as_they_are_printed() {
        for text in ["0ms", "1ms", "1500ms", "2s", "90s", "15m", "36h", "2d"] {
            assert_eq!(print(parse(text).unwrap()), text);
        }
        for text in ["", "5", "s", "5 s", "1.5s", "5w", "-1s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
