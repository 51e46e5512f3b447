//! One search: which names are looked at, in which order, and when enough is found.
//!
//! Reasons are worked off from the best to the weakest, and a weaker one only if there is still room. For each, the
//! lists of the words that must be there are walked through together, from the shortest; names they have in common are
//! judged by their own words, so a list that is too long to help is not read at all. Because entries stand in the order
//! of preference, the walk ends as soon as nothing better can come.
//! Left out: what a verdict is.

use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Instant;

use chasqui_types::{Ruc, RucPrefix};

use crate::corrupt::Corrupt;

use super::error::NAMES;
use super::fold::Folded;
use super::judge::{self, Depth, MAX_TERMS, Sought, Term, Verdict};
use super::mark::{Binding, Decided, Mark};
use super::part::{Part, State, Tokens};
use super::postings::{Group, SHORT};
use super::{Filters, Hit, Page, Query, Reason, WordMatch, typo};

/// With fewer good hits than this, weaker ones are looked for.
const FEW: usize = 3;
/// Names judged in one walk; whoever asks for `SAC INVERSIONES` gets the best of these.
const MAX_JUDGED: u32 = 150_000;
/// The same where words are compared letter by letter, and what is found fits less well anyway.
const MAX_JUDGED_LETTERS: u32 = 40_000;
/// Steps between two looks at the clock.
const STEPS: u32 = 512;
/// A list so many times longer than the shortest is not walked along: judging the few names costs less.
const LONGER: usize = 16;
/// The most names whose lists are put together for the beginning of a word, and the most lists that are walked along
/// besides; where there are more, looking at names one after the other finds them as fast.
const MAX_LONGER: usize = 1 << 16;
const MAX_LONGER_LISTS: usize = 12;
/// Names that are worth comparing letter by letter, instead of looking for similar words first.
const MAX_COMPARED: f64 = 20_000.0;
/// The most similar words of one.
const MAX_NEAR: usize = 256;

/// A part as one search sees it.
struct Seen<'a> {
    index: u8,
    part: Part<'a>,
    /// Which states the filters let through; `None` for all.
    allowed: Option<Vec<bool>>,
    sought: Vec<Sought>,
    /// What stands for each word: the lists of longer ones where they are short enough.
    needs: Vec<Need>,
    tokens: Tokens,
}

/// What a name must have for one word of the query.
struct Need {
    /// How many names have the word itself.
    n_whole: usize,
    /// The numbers of longer words, unless their lists are too long.
    longer: Option<Vec<u32>>,
    /// How many names have those, as far as was counted.
    n_longer: usize,
}

/// What all walks of one search share.
struct Shared<'a> {
    want: usize,
    floor: Option<u64>,
    /// The best so many; the worst of them is at hand.
    hits: BinaryHeap<u64>,
    hidden: &'a dyn Fn(Ruc) -> bool,
    now: &'a dyn Fn() -> Instant,
    deadline: Option<Instant>,
    steps: u32,
    is_late: bool,
    is_complete: bool,
}

/// One walk: up to which depth names are judged, which reasons count, and where.
struct Plan<'p> {
    depth: Depth,
    reasons: &'p [Reason],
    legs: Vec<Leg>,
}

/// Entries to be walked through until enough of the best verdict is found.
struct Leg {
    ranges: Vec<Range<u32>>,
    best: Verdict,
}

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
    let mut shared = Shared {
        want: query.limit.max(FEW) + 1,
        floor: mark.map(|mark| mark.rank),
        hits: BinaryHeap::new(),
        hidden,
        now,
        deadline: now().checked_add(query.within),
        steps: 0,
        is_late: false,
        is_complete: true,
    };
    let mut folded = Folded::default();
    folded.read_text(&query.text);
    let words: Vec<&[u8]> = folded.iter().take(MAX_TERMS).collect();
    let mut parts = parts.map(|part| Seen::new(part, &words, &query.filters)).collect::<Result<Vec<_>, _>>()?;
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

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn as_float(n: usize) -> f64 {
    n as f64
}

