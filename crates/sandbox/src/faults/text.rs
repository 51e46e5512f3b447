//! Faults as flags write them: `status=503@20%, collection:omit=3, 20131312955:reset, outage=10s/2s`.
//!
//! Left out: everything that JSON says and one word cannot, such as a rule for two endpoints at once.

use std::str::FromStr;

use chasqui_types::Ruc;

use super::{Fault, FaultRule, Faults, Outage, drip_bytes, drip_pause, ok, second, whole};
use crate::endpoint::Endpoint;
use crate::span;

/// Why a text is no list of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseFaultError {
    /// The part before `:` is neither an endpoint nor a number.
    #[error("{rule}: what stands before the colon is neither an endpoint nor a RUC")]
    Target {
        /// The rule, as written.
        rule: String,
    },
    /// There is no such kind of fault.
    #[error("{rule}: there is no such fault")]
    Kind {
        /// The rule, as written.
        rule: String,
    },
    /// The part after `=` is missing, superfluous or not what this fault takes.
    #[error("{rule}: this fault takes {takes}")]
    Value {
        /// The rule, as written.
        rule: String,
        /// What it takes.
        takes: &'static str,
    },
    /// The part after `@` is not a share.
    #[error("{rule}: a share is written @20%, between 0 and 100, and not for a number or an outage")]
    Share {
        /// The rule, as written.
        rule: String,
    },
}

// === impl Faults ===

impl FromStr for Faults {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        for rule in text.split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
            faults.read(rule)?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn read(&mut self, rule: &str) -> Result<(), ParseFaultError> {
        let wrong_share = || ParseFaultError::Share { rule: rule.to_owned() };
        let (rest, share) = match rule.split_once('@') {
            Some((rest, share)) => (rest, Some(read_share(share).ok_or_else(wrong_share)?)),
            None => (rule, None),
        };
        let (target, fault) = match rest.split_once(':') {
            Some((target, fault)) => (Some(target.trim()), fault),
            None => (None, rest),
        };
        let (kind, value) = match fault.split_once('=') {
            Some((kind, value)) => (kind.trim(), Some(value.trim())),
            None => (fault.trim(), None),
        };
        if kind == "outage" && target.is_none() {
            let takes = "a period and how much of it is down, as in 10s/2s";
            let outage = value.and_then(read_outage);
            self.outage = Some(outage.ok_or_else(|| ParseFaultError::Value { rule: rule.to_owned(), takes })?);
            return if share.is_some() { Err(wrong_share()) } else { Ok(()) };
        }
        let fault = read_fault(rule, kind, value)?;
        let endpoint = target.map(|target| Endpoint::ALL.into_iter().find(|endpoint| endpoint.as_str() == target));
        match (target, endpoint) {
            (Some(target), Some(None)) => {
                let ruc: Ruc = target.parse().map_err(|_| ParseFaultError::Target { rule: rule.to_owned() })?;
                if share.is_some() {
                    return Err(wrong_share());
                }
                self.rules.insert(ruc, fault);
            }
            (_, endpoint) => {
                let on = endpoint.flatten().into_iter().collect();
                self.calls.push(FaultRule { on, share: share.unwrap_or_else(whole), fault });
            }
        }
        Ok(())
    }
}

