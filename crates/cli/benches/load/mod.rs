//! What load generators share: servers that are waited for, connections, and requests at a fixed rate.
//!
//! Left out: what is measured, which each benchmark says for itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

pub(crate) async fn wait_for(mut child: Child, address: SocketAddr, path: &str) -> Result<Child> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Ok(mut connection) = Connection::open(address, path).await
            && connection.ask().await.is_ok()
        {
            return Ok(child);
        }
        if let Some(status) = child.try_wait()? {
            bail!("the server ended early: {status}");
        }
        if Instant::now() > deadline {
            stop(&mut child);
            bail!("the server did not come up");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(crate) fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// One connection that asks for the same thing again and again, until it is told another.
pub(crate) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut connection = Self { stream, address, request: Vec::new(), buffer: vec![0; 16 * 1024] };
        connection.aim(path);
        Ok(connection)
    }

    /// From now on it asks for another thing.
    pub(crate) fn aim(&mut self, path: &str) {
        self.request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).into_bytes();
    }

    /// Asks once; where head and body of the response end in the buffer.
    pub(crate) async fn ask(&mut self) -> Result<(usize, usize)> {
        self.stream.write_all(&self.request).await?;
        let mut filled = 0;
        loop {
            let n_bytes = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(n_bytes > 0, "the server closed the connection");
            filled += n_bytes;
            let Some(head) = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
                continue;
            };
            let head = head + 4;
            ensure!(self.buffer.starts_with(b"HTTP/1.1 200"), "the server did not answer 200");
            let whole = head + content_length(&self.buffer[..head])?;
            if filled >= whole {
                return Ok((head, whole));
            }
        }
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let at = head
        .windows(NAME.len())
        .position(|window| window.eq_ignore_ascii_case(NAME))
        .context("the response has no Content-Length")?;
    let digits = head[at + NAME.len()..].iter().take_while(|b| b.is_ascii_digit());
    Ok(digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let mut connection = Connection::open(address, path).await?;
    let (head, whole) = connection.ask().await?;
    Ok(connection.buffer[head..whole].to_vec())
}

/// Latencies at a fixed rate, with the moments at which the requests were due: each is counted from there, so that a
/// stalled server is not let off.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub(crate) async fn at_rate(
    address: SocketAddr,
    paths: &[String],
    connections: usize,
    rate: f64,
    time: Duration,
) -> Result<Vec<(Duration, Duration)>> {
    let every = Duration::from_secs_f64(connections as f64 / rate);
    let started = Instant::now() + Duration::from_millis(50);
    let until = started + time;
    let mut tasks = Vec::new();
    for n in 0..connections {
        let mut connection = Connection::open(address, &paths[n % paths.len()]).await?;
        let mut due = started + every.mul_f64(n as f64 / connections as f64);
        // Each connection goes through all paths, from a place of its own.
        let mut place = n * paths.len() / connections;
        let paths = if paths.len() > 1 { paths.to_vec() } else { Vec::new() };
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while due < until {
                // The timer's grain is a millisecond: sleep short of the moment, then yield up to it.
                if let Some(wait) = due.checked_duration_since(Instant::now() + Duration::from_millis(1)) {
                    tokio::time::sleep(wait).await;
                }
                while Instant::now() < due {
                    tokio::task::yield_now().await;
                }
                if !paths.is_empty() {
                    place = (place + 1) % paths.len();
                    connection.aim(&paths[place]);
                }
                connection.ask().await?;
                latencies.push((due.saturating_duration_since(started), due.elapsed()));
                due += every;
            }
            anyhow::Ok(latencies)
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    Ok(all)
}
