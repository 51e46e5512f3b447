//! Moments and dates, in one place.
//!
//! The date library is young and will break us once when it reaches 1.0; every other crate takes its types from here,
//! so that the bump touches one file.
//! Left out: reading the clock. Moments come in as arguments.

pub use jiff::SignedDuration;
pub use jiff::Timestamp;
pub use jiff::civil::{Date, DateTime};
use jiff::tz::{self, TimeZone};

/// Lima's zone: five hours behind UTC all year, without daylight saving.
///
/// Fixed rather than read from the system's zone files, so that a bare container answers the same.
pub fn lima() -> TimeZone {
    TimeZone::fixed(tz::offset(-5))
}

/// The moment at which Lima's clocks show `local`, or `None` outside the supported years.
pub fn from_lima(local: DateTime) -> Option<Timestamp> {
    lima().to_timestamp(local).ok()
}

/// What Lima's clocks show at `moment`.
pub fn to_lima(moment: Timestamp) -> DateTime {
    lima().to_datetime(moment)
}

/// A span of `n` days.
pub fn days(n: i32) -> jiff::Span {
    jiff::Span::new().days(n)
}

/// Reads MIGO's `YYYY-MM-DD HH:MM:SS`, which carries no zone and means Lima's (facts: MIGO 1.3).
///
/// A date alone means its midnight. `None` for anything else.
pub fn parse_lima(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let local: DateTime = text.parse().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from))?;
    from_lima(local)
}

/// Writes a moment for people and programs: `2026-11-20T15:01:30Z`, to the second.
pub fn to_rfc3339(moment: Timestamp) -> String {
    moment.strftime("%FT%TZ").to_string()
}

/// Reads a date as HTTP headers carry it, such as `Fri, 20 Nov 2026 10:01:30 GMT`.
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_without_zone_is_limas() {
        assert_eq!(parse_lima("2026-11-20 23:30:00").unwrap().to_string(), "2026-11-21T04:30:00Z");
        assert_eq!(parse_lima("2026-11-20").unwrap().to_string(), "2026-11-20T05:00:00Z");
        assert_eq!(parse_lima("ayer"), None);
    }

    #[test]
    fn a_moment_is_written_to_the_second() {
        let moment: Timestamp = "2026-11-20T15:01:30.987Z".parse().unwrap();
        assert_eq!(to_rfc3339(moment), "2026-11-20T15:01:30Z");
    }

    #[test]
    fn what_lima_shows_reads_back() {
        let moment: Timestamp = "2026-01-01T04:59:59Z".parse().unwrap();
        assert_eq!(to_lima(moment).to_string(), "2025-12-31T23:59:59");
        assert_eq!(from_lima(to_lima(moment)), Some(moment));
    }
}
