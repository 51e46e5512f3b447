//! A provider that follows a script and remembers what it was asked.
//!
//! Left out: the guard; a [`World`](crate::World) puts one around it, as production does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chasqui_core::{Provider, ProviderError, Question, Reply};
use chasqui_types::{Ruc, SourceId};

use crate::script::Script;

/// Follows a [`Script`].
#[derive(Debug)]
pub struct ScriptedProvider {
    id: SourceId,
    script: Mutex<Script>,
    asked: Mutex<Vec<(Duration, Question)>>,
    born: tokio::time::Instant,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    abandoned: AtomicUsize,
}

// === impl ScriptedProvider ===

impl ScriptedProvider {
    /// A provider of that name.
    #[expect(clippy::disallowed_methods, reason = "notes moments of the test's own clock")]
    pub fn new(id: &'static str, script: Script) -> Arc<Self> {
        Arc::new(Self {
            id: SourceId::new(id),
            script: Mutex::new(script),
            asked: Mutex::default(),
            born: tokio::time::Instant::now(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            abandoned: AtomicUsize::new(0),
        })
    }

    /// From the next call on it follows another script.
    pub fn follow(&self, script: Script) {
        *self.script.lock().expect("no panic happens under this lock") = script;
    }

    /// Every call: when it came, counted from the provider's making, and what it asked.
    pub fn asked(&self) -> Vec<(Duration, Question)> {
        self.asked.lock().expect("no panic happens under this lock").clone()
    }

    /// How many calls came.
    pub fn calls(&self) -> usize {
        self.count(|_| true)
    }

    /// How many of them asked for one number.
    pub fn singles(&self) -> usize {
        self.count(|question| matches!(question, Question::Taxpayer(_)))
    }

    /// How many of them asked for a collection.
    pub fn collections(&self) -> usize {
        self.count(|question| matches!(question, Question::Taxpayers(_)))
    }

    /// How many times a number was asked for, alone or in a collection.
    pub fn asked_for(&self, ruc: Ruc) -> usize {
        self.count(|question| match question {
            Question::Taxpayer(asked) => *asked == ruc,
            Question::Taxpayers(asked) => asked.contains(&ruc),
            _ => false,
        })
    }

    /// The most calls that were under way at one moment.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::Relaxed)
    }

    /// Calls that were dropped before they ended.
    pub fn abandoned(&self) -> usize {
        self.abandoned.load(Ordering::Relaxed)
    }

    fn count(&self, is_meant: impl Fn(&Question) -> bool) -> usize {
        let asked = self.asked.lock().expect("no panic happens under this lock");
        asked.iter().filter(|(_, question)| is_meant(question)).count()
    }
}

#[async_trait]
impl Provider for ScriptedProvider {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn can_answer(&self, _question: &Question) -> bool {
        true
    }

    async fn ask(&self, question: &Question) -> Result<Reply, ProviderError> {
        let came_after = self.born.elapsed();
        self.asked.lock().expect("no panic happens under this lock").push((came_after, question.clone()));
        let act = self.script.lock().expect("no panic happens under this lock").next();
        let mut under_way = UnderWay::new(self);
        if !act.takes.is_zero() {
            tokio::time::sleep(act.takes).await;
        }
        let Some(play) = act.play else { return std::future::pending().await };
        under_way.is_over = true;
        play(&self.id, question)
    }
}

/// A call under way, which its caller may drop.
struct UnderWay<'a> {
    provider: &'a ScriptedProvider,
    is_over: bool,
}

impl<'a> UnderWay<'a> {
    fn new(provider: &'a ScriptedProvider) -> Self {
        let at_once = provider.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        provider.most_at_once.fetch_max(at_once, Ordering::Relaxed);
        Self { provider, is_over: false }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.provider.at_once.fetch_sub(1, Ordering::Relaxed);
        if !self.is_over {
            self.provider.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }
}
