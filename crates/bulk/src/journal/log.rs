//! Lines that are only ever added, and where the last one of each number stands.
//!
//! Free of paths and locks, so that tests can fill the disk and damage what lies on it.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read as _, SeekFrom};

use chasqui_types::Number;

use super::{RunKey, Storage, line};
use crate::Finding;

/// What waits in memory before it is written unasked.
const PENDING: usize = 64 << 10;

/// What is read at once. Rows are mostly written in the order in which they were answered, so neighbours come next.
const BLOCK: usize = 64 << 10;

/// No answer comes near this; a longer line is damage, and must not fill the memory.
const LONGEST_LINE: usize = 1 << 20;

pub(super) struct Log<S> {
    storage: S,
    /// Where the last line of each number begins.
    index: HashMap<u64, u64>,
    /// How much of the storage holds whole lines.
    written: u64,
    /// Whole lines that stand behind those.
    pending: Vec<u8>,
    /// A part of the storage, and where it begins.
    block: (u64, Vec<u8>),
    damaged: u64,
}

#[derive(Debug)]
pub(super) enum OpenLogError<S> {
    /// It holds nothing, or the beginning of a first line: its run was killed before it asked anything.
    Empty(S),
    NotAJournal,
    OtherRun {
        difference: String,
    },
    Io {
        doing: &'static str,
        source: io::Error,
    },
}

// === impl Log ===

impl<S: Storage> Log<S> {
    /// An empty one, whatever the storage held.
    pub(super) fn begin(mut storage: S, key: &RunKey) -> io::Result<Self> {
        storage.set_len(0)?;
        let mut log = Self::of(storage);
        line::write_key(&mut log.pending, key);
        log.sync()?;
        Ok(log)
    }

    /// What the storage holds; of whatever run if `key` is `None`.
    pub(super) fn open(storage: S, key: Option<&RunKey>) -> Result<Self, OpenLogError<S>> {
        let read = |source| OpenLogError::Io { doing: "read", source };
        let mut reader = BufReader::with_capacity(BLOCK, storage);
        let (mut text, mut log_end, mut index, mut damaged) = (Vec::new(), 0, HashMap::new(), 0);
        let first = next_line(&mut reader, &mut text).map_err(read)?;
        if !first.is_whole {
            let is_begun = line::MAGIC.as_bytes().starts_with(&text) || text.starts_with(line::MAGIC.as_bytes());
            return Err(if is_begun { OpenLogError::Empty(reader.into_inner()) } else { OpenLogError::NotAJournal });
        }
        let Some(found) = line::read_key(&text) else { return Err(OpenLogError::NotAJournal) };
        if let Some(difference) = key.and_then(|key| key.difference(&found)) {
            return Err(OpenLogError::OtherRun { difference });
        }
        log_end += first.len;
        loop {
            let next = next_line(&mut reader, &mut text).map_err(read)?;
            if !next.is_whole {
                break;
            }
            match line::read_answer(&text) {
                Some((number, _)) => drop(index.insert(packed(number), log_end)),
                None => damaged += 1,
            }
            log_end += next.len;
        }
        let mut log = Self { index, written: log_end, damaged, ..Self::of(reader.into_inner()) };
        log.storage.set_len(log_end).map_err(|source| OpenLogError::Io { doing: "write", source })?;
        Ok(log)
    }

    fn of(storage: S) -> Self {
        let (index, pending, block) = (HashMap::new(), Vec::new(), (0, Vec::new()));
        Self { storage, index, written: 0, pending, block, damaged: 0 }
    }

    pub(super) fn into_storage(self) -> S {
        self.storage
    }

    pub(super) fn note(&mut self, number: Number, finding: &Finding) -> io::Result<()> {
        let start = self.pending.len();
        line::write_answer(&mut self.pending, number, finding);
        match self.pending.len() - start {
            0 => return Ok(()),
            // It would be taken for damage. Not keeping it costs one more question.
            len if len > LONGEST_LINE => self.pending.truncate(start),
            _ => drop(self.index.insert(packed(number), self.written + start as u64)),
        }
        if self.pending.len() >= PENDING { self.flush() } else { Ok(()) }
    }

    /// What cannot be written keeps waiting, and the storage is cut back to its last whole line.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let end = SeekFrom::Start(self.written);
        let outcome = self.storage.seek(end).and_then(|_| self.storage.write_all(&self.pending));
        if let Err(error) = outcome.and_then(|()| self.storage.flush()) {
            // If this fails too, the next run finds a torn end and cuts it off itself.
            let _ = self.storage.set_len(self.written);
            return Err(error);
        }
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.storage.sync()
    }

    pub(super) fn contains(&self, number: Number) -> bool {
        self.index.contains_key(&packed(number))
    }

    pub(super) fn read(&mut self, number: Number) -> io::Result<Option<Finding>> {
        let Some(&start) = self.index.get(&packed(number)) else { return Ok(None) };
        let text = match start.checked_sub(self.written) {
            Some(waiting) => whole(&self.pending, waiting),
            None => self.stored(start)?,
        };
        match text.and_then(line::read_answer) {
            Some((found, finding)) if found == number => Ok(Some(finding)),
            // It was whole when the log was opened, and is not any more.
            _ => {
                self.index.remove(&packed(number));
                self.damaged += 1;
                Ok(None)
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The line that begins at `start` of the storage, without its end.
    fn stored(&mut self, start: u64) -> io::Result<Option<&[u8]>> {
        let is_there = start.checked_sub(self.block.0).is_some_and(|at| whole(&self.block.1, at).is_some());
        if !is_there {
            self.load(start, BLOCK)?;
            if whole(&self.block.1, 0).is_none() {
                self.load(start, LONGEST_LINE)?;
            }
        }
        Ok(whole(&self.block.1, start - self.block.0))
    }

    /// Never past the last whole line: what stands there is written anew.
    fn load(&mut self, start: u64, n_bytes: usize) -> io::Result<()> {
        let n_bytes = (n_bytes as u64).min(self.written - start);
        self.block.0 = start;
        self.block.1.clear();
        self.storage.seek(SeekFrom::Start(start))?;
        (&mut self.storage).take(n_bytes).read_to_end(&mut self.block.1)?;
        Ok(())
    }
}

/// Masked: how much it holds, and none of it.
impl<S> fmt::Debug for Log<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("len", &self.index.len()).field("damaged", &self.damaged).finish_non_exhaustive()
    }
}

/// The line that begins at `start`, if its end is there too.
fn whole(text: &[u8], start: u64) -> Option<&[u8]> {
    let line = text.get(usize::try_from(start).ok()?..)?;
    line.iter().position(|&byte| byte == b'\n').map(|end| &line[..end])
}

struct Line {
    len: u64,
    is_whole: bool,
}

/// Reads up to the next line break into `text`, of which a line that is too long leaves only the beginning.
fn next_line(reader: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<Line> {
    text.clear();
    let mut len = 0;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok(Line { len, is_whole: false });
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = LONGEST_LINE.saturating_sub(text.len());
        text.extend_from_slice(&part[..part.len().min(room)]);
        let n_bytes = part.len() + usize::from(end.is_some());
        reader.consume(n_bytes);
        len += n_bytes as u64;
        if end.is_some() {
            return Ok(Line { len, is_whole: true });
        }
    }
}

/// A number in eight bytes. No RUC begins with a zero, so none is taken for a number of the other, shorter kind.
fn packed(number: Number) -> u64 {
    match number {
        Number::Ruc(ruc) => ruc.to_u64(),
        Number::Dni(dni) => dni.as_str().bytes().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
    }
}

#[cfg(test)]
mod tests;
