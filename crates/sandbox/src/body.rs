//! The bytes of an answer on their way: all at once, in drops, or cut short.
//!
//! Left out: which of these an answer gets.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::socket::{Ending, Line};

/// A body as hyper sends it.
pub(crate) enum SandboxBody {
    /// At once.
    Whole(Bytes),
    /// A piece after each pause.
    Drip { rest: Bytes, piece: usize, pause: Duration, sleep: Option<Pin<Box<Sleep>>> },
    /// One piece, and then the end of the connection instead of the promised rest.
    Cut { piece: Option<Bytes>, line: Arc<Line> },
}

// === impl SandboxBody ===

impl Body for SandboxBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Drip { rest, .. } if rest.is_empty() => Poll::Ready(None),
            Self::Drip { rest, piece, pause, sleep } => {
                let waiting = sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(*pause)));
                std::task::ready!(waiting.as_mut().poll(context));
                *sleep = None;
                let next = rest.split_to((*piece).clamp(1, rest.len()));
                Poll::Ready(Some(Ok(Frame::data(next))))
            }
            Self::Cut { piece, line } => {
                if let Some(bytes) = piece.take() {
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                // hyper flushes the piece when the body has nothing ready, and only then is the connection dropped.
                line.end(Ending::Close);
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(rest) | Self::Drip { rest, .. } => rest.is_empty(),
            Self::Cut { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(rest) | Self::Drip { rest, .. } => SizeHint::with_exact(rest.len() as u64),
            Self::Cut { .. } => SizeHint::default(),
        }
    }
}
