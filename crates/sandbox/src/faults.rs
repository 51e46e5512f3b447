//! How the sandbox misbehaves, as a value: which fault, where, how often.
//!
//! Rules are data, so that a test, a flag and the control route say the same thing in the same words.
//! Left out: doing it. Delays, answers and broken connections are made where a call is served.

mod chosen;
mod text;

use std::collections::BTreeMap;
use std::time::Duration;

use chasqui_types::Ruc;
use serde::{Deserialize, Serialize};

pub(crate) use self::chosen::{ActiveFaults, Chosen};
pub use self::text::ParseFaultError;
use crate::endpoint::Endpoint;

/// Everything that goes wrong. Nothing, by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Rules for calls. All that strike a call apply: delays add up, and of faults that exclude each other the first
    /// one wins.
    pub calls: Vec<FaultRule>,
    /// Rules for numbers: every call that asks for the number, alone or among others. They come before the others.
    pub rules: BTreeMap<Ruc, Fault>,
    /// When nothing answers at all.
    pub outage: Option<Outage>,
}

/// A fault, and the calls that it strikes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// At these endpoints; everywhere if there are none.
    #[serde(default)]
    pub on: Vec<Endpoint>,
    /// This part of those calls, from 0 to 1. Exact rather than random: 0.2 strikes every fifth.
    #[serde(default = "whole")]
    pub share: f64,
    /// What happens.
    pub fault: Fault,
}

/// One kind of misbehaviour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Answers later.
    Latency {
        /// By this many milliseconds,
        ms: u64,
        /// and by up to this many more, evenly spread.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// Answers this status with the framework's error body.
    Status {
        /// 500 to 599.
        status: u16,
    },
    /// Answers 429.
    Throttle {
        /// Seconds for `Retry-After`; none leaves the header out.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// Answers 401, whatever the token.
    Unauthorized,
    /// Answers 403 in MIGO's words: the plan has run out.
    Forbidden,
    /// Answers 422, with everything the request carried in the message: the token, the numbers, the address.
    Echo,
    /// Spoils the JSON of the answer.
    Malformed,
    /// Answers a web page.
    Html {
        /// Under this status.
        #[serde(default = "ok")]
        status: u16,
    },
    /// Promises the whole body, sends the first half, closes the connection.
    Truncated,
    /// Gives the answer another `Content-Type`.
    ContentType {
        /// Such as `text/html`.
        value: String,
    },
    /// Resets the connection instead of answering.
    Reset,
    /// Sends the body in small pieces.
    Drip {
        /// Bytes at a time,
        #[serde(default = "drip_bytes")]
        bytes: usize,
        /// a pause of this many milliseconds before each.
        #[serde(default = "drip_pause")]
        every_ms: u64,
    },
    /// Reads the request and never answers.
    Silence,
    /// Leaves records out of a list (a collection, the rates of a range, representatives): every `every`th, or for a
    /// number's rule that number.
    Omit {
        /// 1 leaves out all.
        #[serde(default = "second")]
        every: usize,
    },
    /// Answers a list the other way round.
    Reorder,
    /// Answers each record of a list twice.
    Repeat,
    /// Answers a list without any record.
    Empty,
    /// Adds a record to a list that nobody asked for.
    Foreign,
    /// Answers a collection in the older form, `{"success": true, "data": [...]}`.
    Wrapped,
}

/// Nothing answers for the last part of every period, counted from the sandbox's start: connections are reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// The period, in milliseconds.
    pub every_ms: u64,
    /// How much of its end is down, in milliseconds; as long as the period, it is always down.
    pub down_ms: u64,
}

fn whole() -> f64 {
    1.0
}

fn ok() -> u16 {
    200
}

fn second() -> usize {
    2
}

fn drip_bytes() -> usize {
    16
}

fn drip_pause() -> u64 {
    20
}

// === impl Faults ===

impl Faults {
    /// Every call is struck by `fault`.
    pub fn always(fault: Fault) -> Self {
        Self::default().and(FaultRule::always(fault))
    }

    /// What both say together; a later outage outweighs an earlier one.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.calls.extend(other.calls);
        self.rules.extend(other.rules);
        self.outage = other.outage.or(self.outage);
        self
    }

    /// With one more rule for calls.
    #[must_use]
    pub fn and(mut self, rule: FaultRule) -> Self {
        self.calls.push(rule);
        self
    }

    /// With a rule for one number, in place of an earlier one.
    #[must_use]
    pub fn for_number(mut self, ruc: Ruc, fault: Fault) -> Self {
        self.rules.insert(ruc, fault);
        self
    }

    /// With outages: of every `every`, the last `down`. Counted in whole milliseconds.
    #[must_use]
    pub fn with_outage(mut self, every: Duration, down: Duration) -> Self {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.outage = Some(Outage { every_ms: millis(every), down_ms: millis(down) });
        self
    }
}

// === impl FaultRule ===

impl FaultRule {
    /// Strikes every call.
    pub fn always(fault: Fault) -> Self {
        Self { on: Vec::new(), share: whole(), fault }
    }

    /// At these endpoints only.
    #[must_use]
    pub fn at(mut self, endpoints: &[Endpoint]) -> Self {
        self.on = endpoints.to_vec();
        self
    }

    /// This part of the calls only, from 0 to 1.
    #[must_use]
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }
}

// === impl Outage ===

impl Outage {
    /// Whether it is down, this long after the start.
    pub(crate) fn is_down(self, since_start: Duration) -> bool {
        let every = u128::from(self.every_ms.max(1));
        since_start.as_millis() % every + u128::from(self.down_ms) >= every
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_the_end_of_each_period() {
        let check = |every_ms, down_ms, at: &[(u64, bool)]| {
            for &(millis, down) in at {
                let outage = Outage { every_ms, down_ms };
                assert_eq!(outage.is_down(Duration::from_millis(millis)), down, "{outage:?} at {millis}");
            }
        };
        check(10, 2, &[(0, false), (7, false), (8, true), (9, true), (10, false), (18, true)]);
        check(10, 10, &[(0, true), (5, true), (10, true)]);
        check(10, 0, &[(0, false), (9, false)]);
        check(0, 1, &[(0, true), (1, true)]);
    }

    #[test]
    fn faults_read_back_from_their_json() {
        let faults = Faults::always(Fault::Latency { ms: 5, jitter_ms: 2 })
            .and(FaultRule::always(Fault::Status { status: 503 }).at(&[Endpoint::Collection]).share(0.25))
            .for_number("20131312955".parse().unwrap(), Fault::Reset)
            .with_outage(Duration::from_secs(10), Duration::from_secs(2));
        let json = serde_json::to_string(&faults).unwrap();
        assert_eq!(serde_json::from_str::<Faults>(&json).unwrap(), faults);
        assert!(json.contains(r#""rules":{"20131312955":{"kind":"reset"}}"#), "{json}");
    }

    #[test]
    fn json_fills_in_what_is_left_out_and_refuses_what_is_unknown() {
        let read = |json: &str| serde_json::from_str::<Faults>(json);
        let faults = read(r#"{"calls": [{"fault": {"kind": "html"}}, {"fault": {"kind": "omit"}}]}"#).unwrap();
        assert_eq!(faults.calls[0], FaultRule::always(Fault::Html { status: 200 }));
        assert_eq!(faults.calls[1], FaultRule::always(Fault::Omit { every: 2 }));
        assert!(read(r#"{"call": []}"#).is_err());
        assert!(read(r#"{"calls": [{"fault": {"kind": "explode"}}]}"#).is_err());
        assert!(read(r#"{"rules": {"20131312954": {"kind": "reset"}}}"#).is_err());
    }
}
