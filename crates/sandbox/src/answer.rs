//! An answer before it meets a connection.
//!
//! Left out: how its bytes travel; see `body` and `socket`.

use std::time::Duration;

use chasqui_migo::Failure;

/// Status, type and bytes, and the one header that matters besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// Whole seconds.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

const PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>No encontrado</h1></body></html>\n";

// === impl Answer ===

impl Answer {
    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self { status, content_type: "application/json".to_owned(), retry_after: None, body }
    }

    /// What a proxy or a firewall in front of the service would say.
    pub(crate) fn page(status: u16) -> Self {
        let content_type = "text/html; charset=UTF-8".to_owned();
        Self { content_type, ..Self::json(status, PAGE.into()) }
    }

    pub(crate) fn throttled(retry_after: Option<u64>) -> Self {
        Self { retry_after, ..Failure::throttled().into() }
    }

    /// Whole seconds, rounded up: told to wait less than it takes, a client would be refused again.
    pub(crate) fn throttled_for(wait: Duration) -> Self {
        Self::throttled(Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
    }

    /// Makes the JSON unreadable without changing its length or its first half.
    pub(crate) fn spoil(&mut self) {
        if let Some(last) = self.body.last_mut() {
            *last = b',';
        }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        let (status, body) = failure.into_parts();
        Self::json(status, body)
    }
}
