//! Real connections, so that a reset is a reset and a missing half is missing.
//!
//! A service on top of hyper cannot break its own connection. So each connection has a [`Line`] on which whoever serves
//! a call asks for its end, and a socket that on being dropped ends as asked.
//! Left out: what is said on them.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::World;

/// How long a connection may finish its call once the sandbox stops.
const GRACE: Duration = Duration::from_millis(250);
/// How long to wait before accepting again when the system has nothing left to accept with.
const BREATHER: Duration = Duration::from_millis(20);

/// How a connection ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// In an orderly way.
    Close = 1,
    /// With a reset.
    Reset = 2,
}

/// Where the end of a connection is asked for.
#[derive(Default)]
pub(crate) struct Line {
    ending: AtomicU8,
    asked: Notify,
}

/// A socket that ends as its line says.
struct Wire {
    stream: TcpStream,
    line: Arc<Line>,
}

// === impl Line ===

impl Line {
    pub(crate) fn end(&self, ending: Ending) {
        self.ending.store(ending as u8, Ordering::Release);
        // Keeps a permit for a connection that is not waiting yet.
        self.asked.notify_one();
    }
}

// === impl Wire ===

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.ending.load(Ordering::Acquire) == Ending::Reset as u8 {
            // Without this the close is an orderly one, which a fault can survive.
            if let Err(error) = self.stream.set_zero_linger() {
                tracing::warn!(%error, "could not reset a connection");
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Accepts until told to stop.
pub(crate) async fn accept(listener: TcpListener, world: Arc<World>, tracker: TaskTracker, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                world.calls.count_connection();
                let wire = Wire { stream, line: Arc::default() };
                if world.is_down() {
                    wire.line.end(Ending::Reset);
                    continue;
                }
                tracker.spawn(converse(wire, Arc::clone(&world), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: trying again at once would only spin.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

async fn converse(wire: Wire, world: Arc<World>, stop: CancellationToken) {
    // Answers are small and written whole, so waiting to fill a packet only adds latency.
    if let Err(error) = wire.stream.set_nodelay(true) {
        tracing::debug!(%error, "could not turn off packet coalescing");
    }
    let line = Arc::clone(&wire.line);
    let service = service_fn(|request| {
        let (world, line) = (Arc::clone(&world), Arc::clone(&line));
        async move { Ok::<_, Infallible>(world.serve(request, line).await) }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(wire), service));
    let ended = line.asked.notified();
    let mut ended = pin!(ended);
    // The connection comes first, so that what was written before the end is flushed.
    tokio::select! {
        biased;
        result = connection.as_mut() => return report(result),
        () = ended.as_mut() => return,
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        result = connection.as_mut() => report(result),
        () = ended.as_mut() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
}

/// A client that goes away mid-call is everyday business here.
fn report(result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
