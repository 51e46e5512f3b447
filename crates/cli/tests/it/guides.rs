//! The guides do what they say: every block of code in README and `docs` is executed, and every link leads somewhere.
//!
//! How a block says what is to be done with it stands in CONTRIBUTING.md, "The guides"; the blocks in Rust are
//! documentation tests of `chasqui-server`, and `docs/migration.md` has a module of its own here.
//! Left out: addresses on the network, because tests ask nothing of it.

mod compare;
mod links;
mod page;
mod session;

use std::path::{Path, PathBuf};

use self::page::{Action, Page};
use self::session::Session;
use crate::program::World;

/// How many blocks may be left alone, whatever their reasons: what nobody runs decays.
const MOST_SKIPPED: usize = 6;

/// One test for each page, so that they run side by side; the names are paths from the root.
macro_rules! pages {
    ($($name:ident: $path:literal,)+) => {
        const PAGES: &[&str] = &[$($path),+];
        $(
            #[test]
            fn $name() {
                run($path);
            }
        )+
    };
}

pages! {
    readme_does_what_it_says: "README.md",
    readme_in_spanish_does_what_it_says: "README.es.md",
    index_does_what_it_says: "docs/README.md",
    summary_does_what_it_says: "docs/SUMMARY.md",
    start_does_what_it_says: "docs/start.md",
    guide_does_what_it_says: "docs/guide.md",
    bulk_does_what_it_says: "docs/bulk.md",
    padron_does_what_it_says: "docs/padron.md",
    deployment_does_what_it_says: "docs/deployment.md",
    performance_does_what_it_says: "docs/performance.md",
    troubleshooting_does_what_it_says: "docs/troubleshooting.md",
    start_in_spanish_does_what_it_says: "docs/es/start.md",
    bulk_in_spanish_does_what_it_says: "docs/es/bulk.md",
    migration_does_what_it_says: "docs/migration.md",
    configuration_does_what_it_says: "docs/configuration.md",
    errors_does_what_it_says: "docs/errors.md",
    decisions_does_what_it_says: "docs/decisions/README.md",
    decision_0001_does_what_it_says: "docs/decisions/0001-stale-answers.md",
    decision_0002_does_what_it_says: "docs/decisions/0002-what-a-404-says.md",
    decision_0003_does_what_it_says: "docs/decisions/0003-hand-on-what-we-do-not-know.md",
    decision_0004_does_what_it_says: "docs/decisions/0004-workbooks.md",
    decision_0005_does_what_it_says: "docs/decisions/0005-the-registry-in-files-of-its-own.md",
    decision_0006_does_what_it_says: "docs/decisions/0006-suppressed-numbers.md",
    decision_0007_does_what_it_says: "docs/decisions/0007-lists-beside-migos-fields.md",
}

/// Executes a page from its beginning to its end.
#[track_caller]
fn run(path: &str) {
    let mut session = Session::new();
    let done = execute(&mut session, &read(path));
    for note in session.notes() {
        eprintln!("{path}:{note}");
    }
    if let Err((line, error)) = done {
        panic!("{path}:{line}: {error:#}");
    }
}

/// Executes blocks until one does not do what it says.
fn execute(session: &mut Session, page: &Page) -> Result<(), (usize, anyhow::Error)> {
    for (index, block) in page.blocks.iter().enumerate() {
        session.take(block, page.blocks.get(index + 1)).map_err(|error| (block.line, error))?;
    }
    Ok(())
}

#[track_caller]
fn read(path: &str) -> Page {
    let text = std::fs::read_to_string(root().join(path)).expect("a page of the list is there");
    Page::read(path, &text)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there")
}

/// Every page that is executed, as there are, in order.
fn pages_there_are() -> Vec<String> {
    let mut found = links::markdown_below("docs");
    found.extend(links::markdown_in("").into_iter().filter(|path| path.starts_with("README")));
    found.sort();
    found
}

#[test]
fn every_page_there_is_is_executed() {
    let mut listed = PAGES.to_vec();
    listed.sort_unstable();
    assert_eq!(listed, pages_there_are(), "add a line to `pages!`");
}

#[test]
fn what_is_not_executed_has_a_reason_and_is_little() {
    let mut skipped = Vec::new();
    for path in pages_there_are() {
        for block in read(&path).blocks {
            if let Action::Skip { reason } = &block.action {
                skipped.push(format!("{path}:{}: not executed: {reason}", block.line));
            }
        }
    }
    eprintln!("{}", skipped.join("\n"));
    assert!(skipped.len() <= MOST_SKIPPED, "{} blocks are not executed:\n{}", skipped.len(), skipped.join("\n"));
}

