//! What was answered so far, on disk beside the output: a run that is killed at any moment asks nothing twice.
//!
//! A text of one line per answer, each with its checksum, behind a first line that says what run it is of. Only places
//! are kept in memory. What could not be found out is never kept, so that the next run asks it again.
//! Left out: when to flush, which whoever asks knows; and the answers' words, which the columns own.

mod line;
mod log;

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chasqui_types::Number;

use crate::Finding;
use log::{Log, OpenLogError};

/// What a run is of. A journal serves only the run that it was begun for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKey {
    /// The content of the input.
    pub input: blake3::Hash,
    /// Who is asked: `migo`, `sandbox`, …
    pub source: String,
    /// Whatever else changes the answers, such as asking anew; in words, for the error that tells two runs apart.
    pub settings: String,
}

/// The answers of a run, on disk.
///
/// While it is open no other run can open it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    log: Log<File>,
}

/// Why a journal cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A former run left one.
    #[error("a former run was interrupted: {} holds {answers} answers; \
             go on with --resume, or discard them with --restart", .path.display())]
    Exists {
        /// Where.
        path: PathBuf,
        /// How many numbers it holds answers for.
        answers: usize,
    },
    /// Somebody else has it open.
    #[error("another run is working on this output; wait until it ends, \
             or choose another output ({} is in use)", .path.display())]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// It is of another run.
    #[error("{} is of another run: {difference}; \
             resume with the same input and configuration, or discard it with --restart", .path.display())]
    OtherRun {
        /// Where.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// There is a file of that name which is none, or whose first line is damaged.
    #[error(
        "{} is not a journal of Chasqui, or its first line is damaged; move it away and run again",
        .path.display()
    )]
    NotAJournal {
        /// Where.
        path: PathBuf,
    },
    /// There is none to resume from.
    #[error("there is nothing to resume: {} does not exist; run again without --resume", .path.display())]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// No room is left. Nothing that was answered before is lost.
    #[error("the disk is full, so {} cannot grow; free space and run again with --resume", .path.display())]
    Full {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system refuses something else.
    #[error("could not {doing} the journal {}", .path.display())]
    Io {
        /// What was attempted: `open`, `read`, `write`, `remove`.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

// === impl Journal ===

impl Journal {
    /// Where the journal of an output lies: beside it, visible, because an interrupted run leaves it behind.
    pub fn path_for(out: &Path) -> PathBuf {
        let mut name = OsString::from(out);
        name.push(".chasqui-journal");
        name.into()
    }

    /// Begins one. Refused where a former run left answers.
    pub fn create(path: &Path, of: &RunKey) -> Result<Self, JournalError> {
        let file = open_locked(path, true)?;
        match Log::open(file, None) {
            Ok(log) if log.len() > 0 => Err(JournalError::Exists { path: path.to_owned(), answers: log.len() }),
            // One without answers is worth nothing, so nobody needs to decide.
            Ok(log) => Self::begin(path, log.into_storage(), of),
            Err(OpenLogError::Empty(file)) => Self::begin(path, file, of),
            Err(error) => Err(refused(path, error)),
        }
    }

    /// Goes on with the one that a former run of the same input and source left.
    ///
    /// A torn end is cut off; a damaged line is passed over and counted, and its number asked again.
    pub fn open(path: &Path, of: &RunKey) -> Result<Self, JournalError> {
        let file = open_locked(path, false)?;
        match Log::open(file, Some(of)) {
            Ok(log) => Ok(Self { path: path.to_owned(), log }),
            Err(OpenLogError::Empty(file)) => Self::begin(path, file, of),
            Err(error) => Err(refused(path, error)),
        }
    }

    /// Discards what a former run left, if anything, and begins anew.
    pub fn restart(path: &Path, of: &RunKey) -> Result<Self, JournalError> {
        let file = open_locked(path, true)?;
        match Log::open(file, None) {
            Ok(log) => Self::begin(path, log.into_storage(), of),
            Err(OpenLogError::Empty(file)) => Self::begin(path, file, of),
            // A file that is no journal is somebody's, and not ours to discard.
            Err(error) => Err(refused(path, error)),
        }
    }

    /// Keeps an answer. [`Finding::Unknown`] is none and is passed over.
    ///
    /// The line waits in memory until [`flush`](Self::flush) or until many have gathered.
    pub fn note(&mut self, number: Number, finding: &Finding) -> Result<(), JournalError> {
        self.log.note(number, finding).map_err(|source| failed(&self.path, "write", source))
    }

    /// Hands what waits to the system; from then on it survives the end of the program.
    pub fn flush(&mut self) -> Result<(), JournalError> {
        self.log.flush().map_err(|source| failed(&self.path, "write", source))
    }

    /// Flushes, and waits for the disk; from then on it survives a power cut.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.log.sync().map_err(|source| failed(&self.path, "write", source))
    }

    /// Whether there is an answer for a number.
    pub fn contains(&self, number: Number) -> bool {
        self.log.contains(number)
    }

    /// The last answer that was kept for a number.
    ///
    /// `None` also where its line was damaged since: the number must be asked again.
    pub fn read(&mut self, number: Number) -> Result<Option<Finding>, JournalError> {
        self.log.read(number).map_err(|source| failed(&self.path, "read", source))
    }

    /// How many numbers have an answer.
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Whether no number has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many lines were found damaged.
    pub fn damaged(&self) -> u64 {
        self.log.damaged()
    }

    /// Removes it: the output is written, so nothing is left to resume.
    pub fn remove(self) -> Result<(), JournalError> {
        let Self { path, log } = self;
        // Windows removes no file that is open.
        drop(log);
        std::fs::remove_file(&path).map_err(|source| failed(&path, "remove", source))
    }

    fn begin(path: &Path, file: File, of: &RunKey) -> Result<Self, JournalError> {
        let log = Log::begin(file, of).map_err(|source| failed(path, "write", source))?;
        Ok(Self { path: path.to_owned(), log })
    }
}

/// The file, open for nobody but us.
fn open_locked(path: &Path, create: bool) -> Result<File, JournalError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create).truncate(false);
    // It holds names and addresses.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound if !create => JournalError::Missing { path: path.to_owned() },
        _ => failed(path, "open", source),
    })?;
    match file.try_lock() {
        // Some network file systems have no locks; a run on one of them is better than none.
        Ok(()) => {}
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(failed(path, "lock", source)),
    }
    file.seek(SeekFrom::Start(0)).map_err(|source| failed(path, "read", source))?;
    Ok(file)
}

fn refused(path: &Path, error: OpenLogError<File>) -> JournalError {
    let path = path.to_owned();
    match error {
        OpenLogError::NotAJournal | OpenLogError::Empty(_) => JournalError::NotAJournal { path },
        OpenLogError::OtherRun { difference } => JournalError::OtherRun { path, difference },
        OpenLogError::Io { doing, source } => failed(&path, doing, source),
    }
}

fn failed(path: &Path, doing: &'static str, source: io::Error) -> JournalError {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::Full { path, source },
        _ => JournalError::Io { doing, path, source },
    }
}

// === impl RunKey ===

impl RunKey {
    /// How another run differs from this one, in words; `None` if it does not.
    fn difference(&self, other: &Self) -> Option<String> {
        if self.input != other.input {
            Some("its input was another file, or was changed since".to_owned())
        } else if self.source != other.source {
            Some(format!("it asked {}, and this run would ask {}", other.source, self.source))
        } else if self.settings != other.settings {
            Some(format!("its settings were `{}`, and those of this run are `{}`", other.settings, self.settings))
        } else {
            None
        }
    }
}

/// What a log is kept in: a file, or memory in tests.
trait Storage: Read + io::Write + Seek {
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Storage for File {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
