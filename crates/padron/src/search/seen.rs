//! A part of the index as one search sees it, and what is tried in it for each reason.
//!
//! Left out: which reason is tried when; and the walks themselves.

use std::ops::{Range, RangeInclusive};

use chasqui_types::RucPrefix;

use crate::corrupt::Corrupt;

use super::fold::FORMS_ALONE;
use super::judge::{Depth, MANY_OTHERS, PREFIX_STEP, Sought, TYPO_STEP, Term, Verdict, WHOLE_STEP};
use super::part::{Part, State, Tokens};
use super::postings::{Group, SHORT};
use super::walk::{Leg, Plan, Shared};
use super::{Filters, Reason, typo};

/// The most names whose lists are put together for the beginning of a word, and the most lists that are walked along
/// besides; where there are more, looking at names one after the other finds them as fast.
const MAX_LONGER: usize = 1 << 16;
const MAX_LONGER_LISTS: usize = 12;
/// Names that are worth comparing letter by letter, instead of looking for similar words first.
const MAX_COMPARED: f64 = 20_000.0;
/// The most similar words of one.
const MAX_NEAR: usize = 256;

/// A part as one search sees it.
pub(crate) struct Seen<'a> {
    pub(crate) index: u8,
    pub(crate) part: Part<'a>,
    /// Which states the filters let through; `None` for all.
    pub(crate) allowed: Option<Vec<bool>>,
    pub(crate) sought: Vec<Sought>,
    /// The numbers of legal forms.
    pub(crate) forms: Vec<u32>,
    /// What stands for each word: the lists of longer ones where they are short enough.
    pub(crate) needs: Vec<Need>,
    pub(crate) tokens: Tokens,
}

/// What a name must have for one word of the query.
pub(crate) struct Need {
    /// How many names have the word itself.
    pub(crate) n_whole: usize,
    /// The numbers of longer words, unless their lists are too long.
    pub(crate) longer: Option<Vec<u32>>,
    /// How many names have those, as far as was counted.
    pub(crate) n_longer: usize,
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(crate) fn as_float(n: usize) -> f64 {
    n as f64
}

// === impl Seen ===

impl<'a> Seen<'a> {
    pub(crate) fn new(
        (index, part, states): (usize, Part<'a>, &'a [State]),
        words: &[&[u8]],
        filters: &Filters,
        shared: &mut Shared<'_>,
    ) -> Result<Self, Corrupt> {
        let mut seen = Self {
            index: u8::try_from(index).expect("there are two parts"),
            part,
            allowed: None,
            sought: Vec::new(),
            forms: Vec::new(),
            needs: Vec::new(),
            tokens: Tokens::new(),
        };
        if *filters != Filters::default() {
            seen.allowed = Some(states.iter().map(|state| state.fits(filters)).collect());
        }
        for form in FORMS_ALONE {
            if let Some(place) = part.place(form)? {
                seen.forms.push(part.number(place)?);
            }
        }
        for (place, word) in words.iter().enumerate() {
            let whole = part.place(word)?.map(|place| part.number(place)).transpose()?;
            // Somebody may still be typing the last word. Others are taken for beginnings if they are nothing else.
            let may_be_longer = place + 1 == words.len() || (whole.is_none() && word.len() >= 3);
            shared.look();
            let longer = if may_be_longer && !shared.is_late { part.beginning_with(word)? } else { 0..0 };
            seen.needs.push(Need::new(&part, whole, longer.clone())?);
            seen.sought.push(Sought::new(whole, longer));
        }
        Ok(seen)
    }

    /// All words as they stand.
    pub(crate) fn whole(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        if self.sought.iter().any(|sought| sought.whole.is_none()) {
            return Ok(());
        }
        let numbers: Vec<u32> = self.sought.iter().filter_map(|sought| sought.whole).collect();
        let part = self.part;
        let groups = numbers.into_iter().map(|number| part.group([number].into_iter())).collect::<Result<_, _>>()?;
        let reasons = &[Reason::Exact, Reason::InOrder, Reason::AllWords];
        let n = terms.len();
        let mut legs = vec![self.leg(n..=n, (Reason::Exact, 0))];
        // With a legal form, or one other word.
        legs.extend(self.legs(n + 1..=n + 1, (Reason::InOrder, 0), WHOLE_STEP));
        self.walk(groups, terms, shared, &Plan { depth: Depth::Whole, reasons, legs })
    }

    /// All words, of which some may be beginnings.
    pub(crate) fn longer(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        if self.unknown().next().is_some() || self.needs.iter().all(|need| need.n_longer == 0) {
            return Ok(());
        }
        let groups = self.groups(0..terms.len(), shared)?;
        let legs = self.legs(terms.len()..=terms.len() + 1, (Reason::Prefix, 0), PREFIX_STEP);
        self.walk(groups, terms, shared, &Plan { depth: Depth::Prefix, reasons: &[Reason::Prefix], legs })
    }

