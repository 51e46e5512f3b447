//! Many numbers of a server: one request, a line for each as it is answered.
//!
//! Whatever happens on the way, every number has exactly one outcome; those that the server did not come to could not
//! be found out.

use std::time::Duration;

use bytes::BytesMut;
use chasqui_core::Ask;
use chasqui_types::Ruc;
use futures_util::StreamExt;
use reqwest::{Method, Response};

use super::reply::{Head, Reply, unreachable};
use super::wire::{self, Line, NumbersBody};
use super::{Question, Remote};
use crate::client::answer::Outcome;
use crate::client::error::Error;
use crate::client::rows::Batch;

const NDJSON: &str = "application/x-ndjson";

/// A request for many numbers, and what has come of it.
struct Lines {
    remote: Remote,
    path: &'static str,
    ask: Ask,
    rucs: Vec<Ruc>,
    is_answered: Vec<bool>,
    n_left: usize,
    response: Option<Response>,
    /// The request, as the server's log names it.
    request_id: Option<Box<str>>,
    buffer: BytesMut,
    /// Why the rest has no answer.
    failed: Option<Error>,
}

// === impl Remote ===

impl Remote {
    /// Asks about many numbers; nothing is sent before the outcomes are read.
    pub(super) fn lines<B: Line<T>, T: Send + 'static>(
        &self,
        path: &'static str,
        rucs: Vec<Ruc>,
        ask: Ask,
    ) -> Batch<T> {
        let lines = Lines {
            remote: self.clone(),
            path,
            ask,
            is_answered: vec![false; rucs.len()],
            n_left: rucs.len(),
            rucs,
            response: None,
            request_id: None,
            buffer: BytesMut::new(),
            failed: None,
        };
        let outcomes = futures_util::stream::unfold(lines, async |mut lines| {
            let outcome = lines.next::<B, T>().await?;
            Some((outcome, lines))
        });
        Batch { outcomes: outcomes.boxed(), effort: None }
    }
}

// === impl Lines ===

impl Lines {
    /// The longest line that is read: a taxpayer takes about a kibibyte.
    const MAX_LINE: usize = 256 * 1024;
    /// How long the end of a reply is waited for once every number has its answer.
    const END: Duration = Duration::from_secs(1);

    async fn next<B: Line<T>, T>(&mut self) -> Option<(usize, Outcome<T>)> {
        loop {
            if self.n_left == 0 {
                self.finish().await;
                return None;
            }
            if let Some(error) = self.failed.clone() {
                let place = self.is_answered.iter().position(|is_answered| !is_answered)?;
                self.settle(place);
                return Some((place, Outcome::Unknown(error.of_request(self.request_id.as_deref()))));
            }
            match self.row::<B, T>().await {
                // A number that is answered twice was answered.
                Ok((place, _)) if self.is_answered[place] => {}
                Ok((place, outcome)) => {
                    self.settle(place);
                    return Some((place, outcome));
                }
                Err(error) => self.failed = Some(error),
            }
        }
    }

    fn settle(&mut self, place: usize) {
        self.is_answered[place] = true;
        self.n_left -= 1;
    }

    async fn row<B: Line<T>, T>(&mut self) -> Result<(usize, Outcome<T>), Error> {
        let line = self.line().await?;
        let odd = || Error::malformed("a line of its answer lacks what it should say");
        let body: B = serde_json::from_slice(&line).map_err(|_| odd())?;
        let place = body.index().filter(|place| *place < self.rucs.len()).ok_or_else(odd)?;
        let id = self.request_id.as_deref();
        let outcome = match body.outcome(self.rucs[place]) {
            Outcome::Invalid(error) => Outcome::Invalid(error.of_request(id)),
            Outcome::Unknown(error) => Outcome::Unknown(error.of_request(id)),
            answered => answered,
        };
        Ok((place, outcome))
    }

    /// The next line, whole.
    async fn line(&mut self) -> Result<BytesMut, Error> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(self.buffer.split_to(end + 1));
            }
            if self.buffer.len() > Self::MAX_LINE {
                return Err(Error::malformed("a line of its answer is longer than any could be"));
            }
            let chunk = self.response().await?.chunk().await.map_err(unreachable)?;
            // Some rows are missing and no more will come: whoever sent them stopped, or was cut off.
            let chunk = chunk.ok_or(Error::Unreachable { status: None, source: None })?;
            self.buffer.extend_from_slice(&chunk);
        }
    }

    async fn response(&mut self) -> Result<&mut Response, Error> {
        let response = match self.response.take() {
            Some(response) => response,
            None => self.send().await?,
        };
        Ok(self.response.insert(response))
    }

    async fn send(&mut self) -> Result<Response, Error> {
        let body = Some(wire::to_json(&NumbersBody { rucs: &self.rucs }));
        let question = Question { method: Method::POST, body, accept: NDJSON, ..Question::get(self.path, self.ask) };
        let within = self.ask.patience.unwrap_or(Duration::MAX).min(self.remote.timeout);
        let response = self.remote.send(question, within).await?;
        let head = Head::of(&response);
        if head.is(NDJSON) {
            self.request_id = head.request_id();
            return Ok(response);
        }
        Err(Reply::read_after(head, response).await?.error())
    }

    /// Reads what is left, which is the end of it, so that the connection can be used again.
    async fn finish(&mut self) {
        if let Some(mut response) = self.response.take() {
            let _ = tokio::time::timeout(Self::END, response.chunk()).await;
        }
    }
}
