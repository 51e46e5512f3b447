//! What callers see of the core while providers behave, misbehave and come back. Nothing here takes real time.

#![expect(clippy::unchecked_time_subtraction, reason = "a time that should come later and does not fails the test")]

mod errand;
mod flights;
mod freshness;
mod limits;
mod many;
mod outages;
mod rates;
mod registry;
mod resting;
mod retries;

use std::sync::Arc;
use std::time::Duration;

use chasqui_cache::MemoryCache;
use chasqui_core::{Answer, LookupError, RowOutcome};
use chasqui_testkit::{Script, World, WorldBuilder};
use chasqui_types::Freshness;

/// A world with ample memory of the production kind.
fn world_of(script: Script) -> WorldBuilder {
    World::of(Arc::new(MemoryCache::new(64 * 1024 * 1024)), script)
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The timer of the paused clock goes in milliseconds and rounds up.
const TICK: Duration = Duration::from_millis(1);

/// An answer in three words: what, how fresh, and what memory had to do with it; or the code of the error.
fn words(result: &Result<Answer, LookupError>) -> String {
    match result {
        Ok(answer) => {
            let what = if answer.record.absence().is_some() { "absent" } else { "found" };
            let freshness = if answer.freshness == Freshness::Fresh { "fresh" } else { "stale" };
            format!("{what} {freshness} {}", answer.cache.as_str())
        }
        Err(error) => error.code().to_owned(),
    }
}

/// A row in a word: `found`, `absent`, `invalid`, or the code of the error.
fn word(outcome: &RowOutcome) -> &'static str {
    match outcome {
        RowOutcome::Invalid(_) => "invalid",
        RowOutcome::Answered(answer) if answer.record.absence().is_some() => "absent",
        RowOutcome::Answered(_) => "found",
        RowOutcome::Unknown(error) => error.code(),
    }
}

/// Asserts that `actual` is `expected`, give or take a tick of the timer for each pause in it.
#[track_caller]
fn assert_about(actual: Duration, expected: Duration) {
    assert!(actual >= expected && actual <= expected + 4 * TICK, "{actual:?} is not about {expected:?}");
}
