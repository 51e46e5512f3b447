//! The text to import, from a file or from inside a zip, read twice and never whole.
//!
//! A download can be cut short, be an error page, or be made to fill the disk; all of that is found here.
//! Left out: fetching it.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chasqui_types::time::Date;
use zip::ZipArchive;

use super::{ImportError, Progress, Stage};
use crate::line;

/// The text has 1.6 GB.
const MAX_TEXT: u64 = 8 << 30;
/// Real ones are packed four to one.
const MAX_RATIO: u64 = 200;
const CHUNK: usize = 1 << 20;
/// Lines have less than 300 bytes; a text whose lines do not end is none.
const MAX_LINE: usize = 16 << 20;
/// Zips made without a clock carry dates long past.
const FIRST_YEAR: i16 = 2010;

/// A file to import.
pub(super) struct Source {
    path: PathBuf,
    file: File,
    packed: Option<Packed>,
    pub(super) n_bytes: u64,
    pub(super) hash: blake3::Hash,
}

struct Packed {
    n_bytes: u64,
    n_text: u64,
    date: Option<Date>,
}

/// Whole lines of the text.
pub(super) struct Chunk {
    /// The number of the first one in the text, from 1.
    pub(super) first_line: u64,
    pub(super) text: Vec<u8>,
}

// === impl Source ===

impl Source {
    /// Opens a zip with one file in it, or a plain text.
    pub(super) fn open(
        path: &Path,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, ImportError> {
        let mut file = File::open(path).map_err(ImportError::read(path))?;
        let n_bytes = file.metadata().map_err(ImportError::read(path))?.len();
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; CHUNK];
        let (mut magic, mut done) = (None, 0);
        loop {
            let n = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(ImportError::read(path)(error)),
            };
            magic = magic.or_else(|| buffer[..n].first_chunk::<4>().copied());
            hasher.update(&buffer[..n]);
            done += n as u64;
            let step = Progress { stage: Stage::Recognising, done, total: n_bytes };
            if progress(step).is_break() {
                return Err(ImportError::Cancelled);
            }
        }
        if done != n_bytes {
            return Err(ImportError::Changed);
        }
        let packed = match magic {
            Some([b'P', b'K', 3..=8, _]) => Some(Packed::of(path, &file)?),
            _ => None,
        };
        Ok(Self { path: path.to_owned(), file, packed, n_bytes, hash: hasher.finalize() })
    }

    /// The day on which the text was packed, as far as that can be believed.
    pub(super) fn date(&self) -> Option<Date> {
        self.packed.as_ref().and_then(|packed| packed.date)
    }

    /// The name without its folder.
    pub(super) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Reads the text from its beginning, checks the header, and hands on all other lines. Says how long the text is.
    pub(super) fn read(
        &mut self,
        stage: Stage,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        each: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
    ) -> Result<u64, ImportError> {
        self.file.seek(SeekFrom::Start(0)).map_err(ImportError::read(&self.path))?;
        let Some(packed) = &self.packed else {
            let mut lines = Lines { path: &self.path, limit: MAX_TEXT, total: self.n_bytes, packed: false };
            let n_text = lines.read(&mut self.file, stage, progress, each)?;
            // The hash that the report gives is of so many bytes.
            return if n_text == self.n_bytes { Ok(n_text) } else { Err(ImportError::Changed) };
        };
        let bad = |error: zip::result::ZipError| ImportError::bad_zip(&self.path, error);
        let mut archive = ZipArchive::new(BufReader::new(&self.file)).map_err(bad)?;
        let mut entry = archive.by_index(0).map_err(bad)?;
        let limit = MAX_TEXT.min(packed.n_bytes.saturating_mul(MAX_RATIO));
        let mut lines = Lines { path: &self.path, limit, total: packed.n_text, packed: true };
        let n_text = lines.read(&mut entry, stage, progress, each)?;
        if n_text != packed.n_text {
            let what = format!("it announced {} bytes and held {n_text}", packed.n_text);
            return Err(ImportError::bad_zip(&self.path, io::Error::new(ErrorKind::InvalidData, what)));
        }
        Ok(n_text)
    }
}

// === impl Packed ===

impl Packed {
    fn of(path: &Path, file: &File) -> Result<Self, ImportError> {
        let bad = |error: zip::result::ZipError| ImportError::bad_zip(path, error);
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(bad)?;
        if archive.len() != 1 {
            return Err(ImportError::NotOneFile { path: path.to_owned(), found: archive.len() });
        }
        let entry = archive.by_index(0).map_err(bad)?;
        let (n_bytes, n_text) = (entry.compressed_size(), entry.size());
        if n_text > MAX_TEXT || n_text > n_bytes.saturating_mul(MAX_RATIO) {
            return Err(ImportError::TooLong { path: path.to_owned() });
        }
        let date = entry.last_modified().and_then(|moment| {
            let (month, day) = (i8::try_from(moment.month()).ok()?, i8::try_from(moment.day()).ok()?);
            Date::new(i16::try_from(moment.year()).ok()?, month, day).ok()
        });
        Ok(Self { n_bytes, n_text, date: date.filter(|date| date.year() >= FIRST_YEAR) })
    }
}

/// How a text is cut into pieces of whole lines.
struct Lines<'a> {
    path: &'a Path,
    limit: u64,
    total: u64,
    packed: bool,
}

