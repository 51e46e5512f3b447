//! The right to change something, which one process has at a time.
//!
//! Left out: waiting for it; who does not get it is told so.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// The right, for as long as this lives; the system takes it back when the process ends, however it ends.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the right that the file at `path` stands for; `None` if somebody else has it.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
