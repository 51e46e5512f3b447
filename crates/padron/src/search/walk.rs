//! One walk through the names that several lists have in common.
//!
//! The lists are walked along together, the shortest first, and names they share are judged by their own words, so a
//! list that is too long to help is not read at all. Because entries stand in the order of preference, the walk ends as
//! soon as nothing better can come.
//! Left out: which lists; and what a verdict is.

use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::{Duration, Instant};

use chasqui_types::Ruc;

use crate::corrupt::Corrupt;

use super::Reason;
use super::error::NAMES;
use super::judge::{self, Depth, Term, Verdict};
use super::part::Part;
use super::postings::Group;
use super::seen::Seen;

/// Names judged in one walk; whoever asks for `SAC INVERSIONES` gets the best of these.
const MAX_JUDGED: u32 = 150_000;
/// The same where words are compared letter by letter, and what is found fits less well anyway.
const MAX_JUDGED_LETTERS: u32 = 40_000;
/// Steps between two looks at the clock.
const STEPS: u32 = 512;
/// A list so many times longer than the shortest is not walked along: judging the few names costs less.
const LONGER: usize = 16;

/// What all walks of one search share.
pub(crate) struct Shared<'a> {
    want: usize,
    floor: Option<u64>,
    /// The best so many; the worst of them is at hand.
    pub(crate) hits: BinaryHeap<u64>,
    hidden: &'a dyn Fn(Ruc) -> bool,
    now: &'a dyn Fn() -> Instant,
    deadline: Option<Instant>,
    steps: u32,
    pub(crate) is_late: bool,
    pub(crate) is_complete: bool,
}

/// One walk: up to which depth names are judged, which reasons count, and where.
pub(crate) struct Plan<'p> {
    pub(crate) depth: Depth,
    pub(crate) reasons: &'p [Reason],
    pub(crate) legs: Vec<Leg>,
}

/// Entries to be walked through until enough of the best verdict is found.
pub(crate) struct Leg {
    pub(crate) ranges: Vec<Range<u32>>,
    pub(crate) best: Verdict,
}

// A rank is the verdict, then the bucket, then the part and the entry: the smaller, the better.

fn rank((reason, penalty): Verdict, bucket: u16, part: u8, entry: u32) -> u64 {
    (reason as u64) << 56
        | u64::from(penalty) << 48
        | u64::from(bucket) << 32
        | u64::from(part) << 31
        | u64::from(entry)
}

pub(crate) fn reason_of(rank: u64) -> u8 {
    rank.to_be_bytes()[0]
}

/// The bucket, the part and the entry.
pub(crate) fn entry_of(rank: u64) -> (u16, u8, u32) {
    let bucket = u16::try_from(rank >> 32 & 0xffff).expect("it has 16 bits");
    let entry = u32::try_from(rank & 0x7fff_ffff).expect("it has 31 bits");
    (bucket, u8::from(rank >> 31 & 1 == 1), entry)
}

fn verdict_of(rank: u64) -> (u8, u8) {
    let [reason, penalty, ..] = rank.to_be_bytes();
    (reason, penalty)
}

// === impl Shared ===

impl<'a> Shared<'a> {
    pub(crate) fn new(
        want: usize,
        floor: Option<u64>,
        within: Duration,
        hidden: &'a dyn Fn(Ruc) -> bool,
        now: &'a dyn Fn() -> Instant,
    ) -> Self {
        let deadline = now().checked_add(within);
        let hits = BinaryHeap::new();
        Self { want, floor, hits, hidden, now, deadline, steps: 0, is_late: false, is_complete: true }
    }

    /// Counts a step, and says whether the time is up.
    #[inline]
    pub(crate) fn tick(&mut self) -> bool {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS) {
            self.look();
        }
        self.is_late
    }

    pub(crate) fn look(&mut self) {
        if !self.is_late && self.deadline.is_some_and(|deadline| (self.now)() >= deadline) {
            (self.is_late, self.is_complete) = (true, false);
        }
    }

    /// Whether a verdict is worse than those of all hits, of which there are enough.
    pub(crate) fn is_beaten(&self, (reason, penalty): Verdict) -> bool {
        self.is_full_of_better((reason as u8, penalty))
    }

    fn is_full_of_better(&self, verdict: (u8, u8)) -> bool {
        self.hits.len() >= self.want && self.hits.peek().is_some_and(|&worst| verdict > verdict_of(worst))
    }

    /// Whether there are enough hits, and this is none of the best.
    fn is_worse(&self, rank: u64) -> bool {
        self.hits.len() >= self.want && self.hits.peek().is_some_and(|&worst| rank > worst)
    }

    /// Keeps a hit, and says whether it was one.
    fn keep(&mut self, rank: u64, ruc: Ruc) -> bool {
        let is_told = self.floor.is_some_and(|floor| rank <= floor);
        // Two ways may lead to one name.
        if is_told || self.hits.iter().any(|&hit| hit == rank) || (self.hidden)(ruc) {
            return false;
        }
        self.hits.push(rank);
        if self.hits.len() > self.want {
            self.hits.pop();
        }
        true
    }
}

