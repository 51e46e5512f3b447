//! Where the bytes of an output go: beside it until it is whole, then over it in one step.
//!
//! Left out: what the bytes mean.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::error::WriteError;

/// Bytes on their way.
pub(super) struct Output {
    to: To,
    /// After a failure nothing is written any more, and nothing may take the place of a former output.
    has_failed: bool,
    /// Where the next byte goes, and where the last one went; kept up after a failure, because whoever is dropped
    /// then tries to put things in order and must neither fail anew nor be surprised.
    place: u64,
    end: u64,
}

enum To {
    /// Renamed at the end; goes away if there is none.
    Partial { partial: NamedTempFile, out: PathBuf },
    /// Standard output, or a device.
    Stream(Box<dyn Write + Send>),
    /// A disk with room for so many bytes.
    #[cfg(test)]
    Small { content: io::Cursor<Vec<u8>>, room: usize },
}

// === impl Output ===

impl Output {
    pub(super) fn stream(stream: Box<dyn Write + Send>) -> Self {
        Self::new(To::Stream(stream))
    }

    #[cfg(test)]
    pub(super) fn small(room: usize) -> Self {
        Self::new(To::Small { content: io::Cursor::new(Vec::new()), room })
    }

    fn new(to: To) -> Self {
        Self { to, has_failed: false, place: 0, end: 0 }
    }

    /// `input` is where the input lies, if it is a file: nothing is ever written over it.
    ///
    /// The name of what is not whole yet follows from that of the output, so that a killed run leaves at most one such
    /// file, which the next run replaces.
    pub(super) fn create(path: &Path, input: Option<&Path>) -> Result<Self, WriteError> {
        let opening = |source| WriteError::opening(path, source);
        // A link stays a link: what it points to is replaced.
        let out = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = || path.display().to_string();
        let partial = partial_of(&out);
        let is_input = |path: &Path| input.is_some_and(|input| is_same_file(path, input));
        if is_input(&out) || is_input(&partial) {
            return Err(WriteError::IsInput { out: name() });
        }
        let former = fs::metadata(&out).ok();
        match &former {
            Some(former) if former.is_dir() => return Err(WriteError::IsFolder { out: name() }),
            // A device or a pipe is no file that could be replaced, so it takes what comes.
            Some(former) if !former.is_file() => {
                let device = OpenOptions::new().write(true).open(&out).map_err(opening)?;
                return Ok(Self::stream(Box::new(device)));
            }
            _ if out.file_name().is_none() => return Err(WriteError::IsFolder { out: name() }),
            _ => {}
        }
        discard_leftover(&partial).map_err(opening)?.ok_or_else(|| WriteError::InUse { out: name() })?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&partial).map_err(opening)?;
        let path = TempPath::try_from_path(&partial).map_err(opening)?;
        // Only to be told from a leftover; a file system without locks can do without.
        let _ = file.try_lock();
        if let Some(former) = &former {
            keep_permissions(&file, former);
        }
        Ok(Self::new(To::Partial { partial: NamedTempFile::from_parts(file, path), out }))
    }

    /// Whether one can go back in it.
    pub(super) fn is_seekable(&self) -> bool {
        !matches!(self.to, To::Stream(_))
    }

    /// The folder in which the output will lie; `None` for a stream.
    pub(super) fn folder(&self) -> Option<&Path> {
        match &self.to {
            To::Partial { out, .. } => Some(folder_of(out)),
            To::Stream(_) => None,
            #[cfg(test)]
            To::Small { .. } => None,
        }
    }

    /// Everything was written: the output appears whole.
    pub(super) fn commit(mut self) -> Result<(), WriteError> {
        self.flush()?;
        if self.has_failed {
            return Err(io::Error::other("an earlier write failed").into());
        }
        let To::Partial { partial, out } = self.to else { return Ok(()) };
        partial.as_file().sync_all()?;
        partial.persist(&out).map_err(|error| WriteError::opening(&out, error.error))?;
        // Not every system can do this for a folder; the content itself is on disk by now.
        if let Ok(folder) = File::open(folder_of(&out)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Does something, or after a failure only says that it was done.
    fn attempt<T>(&mut self, done: T, attempt: impl FnOnce(&mut To) -> io::Result<T>) -> io::Result<T> {
        if self.has_failed {
            return Ok(done);
        }
        let outcome = attempt(&mut self.to);
        self.has_failed = outcome.as_ref().is_err_and(|error| error.kind() != ErrorKind::Interrupted);
        outcome
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_bytes = self.attempt(bytes.len(), |to| match to {
            To::Partial { partial, .. } => partial.as_file_mut().write(bytes),
            To::Stream(stream) => stream.write(bytes),
            #[cfg(test)]
            To::Small { content, room } => match room.saturating_sub(content.get_ref().len()).min(bytes.len()) {
                0 => Err(ErrorKind::StorageFull.into()),
                n_bytes => content.write(&bytes[..n_bytes]),
            },
        })?;
        self.place += n_bytes as u64;
        self.end = self.end.max(self.place);
        Ok(n_bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), |to| match to {
            To::Partial { partial, .. } => partial.as_file_mut().flush(),
            To::Stream(stream) => stream.flush(),
            #[cfg(test)]
            To::Small { .. } => Ok(()),
        })
    }
}

impl Seek for Output {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let there = match place {
            SeekFrom::Start(there) => Some(there),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        let there = there.ok_or(ErrorKind::InvalidInput)?;
        self.place = self.attempt(there, |to| match to {
            To::Partial { partial, .. } => partial.as_file_mut().seek(place),
            To::Stream(_) => Err(ErrorKind::NotSeekable.into()),
            #[cfg(test)]
            To::Small { content, .. } => content.seek(place),
        })?;
        Ok(self.place)
    }
}

fn partial_of(out: &Path) -> PathBuf {
    let mut name = OsString::from(out);
    name.push(".chasqui-partial");
    name.into()
}

fn folder_of(out: &Path) -> &Path {
    out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes what a killed run left. `None` if its run is still at work.
fn discard_leftover(partial: &Path) -> io::Result<Option<()>> {
    match OpenOptions::new().read(true).open(partial) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(())),
        Err(error) => return Err(error),
        Ok(leftover) => {
            if let Err(TryLockError::WouldBlock) = leftover.try_lock() {
                return Ok(None);
            }
        }
    }
    fs::remove_file(partial).map(Some)
}

/// Who may read a former output may read the new one. Refused only to whoever does not own it, and then not needed.
fn keep_permissions(file: &File, former: &Metadata) {
    let _ = file.set_permissions(former.permissions());
}

/// Also through links of either kind.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
