//! Who has a name: what people type, and whom they mean.
//!
//! Left out: the comparison with reading every name, which stands with the index; and speed.

use std::cell::Cell;
use std::fs;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use chasqui_padron::synth::HEADER;
use chasqui_padron::{Filters, Likeness, Names, NamesError, Padron, Page, Query, Reason};
use chasqui_types::{ConditionKind, Ruc, RucPrefix, StatusKind};

use crate::{SAMPLE, World, synthetic};

/// Number, name, status, condition, district.
type Line = (u8, &'static str, &'static str, &'static str, &'static str);

const COMPANIES: &[Line] = &[
    (20, "PESCA PERU MOLLENDO S.A.", "BAJA DEFINITIVA", "HABIDO", "150122"),
    (20, "PESCA PERU S.A.C.", "ACTIVO", "HABIDO", "040101"),
    (20, "PERU PESCA EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA", "ACTIVO", "NO HABIDO", "150122"),
    (20, "COMPA\u{d1}\u{cd}A \u{d1}AND\u{da} & HIJOS SOCIEDAD ANONIMA CERRADA", "ACTIVO", "HABIDO", "150101"),
    (20, "TRANSPORTES RODRIGUEZ HERMANOS S.R.L.", "ACTIVO", "HABIDO", "250101"),
    (20, "RODRIGUEZ Y ASOCIADOS S. CIVIL DE R.L.", "SUSPENSION TEMPORAL", "HABIDO", "150101"),
    (20, "EBEN EZER | INGENIERIA S.A.C.", "ACTIVO", "HABIDO", "150114"),
];
const PERSONS: &[Line] = &[
    (10, "RODRIGUEZ PESCA JUAN CARLOS", "ACTIVO", "HABIDO", "-"),
    (10, "RODRIGUEZ MAMANI JUAN", "ACTIVO", "HABIDO", "-"),
    (15, "PESCA QUISPE ROSA", "ACTIVO", "HABIDO", "-"),
];

fn text(lines: &[Line]) -> Vec<u8> {
    let mut text = chasqui_padron::synth::HEADER.to_vec();
    for (body, (prefix, name, status, condition, ubigeo)) in (10_000_000..).zip(lines) {
        let ruc = Ruc::from_body(*prefix, body).unwrap();
        let line = format!("{}|{name}|{status}|{condition}|{ubigeo}|-|-|-|-|-|-|-|-|-|-|\n", ruc.as_str());
        text.extend(line.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()));
    }
    text
}

/// An edition and its index.
struct Registry {
    world: World,
    padron: Padron,
    names: Names,
}

impl Registry {
    fn of(text: &[u8]) -> Self {
        let mut world = World::new();
        world.options.force = true;
        world.import(text).unwrap();
        let padron = world.padron();
        let names = build(&padron);
        Self { world, padron, names }
    }

    fn small() -> Self {
        Self::of(&text(&[COMPANIES, PERSONS].concat()))
    }

    fn search(&self, query: &Query) -> Page {
        let now = start();
        self.names.search(query, &|_| false, &|| now).unwrap()
    }

    /// Names and reasons of those that have all words; where they are few, others follow.
    fn said(&self, query: &Query) -> Vec<(String, Reason)> {
        let say = |ruc| self.padron.find(ruc).unwrap().unwrap().text(chasqui_padron::Column::Name).into_owned();
        let hits = self.search(query).hits.into_iter().filter(|hit| hit.reason < Reason::Partial);
        hits.map(|hit| (say(hit.ruc), hit.reason)).collect()
    }

    #[track_caller]
    fn check(&self, query: &Query, expected: &[(&str, Reason)]) {
        let said = self.said(query);
        let said: Vec<(&str, Reason)> = said.iter().map(|(name, reason)| (name.as_str(), *reason)).collect();
        assert_eq!(said, expected, "{}", query.text);
    }
}

