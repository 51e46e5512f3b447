//! The client library over a registry, in process and through a server: what SUNAT's lists say is told alike.

use chasqui::types::{AgentList, Standings, Taxpayer};
use chasqui::{Client, Error};

use super::{ANDINA, Folder, YARA};
use crate::client::{stop_all, ways};

/// Listed in the registry.
const LISTED: &str = YARA;
/// In no edition here, so that the provider is asked.
const ELSEWHERE: &str = "20100047218";

async fn taxpayers(client: &Client) -> Result<Vec<Taxpayer>, Error> {
    let mut found = Vec::new();
    for ruc in [LISTED, ELSEWHERE] {
        found.extend(client.taxpayer(ruc).await?.found().cloned());
    }
    let (rows, _) = client.taxpayers([LISTED, ELSEWHERE]).collect_in_order().await;
    for row in rows {
        found.extend(row.outcome.into_result()?.found().cloned());
    }
    Ok(found)
}

#[tokio::test]
async fn what_the_lists_say_comes_over_the_network_as_it_is_in_process() {
    let folder = Folder::filled();
    folder.list(AgentList::Retention, LISTED);
    folder.list(AgentList::Perception, ELSEWHERE);
    let dir = folder.path().display().to_string();
    let ways = ways("", &[("padron.dir", &dir), ("padron.max_age", "3650d")]).await;
    let mut both = Vec::new();
    for way in &ways {
        both.push(taxpayers(&way.client).await.unwrap());
    }
    let on =
        |standings: &Standings, list| standings.on(list).map(|standing| (standing.is_listed, standing.since.is_some()));
    for (taxpayer, expected) in both[1].iter().zip([true, false, true, false]) {
        let standings = taxpayer.padrones.as_deref().unwrap();
        assert_eq!(on(standings, AgentList::Retention), Some((expected, expected)));
        assert_eq!(on(standings, AgentList::Perception), Some((!expected, !expected)));
        assert_eq!(on(standings, AgentList::GoodTaxpayer), None, "a list that nobody has says nothing");
    }
    assert_eq!(both[0].len(), 4);
    assert_eq!(both[0], both[1]);
    stop_all(ways).await;
}

#[tokio::test]
async fn a_number_that_may_not_be_told_is_refused_alike() {
    let folder = Folder::filled();
    folder.suppress(ANDINA.parse::<chasqui_types::Ruc>().unwrap());
    let dir = folder.path().display().to_string();
    let ways = ways("", &[("padron.dir", &dir), ("padron.max_age", "3650d"), ("lookup.ruc", "padron")]).await;
    for way in &ways {
        let error = way.client.taxpayer(ANDINA).await.unwrap_err();
        assert_eq!(error.code(), "suppressed", "{}", way.name);
        assert!(way.client.taxpayer(YARA).await.unwrap().found().is_some(), "{}", way.name);
    }
    stop_all(ways).await;
}
