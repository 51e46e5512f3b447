//! Memory, looked after both ways.

use std::time::Duration;

use chasqui::types::AbsenceReason;
use chasqui::{Client, Health, Kind, Replaced};

use super::{ABSENT, FOUND, ways};

/// Everything that can be done with memory, told in short.
async fn told(client: &Client) -> Vec<String> {
    let cache = client.cache();
    let mut told = Vec::new();
    client.taxpayer(FOUND).await.unwrap();
    client.taxpayer(FOUND).await.unwrap();
    client.taxpayer(ABSENT).await.unwrap();
    client.taxpayer(ABSENT).await.unwrap();
    client.person("10117410").await.unwrap();

    let stats = cache.stats().await.unwrap();
    told.push(format!("{} hits, {} absent, {} misses", stats.hits, stats.absent_hits, stats.misses));
    told.push(format!("{:?} {:?} {}", stats.entries, stats.absent, stats.capacity));
    assert!(stats.bytes > 0 && stats.hit_rate().is_some() && stats.n_absent() == 1);
    let health = cache.health().await.unwrap();
    assert_eq!(health.status, Health::Healthy);
    told.push(format!("{:?}", health.checks.iter().map(|check| (&check.name, check.status)).collect::<Vec<_>>()));

    let number = cache.absent_number(ABSENT).await.unwrap().unwrap();
    told.push(format!("{} {} {}", number.ruc, number.reason.code(), number.source));
    assert_eq!(cache.absent_number(FOUND).await.unwrap(), None);

    let hour = Duration::from_hours(1);
    let marked = cache.mark_absent(FOUND, "closed", Some(hour)).await.unwrap();
    assert_eq!(
        (marked.replaced, &marked.number.reason),
        (Some(Replaced::Found), &AbsenceReason::Marked("closed".into()))
    );
    told.push(format!(
        "{} {}",
        marked.number.source,
        marked.number.expires_at.as_second() - marked.number.added_at.as_second()
    ));
    assert_eq!(cache.mark_absent(FOUND, "again", None).await.unwrap().replaced, Some(Replaced::Absent));
    let list = cache.absent().await.unwrap();
    let mut rucs: Vec<String> = list.numbers.iter().map(|number| number.ruc.to_string()).collect();
    rucs.sort();
    told.push(format!("{} {rucs:?}", list.total));

    for (reason, ttl) in [("", None), ("two\nlines", None), ("well", Some(Duration::ZERO))] {
        told.push(cache.mark_absent(FOUND, reason, ttl).await.unwrap_err().code().to_owned());
    }
    told.push(cache.forget("1").await.unwrap_err().code().to_owned());
    told.push(format!("{} {}", cache.forget_absent(FOUND).await.unwrap(), cache.forget_absent(FOUND).await.unwrap()));
    client.taxpayer(FOUND).await.unwrap();
    told.push(format!("{} {}", cache.forget(FOUND).await.unwrap(), cache.forget(FOUND).await.unwrap()));
    told.push(format!("{:?}", cache.clean().await.unwrap()));
    told.push(cache.forget_all_absent().await.unwrap().to_string());
    told.push(cache.clear_some(Some("migo"), Some(Kind::Ruc)).await.unwrap().to_string());
    told.push(cache.clear_some(Some("nobody & co"), None).await.unwrap().to_string());
    told.push(cache.clear_some(None, Some(Kind::Dni)).await.unwrap().to_string());
    told.push(cache.clear().await.unwrap().to_string());
    told
}

#[tokio::test]
async fn memory_is_looked_after_alike() {
    let [one, other] = ways("", &[]).await;
    let both = [told(&one.client).await, told(&other.client).await];
    assert_eq!(both[0], both[1]);
    for way in [one, other] {
        way.stop().await;
    }
}