// A rank is the verdict, then the bucket, then the part and the entry: the smaller, the better.

fn rank((reason, penalty): Verdict, bucket: u16, part: u8, entry: u32) -> u64 {
    (reason as u64) << 56
        | u64::from(penalty) << 48
        | u64::from(bucket) << 32
        | u64::from(part) << 31
        | u64::from(entry)
}

fn reason_of(rank: u64) -> u8 {
    rank.to_be_bytes()[0]
}

fn verdict_of(rank: u64) -> (u8, u8) {
    let [reason, penalty, ..] = rank.to_be_bytes();
    (reason, penalty)
}

/// Judges a hit once more, to say what was found.
fn hit(rank: u64, parts: &mut [Seen<'_>], terms: &[Term]) -> Result<Hit, Corrupt> {
    let [_, _, a, b, ..] = rank.to_be_bytes();
    let bucket = u16::from_be_bytes([a, b]);
    let index = u8::from(rank >> 31 & 1 == 1);
    let entry = u32::try_from(rank & 0x7fff_ffff).map_err(|_| NAMES)?;
    let seen = parts.iter_mut().find(|part| part.index == index).ok_or(NAMES)?;
    seen.part.tokens(entry, &mut seen.tokens)?;
    let (found, n_found) = judge::find(&seen.part, terms, &mut seen.sought, &seen.tokens, Depth::Partial)?;
    let tokens = seen.tokens.as_slice();
    let verdict = judge::verdict(terms, &found, n_found, tokens.len()).ok_or(NAMES)?;
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

// === impl Shared ===

impl Shared<'_> {
    /// Counts a step, and says whether the time is up.
    #[inline]
    fn tick(&mut self) -> bool {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS) {
            self.look();
        }
        self.is_late
    }

    fn look(&mut self) {
        if self.deadline.is_some_and(|deadline| (self.now)() >= deadline) {
            (self.is_late, self.is_complete) = (true, false);
        }
    }

    /// Whether a verdict is worse than those of all hits, of which there are enough.
    fn is_beaten(&self, verdict: Verdict) -> bool {
        self.hits.len() >= self.want
            && self.hits.peek().is_some_and(|&worst| (verdict.0 as u8, verdict.1) > verdict_of(worst))
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
    fn everywhere(part: &Part<'_>, best: Verdict) -> Self {
        Self { ranges: std::iter::once(0..part.n_entries()).collect(), best }
    }
}

// === impl Seen ===

impl<'a> Seen<'a> {
    fn new(
        (index, part, states): (usize, Part<'a>, &'a [State]),
        words: &[&[u8]],
        filters: &Filters,
    ) -> Result<Self, Corrupt> {
        let mut seen = Self {
            index: u8::try_from(index).expect("there are two parts"),
            part,
            allowed: None,
            sought: Vec::new(),
            needs: Vec::new(),
            tokens: Tokens::new(),
        };
        if *filters != Filters::default() {
            seen.allowed = Some(states.iter().map(|state| state.fits(filters)).collect());
        }
        for (place, word) in words.iter().enumerate() {
            let whole = part.place(word)?.map(|place| part.number(place)).transpose()?;
            // Somebody may still be typing the last word. Others are taken for beginnings if they are nothing else.
            let may_be_longer = place + 1 == words.len() || (whole.is_none() && word.len() >= 3);
            let longer = if may_be_longer { part.beginning_with(word)? } else { 0..0 };
            seen.needs.push(Need::new(&part, whole, longer.clone())?);
            seen.sought.push(Sought::new(whole, longer));
        }
        Ok(seen)
    }

    /// All words as they stand.
    fn whole(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        if self.sought.iter().any(|sought| sought.whole.is_none()) {
            return Ok(());
        }
        let numbers: Vec<u32> = self.sought.iter().filter_map(|sought| sought.whole).collect();
        let part = self.part;
        let groups = numbers.into_iter().map(|number| part.group([number].into_iter())).collect::<Result<_, _>>()?;
        let reasons = &[Reason::Exact, Reason::InOrder, Reason::AllWords];
        let legs = self.legs(terms.len(), (Reason::Exact, 0), (Reason::InOrder, 0));
        self.walk(groups, terms, shared, &Plan { depth: Depth::Whole, reasons, legs })
    }

    /// All words, of which some may be beginnings.
    fn longer(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        if self.unknown().next().is_some() || self.needs.iter().all(|need| need.n_longer == 0) {
            return Ok(());
        }
        let groups = self.groups(0..terms.len())?;
        let legs = self.legs(terms.len(), (Reason::Prefix, 0), (Reason::Prefix, 32));
        self.walk(groups, terms, shared, &Plan { depth: Depth::Prefix, reasons: &[Reason::Prefix], legs })
    }

    /// All words, of which some may be misspelt: those nobody has, or else each in its turn.
    fn misspelt(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        let unknown: Vec<usize> = self.unknown().collect();
        let each = if unknown.is_empty() { (0..terms.len()).map(|place| vec![place]).collect() } else { vec![unknown] };
        for misspelt in each {
            if misspelt.iter().any(|&place| terms[place].edits == 0) {
                continue;
            }
            let others = || (0..terms.len()).filter(|place| !misspelt.contains(place));
            let mut groups = self.groups(others())?;
            let expected = others().fold(f64::from(self.part.n_entries()), |n, place| {
                let need = &self.needs[place];
                let share = as_float(need.n_whole + need.n_longer) / f64::from(self.part.n_entries().max(1));
                n * share.min(1.0)
            });
            if groups.is_empty() || expected > MAX_COMPARED {
                let n_groups = groups.len();
                for &place in &misspelt {
                    let near = self.near(&terms[place], shared)?;
                    if !near.is_empty() {
                        groups.push(self.part.group(near.into_iter())?);
                    }
                }
                if groups.len() < n_groups + misspelt.len() {
                    continue;
                }
            }
            let legs = self.legs(terms.len(), (Reason::Typo, 64), (Reason::Typo, 64 + 16));
            self.walk(groups, terms, shared, &Plan { depth: Depth::Typo, reasons: &[Reason::Typo], legs })?;
        }
        Ok(())
    }

    /// All words but one: the one nobody has, or else each in its turn, from the one that says least.
    fn without_one(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        let unknown: Vec<usize> = self.unknown().collect();
        let mut each: Vec<Vec<usize>> =
            if unknown.is_empty() { (0..terms.len()).map(|place| vec![place]).collect() } else { vec![unknown] };
        each.sort_by_key(|left_out| left_out.iter().map(|&place| u32::from(terms[place].weight)).sum::<u32>());
        for left_out in each {
            self.without(&left_out, terms, shared)?;
        }
        Ok(())
    }

    /// Only the words that say most.
    fn with_only(&mut self, n_kept: usize, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        let mut left_out: Vec<usize> = self.unknown().collect();
        let mut known: Vec<usize> = (0..terms.len()).filter(|place| !left_out.contains(place)).collect();
        if known.len() <= n_kept {
            return Ok(());
        }
        known.sort_by_key(|&place| std::cmp::Reverse(terms[place].weight));
        left_out.extend(&known[n_kept..]);
        self.without(&left_out, terms, shared)
    }

    fn without(&mut self, left_out: &[usize], terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        let groups = self.groups((0..terms.len()).filter(|place| !left_out.contains(place)))?;
        let weight = left_out.iter().fold(0_u8, |weight, &place| weight.saturating_add(terms[place].weight));
        let best = (Reason::Partial, weight.saturating_mul(2));
        if groups.is_empty() || shared.is_beaten(best) {
            return Ok(());
        }
        let legs = vec![Leg::everywhere(&self.part, best)];
        self.walk(groups, terms, shared, &Plan { depth: Depth::Partial, reasons: &[Reason::Partial], legs })
    }

    /// Words that nothing in this part is or begins with.
    fn unknown(&self) -> impl Iterator<Item = usize> {
        (0..self.needs.len()).filter(|&place| self.needs[place].n_whole == 0 && self.needs[place].n_longer == 0)
    }

    /// The lists that names must be in to have these words, or longer ones.
    fn groups(&self, places: impl Iterator<Item = usize>) -> Result<Vec<Group<'a>>, Corrupt> {
        let mut groups = Vec::new();
        for place in places {
            // Where nothing but reading on helps, the judge alone decides.
            if let Some(longer) = &self.needs[place].longer {
                let numbers = self.sought[place].whole.into_iter().chain(longer.iter().copied());
                groups.push(self.part.group(numbers)?);
            }
        }
        Ok(groups)
    }

    /// Names of exactly so many words first, because only they can be the best; then all others.
    fn legs(&self, n_words: usize, best: Verdict, best_of_others: Verdict) -> Vec<Leg> {
        let (active, inactive) = (self.part.with_words(true, n_words), self.part.with_words(false, n_words));
        let others = vec![0..active.start, active.end..inactive.start, inactive.end..self.part.n_entries()];
        vec![Leg { ranges: vec![active, inactive], best }, Leg { ranges: others, best: best_of_others }]
    }

    /// The words that are a few edits away from one, the nearest and then the most frequent first.
    fn near(&self, term: &Term, shared: &mut Shared<'_>) -> Result<Vec<u32>, Corrupt> {
        let mut near = Vec::new();
        let part = &self.part;
        part.near(&term.text, term.edits, |place| {
            if let Some(edits) = typo::edits(&term.text, part.word(place)?, term.edits)
                && edits > 0
            {
                let number = part.number(place)?;
                near.push((edits, number));
            }
            Ok(!shared.tick())
        })?;
        // The smaller the number, the more frequent the word.
        near.sort_unstable();
        shared.is_complete &= near.len() <= MAX_NEAR;
        near.truncate(MAX_NEAR);
        Ok(near.into_iter().map(|(_, number)| number).collect())
    }

    /// Walks through what the groups have in common, and keeps what the plan asks for.
    fn walk(
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
                                return Ok(());
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
        let verdict = judge::verdict(terms, &found, n_found, self.tokens.as_slice().len());
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

// === impl Need ===

impl Need {
    fn new(part: &Part<'_>, whole: Option<u32>, places: Range<u32>) -> Result<Self, Corrupt> {
        let n_whole = whole.map_or(Ok(0), |number| part.count(number))? as usize;
        let (mut numbers, mut n_longer) = (Vec::new(), 0);
        // Lists have an entry each at least, so so many words have more names than are put together.
        if places.len() > MAX_LONGER {
            return Ok(Self { n_whole, longer: None, n_longer: places.len() });
        }
        let (mut n_short, mut n_long_lists) = (0, 0);
        for place in places {
            let number = part.number(place)?;
            if Some(number) == whole {
                continue;
            }
            numbers.push(number);
            let n = part.count(number)? as usize;
            n_longer += n;
            if n > SHORT {
                n_long_lists += 1;
            } else {
                n_short += n;
            }
            if n_short > MAX_LONGER || n_long_lists > MAX_LONGER_LISTS {
                return Ok(Self { n_whole, longer: None, n_longer });
            }
        }
        Ok(Self { n_whole, longer: Some(numbers), n_longer })
    }
}

// === impl State ===

impl State {
    fn fits(&self, filters: &Filters) -> bool {
        let kind = match self.prefix {
            10 => RucPrefix::Person,
            20 => RucPrefix::Entity,
            _ => RucPrefix::OtherPerson,
        };
        filters.status.is_none_or(|status| status == self.status)
            && filters.condition.is_none_or(|condition| condition == self.condition)
            && self.ubigeo.starts_with(&*filters.ubigeo)
            && filters.kind.is_none_or(|wanted| wanted == kind)
    }
}
