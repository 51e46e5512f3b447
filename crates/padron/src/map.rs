//! Files as memory, and the only unsafe code of this crate.
//!
//! Left out: writing. A mapped file is never changed by us: an edition is written elsewhere, renamed into place, and
//! later removed as a whole, which leaves the mapped bytes where they are.

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

/// A whole file, read through memory.
pub(crate) struct Map(Mmap);

impl Map {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        // SAFETY: a mapping is sound as long as nobody changes or cuts the file under it. Chasqui never does: see the
        // module's words. A stranger who overwrites the file in place can make a read see other bytes, which every
        // reader here survives, because each length and position is checked at its use; one who cuts it short can make
        // the system end the process, which loses no data. The folder belongs to us, as a database's does.
        #[expect(
            unsafe_code,
            reason = "mapping a file is unsafe by nature; the file is ours and never changed in place"
        )]
        let map = unsafe { Mmap::map(file)? };
        Ok(Self(map))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
