//! The folder of editions: which there are, and which one is in use.
//!
//! Each edition has a folder of its own, and a small file names the one in use. Whatever changes, changes by renaming,
//! so that at every moment, a power cut included, either the old state or the new one is there.
//! Left out: what an edition holds.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::edition::Edition;
use crate::error::PadronError;
use crate::lock::Lock;
use crate::padron::Padron;
use crate::swap;

/// The rows of an edition, for look-ups.
pub(crate) const ROWS: &str = "rows.chq";
/// What the import had to say.
pub(crate) const REPORT: &str = "report.json";
/// Which bytes were found whole.
pub(crate) const CHECKED: &str = "checked";
const CURRENT: &str = "current";
const LOCK: &str = ".lock";
/// An edition that is being written. What begins like this and is not ours was left behind.
const BUILDING: &str = ".building-";

/// The folder of an edition being written, removed unless it is put in its place.
pub(crate) struct Building {
    path: PathBuf,
    placed: bool,
}

/// The folder of an edition.
pub(crate) fn of(dir: &Path, edition: Edition) -> PathBuf {
    dir.join(edition.to_string())
}

/// The editions that are there, oldest first.
pub fn editions(dir: &Path) -> Result<Vec<Edition>, PadronError> {
    let mut editions = Vec::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(editions),
        Err(error) => return Err(PadronError::read(dir)(error)),
    };
    for entry in entries {
        let name = entry.map_err(PadronError::read(dir))?.file_name();
        editions.extend(name.to_str().and_then(|name| name.parse::<Edition>().ok()));
    }
    editions.sort_unstable();
    Ok(editions)
}

/// The edition in use, if there is any.
pub fn current(dir: &Path) -> Result<Option<Edition>, PadronError> {
    let path = dir.join(CURRENT);
    match fs::read(&path) {
        Ok(name) => match str::from_utf8(&name).ok().and_then(|name| name.trim().parse().ok()) {
            Some(edition) => Ok(Some(edition)),
            None => Err(PadronError::NoCurrent { path }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PadronError::read(path)(error)),
    }
}

/// Puts the edition before the one in use back into use, and says which that is.
///
/// The newer one stays: see [`put_into_use`], should it turn out right after all.
pub fn rollback(dir: &Path) -> Result<Edition, PadronError> {
    let _lock = lock(dir)?;
    let current = current(dir)?;
    let older = editions(dir)?.into_iter().rfind(|&edition| current.is_some_and(|current| edition < current));
    let older = older.ok_or(PadronError::NothingOlder { current })?;
    use_locked(dir, older)?;
    Ok(older)
}

/// Puts an edition that is there into use: after a rollback that was a mistake, or an import that was cut off at its
/// very last step.
pub fn put_into_use(dir: &Path, edition: Edition) -> Result<(), PadronError> {
    let _lock = lock(dir)?;
    use_locked(dir, edition)
}

fn use_locked(dir: &Path, edition: Edition) -> Result<(), PadronError> {
    // Something broken would be worse than what is there.
    Padron::open_edition(dir, edition)?;
    set_current(dir, edition)
}

/// The edition that a new one takes the place of; none where nobody knows which that is, because the new one ends that.
pub(crate) fn replaced(dir: &Path) -> Result<Option<Edition>, PadronError> {
    match current(dir) {
        Err(PadronError::NoCurrent { .. }) => Ok(None),
        known => known,
    }
}

/// Removes all but the newest `keep` editions and the one in use, and says which it removed.
///
/// Whoever has one of them open keeps it until they let go, except on Windows, where it stays and is removed next time.
pub fn prune(dir: &Path, keep: usize) -> Result<Vec<Edition>, PadronError> {
    let lock = lock(dir)?;
    prune_locked(dir, keep, &lock)
}

pub(crate) fn prune_locked(dir: &Path, keep: usize, lock: &Lock) -> Result<Vec<Edition>, PadronError> {
    let current = current(dir)?;
    clean(dir, lock)?;
    let mut editions = editions(dir)?;
    editions.truncate(editions.len().saturating_sub(keep.max(1)));
    editions.retain(|&edition| Some(edition) != current);
    for &edition in &editions {
        // Under a name that is cleaned up, so that half an edition never goes by the name of one.
        let (path, gone) = (of(dir, edition), dir.join(format!("{BUILDING}gone-{edition}")));
        fs::rename(&path, &gone).and_then(|()| fs::remove_dir_all(gone)).map_err(PadronError::write(path))?;
    }
    Ok(editions)
}

/// Takes the right to change the folder, which is made if it is missing.
pub(crate) fn lock(dir: &Path) -> Result<Lock, PadronError> {
    fs::create_dir_all(dir).map_err(PadronError::write(dir))?;
    let path = dir.join(LOCK);
    let lock = Lock::take(&path).map_err(PadronError::write(&path))?;
    lock.ok_or_else(|| PadronError::Busy { dir: dir.to_owned() })
}

/// Removes what was left behind by whoever had the lock and did not come to an end.
pub(crate) fn clean(dir: &Path, _lock: &Lock) -> Result<(), PadronError> {
    for entry in fs::read_dir(dir).map_err(PadronError::read(dir))? {
        let entry = entry.map_err(PadronError::read(dir))?;
        if entry.file_name().to_string_lossy().starts_with(BUILDING) {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(PadronError::write(path))?;
        }
    }
    Ok(())
}

/// Names the edition in use.
pub(crate) fn set_current(dir: &Path, edition: Edition) -> Result<(), PadronError> {
    let (path, name) = (dir.join(CURRENT), format!("{edition}\n"));
    swap::write(dir, &format!("{BUILDING}current"), &path, name.as_bytes()).map_err(PadronError::write(path))
}

// === impl Building ===

impl Building {
    /// Makes the folder, in a place that is clean.
    pub(crate) fn begin(dir: &Path, _lock: &Lock) -> Result<Self, PadronError> {
        let path = dir.join(format!("{BUILDING}edition"));
        fs::create_dir(&path).map_err(PadronError::write(&path))?;
        Ok(Self { path, placed: false })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Gives the finished folder its name.
    pub(crate) fn place(mut self, dir: &Path, edition: Edition) -> Result<(), PadronError> {
        let path = of(dir, edition);
        let place = || {
            swap::settle(&self.path)?;
            fs::rename(&self.path, &path)?;
            swap::settle(dir)
        };
        place().map_err(PadronError::write(&path))?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        if !self.placed {
            // Whatever stays behind is removed by the next import.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
