//! One bit of one file is another: it is noticed, or it does no harm, and what is open keeps answering.
//!
//! Left out: bytes that change under the reader, behind the checksums; that is tried beside the code.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use chasqui_padron::{
    AgentOptions, Agents, Changes, Edition, Names, Padron, Query, Suppressed, import_agents, write_changes,
};
use chasqui_types::{AgentList, Ruc};

use crate::{SAMPLE, World, date};

const OLD: &str = "2026-11-20";
const NEW: &str = "2026-11-21";
const CHANGED: &str = "20100193117";

/// What was asked, and what was answered: something, or why not.
type Answers = Vec<(&'static str, Result<String, String>)>;

/// A folder with every kind of file that there is.
fn everything() -> World {
    let mut world = World::new();
    world.options.force = true;
    let changed = SAMPLE.to_vec();
    let at = changed.windows(11).position(|part| part == CHANGED.as_bytes()).unwrap();
    let mut changed = changed;
    let active = changed[at..].windows(6).position(|part| part == b"ACTIVO").unwrap();
    changed[at + active..][..6].copy_from_slice(b"OTRO  ");
    for (day, text) in [(OLD, SAMPLE), (NEW, &changed)] {
        world.options.date = Some(date(day));
        world.import(text).unwrap();
    }
    let padrons = [OLD, NEW].map(|day| Padron::open_edition(&world.dir(), day.parse().unwrap()).unwrap());
    write_changes(&world.dir(), &padrons[0], &padrons[1]).unwrap();
    for padron in &padrons {
        Names::build(padron, &mut |_| ControlFlow::Continue(())).unwrap();
    }
    let list = b"Ruc|Nombre/Razon|A partir del|Resolucion|\r20100193117|YARA|01/06/2012|RS R.S.096-2012|\r";
    let options = AgentOptions { as_of: date(NEW), force: true };
    import_agents(AgentList::Retention, &world.file("list", list), &world.dir(), &options).unwrap();
    let mut suppressed = Suppressed::open(&world.dir()).unwrap();
    suppressed.add(ruc("20101599206")).unwrap();
    suppressed.add(ruc("10101174102")).unwrap();
    world
}

fn ruc(text: &str) -> Ruc {
    text.parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a moment to begin with; it stands still afterwards")]
fn moment() -> Instant {
    Instant::now()
}

fn said<T>(outcome: Result<T, impl std::fmt::Display>) -> Result<T, String> {
    outcome.map_err(|error| error.to_string())
}

fn rows(padron: &Padron) -> Result<String, String> {
    let mut all = padron.edition().to_string();
    let mut rows = said(padron.rows())?;
    while let Some(row) = said(rows.next())? {
        let found = said(padron.find_raw(&row.text(chasqui_padron::Column::Ruc)))?;
        assert!(found.iter().any(|other| other.raw() == row.raw()), "walking and finding agree");
        all.extend(row.raw().iter().copied().map(char::from));
        all.push('\n');
    }
    Ok(all)
}

fn hits(names: &Names) -> Result<String, String> {
    let now = moment();
    let queries = ["pesca peru", "apellido", "sac", "yaar peru"];
    let pages = queries.map(|text| {
        let query = Query { persons: true, ..Query::new(text) };
        said(names.search(&query, &|_| false, &|| now))
    });
    let mut all = String::new();
    for page in pages {
        all.extend(page?.hits.iter().map(|hit| format!("{} {} {:?}\n", hit.ruc.as_str(), hit.score, hit.reason)));
    }
    Ok(all)
}

fn history(dir: &Path, padron: &Padron) -> Result<String, String> {
    let changes = said(Changes::open(dir, padron))?;
    let mut text = Vec::new();
    for change in said(changes.history(ruc(CHANGED)))? {
        change.write_ndjson(&mut text).unwrap();
    }
    let past = said(changes.on(padron, ruc(CHANGED), date(OLD)))?;
    Ok(format!("{}{past:?}", String::from_utf8(text).unwrap()))
}

/// Asks everything, of `padron` or else of the edition in use.
fn ask(dir: &Path, edition: Option<Edition>) -> Answers {
    let padron = match edition {
        Some(edition) => said(Padron::open_edition(dir, edition)),
        None => said(Padron::open(dir)).map(|padron| padron.expect("something names the edition in use")),
    };
    let of = |ask: &dyn Fn(&Padron) -> Result<String, String>| padron.as_ref().map_err(Clone::clone).and_then(ask);
    let agents = said(Agents::open(dir)).map(|agents| {
        let agents = agents.expect("a list was imported");
        format!("{:?} {:?}", agents.lists(), agents.of(ruc(CHANGED)).collect::<Vec<_>>())
    });
    let suppressed = said(Suppressed::open(dir)).map(|list| {
        let numbers = ["20101599206", "10101174102", CHANGED];
        format!("{} {:?}", list.len(), numbers.map(|number| list.contains(ruc(number))))
    });
    vec![
        ("rows", of(&rows)),
        ("report", of(&|padron| said(padron.report()).map(|report| format!("{report:?}")))),
        (
            "names",
            of(&|padron| {
                let names = said(Names::open(padron))?.ok_or("there is no index of names.chq, build it")?;
                hits(&names)
            }),
        ),
        ("history", of(&|padron| history(dir, padron))),
        ("agents", agents),
        ("suppressed", suppressed),
    ]
}

/// Flips one bit after the other, and asks everything each time. Says how many of them did no harm.
#[track_caller]
fn check(file: &str, told_in: &[&str], step: usize) -> usize {
    let world = everything();
    let dir = world.dir();
    let editions: Vec<Answers> = [OLD, NEW].map(|day| ask(&dir, Some(day.parse().unwrap()))).into();
    assert!(editions.iter().flatten().all(|(_, answer)| answer.is_ok()), "{editions:?}");
    let live = world.padron();
    let live_names = Names::open(&live).unwrap().unwrap();
    let before = [rows(&live).unwrap(), hits(&live_names).unwrap()];

    let path = dir.join(file);
    let whole = fs::read(&path).unwrap();
    let places = (0..whole.len()).filter(|at| at % step == 0 || *at < 300 || at + 300 > whole.len());
    let mut n_harmless = 0;
    for at in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at / step % 8);
        // As another file, because the one that is open is what keeps answering.
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let answers = ask(&dir, None);
        let mut is_harmless = true;
        for (which, (what, answer)) in answers.iter().enumerate() {
            match answer {
                Ok(answer) => assert!(
                    editions.iter().any(|whole| whole[which].1.as_ref() == Ok(answer)),
                    "byte {at} of {file} changed what is said of {what}: {answer}"
                ),
                Err(why) => {
                    is_harmless = false;
                    assert!(told_in.iter().any(|name| why.contains(name)), "byte {at} of {file}: {what}: {why}");
                }
            }
        }
        // No answer of one edition beside one of the other.
        let of_one = editions
            .iter()
            .any(|whole| answers.iter().zip(whole).all(|((_, answer), (_, whole))| answer.is_err() || answer == whole));
        assert!(of_one, "byte {at} of {file} mixes editions");
        n_harmless += usize::from(is_harmless);
    }
    assert_eq!([rows(&live).unwrap(), hits(&live_names).unwrap()], before, "what is open keeps answering");
    fs::remove_file(&path).unwrap();
    fs::write(&path, &whole).unwrap();
    assert_eq!(ask(&dir, None), editions[1], "and so does everything once the file is put back");
    n_harmless
}

