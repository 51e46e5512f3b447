//! Lists of entries, and what several of them have in common.
//!
//! A list is cut into blocks of 128 differences, seven bits to a byte; in front of the blocks of a long one stands the
//! first entry of each, so that whoever looks for one entry reads one block.
//! Left out: which word a list belongs to.

use crate::corrupt::{Corrupt, put_length};

use super::error::NAMES;

/// Entries of one block.
const BLOCK: usize = 128;
/// What stands in front: the block's first entry, and where it begins.
const SKIP: usize = 8;
/// Behind the last entry.
pub(crate) const END: u32 = u32::MAX;
/// Lists up to this length are put together at once; longer ones are read as far as needed.
pub(crate) const SHORT: usize = 4096;

/// Writes a list of rising entries.
pub(crate) fn write(list: &[u32], output: &mut Vec<u8>) {
    let n_blocks = list.len().div_ceil(BLOCK);
    let start = output.len();
    output.resize(start + n_blocks * SKIP, 0);
    let body = output.len();
    for (number, block) in list.chunks(BLOCK).enumerate() {
        let at = u32::try_from(output.len() - body).expect("one list is far shorter than 4 GB");
        let skip = &mut output[start + number * SKIP..][..SKIP];
        skip[..4].copy_from_slice(&block[0].to_le_bytes());
        skip[4..].copy_from_slice(&at.to_le_bytes());
        for pair in block.windows(2) {
            put_length((pair[1] - pair[0]) as usize, output);
        }
    }
}

/// A place in a list.
pub(crate) struct Walk<'a> {
    skips: &'a [[u8; SKIP]],
    body: &'a [u8],
    n: usize,
    block: usize,
    entries: Box<[u32; BLOCK]>,
    n_read: usize,
    at: usize,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    /// The list of `n` entries that these bytes begin with.
    pub(crate) fn new(bytes: &'a [u8], n: usize) -> Result<Self, Corrupt> {
        let length = n.div_ceil(BLOCK).checked_mul(SKIP).ok_or(NAMES)?;
        let (skips, body) = bytes.split_at_checked(length).ok_or(NAMES)?;
        let skips = skips.as_chunks().0;
        Ok(Self { skips, body, n, block: usize::MAX, entries: Box::new([0; BLOCK]), n_read: 0, at: 0 })
    }

    /// The first entry that is not in front of `wanted`, or [`END`].
    ///
    /// Going back is allowed, and costs a search through the blocks.
    pub(crate) fn seek(&mut self, wanted: u32) -> Result<u32, Corrupt> {
        let inside =
            |walk: &Self| walk.n_read > 0 && walk.entries[0] <= wanted && wanted <= walk.entries[walk.n_read - 1];
        if !inside(self) {
            let block = self.block_of(wanted);
            if block != self.block {
                self.read(block)?;
            }
            // Between two blocks.
            if self.n_read > 0 && self.entries[self.n_read - 1] < wanted {
                if block + 1 >= self.skips.len() {
                    return Ok(END);
                }
                self.read(block + 1)?;
            }
            if self.n_read == 0 {
                return Ok(END);
            }
            self.at = 0;
        }
        if self.entries[self.at] > wanted && self.at > 0 && self.entries[self.at - 1] >= wanted {
            self.at = 0;
        }
        let entries = &self.entries[self.at..self.n_read];
        // Mostly the next one or one soon after it.
        let near = entries.iter().take(8).position(|&entry| entry >= wanted);
        self.at += near.unwrap_or_else(|| entries.partition_point(|&entry| entry < wanted));
        self.entries.get(self.at).copied().ok_or(NAMES)
    }

    /// All entries from the first on.
    pub(crate) fn collect(&mut self, into: &mut Vec<u32>) -> Result<(), Corrupt> {
        for block in 0..self.skips.len() {
            self.read(block)?;
            into.extend_from_slice(&self.entries[..self.n_read]);
        }
        Ok(())
    }

    /// The last block that does not begin behind `wanted`.
    fn block_of(&self, wanted: u32) -> usize {
        let first = |block: usize| self.skips.get(block).map_or(END, |skip| first_of(*skip));
        // Going forward a little is what happens most.
        let from = if self.block < self.skips.len() && first(self.block) <= wanted { self.block } else { 0 };
        let mut reach = 1;
        while first(from.saturating_add(reach)) <= wanted && from + reach < self.skips.len() {
            reach *= 2;
        }
        let end = (from + reach).min(self.skips.len());
        let skips = self.skips.get(from..end).unwrap_or_default();
        (from + skips.partition_point(|skip| first_of(*skip) <= wanted)).saturating_sub(1)
    }

    fn read(&mut self, block: usize) -> Result<(), Corrupt> {
        (self.block, self.at, self.n_read) = (usize::MAX, 0, 0);
        let Some(skip) = self.skips.get(block) else {
            return Ok(());
        };
        let at = u32::from_le_bytes([skip[4], skip[5], skip[6], skip[7]]) as usize;
        let mut input = self.body.get(at..).ok_or(NAMES)?;
        let n = (self.n - block * BLOCK).min(BLOCK);
        let mut entry = first_of(*skip);
        self.entries[0] = entry;
        for place in &mut self.entries[1..n] {
            let step = take_number(&mut input).ok_or(NAMES)?;
            // Lists rise, and none reaches the end; what does not is no list.
            entry = entry.checked_add(step.max(1)).filter(|&entry| entry < END).ok_or(NAMES)?;
            *place = entry;
        }
        (self.block, self.n_read) = (block, n);
        Ok(())
    }
}

