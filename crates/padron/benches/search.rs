//! Search by name at the registry's real size: how large, how fast, how good, beside `SQLite`'s full-text search.
//!
//! Arguments: `--rows N`, `--folder DIR` to keep the files for the next run, `--judged FILE` for the list of judged
//! queries, `--no-sqlite`, `--sqlite-rows N`, `--query TEXT` to see what the files of an earlier run answer. Names are
//! made up, so the list may be looked at.
//! Left out: what the caller does with a hit.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "shared/edition.rs"]
mod edition;
mod shared;

use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chasqui_padron::synth::Synth;
use chasqui_padron::{Column, Filters, Names, Padron, Page, Query, Reason, Row};
use chasqui_types::{Ruc, StatusKind};
use shared::{Place, figure};

const QUERIES: usize = 2_000;
const JUDGED: usize = 1_000;
/// So many queries of each kind are put to `SQLite`, which takes seconds for some.
const SQLITE_QUERIES: usize = 20;
const FIRST: usize = 10;
/// Where the judged queries go.
const LIST: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/judged-names.tsv");
const TYPO: &str = "one typo";
const FILTERS: &str = "filters";
/// Two readings of "a word left out".
const LEFT_OUT: &str = "a word of the name left out of the query";
const TOO_MANY: &str = "a word in the query that the name lacks";

/// How it is run.
struct Choices {
    list: PathBuf,
    asked: Vec<String>,
    /// Rows that `SQLite` gets; nothing for none.
    sqlite_rows: u64,
}

