//! What kind of file some bytes are, told by the bytes.
//!
//! The name of a file says what somebody wanted it to be: a report saved as `.xls` is often a web page, and a `.csv`
//! may be a PDF. What we cannot read is named, with what to do about it.
//! Left out: what is in a workbook or a text, beyond how its letters are written.

use std::io::Read;

use super::error::ReadError;
use super::shape::Encoding;

/// What the beginning of a file gives away.
pub(super) enum Kind {
    /// Bytes of a zip archive, which may be a workbook.
    Zip,
    Text(Encoding),
}

/// So much of the beginning is looked at.
const HEAD: usize = 64 << 10;

const AS_TABLE: &str = "save the table as CSV or XLSX";
const FROM_PROGRAM: &str = "open it in the spreadsheet program and save it as XLSX";

#[rustfmt::skip]
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "a PDF", AS_TABLE),
    (b"\x1f\x8b", "a compressed file (gzip)", "unpack it first"),
    (b"BZh", "a compressed file (bzip2)", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)", "unpack it first"),
    (b"\xfd7zXZ\x00", "a compressed file (xz)", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
    (b"\x89PNG\r\n\x1a\n", "an image", AS_TABLE),
    (b"\xff\xd8\xff", "an image", AS_TABLE),
    (b"GIF8", "an image", AS_TABLE),
    (b"{\\rtf", "a text document (RTF)", AS_TABLE),
    (b"SQLite format 3\0", "a database (SQLite)", "export the table as CSV"),
    (b"PAR1", "a Parquet file", "export the table as CSV"),
];

#[rustfmt::skip]
const MARKUP: &[(&str, &str, &str)] = &[
    ("<!doctype html", "a web page (HTML)", FROM_PROGRAM),
    ("<html", "a web page (HTML)", FROM_PROGRAM),
    ("<table", "a web page (HTML)", FROM_PROGRAM),
    ("<?xml", "an XML file", FROM_PROGRAM),
];

/// Tells by the whole content what it is. The bytes are read once, and none of them kept.
pub(super) fn kind(content: &mut dyn Read) -> Result<Kind, ReadError> {
    let mut head = Vec::with_capacity(HEAD);
    content.take(HEAD as u64).read_to_end(&mut head).map_err(|source| ReadError::Io { source })?;
    if head.is_empty() {
        return Err(ReadError::Empty);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Zip);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(old_workbook(head, content));
    }
    if let Some((what, advice)) = foreign(&head) {
        return Err(ReadError::Foreign { what, advice });
    }
    encoding(&head, content).map(Kind::Text)
}

fn foreign(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if let Some((_, what, advice)) = FOREIGN.iter().find(|(magic, _, _)| head.starts_with(magic)) {
        return Some((what, advice));
    }
    let text = String::from_utf8_lossy(&head[..head.len().min(1024)]);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_ascii_lowercase();
    MARKUP.iter().find(|(tag, _, _)| text.starts_with(tag)).map(|&(_, what, advice)| (what, advice))
}

/// A file of the kind that old workbooks are, and new ones behind a password, which is told by the name of a stream.
fn old_workbook(mut window: Vec<u8>, rest: &mut dyn Read) -> ReadError {
    let name: Vec<u8> = b"EncryptedPackage".iter().flat_map(|&letter| [letter, 0]).collect();
    loop {
        if memchr::memmem::find(&window, &name).is_some() {
            return ReadError::Foreign { what: "a workbook with a password", advice: "save it without the password" };
        }
        // The name may go over the edge of what was read.
        window.drain(..window.len().saturating_sub(name.len()));
        match rest.take(HEAD as u64).read_to_end(&mut window) {
            Ok(0) => return ReadError::Foreign { what: "an old Excel workbook (.xls)", advice: FROM_PROGRAM },
            Ok(_) => {}
            Err(source) => return ReadError::Io { source },
        }
    }
}

/// How the letters are written: a byte order mark says it, else what most letters beyond ASCII are written as.
fn encoding(head: &[u8], rest: &mut dyn Read) -> Result<Encoding, ReadError> {
    let wide = match head {
        // Without a mark, ASCII letters show every other byte empty.
        [0xff, 0xfe, ..] | [1..=255, 0, 1..=255, 0, ..] => Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] => Some(Encoding::Utf16Be),
        _ => None,
    };
    if let Some(wide) = wide {
        return Ok(wide);
    }
    let mut scan = Scan::default();
    scan.take(head)?;
    let mut buffer = vec![0; HEAD];
    loop {
        let n = rest.read(&mut buffer).map_err(|source| ReadError::Io { source })?;
        if n == 0 {
            break;
        }
        scan.take(&buffer[..n])?;
    }
    scan.n_foreign += u64::from(!scan.left.is_empty());
    let has_mark = head.starts_with(MARK);
    if has_mark && scan.n_bytes == MARK.len() as u64 {
        return Err(ReadError::Empty);
    }
    Ok(match (has_mark, scan.n_foreign > scan.n_wide) {
        (true, _) => Encoding::Utf8Bom,
        (false, false) => Encoding::Utf8,
        (false, true) => Encoding::Windows1252,
    })
}

/// The byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Counts what tells the encodings apart.
#[derive(Default)]
struct Scan {
    n_bytes: u64,
    n_control: u64,
    /// Letters beyond ASCII that are written as UTF-8 writes them.
    n_wide: u64,
    /// Bytes that UTF-8 does not have there.
    n_foreign: u64,
    /// The beginning of a letter that the next bytes finish.
    left: Vec<u8>,
}

impl Scan {
    fn take(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.n_bytes += bytes.len() as u64;
        // Beside blanks and line ends a text has next to no control characters.
        self.n_control += bytes.iter().filter(|byte| matches!(byte, 1..=8 | 14..=31 | 127)).count() as u64;
        if memchr::memchr(0, bytes).is_some() || self.n_control > 16 + self.n_bytes / 50 {
            return Err(NOT_TEXT);
        }
        if self.left.is_empty() && bytes.is_ascii() {
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.left);
        all.extend_from_slice(bytes);
        let mut n_seen = 0;
        for chunk in all.utf8_chunks() {
            self.n_wide += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count() as u64;
            n_seen += chunk.valid().len() + chunk.invalid().len();
            let is_unfinished = || std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            if n_seen == all.len() && is_unfinished() {
                self.left = chunk.invalid().to_vec();
            } else {
                self.n_foreign += u64::from(!chunk.invalid().is_empty());
            }
        }
        Ok(())
    }
}

const NOT_TEXT: ReadError = ReadError::Foreign { what: "neither a text nor a workbook", advice: AS_TABLE };
