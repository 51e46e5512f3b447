//! How far a batch is, for whoever watches: a bar on a terminal, a line every few seconds elsewhere.
//!
//! Left out: the sums at the end, which [`summary`](super::summary) tells.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use chasqui_core::{Answer, LookupError, Pause};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;
use crate::text::{duration, thousands};

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// Shows progress.
pub(super) struct Meter {
    bar: ProgressBar,
    is_terminal: bool,
    n_rows: u64,
    started: Instant,
    shown_at: Instant,
    /// Rows that needed nothing when the asking began, as after an interruption: they say nothing about the pace.
    head_start: Option<u64>,
    found: u64,
    absent: u64,
    unknown: u64,
}

// === impl Meter ===

impl Meter {
    pub(super) fn new(n_rows: u64, started: Instant) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if is_terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} rows · {msg}")
            .expect("the template is sound")
            .progress_chars("━╸─");
        let bar = ProgressBar::with_draw_target(Some(n_rows), target).with_style(style);
        Self { bar, is_terminal, n_rows, started, shown_at: started, head_start: None, found: 0, absent: 0, unknown: 0 }
    }

    /// Counts a number that is done with.
    pub(super) fn count(&mut self, result: &Result<Answer, LookupError>) {
        match result {
            Ok(answer) if answer.record.absence().is_some() => self.absent += 1,
            Ok(_) => self.found += 1,
            Err(_) => self.unknown += 1,
        }
    }

    /// Shows how many rows need nothing more, and why nothing moves where that is so.
    pub(super) fn show(&mut self, now: Instant, n_settled: u64, pause: Option<Pause>) {
        let head_start = *self.head_start.get_or_insert(n_settled);
        if !self.is_terminal && now.saturating_duration_since(self.shown_at) < EVERY {
            return;
        }
        self.shown_at = now;
        let counts = format!(
            "found {}, absent {}, unknown {}",
            thousands(size(self.found)),
            thousands(size(self.absent)),
            thousands(size(self.unknown))
        );
        let pace = match pause {
            Some(pause) => waiting(pause, now),
            None => self.pace(now, n_settled, head_start),
        };
        self.tell(n_settled, &format!("{counts}{pace}"));
    }

    /// Shows how many rows are written.
    pub(super) fn show_writing(&mut self, now: Instant, n_written: u64) {
        if !self.is_terminal && now.saturating_duration_since(self.shown_at) < EVERY {
            return;
        }
        self.shown_at = now;
        self.tell(n_written, "writing");
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn tell(&self, position: u64, message: &str) {
        if self.is_terminal {
            self.bar.set_position(position);
            self.bar.set_message(message.to_owned());
        } else {
            output::note(&format!("{} of {} rows: {message}", thousands(size(position)), thousands(size(self.n_rows))));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a pace is an estimate")]
    fn pace(&self, now: Instant, n_settled: u64, head_start: u64) -> String {
        let took = now.saturating_duration_since(self.started).as_secs_f64();
        let done = n_settled.saturating_sub(head_start) as f64;
        if took < 1.0 || done < 1.0 {
            return String::new();
        }
        let rate = done / took;
        let left = self.n_rows.saturating_sub(n_settled) as f64 / rate;
        format!(", {rate:.0} rows/s, {} left", duration(Duration::from_secs_f64(left)))
    }
}

fn waiting(pause: Pause, now: Instant) -> String {
    let left = duration(pause.until.saturating_duration_since(now));
    match pause.code {
        "limited" => format!(", waiting {left} for the provider's call limit"),
        _ => format!(", the provider fails ({}): trying again in {left}", pause.code),
    }
}

fn size(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
