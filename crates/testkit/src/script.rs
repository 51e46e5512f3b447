//! How a provider behaves, call after call.
//!
//! A script is a row of acts. Each lasts for a number of calls; the last one lasts for ever.
//! Left out: counting; [`ScriptedProvider`](crate::ScriptedProvider) does that.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chasqui_core::{ProviderError, Question, Reply};
use chasqui_types::{Ruc, SourceId};

use crate::sample;

/// What a provider does, call after call.
#[derive(Debug, Clone)]
pub struct Script {
    acts: VecDeque<Act>,
}

/// Decides one call.
type Play = dyn Fn(&SourceId, &Question) -> Result<Reply, ProviderError> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Act {
    /// `None`: hangs.
    pub(crate) play: Option<Arc<Play>>,
    pub(crate) takes: Duration,
    times: Option<u32>,
}

// === impl Script ===

impl Script {
    /// Everybody exists.
    pub fn found() -> Self {
        Self::by(|question| Ok(reply(question, |_| true)))
    }

    /// Nobody exists.
    pub fn absent() -> Self {
        Self::by(|question| Ok(reply(question, |_| false)))
    }

    /// Only these exist; a collection leaves the others out.
    pub fn knows(rucs: impl IntoIterator<Item = Ruc>) -> Self {
        let known: HashSet<Ruc> = rucs.into_iter().collect();
        Self::by(move |question| Ok(reply(question, |ruc| known.contains(&ruc))))
    }

    /// The network is down.
    pub fn unreachable() -> Self {
        Self::act(Some(Arc::new(|provider: &SourceId, _: &Question| Err(sample::unreachable(provider)))))
    }

    /// Every call fails in this way.
    pub fn failing(error: ProviderError) -> Self {
        Self::by(move |_| Err(error.clone()))
    }

    /// No call ever ends.
    pub fn hanging() -> Self {
        Self::act(None)
    }

    /// Whatever `play` says.
    pub fn by(play: impl Fn(&Question) -> Result<Reply, ProviderError> + Send + Sync + 'static) -> Self {
        Self::act(Some(Arc::new(move |_: &SourceId, question: &Question| play(question))))
    }

    /// Each call of this act takes so long; none of the clock by default.
    #[must_use]
    pub fn takes(mut self, time: Duration) -> Self {
        self.last().takes = time;
        self
    }

    /// This act lasts for `n` calls, after which the next one begins.
    #[must_use]
    pub fn times(mut self, n: u32) -> Self {
        self.last().times = Some(n);
        self
    }

    /// What comes next. An act without [`times`](Self::times) lasts for one call then.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.last().times.get_or_insert(1);
        self.acts.extend(next.acts);
        self
    }

    /// The act for the next call.
    pub(crate) fn next(&mut self) -> Act {
        while self.acts.len() > 1 && self.acts[0].times == Some(0) {
            self.acts.pop_front();
        }
        let act = self.acts.front_mut().expect("a script has an act");
        act.times = act.times.map(|left| left.saturating_sub(1));
        act.clone()
    }

    fn act(play: Option<Arc<Play>>) -> Self {
        Self { acts: VecDeque::from([Act { play, takes: Duration::ZERO, times: None }]) }
    }

    fn last(&mut self) -> &mut Act {
        self.acts.back_mut().expect("a script has an act")
    }
}

/// The reply of a provider that knows some numbers and says so in the way of the question.
fn reply(question: &Question, is_known: impl Fn(Ruc) -> bool) -> Reply {
    match question {
        Question::Taxpayer(ruc) => Reply::Taxpayer(is_known(*ruc).then(|| Box::new(sample::taxpayer(*ruc)))),
        Question::Taxpayers(rucs) => Reply::Taxpayers {
            found: rucs.iter().filter(|ruc| is_known(**ruc)).map(|ruc| sample::taxpayer(*ruc)).collect(),
            not_found: Vec::new(),
            unreadable: Vec::new(),
        },
        other => panic!("no sample reply to {other:?}"),
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Act")
            .field("hangs", &self.play.is_none())
            .field("takes", &self.takes)
            .field("times", &self.times)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_last_for_their_calls_and_the_last_for_ever() {
        let mut script =
            Script::hanging().times(2).then(Script::found().takes(Duration::from_secs(1))).then(Script::hanging());
        let hangs: Vec<bool> = (0..6).map(|_| script.next().play.is_none()).collect();
        assert_eq!(hangs, [true, true, false, true, true, true]);
    }
}
