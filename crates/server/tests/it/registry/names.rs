//! `GET /v1/taxpayers`.

use std::fs;

use axum::body::Body;
use axum::http::Method;
use chasqui::OfflineRegistry;
use chasqui::config::PadronConfig;
use chasqui_core::Turn;
use chasqui_types::AgentList;
use insta::assert_snapshot;
use serde_json::json;

use super::{ANDINA, Folder, PERSON, YARA, ZONA, numbers, over, refusal, row, rows};
use crate::world::{Http, request};

#[tokio::test(start_paused = true)]
async fn a_name_leads_to_the_taxpayer_and_says_why() {
    let folder = Folder::filled();
    folder.list(AgentList::Retention, YARA);
    let http = folder.alone();
    let found = http.get("/v1/taxpayers?q=s.r.l.+yara%20per").await;
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.origin(), "padron fresh hit");
    assert_eq!(found.header("x-chasqui-as-of"), Some("2026-11-20T05:00:00Z"));
    let mut body = found.json();
    let fetched_at = body["meta"]["fetched_at"].take();
    assert!(fetched_at.as_str().unwrap().ends_with('Z'), "{fetched_at}");
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());

    // The same flat fields as of a look-up, agents' lists included.
    let mut fields = http.get(&format!("/v1/ruc/{YARA}")).await.json();
    fields.as_object_mut().unwrap().remove("meta");
    let hit = body["results"][0].as_object_mut().unwrap();
    for member in ["score", "reason", "words"] {
        assert!(hit.remove(member).is_some());
    }
    assert_eq!(body["results"][0], fields);
    assert_eq!(fields["padrones"]["agente_de_retencion"]["incluido"], true);
}

#[tokio::test(start_paused = true)]
async fn a_slip_of_the_finger_is_forgiven_and_told() {
    let folder = Folder::filled();
    let http = folder.alone();
    let found = http.get("/v1/taxpayers?q=imformatica").await.json();
    let hit = &found["results"][0];
    assert_eq!((&hit["ruc"], &hit["reason"]), (&json!(ZONA), &json!("typo")));
    let word = json!([{"asked": "IMFORMATICA", "found": "INFORMATICA", "likeness": "typo", "edits": 1}]);
    assert_eq!(hit["words"], word);
}

