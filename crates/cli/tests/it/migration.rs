//! `docs/migration.md` keeps its word: every route in its tables is asked of a running server, every command run, every
//! expression compiled and evaluated.
//!
//! Cells are told apart by the title of their column, so a row needs nothing but its text to be tried; an expression
//! stands here once more, because only the compiler can read it.
//! That the cells of a row do the same, and what the old method did, is told by their shapes.
//! Left out: what the answers say, which the tests of each surface look at.

mod deeds;

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{Read, Write};

use self::deeds::{Deed, words};
use crate::program::{Running, World};

const PAGE: &str = include_str!("../../../../docs/migration.md");

/// Every method and helper that callers of the old classes know, and what it did.
const OLD: &[(&str, &str)] = &[
    // MigoAPIService
    ("consultar_cuenta", "account"),
    ("consultar_ruc", "taxpayer"),
    ("consultar_ruc(force_refresh=True)", "taxpayer anew"),
    ("consultar_dni", "person"),
    ("consultar_tipo_cambio_latest", "last rate"),
    ("consultar_tipo_cambio_fecha", "rate of a day"),
    ("consultar_tipo_cambio_rango", "rates"),
    ("consultar_representantes_legales", "representatives"),
    ("consultar_ruc_masivo", "taxpayers"),
    ("consultar_ruc_masivo_completo", "taxpayers"),
    ("validar_ruc_para_facturacion", "billing"),
    ("validar_rucs_para_facturacion", "billings"),
    ("get_invalid_rucs_report", "list absent"),
    ("clear_invalid_rucs_cache", "forget all absent"),
    // MigoAPIServiceAsync and what came with it
    ("consultar_ruc_async", "taxpayer"),
    ("consultar_ruc_masivo_async", "taxpayers"),
    ("consultar_dni_async", "person"),
    ("consultar_tipo_cambio_async", "last rate"),
    ("validar_ruc_para_facturacion_async", "billing"),
    ("run_async", "taxpayer"),
    ("batch_query", "taxpayers"),
    ("consultar_rucs_en_paralelo", "taxpayers"),
    ("validar_rucs_batch", "billings"),
    ("close", "reach"),
    // APICacheService
    ("get", "taxpayer"),
    ("set", "taxpayer anew"),
    ("delete", "forget some"),
    ("clear", "forget all"),
    ("get_tipo_cambio", "rate of a day"),
    ("set_tipo_cambio", "last rate anew"),
    ("get_ruc", "taxpayer"),
    ("set_ruc", "taxpayer anew"),
    ("delete_ruc", "forget"),
    ("add_invalid_ruc", "mark absent"),
    ("is_ruc_invalid", "show absent"),
    ("get_invalid_ruc_info", "show absent"),
    ("remove_invalid_ruc", "forget absent"),
    ("get_all_invalid_rucs", "list absent"),
    ("clear_invalid_rucs", "forget all absent"),
    ("get_cache_stats", "memory in numbers"),
    ("cleanup_expired", "clean"),
    ("get_service_cache_key", "forget some"),
];

/// A row of a table: the code in each of its cells, under the title of the column.
struct Row {
    cells: Vec<(String, Vec<String>)>,
}

// === impl Row ===

impl Row {
    /// The code in the cells whose title starts so.
    fn code(&self, title: &str) -> impl Iterator<Item = &str> {
        let cells = self.cells.iter().filter(move |(own, _)| own.starts_with(title));
        cells.flat_map(|(_, code)| code.iter().map(String::as_str))
    }

    /// The old methods that it is about.
    fn methods(&self) -> Vec<&'static str> {
        let known = |code: &str| {
            let bare = code.split('(').next().expect("a split has a first part");
            let find = |text: &str| OLD.iter().map(|(name, _)| *name).find(|name| *name == text);
            find(code).or_else(|| find(bare)).unwrap_or_else(|| panic!("nothing is known of `{code}`"))
        };
        let named = self.code("method").chain(self.code("helper"));
        // Words of Python's own.
        named.filter(|code| !["await", "async with … as service"].contains(code)).map(known).collect()
    }
}

