//! `GET /v1/ruc/{ruc}/history`.

use insta::assert_snapshot;
use serde_json::json;

use super::{ANDINA, DNI, Folder, PERSON, YARA, ZONA, refusal, row};

#[tokio::test(start_paused = true)]
async fn what_became_of_a_number_is_told_newest_first() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let zona = http.get(&format!("/v1/ruc/{ZONA}/history")).await;
    assert_eq!(zona.origin(), "padron fresh hit");
    assert_snapshot!(serde_json::to_string_pretty(&zona.json()).unwrap());

    let yara = http.get(&format!("/v1/ruc/{YARA}/history")).await.json();
    let kinds: Vec<_> = yara["changes"].as_array().unwrap().iter().map(|change| &change["kind"]).collect();
    assert_eq!(kinds, ["removed", "added"]);
    for (change, there, gone) in [(&yara["changes"][0], "from", "to"), (&yara["changes"][1], "to", "from")] {
        let fields = change["fields"].as_array().unwrap();
        assert_eq!(fields.len(), 14, "all but the number");
        assert!(fields.iter().all(|field| field[there].is_string() && field[gone].is_null()));
        assert_eq!(
            (&fields[0]["field"], &fields[0][there]),
            (&json!("nombre_o_razon_social"), &json!("YARA PERU S.R.L."))
        );
    }
    // Neither a number that nothing happened to, nor one that nobody has.
    for ruc in [ANDINA, "20000000001"] {
        let body = http.get(&format!("/v1/ruc/{ruc}/history")).await.json();
        assert_eq!(body, json!({"ruc": ruc, "first": "2026-11-18", "last": "2026-11-20", "changes": []}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_is_told_as_the_last_edition_up_to_it_had_it() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let on = async |ruc: &str, day: &str| http.get(&format!("/v1/ruc/{ruc}/history?on={day}")).await;
    let mut told = Vec::new();
    for (ruc, day) in [
        (ZONA, "2026-11-17"),
        (ZONA, "2026-11-18"),
        (ZONA, "2026-11-19"),
        (ZONA, "2026-11-20"),
        (ZONA, "2026-11-21"),
        (YARA, "2026-11-18"),
        (YARA, "2026-11-19"),
        (YARA, "2026-11-21"),
        ("20000000001", "2026-11-19"),
    ] {
        let answered = on(ruc, day).await;
        assert_eq!(answered.status, 200, "{}", answered.text());
        let body = answered.json();
        assert_eq!((&body["ruc"], &body["on"], &body["first"]), (&json!(ruc), &json!(day), &json!("2026-11-18")));
        let name = body["taxpayer"]["nombre_o_razon_social"].as_str().unwrap_or("-");
        let status = body["taxpayer"]["estado_del_contribuyente"].as_str().unwrap_or("-");
        told.push(format!("{ruc} {day}: {} {} {name} {status}", body["outcome"], body["edition"]));
    }
    assert_snapshot!(told.join("\n"));
    assert_snapshot!(on(ZONA, "2026-11-18").await.text());

    // Before the changes that lead to it were written down, an edition hides nothing of what is known.
    folder.import("2026-11-21", &[row(ZONA, "ZONA NUEVA S.R.L.", "ACTIVO")]);
    let between = folder.alone();
    for (day, name) in
        [("2026-11-18", "ZONA S.R.L."), ("2026-11-20", "ZONA INFORMATICA S.R.L."), ("2026-11-21", "ZONA NUEVA S.R.L.")]
    {
        let body = between.get(&format!("/v1/ruc/{ZONA}/history?on={day}")).await.json();
        assert_eq!(body["taxpayer"]["nombre_o_razon_social"], name, "{day}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_says_why() {
    let folder = Folder::of_three_days();
    let http = folder.alone();
    let mut told = Vec::new();
    for path in [
        "20100193118/history",
        "20100193117/history?on=2026-11-22",
        "20100193117/history?on=21/11/2026",
        "20100193117/history?on=",
        "20100193117/history?day=2026-11-20",
    ] {
        told.push(refusal(&http.get(&format!("/v1/ruc/{path}")).await));
    }
    assert_snapshot!(told.join("\n"), @"
    422 invalid_ruc: This is no RUC: the check digit does not match.
    422 invalid_date: That day has not come yet: in Lima it is 2026-11-21.
    422 invalid_date: A day is written as YYYY-MM-DD, such as 2026-11-20.
    422 invalid_date: A day is written as YYYY-MM-DD, such as 2026-11-20.
    422 invalid_query: This route takes `on` and no other parameter.
    ");
}

#[tokio::test(start_paused = true)]
async fn of_who_asked_not_to_be_shown_nothing_is_told() {
    let folder = Folder::of_three_days();
    folder.suppress(DNI.parse::<chasqui_types::Dni>().unwrap());
    let http = folder.alone();
    let mut told = Vec::new();
    for path in ["history", "history?on=2026-11-17", "history?on=2026-11-19", "history?on=2026-11-21"] {
        told.push(refusal(&http.get(&format!("/v1/ruc/{PERSON}/{path}")).await));
    }
    told.dedup();
    assert_snapshot!(told.join("\n"), @"451 suppressed: The offline registry does not tell about this number, because its holder asked for that, and nobody else is asked; this is no word on whether it exists.");
}
