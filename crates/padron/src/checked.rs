//! Notes that a file was found whole, so that opening it again need not read all of it.
//!
//! A note is good for the very bytes it was written of, as far as the system can tell: their length, their moment, and
//! which file it is. Where it is missing or is of other bytes, all of them are read again.
//! Left out: damage that the system does not notice itself, which a look at every byte finds.

use std::fs::{self, Metadata};
use std::path::Path;

use crate::container::HASH;

/// Checks the file of this metadata, whose header hashes to `hash`, unless the note says that it was found whole.
pub(crate) fn once<E>(
    note: &Path,
    metadata: &Metadata,
    hash: &[u8; HASH],
    check: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let stamp = stamp(metadata, hash);
    if fs::read_to_string(note).ok().as_ref() != Some(&stamp) {
        check()?;
        // Only spares work: where it cannot be written, the next opening checks again.
        let _ = fs::write(note, stamp);
    }
    Ok(())
}

/// What tells these bytes from any that were checked before: the header's hash, and what the system says of the file.
fn stamp(metadata: &Metadata, hash: &[u8; HASH]) -> String {
    let modified = metadata.modified().ok().and_then(|moment| moment.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = modified.map_or(0, |since| since.as_nanos());
    let hash = blake3::Hash::from_bytes(*hash);
    format!("{} {modified} {} {hash}\n", metadata.len(), identity(metadata))
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    // The change time too: unlike the other one, nobody can set it.
    format!("{} {} {}.{}", metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> String {
    "-".to_owned()
}
