//! Every question, asked both ways.

use std::fmt::Debug;
use std::time::Duration;

use chasqui::types::{AbsenceReason, Decimal, Freshness, Lookup, SourceId};
use chasqui::{Answer, Client, CpeKind, CpeQuery, Date, Error, Outcome, Row};

use super::{ABSENT, FOUND, Way, stop_all as stop, through_a_server, ways};

/// What both ways must agree on: the record or how it was said to be absent, by whom, and how fresh; or which error,
/// and whether it says when to come back.
type Told<T> = Result<(Result<T, AbsenceReason>, SourceId, Freshness), (String, bool)>;

fn told<T>(result: Result<Answer<T>, Error>) -> Told<T> {
    match result {
        Ok(Answer { lookup, provenance, freshness, .. }) => {
            let said = match lookup {
                Lookup::Found(record) => Ok(record),
                Lookup::Absent(absence) => Err(absence.reason),
            };
            Ok((said, provenance.source, freshness))
        }
        Err(error) => Err((error.code().to_owned(), error.retry_after().is_some())),
    }
}

fn word<T>(told: &Told<T>) -> &str {
    match told {
        Ok((Ok(_), ..)) => "found",
        Ok((Err(_), ..)) => "absent",
        Err((code, _)) => code,
    }
}

/// Asks both ways; each says the same, which is `expected`.
async fn check<T: PartialEq + Debug>(
    ways: &[Way; 2],
    expected: &str,
    ask: impl AsyncFn(&Client) -> Result<Answer<T>, Error>,
) {
    let [one, other] = [told(ask(&ways[0].client).await), told(ask(&ways[1].client).await)];
    assert_eq!(word(&one), expected);
    assert_eq!(one, other);
}

