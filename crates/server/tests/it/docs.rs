//! The pages for people: part of the program, complete, and asking nobody else.

use std::collections::BTreeSet;
use std::path::Path;

use chasqui_testkit::Script;

use crate::world::Http;

const FILES: [&str; 5] = ["/docs", "/docs/errors", "/docs/page.css", "/docs/page.js", "/docs/icon.svg"];

#[tokio::test(start_paused = true)]
async fn every_page_is_served_with_a_policy_that_keeps_it_at_home() {
    let http = Http::bare(Script::found());
    for (path, kind) in FILES.into_iter().zip(["text/html", "text/html", "text/css", "text/javascript", "image/svg"]) {
        for path in [path.to_owned(), format!("{path}/")] {
            let page = http.get(&path).await;
            assert_eq!(page.status.as_u16(), 200, "{path}");
            assert!(page.header("content-type").unwrap().starts_with(kind), "{path}");
            let policy = page.header("content-security-policy").unwrap();
            for rule in ["default-src 'self'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
                assert!(policy.contains(rule), "{policy}");
            }
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_pages_name_no_other_host_and_hold_no_script_or_style_of_their_own() {
    let http = Http::bare(Script::found());
    for path in FILES {
        let text = http.get(path).await.text().replace("http://www.w3.org/2000/svg", "");
        for outside in ["http://", "https://", "\"//", "@import", "url("] {
            assert!(!text.contains(outside), "{path} holds {outside}");
        }
        for inline in ["<script>", "<style", " style=", " onclick=", "javascript:", "innerHTML", "eval("] {
            assert!(!text.contains(inline), "{path} holds {inline}, which its policy forbids");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_page_refers_to_is_there() {
    let http = Http::bare(Script::found());
    for page in ["/docs", "/docs/errors"] {
        let text = http.get(page).await.text().to_owned();
        for attribute in ["href=\"/", "src=\"/"] {
            for rest in text.split(attribute).skip(1) {
                let path = format!("/{}", rest.split(['"', '#']).next().unwrap());
                assert_eq!(http.get(&path).await.status.as_u16(), 200, "{page} refers to {path}");
            }
        }
    }
    assert!(http.get("/").await.text().contains("/docs"), "the index leads there");
}

#[tokio::test(start_paused = true)]
async fn every_problem_of_every_route_has_an_entry() {
    let http = Http::bare(Script::found());
    let page = http.get("/docs/errors").await.text().to_owned();
    let described = http.get("/openapi.json").await.json();
    let mut codes: BTreeSet<String> =
        described["components"]["examples"].as_object().unwrap().keys().cloned().collect();
    assert!(codes.len() >= 15, "{codes:?}");
    // Those that no described route gives.
    codes.extend(["no_such_route", "method_not_allowed"].map(str::to_owned));
    for code in &codes {
        assert!(page.contains(&format!("id=\"{code}\"")), "{code} has no entry");
        let status = &described["components"]["examples"][code]["value"]["status"];
        if let Some(status) = status.as_u64() {
            let entry = page.split(&format!("id=\"{code}\"")).nth(1).unwrap().split("</h3>").next().unwrap();
            assert!(entry.contains(&format!(">{status}<")), "{code} is told with another status than {status}");
        }
    }
    assert_eq!(page.matches("class=\"problem\"").count(), codes.len(), "an entry without a problem");
}

#[tokio::test(start_paused = true)]
async fn the_type_of_a_problem_leads_to_its_entry() {
    let http = Http::bare(Script::absent());
    for path in ["/v1/ruc/20131312955", "/v1/ruc/1", "/v1/nothing"] {
        let problem = http.get(path).await.json();
        let (page, code) = problem["type"].as_str().unwrap().split_once('#').unwrap();
        assert!(http.get(page).await.text().contains(&format!("id=\"{code}\"")), "{path}");
    }
}

#[test]
fn the_markdown_of_the_catalogue_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    let written = std::fs::read_to_string(path).unwrap();
    assert_eq!(written, chasqui_server::catalogue_markdown(), "run `cargo xtask docs`");
}
