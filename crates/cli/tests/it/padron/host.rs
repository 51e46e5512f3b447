//! A host on this machine that has files, counts who asks, and breaks off where it is told to.
//!
//! Left out: what is in the files.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A host, and what it was asked.
pub(super) struct Host {
    pub(super) base: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    replies: HashMap<String, Reply>,
    /// What was asked for, and with which status it was answered.
    answers: Vec<(String, u16)>,
}

/// What is said at a path.
#[derive(Clone)]
pub(super) enum Reply {
    /// A file, of Friday 20 November 2026; the digits of its mark are the minute.
    File { etag: &'static str, body: Vec<u8> },
    /// The same, and the line breaks after so many bytes of what is sent.
    Broken { etag: &'static str, body: Vec<u8>, after: usize },
    /// A file for those alone who call themselves what browsers do.
    Picky { etag: &'static str, body: Vec<u8> },
    /// Somewhere else.
    Elsewhere(String),
    /// A page that says something went wrong, as if nothing had.
    Page,
}

/// What is asked for.
struct Request {
    path: String,
    known: Option<String>,
    from: Option<usize>,
    agent: String,
}

impl Host {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let base = format!("http://{}", listener.local_addr().expect("it listens"));
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("somebody asks");
                let request = Request::read(&stream);
                let mut state = shared.lock().expect("nobody panics under it");
                let reply = state.replies.get(&request.path).cloned();
                let status = answer(&mut stream, &request, reply);
                state.answers.push((request.path, status));
            }
        });
        Self { base, state }
    }

    pub(super) fn with(self, path: &str, reply: Reply) -> Self {
        self.says(path, reply);
        self
    }

    pub(super) fn says(&self, path: &str, reply: Reply) {
        self.state.lock().expect("nobody panics under it").replies.insert(path.to_owned(), reply);
    }

    /// The statuses of what was answered at a path since the last time that this was asked.
    pub(super) fn statuses(&self, path: &str) -> Vec<u16> {
        let mut state = self.state.lock().expect("nobody panics under it");
        let all = std::mem::take(&mut state.answers);
        let (these, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(asked, _)| asked == path);
        state.answers = others;
        these.into_iter().map(|(_, status)| status).collect()
    }
}

impl Request {
    fn read(stream: &TcpStream) -> Self {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let mut request = Self {
            path: first.split(' ').nth(1).unwrap_or_default().to_owned(),
            known: None,
            from: None,
            agent: String::new(),
        };
        for line in lines {
            let Some((name, value)) = line.split_once(": ") else { continue };
            match name.to_ascii_lowercase().as_str() {
                "if-none-match" => request.known = Some(value.to_owned()),
                "range" => {
                    request.from = value.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-')?.parse().ok());
                }
                "user-agent" => value.clone_into(&mut request.agent),
                _ => {}
            }
        }
        request
    }
}

/// Says what there is to say, and gives its status. Whoever asked may have gone meanwhile.
fn answer(stream: &mut TcpStream, request: &Request, reply: Option<Reply>) -> u16 {
    let (etag, body, after) = match reply {
        None => return bare(stream, "404 Not Found"),
        Some(Reply::Elsewhere(to)) => return bare(stream, &format!("302 Found\r\nLocation: {to}")),
        Some(Reply::Picky { .. }) if !request.agent.starts_with("Mozilla/5.0") => return bare(stream, "403 Forbidden"),
        Some(Reply::Page) => {
            let page = "<!DOCTYPE html><html><body>503 Service Unavailable</body></html>".repeat(20);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
            return 200;
        }
        Some(Reply::File { etag, body } | Reply::Picky { etag, body }) => (etag, body, usize::MAX),
        Some(Reply::Broken { etag, body, after }) => (etag, body, after),
    };
    if request.known.as_deref() == Some(etag) {
        return bare(stream, "304 Not Modified");
    }
    let total = body.len();
    let minute: u8 = etag.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a mark has digits");
    let (status, range, from) = match request.from {
        Some(from) => ("206 Partial Content", format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1), from),
        None => ("200 OK", String::new(), 0),
    };
    let body = &body[from..];
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/zip\r\nETag: {etag}\r\n{range}Connection: close\r\n\
         Last-Modified: Fri, 20 Nov 2026 12:{minute:02}:00 GMT\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body[..after.min(body.len())]));
    if from > 0 { 206 } else { 200 }
}

fn bare(stream: &mut TcpStream, status: &str) -> u16 {
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    status[..3].parse().expect("a status begins with its number")
}