/// Rows by both ways, in input order.
async fn check_rows<T: PartialEq + Debug>(
    ways: &[Way; 2],
    expected: &[&str],
    ask: impl AsyncFn(&Client) -> Vec<Row<T>>,
) {
    let mut both = Vec::new();
    for way in ways {
        let rows = ask(&way.client).await;
        let words: Vec<&str> = rows.iter().map(|row| row.outcome.as_str()).collect();
        assert_eq!(words, expected, "{}", way.name);
        both.push(rows.into_iter().map(|row| (row.index, row.input, told(row.outcome.into_result()))).collect());
    }
    let [one, other]: [Vec<_>; 2] = both.try_into().unwrap();
    assert_eq!(one, other);
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn document(series: &str, number: u32) -> CpeQuery {
    CpeQuery {
        ruc_emisor: FOUND.parse().unwrap(),
        tipo_comprobante: CpeKind::Invoice,
        serie: series.into(),
        numero: number,
        fecha_emision: day("2026-01-05"),
        monto: Some(Decimal::new(11_800, 2)),
    }
}

#[tokio::test]
async fn what_exists_is_told_alike() {
    let ways = ways("", &[]).await;
    check(&ways, "found", async |client| client.taxpayer(FOUND).await).await;
    check(&ways, "found", async |client| client.person("10117410").await).await;
    check(&ways, "found", async |client| client.representatives(FOUND).await).await;
    check(&ways, "found", async |client| client.account().await).await;
    check(&ways, "found", async |client| client.latest_rate().await).await;
    check(&ways, "found", async |client| client.rate_on(day("2022-05-01")).await).await;
    check(&ways, "found", async |client| client.cpe(&document("F001", 1)).await).await;
    check(&ways, "found", async |client| client.billing(FOUND).await).await;
    for body in 100..140 {
        let ruc = chasqui::Ruc::from_body(10 * (1 + u8::from(body % 2 == 0)), body).unwrap();
        let expected = if chasqui_sandbox::taxpayer(ruc).is_some() { "found" } else { "absent" };
        check(&ways, expected, async |client| client.billing(ruc).await).await;
    }
    let range = async |client: &Client| client.rates(day("2022-04-28"), day("2022-05-03")).await.unwrap();
    let strip = |rows: Vec<Answer<_>>| rows.into_iter().map(|row| told(Ok(row))).collect::<Vec<_>>();
    let [one, other] = [strip(range(&ways[0].client).await), strip(range(&ways[1].client).await)];
    assert_eq!((one.len(), &one), (6, &other));
    stop(ways).await;
}

#[tokio::test]
async fn what_does_not_exist_is_told_alike() {
    let ways = ways("", &[]).await;
    check(&ways, "absent", async |client| client.taxpayer(ABSENT).await).await;
    check(&ways, "absent", async |client| client.person("99999999").await).await;
    check(&ways, "absent", async |client| client.representatives("10101174102").await).await;
    check(&ways, "absent", async |client| client.rate_on(day("2010-01-02")).await).await;
    check(&ways, "absent", async |client| client.billing(ABSENT).await).await;
    for way in &ways {
        way.client.cache().mark_absent(FOUND, "closed: seen on paper.", None).await.unwrap();
        let answer = way.client.taxpayer(FOUND).await.unwrap();
        let reason = &answer.absence().unwrap().reason;
        assert_eq!(reason, &AbsenceReason::Marked("closed: seen on paper.".into()), "{}", way.name);
    }
    check(&ways, "absent", async |client| client.taxpayer(FOUND).await).await;
    check(&ways, "found", async |client| client.anew().taxpayer(FOUND).await).await;
    stop(ways).await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_alike_and_asks_nobody() {
    let ways = ways("", &[]).await;
    check(&ways, "invalid_ruc", async |client| client.taxpayer("20131312954").await).await;
    check(&ways, "invalid_ruc", async |client| client.billing("2013131295x").await).await;
    check(&ways, "invalid_dni", async |client| client.person("101174102").await).await;
    check(&ways, "invalid_date", async |client| client.rate_on(day("2009-12-31")).await).await;
    check(&ways, "invalid_date", async |client| client.rate_on(day("2999-01-01")).await).await;
    check(&ways, "invalid_cpe", async |client| client.cpe(&document("F00001", 1)).await).await;
    for way in &ways {
        for (from, to) in [("2026-01-05", "2026-01-04"), ("2010-01-01", "2026-01-01"), ("2009-01-01", "2026-01-01")] {
            let error = way.client.rates(day(from), day(to)).await.unwrap_err();
            assert_eq!((error.code(), error.is_invalid()), ("invalid_date", true), "{} {from}", way.name);
        }
        assert_eq!(way.sandbox.calls().total(), 0, "{}", way.name);
    }
    stop(ways).await;
}

/// While the upstream has these faults, every question ends in this error.
async fn check_fault(faults: &str, settings: &[(&str, &str)], code: &str) {
    let ways = ways(faults, settings).await;
    check(&ways, code, async |client| client.taxpayer(FOUND).await).await;
    check(&ways, code, async |client| client.person("10117410").await).await;
    check(&ways, code, async |client| client.representatives(FOUND).await).await;
    check(&ways, code, async |client| client.account().await).await;
    check(&ways, code, async |client| client.latest_rate().await).await;
    check(&ways, code, async |client| client.rate_on(day("2026-01-05")).await).await;
    check(&ways, code, async |client| client.cpe(&document("F001", 1)).await).await;
    check(&ways, code, async |client| client.billing(FOUND).await).await;
    for way in &ways {
        let error = way.client.rates(day("2026-01-05"), day("2026-01-06")).await.unwrap_err();
        assert_eq!(error.code(), code, "{}", way.name);
        assert_eq!(error.request_id().is_some(), way.server.is_some(), "a server's errors name the request");
        assert_eq!(way.client.cache().absent().await.unwrap().total, 0, "{}", way.name);
    }
    let words = ["unknown", "invalid", "unknown", "unknown"];
    let inputs = [FOUND, "x", ABSENT, FOUND];
    check_rows(&ways, &words, async |client| client.taxpayers(inputs).collect_in_order().await.0).await;
    check_rows(&ways, &words, async |client| client.billings(inputs).collect_in_order().await.0).await;
    check_rows(&ways, &words[..2], async |client| client.people(["10117410", "x"]).collect_in_order().await.0).await;
    for way in &ways {
        let (rows, summary) = way.client.billings(inputs).collect_in_order().await;
        assert_eq!(rows[0].outcome.may_be_invoiced(), None, "no verdict out of an outage");
        assert!(rows[0].outcome.error().is_some_and(|error| error.code() == code), "{}: {rows:?}", way.name);
        assert_eq!((summary.absent, summary.unknown), (0, 3));
    }
    stop(ways).await;
}

#[tokio::test]
async fn an_outage_is_told_alike_and_never_as_absence() {
    check_fault("status=503", &[], "upstream_error").await;
}

#[tokio::test]
async fn a_web_page_in_the_upstreams_place_is_told_alike() {
    check_fault("html=404", &[], "upstream_error").await;
}

#[tokio::test]
async fn a_spent_limit_is_told_alike_and_when_to_come_back() {
    check_fault("throttle=60", &[], "limited").await;
}

#[tokio::test]
async fn a_refused_token_is_told_alike() {
    check_fault("unauthorized", &[], "upstream_auth").await;
}

#[tokio::test]
async fn silence_is_told_alike() {
    check_fault("silence", &[("migo.timeout", "100ms")], "deadline").await;
}

#[tokio::test]
async fn a_resting_upstream_is_told_alike_and_when_to_come_back() {
    let ways = ways("status=503", &[("breaker.failures", "1")]).await;
    check(&ways, "upstream_error", async |client| client.taxpayer(FOUND).await).await;
    check(&ways, "upstream_resting", async |client| client.taxpayer(FOUND).await).await;
    stop(ways).await;
}

#[tokio::test]
async fn an_old_answer_says_so_both_ways() {
    let settings = [("cache.found_ttl", "1ms"), ("cache.revalidate_for", "1ms")];
    let ways = ways("", &settings).await;
    check(&ways, "found", async |client| client.taxpayer(FOUND).await).await;
    for way in &ways {
        way.sandbox.set_faults("status=503".parse().unwrap());
        // Its time is over when the clock, which is the real one, says so.
        while way.client.taxpayer(FOUND).await.unwrap().freshness == Freshness::Fresh {
            tokio::task::yield_now().await;
        }
    }
    check(&ways, "found", async |client| client.taxpayer(FOUND).await).await;
    check(&ways, "upstream_error", async |client| client.anew().taxpayer(FOUND).await).await;
    stop(ways).await;
}

#[tokio::test]
async fn who_waits_less_is_told_so_in_time() {
    let ways = ways("silence", &[("migo.timeout", "30s"), ("lookup.deadline", "30s")]).await;
    let hurried = Duration::from_millis(200);
    check(&ways, "deadline", async |client| client.within(hurried).taxpayer(FOUND).await).await;
    let words = ["unknown"; 2];
    check_rows(&ways, &words, async |client| {
        client.within(hurried).taxpayers([FOUND, ABSENT]).collect_in_order().await.0
    })
    .await;
    for way in ways {
        drop(way);
    }
}

#[tokio::test]
async fn rows_are_told_alike_each_in_its_place() {
    let ways = ways("", &[]).await;
    let mut inputs =
        vec!["x".to_owned(), format!(" {FOUND} "), ABSENT.to_owned(), FOUND.to_owned(), "9".repeat(50_000)];
    inputs.extend((1..2_200).map(|body| chasqui::Ruc::from_body(20, body).unwrap().to_string()));
    let expected: Vec<&str> = inputs
        .iter()
        .map(|input| match input.trim().parse() {
            Ok(ruc) if chasqui_sandbox::taxpayer(ruc).is_some() => "found",
            Ok(_) => "absent",
            Err(_) => "invalid",
        })
        .collect();
    check_rows(&ways, &expected, async |client| client.taxpayers(&inputs).collect_in_order().await.0).await;
    check_rows(&ways, &expected, async |client| client.billings(&inputs).collect_in_order().await.0).await;
    let people = ["10117410", "99999999", "x"];
    check_rows(&ways, &["found", "absent", "invalid"], async |client| client.people(people).collect_in_order().await.0)
        .await;
    stop(ways).await;
}

#[tokio::test]
async fn a_wrong_path_before_the_routes_is_no_server_and_no_absence() {
    let way = through_a_server("", &[]).await;
    let url = format!("{}/elsewhere", way.server.as_ref().unwrap().url);
    let client = Client::connect(url).unwrap();
    for error in [
        client.taxpayer(ABSENT).await.unwrap_err(),
        client.person("99999999").await.unwrap_err(),
        client.billing(ABSENT).await.unwrap_err(),
        client.rates(day("2026-01-05"), day("2026-01-06")).await.unwrap_err(),
        client.cpe(&document("F001", 1)).await.unwrap_err(),
        client.cache().absent_number(ABSENT).await.unwrap_err(),
        client.cache().clear().await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "malformed", "{error}");
    }
    let (rows, _) = client.taxpayers([ABSENT]).collect_in_order().await;
    assert!(matches!(&rows[0].outcome, Outcome::Unknown(error) if error.code() == "malformed"), "{rows:?}");
    drop(client);
    way.stop().await;
}

#[tokio::test]
async fn a_server_that_goes_away_is_unreachable() {
    let way = through_a_server("", &[]).await;
    let client = way.client.clone();
    assert!(client.taxpayer(FOUND).await.is_ok());
    way.stop().await;
    assert_eq!(client.taxpayer(FOUND).await.unwrap_err().code(), "unreachable");
}

#[tokio::test]
async fn the_blocking_client_says_the_same_through_a_server() {
    let way = through_a_server("", &[]).await;
    let url = way.server.as_ref().unwrap().url.clone();
    tokio::task::spawn_blocking(move || {
        let client = chasqui::blocking::Client::connect(url).unwrap();
        assert!(client.taxpayer(FOUND).unwrap().found().is_some());
        assert!(client.taxpayer(ABSENT).unwrap().is_absent());
        let (rows, summary) = client.taxpayers([ABSENT, FOUND, "x"]).collect_in_order();
        assert_eq!((rows.len(), summary.found, summary.absent, summary.invalid), (3, 1, 1, 1));
        assert!(client.cache().forget_absent(ABSENT).unwrap());
    })
    .await
    .unwrap();
    way.stop().await;
}