#[test]
fn blocks_in_rust_are_documentation_tests() {
    let doctests = std::fs::read_to_string(root().join("crates/server/src/lib.rs")).expect("the server is there");
    for path in pages_there_are() {
        let has_rust = read(&path).blocks.iter().any(|block| matches!(block.action, Action::Doctest));
        let is_tested = doctests.contains(&format!("/../../{path}\""));
        assert_eq!(has_rust, is_tested, "{path}: pages with blocks in Rust, and they alone, stand in `mod guides`");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let broken = links::broken();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_book_has_every_page_once() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).expect("the book has a summary");
    for path in links::markdown_below("docs") {
        let name = path.strip_prefix("docs/").expect("it was found there");
        let times = summary.matches(&format!("]({name})")).count();
        assert_eq!(times, usize::from(name != "SUMMARY.md"), "{path} in docs/SUMMARY.md");
    }
}

#[test]
fn the_full_guide_has_every_command_and_every_route() {
    let guide = std::fs::read_to_string(root().join("docs/guide.md")).expect("the guide is there");
    let help = World::new().run(&["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("it lists its commands");
    let commands = commands.lines().take_while(|line| !line.is_empty());
    let commands = commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let missing: Vec<_> = commands.filter(|name| !guide.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/guide.md has no row for {missing:?}");

    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    let (_, index) = server.request("GET", "/");
    let routes: Vec<String> = index
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .filter(|(method, _)| ["GET", "POST", "PUT", "DELETE"].contains(method))
        .filter_map(|(method, rest)| Some(format!("`{method} {}`", rest.split_whitespace().next()?)))
        .collect();
    assert!(routes.len() > 40, "{index}");
    let missing: Vec<_> = routes.iter().filter(|route| !guide.contains(*route)).collect();
    assert!(missing.is_empty(), "docs/guide.md has no row for {missing:?}");
}

#[test]
fn every_metric_that_a_page_names_is_there() {
    let server = World::new().start(&["serve", "--listen", "127.0.0.1:0"]);
    server.request("GET", "/v1/ruc/20131312955");
    let (_, metrics) = server.request("GET", "/metrics");
    for path in ["docs/deployment.md", "docs/migration.md"] {
        let text = std::fs::read_to_string(root().join(path)).expect("the page is there");
        for code in text.split('`').filter(|code| code.starts_with("chasqui_")) {
            let (name, labels) = code.split_once('{').unwrap_or((code, ""));
            let label = labels.split('"').next().expect("a split has a first part");
            let is_there = |line: &str| line.split(['{', ' ']).next() == Some(name) && line.contains(label);
            assert!(metrics.lines().any(is_there), "{path}: {code} is not among\n{metrics}");
        }
    }
}

#[test]
fn a_block_that_does_not_do_what_it_says_fails_its_page() {
    let check = |text: &str, line: usize, words: &str| {
        let (place, error) = execute(&mut Session::new(), &Page::read("a.md", text)).expect_err(text);
        let error = format!("{error:#}");
        assert!(place == line && error.contains(words), "{place}: {error}");
    };
    check("```sh\necho one\n```\n\n```text output\ntwo\n```\n", 5, "it printed\none");
    check("```sh\nchasqui ruc 20000000001\n```\n", 1, "ended with 1 and not with 0");
    check("```sh exit=1\nchasqui ruc 20131312955\n```\n", 1, "ended with 0 and not with 1");
    check("```sh exit=2\nchasqui ruc 20131312954 --formats json\n```\n", 1, "not understood");
    check("```sh\nfalse | cat\n```\n", 1, "ended with 1");
    check("```sh\necho $UNSET\n```\n", 1, "ended with ");
    check("```sh\nchasqui serve &\n```\n", 1, "marked `sh background`");
    check("```sh background\nchasqui ruc 20131312955\n```\n", 1, "does not listen");
    check("```toml file=chasqui.toml\n[migo]\ntimeout = \"30\"\n```\n", 1, "migo.timeout");
    let absent = "curl -s http://127.0.0.1:8080/v1/ruc/20000000001";
    let served = format!("```sh background\nchasqui serve\n```\n```sh\n{absent}\n```\n");
    check(&served, 4, "ended with 22");
}
