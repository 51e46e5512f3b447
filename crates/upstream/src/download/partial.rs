//! The part of a file that has arrived, on disk beside where the file is to lie.
//!
//! A note beside it says of which version it is, so that it is only ever continued with the same one; a part without a
//! note is begun anew. While a part is open nobody else can open it.
//! Left out: deciding what to ask for.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Validators;
use super::error::DownloadError;
use super::reply::Announced;

const PART: &str = ".part";
const NOTE: &str = ".part.json";

/// A file that has arrived in part.
pub(super) struct Partial {
    path: PathBuf,
    note_path: PathBuf,
    file: File,
    n_bytes: u64,
    hasher: Sha256,
    note: Option<Note>,
}

/// Of what it is a part.
#[derive(Clone, Serialize, Deserialize)]
struct Note {
    validators: Validators,
    total: Option<u64>,
}

impl Partial {
    /// Opens what a former attempt left, or nothing.
    pub(super) fn open(into: &Path) -> Result<Self, DownloadError> {
        let beside = |suffix: &str| {
            let mut name = OsString::from(into);
            name.push(suffix);
            PathBuf::from(name)
        };
        let (path, note_path) = (beside(PART), beside(NOTE));
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(DownloadError::write(&path))?;
        match file.try_lock() {
            // Some network file systems have no locks; a download to one of them is better than none.
            Ok(()) => {}
            Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::WouldBlock) => return Err(DownloadError::Busy { path }),
            Err(TryLockError::Error(source)) => return Err(DownloadError::write(&path)(source)),
        }
        let mut partial = Self { path, note_path, file, n_bytes: 0, hasher: Sha256::new(), note: None };
        partial.note = fs::read(&partial.note_path).ok().and_then(|note| serde_json::from_slice(&note).ok());
        if partial.note.as_ref().is_some_and(|note| note.validators.strong().is_some()) {
            partial.read()?;
        }
        if partial.n_bytes == 0 {
            partial.discard()?;
        }
        Ok(partial)
    }

    /// Reads what is there, which the file's hash begins with.
    fn read(&mut self) -> Result<(), DownloadError> {
        let mut buffer = vec![0; 1 << 18];
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    self.hasher.update(&buffer[..n]);
                    self.n_bytes += n as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(DownloadError::write(&self.path)(error)),
            }
        }
    }

    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Length of the whole file, if that was announced.
    pub(super) fn total(&self) -> Option<u64> {
        self.note.as_ref().and_then(|note| note.total)
    }

    /// By what a host can tell whether it has the rest of this; `None` if there is nothing to go on with.
    pub(super) fn validator(&self) -> Option<&str> {
        self.note.as_ref().filter(|_| self.n_bytes > 0).and_then(|note| note.validators.strong())
    }

    /// Whether an answer is the rest of this. A host that minds its own business would not have sent it otherwise.
    pub(super) fn goes_on_with(&self, announced: &Announced) -> bool {
        self.note.as_ref().is_some_and(|note| {
            let says = &announced.validators;
            // What one side does not say cannot tell them apart; sending a part, the host vouched for the version.
            let fits =
                |ours: &Option<String>, theirs: &Option<String>| ours.is_none() || theirs.is_none() || ours == theirs;
            announced.from == Some(self.n_bytes)
                && (note.total.is_none() || announced.total.is_none() || note.total == announced.total)
                && fits(&note.validators.etag, &says.etag)
                && fits(&note.validators.last_modified, &says.last_modified)
        })
    }

    /// Begins anew, with the version that is announced.
    pub(super) fn begin(&mut self, announced: &Announced) -> Result<(), DownloadError> {
        self.discard()?;
        let note = Note { validators: announced.validators.clone(), total: announced.total };
        let text = serde_json::to_vec(&note).expect("a note is texts and a number");
        fs::write(&self.note_path, text).map_err(DownloadError::write(&self.note_path))?;
        self.note = Some(note);
        Ok(())
    }

    pub(super) fn put(&mut self, chunk: &[u8]) -> Result<(), DownloadError> {
        if let Err(error) = self.file.write_all(chunk) {
            // What was written of the chunk is not in the hash, and is cut off so that the next attempt fits.
            let _ = self.file.set_len(self.n_bytes);
            return Err(DownloadError::write(&self.path)(error));
        }
        self.hasher.update(chunk);
        self.n_bytes += chunk.len() as u64;
        Ok(())
    }

    /// Forgets what is there.
    pub(super) fn discard(&mut self) -> Result<(), DownloadError> {
        // The note first: a part without one is never continued.
        match fs::remove_file(&self.note_path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(DownloadError::write(&self.note_path)(error));
            }
            _ => {}
        }
        let empty = || {
            if self.file.metadata()?.len() > 0 {
                self.file.set_len(0)?;
            }
            (&self.file).seek(SeekFrom::Start(0))
        };
        empty().map_err(DownloadError::write(&self.path))?;
        (self.n_bytes, self.hasher, self.note) = (0, Sha256::new(), None);
        Ok(())
    }

    /// What tells this version from others, once it is whole.
    pub(super) fn validators(&self) -> Validators {
        let digit = |half: u8| char::from_digit(half.into(), 16).expect("half a byte is one digit");
        let hash = self.hasher.clone().finalize();
        let sha256 = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect();
        Validators {
            sha256: Some(sha256),
            ..self.note.as_ref().map(|note| note.validators.clone()).unwrap_or_default()
        }
    }

    /// Puts the whole file where it was wanted.
    pub(super) fn finish(self, into: &Path) -> Result<(), DownloadError> {
        let placed = self.file.sync_all().and_then(|()| fs::rename(&self.path, into));
        placed.map_err(DownloadError::write(into))?;
        // Without its part it means nothing; the next attempt removes it if this does not.
        let _ = fs::remove_file(&self.note_path);
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // An empty part is of no use to anybody. Once it is renamed there is none of that name.
        if self.n_bytes == 0 {
            let _ = fs::remove_file(&self.path);
        }
    }
}
