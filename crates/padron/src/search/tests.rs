//! The index beside a search that reads every name, and beside bytes that changed under it.
//!
//! Left out: what users see; that is with the other tests of behaviour.

use std::cmp::Reverse;
use std::num::NonZeroUsize;

use chasqui_types::Status;
use proptest::prelude::*;

use super::fold::Folded;
use super::*;
use crate::row::Column;
use crate::synth::{HEADER, Synth};

const ROWS: u64 = 3_000;

/// An edition of made-up rows with its index.
fn edition(dir: &Path) -> (Padron, Names) {
    let mut text = HEADER.to_vec();
    Synth::new(ROWS, 3).with_odd_rows(50_000).write(0..ROWS, &mut text);
    let path = dir.join("padron.txt");
    fs::write(&path, text).unwrap();
    let today = "2026-11-21".parse().unwrap();
    let options = crate::Options { date: None, today, force: true, keep: 1, threads: NonZeroUsize::MIN };
    crate::import(&path, dir, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let padron = Padron::open(dir).unwrap().unwrap();
    assert!(Names::open(&padron).unwrap().is_none(), "nobody built it yet");
    let names = Names::build(&padron, &mut |_| ControlFlow::Continue(())).unwrap();
    (padron, names)
}

/// A name, read the slow way.
struct Plain {
    ruc: Ruc,
    words: Vec<String>,
    is_active: bool,
}

fn fold(text: &str) -> Vec<String> {
    let mut folded = Folded::default();
    folded.read_text(text);
    folded.iter().map(|word| String::from_utf8(word.to_vec()).unwrap()).collect()
}

fn plain(padron: &Padron) -> Vec<Plain> {
    let (mut names, mut folded): (Vec<Plain>, _) = (Vec::new(), Folded::default());
    let mut rows = padron.rows().unwrap();
    while let Some(row) = rows.next().unwrap() {
        let Some(ruc) = row.ruc() else { continue };
        if names.last().is_some_and(|last| last.ruc >= ruc) {
            break;
        }
        folded.read_bytes(row.bytes(Column::Name));
        let words = folded.iter().map(|word| String::from_utf8(word.to_vec()).unwrap()).collect();
        names.push(Plain { ruc, words, is_active: Status::from_text(&row.text(Column::Status)).is_active() });
    }
    names
}

impl Plain {
    /// Takes every word once, each behind the one before it where it can, and says where they stood.
    fn places(&self, asked: &[String], is_found: impl Fn(usize, &str) -> bool) -> Option<Vec<usize>> {
        let mut places: Vec<usize> = Vec::new();
        for (which, _) in asked.iter().enumerate() {
            let behind = places.last().map_or(0, |last| last + 1);
            let mut order = (behind..self.words.len()).chain(0..behind);
            places.push(order.find(|at| is_found(which, &self.words[*at]) && !places.contains(at))?);
        }
        Some(places)
    }

    /// Why it is a hit, and how many words it has that were not asked for.
    fn whole(&self, asked: &[String]) -> Option<(Reason, usize)> {
        let places = self.places(asked, |which, word| asked[which] == word)?;
        let others = (0..self.words.len()).filter(|at| !places.contains(at)).map(|at| &self.words[at]);
        let n_others = match others.collect::<Vec<_>>()[..] {
            [word] if fold::FORMS_ALONE.contains(&word.as_bytes()) => 0,
            ref others => others.len().min(3),
        };
        Some(match places.is_sorted() {
            true if places.len() == self.words.len() => (Reason::Exact, 0),
            true => (Reason::InOrder, n_others),
            false => (Reason::AllWords, n_others),
        })
    }

    fn order(&self) -> impl Ord + use<> {
        let n_letters: usize = self.words.iter().map(String::len).sum();
        (Reverse(self.is_active), self.words.len(), n_letters, self.ruc.as_str().starts_with("20"), self.ruc)
    }
}

/// All pages, one after the other.
fn everything(names: &Names, query: &Query) -> Vec<Hit> {
    let (mut hits, mut query) = (Vec::new(), Query { within: Duration::from_mins(1), ..query.clone() });
    let now = clock();
    loop {
        let page = names.search(&query, &|_| false, &|| now).unwrap();
        assert!(page.is_complete && page.hits.len() <= query.limit);
        hits.extend(page.hits);
        query.cursor = page.cursor;
        if query.cursor.is_none() {
            return hits;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a moment to begin with; it stands still afterwards")]
fn clock() -> Instant {
    Instant::now()
}

fn persons_too(text: &str, limit: usize) -> Query {
    Query { persons: true, limit, ..Query::new(text) }
}

#[test]
fn whole_words_find_what_reading_every_name_finds_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let (padron, names) = edition(folder.path());
    let plain = plain(&padron);
    let mut random = fastrand::Rng::with_seed(1);
    for round in 0..400 {
        let mut asked = random.choice(&plain).unwrap().words.clone();
        if asked.is_empty() {
            continue;
        }
        if round % 2 == 0 {
            random.shuffle(&mut asked);
            asked.truncate(random.usize(1..=asked.len()));
        }
        let text = asked.join(" ").to_lowercase();
        let asked = fold(&text);
        let mut expected: Vec<_> =
            plain.iter().filter_map(|name| Some((name.whole(&asked)?, name.order(), name.ruc))).collect();
        expected.sort();
        let expected: Vec<_> = expected.into_iter().map(|((reason, _), _, ruc)| (reason, ruc)).collect();
        let hits = everything(&names, &persons_too(&text, [1, 7, 100][round % 3]));
        let found: Vec<_> = hits.iter().map(|hit| (hit.reason, hit.ruc)).collect();
        assert!(hits.is_sorted_by(|one, other| one.score >= other.score), "{text}");
        assert!(found.len() >= expected.len(), "{text}");
        assert_eq!(&found[..expected.len()], &expected, "{text}");
        assert!(found[expected.len()..].iter().all(|(reason, _)| *reason > Reason::AllWords), "{text}");
    }
}

#[test]
fn beginnings_and_typos_find_what_reading_every_name_finds() {
    let folder = tempfile::tempdir().unwrap();
    let (padron, names) = edition(folder.path());
    let plain = plain(&padron);
    let known: std::collections::BTreeSet<&String> = plain.iter().flat_map(|name| &name.words).collect();
    let mut random = fastrand::Rng::with_seed(2);
    let (mut n_longer, mut n_misspelt) = (0, 0);
    for _ in 0..400 {
        let mut asked = random.choice(&plain).unwrap().words.clone();
        asked.truncate(3);
        let Some(last) = asked.last_mut().filter(|last| last.len() >= 4 && last.is_ascii()) else { continue };
        let is_typo = random.bool() && last.bytes().all(|letter| letter.is_ascii_alphabetic());
        if is_typo {
            last.insert(random.usize(1..last.len()), 'W');
        } else {
            last.pop();
        }
        let last = last.clone();
        // The other way of folding one of these words would be another test.
        if fold(&asked.join(" ")) != asked || (is_typo && known.iter().any(|word| word.starts_with(&last))) {
            continue;
        }
        let edits = typo::allowed(last.as_bytes());
        let fits = |which: usize, word: &str| {
            word == asked[which]
                || which + 1 == asked.len()
                    && if is_typo {
                        typo::edits(last.as_bytes(), word.as_bytes(), edits).is_some()
                    } else {
                        word.starts_with(&last)
                    }
        };
        let mut expected: Vec<Ruc> =
            plain.iter().filter(|name| name.places(&asked, fits).is_some()).map(|name| name.ruc).collect();
        let hits = everything(&names, &persons_too(&asked.join(" "), 100));
        let worst = if is_typo { Reason::Typo } else { Reason::Prefix };
        let mut found: Vec<Ruc> = hits.iter().filter(|hit| hit.reason <= worst).map(|hit| hit.ruc).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{asked:?}");
        *(if is_typo { &mut n_misspelt } else { &mut n_longer }) += 1;
    }
    assert!(n_longer > 50 && n_misspelt > 50, "{n_longer} {n_misspelt}");
}

#[test]
fn bytes_that_change_after_they_were_checked_are_errors_and_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let (padron, whole) = edition(folder.path());
    let bytes = whole.map.to_vec();
    let start = bytes.as_ptr() as usize;
    let sections: Vec<std::ops::Range<usize>> = (0..N_PARTS)
        .flat_map(|part| file::Section::ALL.map(|section| (part, section)))
        .map(|(part, section)| {
            let section = whole.header.section(&bytes, part, section);
            let at = section.as_ptr() as usize - start;
            at..at + section.len()
        })
        .collect();
    assert!(sections.iter().all(|section| !section.is_empty()));
    let damage =
        (prop::sample::select(sections), prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..200));
    let path = folder.path().join("damaged");
    let now = clock();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(96));
    runner
        .run(&damage, |(section, changes)| {
            let mut bytes = bytes.clone();
            for (at, change) in changes {
                let at = at.index(section.len().min(if change % 2 == 0 { 64 } else { usize::MAX }));
                bytes[section.start + at] = bytes[section.start + at].wrapping_add(change);
            }
            fs::write(&path, &bytes).unwrap();
            let map = Map::of(&File::open(&path).unwrap()).unwrap();
            let damaged = Names::assemble(path.clone(), map, whole.header.clone(), *padron.hash());
            let Ok(damaged) = damaged else { return Ok(()) };
            for text in ["QUISPE FLORES", "INVERSIONES SAC", "M", "RODRIGEUZ JOSE", "SAC NADIE SERVICIOS", "MAR"] {
                let _ = damaged.search(&persons_too(text, 100), &|_| false, &|| now);
            }
            Ok(())
        })
        .unwrap();
}
