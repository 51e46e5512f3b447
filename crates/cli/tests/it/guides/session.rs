//! One page being executed: a folder of its own, ports of its own, and the programs that it starts.
//!
//! Only what the page started is stopped.
//! Left out: what a page says, which is its author's.
#![expect(clippy::unwrap_used, reason = "what the tests stand on may fail them")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use super::compare;
use super::page::{Action, Block};

/// Far longer than a program takes to listen.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where the programs of this page would listen, before every page got ports of its own.
const LOOPBACK: &str = "127.0.0.1:";
/// Where a server listens that is not told otherwise.
const USUAL: &str = "127.0.0.1:8080";

/// What a program says of options that it does not know: with an exit code that also means a bad number.
const MISUSED: &str = "For more information, try '--help'";

/// Ends a group of processes with the page that started it, however that ends: then its standard input does.
const UNTIL_THE_END: &str =
    "exec 3<&0 </dev/null; { read -r -u 3 || true; kill -KILL -- -$$; } >/dev/null 2>&1 & exec 3<&-; ";

/// A page being executed.
pub(crate) struct Session {
    folder: TempDir,
    /// A folder with the program in it and nothing else.
    programs: TempDir,
    /// What the page calls an address, and what it is here.
    ports: BTreeMap<String, String>,
    running: Vec<Child>,
    /// Where whoever asks MIGO is sent, once a block does.
    migo: Option<String>,
    /// What the last block printed, if it was run.
    printed: Option<String>,
    notes: Vec<String>,
}

// === impl Session ===

impl Session {
    pub(crate) fn new() -> Self {
        let programs = TempDir::new().unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_chasqui"), programs.path().join("chasqui")).unwrap();
        let ports = BTreeMap::from([(USUAL.to_owned(), free_address())]);
        let folder = TempDir::new().unwrap();
        Self { folder, programs, ports, running: Vec::new(), migo: None, printed: None, notes: Vec::new() }
    }

    /// What was left alone, each with its line, for whoever reads the test's output.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Does with a block what it says. `next` is the block after it, which may show what this one prints.
    pub(crate) fn take(&mut self, block: &Block, next: Option<&Block>) -> anyhow::Result<()> {
        let text = self.here(&block.text);
        if block.asks_migo && self.migo.is_none() {
            let address = free_address();
            self.start(&format!("chasqui sandbox --listen {address}"))?;
            self.migo = Some(format!("http://{address}"));
        }
        let note = match &block.action {
            Action::Show | Action::Doctest => None,
            Action::Skip { reason } => Some(format!("NOT EXECUTED: {reason}")),
            Action::Write { name } => self.write(name, &text)?,
            Action::Background => {
                self.start(&text)?;
                None
            }
            Action::Run { exit } => {
                let shown = next.filter(|next| next.action == Action::Output).map(|next| next.language.as_str());
                self.run(&block.language, &text, *exit, shown)?
            }
            Action::Output => match &self.printed {
                Some(printed) => {
                    compare::check(&block.language, &text, printed)?;
                    None
                }
                None => Some("NOT COMPARED: nothing was executed before it".to_owned()),
            },
        };
        self.notes.extend(note.map(|note| format!("{}: {note}", block.line)));
        Ok(())
    }

    /// The text with this page's own addresses in it, and the built program in place of cargo.
    fn here(&mut self, text: &str) -> String {
        let mut here = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(LOOPBACK) {
            let end = rest[at + LOOPBACK.len()..].find(|c: char| !c.is_ascii_digit());
            let end = end.map_or(rest.len(), |end| at + LOOPBACK.len() + end);
            let address = self.ports.entry(rest[at..end].to_owned()).or_insert_with(free_address);
            here.push_str(&rest[..at]);
            here.push_str(address);
            rest = &rest[end..];
        }
        here.push_str(rest);
        here.replace("cargo run --release -- ", "chasqui ").replace("cargo run -- ", "chasqui ")
    }