#[tokio::test(start_paused = true)]
async fn filters_narrow_and_nobody_is_an_answer() {
    let folder = Folder::new();
    folder.import("2026-11-20", &rows("BAJA DE OFICIO"));
    folder.index();
    let http = folder.alone();
    for (query, expected) in [
        ("q=srl&limit=5", vec![YARA, ZONA]),
        ("q=srl&status=baja+de+oficio", vec![ZONA]),
        ("q=srl&condition=HABIDO&ubigeo=15&kind=juridica", vec![YARA, ZONA]),
        ("q=srl&condition=no+habido", vec![]),
        ("q=srl&ubigeo=1501", vec![YARA, ZONA]),
        ("q=srl&ubigeo=150101", vec![]),
        ("q=nadie+se+llama", vec![]),
    ] {
        let found = http.get(&format!("/v1/taxpayers?{query}")).await;
        assert_eq!(found.status, 200, "{query}");
        let body = found.json();
        assert_eq!((numbers(&body["results"]), &body["is_complete"]), (expected, &json!(true)), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_follow_each_other_and_a_cursor_is_good_for_its_question_alone() {
    const OTHER: &str =
        "422 invalid_query: The cursor belongs to another query or another edition; ask for the first page again.";
    let folder = Folder::new();
    let many: Vec<String> = (0..25)
        .map(|n| {
            row(chasqui_types::Ruc::from_body(20, 1_000 + n).unwrap().as_str(), &format!("ANDINA {n} S.A.C."), "ACTIVO")
        })
        .collect();
    folder.import("2026-11-20", &many);
    folder.index();
    let http = folder.alone();
    let (mut found, mut path) = (Vec::new(), "/v1/taxpayers?q=andina".to_owned());
    loop {
        let body = http.get(&path).await.json();
        found.extend(numbers(&body["results"]).into_iter().map(str::to_owned));
        let Some(cursor) = body["cursor"].as_str() else { break };
        let other = http.get(&format!("/v1/taxpayers?q=otra&cursor={cursor}")).await;
        assert_eq!(refusal(&other), OTHER);
        path = format!("/v1/taxpayers?q=andina&cursor={cursor}");
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 25);
    assert_eq!(refusal(&http.get("/v1/taxpayers?q=andina&cursor=x").await), OTHER);
}

#[tokio::test(start_paused = true)]
async fn persons_are_found_only_where_that_is_allowed_and_wanted() {
    let folder = Folder::filled();
    let http = folder.alone();
    let refused = http.get("/v1/taxpayers?q=zutano&persons=true").await;
    assert_snapshot!(refusal(&refused), @"403 forbidden: Natural persons are not searched here; `padron.search_persons = true` in the configuration allows it.");
    let config = PadronConfig { search_persons: true, ..folder.config() };
    let open = over(&std::sync::Arc::new(OfflineRegistry::open(&config)), Turn::Only);
    for (http, query, expected) in [
        (&http, "q=zutano", vec![]),
        (&open, "q=zutano", vec![]),
        (&open, "q=zutano&persons=true", vec![PERSON]),
        (&open, "q=zutano&persons=true&kind=natural", vec![PERSON]),
        (&open, "q=zutano&persons=true&kind=other", vec![]),
        (&open, "q=zutano&persons=true&kind=legal", vec![]),
        (&open, "q=inversiones&persons=true", vec![ANDINA]),
    ] {
        let body = http.get(&format!("/v1/taxpayers?{query}")).await.json();
        assert_eq!(numbers(&body["results"]), expected, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asked_not_to_be_shown_is_passed_over_at_once() {
    let folder = Folder::filled();
    let registry = folder.registry();
    let http = over(&registry, Turn::Only);
    assert_eq!(numbers(&http.get("/v1/taxpayers?q=srl").await.json()["results"]), [YARA, ZONA]);
    folder.suppress(ZONA.parse::<chasqui_types::Ruc>().unwrap());
    registry.reload();
    let body = http.get("/v1/taxpayers?q=srl").await;
    assert_eq!(numbers(&body.json()["results"]), [YARA]);
    assert!(!body.text().contains("INFORMATICA"));
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_no_empty_page() {
    let nothing = Http::bare(chasqui_testkit::Script::found()).get("/v1/taxpayers?q=a").await;
    assert_snapshot!(refusal(&nothing), @"503 no_edition: The offline registry is not among this gateway's sources; add `padron` to `lookup.ruc`.");

    let folder = Folder::new();
    let registry = folder.registry();
    let http = over(&registry, Turn::First);
    assert_snapshot!(refusal(&http.get("/v1/taxpayers?q=a").await), @"503 no_edition: No edition of the offline registry was imported yet; `chasqui padron fetch` does that.");

    folder.import("2026-11-20", &rows("ACTIVO"));
    registry.reload();
    assert_snapshot!(refusal(&http.get("/v1/taxpayers?q=a").await), @"503 no_names: Edition 2026-11-20 of the offline registry has no index of names; `chasqui padron index` builds it.");

    folder.index();
    assert_eq!(http.get("/v1/taxpayers?q=yara").await.status, 200, "as soon as it is there");

    let path = folder.path().join("2026-11-20/names.chq");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = over(&folder.registry(), Turn::First).get("/v1/taxpayers?q=yara").await;
    assert_snapshot!(refusal(&damaged), @"503 registry_unreadable: The offline registry cannot be read; whoever runs the gateway finds the cause in its log.");
}

#[tokio::test(start_paused = true)]
async fn while_nobody_knows_who_is_suppressed_nothing_is_told() {
    let folder = Folder::filled();
    folder.suppress(ZONA.parse::<chasqui_types::Ruc>().unwrap());
    fs::write(folder.path().join("suppressed.chq"), "torn").unwrap();
    let http = over(&folder.registry(), Turn::First);
    for path in ["/v1/taxpayers?q=yara", "/v1/padron/changes", "/v1/ruc/20100193117/history"] {
        let refused = http.get(path).await;
        assert!(refusal(&refused).starts_with("503 registry_unreadable"), "{path}: {}", refused.text());
    }
}

#[tokio::test(start_paused = true)]
async fn names_go_on_being_searched_in_the_edition_before_until_the_new_index_is_there() {
    let folder = Folder::filled();
    let registry = folder.registry();
    let http = over(&registry, Turn::Only);
    let searched = async || {
        let body = http.get("/v1/taxpayers?q=yara").await.json();
        (body["edition"].as_str().unwrap().to_owned(), body["meta"]["as_of"].as_str().unwrap().to_owned())
    };
    folder.follow("2026-11-21", &[row(YARA, "YARA PERU NUEVA S.R.L.", "ACTIVO")]);
    assert!(registry.reload());
    assert_eq!(http.get(&format!("/v1/ruc/{YARA}")).await.json()["nombre_o_razon_social"], "YARA PERU NUEVA S.R.L.");
    assert_eq!(searched().await, ("2026-11-20".to_owned(), "2026-11-20T05:00:00Z".to_owned()));
    let because = http.get("/readyz").await.json()["because"].clone();
    assert_eq!(
        because,
        json!(["names are searched in edition 2026-11-20 of the padrón: 2026-11-21 has no index of them yet"])
    );

    // Started in between, it finds the edition before in the folder.
    let anew = over(&folder.registry(), Turn::Only);
    assert_eq!(anew.get("/v1/taxpayers?q=yara").await.json()["edition"], "2026-11-20");

    folder.index();
    assert_eq!(searched().await, ("2026-11-21".to_owned(), "2026-11-21T05:00:00Z".to_owned()));
    // Where no index is wanted, nobody waits for one.
    let unwanted = PadronConfig { names: false, ..folder.config() };
    fs::remove_file(folder.path().join("2026-11-21/names.chq")).unwrap();
    let http = over(&std::sync::Arc::new(OfflineRegistry::open(&unwanted)), Turn::Only);
    assert!(refusal(&http.get("/v1/taxpayers?q=yara").await).starts_with("503 no_names"));
}

#[tokio::test(start_paused = true)]
async fn an_old_edition_says_so() {
    let folder = Folder::new();
    folder.import("2026-11-10", &rows("ACTIVO"));
    folder.index();
    let found = folder.alone().get("/v1/taxpayers?q=yara").await;
    assert_eq!((found.origin().as_str(), &found.json()["meta"]["freshness"]), ("padron stale hit", &json!("stale")));
}

#[tokio::test(start_paused = true)]
async fn who_waits_less_is_told_what_was_found_by_then() {
    let folder = Folder::filled();
    let http = folder.alone();
    let ask =
        |wait: &str| request(Method::GET, "/v1/taxpayers?q=yara").header("prefer", wait).body(Body::empty()).unwrap();
    let found = http.send(ask("wait=5")).await;
    assert_eq!(numbers(&found.json()["results"]), [YARA]);
    // Without any time the search may be over before it began, and then says so.
    let none = http.send(ask("wait=0")).await;
    assert!(none.status == 504 || none.json()["is_complete"] == false, "{}", none.line());
}
