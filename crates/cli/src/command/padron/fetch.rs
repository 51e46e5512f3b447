//! `chasqui padron fetch`: SUNAT's file of today, if it is another one than the last, and what an import makes of it.
//!
//! The file lies beside the editions while it is imported, and an interrupted download goes on where it was.
//! Left out: when to do it, which is a timer's business.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chasqui::config::Config;
use chasqui::download::{Download, DownloadProgress, Downloaded, Downloader, DownloaderConfig, Form, Validators};
use chasqui_types::time::to_lima;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::import;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{bytes, one_line};

/// No registry is shorter or longer, in bytes.
const SIZE: std::ops::RangeInclusive<u64> = 512..=8 << 30;
const CONNECT: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_mins(1);
/// Where no terminal shows a bar, a line is written so often.
const LINE_EVERY: u64 = 50 << 20;

/// Fetches and imports.
pub(super) async fn run(force: bool, config: &Config) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    if config.padron.mirrors.is_empty() {
        return Err(Failure::new(Exit::Configuration, "padron.mirrors is empty, so there is nowhere to fetch from"));
    }
    std::fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let (file, note) = (dir.join("download.zip"), dir.join("download.json"));
    let known = known(&note).filter(|_| !force);
    let mirrors = config.padron.mirrors.iter().map(|mirror| mirror.as_str().to_owned()).collect();
    let downloader =
        Downloader::new(DownloaderConfig { mirrors, user_agent: None, connect_timeout: CONNECT, idle_timeout: IDLE })
            .map_err(|error| Failure::of(Exit::Configuration, &error))?;
    let download =
        Download { into: &file, known: known.as_ref(), min: *SIZE.start(), max: *SIZE.end(), form: Form::Zip };
    let mut bar = Bar::new();
    let fetched = downloader.fetch(&download, &mut |progress| bar.show(progress)).await;
    bar.finish();
    let validators = match fetched.map_err(|error| Failure::of(Exit::Unknown, &error))? {
        Downloaded::Unchanged { host, .. } => {
            output::note(&format!("{} has nothing newer than the edition that was fetched last", one_line(&host)));
            return Ok(Exit::Done);
        }
        Downloaded::Fetched { host, n_bytes, n_resumed, validators } => {
            let resumed =
                if n_resumed > 0 { format!(", {} of them from before", bytes(n_resumed)) } else { String::new() };
            output::note(&format!("fetched {} from {}{resumed}", bytes(n_bytes), one_line(&host)));
            validators
        }
    };
    let date = validators.modified().map(|moment| to_lima(moment).date());
    let exit = import::run(file.clone(), date, force, config)
        .await
        .map_err(|failure| failure.advise(&format!("the file is kept as {}", one_line(&file.display().to_string()))))?;
    if exit == Exit::Done {
        remember(&note, &validators)?;
        std::fs::remove_file(&file).map_err(|error| unwritable(&file, &error))?;
    }
    Ok(exit)
}

/// What is known of the file that was fetched last. One that cannot be read is fetched again.
fn known(note: &PathBuf) -> Option<Validators> {
    serde_json::from_slice(&std::fs::read(note).ok()?).ok()
}

fn remember(note: &Path, validators: &Validators) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(validators).expect("texts can be written");
    std::fs::write(note, text).map_err(|error| unwritable(note, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Unknown, format!("{} cannot be written", one_line(&path.display().to_string()))).because(error)
}

/// A bar on a terminal, a line now and then elsewhere.
struct Bar {
    line: ProgressBar,
    is_terminal: bool,
    told: u64,
}

// === impl Bar ===

impl Bar {
    fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if is_terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let style =
            ProgressStyle::with_template("fetching {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left")
                .expect("the template is sound")
                .progress_chars("━╸─");
        Self { line: ProgressBar::with_draw_target(None, target).with_style(style), is_terminal, told: 0 }
    }

    fn show(&mut self, progress: DownloadProgress) -> ControlFlow<()> {
        if let Some(total) = progress.total {
            self.line.set_length(total);
        }
        self.line.set_position(progress.done);
        if !self.is_terminal && progress.done >= self.told + LINE_EVERY {
            self.told = progress.done;
            let of = progress.total.map(|total| format!(" of {}", bytes(total))).unwrap_or_default();
            output::note(&format!("fetching: {}{of}", bytes(progress.done)));
        }
        ControlFlow::Continue(())
    }

    fn finish(&self) {
        self.line.finish_and_clear();
    }
}
