//! A registry on this machine: asked first while young, last when old, and never mistaken for more than it is.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chasqui_core::{
    Ask, EditionState, Holder, Listing, Many, Patience, Registry, RegistryPolicy, RegistryState, RowOutcome, Turn,
};
use chasqui_testkit::{Script, TestRuntime, World, sample};
use chasqui_types::time::Timestamp;
use chasqui_types::{
    AbsenceReason, AgentList, Dni, Freshness, Lookup, Number, Person, Ruc, SourceId, Standing, Standings, Taxpayer,
};

use crate::{word, words, world_of};

const DAY: Duration = Duration::from_hours(24);

/// Lists these, as of so long before the world began.
struct Edition {
    age: Duration,
    listed: HashSet<Ruc>,
}

impl Edition {
    fn listing<T>(&self, ruc: Ruc, holder: impl FnOnce() -> T) -> Listing<T> {
        let holder = match ruc {
            ruc if ruc == sample::ruc(2) => Holder::Suppressed,
            ruc if self.listed.contains(&ruc) => Holder::Listed(holder()),
            _ => Holder::Unlisted,
        };
        let start: Timestamp = TestRuntime::START.parse().expect("it is a timestamp");
        Listing { as_of: start - self.age, fetched_at: start, holder }
    }
}

impl Registry for Edition {
    fn id(&self) -> &SourceId {
        const PADRON: &SourceId = &SourceId::PADRON;
        PADRON
    }

    fn state(&self) -> RegistryState {
        let start: Timestamp = TestRuntime::START.parse().expect("it is a timestamp");
        let name = "2026-11-20".to_owned();
        let edition = EditionState { name, as_of: start - self.age, rows: self.listed.len() as u64, is_old: false };
        RegistryState { edition: Some(edition), trouble: None }
    }

    fn taxpayer(&self, ruc: Ruc) -> Option<Listing<Box<Taxpayer>>> {
        let taxpayer = || Taxpayer { padrones: self.standings(ruc), ..sample::taxpayer(ruc) };
        Some(self.listing(ruc, || Box::new(taxpayer())))
    }

    fn person(&self, dni: Dni) -> Option<Listing<Person>> {
        Some(self.listing(dni.ruc(), || Person { dni, nombre: "PRUEBA SANDBOX".into() }))
    }

    fn standings(&self, ruc: Ruc) -> Option<Box<Standings>> {
        let mut standings = Standings::default();
        let is_listed = ruc == sample::company();
        let as_of = "2026-11-20".parse().expect("it is a date");
        standings.set(AgentList::Retention, Standing { is_listed, since: None, resolution: None, as_of });
        Some(Box::new(standings))
    }
}

const FIRST: RegistryPolicy = RegistryPolicy {
    taxpayers: Turn::First,
    people: Turn::First,
    max_age: Duration::from_hours(72),
    trust_absence: false,
};

fn world(script: Script, age: Duration, policy: RegistryPolicy) -> World {
    let listed = HashSet::from([sample::company(), sample::person(), sample::ruc(1)]);
    world_of(script).bare().registry(Arc::new(Edition { age, listed }), policy).start()
}

#[tokio::test(start_paused = true)]
async fn what_a_young_edition_lists_costs_no_call_and_says_where_it_comes_from() {
    let world = world(Script::unreachable(), DAY, FIRST);
    let answer = world.ask(sample::company()).await.unwrap();
    assert_eq!((answer.freshness, world.provider().calls()), (Freshness::Fresh, 0));
    let provenance = answer.record.provenance();
    assert_eq!(provenance.source, SourceId::PADRON);
    assert_eq!(provenance.as_of + DAY, world.wall());
    assert!(world.lookups.local(sample::company().into()).is_some());
    assert!(world.lookups.local(sample::ruc(9).into()).is_none());
    let is_old = |world: &World| world.lookups.registry().unwrap().edition.unwrap().is_old;
    assert!(!is_old(&world));
    world.pass(3 * DAY).await;
    assert!(is_old(&world));
}

