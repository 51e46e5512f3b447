//! Times, sizes and limits as people write them.
//!
//! A number without its unit is refused everywhere: `30` in a file written today is read by someone else next year.
//! Each function gives the value or a phrase that says what was expected.

use std::fmt;
use std::time::Duration;

/// At most `calls` in any window of length `per`, all at once if need be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many; at least one.
    pub calls: u32,
    /// In how long; more than nothing.
    pub per: Duration,
}

/// No time in a configuration is longer, so that adding one to a moment cannot overflow.
const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);

/// A limiter remembers one moment per call, so this many is a bound on memory.
const MOST_CALLS: u32 = 1_000_000;

const TIME_UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZE_UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// Reads a time as configuration has it: `500ms`, `30s`, `1h30m`, `3d`; longer than zero, at most 3650 days.
///
/// # Errors
/// A sentence that says what was expected.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    duration(text, false)
}

/// Reads `500ms`, `30s`, `15m`, `1h`, `3d`, or several of them in a row: `1h30m`.
pub(super) fn duration(text: &str, zero: bool) -> Result<Duration, String> {
    const WANTED: &str = "expected a time such as 500ms, 30s, 1h or 3d";
    if is_number(text) {
        return Err("a bare number has no unit: expected a time such as 500ms, 30s, 1h or 3d".to_owned());
    }
    let (mut total, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let (number, after) = split_number(rest).ok_or(WANTED)?;
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let (_, scale) = TIME_UNITS.iter().find(|(name, _)| *name == unit).ok_or(WANTED)?;
        total = number
            .checked_mul(*scale)
            .and_then(|part| total.checked_add(part))
            .filter(|total| u128::from(*total) <= LONGEST.as_millis())
            .ok_or("expected at most 3650d")?;
        rest = next;
    }
    match total {
        _ if text.is_empty() => Err(WANTED.to_owned()),
        0 if !zero => Err("expected a time longer than zero".to_owned()),
        total => Ok(Duration::from_millis(total)),
    }
}

/// Reads `512KiB`, `8MiB`, `1GB`, within two bounds.
pub(super) fn size(text: &str, least: u64, most: u64) -> Result<u64, String> {
    const WANTED: &str = "expected a size such as 512KiB, 8MiB or 1GB";
    if is_number(text) {
        return Err("a bare number has no unit: expected a size such as 512KiB, 8MiB or 1GB".to_owned());
    }
    let (number, unit) = split_number(text).ok_or(WANTED)?;
    let unit = unit.trim_start();
    let (_, scale) = SIZE_UNITS.iter().find(|(name, _)| *name == unit).ok_or(WANTED)?;
    number
        .checked_mul(*scale)
        .filter(|bytes| (least..=most).contains(bytes))
        .ok_or_else(|| format!("expected {} to {}", Bytes(least), Bytes(most)))
}

/// Reads `900/15m`.
pub(super) fn limit(text: &str) -> Result<Limit, String> {
    const WANTED: &str = "expected CALLS/TIME, such as 900/15m";
    let (calls, per) = text.split_once('/').ok_or(WANTED)?;
    let calls = calls.trim();
    if !is_number(calls) {
        return Err(WANTED.to_owned());
    }
    let calls = calls
        .parse::<u32>()
        .ok()
        .filter(|calls| (1..=MOST_CALLS).contains(calls))
        .ok_or_else(|| format!("expected 1 to {MOST_CALLS} calls"))?;
    let per = duration(per.trim(), false).map_err(|reason| format!("in CALLS/TIME, {reason}"))?;
    Ok(Limit { calls, per })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Splits leading digits off; `None` without any, or when they do not fit.
fn split_number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

/// A number of bytes with the largest unit that divides it.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = SIZE_UNITS[..5].iter().rev();
        let (unit, scale) =
            binary.copied().find(|(_, scale)| self.0 >= *scale && self.0.is_multiple_of(*scale)).unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / scale)
    }
}

// === impl Limit ===

/// As it is written in a configuration.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.per.as_millis();
        let (unit, scale) = TIME_UNITS
            .iter()
            .rev()
            .copied()
            .find(|(_, scale)| milliseconds.is_multiple_of(u128::from(*scale)))
            .unwrap_or(("ms", 1));
        write!(f, "{}/{}{unit}", self.calls, milliseconds / u128::from(scale))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_read_with_its_unit() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("1s", 1_000),
            ("15m", 900_000),
            ("1h", 3_600_000),
            ("3d", 259_200_000),
            ("1h30m", 5_400_000),
            ("3650d", 315_360_000_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text, true), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn a_time_that_is_not_one_is_refused() {
        for text in
            ["", "30", "s", "1", "1.5s", "-1s", "1 h", "1w", "1H", "1hm", "3651d", "99999999999999999999s", "١s", "1s "]
        {
            assert!(duration(text, true).is_err(), "{text}");
        }
        assert_eq!(duration("0ms", false), Err("expected a time longer than zero".to_owned()));
        assert_eq!(
            duration("30", false),
            Err("a bare number has no unit: expected a time such as 500ms, 30s, 1h or 3d".to_owned())
        );
    }

    #[test]
    fn a_size_is_read_with_its_unit_and_bounds() {
        for (text, bytes) in
            [("1B", 1), ("256MiB", 256 << 20), ("1GB", 1_000_000_000), ("8 MiB", 8 << 20), ("2kB", 2_000)]
        {
            assert_eq!(size(text, 0, u64::MAX), Ok(bytes), "{text}");
        }
        for text in ["", "8", "MiB", "8Mb", "8mib", "-8MiB", "1.5GiB", "99999999999999999999B", "16777216TiB"] {
            assert!(size(text, 0, u64::MAX).is_err(), "{text}");
        }
        assert_eq!(size("1KiB", 1 << 20, 1 << 30), Err("expected 1MiB to 1GiB".to_owned()));
    }

    #[test]
    fn a_limit_is_calls_over_time() {
        assert_eq!(limit("900/15m"), Ok(Limit { calls: 900, per: Duration::from_mins(15) }));
        assert_eq!(limit("1 / 1s"), limit("1/1s"));
        for text in ["", "900", "/15m", "900/", "0/15m", "900/0s", "900/15", "-1/15m", "1000001/1s", "9/1m/1m", "+9/1m"]
        {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_limit_reads_back_as_written(calls in 1..=MOST_CALLS, milliseconds in 1..=315_360_000_000_u64) {
            let written = Limit { calls, per: Duration::from_millis(milliseconds) };
            prop_assert_eq!(limit(&written.to_string()), Ok(written));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,30}") {
            let _ = (duration(&text, true), size(&text, 0, u64::MAX), limit(&text));
        }
    }
}
