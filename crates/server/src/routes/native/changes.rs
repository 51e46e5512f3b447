//! `GET /v1/padron/changes`: what changed in the registry, for who keeps a copy of it.
//!
//! A page begins where the one before it ended, whatever edition came into use meanwhile; a stream goes to the end, a
//! piece at a time, so that neither a slow reader nor a long list takes memory.
//! Left out: the rows themselves, which look-ups tell.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use chasqui::OfflineRegistry;
use chasqui::padron::{Feed, RegistryError, Since};
use futures_util::stream;

use super::{answer, registry};
use crate::app::Shared;
use crate::body;
use crate::desk::{Desk, Place};
use crate::edge::Streaming;
use crate::headers;
use crate::problem::Problem;
use crate::routes::input::Query;

const LIMIT: usize = 1_000;
const MAX_LIMIT: usize = 10_000;
/// Rows of one piece of a stream: some hundred kilobytes.
const PIECE: usize = 1_000;

/// The changes from some place on: a page of them, or all as lines.
pub(super) async fn follow(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let query = Query::read(request.uri().query(), &["since", "limit", "format"])?;
    let since = query.text("since").map(str::parse::<Since>).transpose();
    let since = since.map_err(|error| Problem::from(&RegistryError::from(error)))?;
    let limit = query.text("limit").map(limit).transpose()?;
    if !answer::wants_lines(&query, request.headers())? {
        return page(&shared, since, limit.unwrap_or(LIMIT)).await;
    }
    if limit.is_some() {
        return Err(Problem::invalid_query("`limit` is for pages; lines go on to the end."));
    }
    lines(&shared, since).await
}

async fn page(shared: &Shared, since: Option<Since>, limit: usize) -> Result<Response, Problem> {
    let (body, as_of) = registry::ask(shared, move |registry| {
        let feed = registry.changes()?;
        let page = feed.page(since, limit)?;
        Ok((body::changes(&page, feed.first(), feed.last()), feed.as_of()))
    })
    .await?;
    Ok(registry::send(shared, body, as_of))
}

/// The first piece decides on the status; what goes wrong behind it breaks the stream off, and its last line is missing.
async fn lines(shared: &Shared, since: Option<Since>) -> Result<Response, Problem> {
    let feed = registry::ask(shared, OfflineRegistry::changes).await?;
    let as_of = feed.as_of();
    let flow = Flow { shared: Arc::clone(shared), registry: registry::of(shared)?, feed, since };
    let (first, rest) = flow.piece(registry::place(shared).await?).await?;
    let pieces = stream::unfold((Some(first), rest), async |(ahead, flow)| match (ahead, flow) {
        (Some(piece), flow) => Some((Ok(piece), (None, flow))),
        (None, None) => None,
        (None, Some(flow)) => {
            // It was let in long ago, so it waits for its turn and is not sent away.
            let place = flow.shared.desk.place_at_last().await;
            match flow.piece(place).await {
                Ok((piece, rest)) => Some((Ok(piece), (None, rest))),
                Err(problem) => {
                    tracing::error!(code = problem.code(), cause = problem.cause(), "a stream of changes broke off");
                    Some((Err(io::Error::other("the changes could not be read further")), (None, None)))
                }
            }
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer::NDJSON));
    headers::describe_registry(told, as_of, shared.lookups.registry_freshness(as_of));
    response.extensions_mut().insert(Streaming);
    Ok(response)
}

/// Where a stream is.
struct Flow {
    shared: Shared,
    registry: Arc<OfflineRegistry>,
    /// As it was when the stream began, so that it ends.
    feed: Feed,
    since: Option<Since>,
}

// === impl Flow ===

impl Flow {
    /// The next piece, and what follows it.
    async fn piece(self, place: Place) -> Result<(Bytes, Option<Self>), Problem> {
        let read = move |flow: Self| {
            // Numbers that were suppressed since the stream began are left out from here on.
            let feed = flow.registry.look_again(&flow.feed)?;
            let page = feed.page(flow.since, PIECE)?;
            let mut piece = body::change_lines(&page.changes);
            if page.is_last {
                piece.extend(body::end_line(&page, feed.first(), feed.last()));
                return Ok((piece.into(), None));
            }
            Ok((piece.into(), Some(Self { since: Some(page.next), ..flow })))
        };
        let piece = Desk::work(place, move |_| read(self)).await?;
        piece.map_err(|error: RegistryError| Problem::from(&error))
    }
}

fn limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| Problem::invalid_query(format!("`limit` is a number from 1 to {MAX_LIMIT}.")))
}
