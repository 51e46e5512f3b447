//! How far long work is: a bar on a terminal, a line now and then elsewhere.
//!
//! Left out: what the work is.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;
use crate::text::bytes;

/// Where no terminal shows a bar, a line is written so often during a download.
const LINE_EVERY: u64 = 50 << 20;
/// Work of fewer steps is over before anybody wants to know how far it is.
const LONG: u64 = 1_000_000;

/// Work in stages, each with a word.
pub(super) struct Bar {
    line: ProgressBar,
    is_terminal: bool,
    word: &'static str,
    /// The last tenth that was told of, where tenths are told of.
    tenth: Option<u64>,
}

/// A download, in bytes.
pub(super) struct DownloadBar {
    line: ProgressBar,
    is_terminal: bool,
    told: u64,
}

// === impl Bar ===

impl Bar {
    /// Says where there is no terminal which stage begins.
    pub(super) fn new() -> Self {
        let (is_terminal, target) = target();
        let line = ProgressBar::with_draw_target(Some(1), target)
            .with_style(style("{msg:14} {wide_bar} {percent:>3} %, {eta} left"));
        Self { line, is_terminal, word: "", tenth: None }
    }

    /// Says, besides, each tenth of work that takes long.
    pub(super) fn with_tenths() -> Self {
        let mut bar = Self::new();
        bar.tenth = Some(0);
        bar
    }

    pub(super) fn show(&mut self, word: &'static str, done: u64, total: u64) {
        if self.word != word {
            self.word = word;
            self.line.reset();
            self.line.set_message(word);
            if !self.is_terminal {
                output::note(&format!("{word} …"));
            }
        }
        if let Some(tenth) = &mut self.tenth
            && !self.is_terminal
            && total > LONG
            && done * 10 / total > *tenth
        {
            *tenth = done * 10 / total;
            output::note(&format!("{word}: {} %", *tenth * 10));
        }
        self.line.set_length(total);
        self.line.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

// === impl DownloadBar ===

impl DownloadBar {
    pub(super) fn new() -> Self {
        let (is_terminal, target) = target();
        let line = ProgressBar::with_draw_target(None, target)
            .with_style(style("fetching {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left"));
        Self { line, is_terminal, told: 0 }
    }

    pub(super) fn show(&mut self, done: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.line.set_length(total);
        }
        self.line.set_position(done);
        if !self.is_terminal && done >= self.told + LINE_EVERY {
            self.told = done;
            let of = total.map(|total| format!(" of {}", bytes(total))).unwrap_or_default();
            output::note(&format!("fetching: {}{of}", bytes(done)));
        }
    }
}

impl Drop for DownloadBar {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

fn target() -> (bool, ProgressDrawTarget) {
    let is_terminal = std::io::stderr().is_terminal();
    (is_terminal, if is_terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() })
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is sound").progress_chars("━╸─")
}
