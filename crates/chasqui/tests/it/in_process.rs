//! The client in process, over the sandbox.

use std::error::Error;
use std::time::Duration;

use chasqui::config::{Config, SandboxMode};
use chasqui::types::{BillingObstacle, SourceId};
use chasqui::{AbsenceReason, Client, CpeKind, CpeQuery, Freshness, Outcome, Replaced};

const FOUND: &str = "20131312955";
const ABSENT: &str = "20000000001";

async fn client() -> Client {
    Client::start(&Config::default_config()).await.unwrap()
}

#[tokio::test]
async fn every_question_is_answered_with_where_from() {
    let client = client().await;
    let taxpayer = client.taxpayer(format!(" {FOUND}\n")).await.unwrap();
    assert_eq!((&taxpayer.provenance.source, taxpayer.freshness), (&SourceId::SANDBOX, Freshness::Fresh));
    assert!(taxpayer.found().unwrap().nombre_o_razon_social.as_deref().unwrap().contains("SANDBOX"));
    // A number that was parsed already is as good as its text.
    assert_eq!(client.taxpayer(taxpayer.found().unwrap().ruc).await.unwrap(), taxpayer);
    assert_eq!(client.person("10117410").await.unwrap().into_found().unwrap().dni.as_str(), "10117410");
    assert!(!client.representatives(FOUND).await.unwrap().into_found().unwrap().is_empty());
    assert!(client.account().await.unwrap().into_found().unwrap().consultas.is_some());
    let latest = client.latest_rate().await.unwrap().into_found().unwrap();
    assert_eq!(&*latest.rate.currency, "USD");
    let day = "2026-01-05".parse().unwrap();
    assert_eq!(client.rate_on(day).await.unwrap().into_found().unwrap().date, day);
    let rates = client.rates(day, "2026-01-07".parse().unwrap()).await.unwrap();
    assert_eq!(rates.len(), 3);
    assert!(client.billing(FOUND).await.unwrap().may_be_invoiced());
    let query = CpeQuery {
        ruc_emisor: FOUND.parse().unwrap(),
        tipo_comprobante: CpeKind::Invoice,
        serie: "f001".into(),
        numero: 1,
        fecha_emision: "2026-01-05".parse().unwrap(),
        monto: None,
    };
    assert!(client.cpe(&query).await.unwrap().into_found().unwrap().document.is_some());
}

