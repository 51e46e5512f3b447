//! Whether the links of the project's pages lead somewhere: to a file that is there, and a heading in it.
//!
//! Left out: addresses on the network, which nobody may ask from a test.

use std::collections::HashMap;

use super::root;

/// Every link of every page that leads nowhere, as `page:line: what`.
pub(super) fn broken() -> Vec<String> {
    let mut pages = markdown_in("");
    for folder in ["docs", "crates"] {
        pages.extend(markdown_below(folder));
    }
    let mut broken = Vec::new();
    for page in &pages {
        let text = read(page);
        for (line, target) in links(&text) {
            if let Err(why) = follow(page, &target) {
                broken.push(format!("{page}:{line}: {target}: {why}"));
            }
        }
    }
    broken
}

/// Markdown files right in a folder, from the root.
pub(super) fn markdown_in(folder: &str) -> Vec<String> {
    let mut found: Vec<String> = names(folder).into_iter().filter(|name| is_markdown(name)).collect();
    found.sort();
    found
}

/// Markdown files anywhere below a folder, from the root.
pub(super) fn markdown_below(folder: &str) -> Vec<String> {
    let mut found = markdown_in(folder);
    for name in names(folder) {
        if root().join(&name).is_dir() {
            found.extend(markdown_below(&name));
        }
    }
    found
}

fn is_markdown(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "md")
}

/// What is in a folder, as paths from the root.
fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name().into_string().expect("names are text"));
    names.map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") }).collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("the page is there")
}

/// The targets of links and pictures that stand outside code, each with its line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, prose) in prose(text) {
        for (at, _) in prose.match_indices("](") {
            let target = prose[at + 2..].split([')', ' ']).next().expect("a split has a first part");
            found.push((line, target.to_owned()));
        }
        // `[name]: target` at the beginning of a line.
        if let Some((name, target)) = prose.split_once("]: ").filter(|(name, _)| name.starts_with('['))
            && !name.contains(' ')
        {
            found.push((line, target.trim().to_owned()));
        }
    }
    found
}

/// Lines outside fences, with what stands in backticks taken out.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.starts_with("```") {
            is_code = !is_code;
            return None;
        }
        (!is_code).then(|| (index + 1, line.split('`').step_by(2).collect()))
    })
}

fn follow(page: &str, target: &str) -> Result<(), String> {
    let is_address = ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
    // The README of a crate is its documentation too, where a path names an item; rustdoc follows those.
    if is_address || target.contains("::") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { page.to_owned() } else { resolve(page, path)? };
    if !root().join(&path).exists() {
        return Err(format!("there is no {path}"));
    }
    match anchor {
        Some(anchor) if !anchors(&read(&path)).contains(&anchor.to_owned()) => {
            Err(format!("{path} has no heading `{anchor}`"))
        }
        _ => Ok(()),
    }
}

/// A path from the root, of one that is written from the folder of a page.
fn resolve(page: &str, path: &str) -> Result<String, String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or("it leaves the project")?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// What can be linked to within a page: headings as GitHub names them, and marks.
fn anchors(text: &str) -> Vec<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut anchors = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        let title = line.trim_start_matches('#');
        if !is_code && title.len() < line.len() && title.starts_with(' ') {
            let slug = slug(title.trim());
            let n = times.entry(slug.clone()).or_default();
            anchors.push(if *n == 0 { slug } else { format!("{slug}-{n}") });
            *n += 1;
        }
        anchors.extend(line.split("<a id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    anchors
}

fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn headings_are_named_as_github_names_them() {
    for (title, name) in [
        ("Try it", "try-it"),
        ("`chasqui batch`: files, and more", "chasqui-batch-files-and-more"),
        ("¿Qué hace?", "qué-hace"),
    ] {
        assert_eq!(slug(title), name);
    }
    assert_eq!(anchors("# One\n## One\n```sh\n# Two\n```\n<a id=\"three\"></a>"), ["one", "one-1", "three"]);
}

#[test]
fn links_are_found_outside_code_only() {
    let text = "[a](b.md) and `[c](d.md)`\n```sh\n[e](f.md)\n```\n![g](h.png \"i\")\n[j]: k.md\n";
    assert_eq!(links(text).into_iter().map(|(_, target)| target).collect::<Vec<_>>(), ["b.md", "h.png", "k.md"]);
    assert!(resolve("docs/a.md", "../../x").is_err());
    assert_eq!(resolve("docs/es/a.md", "../b/./c.md").unwrap(), "docs/b/c.md");
}
