//! What `/readyz` and `/metrics` say of the registry.

use std::fs;

use chasqui_core::Turn;
use chasqui_types::{AgentList, Ruc};
use insta::assert_snapshot;
use serde_json::json;

use super::{Folder, YARA, ZONA, over, rows};
use crate::world::Http;

async fn padron(http: &Http) -> String {
    let body = http.get("/readyz").await.json();
    format!("{} {} {}", body["status"], body["because"], body["padron"])
}

/// Lines about the registry, without those that only name a metric.
async fn metrics(http: &Http) -> String {
    let text = http.get("/metrics").await.text().to_owned();
    let lines = text.lines().filter(|line| line.starts_with("chasqui_padron"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn a_whole_registry_says_what_it_has() {
    let folder = Folder::filled();
    folder.list(AgentList::Retention, YARA);
    folder.suppress(ZONA.parse::<Ruc>().unwrap());
    let http = over(&folder.registry(), Turn::First);
    let body = http.get("/readyz").await.json();
    assert_eq!((&body["status"], &body["because"]), (&json!("ready"), &json!([])));
    assert_snapshot!(serde_json::to_string_pretty(&body["padron"]).unwrap());
    assert_snapshot!(metrics(&http).await);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_is_not_there_claims_nothing() {
    let nowhere = Http::bare(chasqui_testkit::Script::found());
    let empty = over(&Folder::new().registry(), Turn::First);
    assert_snapshot!(padron(&nowhere).await, @r#""ready" [] {"as_of":null,"edition":null,"lists":{},"names":null,"rows":null,"state":"none","suppressed":null}"#);
    assert_snapshot!(padron(&empty).await, @r#""ready" [] {"as_of":null,"edition":null,"lists":{},"names":null,"rows":null,"state":"none","suppressed":0}"#);
    assert_eq!(metrics(&nowhere).await, "");
    assert!(metrics(&empty).await.contains("chasqui_padron_healthy 0"));
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_with_it_is_said() {
    let mut told = Vec::new();
    let mut tell = async |what: &str, folder: &Folder| {
        let http = over(&folder.registry(), Turn::First);
        let place = folder.path().display().to_string();
        told.push(format!("{what}: {}", padron(&http).await.replace(&place, "[padron]")));
        assert!(metrics(&http).await.contains("chasqui_padron_healthy 0"), "{what}");
    };

    let folder = Folder::new();
    folder.import("2026-11-20", &rows("ACTIVO"));
    tell("no index", &folder).await;

    folder.index();
    let names = folder.path().join("2026-11-20/names.chq");
    let bytes = fs::read(&names).unwrap();
    fs::write(&names, &bytes[..100]).unwrap();
    tell("torn index", &folder).await;
    fs::write(&names, bytes).unwrap();

    fs::write(folder.path().join("agents.chq"), "torn").unwrap();
    tell("torn lists", &folder).await;
    fs::remove_file(folder.path().join("agents.chq")).unwrap();

    folder.suppress(ZONA.parse::<Ruc>().unwrap());
    fs::write(folder.path().join("suppressed.chq"), "torn").unwrap();
    tell("torn list of suppressed numbers", &folder).await;

    let followed = Folder::of_three_days();
    let changes = followed.path().join("changes-2026-11-18-2026-11-19.chq");
    fs::write(&changes, "torn").unwrap();
    tell("torn changes", &followed).await;

    let old = Folder::new();
    old.import("2026-11-10", &rows("ACTIVO"));
    old.index();
    tell("old", &old).await;
    fs::write(old.path().join("2026-11-10/rows.chq"), "torn").unwrap();
    tell("torn rows", &old).await;
    assert_snapshot!(told.join("\n"));
}
