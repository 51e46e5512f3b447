//! Which crate may use which: what Cargo knows against the table in ARCHITECTURE.md.
//!
//! Layers hold only while an arrow that points up fails a build. The table is the one a reader sees, so a new edge
//! cannot come in without changing it.
//! Left out: edges of tests and examples, which may go anywhere; edges to crates of other people, which are
//! `deny.toml`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::{Finding, output};

const DOCUMENT: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- edges -->";
const END: &str = "<!-- /edges -->";

/// A crate of the workspace, named by its folder.
struct Member {
    folder: String,
    /// From the root of the workspace.
    manifest: String,
    uses: Vec<Use>,
}

struct Use {
    folder: String,
    /// Where the manifest says so.
    line: usize,
}

/// A row of the table.
struct Row {
    line: usize,
    may_use: BTreeSet<String>,
}

/// Compares the workspace with its table.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let members = read(root)?;
    let Ok(document) = std::fs::read_to_string(root.join(DOCUMENT)) else {
        return Ok(vec![Finding::of(DOCUMENT, "does not exist; write it, with the table of allowed edges")]);
    };
    Ok(compare(&members, &document))
}

fn read(root: &Path) -> anyhow::Result<Vec<Member>> {
    let metadata = output(root, "cargo", &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata = serde_json::from_str(&metadata).context("cargo metadata did not print JSON")?;
    members(&metadata, |manifest| {
        std::fs::read_to_string(manifest).with_context(|| format!("could not read {manifest}"))
    })
}

/// Reads what Cargo says; `text_of` reads a manifest, only to find the line of a finding.
fn members(metadata: &Value, text_of: impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<Vec<Member>> {
    let root = metadata["workspace_root"].as_str().context("cargo metadata names no root")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut members = Vec::new();
    for package in packages {
        let manifest = package["manifest_path"].as_str().context("a package has no manifest")?;
        let text = text_of(manifest)?;
        let mut uses = Vec::new();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(path) = dependency["path"].as_str() else { continue };
            if dependency["kind"].as_str() == Some("dev") {
                continue;
            }
            let name = dependency["name"].as_str().context("a dependency has no name")?;
            uses.push(Use { folder: folder(Path::new(path))?, line: line_of(&text, name) });
        }
        members.push(Member {
            folder: folder(Path::new(manifest).parent().context("a manifest lies in no folder")?)?,
            manifest: Path::new(manifest).strip_prefix(root)?.to_string_lossy().replace('\\', "/"),
            uses,
        });
    }
    Ok(members)
}

fn folder(path: &Path) -> anyhow::Result<String> {
    let name = path.file_name().with_context(|| format!("{} has no name", path.display()))?;
    Ok(name.to_string_lossy().into_owned())
}

/// The line that declares `name`, or 1.
fn line_of(manifest: &str, name: &str) -> usize {
    let declares = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    manifest.lines().position(declares).map_or(1, |index| index + 1)
}

fn compare(members: &[Member], document: &str) -> Vec<Finding> {
    let Some(table) = table(document) else {
        let what = format!("no table of allowed edges; put it between `{BEGIN}` and `{END}`");
        return vec![Finding::of(DOCUMENT, what)];
    };
    let folders: BTreeSet<&str> = members.iter().map(|member| member.folder.as_str()).collect();
    let mut findings = Vec::new();
    for (name, row) in &table {
        for unknown in std::iter::once(name).chain(&row.may_use).filter(|name| !folders.contains(name.as_str())) {
            let what = format!("the table of edges names `{unknown}`, which is no crate; take it out");
            findings.push(Finding::at(DOCUMENT, row.line, what));
        }
    }
    for member in members {
        for used in &member.uses {
            if !table.get(&member.folder).is_some_and(|row| row.may_use.contains(&used.folder)) {
                let what = format!(
                    "`{}` may not use `{}`; go another way, or argue for the edge in the table of {DOCUMENT}",
                    member.folder, used.folder
                );
                findings.push(Finding::at(&member.manifest, used.line, what));
            }
        }
    }
    findings
}

/// The rows between the marks, by crate. `None` without marks.
fn table(document: &str) -> Option<BTreeMap<String, Row>> {
    let marked = |mark: &str| document.lines().position(|line| line.trim() == mark);
    let (begin, end) = (marked(BEGIN)?, marked(END)?);
    let mut rows = BTreeMap::new();
    for (index, line) in document.lines().enumerate().take(end).skip(begin + 1) {
        let mut cells = line.trim().trim_start_matches('|').split('|').map(|cell| cell.replace('`', ""));
        let name = cells.next().unwrap_or_default().trim().to_owned();
        let is_head = name == "crate" || name.chars().all(|c| "-: ".contains(c));
        if is_head {
            continue;
        }
        let names = cells.next().unwrap_or_default();
        let names = names.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "-" | "–" | "—"));
        let may_use = names.map(str::to_owned).collect();
        rows.insert(name, Row { line: index + 1, may_use });
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &str = "# Map\n\n<!-- edges -->\n| crate | may use |\n|---|---|\n| `core` | `types` |\n| types | — |\n\
                         | testkit | core, types |\n<!-- /edges -->\n| other | table |\n";

    #[test]
    fn edges_of_the_table_pass_and_those_of_tests_go_anywhere() {
        check("core", &["types"], &[]);
        check("testkit", &["core", "types"], &[]);
    }

    #[test]
    fn an_edge_outside_the_table_is_refused_where_it_is_written() {
        check("types", &["core"], &["crates/types/Cargo.toml:2: `types` may not use `core`"]);
        check("core", &["types", "testkit"], &["crates/core/Cargo.toml:3: `core` may not use `testkit`"]);
        check("new", &["types"], &["crates/new/Cargo.toml:2: `new` may not use `types`"]);
    }

    /// Gives the crate `name` edges to `uses` (and one for its tests) in a workspace of the three others.
    #[track_caller]
    fn check(name: &str, uses: &[&str], expected: &[&str]) {
        let package = |name: &str, dependencies: Vec<Value>| {
            json!({"name": format!("chasqui-{name}"), "manifest_path": format!("/x/crates/{name}/Cargo.toml"),
                   "dependencies": dependencies})
        };
        let edge = |name: &str, kind: Value| json!({"name": format!("chasqui-{name}"), "path": format!("/x/crates/{name}"), "kind": kind});
        let mut edges: Vec<Value> = uses.iter().map(|name| edge(name, Value::Null)).collect();
        edges.push(edge("testkit", json!("dev")));
        edges.push(json!({"name": "serde", "kind": null}));
        let others = ["types", "core", "testkit"].into_iter().filter(|&other| other != name);
        let mut packages: Vec<Value> = others.map(|other| package(other, Vec::new())).collect();
        packages.push(package(name, edges));
        let manifest = uses
            .iter()
            .fold(String::from("[dependencies]\n"), |text, name| text + &format!("chasqui-{name}.workspace = true\n"));

        let metadata = json!({"workspace_root": "/x", "packages": packages});
        let members = members(&metadata, |_| Ok(manifest.clone())).unwrap();
        let findings = compare(&members, TABLE);
        let short: Vec<String> =
            findings.iter().map(|finding| finding.to_string().split(';').next().unwrap().to_owned()).collect();
        assert_eq!(short, expected);
    }

    #[test]
    fn a_row_or_a_name_without_a_crate_is_refused() {
        let only =
            Member { folder: "core".to_owned(), manifest: "crates/core/Cargo.toml".to_owned(), uses: Vec::new() };
        let lines: Vec<usize> = compare(&[only], TABLE).iter().map(|finding| finding.line).collect();
        // In `core`: types. In `testkit`: itself and types. In `types`: itself.
        assert_eq!(lines, [6, 8, 8, 7]);
    }

    #[test]
    fn the_edges_of_this_workspace_are_read() {
        let root = crate::root();
        let document = format!("{BEGIN}\n| crate | may use |\n|---|---|\n{END}\n");
        let findings = compare(&read(&root).unwrap(), &document);
        let edge = findings.iter().find(|finding| finding.what.starts_with("`core` may not use `types`"));
        let edge = edge.expect("core uses types, and the table allows nothing");
        let manifest = std::fs::read_to_string(root.join(&edge.path)).unwrap();
        assert!(manifest.lines().nth(edge.line - 1).unwrap().starts_with("chasqui-types"), "{edge}");
    }

    #[test]
    fn a_document_without_the_table_is_refused() {
        assert_eq!(compare(&[], "# Map\n").len(), 1);
    }
}