#[test]
fn of_the_rows() {
    assert_eq!(check("2026-11-21/rows.chq", &["rows.chq"], 97), 0);
}

#[test]
fn of_the_index_of_names() {
    assert_eq!(check("2026-11-21/names.chq", &["names.chq"], 23), 0);
}

#[test]
fn of_the_changes() {
    assert_eq!(check("changes-2026-11-20-2026-11-21.chq", &["changes-2026-11-20-2026-11-21.chq"], 1), 0);
}

#[test]
fn of_the_lists_of_agents() {
    assert_eq!(check("agents.chq", &["agents.chq"], 1), 0);
}

#[test]
fn of_the_suppressed_numbers() {
    assert_eq!(check("suppressed.chq", &["suppressed.chq"], 1), 0);
}

#[test]
fn of_the_key_of_the_suppressed_numbers() {
    // A letter of it may be a small or a large one, and a blank behind it is none of it.
    let n_harmless = check("suppressed.key", &["suppressed.key", "suppressed.chq"], 1);
    assert!(n_harmless <= 9, "{n_harmless}");
}

#[test]
fn of_the_report() {
    assert_eq!(check("2026-11-21/report.json", &["report.json"], 1), 0);
}

#[test]
fn of_the_name_of_the_edition_in_use() {
    // It may be that of the other edition, which is told as what it is, or of one that is not there.
    check("current", &["current does not name an edition", "rows.chq"], 1);
}

#[test]
fn of_the_notes_that_files_are_whole() {
    for note in ["2026-11-21/checked", "2026-11-21/names.checked"] {
        // Nothing may be said of them, so each bit of them does no harm.
        assert!(check(note, &[], 1) > 100, "{note}");
    }
}