#[tokio::test(start_paused = true)]
async fn the_holder_of_a_document_is_listed_as_a_taxpayer_or_asked_for() {
    let world = world(Script::unreachable(), DAY, FIRST);
    let dni = Dni::of_ruc(sample::person()).unwrap();
    assert!(world.lookups.person(dni, Ask::default()).await.is_ok());
    assert_eq!(world.provider().calls(), 0);
    let other: Dni = "40000001".parse().unwrap();
    let unknown = world.lookups.person(other, Ask::default()).await;
    assert_eq!(words(&unknown), "upstream_error", "who is no taxpayer may have a document all the same");
    assert!(world.lookups.local(Number::Dni(dni)).is_some());
}

#[tokio::test(start_paused = true)]
async fn what_it_does_not_list_is_asked_and_an_outage_then_is_no_absence() {
    let script = Script::knows([sample::ruc(9)]).times(2).then(Script::unreachable());
    let world = world(script, DAY, FIRST);
    assert_eq!(words(&world.ask(sample::ruc(9)).await), "found fresh miss");
    assert_eq!(words(&world.ask(sample::ruc(8)).await), "absent fresh miss");
    let error = world.ask(sample::ruc(7)).await.unwrap_err();
    assert_eq!(error.code(), "upstream_error");
    assert!(error.to_string().contains("2026-11-20 does not list it"), "{error}");
    assert!(error.public_message().contains("does not list"), "{}", error.public_message());
}

#[tokio::test(start_paused = true)]
async fn a_trusted_edition_says_what_does_not_exist_as_of_its_day() {
    let world = world(Script::unreachable(), DAY, RegistryPolicy { trust_absence: true, ..FIRST });
    let answer = world.ask(sample::ruc(9)).await.unwrap();
    let Lookup::Absent(absence) = answer.taxpayer() else { panic!("it is not listed") };
    assert_eq!((absence.reason, world.provider().calls()), (AbsenceReason::Unlisted, 0));
    assert_eq!(absence.as_of, answer.record.provenance().as_of);
}

#[tokio::test(start_paused = true)]
async fn an_old_edition_speaks_only_where_no_provider_can_and_trusts_itself_no_more() {
    let script = Script::found().times(1).then(Script::unreachable());
    let world = world(script, 4 * DAY, RegistryPolicy { trust_absence: true, ..FIRST });
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_eq!(words(&world.ask(sample::ruc(1)).await), "found stale hit");
    assert_eq!(words(&world.ask(sample::ruc(9)).await), "upstream_error");
}

#[tokio::test(start_paused = true)]
async fn behind_the_providers_it_speaks_when_they_fail() {
    let policy = RegistryPolicy { taxpayers: Turn::Last, ..FIRST };
    let world = world(Script::found().times(1).then(Script::unreachable()), DAY, policy);
    assert_eq!(words(&world.ask(sample::company()).await), "found fresh miss");
    assert_eq!(words(&world.ask(sample::ruc(1)).await), "found fresh hit");
}

#[tokio::test(start_paused = true)]
async fn alone_it_asks_nobody_and_never_may_not_be_asked() {
    let alone = RegistryPolicy { taxpayers: Turn::Only, people: Turn::Only, ..FIRST };
    for age in [DAY, 30 * DAY] {
        let world = world(Script::found(), age, alone);
        let freshness = if age == DAY { "fresh" } else { "stale" };
        assert_eq!(words(&world.ask(sample::ruc(1)).await), format!("found {freshness} hit"));
        assert_eq!(words(&world.refresh(sample::ruc(1)).await), format!("found {freshness} hit"));
        assert_eq!(words(&world.ask(sample::ruc(9)).await), format!("absent {freshness} absent-hit"));
        let dni: Dni = "40000001".parse().unwrap();
        assert_eq!(words(&world.lookups.person(dni, Ask::default()).await), "no_source");
        let rows = world.lookups.taxpayers(&[sample::ruc(1).as_str(), sample::ruc(9).as_str()], Many::default());
        let said: Vec<&str> = rows.in_order().await.iter().map(|row| word(&row.outcome)).collect();
        assert_eq!(said, ["found", "absent"]);
        assert_eq!(world.provider().calls(), 0);
    }
    let never = RegistryPolicy { taxpayers: Turn::Never, people: Turn::Never, ..FIRST };
    let world = world(Script::unreachable(), DAY, never);
    assert_eq!(words(&world.ask(sample::company()).await), "upstream_error");
}

