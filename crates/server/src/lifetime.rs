//! Lengths of time as operators read them: `24h`, `1h30m`, `45s`.
//!
//! The same words as in a configuration, so that what is read here can be written there.

use std::fmt::Write as _;
use std::time::Duration;

/// Writes hours, minutes and seconds, leaving out those that are zero; below a second, milliseconds.
pub(crate) fn readable(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        return if time.is_zero() { "0s".to_owned() } else { format!("{}ms", time.as_millis().max(1)) };
    }
    let seconds = time.as_secs();
    let mut text = String::new();
    for (unit, n) in [("h", seconds / 3_600), ("m", seconds / 60 % 60), ("s", seconds % 60)] {
        if n > 0 {
            write!(text, "{n}{unit}").expect("writing to a string cannot fail");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_written_as_people_say_it() {
        for (seconds, text) in [(3_600, "1h"), (86_400, "24h"), (900, "15m"), (5_400, "1h30m"), (59, "59s"), (0, "0s")]
        {
            assert_eq!(readable(Duration::from_secs(seconds)), text);
        }
        assert_eq!(readable(Duration::from_micros(10)), "1ms");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 1_u64..=315_360_000) {
            let time = Duration::from_secs(seconds);
            prop_assert_eq!(chasqui::config::parse_duration(&readable(time)), Ok(time));
        }
    }
}
