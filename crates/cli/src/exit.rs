//! How the program ends: the code for scripts and the sentence for people.
//!
//! Left out: choosing among several outcomes of one look-up, which `command::ruc` does.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use chasqui::config::Problems;

use crate::output;
use crate::text::one_line;

/// What the code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It was done; everything asked was found.
    Done,
    /// Something asked does not exist.
    Absent,
    /// The command line makes no sense, or a number is none.
    Usage,
    /// It could not be found out.
    Unknown,
    /// The configuration forbids it.
    Configuration,
    /// Somebody pressed Ctrl-C, as shells report it.
    Interrupted,
    /// Whoever read our output went away, as shells report it.
    Closed,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

// === impl Exit ===

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Absent => 1,
            Exit::Usage => 2,
            Exit::Unknown => 3,
            Exit::Configuration => 4,
            Exit::Interrupted => 130,
            Exit::Closed => 141,
        })
    }
}

// === impl Failure ===

impl Failure {
    /// A failure in words: what happened, then what to do about it.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// An error with its causes, outermost first.
    pub(crate) fn of(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        Self::new(exit, chain(error))
    }

    /// The reader of our output is gone, and nobody is left to be told.
    pub(crate) fn closed() -> Self {
        Self::new(Exit::Closed, "")
    }

    /// Adds the cause.
    pub(crate) fn because(mut self, cause: &(dyn Error + 'static)) -> Self {
        self.message = format!("{}: {}", self.message, chain(cause));
        self
    }

    /// Adds what to do about it.
    pub(crate) fn advise(mut self, advice: &str) -> Self {
        self.message = format!("{}; {advice}", self.message);
        self
    }

    /// The same, with another code to end with.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The code to end with.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Tells people.
    pub(crate) fn report(&self) {
        if !self.message.is_empty() {
            output::error(&self.message);
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let many = problems.iter().count();
        let noun = if many == 1 { "problem" } else { "problems" };
        // A problem keeps to one line by itself.
        let lines = problems.to_string().replace('\n', "\n  ");
        Self::new(Exit::Configuration, format!("{many} {noun} in the configuration\n  {lines}"))
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    one_line(&causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}

/// Whether some cause of an error is an I/O error of one of these kinds.
pub(crate) fn is_io(error: &(dyn Error + 'static), kinds: &[std::io::ErrorKind]) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|error| kinds.contains(&error.kind())))
}
