//! The description of the routes, held against the routes.

mod schema;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, header};
use chasqui_testkit::{Script, sample};
use chasqui_types::AgentList;
use insta::assert_snapshot;
use serde_json::Value;

use self::schema::Document;
use crate::registry::{ANDINA, Folder, YARA, rows};
use crate::scripts;
use crate::world::{Answered, Http, JSON, request};

/// One operation of the document.
struct Operation {
    method: Method,
    path: String,
    described: Value,
}

// === impl Operation ===

impl Operation {
    /// The path and the query, with the example of each parameter that has to be there.
    fn target(&self) -> String {
        let mut target = self.path.clone();
        let parameters = self.described["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        for parameter in parameters.iter().filter(|parameter| parameter["required"] == true) {
            let (name, example) = (parameter["name"].as_str().unwrap(), parameter["example"].as_str().unwrap());
            if parameter["in"] == "path" {
                target = target.replace(&format!("{{{name}}}"), example);
            } else if parameter["in"] == "query" {
                let mark = if target.contains('?') { '&' } else { '?' };
                target = format!("{target}{mark}{name}={example}");
            }
        }
        target
    }

    /// Sends it as the document's examples say.
    async fn send(&self, http: &Http, document: &Document) -> Answered {
        let mut builder = request(self.method.clone(), &self.target()).header(header::AUTHORIZATION, "Bearer T");
        let schema = &self.described["requestBody"]["content"][JSON]["schema"];
        let body = if schema.is_null() {
            Body::empty()
        } else {
            builder = builder.header(header::CONTENT_TYPE, JSON);
            Body::from(document.example(schema).to_string())
        };
        http.send(builder.body(body).unwrap()).await
    }

    /// What the document says of this answer's body.
    #[track_caller]
    fn schema_of<'a>(&'a self, document: &'a Document, answered: &Answered) -> &'a Value {
        let status = answered.status.as_u16().to_string();
        let response = document.resolve(&self.described["responses"][&status]);
        assert!(response.is_object(), "{} {}: {status} is not described", self.method, self.path);
        let media_type = answered.header("content-type").unwrap();
        let content = &response["content"][media_type];
        assert!(content.is_object(), "{} {}: {media_type} is not described for {status}", self.method, self.path);
        for name in ["X-Request-Id", "Server-Timing"] {
            assert!(
                response["headers"][name].is_object() && answered.header(name).is_some(),
                "{status} without {name}"
            );
        }
        // Refusals and rows without any answer have no origin to tell.
        let origins = ["X-Chasqui-Source", "X-Chasqui-As-Of", "X-Chasqui-Freshness", "X-Cache"];
        let told = origins.iter().filter(|name| answered.header(name).is_some()).count();
        let described = origins.iter().filter(|name| response["headers"][**name].is_object()).count();
        assert!(told == 0 || (told == 4 && described == 4), "{} {}: {status} tells {told}", self.method, self.path);
        &content["schema"]
    }

    #[track_caller]
    fn check(&self, document: &Document, answered: &Answered) {
        let schema = self.schema_of(document, answered);
        let is_json = answered.header("content-type").unwrap().contains("json");
        if is_json && let Err(why) = document.check(schema, &answered.json()) {
            panic!("{} {}: {why}\n{}", self.method, self.path, answered.line());
        }
    }
}

async fn document() -> Document {
    Document(Http::bare(Script::found()).get("/openapi.json").await.json())
}

fn operations(document: &Document) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document.0["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            operations.push(Operation { method, path: path.clone(), described: described.clone() });
        }
    }
    operations
}

