//! How well one name fits what is asked.
//!
//! The same name gets the same verdict however it was come across, so it is given once, in its place among the hits.
//! Left out: coming across it.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::corrupt::Corrupt;

use super::part::{Part, Tokens};
use super::{Likeness, Reason, bucket, typo};

/// Words of a query beyond this many are not asked for.
pub(crate) const MAX_TERMS: usize = 32;
const NOT_NEAR: u8 = u8::MAX;
/// Where so many words of a name were not asked for, more of them make no difference.
pub(crate) const MANY_OTHERS: u8 = 3;
/// What each of the others costs, for each kind of reason.
pub(crate) const WHOLE_STEP: u8 = 64;
pub(crate) const PREFIX_STEP: u8 = 32;
pub(crate) const TYPO_STEP: u8 = 8;

/// A word of the query.
pub(crate) struct Term {
    pub(crate) text: Box<[u8]>,
    /// How many edits away it may be.
    pub(crate) edits: u8,
    /// How much it says, as a share of what all words say, in 120ths.
    pub(crate) weight: u8,
}

/// A word of the query, in one part.
pub(crate) struct Sought {
    /// Its number, if the part has the word.
    pub(crate) whole: Option<u32>,
    /// The places of words it may be the beginning of, itself included; empty where it may not.
    pub(crate) longer: std::ops::Range<u32>,
    /// How many edits away each word is that was compared.
    near: HashMap<u32, u8, RandomState>,
}

/// How far a judge looks for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    Whole,
    Prefix,
    Typo,
    Partial,
}

/// What was found for each word: where in the name, and as what.
pub(crate) type Found = [Option<(usize, Likeness)>; MAX_TERMS];

/// Why a name is a hit, and how far it is from the best of that reason.
pub(crate) type Verdict = (Reason, u8);

// === impl Sought ===

impl Sought {
    pub(crate) fn new(whole: Option<u32>, longer: std::ops::Range<u32>) -> Self {
        Self { whole, longer, near: HashMap::default() }
    }

    fn is_longer(&self, part: &Part<'_>, number: u32) -> Result<bool, Corrupt> {
        Ok(!self.longer.is_empty() && self.longer.contains(&part.place_of(number)?))
    }

    fn edits(&mut self, part: &Part<'_>, term: &Term, number: u32) -> Result<Option<u8>, Corrupt> {
        let edits = if let Some(&edits) = self.near.get(&number) {
            edits
        } else {
            let word = part.word(part.place_of(number)?)?;
            let edits = typo::edits(&term.text, word, term.edits).unwrap_or(NOT_NEAR);
            self.near.insert(number, edits);
            edits
        };
        Ok((edits != NOT_NEAR).then_some(edits))
    }
}

/// Looks for every word in a name, the likest first, and takes no word of the name twice.
pub(crate) fn find(
    part: &Part<'_>,
    terms: &[Term],
    sought: &mut [Sought],
    tokens: &Tokens,
    depth: Depth,
) -> Result<(Found, usize), Corrupt> {
    let tokens = tokens.as_slice();
    let mut found: Found = [None; MAX_TERMS];
    let (mut used, mut n_found, mut behind) = (0_u64, 0, 0);
    for (found, sought) in found.iter_mut().zip(&*sought) {
        let Some(whole) = sought.whole else { continue };
        // Behind the word before it if it stands there, so that words in order are seen to be.
        let mut places = (behind..tokens.len()).chain(0..behind);
        if let Some(at) = places.find(|&at| tokens[at] == whole && used >> at & 1 == 0) {
            *found = Some((at, Likeness::Whole));
            used |= 1 << at;
            n_found += 1;
            behind = at + 1;
        }
    }
    if depth >= Depth::Prefix && n_found < terms.len() {
        for (found, sought) in found.iter_mut().zip(&*sought).filter(|(found, _)| found.is_none()) {
            for (at, &token) in tokens.iter().enumerate() {
                if used >> at & 1 == 0 && sought.is_longer(part, token)? {
                    *found = Some((at, Likeness::Prefix));
                    used |= 1 << at;
                    n_found += 1;
                    break;
                }
            }
        }
    }
    if depth >= Depth::Typo && n_found < terms.len() {
        for ((found, sought), term) in found.iter_mut().zip(sought).zip(terms) {
            if found.is_some() || term.edits == 0 {
                continue;
            }
            let mut best: Option<(u8, usize)> = None;
            for (at, &token) in tokens.iter().enumerate() {
                if used >> at & 1 == 0
                    && let Some(edits) = sought.edits(part, term, token)?
                    && best.is_none_or(|(least, _)| edits < least)
                {
                    best = Some((edits, at));
                }
            }
            if let Some((edits, at)) = best {
                *found = Some((at, Likeness::Typo { edits }));
                used |= 1 << at;
                n_found += 1;
            }
        }
    }
    Ok((found, n_found))
}

