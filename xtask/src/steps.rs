//! Runs the steps of a command one after the other and says how each went.
//!
//! A failing step does not stop the next, because someone who waited for the tests wants to hear about tidy as well.
//! Left out: running steps side by side; they would only wait for each other's build lock.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// The steps taken so far.
#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    passed: bool,
}

// === impl Steps ===

impl Steps {
    /// Runs a program, its output going where ours goes. Tells whether it succeeded.
    pub(crate) fn program(&mut self, name: &str, command: &mut Command) -> bool {
        self.take(name, || {
            let status = command.status().with_context(|| format!("could not start {}", in_words(command)))?;
            if !status.success() {
                bail!("`{}` failed ({status})", in_words(command));
            }
            Ok(())
        })
    }

    /// Runs a piece of ours. Tells whether it succeeded; its error is printed and kept for the summary.
    #[expect(clippy::disallowed_methods, reason = "a step's time is for the person who waits, nothing depends on it")]
    pub(crate) fn take(&mut self, name: &str, step: impl FnOnce() -> anyhow::Result<()>) -> bool {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let outcome = step();
        let step = Step { name: name.to_owned(), took: start.elapsed(), passed: outcome.is_ok() };
        if let Err(error) = outcome {
            eprintln!("error: {error:#}");
        }
        eprintln!("{}", step.line());
        let passed = step.passed;
        self.taken.push(step);
        passed
    }

    /// Sums up, and fails when a step did.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        eprintln!();
        for step in &self.taken {
            eprintln!("{}", step.line());
        }
        let failed: Vec<&str> = self.taken.iter().filter(|step| !step.passed).map(|step| step.name.as_str()).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

// === impl Step ===

impl Step {
    fn line(&self) -> String {
        let verdict = if self.passed { "ok    " } else { "FAILED" };
        format!("{verdict} {:7.1} s  {}", self.took.as_secs_f64(), self.name)
    }
}

/// A command as a person would type it, for messages only.
fn in_words(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_fails_the_whole_but_not_the_next_step() {
        let mut steps = Steps::default();
        assert!(!steps.take("first", || bail!("no")));
        assert!(steps.take("second", || Ok(())));
        assert_eq!(steps.finish().unwrap_err().to_string(), "failed: first");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failed_step() {
        let mut steps = Steps::default();
        assert!(!steps.program("ghost", &mut Command::new("chasqui-no-such-program")));
        steps.finish().unwrap_err();
    }
}
