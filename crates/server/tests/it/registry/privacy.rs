//! Names and numbers that are asked for or told stay out of the log, the metrics and the refusals.

use axum::body::Body;
use axum::http::Request;
use chasqui::OfflineRegistry;
use chasqui::config::PadronConfig;
use chasqui_core::Turn;

use super::{DNI, Folder, PERSON, PERSON_NAME, YARA, over};
use crate::written::Written;

#[tokio::test]
async fn what_is_asked_by_name_and_of_the_past_is_written_nowhere() {
    let log = Written::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);

    let folder = Folder::of_three_days();
    let open = PadronConfig { search_persons: true, ..folder.config() };
    let damaged = Folder::of_three_days();
    let registries = [folder.registry(), std::sync::Arc::new(OfflineRegistry::open(&open)), {
        let names = std::fs::File::options().write(true).open(damaged.path().join("2026-11-20/names.chq"));
        names.unwrap().set_len(100).unwrap();
        damaged.registry()
    }];
    let words: Vec<&str> = PERSON_NAME.split(' ').collect();
    let mut told = Vec::new();
    for registry in &registries {
        let http = over(registry, Turn::Only);
        for path in [
            format!("/v1/taxpayers?q={}", words.join("+")),
            format!("/v1/taxpayers?q={}&persons=true", words.join("+")),
            format!("/v1/taxpayers?q={}&persons=true&cursor={}", words[0], words[1]),
            format!("/v1/taxpayers?q={}&status={}", words[0], words[1]),
            format!("/v1/taxpayers?q={}&kind={}", words[0], words[1]),
            format!("/v1/taxpayers?q={}&limit={}&{}=1", words[0], words[1], words[2]),
            format!("/v1/taxpayers/?q={}", words.join("%20")),
            format!("/v1/taxpayers/{}?q={}", words[0], words[1]),
            format!("/v1/taxpayers?q={PERSON}&persons=true"),
            format!("/v1/taxpayers?q={}", words.join("+").repeat(20)),
            format!("/v1/padron/changes?since={}", words[0]),
            format!("/v1/padron/changes?format=ndjson&limit={PERSON}"),
            "/v1/padron/changes".to_owned(),
            "/v1/padron/changes?format=ndjson".to_owned(),
            format!("/v1/ruc/{PERSON}/history"),
            format!("/v1/ruc/{PERSON}/history?on=2026-11-19"),
            format!("/v1/ruc/{PERSON}/history?on={}", words[0]),
            format!("/v1/ruc/{DNI}/history"),
        ] {
            let ask = Request::get(&path).header("host", "localhost").body(Body::empty()).unwrap();
            let answered = http.send(ask).await;
            told.push(format!("{:?}", answered.headers));
            if !answered.status.is_success() {
                told.push(answered.text().to_owned());
            }
        }
        told.push(http.get("/metrics").await.text().to_owned());
        told.push(http.get("/readyz").await.text().to_owned());
    }
    let log = log.text();
    assert!(
        log.contains("route=\"/v1/taxpayers\"") && log.contains("registry_unreadable"),
        "the log was written: {log}"
    );
    for (what, text) in [("the log", &log), ("what was told", &told.join("\n"))] {
        for secret in [PERSON, DNI, YARA].into_iter().chain(words.iter().copied()) {
            let line = text.lines().find(|line| line.to_uppercase().contains(secret));
            assert_eq!(line, None, "{what} holds {secret}");
        }
    }
}
