//! Search by name at the registry's real size: how large, how fast, how good, beside `SQLite`'s full-text search.
//!
//! Arguments: `--rows N`, `--folder DIR` to keep the files for the next run, `--judged FILE` for the list of judged
//! queries, `--no-sqlite`, `--query TEXT` to see what the files of an earlier run answer. Names are made up, so the list may be looked at.
//! Left out: what the caller does with a hit.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chasqui_padron::synth::{HEADER, Synth};
use chasqui_padron::{Column, Filters, Names, Options, Outcome, Padron, Page, Query, Reason, Row, import};
use chasqui_types::{Ruc, StatusKind};

const ROWS: u64 = 18_400_000;
const SEED: u64 = 1;
const QUERIES: usize = 2_000;
const JUDGED: usize = 1_000;
/// Rows that `SQLite` gets; all of them would take it an hour.
const SQLITE_ROWS: u64 = 1_000_000;
const FIRST: usize = 10;
/// Where the judged queries go.
const LIST: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/judged-names.tsv");
const LEFT_OUT: &str = "a word left out";

fn main() -> Result<()> {
    let (mut n_rows, mut folder, mut with_sqlite, mut list, mut asked) =
        (ROWS, None, true, PathBuf::from(LIST), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` takes a value"));
        match argument.as_str() {
            "--rows" => n_rows = value()?.replace('_', "").parse()?,
            "--folder" => folder = Some(PathBuf::from(value()?)),
            "--judged" => list = PathBuf::from(value()?),
            "--query" => asked.push(value()?),
            "--no-sqlite" => with_sqlite = false,
            "--bench" => {}
            other => bail!("cannot use `{other}`"),
        }
    }
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&folder)?;
    if asked.is_empty() { measure(n_rows, &folder, &list, with_sqlite) } else { ask(n_rows, &folder, &asked) }
}

/// Shows what is found in the files of an earlier run.
fn ask(n_rows: u64, folder: &Path, asked: &[String]) -> Result<()> {
    let padron = Padron::open(&folder.join(format!("search-{n_rows}")))?.context("run it without a query first")?;
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

fn measure(n_rows: u64, folder: &Path, list: &Path, with_sqlite: bool) -> Result<()> {
    let synth = Synth::new(n_rows, SEED);
    let dir = folder.join(format!("search-{n_rows}"));
    if Padron::open(&dir).ok().flatten().is_none() {
        make(&synth, folder, &dir)?;
    }
    let padron = Padron::open(&dir)?.context("the import puts its edition into use")?;
    let before = resident("VmRSS:");
    let start = Instant::now();
    let names = Names::build(&padron, &mut |_| ControlFlow::Continue(()))?;
    let took = start.elapsed().as_secs_f64();
    println!("build the index of names  {took:>9.1} s           target < 600 s");
    println!("resident, before and peak {before:>9.1} MB {:>7.1} MB  target < 1500 MB", resident("VmHWM:"));
    println!("index of names            {:>9.1} MB          target < 1200 MB", megabytes(names.n_bytes()));
    let (persons, entities) = names.n_names();
    println!("  names of persons {persons}, of legal entities {entities}");
    let start = Instant::now();
    let names = Names::open(&padron)?.context("it was just built")?;
    println!("open, checked before      {:>9.1} ms", start.elapsed().as_secs_f64() * 1e3);

    let anybody = sample(&synth, &padron, JUDGED, |_| true)?;
    let entities = sample(&synth, &padron, JUDGED, is_entity)?;
    latency(&names, &anybody, &entities)?;
    let mut judged = String::from("kind\tplace\tnames that have all words\tquery\tname\tnumber\n");
    quality(&padron, &names, &anybody, true, &mut judged)?;
    quality(&padron, &names, &entities, false, &mut judged)?;
    fs::write(list, &judged)?;
    println!("\nthe list of all that was judged is in {}; some that were missed:", list.display());
    let misses = judged.lines().filter(|line| line.split('\t').nth(1) == Some("-"));
    misses.step_by(37).take(12).for_each(|line| println!("  {line}"));
    if with_sqlite {
        sqlite(&padron, &anybody, folder)?;
    }
    Ok(())
}

fn make(synth: &Synth, folder: &Path, dir: &Path) -> Result<()> {
    let text = folder.join("search.txt");
    let mut file = BufWriter::new(File::create(&text)?);
    file.write_all(HEADER)?;
    let (mut lines, mut from) = (Vec::new(), 0);
    while from < synth.n_rows() {
        let to = (from + 16_384).min(synth.n_rows());
        lines.clear();
        synth.write(from..to, &mut lines);
        file.write_all(&lines)?;
        from = to;
    }
    file.flush()?;
    drop(file);
    let threads = NonZeroUsize::new(2).context("two is not zero")?;
    let today = "2026-11-21".parse()?;
    let options = Options { date: Some(today), today, force: true, keep: 1, threads };
    let start = Instant::now();
    let outcome = import(&text, dir, &options, &mut |_| ControlFlow::Continue(()))?;
    fs::remove_file(text)?;
    let Outcome::Imported(report) = outcome else { bail!("the folder was empty") };
    println!("import from text          {:>9.1} s, {} rows", start.elapsed().as_secs_f64(), report.rows);
    Ok(())
}

/// Makes a query of a name.
type Make = fn(&str, &mut fastrand::Rng) -> String;

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

fn latency(names: &Names, sample: &[Wanted], entities: &[Wanted]) -> Result<()> {
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
    let mut kinds: Vec<(&str, Vec<Query>)> = Vec::new();
    let mut add = |kind, make: &mut dyn FnMut(usize) -> Query| {
        kinds.push((kind, (0..QUERIES / 8).map(&mut *make).collect()));
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
    add("one typo", &mut |_| query(&misspell(&any(&mut random).name, &mut random)));
    add("three words", &mut |_| {
        let mut words: Vec<&str> = any(&mut random).name.split_whitespace().collect();
        random.shuffle(&mut words);
        query(&words[..words.len().min(3)].join(" "))
    });
    add("filters", &mut |n| {
        let words: Vec<&str> = company(&mut random).name.split_whitespace().collect();
        let mut query = query(words[random.usize(..words.len())]);
        query.filters = Filters { status: Some(StatusKind::Active), ..Filters::default() };
        if n % 2 == 0 {
            query.filters.ubigeo.push_str(["15", "1501", "150122", "04", "2101", "250101"][n / 2 % 6]);
        }
        query
    });
    println!("\n{QUERIES} queries, persons searched too, warm");
    let mut all = Vec::new();
    for (kind, queries) in &kinds {
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
        print_times(kind, &mut took);
        println!("    incomplete {n_incomplete}, slowest: {}", slowest.1);
        all.extend(took);
    }
    print_times("all", &mut all);
    println!("{:28}targets: p50 < 5 ms, p95 < 30 ms, never > 250 ms", "");
    Ok(())
}

fn print_times(what: &str, took: &mut [Duration]) {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!("  {what:26} p50 {:>7.2} ms   p95 {:>7.2} ms   max {:>7.2} ms", at(50), at(95), at(100));
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
    let kinds: [(&str, &str, Make); 5] = [
        ("as written", "target >= 99 %", |name, _| name.to_lowercase()),
        ("in any order", "target >= 99 %", shuffled),
        ("one typo", "target >= 95 %", misspell),
        (LEFT_OUT, "target >= 90 %", without_one),
        ("a word too many", "", with_another),
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
        println!("  {kind:18} {:>5.1} %   {target}", percent(n_found, sample.len()));
        if kind == LEFT_OUT {
            println!("    {n_clear} of these say enough, because at most {FIRST} names have all their words;");
            println!("      of those                    {:>5.1} %", percent(n_clear_found, n_clear.max(1)));
            println!("    an order by chance would find {:>5.1} %", ceiling / percent(sample.len(), 100));
        }
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

fn sqlite(padron: &Padron, sample: &[Wanted], folder: &Path) -> Result<()> {
    let path = folder.join("search.sqlite");
    let _ = fs::remove_file(&path);
    let database = rusqlite::Connection::open(&path)?;
    database.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = 8589934592;
        CREATE VIRTUAL TABLE names USING fts5 (name, content = '', tokenize = \"unicode61 remove_diacritics 2\"); BEGIN",
    )?;
    let start = Instant::now();
    let mut insert = database.prepare("INSERT INTO names (rowid, name) VALUES (?, ?)")?;
    let (mut rows, mut n_rows) = (padron.rows()?, 0);
    let every = (padron.n_rows() / SQLITE_ROWS).max(1);
    while let Some(row) = rows.next()? {
        n_rows += 1;
        if n_rows % every == 0 {
            insert.execute(rusqlite::params![n_rows.cast_signed(), &*row.text(Column::Name)])?;
        }
    }
    drop(insert);
    database.execute_batch("COMMIT")?;
    println!("\nSQLite FTS5, {} rows    {:>9.1} s to build", n_rows / every, start.elapsed().as_secs_f64());
    println!("  its file                {:>9.1} MB", megabytes(fs::metadata(&path)?.len()));
    let mut find = database.prepare("SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 10")?;
    for (what, n_words) in [("one word, ranked", 1), ("whole names, ranked", 99)] {
        let mut took = Vec::new();
        for wanted in &sample[..200] {
            let words = wanted.name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
            let text: Vec<String> = words.take(n_words).map(|word| format!("\"{word}\"")).collect();
            let start = Instant::now();
            let n = find.query_map([text.join(" ")], |row| row.get::<_, i64>(0))?.count();
            took.push(start.elapsed());
            std::hint::black_box(n);
        }
        print_times(what, &mut took);
    }
    Ok(())
}

/// What the system says of this process's memory, in MB; 0 where it does not.
fn resident(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