// === impl Leg ===

impl Leg {
    pub(crate) fn everywhere(part: &Part<'_>, best: Verdict) -> Self {
        Self { ranges: std::iter::once(0..part.n_entries()).collect(), best }
    }
}

// === impl Seen ===

impl Seen<'_> {
    /// Walks through what the groups have in common, and keeps what the plan asks for.
    pub(crate) fn walk(
        &mut self,
        mut groups: Vec<Group<'_>>,
        terms: &[Term],
        shared: &mut Shared<'_>,
        plan: &Plan<'_>,
    ) -> Result<(), Corrupt> {
        groups.sort_by_key(Group::len);
        let longest = groups.first().map_or(0, |shortest| shortest.len().saturating_mul(LONGER));
        groups.retain(|group| group.len() <= longest);
        let mut left = if plan.depth >= Depth::Typo { MAX_JUDGED_LETTERS } else { MAX_JUDGED };
        'legs: for leg in &plan.legs {
            let mut best = (leg.best.0 as u8, leg.best.1);
            if let Some(floor) = shared.floor {
                // What is better was on earlier pages.
                best = best.max(verdict_of(floor));
            }
            // The best that is here is worse than what there is.
            if shared.is_full_of_better(best) {
                continue;
            }
            let mut n_best = 0;
            for range in &leg.ranges {
                let mut entry = range.start;
                while let Some(next) = step(&mut groups, entry, range.end, shared)? {
                    entry = next + 1;
                    if !self.is_allowed(next)? {
                        continue;
                    }
                    if left == 0 {
                        shared.is_complete = false;
                        return Ok(());
                    }
                    left -= 1;
                    let Some(verdict) = self.judge(next, terms, plan)? else { continue };
                    let is_best = (verdict.0 as u8, verdict.1) <= best;
                    if !shared.is_beaten(verdict) {
                        let rank = rank(verdict, self.part.bucket(next)?, self.index, next);
                        if !shared.is_worse(rank) {
                            n_best += usize::from(shared.keep(rank, self.part.ruc(next)?) && is_best);
                            if n_best >= shared.want {
                                continue 'legs;
                            }
                            continue;
                        }
                    }
                    // What follows is no better than this one.
                    if is_best {
                        continue 'legs;
                    }
                }
                if shared.is_late {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn is_allowed(&self, entry: u32) -> Result<bool, Corrupt> {
        let Some(allowed) = &self.allowed else { return Ok(true) };
        let state = self.part.state(entry)?;
        allowed.get(state).copied().ok_or(NAMES)
    }

    #[inline]
    fn judge(&mut self, entry: u32, terms: &[Term], plan: &Plan<'_>) -> Result<Option<Verdict>, Corrupt> {
        self.part.tokens(entry, &mut self.tokens)?;
        let (found, n_found) = judge::find(&self.part, terms, &mut self.sought, &self.tokens, plan.depth)?;
        if n_found < terms.len() && plan.depth < Depth::Partial {
            return Ok(None);
        }
        let verdict = judge::verdict(terms, &found, n_found, &self.tokens, &self.forms);
        Ok(verdict.filter(|(reason, _)| plan.reasons.contains(reason)))
    }
}

/// The next entry that all groups have, if it is in front of `end` and the time is not up.
#[inline]
fn step(groups: &mut [Group<'_>], from: u32, end: u32, shared: &mut Shared<'_>) -> Result<Option<u32>, Corrupt> {
    let mut entry = from;
    while entry < end && !shared.tick() {
        let wanted = entry;
        for group in &mut *groups {
            entry = group.seek(entry)?;
            if entry != wanted {
                break;
            }
        }
        // With the first group ahead, the others are asked in the next round.
        if entry == wanted {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