/// The verdict on what was found in a name; `None` if that is nothing.
///
/// The fewer other words a name has, the nearer it is to what is asked; that counts before being active does. A legal
/// form is what people leave out, so a name that has one besides has nothing else.
pub(crate) fn verdict(
    terms: &[Term],
    found: &Found,
    n_found: usize,
    tokens: &Tokens,
    forms: &[u32],
) -> Option<Verdict> {
    if n_found == 0 {
        return None;
    }
    let found = &found[..terms.len()];
    let mut last = None;
    let mut is_in_order = true;
    let (mut n_longer, mut edits, mut left_out) = (0, 0_u8, 0_u8);
    for (found, term) in found.iter().zip(terms) {
        match found {
            Some((at, likeness)) => {
                is_in_order &= last.replace(at).is_none_or(|last| last < at);
                match likeness {
                    Likeness::Whole => {}
                    Likeness::Prefix => n_longer += 1,
                    Likeness::Typo { edits: n } => edits = edits.saturating_add(*n),
                }
            }
            None => left_out = left_out.saturating_add(term.weight),
        }
    }
    let out_of_order = u8::from(!is_in_order);
    let tokens = tokens.as_slice();
    let is_found = |at: usize| found.iter().flatten().any(|&(place, _)| place == at);
    let others = match tokens.len() - n_found {
        0 => 0,
        1 => u8::from(!(0..tokens.len()).all(|at| forms.contains(&tokens[at]) || is_found(at))),
        n => u8::try_from(n).unwrap_or(MANY_OTHERS).min(MANY_OTHERS),
    };
    Some(if n_found < terms.len() {
        (Reason::Partial, left_out.saturating_mul(2) | out_of_order)
    } else if edits > 0 {
        (Reason::Typo, edits.min(3) * 64 + out_of_order * 32 + others * TYPO_STEP)
    } else if n_longer > 0 {
        (Reason::Prefix, out_of_order * 128 + others * PREFIX_STEP)
    } else if !is_in_order {
        (Reason::AllWords, others * WHOLE_STEP)
    } else if tokens.len() > n_found {
        (Reason::InOrder, others * WHOLE_STEP)
    } else {
        (Reason::Exact, 0)
    })
}

/// The score of a hit: hits of a better reason have a better one, and so on down the order of hits.
pub(crate) fn score((reason, penalty): Verdict, n_terms: usize, of: u16) -> f32 {
    let (low, high) = match reason {
        Reason::Exact => (0.95, 1.0),
        Reason::InOrder => (0.85, 0.95),
        Reason::AllWords => (0.75, 0.85),
        Reason::Prefix => (0.6, 0.75),
        Reason::Typo => (0.4, 0.6),
        Reason::Partial => (0.0, 0.4),
    };
    let n_terms = u8::try_from(n_terms).unwrap_or(u8::MAX);
    // How much of the name was asked for; less than one step of the penalty, as is being active.
    let asked = f32::from(n_terms.min(bucket::n_words(of))) / f32::from(bucket::n_words(of).max(1));
    let kept = f32::from(u8::MAX - penalty) + f32::from(u8::from(bucket::is_active(of))) * 0.5 + asked * 0.49;
    low + (high - low) * kept / 256.0
}
