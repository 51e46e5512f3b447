//! MIGO's call limits, so that a client can be seen to keep them.
//!
//! A sliding log: in any window of the given length at most so many calls, counted apart for single numbers and for
//! collections, people, rates, documents and the account, as MIGO does. Refused calls do not count.
//! Left out: plans; the sandbox limits nothing unless told to.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::span;

/// At most [`calls`](Self::calls) in any window of length [`per`](Self::per).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub calls: u32,
    /// In how long.
    pub per: Duration,
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a limit is written N/T, as in 900/15m")]
pub struct ParseLimitError;

/// The moments of the calls that still count, by family.
pub(crate) struct Log {
    limit: Limit,
    families: [Mutex<VecDeque<Instant>>; 6],
}

// === impl Limit ===

impl FromStr for Limit {
    type Err = ParseLimitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (calls, per) = text.split_once('/').ok_or(ParseLimitError)?;
        let calls = calls.trim().parse().map_err(|_| ParseLimitError)?;
        let per = span::parse(per).filter(|per| !per.is_zero()).ok_or(ParseLimitError)?;
        Ok(Self { calls, per })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.calls, span::print(self.per))
    }
}

// === impl Log ===

impl Log {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, families: Default::default() }
    }

    /// Counts a call, or says for how long none is taken.
    pub(crate) fn admit(&self, endpoint: Endpoint, now: Instant) -> Result<(), Duration> {
        let family = match endpoint {
            Endpoint::Ruc | Endpoint::V1GetRuc | Endpoint::V2Ruc => 0,
            Endpoint::Collection => 1,
            Endpoint::Dni | Endpoint::V2Dni | Endpoint::Representatives => 2,
            Endpoint::LatestRate | Endpoint::Rate | Endpoint::Rates | Endpoint::V2LatestRate | Endpoint::V2Rate => 3,
            Endpoint::Cpe => 4,
            Endpoint::Account => 5,
            Endpoint::Other => return Ok(()),
        };
        let mut calls = self.families[family].lock().expect("nothing panics while it holds this lock");
        while calls.front().is_some_and(|first| now.duration_since(*first) >= self.limit.per) {
            calls.pop_front();
        }
        if calls.len() < self.limit.calls as usize {
            calls.push_back(now);
            return Ok(());
        }
        Err(calls.front().map_or(self.limit.per, |first| self.limit.per.saturating_sub(now.duration_since(*first))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_read_back_as_they_are_printed() {
        for text in ["900/15m", "1/100ms", "0/1s"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for text in ["", "900", "900/", "x/1s", "5/0s", "5/15"] {
            assert_eq!(text.parse::<Limit>(), Err(ParseLimitError), "{text}");
        }
    }

    #[test]
    fn a_window_holds_so_many_calls_and_then_says_how_long_to_wait() {
        let log = Log::new("2/10s".parse().unwrap());
        #[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
        let start = Instant::now();
        let at = |seconds| log.admit(Endpoint::Ruc, start + Duration::from_secs(seconds));
        assert_eq!((at(0), at(4)), (Ok(()), Ok(())));
        assert_eq!(at(5), Err(Duration::from_secs(5)));
        assert_eq!(log.admit(Endpoint::Collection, start), Ok(()));
        assert_eq!(log.admit(Endpoint::Rates, start), Ok(()));
        assert_eq!((at(10), at(11)), (Ok(()), Err(Duration::from_secs(3))));
    }
}
