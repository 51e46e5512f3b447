//! A file system with little room.
//!
//! Left out: machines on which none may be made; tests of a full disk are skipped there, and say so.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// A file system of its own.
pub(crate) struct SmallDisk {
    folder: tempfile::TempDir,
}

const FILLER: &str = "filler";

impl SmallDisk {
    /// Makes one, where this user may.
    pub(crate) fn new(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::TempDir::new().expect("there is room");
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        eprintln!("SKIPPED: this user may not mount a small file system");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves so much room, in bytes.
    pub(crate) fn leave(&self, n_bytes: u64) {
        let path = self.path().join(FILLER);
        let mut file = File::create(&path).expect("what was there makes room");
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata().expect("it is open").len();
        file.set_len(length.saturating_sub(n_bytes)).expect("less is always possible");
    }

    /// Leaves all the room there is.
    pub(crate) fn empty(&self) {
        fs::remove_file(self.path().join(FILLER)).expect("it was filled");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder.path()).status();
    }
}