fn read_share(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

fn read_outage(text: &str) -> Option<Outage> {
    let (every, down) = text.split_once('/')?;
    let (every_ms, down_ms) = (read_millis(every)?, read_millis(down)?);
    (every_ms > 0 && down_ms <= every_ms).then_some(Outage { every_ms, down_ms })
}

fn read_millis(text: &str) -> Option<u64> {
    span::parse(text)?.as_millis().try_into().ok()
}

fn read_fault(rule: &str, kind: &str, value: Option<&str>) -> Result<Fault, ParseFaultError> {
    let plain = |fault: Fault| (value.is_none().then_some(fault), "no value");
    let (fault, takes) = match kind {
        "latency" => (value.and_then(read_latency), "a time, as in 100ms or 100ms+50ms"),
        "status" => {
            let status = value.and_then(|text| text.parse().ok()).filter(|status| (500..600).contains(status));
            (status.map(|status| Fault::Status { status }), "a status from 500 to 599")
        }
        "throttle" => {
            let seconds = value.map(|text| text.trim_end_matches('s').parse::<u64>()).transpose().ok();
            (seconds.map(|retry_after| Fault::Throttle { retry_after }), "seconds, or no value")
        }
        "html" => {
            let status =
                value.map_or(Some(ok()), |text| text.parse().ok()).filter(|status| (200..600).contains(status));
            (status.map(|status| Fault::Html { status }), "a status from 200 to 599, or no value")
        }
        "content-type" => {
            let usable = value.filter(|text| http::HeaderValue::from_str(text).is_ok() && !text.is_empty());
            (usable.map(|value| Fault::ContentType { value: value.to_owned() }), "a type, as in text/html")
        }
        "drip" => (
            value
                .map_or(Some((drip_bytes(), drip_pause())), read_drip)
                .map(|(bytes, every_ms)| Fault::Drip { bytes, every_ms }),
            "bytes and a pause, as in 16/50ms, or no value",
        ),
        "omit" => {
            let every = value.map_or(Some(second()), |text| text.parse().ok()).filter(|every| *every > 0);
            (every.map(|every| Fault::Omit { every }), "a number from 1, or no value")
        }
        "unauthorized" => plain(Fault::Unauthorized),
        "forbidden" => plain(Fault::Forbidden),
        "echo" => plain(Fault::Echo),
        "malformed" => plain(Fault::Malformed),
        "truncated" => plain(Fault::Truncated),
        "reset" => plain(Fault::Reset),
        "silence" => plain(Fault::Silence),
        "reorder" => plain(Fault::Reorder),
        "repeat" => plain(Fault::Repeat),
        "empty" => plain(Fault::Empty),
        "foreign" => plain(Fault::Foreign),
        "wrapped" => plain(Fault::Wrapped),
        _ => return Err(ParseFaultError::Kind { rule: rule.to_owned() }),
    };
    fault.ok_or_else(|| ParseFaultError::Value { rule: rule.to_owned(), takes })
}

fn read_latency(text: &str) -> Option<Fault> {
    let (base, jitter) = text.split_once('+').unwrap_or((text, "0ms"));
    Some(Fault::Latency { ms: read_millis(base)?, jitter_ms: read_millis(jitter)? })
}

fn read_drip(text: &str) -> Option<(usize, u64)> {
    let (bytes, pause) = text.split_once('/')?;
    let bytes: usize = bytes.trim().parse().ok().filter(|bytes| *bytes > 0)?;
    Some((bytes, read_millis(pause)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_with_and_without_its_value() {
        check("latency=100ms", Fault::Latency { ms: 100, jitter_ms: 0 });
        check("latency=1s+50ms", Fault::Latency { ms: 1000, jitter_ms: 50 });
        check("status=503", Fault::Status { status: 503 });
        check("throttle", Fault::Throttle { retry_after: None });
        check("throttle=7", Fault::Throttle { retry_after: Some(7) });
        check("throttle=7s", Fault::Throttle { retry_after: Some(7) });
        check("unauthorized", Fault::Unauthorized);
        check("forbidden", Fault::Forbidden);
        check("echo", Fault::Echo);
        check("malformed", Fault::Malformed);
        check("html", Fault::Html { status: 200 });
        check("html=404", Fault::Html { status: 404 });
        check("truncated", Fault::Truncated);
        check("content-type=text/html; charset=UTF-8", Fault::ContentType { value: "text/html; charset=UTF-8".into() });
        check("reset", Fault::Reset);
        check("drip", Fault::Drip { bytes: 16, every_ms: 20 });
        check("drip=1/2s", Fault::Drip { bytes: 1, every_ms: 2000 });
        check("silence", Fault::Silence);
        check("omit", Fault::Omit { every: 2 });
        check("omit=1", Fault::Omit { every: 1 });
        check("reorder", Fault::Reorder);
        check("repeat", Fault::Repeat);
        check("empty", Fault::Empty);
        check("foreign", Fault::Foreign);
        check("wrapped", Fault::Wrapped);
    }

    #[track_caller]
    fn check(text: &str, fault: Fault) {
        assert_eq!(text.parse(), Ok(Faults::always(fault)), "{text}");
    }

    #[test]
    fn rules_are_aimed_and_shared() {
        let faults: Faults = "collection:status=502@12.5%,, 20131312955:reset , outage=10s/2s".parse().unwrap();
        let rule = FaultRule::always(Fault::Status { status: 502 }).at(&[Endpoint::Collection]).share(0.125);
        assert_eq!(faults.calls, [rule]);
        assert_eq!(faults.rules.values().collect::<Vec<_>>(), [&Fault::Reset]);
        assert_eq!(faults.outage, Some(Outage { every_ms: 10_000, down_ms: 2000 }));
        assert_eq!("".parse(), Ok(Faults::default()));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_rule_and_the_reason() {
        for (text, message) in [
            ("reset, explode", "explode: there is no such fault"),
            ("nrp:reset", "nrp:reset: what stands before the colon is neither an endpoint nor a RUC"),
            ("20131312954:reset", "20131312954:reset: what stands before the colon is neither an endpoint nor a RUC"),
            ("status", "status: this fault takes a status from 500 to 599"),
            ("status=404", "status=404: this fault takes a status from 500 to 599"),
            ("reset=1", "reset=1: this fault takes no value"),
            ("omit=0", "omit=0: this fault takes a number from 1, or no value"),
            ("outage=2s/10s", "outage=2s/10s: this fault takes a period and how much of it is down, as in 10s/2s"),
            ("reset@20", "reset@20: a share is written @20%, between 0 and 100, and not for a number or an outage"),
            ("reset@120%", "reset@120%: a share is written @20%, between 0 and 100, and not for a number or an outage"),
        ] {
            assert_eq!(text.parse::<Faults>().unwrap_err().to_string(), message);
        }
    }
}