impl Lines<'_> {
    fn read(
        &mut self,
        reader: &mut dyn Read,
        stage: Stage,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        each: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
    ) -> Result<u64, ImportError> {
        let (mut done, mut next_line, mut ended) = (0_u64, 1_u64, false);
        let mut rest: Vec<u8> = Vec::new();
        while !ended {
            let mut text = Vec::with_capacity(CHUNK + rest.len());
            text.append(&mut rest);
            let n_rest = text.len();
            reader.take(CHUNK as u64).read_to_end(&mut text).map_err(|error| self.failed(error))?;
            let n_read = text.len() - n_rest;
            done += n_read as u64;
            if done > self.limit {
                return Err(ImportError::TooLong { path: self.path.to_owned() });
            }
            ended = n_read == 0;
            if !ended {
                match memchr::memrchr(b'\n', &text) {
                    Some(last) => rest = text.split_off(last + 1),
                    None if text.len() < MAX_LINE => {
                        rest = text;
                        continue;
                    }
                    None if next_line == 1 => return Err(ImportError::NotARegistry { path: self.path.to_owned() }),
                    None => return Err(ImportError::TooOdd),
                }
            }
            if next_line == 1 {
                let header = memchr::memchr(b'\n', &text).map_or(text.len(), |end| end + 1);
                if !line::is_header(&text[..header]) {
                    return Err(ImportError::NotARegistry { path: self.path.to_owned() });
                }
                text.drain(..header);
                next_line = 2;
            }
            let n_lines = memchr::memchr_iter(b'\n', &text).count() as u64;
            if !text.is_empty() && each(Chunk { first_line: next_line, text }).is_break() {
                break;
            }
            next_line += n_lines;
            if progress(Progress { stage, done, total: self.total }).is_break() {
                return Err(ImportError::Cancelled);
            }
        }
        Ok(done)
    }

    fn failed(&self, error: io::Error) -> ImportError {
        if self.packed { ImportError::bad_zip(self.path, error) } else { ImportError::read(self.path)(error) }
    }
}

// === impl Chunk ===

impl Chunk {
    /// The lines with their numbers, without their ends; empty ones are passed over.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', &self.text).chain([self.text.len()]);
        let lines = ends.map(move |end| {
            let line = &self.text[start..end];
            start = end + 1;
            // A text that was taken for one of another system twice has two of them.
            let length = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
            &line[..length]
        });
        (self.first_line..).zip(lines).filter(|(_, line)| !line.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::HEADER;

    /// What is read of a text in pieces, a few bytes at a time: the lines with their numbers, and the pieces' lengths.
    fn read(text: &[u8]) -> (Vec<(u64, Vec<u8>)>, Vec<usize>) {
        /// Gives less than it is asked for, as a zip does.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let n = buffer.len().min(30_011);
                self.0.read(&mut buffer[..n])
            }
        }
        let mut lines = Lines { path: Path::new("text"), limit: MAX_TEXT, total: 0, packed: false };
        let (mut found, mut pieces) = (Vec::new(), Vec::new());
        let n_bytes = lines.read(&mut Slow(text), Stage::Counting, &mut |_| ControlFlow::Continue(()), &mut |chunk| {
            pieces.push(chunk.text.len());
            found.extend(chunk.lines().map(|(number, line)| (number, line.to_vec())));
            ControlFlow::Continue(())
        });
        assert_eq!(n_bytes.unwrap(), text.len() as u64);
        (found, pieces)
    }

    /// Compares with cutting the whole text at once.
    #[track_caller]
    fn check(body: &[u8]) -> Vec<usize> {
        let (found, pieces) = read(&[HEADER, body].concat());
        let whole = (2..).zip(body.split(|&byte| byte == b'\n').map(|line| {
            let n_returns = line.iter().rev().take_while(|&&byte| byte == b'\r').count();
            line[..line.len() - n_returns].to_vec()
        }));
        let whole: Vec<_> = whole.filter(|(_, line)| !line.is_empty()).collect();
        assert!(found == whole, "{} lines of {}", found.len(), whole.len());
        pieces
    }

    #[test]
    fn pieces_end_where_lines_do_wherever_a_read_ends() {
        // The first read ends in front of a line's end, between the two bytes of one, right behind it, and so on.
        for end in [&b"\n"[..], b"\r\n", b"\r\r\n"] {
            for shift in 0..5 {
                let first = vec![b'A'; CHUNK - HEADER.len() - shift];
                let second = vec![b'B'; CHUNK - end.len()];
                let body = [&first[..], end, &second, end, b"C", end, end, b"D", end].concat();
                assert!(check(&body).len() > 1);
                // Without an end of the last line.
                check(&body[..body.len() - 1]);
                check(&body[..body.len() - end.len()]);
            }
        }
    }

    #[test]
    fn lines_longer_than_a_piece_stay_whole() {
        let long = vec![b'A'; 3 * CHUNK + 17];
        assert_eq!(check(&[&long[..], b"\nB\n", &long, b"\nC"].concat()).iter().sum::<usize>(), 2 * long.len() + 5);
        check(&long);
    }

    #[test]
    fn a_text_may_be_short() {
        for body in [&b""[..], b"\n", b"\r\n", b"A", b"A\n", b"\n\nA\n\n"] {
            check(body);
        }
        assert_eq!(read(HEADER.trim_ascii_end()), (Vec::new(), Vec::new()), "columns without an end of line");
    }
}
