//! The step of `cargo xtask test` that holds the description of the routes against a running server.
//!
//! Schemathesis reads `/openapi.json` and sends what the document allows and what it forbids; a status, a media type or
//! a body that the document does not describe fails. It is a Python program, kept in a folder of its own under `target`
//! and fetched the first time.
//! Left out: anything but the sandbox. What is asked here must cost nobody anything.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

/// One release, so that a new check of theirs does not break a change of ours.
const RELEASE: &str = "schemathesis==4.32.5";

/// What is held against every answer. Not here: `positive_data_acceptance`, because a number that looks right may have
/// a wrong check digit; `ignored_auth` and `missing_required_header`, because with keys off any token is one.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method";

/// Requests for each operation and phase: enough to meet every kind of refusal, few enough to wait for.
const EXAMPLES: &str = "20";
/// Each run makes the same requests, so that a failure is not a matter of luck.
const SEED: &str = "20131312955";

/// A registry of a few rows.
const REGISTRY: &str = "crates/padron/tests/data/padron_sample.txt";

/// What can be tested, or a word on what is missing.
pub(crate) enum Tool {
    Ready(PathBuf),
    Missing(String),
}

/// Finds the tool, fetching it where Python can.
pub(crate) fn find(root: &Path) -> anyhow::Result<Tool> {
    let folder = root.join("target/venv");
    let bin = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let (python, tool) = (bin.join("python"), bin.join("schemathesis"));
    let stamp = folder.join("chasqui-release");
    if std::fs::read_to_string(&stamp).is_ok_and(|written| written == RELEASE) && tool.is_file() {
        return Ok(Tool::Ready(tool));
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&folder);
    if let Err(error) = quietly(&mut make) {
        return Ok(Tool::Missing(format!("python3 with its venv module is not installed ({error:#})")));
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", RELEASE]);
    if let Err(error) = quietly(&mut install) {
        return Ok(Tool::Missing(format!("{RELEASE} cannot be fetched ({error:#})")));
    }
    std::fs::write(&stamp, RELEASE).with_context(|| format!("could not write {}", stamp.display()))?;
    Ok(Tool::Ready(tool))
}

/// Runs the tool against a server of our own.
pub(crate) fn run(root: &Path, tool: &Path) -> anyhow::Result<()> {
    let server = Server::start(root)?;
    let mut command = Command::new(tool);
    command.arg("run").arg(format!("{}/openapi.json", server.base));
    command.args(["--checks", CHECKS, "--max-examples", EXAMPLES, "--seed", SEED]);
    // The stateful phase guesses at links that the document does not have.
    command.args(["--phases", "examples,coverage,fuzzing", "--workers", "2", "--max-failures", "20"]);
    command.args(["--request-timeout", "10", "--warnings", "off", "--no-shrink", "--suppress-health-check", "all"]);
    let folder = root.join("target/schemathesis");
    std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    // It remembers failures beside where it runs.
    command.current_dir(&folder);
    let status = command.status().context("could not start schemathesis")?;
    if !status.success() {
        bail!("the server does not answer as /openapi.json says ({status})");
    }
    Ok(())
}

/// A server on a free port, with the sandbox behind it. Dropped, it is stopped.
struct Server {
    process: Child,
    base: String,
}

impl Server {
    fn start(root: &Path) -> anyhow::Result<Self> {
        let program = program(root).context("could not build the server")?;
        let folder = root.join("target/schemathesis");
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        // A person's own configuration, and above all their token, must not matter here.
        let chasqui = || {
            let mut command = Command::new(&program);
            command.current_dir(&folder).env_clear();
            command.env("CHASQUI_LOG", "error").env("CHASQUI_SANDBOX__ENABLED", "true");
            command
        };
        // Without a registry its routes would say so and nothing else.
        let mut import = chasqui();
        import.args(["padron", "import", "--edition", "2026-11-20"]).arg(root.join(REGISTRY));
        quietly(&mut import).context("could not import a registry")?;
        let mut serve = chasqui();
        serve.args(["serve", "--listen", "127.0.0.1:0"]);
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = serve.spawn().context("could not start chasqui serve")?;
        let stderr = process.stderr.take().expect("it is piped");
        let mut said = BufReader::new(stderr);
        let mut line = String::new();
        let base = loop {
            line.clear();
            if said.read_line(&mut line).context("chasqui serve cannot be read")? == 0 {
                let _ = process.kill();
                bail!("chasqui serve ended before it listened");
            }
            eprint!("{line}");
            if let Some(base) = address(&line) {
                break base;
            }
        };
        // What it says later must not fill the pipe and stop it.
        std::thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                eprintln!("{line}");
            }
        });
        Ok(Self { process, base })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Builds the program and asks cargo where it lies.
fn program(root: &Path) -> anyhow::Result<PathBuf> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--package", "chasqui-cli", "--bin", "chasqui", "--message-format", "json"]);
    let output = build.current_dir(root).stderr(Stdio::inherit()).output().context("could not start cargo")?;
    if !output.status.success() {
        bail!("cargo build failed ({})", output.status);
    }
    let messages = String::from_utf8(output.stdout).context("cargo did not print text")?;
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.context("cargo does not say where the program lies")
}

/// The address in `chasqui listens on http://127.0.0.1:40123, source: sandbox`.
fn address(line: &str) -> Option<String> {
    let (_, after) = line.split_once("listens on ")?;
    let address = after.split([',', ' ', '\n']).next()?;
    address.starts_with("http://").then(|| address.to_owned())
}

fn quietly(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("could not start {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_what_the_server_says() {
        let line = "chasqui listens on http://127.0.0.1:40123, source: sandbox\n";
        assert_eq!(address(line).as_deref(), Some("http://127.0.0.1:40123"));
        assert_eq!(address("warning: the sandbox answers"), None);
    }
}
