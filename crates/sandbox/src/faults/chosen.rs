//! Which faults strike one call.
//!
//! Shares are counted rather than drawn, so that "20 %" is exact and a test that fails, fails again.
//! Left out: what the faults do.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chasqui_types::Ruc;

use super::{Fault, Faults};
use crate::endpoint::Endpoint;
use crate::registry::spread;

/// Faults in force, with a count of calls for each rule.
pub(crate) struct ActiveFaults {
    pub(crate) faults: Faults,
    counts: Vec<AtomicU64>,
    jittered: AtomicU64,
    seed: u64,
}

/// The faults of one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Chosen {
    faults: Vec<Fault>,
    /// Numbers that a rule of their own keeps out of a collection.
    pub(crate) omitted: Vec<Ruc>,
    pub(crate) delay: Duration,
}

// === impl ActiveFaults ===

impl ActiveFaults {
    pub(crate) fn new(faults: Faults, seed: u64) -> Self {
        let counts = faults.calls.iter().map(|_| AtomicU64::new(0)).collect();
        Self { faults, counts, jittered: AtomicU64::new(0), seed }
    }

    pub(crate) fn choose(&self, endpoint: Endpoint, numbers: &[Ruc]) -> Chosen {
        let mut chosen = Chosen::default();
        if !self.faults.rules.is_empty() {
            for ruc in numbers {
                match self.faults.rules.get(ruc) {
                    Some(Fault::Omit { .. }) => chosen.omitted.push(*ruc),
                    Some(fault) => self.add(&mut chosen, fault),
                    None => {}
                }
            }
        }
        for (rule, count) in self.faults.calls.iter().zip(&self.counts) {
            let is_meant = rule.on.is_empty() || rule.on.contains(&endpoint);
            if is_meant && strikes(rule.share, count.fetch_add(1, Ordering::Relaxed)) {
                self.add(&mut chosen, &rule.fault);
            }
        }
        chosen
    }

    fn add(&self, chosen: &mut Chosen, fault: &Fault) {
        if let Fault::Latency { ms, jitter_ms } = *fault {
            let more = match jitter_ms {
                0 => 0,
                _ => {
                    spread(self.seed ^ self.jittered.fetch_add(1, Ordering::Relaxed))
                        % jitter_ms.saturating_add(1).max(1)
                }
            };
            chosen.delay = chosen.delay.saturating_add(Duration::from_millis(ms.saturating_add(more)));
        } else {
            chosen.faults.push(fault.clone());
        }
    }
}

// === impl Chosen ===

impl Chosen {
    /// What the first fault that `pick` takes comes to.
    pub(crate) fn first<'a, T>(&'a self, pick: impl FnMut(&'a Fault) -> Option<T>) -> Option<T> {
        self.faults.iter().find_map(pick)
    }

    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }
}

/// Whether a share strikes the call of this index: as soon as the running total of shares passes a whole number.
fn strikes(share: f64, index: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 calls, and only a count after that")]
    let index = index as f64;
    // A hair more than the share, because tenths added up in binary fall short of the whole.
    let passed = |calls: f64| (calls * share.clamp(0.0, 1.0) + 1e-9).floor();
    passed(index + 1.0) > passed(index)
}

#[cfg(test)]
mod tests {
    use super::super::FaultRule;
    use super::*;

    #[test]
    fn a_share_is_exact_over_any_round_number_of_calls() {
        for (share, of, expected) in
            [(0.0, 100, 0), (0.2, 5, 1), (0.2, 1000, 200), (0.1, 10, 1), (0.5, 7, 3), (1.0, 9, 9)]
        {
            let struck = (0..of).filter(|&index| strikes(share, index)).count();
            assert_eq!(struck, expected, "{share} of {of}");
        }
        assert!((0..9).all(|index| strikes(7.0, index)));
        assert!((0..9).all(|index| !strikes(-1.0, index)));
    }

    #[test]
    fn a_rule_counts_only_the_calls_that_it_is_meant_for() {
        let rule = FaultRule::always(Fault::Reset).at(&[Endpoint::Collection]).share(0.5);
        let active = ActiveFaults::new(Faults::default().and(rule), 0);
        let struck = |endpoint| active.choose(endpoint, &[]).has(&Fault::Reset);
        assert!(!struck(Endpoint::Collection));
        assert!(!struck(Endpoint::Ruc) && !struck(Endpoint::Ruc));
        assert!(struck(Endpoint::Collection));
    }

    #[test]
    fn delays_add_up_and_jitter_stays_within_its_bound() {
        let latency = |ms, jitter_ms| FaultRule::always(Fault::Latency { ms, jitter_ms });
        let active = ActiveFaults::new(Faults::default().and(latency(100, 0)).and(latency(10, 5)), 7);
        let delays: Vec<_> = (0..200).map(|_| active.choose(Endpoint::Ruc, &[]).delay.as_millis()).collect();
        assert!(delays.iter().all(|delay| (110..=115).contains(delay)), "{delays:?}");
        assert!(delays.contains(&110) && delays.contains(&115));
    }

    #[test]
    fn a_numbers_rule_strikes_whatever_call_asks_for_it() {
        let (a, b): (Ruc, Ruc) = ("20131312955".parse().unwrap(), "20100047218".parse().unwrap());
        let faults = Faults::default().for_number(a, Fault::Silence).for_number(b, Fault::Omit { every: 1 });
        let active = ActiveFaults::new(faults, 0);
        assert_eq!(active.choose(Endpoint::Ruc, &[]), Chosen::default());
        let both = active.choose(Endpoint::Collection, &[b, a]);
        assert!(both.has(&Fault::Silence));
        assert_eq!(both.omitted, [b]);
    }
}
