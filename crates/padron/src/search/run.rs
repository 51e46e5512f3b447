//! One search: which reasons are tried, from the best to the weakest, and when there is enough.
//!
//! A weaker reason is tried only where there is still room, and a guess only where good hits are few. What the first page
//! decided holds for the pages behind it.
//! Left out: what is tried for a reason, and how.

use std::time::Instant;

use chasqui_types::Ruc;

use crate::corrupt::Corrupt;

use super::error::NAMES;
use super::fold::Folded;
use super::judge::{self, Depth, MAX_TERMS, Term};
use super::mark::{Binding, Decided, Mark};
use super::part::{Part, State};
use super::seen::{Seen, as_float};
use super::walk::{Shared, entry_of, reason_of};
use super::{Hit, Page, Query, Reason, WordMatch, typo};

/// With fewer good hits than this, weaker ones are looked for.
const FEW: usize = 3;

/// What a search found.
pub(crate) struct Outcome {
    hits: Vec<Hit>,
    mark: Option<Mark>,
    is_complete: bool,
}

/// Searches the parts.
pub(crate) fn run<'a>(
    parts: impl Iterator<Item = (usize, Part<'a>, &'a [State])>,
    query: &Query,
    mark: Option<Mark>,
    hidden: &dyn Fn(Ruc) -> bool,
    now: &dyn Fn() -> Instant,
) -> Result<Outcome, Corrupt> {
    // One more than is shown, to know whether there is another page.
    let want = query.limit.max(FEW) + 1;
    let mut shared = Shared::new(want, mark.map(|mark| mark.rank), query.within, hidden, now);
    let mut folded = Folded::default();
    folded.read_text(&query.text);
    let words: Vec<&[u8]> = folded.iter().take(MAX_TERMS).collect();
    let mut parts =
        parts.map(|part| Seen::new(part, &words, &query.filters, &mut shared)).collect::<Result<Vec<_>, _>>()?;
    parts.retain(|part| part.allowed.as_ref().is_none_or(|allowed| allowed.contains(&true)));
    let terms = terms(&words, &parts);
    let decided =
        if terms.is_empty() { Decided::default() } else { all(&mut parts, &terms, &mut shared, query, mark)? };
    let is_complete = shared.is_complete;
    let mut ranks = shared.hits.into_sorted_vec();
    ranks.dedup();
    let is_more = ranks.len() > query.limit;
    ranks.truncate(query.limit);
    let n_before = mark.map_or(0, |mark| mark.n_before);
    let n_hits = u32::try_from(ranks.len()).expect("a page has at most a hundred");
    let mark =
        ranks.last().filter(|_| is_more).map(|&rank| Mark { rank, n_before: n_before.saturating_add(n_hits), decided });
    let hits = ranks.iter().map(|&rank| hit(rank, &mut parts, &terms)).collect::<Result<_, _>>()?;
    Ok(Outcome { hits, mark, is_complete })
}

/// From the best reason to the weakest.
fn all(
    parts: &mut [Seen<'_>],
    terms: &[Term],
    shared: &mut Shared<'_>,
    query: &Query,
    mark: Option<Mark>,
) -> Result<Decided, Corrupt> {
    let mut decided = mark.map(|mark| mark.decided).unwrap_or_default();
    let reached = mark.map_or(Reason::Exact as u8, |mark| reason_of(mark.rank));
    let n_before = mark.map_or(0, |mark| mark.n_before as usize);
    let is_full = |shared: &Shared<'_>| shared.hits.len() > query.limit;
    let has_few = |shared: &Shared<'_>| n_before + shared.hits.len() < FEW;
    for part in &mut *parts {
        part.whole(terms, shared)?;
    }
    decided.is_settled |= shared.hits.iter().any(|&rank| reason_of(rank) == Reason::Exact as u8);
    if is_full(shared) {
        return Ok(decided);
    }
    for part in &mut *parts {
        part.longer(terms, shared)?;
    }
    if is_full(shared) || decided.is_settled {
        return Ok(decided);
    }
    if reached >= Reason::Typo as u8 || has_few(shared) {
        for part in &mut *parts {
            part.misspelt(terms, shared)?;
        }
    }
    if is_full(shared) || !(reached >= Reason::Partial as u8 || has_few(shared)) {
        return Ok(decided);
    }
    for part in &mut *parts {
        part.without_one(terms, shared)?;
    }
    // Two words that say most are better than nothing, and then the one.
    for n_kept in [2, 1] {
        let step = 3 - n_kept;
        if decided.n_steps >= step || n_before + shared.hits.len() == 0 {
            decided.n_steps = decided.n_steps.max(step);
            for part in &mut *parts {
                part.with_only(usize::from(n_kept), terms, shared)?;
            }
        }
    }
    Ok(decided)
}

/// The words, and how much each says in these parts: the fewer names have it, the more.
fn terms(words: &[&[u8]], parts: &[Seen<'_>]) -> Vec<Term> {
    let n_names: usize = parts.iter().map(|part| part.part.n_entries() as usize).sum();
    let says = |place: usize| {
        let n: usize = parts.iter().map(|part| part.needs[place].n_whole.max(part.needs[place].n_longer)).sum();
        (as_float(n_names + 1) / as_float(n + 1)).ln() + 0.01
    };
    let total: f64 = (0..words.len()).map(says).sum();
    let term = |(place, &word): (usize, &&[u8])| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 120")]
        let weight = (says(place) / total * 120.0).round() as u8;
        Term { text: word.into(), edits: typo::allowed(word), weight }
    };
    words.iter().enumerate().map(term).collect()
}

/// Judges a hit once more, to say what was found.
fn hit(rank: u64, parts: &mut [Seen<'_>], terms: &[Term]) -> Result<Hit, Corrupt> {
    let (bucket, index, entry) = entry_of(rank);
    let seen = parts.iter_mut().find(|part| part.index == index).ok_or(NAMES)?;
    seen.part.tokens(entry, &mut seen.tokens)?;
    let (found, n_found) = judge::find(&seen.part, terms, &mut seen.sought, &seen.tokens, Depth::Partial)?;
    let tokens = seen.tokens.as_slice();
    let verdict = judge::verdict(terms, &found, n_found, &seen.tokens, &seen.forms).ok_or(NAMES)?;
    let mut words = Vec::with_capacity(n_found);
    let say = |word: &[u8]| String::from_utf8_lossy(word).into();
    for (term, found) in terms.iter().zip(found) {
        if let Some((at, likeness)) = found {
            let word = seen.part.word(seen.part.place_of(tokens[at])?)?;
            words.push(WordMatch { asked: say(&term.text), found: say(word), likeness });
        }
    }
    let score = judge::score(verdict, terms.len(), bucket);
    Ok(Hit { ruc: seen.part.ruc(entry)?, score, reason: verdict.0, words })
}

// === impl Outcome ===

impl Outcome {
    pub(crate) fn page(self, binding: Binding) -> Page {
        Page { hits: self.hits, cursor: self.mark.map(|mark| mark.write(binding)), is_complete: self.is_complete }
    }
}
