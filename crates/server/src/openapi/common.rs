//! What every route has in common, added to the description in one pass.
//!
//! A handler names its problems by code (`x-problems`), says whether it answers with a record (`x-answers`) and whether
//! it does without a body (`x-optional-body`); this module turns that into the description and takes the marks away.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Components, Header, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response, Type};

use super::problems::{self, Described, Shape};

const PROBLEMS: &str = "x-problems";
const ANSWERS: &str = "x-answers";
const OPTIONAL_BODY: &str = "x-optional-body";

/// Codes that stand for several.
const GROUPS: [(&str, &[&str]); 3] = [
    ("@registry", &["no_edition", "registry_unreadable"]),
    ("@body", &["body_too_slow", "too_large", "unsupported_media_type", "invalid_body"]),
    (
        "@lookup",
        &[
            "limited",
            "upstream_error",
            "upstream_auth",
            "upstream_resting",
            "no_source",
            "suppressed",
            "stopped",
            "deadline",
        ],
    ),
];

/// Headers, by whether they come with every response or only where a source, or memory, had an answer.
const HEADERS: [(&str, bool, &str, &str); 6] = [
    ("X-Request-Id", true, "The request's id: the client's own if it sent a plain one.", "5f3a9c01-00000000002a"),
    ("Server-Timing", true, "How long the answer took, in milliseconds.", "total;dur=0.042"),
    ("X-Chasqui-Source", false, "Who answered: `padron`, `migo`, `sandbox`, `operator`; `mixed` for several.", "migo"),
    ("X-Chasqui-As-Of", false, "The moment the data describe; the oldest of several.", "2026-11-20T15:01:30Z"),
    ("X-Chasqui-Freshness", false, "`fresh`, or `stale` when nothing newer can be had.", "fresh"),
    ("X-Cache", false, "`hit`, `absent-hit`, `shared` (another caller's question) or `miss`.", "hit"),
];

pub(super) struct Common;

impl Modify for Common {
    fn modify(&self, openapi: &mut OpenApi) {
        let described = problems::described();
        let mut components = openapi.components.take().unwrap_or_default();
        for (name, _, about, example) in HEADERS {
            components.headers.insert(name.to_owned(), RefOr::T(header(about, example)));
        }
        for problem in &described {
            components.examples.insert(problem.code.to_owned(), RefOr::T(problem.example()));
        }
        for (path, item) in &mut openapi.paths.paths {
            for operation in operations_mut(item) {
                complete(path, operation, &described, &mut components);
            }
        }
        openapi.components = Some(components);
    }
}

/// The operations of a path, with their methods.
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

fn complete(path: &str, operation: &mut Operation, described: &[Described], components: &mut Components) {
    let mut codes = named(take(operation, PROBLEMS));
    let answers = take(operation, ANSWERS).is_some();
    if take(operation, OPTIONAL_BODY).is_some()
        && let Some(RefOr::T(body)) = &mut operation.request_body
    {
        body.required = None;
    }
    let is_operations = operation.tags.iter().flatten().any(|tag| tag == "operations");
    // A supervisor may ask for `/healthz` under any name.
    if path != "/healthz" {
        codes.extend(["no_host", "forbidden"].map(str::to_owned));
    }
    codes.push("internal".to_owned());
    if !is_operations {
        codes.push("overloaded".to_owned());
    }
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            add_headers(response, answers && matches!(status.as_str(), "200" | "404"));
        }
    }
    let shape = Shape::of(operation.tags.as_deref().unwrap_or_default());
    for (status, problems) in by_status(&codes, described) {
        if let Some(RefOr::T(response)) = responses.get_mut(&status) {
            problems::add(response, &problems, shape);
            continue;
        }
        // Many routes share the same problems, so these are named once.
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        let name = format!("{}{}", shape.prefix(), codes.join("."));
        responses.insert(status, RefOr::Ref(Ref::from_response_name(&name)));
        components.responses.entry(name).or_insert_with(|| {
            let mut response = Response::new("");
            problems::add(&mut response, &problems, shape);
            add_headers(&mut response, codes.contains(&"absent"));
            RefOr::T(response)
        });
    }
}

fn add_headers(response: &mut Response, is_answer: bool) {
    for (name, always, ..) in HEADERS {
        if always || is_answer {
            let reference = Ref::new(format!("#/components/headers/{name}"));
            response.headers.insert(name.to_owned(), RefOr::Ref(reference));
        }
    }
}

/// The codes that a mark names, groups spelt out.
fn named(mark: Option<Value>) -> Vec<String> {
    let Some(mark) = mark else { return Vec::new() };
    let names: Vec<String> = serde_json::from_value(mark).expect("a mark is a list of words");
    names
        .into_iter()
        .flat_map(|name| match GROUPS.iter().find(|(group, _)| *group == name) {
            Some((_, codes)) => codes.iter().map(ToString::to_string).collect(),
            None => vec![name],
        })
        .collect()
}

fn by_status<'a>(codes: &[String], described: &'a [Described]) -> BTreeMap<String, Vec<&'a Described>> {
    let mut statuses: BTreeMap<String, Vec<&Described>> = BTreeMap::new();
    for code in codes {
        let problem = described.iter().find(|problem| problem.code == code);
        let problem = problem.expect("every code that a route names is described, which a test of the document sees");
        statuses.entry(problem.status.to_string()).or_default().push(problem);
    }
    statuses
}

/// Takes a mark off an operation.
fn take(operation: &mut Operation, mark: &str) -> Option<Value> {
    let extensions = operation.extensions.as_mut()?;
    let value = extensions.remove(mark);
    if extensions.is_empty() {
        operation.extensions = None;
    }
    value
}

fn header(about: &str, example: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(about)).example(Some(example.into())).build()
}
