//! The lines of a text, decoded, with the line each of them is.
//!
//! A line ends with CR, LF or both. The buffer grows for a long line and is bounded, so that a file without any line
//! end does not fill the memory. In a UTF-8 file a line that is none is read as Windows-1252: somebody put files of two
//! programs together.
//! Left out: quotes, inside which a line end is a part of a cell.

use std::io::Read;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::ReadError;
use super::shape::Encoding;
use super::source::{Bytes, Counted};

/// No record is longer than this, in bytes of UTF-8.
pub(super) const MAX_RECORD: usize = 16 << 20;

const CHUNK: usize = 64 << 10;

pub(super) struct Lines {
    content: Counted<Box<dyn Bytes>>,
    /// None for UTF-8, which needs none.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    /// Decoded, and read up to `start`; no line end stands before `searched`.
    text: Vec<u8>,
    start: usize,
    searched: usize,
    is_last: bool,
    /// Of the last line given, from 1.
    number: u64,
    /// A line that is not in UTF-8.
    odd: String,
    /// The bytes of a mark at the beginning, not yet left out.
    n_mark: usize,
}

/// A line without its end, and its end: nothing for the last one of many files.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) end: &'a str,
    /// From 1.
    pub(super) number: u64,
}

// === impl Lines ===

impl Lines {
    pub(super) fn new(content: Box<dyn Bytes>, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => None,
            Encoding::Windows1252 => Some(WINDOWS_1252.new_decoder_without_bom_handling()),
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_with_bom_removal()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_with_bom_removal()),
        };
        Self {
            content: Counted::new(content),
            decoder,
            raw: vec![0; CHUNK],
            text: Vec::with_capacity(2 * CHUNK),
            start: 0,
            searched: 0,
            is_last: false,
            number: 0,
            odd: String::new(),
            n_mark: if encoding == Encoding::Utf8Bom { 3 } else { 0 },
        }
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.content.n_read()
    }

    /// The next line; none after the last.
    pub(super) fn next_line(&mut self) -> Result<Option<Line<'_>>, ReadError> {
        let end = loop {
            if let Some(at) = memchr::memchr2(b'\n', b'\r', &self.text[self.searched..]) {
                let at = self.searched + at;
                // Whether a CR stands alone is told by what follows it.
                if self.text[at] == b'\n' || at + 1 < self.text.len() || self.is_last {
                    break at;
                }
                self.searched = at;
            } else {
                self.searched = self.text.len();
            }
            if self.is_last {
                break self.text.len();
            }
            if self.text.len() - self.start > MAX_RECORD {
                return Err(ReadError::TooLong { line: self.number + 1, limit: MAX_RECORD });
            }
            self.fill()?;
        };
        if end == self.text.len() && end == self.start {
            return Ok(None);
        }
        let next = match &self.text[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [] => end,
            _ => end + 1,
        };
        self.number += 1;
        let (start, number) = (self.start, self.number);
        (self.start, self.searched) = (next, next);
        let end_text = std::str::from_utf8(&self.text[end..next]).expect("line ends are ASCII");
        let text = if let Ok(text) = std::str::from_utf8(&self.text[start..end]) {
            text
        } else {
            let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(&self.text[start..end]);
            self.odd = decoded.into_owned();
            &self.odd
        };
        Ok(Some(Line { text, end: end_text, number }))
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        self.text.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let n = self.content.read(&mut self.raw).map_err(|source| ReadError::Io { source })?;
        self.is_last = n == 0;
        let mut bytes = &self.raw[..n];
        let n_mark = self.n_mark.min(n);
        self.n_mark -= n_mark;
        bytes = &bytes[n_mark..];
        let Some(decoder) = &mut self.decoder else {
            self.text.extend_from_slice(bytes);
            return Ok(());
        };
        let length = self.text.len();
        let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(4 * CHUNK);
        self.text.resize(length + room, 0);
        let (_, _, n_written, _) = decoder.decode_to_utf8(bytes, &mut self.text[length..], self.is_last);
        self.text.truncate(length + n_written);
        Ok(())
    }
}