fn first_of(skip: [u8; SKIP]) -> u32 {
    u32::from_le_bytes([skip[0], skip[1], skip[2], skip[3]])
}

/// Takes a number of one to five bytes off `input`.
#[inline]
pub(crate) fn take_number(input: &mut &[u8]) -> Option<u32> {
    let (&first, rest) = input.split_first()?;
    *input = rest;
    if first < 0x80 {
        return Some(u32::from(first));
    }
    let mut number = u32::from(first & 0x7f);
    for shift in [7, 14, 21, 28] {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Entries of which any will do: those of one word, or of all that it may stand for.
pub(crate) struct Group<'a> {
    /// Short lists, put together.
    together: Vec<u32>,
    at: usize,
    long: Vec<Walk<'a>>,
    /// At most so many entries.
    n: usize,
}

// === impl Group ===

impl<'a> Group<'a> {
    pub(crate) fn new(lists: Vec<(&'a [u8], usize)>) -> Result<Self, Corrupt> {
        let n = lists.iter().map(|&(_, n)| n).sum();
        let (mut together, mut long) = (Vec::new(), Vec::new());
        let alone = lists.len() == 1;
        for (bytes, n) in lists {
            let mut walk = Walk::new(bytes, n)?;
            if n > SHORT || alone {
                long.push(walk);
            } else {
                walk.collect(&mut together)?;
            }
        }
        together.sort_unstable();
        together.dedup();
        Ok(Self { together, at: 0, long, n })
    }

    /// How many entries there may be.
    pub(crate) fn len(&self) -> usize {
        self.n
    }

    /// The first entry that is not in front of `wanted`, or [`END`].
    pub(crate) fn seek(&mut self, wanted: u32) -> Result<u32, Corrupt> {
        let mut found = END;
        if !self.together.is_empty() {
            if self.at > 0 && self.together[self.at - 1] >= wanted {
                self.at = 0;
            }
            let rest = &self.together[self.at..];
            let near = rest.iter().take(8).position(|&entry| entry >= wanted);
            self.at += near.unwrap_or_else(|| rest.partition_point(|&entry| entry < wanted));
            found = self.together.get(self.at).copied().unwrap_or(END);
        }
        for walk in &mut self.long {
            found = found.min(walk.seek(wanted)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn lists() -> impl Strategy<Value = BTreeSet<u32>> {
        let entries = prop_oneof![0..2_000_u32, 0..20_000_000_u32];
        prop::collection::btree_set(entries, 1..700)
    }

    proptest! {
        #[test]
        fn what_is_written_is_found_wherever_it_is_looked_for(lists in prop::collection::vec(lists(), 1..4), wanted: Vec<u16>) {
            let mut written = Vec::new();
            for list in &lists {
                let entries: Vec<u32> = list.iter().copied().collect();
                let mut bytes = Vec::new();
                write(&entries, &mut bytes);
                let (mut walk, mut read) = (Walk::new(&bytes, entries.len()).unwrap(), Vec::new());
                walk.collect(&mut read).unwrap();
                prop_assert_eq!(&read, &entries);
                for &wanted in &wanted {
                    let wanted = u32::from(wanted);
                    let expected = list.range(wanted..).next().copied().unwrap_or(END);
                    prop_assert_eq!(walk.seek(wanted).unwrap(), expected, "{}", wanted);
                }
                for &entry in &entries {
                    prop_assert_eq!(walk.seek(entry).unwrap(), entry);
                }
                prop_assert_eq!(walk.seek(END - 1).unwrap(), END);
                written.push((bytes, entries.len()));
            }
            let all: BTreeSet<u32> = lists.iter().flatten().copied().collect();
            let mut group = Group::new(written.iter().map(|(bytes, n)| (bytes.as_slice(), *n)).collect()).unwrap();
            for wanted in wanted.iter().map(|&wanted| u32::from(wanted)).chain(all.iter().copied()) {
                let expected = all.range(wanted..).next().copied().unwrap_or(END);
                prop_assert_eq!(group.seek(wanted).unwrap(), expected);
            }
        }

        #[test]
        fn no_bytes_make_a_walk_panic(bytes: Vec<u8>, n in 0..2_000_usize, wanted: Vec<u32>) {
            if let Ok(mut walk) = Walk::new(&bytes, n) {
                for wanted in wanted {
                    let _ = walk.seek(wanted);
                }
                let _ = walk.collect(&mut Vec::new());
            }
        }
    }
}