#[tokio::test]
async fn what_a_developer_logs_names_nobody() {
    const DNI: &str = "10117410";
    // A natural person's number has their DNI in it.
    const PERSON: &str = "10101174102";
    let client = client().await;
    let person = client.person(DNI).await.unwrap();
    let name = person.found().unwrap().nombre.to_string();
    let representatives = client.representatives(FOUND).await.unwrap();
    let first = representatives.found().unwrap()[0].clone();
    let account = client.account().await.unwrap();
    let email = account.found().unwrap().email.clone().unwrap();
    client.cache().mark_absent(PERSON, "closed", None).await.unwrap();
    let texts = [
        format!("{person:?} {representatives:?} {account:?} {client:?}"),
        format!("{:?} {:?}", client.anew().taxpayer(PERSON).await, client.billing(PERSON).await),
        format!("{:?}", client.taxpayers([PERSON, "10117410x"]).collect_in_order().await),
        format!("{:?}", client.billings([PERSON]).collect_in_order().await),
        format!("{:?}", client.people([DNI]).collect_in_order().await),
        format!("{:?} {:?}", client.person("101174102").await, client.taxpayer("10101174103").await),
        format!("{:?}", client.cache().mark_absent(PERSON, "closed", None).await),
        format!("{:?} {:?}", client.cache().absent().await, client.cache().absent_number(PERSON).await),
    ];
    for hidden in [DNI, &name, first.dni.as_deref().unwrap(), first.nombre.as_deref().unwrap(), &email] {
        for text in &texts {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
}

#[tokio::test]
async fn absence_is_an_answer_and_forbids_invoicing() {
    let client = client().await;
    let answer = client.taxpayer(ABSENT).await.unwrap();
    assert_eq!((answer.is_absent(), &answer.absence().unwrap().reason), (true, &AbsenceReason::NotFound));
    let billing = client.billing(ABSENT).await.unwrap();
    assert_eq!((billing.may_be_invoiced(), billing.billing().obstacles), (false, vec![BillingObstacle::Absent]));
}

#[tokio::test]
async fn what_is_no_number_costs_nothing_and_says_what_is_wrong() {
    let client = client().await;
    let error = client.taxpayer("20131312954").await.unwrap_err();
    assert_eq!((error.code(), error.is_invalid()), ("invalid_ruc", true));
    assert_eq!(error.to_string(), "This is no RUC: the check digit does not match.");
    assert_eq!(client.person("1").await.unwrap_err().code(), "invalid_dni");
    assert_eq!(client.rate_on("2009-12-31".parse().unwrap()).await.unwrap_err().code(), "invalid_date");
    assert_eq!(client.cache().stats().await.unwrap().misses, 0, "nobody was asked");
}

#[tokio::test]
async fn every_input_has_one_row_whatever_it_is() {
    let client = client().await;
    let mut inputs = vec![FOUND.to_owned(), "x".to_owned(), ABSENT.to_owned(), FOUND.to_owned(), String::new()];
    inputs.extend((0..2_500).map(|body| chasqui::Ruc::from_body(20, body).unwrap().to_string()));
    let (rows, summary) = client.taxpayers(&inputs).collect_in_order().await;
    assert_eq!(rows.len(), inputs.len());
    assert!(rows.iter().enumerate().all(|(place, row)| row.index == place && row.input == inputs[place]));
    let words: Vec<&str> = rows[..5].iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(words, ["found", "invalid", "absent", "found", "invalid"]);
    assert_eq!((summary.invalid, summary.unknown, summary.total()), (2, 0, inputs.len()));
    assert!((26..=40).contains(&summary.upstream_calls.unwrap()), "{summary:?}");
    let nobody = client.taxpayers(Vec::<String>::new()).collect_in_order().await;
    assert_eq!((nobody.0.len(), nobody.1.upstream_calls), (0, Some(0)));
}

#[tokio::test]
async fn people_and_verdicts_come_row_by_row_too() {
    let client = client().await;
    let inputs = ["10117410", "99999999", "12", "10117410"];
    let (rows, summary) = client.people(inputs).collect_in_order().await;
    let words: Vec<&str> = rows.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(words, ["found", "absent", "invalid", "found"]);
    assert_eq!(summary.upstream_calls, None, "what people cost is not known");
    let shown = format!("{rows:?}");
    assert!(!shown.contains("10117410") && !shown.contains("99999999"), "{shown}");

    let (rows, _) = client.billings([FOUND, ABSENT, "x"]).collect_in_order().await;
    let verdicts: Vec<Option<bool>> = rows.iter().map(|row| row.outcome.may_be_invoiced()).collect();
    assert_eq!(verdicts, [Some(true), Some(false), Some(false)]);
    assert_eq!(rows[1].outcome.billing().unwrap().obstacles, [BillingObstacle::Absent]);
}

#[tokio::test]
async fn a_mark_holds_until_it_is_forgotten_and_a_fresh_question_overrules_it() {
    let client = client().await;
    let cache = client.cache();
    client.taxpayer(FOUND).await.unwrap();
    let marked = cache.mark_absent(FOUND, " closed ", Some(Duration::from_hours(1))).await.unwrap();
    assert_eq!(
        (marked.replaced, &marked.number.reason),
        (Some(Replaced::Found), &AbsenceReason::Marked("closed".into()))
    );
    assert!(client.taxpayer(FOUND).await.unwrap().is_absent());
    assert_eq!(cache.absent().await.unwrap().total, 1);
    assert_eq!(cache.absent_number(FOUND).await.unwrap().unwrap(), marked.number);
    assert!(!client.anew().taxpayer(FOUND).await.unwrap().is_absent());
    assert_eq!(cache.absent_number(FOUND).await.unwrap(), None);
    client.taxpayer(ABSENT).await.unwrap();
    let stats = cache.stats().await.unwrap();
    assert_eq!((stats.n_absent(), stats.absent_hits), (1, 1));
    assert!(stats.hit_rate().unwrap() > 0.0);
    assert_eq!(cache.health().await.unwrap().checks.len(), 3);
    assert_eq!(cache.forget_all_absent().await.unwrap(), 1);
    assert!(cache.forget(FOUND).await.unwrap() && !cache.forget(FOUND).await.unwrap());
    assert_eq!(cache.clear_some(Some(""), None).await.unwrap_err().code(), "invalid_query");
    assert_eq!(cache.clear().await.unwrap(), 0);
}

#[tokio::test]
async fn a_client_that_could_ask_nobody_does_not_start() {
    let error = Client::with_token("two\nlines".to_owned().into()).await.unwrap_err();
    assert_eq!((error.code(), error.source().is_some()), ("setup", true));
    assert!(!format!("{error:?}").contains("lines"), "{error:?}");
    let mut config = Config::default_config();
    config.sandbox.enabled = SandboxMode::False;
    let error = Client::start(&config).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("migo.token"), "{error:?}");
    assert_eq!(chasqui::blocking::Client::start(&config).unwrap_err().code(), "setup");
}

#[tokio::test]
async fn hundreds_of_tasks_may_ask_at_once() {
    let client = client().await;
    let asking: tokio::task::JoinSet<_> = (0..300)
        .map(|body| (client.clone(), chasqui::Ruc::from_body(20, body).unwrap()))
        .map(|(client, ruc)| async move { client.taxpayer(ruc).await })
        .collect();
    let answers = asking.join_all().await;
    let failed = answers.iter().find_map(|answer| answer.as_ref().err());
    assert!(answers.len() == 300 && failed.is_none(), "{failed:?}");
}

#[tokio::test]
async fn rows_outlive_the_client_that_was_asked() {
    let mut rows = client().await.taxpayers([FOUND]);
    assert!(matches!(rows.next().await.unwrap().outcome, Outcome::Found { .. }));
    assert!(rows.next().await.is_none());
}

#[test]
fn a_client_goes_wherever_it_is_needed() {
    fn check<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    fn check_rows<T: Send + Unpin + 'static>() {}
    check::<Client>();
    check::<chasqui::CacheHandle>();
    check::<chasqui::blocking::Client>();
    check_rows::<chasqui::Rows<chasqui::Taxpayer>>();
    check_rows::<chasqui::blocking::Rows<chasqui::Taxpayer>>();
}
