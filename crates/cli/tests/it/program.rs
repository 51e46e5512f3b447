//! Running the program: once to its end, or in the background until it is stopped.
//!
//! Left out: expectations, which stand in the tests.
#![expect(clippy::unwrap_used, reason = "what the tests stand on may fail them")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A directory, variables and input for runs of the program.
pub(crate) struct World {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run that goes on until it is stopped.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    /// Where it listens, as it said.
    pub(crate) base: String,
    /// What it said until then.
    pub(crate) said: String,
}

/// Far longer than anything here takes, so that a hang is a failure and not a wait.
const PATIENCE: Duration = Duration::from_secs(20);

impl World {
    pub(crate) fn new() -> Self {
        Self { directory: TempDir::new().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// MIGO at `base`, with a token and without a second attempt.
    pub(crate) fn with_migo(self, base: &str) -> Self {
        self.with("CHASQUI_MIGO__TOKEN", "a-token-for-tests")
            .with("CHASQUI_MIGO__BASE_URL", base)
            .with("CHASQUI_MIGO__RETRIES", "0")
    }

    pub(crate) fn with_file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with_input(arguments, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A run that does not read its input may be over before it is written.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Run::of(child.wait_with_output().unwrap())
    }

    /// Starts a run that listens, and waits until it says where.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut running = self.spawn(arguments);
        let line = running.wait_until_it_says("listens on ");
        let (_, after) = line.split_once("listens on ").unwrap();
        after.split([',', ';', ' ', '\n']).next().unwrap().clone_into(&mut running.base);
        running
    }

    /// Starts a run and leaves it alone.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).stdin(Stdio::null()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Running { child, stderr, base: String::new(), said: String::new() }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chasqui"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Everything it wrote.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl Running {
    /// Sends SIGTERM, waits for the end, and gives the run and how long the end took.
    pub(crate) fn stop(self) -> (Run, Duration) {
        let start = now();
        self.signal("TERM");
        let run = self.wait();
        (run, now() - start)
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits for a line on standard error, and gives it.
    pub(crate) fn wait_until_it_says(&mut self, text: &str) -> String {
        loop {
            let start = self.said.len();
            let read = self.stderr.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it ended before it said {text:?}: {}", self.said);
            if self.said[start..].contains(text) {
                return self.said[start..].to_owned();
            }
        }
    }

    /// Waits until a sandbox has been asked so often.
    pub(crate) fn wait_until_it_is_asked(&self, calls: usize) {
        while !self.request("GET", "/_sandbox/calls").1.contains(&format!("\"ruc\":{calls}")) {}
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Run {
        let mut stderr = std::mem::take(&mut self.said);
        // Standard error closes when the program ends.
        self.stderr.read_to_string(&mut stderr).unwrap();
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let code = self.child.wait().unwrap().code().expect("it ended by itself");
        Run { code, stdout, stderr }
    }

    /// A plain HTTP request; status and body.
    pub(crate) fn request(&self, method: &str, path: &str) -> (u16, String) {
        let host = self.base.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a process of its own has the real time only")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A base URL on this machine where nobody listens.
pub(crate) fn dead_upstream() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A base URL on this machine where every question gets the same body.
pub(crate) fn upstream_that_says(body: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                request.read_line(&mut line).unwrap();
                if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = n.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            request.read_exact(&mut vec![0; length]).unwrap();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
            // Whoever asked may have gone meanwhile.
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    base
}

/// The text with the moment at which an absence was said replaced, because it is that of the run.
pub(crate) fn without_moment(text: &str) -> String {
    let (before, after) = text.split_once(" said so at ").unwrap();
    let (_, after) = after.split_once(" Lima ").unwrap();
    format!("{before} said so at [moment] Lima {after}")
}