/// Every row of every table of the page.
fn rows() -> Vec<Row> {
    let mut titles: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for line in PAGE.lines() {
        let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            // A dashed line goes on with its table, anything else ends it.
            if !line.starts_with("|---") {
                titles.clear();
            }
            continue;
        };
        let cells: Vec<&str> = cells.split(" | ").collect();
        if titles.is_empty() {
            titles = cells.into_iter().map(str::to_owned).collect();
            continue;
        }
        assert_eq!(cells.len(), titles.len(), "{line}");
        let code = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        rows.push(Row { cells: titles.iter().cloned().zip(cells.into_iter().map(code)).collect() });
    }
    rows
}

/// A server, and the folder in which the commands of the page find their files.
fn world() -> (World, Running) {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    let address = server.base.strip_prefix("http://").expect("it says where").to_owned();
    let world = World::new()
        .with("CHASQUI_SERVER__LISTEN", &address)
        .with_file("numbers.txt", "20131312955\n20100047218\n")
        .with_file("clientes.csv", "RUC;Cliente\n20131312955;Uno\n20100047218;Dos\n");
    (world, server)
}

#[test]
fn every_old_method_has_a_row() {
    let names: BTreeSet<&str> = rows().iter().flat_map(Row::methods).collect();
    let missing: Vec<_> = OLD.iter().filter(|(name, _)| !names.contains(name)).collect();
    assert!(missing.is_empty(), "docs/migration.md has no row for {missing:?}");
}

#[test]
fn every_cell_of_a_row_does_what_the_old_method_did() {
    for row in rows() {
        let deeds: Vec<Deed> =
            ["route", "command", "crate"].iter().flat_map(|title| row.code(title)).map(Deed::of).collect();
        assert!(deeds.windows(2).all(|pair| pair[0] == pair[1]), "{:?}: {deeds:?}", row.cells);
        for method in row.methods() {
            let (_, did) = OLD.iter().find(|(name, _)| *name == method).expect("it was found there");
            assert_eq!(*did, deeds[0].does, "{method}");
        }
    }
}

#[test]
fn every_row_says_what_to_do_in_each_way() {
    for row in rows() {
        for (title, code) in &row.cells {
            assert!(!code.is_empty() || title == "method" || title == "old view", "{:?}: {title}", row.cells);
        }
    }
}

#[test]
fn every_route_answers() {
    let (_, server) = world();
    let mut n_routes = 0;
    for row in rows() {
        for route in row.code("route") {
            let (status, body) = send(&server, route);
            assert_eq!(status, 200, "{route}: {body}");
            assert!(
                !body.contains("\"success\":false") && !body.contains("\"outcome\":\"unknown\""),
                "{route}: {body}"
            );
            n_routes += 1;
        }
    }
    assert!(n_routes > OLD.len() / 2, "{n_routes} routes");
}

#[test]
fn every_command_runs() {
    let (world, _server) = world();
    for row in rows() {
        for command in row.code("command") {
            let words = words(command);
            let (program, arguments) = words.split_first().expect("a command has words");
            assert_eq!(program, "chasqui", "{command}");
            let run = world.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(run.code, 0, "{command}: {}", run.everything());
        }
    }
}