fn main() -> Result<()> {
    let (place, rest) = shared::arguments()?;
    let mut choices = Choices { list: PathBuf::from(LIST), asked: Vec::new(), sqlite_rows: u64::MAX };
    let mut arguments = rest.into_iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` takes a value"));
        match argument.as_str() {
            "--judged" => choices.list = PathBuf::from(value()?),
            "--query" => choices.asked.push(value()?),
            "--sqlite-rows" => choices.sqlite_rows = value()?.replace('_', "").parse()?,
            "--no-sqlite" => choices.sqlite_rows = 0,
            other => bail!("cannot use `{other}`"),
        }
    }
    if choices.asked.is_empty() { measure(&place, &choices) } else { ask(&place, &choices.asked) }
}

/// Shows what is found in the files of an earlier run.
fn ask(place: &Place, asked: &[String]) -> Result<()> {
    let padron = Padron::open(&place.editions())?.context("run it without a query first")?;
    let names = Names::open(&padron)?.context("run it without a query first")?;
    for text in asked {
        search(&names, &query(text))?;
        let start = Instant::now();
        let page = search(&names, &query(text))?;
        println!("{text}: {:.2} ms, complete: {}", start.elapsed().as_secs_f64() * 1e3, page.is_complete);
        for hit in &page.hits {
            let name = padron.find(hit.ruc)?.map(|row| row.text(Column::Name).into_owned());
            println!("  {:.3} {:9} {}  {}", hit.score, format!("{:?}", hit.reason), hit.ruc, name.unwrap_or_default());
        }
    }
    Ok(())
}

fn measure(place: &Place, choices: &Choices) -> Result<()> {
    let padron = edition::edition(place)?;
    let names = match Names::open(&padron)? {
        Some(names) => names,
        None => Names::build(&padron, &mut |_| ControlFlow::Continue(()))?,
    };
    let (persons, entities) = names.n_names();
    println!("names of persons {persons}, of legal entities {entities}");

    let anybody = sample(&place.synth, &padron, JUDGED, |_| true)?;
    let entities = sample(&place.synth, &padron, JUDGED, is_entity)?;
    let kinds = kinds(&anybody, &entities);
    latency(&names, &kinds)?;
    let mut judged = String::from("kind\tplace\tnames that have all words\tquery\tname\tnumber\n");
    quality(&padron, &names, &anybody, true, &mut judged)?;
    quality(&padron, &names, &entities, false, &mut judged)?;
    fs::write(&choices.list, &judged)?;
    println!("\nthe list of all that was judged is in {}; some that were missed:", choices.list.display());
    let misses = judged.lines().filter(|line| line.split('\t').nth(1) == Some("-"));
    misses.step_by(37).take(12).for_each(|line| println!("  {line}"));
    if choices.sqlite_rows > 0 { sqlite(place, &padron, &names, &kinds, choices.sqlite_rows) } else { Ok(()) }
}

/// Makes a query of a name.
type Make = fn(&str, &mut fastrand::Rng) -> String;

/// Queries that are alike.
struct Kind {
    what: &'static str,
    queries: Vec<Query>,
}

/// A row somebody looks for.
struct Wanted {
    ruc: Ruc,
    name: String,
}

fn is_entity(ruc: Ruc) -> bool {
    ruc.as_str().starts_with("20")
}

/// Rows from all over the registry, by chance.
fn sample(synth: &Synth, padron: &Padron, n: usize, keep: impl Fn(Ruc) -> bool) -> Result<Vec<Wanted>> {
    let mut random = fastrand::Rng::with_seed(11);
    let (mut wanted, mut row) = (Vec::new(), Row::new());
    while wanted.len() < n {
        let ruc = synth.number(random.u64(..synth.n_rows()));
        if keep(ruc) && padron.find_into(ruc, &mut row)? {
            let name = row.text(Column::Name).into_owned();
            if name.split_whitespace().count() > 1 {
                wanted.push(Wanted { ruc, name });
            }
        }
    }
    Ok(wanted)
}

fn search(names: &Names, query: &Query) -> Result<Page> {
    Ok(names.search(query, &|_| false, &Instant::now)?)
}

fn query(text: &str) -> Query {
    Query { limit: FIRST, persons: true, within: Duration::from_millis(200), ..Query::new(text) }
}

/// Queries of eight kinds.
fn kinds(sample: &[Wanted], entities: &[Wanted]) -> Vec<Kind> {
    let mut random = fastrand::Rng::with_seed(12);
    let common = [
        "INVERSIONES SAC",
        "SAC INVERSIONES",
        "SERVICIOS GENERALES SAC",
        "QUISPE",
        "FLORES QUISPE",
        "MARIA JOSE",
        "SAC",
        "GARCIA",
        "INVERSIONES",
        "S.A.",
        "MARIA",
        "ROSA QUISPE",
        "JUAN CARLOS",
        "EIRL SERVICIOS",
        "DE LA CRUZ",
        "RODRIGUEZ MARIA",
        "A",
        "MA",
        "SO",
        "I",
    ];
    let mut kinds: Vec<Kind> = Vec::new();
    let mut add = |what, make: &mut dyn FnMut(usize) -> Query| {
        kinds.push(Kind { what, queries: (0..QUERIES / 8).map(&mut *make).collect() });
    };
    let any = |random: &mut fastrand::Rng| &sample[random.usize(..sample.len())];
    let company = |random: &mut fastrand::Rng| &entities[random.usize(..entities.len())];
    add("whole names", &mut |_| query(&any(&mut random).name));
    add("whole names of companies", &mut |_| query(&company(&mut random).name));
    add("one word", &mut |_| {
        let words: Vec<&str> = any(&mut random).name.split_whitespace().collect();
        query(words[random.usize(..words.len())])
    });
    add("common words", &mut |n| query(common[n % common.len()]));
    add("being typed", &mut |_| {
        let name = &any(&mut random).name;
        let n = random.usize(2..name.chars().count().max(4));
        query(&name.chars().take(n).collect::<String>())
    });
    add(TYPO, &mut |_| query(&misspell(&any(&mut random).name, &mut random)));
    add("three words", &mut |_| {
        let mut words: Vec<&str> = any(&mut random).name.split_whitespace().collect();
        random.shuffle(&mut words);
        query(&words[..words.len().min(3)].join(" "))
    });
    add(FILTERS, &mut |n| {
        let words: Vec<&str> = company(&mut random).name.split_whitespace().collect();
        let mut query = query(words[random.usize(..words.len())]);
        query.filters = Filters { status: Some(StatusKind::Active), ..Filters::default() };
        if n % 2 == 0 {
            query.filters.ubigeo.push_str(["15", "1501", "150122", "04", "2101", "250101"][n / 2 % 6]);
        }
        query
    });
    kinds
}

fn latency(names: &Names, kinds: &[Kind]) -> Result<()> {
    println!("\n{QUERIES} queries, persons searched too, warm");
    let mut all = Vec::new();
    for Kind { what, queries } in kinds {
        let (mut took, mut n_incomplete) = (Vec::with_capacity(queries.len()), 0);
        let mut slowest = (Duration::ZERO, "");
        for is_warm in [false, true] {
            for query in queries {
                let start = Instant::now();
                let page = search(names, query)?;
                let elapsed = start.elapsed();
                if is_warm {
                    took.push(elapsed);
                    n_incomplete += u32::from(!page.is_complete);
                    slowest = slowest.max((elapsed, &query.text));
                }
            }
        }
        let [p50, p95, most] = times(&mut took);
        println!("  {what:26} p50 {p50:>7.2} ms   p95 {p95:>7.2} ms   max {most:>7.2} ms");
        println!("    incomplete {n_incomplete}, slowest: {}", slowest.1);
        all.extend(took);
    }
    let [p50, p95, most] = times(&mut all);
    for (what, value, target) in [("p50", p50, 5.0), ("p95", p95, 30.0), ("the slowest", most, 250.0)] {
        let is_met = Some((&*format!("< {target} ms"), value < target));
        figure(&format!("search by name, {QUERIES} queries, {what}"), &format!("{value:.2} ms"), is_met, "");
    }
    Ok(())
}

/// The middle one, the one that is slower than 95 of a hundred, and the slowest, in milliseconds.
fn times(took: &mut [Duration]) -> [f64; 3] {
    took.sort_unstable();
    [50, 95, 100].map(|percent| took[(took.len() * percent / 100).min(took.len() - 1)].as_secs_f64() * 1e3)
}

/// Changes one letter of one word, in one of the ways that fingers do.
fn misspell(name: &str, random: &mut fastrand::Rng) -> String {
    let mut words: Vec<Vec<char>> = name.split_whitespace().map(|word| word.chars().collect()).collect();
    let long: Vec<usize> = (0..words.len())
        .filter(|&word| words[word].len() >= 4 && words[word].iter().all(|letter| letter.is_alphabetic()))
        .collect();
    if let Some(&word) = random.choice(&long) {
        let word = &mut words[word];
        let at = random.usize(..word.len());
        let letter = char::from(b'A' + random.u8(..26));
        match random.u8(..4) {
            0 => word.insert(at, letter),
            1 => drop(word.remove(at)),
            2 => word[at] = letter,
            _ => {
                let at = at.min(word.len() - 2);
                word.swap(at, at + 1);
            }
        }
    }
    let words: Vec<String> = words.into_iter().map(|word| word.into_iter().collect()).collect();
    words.join(" ")
}

/// Words but for the legal form, which is one word in many.
fn shuffled(name: &str, random: &mut fastrand::Rng) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let form = ["SOCIEDAD", "EMPRESA", "S"].iter().filter_map(|form| words.iter().rposition(|word| word == form)).min();
    let form = form.filter(|&at| at > 0).unwrap_or(words.len());
    random.shuffle(&mut words[..form]);
    words.join(" ")
}

fn without_one(name: &str, random: &mut fastrand::Rng) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    words.remove(random.usize(..words.len()));
    words.join(" ")
}

fn with_another(name: &str, random: &mut fastrand::Rng) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    words.insert(random.usize(..=words.len()), ["PIZARRA", "XIMENA", "TAMBOR", "HUALLAGA"][random.usize(..4)]);
    words.join(" ")
}

fn quality(padron: &Padron, names: &Names, sample: &[Wanted], persons: bool, judged: &mut String) -> Result<()> {
    let what =
        if persons { "rows by chance, persons searched too" } else { "legal entities by chance, searched alone" };
    println!("\n{} {what}: how often the row, or one of the very same name, is among the first {FIRST}", sample.len());
    // A word may be left out by whoever asks or, when the name does not have it, by the search: both are judged.
    let kinds: [(&str, usize, Make); 5] = [
        ("as written", 99, |name, _| name.to_lowercase()),
        ("in any order", 99, shuffled),
        (TYPO, 95, misspell),
        (LEFT_OUT, 90, without_one),
        (TOO_MANY, 90, with_another),
    ];
    for (kind, target, make) in kinds {
        let mut random = fastrand::Rng::with_seed(13);
        let (mut n_found, mut n_vague, mut n_clear_found, mut ceiling) = (0_usize, 0_usize, 0_usize, 0.0);
        for wanted in sample {
            let text = make(&wanted.name, &mut random);
            let asked = Query { persons, within: Duration::from_secs(1), ..query(&text) };
            let page = search(names, &asked)?;
            let mut place = None;
            for (at, hit) in page.hits.iter().enumerate() {
                let is_same = hit.ruc == wanted.ruc
                    || padron.find(hit.ruc)?.is_some_and(|row| row.text(Column::Name) == wanted.name);
                if is_same {
                    place = Some(at + 1);
                    break;
                }
            }
            let n_fitting = if kind == LEFT_OUT { n_fitting(padron, names, &asked, &wanted.name)? } else { 0 };
            let is_vague = n_fitting > FIRST;
            ceiling += (percent(FIRST, n_fitting.max(1))).min(100.0);
            n_found += usize::from(place.is_some());
            n_vague += usize::from(is_vague);
            n_clear_found += usize::from(!is_vague && place.is_some());
            let place = place.map_or("-".to_owned(), |place| place.to_string());
            writeln!(judged, "{kind}\t{place}\t{n_fitting}\t{text}\t{}\t{}", wanted.name, wanted.ruc)?;
        }
        let n_clear = sample.len() - n_vague;
        let by_chance = ceiling / percent(sample.len(), 100);
        let mut beside = String::new();
        if kind == LEFT_OUT {
            println!("  {n_clear} of those that lack a word say enough: at most {FIRST} names have all their words;");
            println!("    of these {:.1} % are found", percent(n_clear_found, n_clear.max(1)));
            beside = format!("those that fit, ordered by chance: {by_chance:.1} %");
        }
        let (of, found) = (if persons { "any row" } else { "legal entities alone" }, percent(n_found, sample.len()));
        // Said of rows drawn at random; legal entities alone are another question.
        let text = format!(">= {target} %");
        let is_met = if persons { Some((&*text, n_found * 100 >= target * sample.len())) } else { None };
        figure(&format!("in the first {FIRST}, {of}: {kind}"), &format!("{found:.1} %"), is_met, &beside);
    }
    Ok(())
}

/// How many different names have all words of a query, as far as a thousand; the one wanted counts once.
///
/// None of them fits better than another but for the order of words and the number of others: where they are many, the
/// one wanted is among the first ten by luck.
fn n_fitting(padron: &Padron, names: &Names, asked: &Query, wanted: &str) -> Result<usize> {
    let mut query = Query { limit: 100, ..asked.clone() };
    let mut fitting = std::collections::HashSet::from([wanted.to_owned()]);
    for _ in 0..10 {
        let page = search(names, &query)?;
        for hit in &page.hits {
            if hit.reason <= Reason::AllWords {
                let row = padron.find(hit.ruc)?.context("a hit is a row")?;
                fitting.insert(row.text(Column::Name).into_owned());
            }
        }
        query.cursor = page.cursor.filter(|_| page.hits.last().is_some_and(|hit| hit.reason <= Reason::AllWords));
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(fitting.len())
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}

fn sqlite(place: &Place, padron: &Padron, names: &Names, kinds: &[Kind], sqlite_rows: u64) -> Result<()> {
    let path = place.path("names.sqlite");
    let _ = fs::remove_file(&path);
    let database = rusqlite::Connection::open(&path)?;
    database.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = 8589934592; PRAGMA cache_size = -262144;
        CREATE VIRTUAL TABLE names USING fts5 (name, content = '', tokenize = \"unicode61 remove_diacritics 2\"); BEGIN",
    )?;
    let start = Instant::now();
    let mut insert = database.prepare("INSERT INTO names (rowid, name) VALUES (?, ?)")?;
    let (mut rows, mut n_rows) = (padron.rows()?, 0);
    let every = (padron.n_rows() / sqlite_rows.min(padron.n_rows()).max(1)).max(1);
    while let Some(row) = rows.next()? {
        n_rows += 1;
        if n_rows % every == 0 {
            insert.execute(rusqlite::params![n_rows.cast_signed(), &*row.text(Column::Name)])?;
        }
    }
    drop(insert);
    database.execute_batch("COMMIT")?;
    let their_rows = n_rows / every;
    println!("\nSQLite FTS5, {their_rows} of {n_rows} rows    {:>9.1} s to build", start.elapsed().as_secs_f64());
    let (theirs, ours) = (megabytes(fs::metadata(&path)?.len()), megabytes(names.n_bytes()));
    // Both leave the names themselves to another file.
    figure(
        "SQLite FTS5's file / ours",
        &format!("{:.1} x", theirs / ours),
        None,
        &format!("{theirs:.0} MB, {ours:.0} MB"),
    );
    let mut find = database.prepare("SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 10")?;
    let (mut all, mut all_ours) = (Vec::new(), Vec::new());
    // It knows no typos, and states of taxpayers would be another table.
    for Kind { what, queries } in kinds.iter().filter(|kind| kind.what != TYPO && kind.what != FILTERS) {
        let (mut took, mut took_ours) = (Vec::new(), Vec::new());
        for query in queries.iter().step_by(queries.len() / SQLITE_QUERIES) {
            let words = query.text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
            let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
            let start = Instant::now();
            // The last word may be the beginning of one, as it may with us.
            let n = find.query_map([words.join(" ") + "*"], |row| row.get::<_, i64>(0))?.count();
            took.push(start.elapsed());
            std::hint::black_box(n);
            let start = Instant::now();
            std::hint::black_box(search(names, query)?);
            took_ours.push(start.elapsed());
        }
        let ([p50, p95, _], [our_p50, our_p95, _]) = (times(&mut took), times(&mut took_ours));
        println!("  {what:26} p50 {p50:>8.2} ms, ours {our_p50:>6.2}   p95 {p95:>8.2} ms, ours {our_p95:>6.2}");
        all.extend(took);
        all_ours.extend(took_ours);
    }
    let ([p50, p95, _], [our_p50, our_p95, _]) = (times(&mut all), times(&mut all_ours));
    for (what, theirs, ours) in [("p50", p50, our_p50), ("p95", p95, our_p95)] {
        let beside = format!("{theirs:.2} ms with {their_rows} rows, ours {ours:.2} ms with all");
        figure(
            &format!("SQLite FTS5 / ours, {} of the queries, {what}", all.len()),
            &format!("{:.1} x", theirs / ours),
            None,
            &beside,
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