fn build(padron: &Padron) -> Names {
    Names::build(padron, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a moment to begin with; tests move on from it by themselves")]
fn start() -> Instant {
    Instant::now()
}

fn persons_too(text: &str) -> Query {
    Query { persons: true, ..Query::new(text) }
}

const MOLLENDO: &str = COMPANIES[0].1;
const PESCA: &str = COMPANIES[1].1;
const EIRL: &str = COMPANIES[2].1;
const NANDU: &str = COMPANIES[3].1;
const TRANSPORTES: &str = COMPANIES[4].1;
const ASOCIADOS: &str = COMPANIES[5].1;
const EBEN_EZER: &str = COMPANIES[6].1;

#[test]
fn the_best_reason_comes_first() {
    let registry = Registry::small();
    registry.check(&Query::new("pesca perú sac"), &[(PESCA, Reason::Exact)]);
    registry.check(
        &Query::new("pesca peru"),
        &[(PESCA, Reason::InOrder), (MOLLENDO, Reason::InOrder), (EIRL, Reason::AllWords)],
    );
    registry.check(&Query::new("Compania \"Nandu\" Hijos S. A. C."), &[(NANDU, Reason::Exact)]);
    registry.check(&Query::new("EBEN-EZER ingeniería, sociedad anónima cerrada"), &[(EBEN_EZER, Reason::Exact)]);
}

#[test]
fn a_legal_form_is_what_people_leave_out() {
    let lines: &[Line] = &[
        (20, "RIVERA GARCIA S.A.C.", "ACTIVO", "HABIDO", "150101"),
        (20, "RIVERA E.I.R.L.", "BAJA DE OFICIO", "HABIDO", "150101"),
        (20, "RIVERA LIMA", "ACTIVO", "HABIDO", "150101"),
        (20, "RIVERAS S.A.", "ACTIVO", "HABIDO", "150101"),
    ];
    let order = [lines[1].1, lines[2].1, lines[0].1].map(|name| (name, Reason::InOrder));
    let all = [&order[..], &[(lines[3].1, Reason::Prefix)]].concat();
    Registry::of(&text(lines)).check(&Query::new("rivera"), &all);
}

#[test]
fn a_nearer_name_comes_before_one_that_is_active() {
    let lines: &[Line] = &[
        (10, "RIVERA GARCIA JUAN CARLOS", "ACTIVO", "HABIDO", "-"),
        (10, "RIVERA LUNA JUAN", "BAJA DE OFICIO", "HABIDO", "-"),
        (10, "RIVERA TORRES ROSALINDA JUAN", "BAJA DE OFICIO", "HABIDO", "-"),
        (10, "RIVERA TORRES JUANA LUZ", "ACTIVO", "HABIDO", "-"),
        (10, "RIVERA LEON JUANA", "BAJA DE OFICIO", "HABIDO", "-"),
    ];
    let whole = [lines[1].1, lines[0].1, lines[2].1].map(|name| (name, Reason::InOrder));
    let longer = [lines[4].1, lines[3].1].map(|name| (name, Reason::Prefix));
    Registry::of(&text(lines)).check(&persons_too("rivera juan"), &[&whole[..], &longer[..]].concat());
}

#[test]
fn beginnings_are_found_while_somebody_types() {
    let registry = Registry::small();
    registry.check(&Query::new("pesca moll"), &[(MOLLENDO, Reason::Prefix)]);
    registry.check(&Query::new("rodri"), &[(TRANSPORTES, Reason::Prefix), (ASOCIADOS, Reason::Prefix)]);
    registry.check(&Query::new("trans rodri"), &[(TRANSPORTES, Reason::Prefix)]);
    let page = registry.search(&Query::new("n"));
    assert_eq!(page.hits.len(), 1);
    assert_eq!(page.hits[0].words[0].likeness, Likeness::Prefix);
    assert_eq!((&*page.hits[0].words[0].asked, &*page.hits[0].words[0].found), ("N", "NANDU"));
}

#[test]
fn one_or_two_letters_may_be_wrong() {
    let registry = Registry::small();
    registry.check(&Query::new("hnos rodrigues trasnportes"), &[(TRANSPORTES, Reason::Typo)]);
    for (misspelt, edits) in [("trasnportes", 1), ("tranportes", 1), ("transpportes", 1), ("tranzporter", 2)] {
        let page = registry.search(&Query::new(misspelt));
        assert_eq!((page.hits.len(), page.hits[0].reason), (1, Reason::Typo), "{misspelt}");
        assert_eq!(page.hits[0].words[0].likeness, Likeness::Typo { edits }, "{misspelt}");
    }
    registry.check(&Query::new("tramzporter"), &[]);
    // Two letters of a short word may be another word.
    registry.check(&Query::new("epsca"), &[(PESCA, Reason::Typo), (EIRL, Reason::Typo), (MOLLENDO, Reason::Typo)]);
    registry.check(&Query::new("epcsa"), &[]);
}

#[test]
fn a_word_that_nobody_has_is_left_out() {
    let registry = Registry::small();
    let page = registry.search(&Query::new("transportes rodriguez zzzzzz"));
    assert_eq!(page.hits[0].reason, Reason::Partial);
    assert_eq!(page.hits[0].words.len(), 2);
    assert!(page.hits[0].score < 0.4);
    // One word is better than none.
    let page = registry.search(&Query::new("mollendo ezer hijos"));
    assert_eq!((page.hits.len(), page.hits[0].reason, page.hits[0].words.len()), (1, Reason::Partial, 1));
    for nothing in ["zzzzzz yyyyyy", "", " . - ", "\u{4e2d}\u{6587}"] {
        assert!(registry.search(&Query::new(nothing)).hits.is_empty(), "{nothing}");
    }
}

#[test]
fn persons_are_found_only_where_they_are_asked_for() {
    let registry = Registry::small();
    let is_company = |page: &Page| page.hits.iter().all(|hit| hit.ruc.prefix() == RucPrefix::Entity);
    for text in ["rodriguez", "rodriguez mamani juan", "quispe", "juan", "pesca q"] {
        assert!(is_company(&registry.search(&Query::new(text))), "{text}");
    }
    assert!(registry.search(&Query::new("quispe rosa")).hits.is_empty());
    registry.check(&persons_too("mamani juan rodriguez"), &[(PERSONS[1].1, Reason::AllWords)]);
    registry.check(&persons_too("rosa quispe pesca"), &[(PERSONS[2].1, Reason::AllWords)]);
    let mut query = Query::new("rodriguez");
    query.filters.kind = Some(RucPrefix::Person);
    assert!(registry.search(&query).hits.is_empty(), "a filter opens nothing");
    query.persons = true;
    assert_eq!(registry.search(&query).hits.len(), 2);
    assert_eq!(registry.names.n_names(), (3, 7));
}

#[test]
fn filters_are_kept_to() {
    let registry = Registry::small();
    let with = |filters| Query { filters, ..Query::new("pesca") };
    let filters = Filters { status: Some(StatusKind::Closed), ..Filters::default() };
    registry.check(&with(filters), &[(MOLLENDO, Reason::InOrder)]);
    let filters = Filters { condition: Some(ConditionKind::NotLocated), ..Filters::default() };
    let said = registry.said(&with(filters));
    assert!(said.iter().all(|(name, _)| name == EIRL), "{said:?}");
    let filters = Filters { ubigeo: "15".to_owned(), ..Filters::default() };
    registry.check(&with(filters), &[(EIRL, Reason::InOrder), (MOLLENDO, Reason::InOrder)]);
    let filters = Filters { ubigeo: "0401".to_owned(), status: Some(StatusKind::Active), ..Filters::default() };
    registry.check(&with(filters), &[(PESCA, Reason::InOrder)]);
    let filters = Filters { ubigeo: "99".to_owned(), ..Filters::default() };
    registry.check(&with(filters), &[]);
}

#[test]
fn hidden_numbers_are_passed_over() {
    let registry = Registry::small();
    let now = start();
    let all = registry.search(&Query::new("pesca"));
    let first = all.hits[0].ruc;
    let page = registry.names.search(&Query::new("pesca"), &|ruc| ruc == first, &|| now).unwrap();
    assert_eq!(page.hits.len(), all.hits.len() - 1);
    assert!(page.hits.iter().all(|hit| hit.ruc != first));
}

#[test]
fn hidden_numbers_are_on_no_page() {
    let registry = Registry::of(&synthetic(5_000, 1));
    let now = start();
    let all = |hidden: &dyn Fn(Ruc) -> bool, text: &str| {
        let (mut hits, mut query) = (Vec::new(), Query { limit: 4, ..persons_too(text) });
        loop {
            let page = registry.names.search(&query, hidden, &|| now).unwrap();
            hits.extend(page.hits.into_iter().map(|hit| hit.ruc));
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                return hits;
            }
        }
    };
    for text in ["quispe", "jua", "quipse"] {
        let seen = all(&|_| false, text);
        assert!(seen.len() > 20, "{text}");
        // Every third one, some pages whole, and the first ones.
        let hidden = |ruc: Ruc| {
            seen.iter().position(|&other| other == ruc).is_some_and(|at| at % 3 == 0 || (8..16).contains(&at) || at < 5)
        };
        let left: Vec<Ruc> = seen.iter().copied().filter(|&ruc| !hidden(ruc)).collect();
        let found = all(&hidden, text);
        assert_eq!(found[..left.len()], left, "{text}");
        assert!(found.iter().all(|&ruc| !hidden(ruc)), "{text}");
    }
}

#[test]
fn odd_queries_are_answered() {
    let registry =
        Registry::of(&[text(&[COMPANIES, PERSONS].concat()), synthetic(3_000, 1)[HEADER.len()..].to_vec()].concat());
    // Nothing that could be looked for.
    for nothing in ["", " ", ".", "...---...", "\u{a0}\u{a0}", "\u{ab}?\u{bb}", "\u{0}", "\u{1f600}"] {
        let page = registry.search(&persons_too(nothing));
        assert!(page.hits.is_empty() && page.cursor.is_none() && page.is_complete, "{nothing:?}");
    }
    // A legal form alone is what some names have.
    for form in ["SAC", "S.A.C.", "s a c", "SOCIEDAD ANONIMA CERRADA", "E.I.R.L.", "S.R.L. S.A.C."] {
        let page = registry.search(&Query::new(form));
        assert!(!page.hits.is_empty(), "{form}");
    }
    // What is longer than any name is cut.
    for long in [
        "pesca ".repeat(2_000),
        "A".repeat(10_000),
        "\u{d1}".repeat(10_000),
        "a b c ".repeat(1_700),
        "?".repeat(10_000),
    ] {
        let page = registry.search(&persons_too(&long));
        assert!(page.hits.len() <= 10, "{}", &long[..10]);
    }
    for (text, name) in [
        ("COMPA\u{d1}IA \u{d1}ANDU", NANDU),
        ("COMPAN\u{303}IA N\u{303}ANDU\u{301}", NANDU),
        ("compania\u{a0}nandu", NANDU),
        ("(nandu) & \"hijos\"", NANDU),
        ("EBEN/EZER", EBEN_EZER),
    ] {
        assert_eq!(registry.said(&Query::new(text))[0].0, name, "{text}");
    }
}

#[test]
fn a_cursor_that_was_tampered_with_is_refused_or_gives_a_page() {
    let registry = Registry::of(&synthetic(5_000, 1));
    let now = start();
    let cursor = registry.search(&persons_too("quispe")).cursor.unwrap();
    let (mut n_refused, mut n_given) = (0, 0);
    for at in 0..cursor.len() {
        for digit in ["0", "7", "f", "g", "\u{f1}"] {
            let mut other = cursor.clone();
            other.replace_range(at..=at, digit);
            if other == cursor {
                continue;
            }
            let query = Query { cursor: Some(other), ..persons_too("quispe") };
            match registry.names.search(&query, &|_| false, &|| now) {
                Ok(page) => {
                    n_given += 1;
                    assert!(page.hits.len() <= 10 && page.hits.is_sorted_by(|one, other| one.score >= other.score));
                }
                Err(error) => {
                    n_refused += 1;
                    assert!(matches!(error, NamesError::Cursor), "{error}");
                }
            }
        }
    }
    assert!(n_refused > 60 && n_given > 0, "{n_refused} {n_given}");
}

#[test]
fn pages_follow_each_other_without_a_gap_or_a_repetition() {
    let registry = Registry::of(&synthetic(5_000, 1));
    for text in ["quispe", "inversiones", "maria qui", "sac", "rodriguez luis jose", "quipse", "s", "flores zzzz"] {
        let whole = registry.search(&Query { limit: 100, ..persons_too(text) });
        let (mut hits, mut query) = (Vec::new(), Query { limit: 7, ..persons_too(text) });
        while hits.len() < whole.hits.len() {
            let page = registry.search(&query);
            assert!(!page.hits.is_empty(), "{text}");
            hits.extend(page.hits);
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        hits.truncate(whole.hits.len());
        assert_eq!(hits, whole.hits, "{text}");
    }
}

#[test]
fn a_cursor_is_good_for_its_query_and_its_edition() {
    let registry = Registry::of(&synthetic(5_000, 1));
    let now = start();
    let cursor = registry.search(&persons_too("quispe")).cursor;
    assert!(cursor.is_some());
    let refused =
        |names: &Names, query: &Query| matches!(names.search(query, &|_| false, &|| now), Err(NamesError::Cursor));
    assert!(refused(&registry.names, &Query { cursor: cursor.clone(), ..persons_too("flores") }));
    assert!(refused(&registry.names, &Query { cursor: cursor.clone(), ..Query::new("quispe") }));
    assert!(refused(&registry.names, &Query { cursor: Some("nonsense".to_owned()), ..persons_too("quispe") }));
    let other = Registry::of(&synthetic(5_000, 2));
    assert!(refused(&other.names, &Query { cursor: cursor.clone(), ..persons_too("quispe") }));
    // Built again, the same names are in the same places.
    let again = build(&registry.padron);
    assert!(!refused(&again, &Query { cursor, limit: 50, ..persons_too("Quispe.") }));
}

#[test]
fn what_takes_too_long_says_that_it_is_not_complete() {
    let registry = Registry::of(&synthetic(20_000, 1));
    let begin = start();
    for text in ["maria quispe", "quispe maria rosa", "rodrigezu zzzz", "a"] {
        let looks = Cell::new(0);
        let late = || {
            looks.set(looks.get() + 1);
            begin + Duration::from_secs(looks.get())
        };
        let query = Query { limit: 100, within: Duration::from_secs(1), ..persons_too(text) };
        let page = registry.names.search(&query, &|_| false, &late).unwrap();
        assert!(!page.is_complete || looks.get() == 1, "{text}");
        assert!(looks.get() <= 2, "{text}: it goes on");
        assert!(registry.search(&query).is_complete, "{text}");
    }
}

#[test]
fn many_beginnings_are_stopped_in_time_too() {
    let registry = Registry::of(&synthetic(20_000, 1));
    let (begin, looks) = (start(), Cell::new(0_u32));
    let now = || {
        looks.set(looks.get() + 1);
        begin
    };
    // Each stands for many words, and what is put together for it takes its time however few names have them all.
    let words = ["qui", "mam", "rod", "gar", "san", "flo", "ram", "cas", "esp", "var"];
    registry.names.search(&persons_too(&words.join(" ")), &|_| false, &now).unwrap();
    // For each word in each part.
    assert!(looks.get() >= 20, "{} looks at the clock for {} words", looks.get(), words.len());
}

#[test]
fn an_index_is_built_once_and_again_when_it_is_not_ours() {
    let world = World::new();
    world.import(SAMPLE).unwrap();
    let padron = world.padron();
    assert!(Names::open(&padron).unwrap().is_none());
    let mut last = None;
    let names = Names::build(&padron, &mut |progress| {
        last = Some(progress);
        ControlFlow::Continue(())
    });
    let n_bytes = names.unwrap().n_bytes();
    assert_eq!(Names::open(&padron).unwrap().unwrap().n_bytes(), n_bytes);
    let folder = world.dir().join(padron.edition().to_string());
    let path = folder.join("names.chq");
    let whole = fs::read(&path).unwrap();
    // Another version, with a header that is whole.
    let mut other = whole.clone();
    other[8] ^= 0x40;
    let hash = blake3::hash(&other[..4096 - 32]);
    other[4096 - 32..4096].copy_from_slice(hash.as_bytes());
    fs::write(&path, other).unwrap();
    assert!(Names::open(&padron).unwrap().is_none());
    // Other rows.
    let neighbour = Registry::small();
    let theirs = neighbour.world.dir().join(neighbour.padron.edition().to_string()).join("names.chq");
    fs::copy(theirs, &path).unwrap();
    assert!(Names::open(&padron).unwrap().is_none());
    assert_eq!(build(&padron).n_bytes(), n_bytes);
    assert_eq!(fs::read(&path).unwrap(), whole, "the same rows give the same bytes");
}

#[test]
fn a_build_that_is_broken_off_leaves_the_old_index() {
    let registry = Registry::of(&synthetic(70_000, 1));
    let outcome = Names::build(&registry.padron, &mut |_| ControlFlow::Break(()));
    assert!(matches!(outcome, Err(NamesError::Cancelled)));
    assert!(Names::open(&registry.padron).unwrap().is_some());
    let mut met = None;
    Names::build(&registry.padron, &mut |_| {
        met.get_or_insert_with(|| Names::build(&registry.padron, &mut |_| ControlFlow::Continue(())).err());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(matches!(met, Some(Some(NamesError::Busy { .. }))), "{met:?}");
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let registry = Registry::small();
    let path = registry.world.dir().join("2026-11-21/names.chq");
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).filter(|at| *at < 64 || at % 53 == 0 || at + 600 > whole.len()) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        let outcome = Names::open(&registry.padron);
        assert!(matches!(outcome, Err(NamesError::Damaged { .. })), "byte {at}");
    }
    for length in [0, 1, 8, 4095, 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Names::open(&registry.padron).err().unwrap_or_else(|| panic!("length {length}"));
        assert!(error.to_string().ends_with("build the index of names again"), "{error}");
    }
    build(&registry.padron);
    assert!(Names::open(&registry.padron).unwrap().is_some());
}

#[test]
fn names_and_numbers_do_not_show_themselves_by_accident() {
    let registry = Registry::small();
    let query = persons_too("mamani juan");
    let said = format!("{query:?} {:?}", registry.search(&query));
    assert!(!said.to_uppercase().contains("MAMANI") && !said.contains("10100000"), "{said}");
}