/// Evaluates each expression, one after the other, and gives their texts.
macro_rules! evaluate {
    ($($expression:expr),+ $(,)?) => {{
        let mut texts = Vec::new();
        $(
            let evaluated = async {
                let _ = $expression;
                Ok::<(), Box<dyn Error>>(())
            };
            evaluated.await.unwrap_or_else(|error| panic!("{}: {error}", stringify!($expression)));
            texts.push(stringify!($expression));
        )+
        texts
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn every_async_expression_evaluates() -> Result<(), Box<dyn Error>> {
    let (_, server) = world();
    let base = server.base.as_str();
    let client = chasqui::Client::connect(base)?;
    let numbers = "20131312955\n20100047218";
    let evaluated = evaluate![
        client.account().await?,
        client.taxpayer("20131312955").await?,
        client.anew().taxpayer("20131312955").await?,
        client.person("10117410").await?,
        client.latest_rate().await?,
        client.anew().latest_rate().await?,
        client.rate_on("2026-07-28".parse()?).await?,
        client.rates("2026-01-01".parse()?, "2026-01-31".parse()?).await?,
        client.representatives("20131312955").await?,
        client.taxpayers(["20131312955", "20100047218"]).collect_in_order().await,
        client.taxpayers(numbers.lines()).collect_in_order().await,
        client.taxpayers(numbers.lines()).next().await,
        client.billing("20131312955").await?.may_be_invoiced(),
        client.billings(["20131312955", "20100047218"]).collect_in_order().await,
        client.billings(numbers.lines()).collect_in_order().await,
        client.cache().mark_absent("20000000001", "closed, seen on paper", None).await?,
        client.cache().absent_number("20000000001").await?.is_some(),
        client.cache().absent_number("20000000001").await?,
        client.cache().absent().await?,
        client.cache().forget_absent("20000000001").await?,
        client.cache().forget_all_absent().await?,
        client.cache().stats().await?,
        client.cache().health().await?,
        client.cache().clean().await?,
        client.cache().forget("20131312955").await?,
        client.cache().clear_some(Some("migo"), Some(chasqui::Kind::Ruc)).await?,
        client.cache().clear_some(None, Some(chasqui::Kind::Dni)).await?,
        client.cache().clear().await?,
        chasqui::Client::connect(base)?,
    ];
    same_as_the_page(&evaluated, |expression| !is_blocking(expression));
    Ok(())
}

/// The same without `async`.
macro_rules! evaluate_blocking {
    ($($expression:expr),+ $(,)?) => {{
        let mut texts = Vec::new();
        $(
            let evaluated = || {
                let _ = $expression;
                Ok::<(), Box<dyn Error>>(())
            };
            evaluated().unwrap_or_else(|error| panic!("{}: {error}", stringify!($expression)));
            texts.push(stringify!($expression));
        )+
        texts
    }};
}

#[test]
fn every_blocking_expression_evaluates() -> Result<(), Box<dyn Error>> {
    let (_, server) = world();
    let base = server.base.as_str();
    let client = chasqui::blocking::Client::connect(base)?;
    let numbers = "20131312955\n20100047218";
    let evaluated = evaluate_blocking![
        client.account()?,
        client.taxpayer("20131312955")?,
        client.anew().taxpayer("20131312955")?,
        client.person("10117410")?,
        client.latest_rate()?,
        client.rate_on("2026-07-28".parse()?)?,
        client.rates("2026-01-01".parse()?, "2026-01-31".parse()?)?,
        client.representatives("20131312955")?,
        client.taxpayers(["20131312955", "20100047218"]).collect_in_order(),
        client.taxpayers(numbers.lines()).collect_in_order(),
        client.billing("20131312955")?.may_be_invoiced(),
        client.billings(["20131312955", "20100047218"]).collect_in_order(),
        client.cache().absent()?,
        client.cache().forget_all_absent()?,
        chasqui::blocking::Client::connect(base)?.taxpayer("20131312955")?,
    ];
    same_as_the_page(&evaluated, is_blocking);
    Ok(())
}

/// What the page shows and what was evaluated are the same expressions.
#[track_caller]
fn same_as_the_page(evaluated: &[&str], is_meant: impl Fn(&str) -> bool) {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let rows = rows();
    let shown: BTreeSet<String> =
        rows.iter().flat_map(|row| row.code("crate").filter(|cell| is_meant(cell))).map(bare).collect();
    let evaluated: BTreeSet<String> = evaluated.iter().map(|text| bare(text)).collect();
    assert_eq!(shown, evaluated, "docs/migration.md on the left, what is evaluated here on the right");
}

fn is_blocking(expression: &str) -> bool {
    expression.contains("blocking") || !(expression.contains(".await") || expression.contains("chasqui::Client"))
}

/// Sends `METHOD /path {body}`; status and body of the answer.
fn send(server: &Running, route: &str) -> (u16, String) {
    let mut parts = route.splitn(3, ' ');
    let (method, path) = (parts.next().expect("a method"), parts.next().expect("a path"));
    let body = parts.next().unwrap_or_default();
    let host = server.base.strip_prefix("http://").expect("it says where");
    let mut stream = std::net::TcpStream::connect(host).expect("it listens");
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    let head = if body.is_empty() { head } else { format!("{head}Content-Type: application/json\r\n") };
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("it reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("it answers");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head and a body");
    (head.split(' ').nth(1).expect("a status").parse().expect("a number"), body.to_owned())
}