fn find(document: &Document, method: &Method, path: &str) -> Operation {
    operations(document).into_iter().find(|one| one.method == *method && one.path == path).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_document_is_as_reviewed() {
    let mut document = document().await;
    document.0["info"]["version"] = "[version]".into();
    assert_snapshot!(serde_json::to_string_pretty(&document.0).unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_document_is_rendered_once() {
    let http = Http::bare(Script::found());
    let (one, two) = (http.get("/openapi.json").await, http.get("/openapi.json/").await);
    assert_eq!(one.header("content-type"), Some("application/json"));
    assert_eq!(one.body, two.body);
}

#[tokio::test(start_paused = true)]
async fn every_described_operation_is_routed_and_answers_as_described() {
    let document = document().await;
    let operations = operations(&document);
    assert!(operations.len() >= 23, "{}", operations.len());
    for script in [scripts::everything(), scripts::nothing(), Script::unreachable(), Script::hanging()] {
        let http = Http::bare(script);
        for operation in &operations {
            let answered = operation.send(&http, &document).await;
            let said = answered.header("content-type").filter(|kind| kind.contains("json")).map(|_| answered.text());
            for nowhere in ["no_such_route", "Recurso no encontrado"] {
                assert!(!said.unwrap_or_default().contains(nowhere), "{} {}", operation.method, operation.path);
            }
            operation.check(&document, &answered);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn methods_that_are_not_described_are_refused() {
    let (document, http) = (document().await, Http::bare(Script::found()));
    let operations = operations(&document);
    let described: BTreeSet<_> = operations.iter().map(|one| (one.path.as_str(), one.method.as_str())).collect();
    // A second template that fits the same address answers its own methods there.
    let shared = |path: &str, method: &Method| path == "/api/v1/ruc/collection" && method == Method::GET;
    for operation in &operations {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            if described.contains(&(operation.path.as_str(), method.as_str())) || shared(&operation.path, &method) {
                continue;
            }
            let sent = request(method.clone(), &operation.target()).body(Body::empty()).unwrap();
            assert_eq!(http.send(sent).await.status.as_u16(), 405, "{method} {}", operation.path);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_edge_refuses_is_described_in_the_shape_of_each_group() {
    let (document, http) = (document().await, Http::bare(Script::found()));
    for operation in operations(&document).iter().filter(|one| one.path != "/healthz") {
        for (host, status) in [(Some("evil.example"), 403), (None, 400)] {
            let mut builder = axum::http::Request::builder().method(operation.method.clone()).uri(operation.target());
            if let Some(host) = host {
                builder = builder.header(header::HOST, host);
            }
            let refused = http.send(builder.body(Body::empty()).unwrap()).await;
            assert_eq!(refused.status.as_u16(), status);
            operation.check(&document, &refused);
        }
    }
}

/// A router cannot be asked for its routes, so they are read where they are written.
#[tokio::test(start_paused = true)]
async fn every_route_in_the_code_is_described() {
    let document = document().await;
    let described: BTreeSet<String> =
        operations(&document).into_iter().map(|one| without_slash(&one.path).to_owned()).collect();
    let mut routed = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read_routes(&source.join("routes.rs"), &mut routed);
    read_routes(&source.join("routes"), &mut routed);
    assert!(routed.contains("/v1/cache/stats"), "{routed:?}");
    for path in routed.iter().filter(|path| !path.starts_with("/api/")) {
        assert!(described.contains(path), "{path} is routed and not described");
    }
}

fn read_routes(path: &Path, routed: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            read_routes(&entry.unwrap().path(), routed);
        }
        return;
    }
    let code = std::fs::read_to_string(path).unwrap();
    for after in code.split(".route(").skip(1) {
        let literal = after.trim_start().strip_prefix('"').and_then(|text| text.split('"').next());
        routed.extend(literal.map(str::to_owned));
    }
}

fn without_slash(path: &str) -> &str {
    if path == "/" { path } else { path.trim_end_matches('/') }
}

#[tokio::test(start_paused = true)]
async fn rows_of_every_outcome_are_as_described() {
    let document = document().await;
    let http = Http::bare(Script::knows([sample::company()]));
    let lookup = find(&document, &Method::POST, "/v1/ruc/lookup");
    let body = serde_json::json!({"rucs": ["20131312955", "20000000001", "x"]});
    let answered = http.post("/v1/ruc/lookup", &body).await;
    lookup.check(&document, &answered);

    let streamed =
        request(Method::POST, "/v1/ruc/lookup").header("content-type", JSON).header("accept", "application/x-ndjson");
    let streamed = http.send(streamed.body(Body::from(body.to_string())).unwrap()).await;
    let schema = &lookup.described["responses"]["200"]["content"]["application/x-ndjson"]["schema"];
    assert_eq!(streamed.text().lines().count(), 3);
    for line in streamed.text().lines() {
        document.check(schema, &serde_json::from_str(line).unwrap()).unwrap();
    }

    let down = Http::bare(Script::unreachable()).post("/v1/ruc/lookup", &body).await;
    assert_eq!(down.json()["summary"]["unknown"], 2);
    lookup.check(&document, &down);
}

#[tokio::test(start_paused = true)]
async fn every_problem_of_a_look_up_is_described() {
    let document = document().await;
    let show = find(&document, &Method::GET, "/v1/ruc/{ruc}");
    let source = chasqui_types::SourceId::new("alpha");
    for error in sample::every_error(&source) {
        let answered = Http::bare(Script::failing(error)).get("/v1/ruc/20131312955").await;
        show.check(&document, &answered);
        let (status, code) = (answered.status.as_u16().to_string(), answered.json()["code"].clone());
        let response = document.resolve(&show.described["responses"][&status]);
        let examples = &response["content"]["application/problem+json"]["examples"];
        assert!(examples[code.as_str().unwrap()].is_object(), "{status} {code}");
    }
    let http = Http::bare(Script::found());
    for path in ["/v1/ruc/123", "/v1/ruc/20131312955?refresh=perhaps"] {
        show.check(&document, &http.get(path).await);
    }
}

#[tokio::test(start_paused = true)]
async fn verdicts_of_every_outcome_are_as_described() {
    let document = document().await;
    let billing = find(&document, &Method::POST, "/v1/billing");
    let body = serde_json::json!({"rucs": ["20131312955", "20000000001", "x"]});
    for script in [Script::knows([sample::company()]), Script::unreachable()] {
        let http = Http::bare(script);
        billing.check(&document, &http.post("/v1/billing", &body).await);
        let streamed = http.post("/v1/billing?format=ndjson", &body).await;
        let schema = &billing.described["responses"]["200"]["content"]["application/x-ndjson"]["schema"];
        assert_eq!(streamed.text().lines().count(), 3);
        for line in streamed.text().lines() {
            document.check(schema, &serde_json::from_str(line).unwrap()).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_a_native_question_is_described() {
    let (document, http) = (document().await, Http::bare(scripts::everything()));
    for (template, path) in [
        ("/v1/dni/{dni}", "/v1/dni/1"),
        ("/v1/dni/{dni}", "/v1/dni/10117410?x=1"),
        ("/v1/rates/{date}", "/v1/rates/2009-01-01"),
        ("/v1/rates/{date}", "/v1/rates/2026-11-20?x=1"),
        ("/v1/rates", "/v1/rates"),
        ("/v1/rates", "/v1/rates?from=2026-11-20&to=x"),
        ("/v1/rates/latest", "/v1/rates/latest?x=1"),
        ("/v1/account", "/v1/account?x=1"),
        ("/v1/ruc/{ruc}/billing", "/v1/ruc/1/billing"),
        ("/v1/ruc/{ruc}/representatives", "/v1/ruc/1/representatives"),
        ("/v1/taxpayers", "/v1/taxpayers"),
        ("/v1/taxpayers", "/v1/taxpayers?q=a&kind=x"),
        ("/v1/padron/changes", "/v1/padron/changes?since=x"),
        ("/v1/ruc/{ruc}/history", "/v1/ruc/1/history"),
        ("/v1/ruc/{ruc}/history", "/v1/ruc/20131312955/history?on=2999-01-01"),
        ("/v1/cache/stats", "/v1/cache/stats?x=1"),
        ("/v1/cache/health", "/v1/cache/health?x=1"),
        ("/v1/cache/absent", "/v1/cache/absent?x=1"),
    ] {
        let answered = http.get(path).await;
        assert_eq!(answered.status.as_u16(), 422, "{path}");
        find(&document, &Method::GET, template).check(&document, &answered);
    }
    let validate = find(&document, &Method::POST, "/v1/cpe/validate");
    for body in ["{}", r#"{"ruc_emisor": "1"}"#, "{"] {
        validate.check(&document, &http.post_as(JSON, "/v1/cpe/validate", body).await);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_registry_answers_and_why_it_does_not_is_described() {
    let document = document().await;
    let (folder, empty, bare) = (Folder::of_three_days(), Folder::new(), Folder::new());
    folder.list(AgentList::Retention, YARA);
    folder.suppress(ANDINA.parse::<chasqui_types::Ruc>().unwrap());
    bare.import("2026-11-20", &rows("ACTIVO"));
    let (http, empty, bare) = (folder.alone(), empty.alone(), bare.alone());
    for (http, template, path, status) in [
        (&http, "/v1/taxpayers", "/v1/taxpayers?q=zona+informatika", 200),
        (&http, "/v1/taxpayers", "/v1/taxpayers?q=nadie", 200),
        (&http, "/v1/taxpayers", "/v1/taxpayers?q=a&persons=true", 403),
        (&empty, "/v1/taxpayers", "/v1/taxpayers?q=a", 503),
        (&bare, "/v1/taxpayers", "/v1/taxpayers?q=a", 503),
        (&http, "/v1/padron/changes", "/v1/padron/changes", 200),
        (&http, "/v1/padron/changes", "/v1/padron/changes?since=2026-01-01", 410),
        (&empty, "/v1/padron/changes", "/v1/padron/changes", 503),
        (&http, "/v1/ruc/{ruc}/history", "/v1/ruc/20100193117/history", 200),
        (&http, "/v1/ruc/{ruc}/history", "/v1/ruc/20100193117/history?on=2026-11-19", 200),
        (&http, "/v1/ruc/{ruc}/history", "/v1/ruc/20100193117/history?on=2026-11-01", 200),
        (&http, "/v1/ruc/{ruc}/history", "/v1/ruc/20131312955/history", 451),
        (&http, "/v1/ruc/{ruc}", "/v1/ruc/20131312955", 451),
        (&http, "/v1/ruc/{ruc}", "/v1/ruc/20512963545", 200),
        (&http, "/readyz", "/readyz", 200),
    ] {
        let answered = http.get(path).await;
        assert_eq!(answered.status.as_u16(), status, "{path}: {}", answered.text());
        find(&document, &Method::GET, template).check(&document, &answered);
    }
    let changes = find(&document, &Method::GET, "/v1/padron/changes");
    let schema = &changes.described["responses"]["200"]["content"]["application/x-ndjson"]["schema"];
    let lines = http.get("/v1/padron/changes?format=ndjson").await;
    assert_eq!(lines.text().lines().count(), 5 + 1);
    for line in lines.text().lines() {
        document.check(schema, &serde_json::from_str(line).unwrap()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_old_apps_refusals_are_described() {
    let (document, http) = (document().await, Http::bare(Script::absent()));
    for (path, bodies) in [
        ("/api/ruc/consultar-async/", ["{}", r#"{"ruc": "1"}"#, "{"]),
        ("/api/ruc/consultar-masivo-async/", ["{}", r#"{"rucs": ["1", "20131312955"]}"#, "{"]),
        ("/api/dni/consultar-async/", ["{}", r#"{"dni": "1"}"#, "{"]),
    ] {
        let operation = find(&document, &Method::POST, path);
        for body in bodies {
            operation.check(&document, &http.post_as(JSON, path, body).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn migos_refusals_are_described() {
    let (document, http) = (document().await, Http::bare(Script::absent()));
    for (path, bodies) in [
        ("/api/v1/ruc", ["{}", r#"{"token": "T"}"#, r#"{"token": "T", "ruc": "1"}"#]),
        ("/api/v1/ruc/collection", ["{}", r#"{"token": "T"}"#, r#"{"token": "T", "ruc": ["1"]}"#]),
    ] {
        let operation = find(&document, &Method::POST, path);
        for body in bodies {
            operation.check(&document, &http.post_as(JSON, path, body).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_document_holds_together() {
    let document = document().await;
    assert_eq!(document.0["openapi"], "3.1.0");
    let text = document.0.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let reference = reference.split('"').next().unwrap();
        assert!(document.0.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for mark in ["x-problems", "x-answers", "x-optional-body"] {
        assert!(!text.contains(mark), "{mark} is ours");
    }
    let operations = operations(&document);
    let ids: BTreeSet<_> = operations.iter().map(|one| one.described["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    let problem = document.0.pointer("/components/schemas/Problem").unwrap();
    for (code, example) in document.0["components"]["examples"].as_object().unwrap() {
        document.check(problem, &example["value"]).unwrap();
        assert_eq!(example["value"]["code"], code.as_str());
    }
    for operation in &operations {
        assert!(!operation.described["summary"].as_str().unwrap().is_empty());
        for (status, response) in operation.described["responses"].as_object().unwrap() {
            assert_ne!(document.resolve(response)["description"], "", "{} {status}", operation.path);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_checked_document_would_notice_a_body_that_changed() {
    let document = Arc::new(document().await);
    let schema = document.0.pointer("/components/schemas/Removed").unwrap();
    let refused = |text: &str| document.check(schema, &serde_json::from_str(text).unwrap()).is_err();
    assert!(!refused(r#"{"removed": true}"#));
    assert!(refused("{}") && refused(r#"{"removed": 1}"#) && refused(r#"{"removed": true, "more": 1}"#));
}
