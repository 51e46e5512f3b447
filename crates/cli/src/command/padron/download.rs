//! A file from the first of several addresses that has it, with word of how far it is.
//!
//! Left out: what the file is for.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::time::Duration;

use chasqui::download::{Download, DownloadError, Downloaded, Downloader, DownloaderConfig, Form, Validators};

use super::bar::DownloadBar;
use super::patience::Patience;
use crate::exit::Failure;
use crate::output;
use crate::text::{bytes, one_line};

const CONNECT: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_mins(1);

/// What is to be downloaded.
pub(super) struct Wanted<'a> {
    /// Addresses of the same file.
    pub(super) mirrors: Vec<String>,
    /// Where it is to lie.
    pub(super) into: &'a Path,
    /// What is known of the one that was downloaded last.
    pub(super) known: Option<&'a Validators>,
    /// How many bytes it may have.
    pub(super) size: RangeInclusive<u64>,
    /// What it is to be.
    pub(super) form: Form,
}

/// Downloads, unless somebody loses patience; what has arrived by then is there for the next time.
pub(super) async fn run(wanted: Wanted<'_>, patience: &mut Patience) -> Result<Downloaded, Failure> {
    let Wanted { mirrors, into, known, size, form } = wanted;
    // Without a name of its own the program uses one that SUNAT's hosts accept.
    let config = DownloaderConfig { mirrors, user_agent: None, connect_timeout: CONNECT, idle_timeout: IDLE };
    let downloader = Downloader::new(config)?;
    let download = Download { into, known, min: *size.start(), max: *size.end(), form };
    let mut bar = DownloadBar::new();
    let mut progress = |progress: chasqui::download::DownloadProgress| {
        bar.show(progress.done, progress.total);
        ControlFlow::Continue(())
    };
    let fetched = patience.until_stopped(downloader.fetch(&download, &mut progress)).await;
    drop(bar);
    let outcome = fetched.unwrap_or(Err(DownloadError::Cancelled))?;
    if let Downloaded::Fetched { host, n_bytes, n_resumed, .. } = &outcome {
        let resumed =
            if *n_resumed > 0 { format!(", {} of them from before", bytes(*n_resumed)) } else { String::new() };
        output::note(&format!("fetched {} from {}{resumed}", bytes(*n_bytes), one_line(host)));
    }
    Ok(outcome)
}