    /// All words, of which some may be misspelt: those nobody has, or else each in its turn.
    pub(crate) fn misspelt(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
        let unknown: Vec<usize> = self.unknown().collect();
        let each = if unknown.is_empty() { (0..terms.len()).map(|place| vec![place]).collect() } else { vec![unknown] };
        for misspelt in each {
            if shared.is_late || misspelt.iter().any(|&place| terms[place].edits == 0) {
                continue;
            }
            let others = || (0..terms.len()).filter(|place| !misspelt.contains(place));
            let mut groups = self.groups(others(), shared)?;
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
            let legs = self.legs(terms.len()..=terms.len() + 1, (Reason::Typo, 64), TYPO_STEP);
            self.walk(groups, terms, shared, &Plan { depth: Depth::Typo, reasons: &[Reason::Typo], legs })?;
        }
        Ok(())
    }

    /// All words but one: the one nobody has, or else each in its turn, from the one that says least.
    pub(crate) fn without_one(&mut self, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
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
    pub(crate) fn with_only(&mut self, n_kept: usize, terms: &[Term], shared: &mut Shared<'_>) -> Result<(), Corrupt> {
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
        let weight = left_out.iter().fold(0_u8, |weight, &place| weight.saturating_add(terms[place].weight));
        let best = (Reason::Partial, weight.saturating_mul(2));
        if shared.is_late || shared.is_beaten(best) {
            return Ok(());
        }
        let groups = self.groups((0..terms.len()).filter(|place| !left_out.contains(place)), shared)?;
        if groups.is_empty() {
            return Ok(());
        }
        let legs = vec![Leg::everywhere(&self.part, best)];
        self.walk(groups, terms, shared, &Plan { depth: Depth::Partial, reasons: &[Reason::Partial], legs })
    }

    /// Words that nothing in this part is or begins with.
    fn unknown(&self) -> impl Iterator<Item = usize> {
        (0..self.needs.len()).filter(|&place| self.needs[place].n_whole == 0 && self.needs[place].n_longer == 0)
    }

    /// The lists that names must be in to have these words, or longer ones; not all of them once the time is up.
    fn groups(&self, places: impl Iterator<Item = usize>, shared: &mut Shared<'_>) -> Result<Vec<Group<'a>>, Corrupt> {
        let mut groups = Vec::new();
        for place in places {
            // Many short lists are put together for the beginning of a word.
            shared.look();
            if shared.is_late {
                break;
            }
            // Where nothing but reading on helps, the judge alone decides.
            if let Some(longer) = &self.needs[place].longer {
                let numbers = self.sought[place].whole.into_iter().chain(longer.iter().copied());
                groups.push(self.part.group(numbers)?);
            }
        }
        Ok(groups)
    }

    /// Names of so many words, which alone can be the best, then those with one more, and so on.
    fn legs(&self, n_words: RangeInclusive<usize>, best: Verdict, step: u8) -> Vec<Leg> {
        let at = |others: u8| (best.0, best.1 + others * step);
        let mut last = *n_words.end();
        let mut legs = vec![self.leg(n_words, best)];
        for others in 2..MANY_OTHERS {
            last += 1;
            legs.push(self.leg(last..=last, at(others)));
        }
        legs.push(self.longer_than(last, at(MANY_OTHERS)));
        legs
    }

    /// Names of so many words.
    fn leg(&self, n_words: RangeInclusive<usize>, best: Verdict) -> Leg {
        let ranges = [true, false].map(|is_active| self.with_words(is_active, &n_words));
        Leg { ranges: ranges.into(), best }
    }

    /// Names of more words.
    fn longer_than(&self, n_words: usize, best: Verdict) -> Leg {
        let [active, inactive] = [true, false].map(|is_active| self.part.with_words(is_active, n_words).end);
        Leg { ranges: vec![active..self.part.with_words(false, 0).start, inactive..self.part.n_entries()], best }
    }

    fn with_words(&self, is_active: bool, n_words: &RangeInclusive<usize>) -> Range<u32> {
        let first = self.part.with_words(is_active, *n_words.start());
        first.start..self.part.with_words(is_active, *n_words.end()).end
    }

    /// The words that are a few edits away from one, the nearest and then the most frequent first.
    fn near(&self, term: &Term, shared: &mut Shared<'_>) -> Result<Vec<u32>, Corrupt> {
        // Looking through all words takes milliseconds, and there may be many to look for.
        shared.look();
        if shared.is_late {
            return Ok(Vec::new());
        }
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