    /// Writes a file, and lets whoever reads such files have a look at it.
    fn write(&mut self, name: &str, text: &str) -> anyhow::Result<Option<String>> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text)?;
        self.printed = None;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => {
                let check = self.command("chasqui").args(["config", "check", "--config", name]).output()?;
                ensure!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
                Ok(None)
            }
            Some("service" | "timer") => self.verify_unit(name, text),
            _ => Ok(None),
        }
    }

    /// Lets systemd read a unit, as far as this machine has it.
    fn verify_unit(&self, name: &str, text: &str) -> anyhow::Result<Option<String>> {
        const TOOL: &str = "systemd-analyze";
        if !self.has(TOOL) {
            return Ok(Some(format!("NOT CHECKED: {TOOL} is missing")));
        }
        // Nothing is installed where the unit says; the program that it would find there is this one.
        let unit = self.programs.path().join(name);
        std::fs::write(&unit, text.replace("/usr/local/bin/chasqui", env!("CARGO_BIN_EXE_chasqui")))?;
        let verified = self.command(TOOL).arg("verify").arg(&unit).output()?;
        let said = String::from_utf8_lossy(&verified.stderr);
        ensure!(verified.status.success() && !said.contains(name), "{said}");
        Ok(None)
    }

    /// Runs a block to its end. `shown` is the language in which the page shows what it prints, if it does.
    fn run(&mut self, language: &str, text: &str, exit: i32, shown: Option<&str>) -> anyhow::Result<Option<String>> {
        let (program, arguments): (&str, &[&str]) = match language {
            "sh" => ("bash", &["-euo", "pipefail", "-c"]),
            "python" => ("python3", &["-c"]),
            "js" => ("node", &["--input-type=module", "-e"]),
            "php" => ("php", &["-r"]),
            other => bail!("nothing runs {other}"),
        };
        self.printed = None;
        if !self.has(program) {
            return Ok(Some(format!("NOT EXECUTED: {program} is missing")));
        }
        let is_left_running = text.lines().any(|line| line.trim_end().ends_with(" &"));
        ensure!(!is_left_running, "what goes on running stands in a block marked `sh background`");
        // Files and not pipes: nothing has to read them meanwhile, and two writers of one keep their order.
        let [output, errors] = ["output", "errors"].map(|name| self.programs.path().join(name));
        for path in [&output, &errors] {
            std::fs::write(path, "")?;
        }
        let append = |path: &Path| File::options().append(true).open(path);
        let mut command = self.command(program);
        command.args(arguments).arg(text).stdin(Stdio::null()).stdout(append(&output)?);
        // As a person sees it on a terminal, or as a program that reads data gets it.
        command.stderr(append(if shown == Some("text") { &output } else { &errors })?);
        if shown.is_none() {
            // Nobody looks at the answer, so a status that is none of success has to end the block.
            std::fs::write(self.programs.path().join(".curlrc"), "fail\n")?;
            command.env("CURL_HOME", self.programs.path());
        }
        let status = command.status()?;
        let (printed, errors) = (std::fs::read_to_string(output)?, std::fs::read_to_string(errors)?);
        let is_understood = [&printed, &errors].iter().all(|said| !said.contains(MISUSED));
        ensure!(is_understood, "a command is not understood:\n{printed}{errors}");
        let ended = status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        ensure!(
            status.code() == Some(exit),
            "it ended with {ended} and not with {exit}, and printed\n{printed}{errors}"
        );
        self.printed = Some(printed);
        Ok(None)
    }

    /// Starts a block, and waits until what it starts says that it listens.
    fn start(&mut self, text: &str) -> anyhow::Result<()> {
        let mut command = self.command("bash");
        command.args(["-euo", "pipefail", "-c", &format!("{UNTIL_THE_END}{text}")]).process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stderr.take().expect("it was asked for")).lines();
        self.running.push(child);
        self.printed = None;
        let (said, hear) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Nobody listens any more once it is up; it is read all the same, so that the program never waits.
                let _ = said.send(line);
            }
        });
        let mut words = String::new();
        loop {
            let line = hear.recv_timeout(PATIENCE).with_context(|| format!("it does not listen, and said\n{words}"))?;
            if line.contains("listens on ") {
                return Ok(());
            }
            words.push_str(&line);
            words.push('\n');
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.find(program).expect("it was looked for, or the tests need it"));
        command.current_dir(self.folder.path()).env_clear().env("PATH", self.path());
        command.env("HOME", self.folder.path()).env("LANG", "C.UTF-8").env("PYTHONUTF8", "1");
        // Whoever would ask the network is refused at once.
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, "http://127.0.0.1:9");
        }
        command.env("no_proxy", "127.0.0.1,localhost");
        command.envs(self.migo.iter().map(|base| ("CHASQUI_MIGO__BASE_URL", base)));
        let configured = std::fs::read_to_string(self.folder.path().join("chasqui.toml")).unwrap_or_default();
        if !configured.contains("listen = ") {
            command.env("CHASQUI_SERVER__LISTEN", &self.ports[USUAL]);
        }
        command
    }

    fn has(&self, program: &str) -> bool {
        self.find(program).is_some()
    }

    fn find(&self, program: &str) -> Option<PathBuf> {
        let path = self.path();
        std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
    }

    #[expect(clippy::disallowed_methods, reason = "the guides use programs of this machine, wherever they are")]
    fn path(&self) -> OsString {
        let machine = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs.path().to_owned()).chain(std::env::split_paths(&machine));
        std::env::join_paths(folders).unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in &mut self.running {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// An address that nobody has now, and that nobody here was given before.
///
/// Below the ports that the system gives away, so that no test that asks for any port takes it meanwhile.
fn free_address() -> String {
    const FIRST: u32 = 10_000;
    const N_PORTS: u32 = 20_000;
    static N_TAKEN: AtomicU32 = AtomicU32::new(0);
    // Tests that run side by side are processes of their own, with numbers close to each other.
    let start = std::process::id().wrapping_mul(61);
    loop {
        let n = start.wrapping_add(N_TAKEN.fetch_add(1, Ordering::Relaxed)) % N_PORTS;
        let address = format!("{LOOPBACK}{}", FIRST + n);
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}
