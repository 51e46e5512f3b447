//! Where the bytes of an input are, and whether they are still the same ones.
//!
//! A file is opened anew for each pass, so that passes do not disturb each other. What it is made of is compared with
//! what it was, because a list that is edited while it is worked off gives rows that belong to nobody.
//! Left out: what the bytes mean.

use std::fs::{self, File, Metadata};
use std::io::{self, Cursor, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::error::ReadError;

/// Bytes that can be read from any place on.
pub trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

#[derive(Debug)]
pub(super) enum Source {
    File { path: PathBuf, size: u64, modified: Option<SystemTime> },
    Memory(Arc<[u8]>),
}

/// Counts what goes through it.
pub(super) struct Counted<R> {
    inner: R,
    n_read: u64,
}

// === impl Source ===

impl Source {
    pub(super) fn of_path(path: &Path) -> Result<Self, ReadError> {
        let metadata = fs::metadata(path).map_err(|source| opening(path, source))?;
        let file = || path.display().to_string();
        if metadata.is_dir() {
            return Err(ReadError::IsFolder { file: file() });
        }
        if !metadata.is_file() {
            return Err(ReadError::NotAFile { file: file() });
        }
        File::open(path).map_err(|source| opening(path, source))?;
        Ok(Self::File { path: path.to_owned(), size: metadata.len(), modified: metadata.modified().ok() })
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Memory(_) => None,
        }
    }

    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Memory(content) => content.len() as u64,
        }
    }

    /// From the beginning; refused where it is not what it was.
    pub(super) fn open(&self) -> Result<Box<dyn Bytes>, ReadError> {
        match self {
            Self::Memory(content) => Ok(Box::new(Cursor::new(Arc::clone(content)))),
            Self::File { path, .. } => {
                let file = File::open(path).map_err(|source| opening(path, source))?;
                self.compare(&file.metadata().map_err(|source| ReadError::Io { source })?)?;
                Ok(Box::new(file))
            }
        }
    }

    /// Refuses a file that changed since it was opened first.
    pub(super) fn check(&self) -> Result<(), ReadError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File { path, .. } => self.compare(&fs::metadata(path).map_err(|source| opening(path, source))?),
        }
    }

    fn compare(&self, now: &Metadata) -> Result<(), ReadError> {
        match self {
            Self::File { size, modified, .. } if now.len() != *size || now.modified().ok() != *modified => {
                Err(ReadError::Changed)
            }
            _ => Ok(()),
        }
    }
}

fn opening(path: &Path, source: io::Error) -> ReadError {
    let file = path.display().to_string();
    match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::Missing { file },
        ErrorKind::PermissionDenied => ReadError::NotAllowed { file },
        ErrorKind::IsADirectory => ReadError::IsFolder { file },
        _ => ReadError::Io { source },
    }
}

// === impl Counted ===

impl<R> Counted<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, n_read: 0 }
    }

    pub(super) fn n_read(&self) -> u64 {
        self.n_read
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.n_read += n as u64;
        Ok(n)
    }
}
