//! Small files that appear whole or not at all.
//!
//! What is written stands under another name until it is on the disk, and is then given its own, so that at every
//! moment, a power cut included, either the old file or the new one is there.
//! Left out: who may write; callers hold a lock.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that is being written, removed unless it is put in its place.
pub(crate) struct Swap {
    new: PathBuf,
    placed: bool,
}

impl Swap {
    /// Begins the file under another name in the same folder. What an attempt that did not end left is overwritten.
    pub(crate) fn begin(dir: &Path, name: &str) -> io::Result<(Self, File)> {
        let new = dir.join(name);
        let file = File::create(&new)?;
        Ok((Self { new, placed: false }, file))
    }

    /// Gives the finished file its name.
    pub(crate) fn place(mut self, file: &File, path: &Path) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(&self.new, path)?;
        self.placed = true;
        path.parent().map_or(Ok(()), settle)
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.new);
        }
    }
}

/// Makes what was renamed inside a folder outlast a power cut.
pub(crate) fn settle(dir: &Path) -> io::Result<()> {
    // Folders cannot be opened on Windows, which needs no such thing.
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// Writes a whole file by way of another that is called `name`.
pub(crate) fn write(dir: &Path, name: &str, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (swap, mut file) = Swap::begin(dir, name)?;
    file.write_all(bytes)?;
    swap.place(&file, path)
}