#[tokio::test(start_paused = true)]
async fn who_asks_anew_gets_the_provider_or_the_error() {
    let world = world(Script::found().times(1).then(Script::unreachable()), DAY, FIRST);
    assert_eq!(words(&world.refresh(sample::company()).await), "found fresh miss");
    assert_eq!(words(&world.refresh(sample::ruc(1)).await), "upstream_error");
}

#[tokio::test(start_paused = true)]
async fn an_operators_word_and_a_newer_answer_come_before_it() {
    let world = world(Script::found(), DAY, FIRST);
    world.lookups.mark_absent(sample::company(), "closed", None);
    assert_eq!(words(&world.ask(sample::company()).await), "absent fresh absent-hit");
    assert_eq!(words(&world.refresh(sample::ruc(1)).await), "found fresh miss");
    let answer = world.ask(sample::ruc(1)).await.unwrap();
    assert_eq!(answer.record.provenance().source, SourceId::new("alpha"));
}

#[tokio::test(start_paused = true)]
async fn of_many_numbers_only_those_it_lacks_are_asked_for() {
    let world = world(Script::found(), DAY, FIRST);
    let numbers = [sample::company(), sample::ruc(1), sample::ruc(8), sample::ruc(9)].map(|ruc| ruc.to_string());
    let rows = world.lookups.taxpayers(&numbers, Many::default()).in_order().await;
    let sources: Vec<String> = rows
        .iter()
        .map(|row| match &row.outcome {
            RowOutcome::Answered(answer) => answer.record.provenance().source.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sources, ["padron", "padron", "alpha", "alpha"]);
    assert_eq!((world.provider().collections(), world.provider().asked_for(sample::company())), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn of_what_is_suppressed_it_says_nothing_and_that_is_no_absence() {
    let (hidden, dni) = (sample::ruc(2), Dni::of_ruc(sample::person()).unwrap());
    let asked = world(Script::found().times(1).then(Script::unreachable()), DAY, FIRST);
    assert_eq!(words(&asked.ask(hidden).await), "found fresh miss", "whoever else is a source is asked");
    assert_eq!(words(&asked.refresh(hidden).await), "upstream_error", "and theirs is the reason");
    assert!(asked.lookups.is_suppressed(hidden.into()) && !asked.lookups.is_suppressed(dni.into()));

    for policy in [
        RegistryPolicy { taxpayers: Turn::Only, people: Turn::Only, ..FIRST },
        RegistryPolicy { taxpayers: Turn::Only, trust_absence: true, ..FIRST },
    ] {
        let alone = world(Script::found(), DAY, policy);
        assert_eq!(words(&alone.ask(hidden).await), "suppressed");
        let rows = alone.lookups.taxpayers(&[hidden.as_str(), sample::ruc(1).as_str()], Many::default());
        let said: Vec<&str> = rows.in_order().await.iter().map(|row| word(&row.outcome)).collect();
        assert_eq!((said, alone.provider().calls()), (vec!["suppressed", "found"], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_past_what_is_suppressed() {
    let alone = world(Script::found(), DAY, RegistryPolicy { taxpayers: Turn::Only, ..FIRST });
    let mut errand = alone.lookups.errand(Patience { give_up_after: DAY });
    for ruc in [sample::ruc(2), sample::ruc(1), sample::ruc(9)] {
        errand.add(ruc.into());
    }
    let mut said = Vec::new();
    while let Some(settled) = errand.next().await {
        said.push((settled.number, settled.result.map_or_else(|error| error.code(), |_| "answered")));
    }
    said.sort_unstable_by_key(|(number, _)| number.as_str().to_owned());
    assert_eq!(said.iter().map(|(_, word)| *word).collect::<Vec<_>>(), ["answered", "suppressed", "answered"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_the_lists_on_this_machine_say_theirs() {
    let world = world(Script::found(), DAY, FIRST);
    let on = |answer: &chasqui_core::Answer| {
        let Lookup::Found(taxpayer) = answer.taxpayer() else { panic!("it was found") };
        let standing = taxpayer.padrones.as_ref().and_then(|standings| standings.on(AgentList::Retention).cloned());
        standing.map(|standing| standing.is_listed)
    };
    assert_eq!(on(&world.ask(sample::company()).await.unwrap()), Some(true));
    assert_eq!(on(&world.refresh(sample::company()).await.unwrap()), Some(true), "the provider's answer too");
    assert_eq!(on(&world.ask(sample::ruc(9)).await.unwrap()), Some(false));
}
