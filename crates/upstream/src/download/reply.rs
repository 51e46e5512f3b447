//! What a mirror says of a file, and whether what it sends can be that file.
//!
//! Left out: reading the file; a zip that is whole by its length may still be damaged, which the import finds.

use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED};

use super::error::{Failure, MirrorError};
use super::{Download, Form, Validators};

/// Enough to tell a zip from a web page.
const HEAD: usize = 512;

/// What the headers of an answer announce.
pub(super) struct Announced {
    pub(super) validators: Validators,
    /// Where the body begins in the file.
    pub(super) from: Option<u64>,
    /// Length of the whole file.
    pub(super) total: Option<u64>,
    is_page: bool,
    is_packed: bool,
}

/// The first bytes of a file, until they tell what it is.
pub(super) struct Head {
    form: Form,
    bytes: Vec<u8>,
    told: bool,
}

// === impl Announced ===

impl Announced {
    pub(super) fn of(response: &Response) -> Self {
        let text = |name: HeaderName| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let validators = Validators { etag: text(ETAG), last_modified: text(LAST_MODIFIED), sha256: None };
        let (from, total) = match text(CONTENT_RANGE) {
            Some(range) => content_range(&range).map_or((None, None), |(from, total)| (Some(from), total)),
            None => (Some(0), text(CONTENT_LENGTH).and_then(|length| length.trim().parse().ok())),
        };
        let is_page =
            text(CONTENT_TYPE).is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
        let is_packed = text(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
        Self { validators, from, total, is_page, is_packed }
    }

    /// Whether the body is worth reading.
    pub(super) fn check(&self, host: &str, download: &Download<'_>) -> Result<(), Failure> {
        let other = |why| Err(MirrorError::NotTheFile { host: host.to_owned(), why }.into());
        if self.is_page {
            return other(PAGE);
        }
        if self.is_packed {
            return other("it is packed in a way that was not asked for");
        }
        match self.total {
            Some(total) if !(download.min..=download.max).contains(&total) => {
                Err(MirrorError::size(host, total, download).into())
            }
            _ => Ok(()),
        }
    }
}

const PAGE: &str = "it looks like a web page, such as one that tells of an error";

/// Where a part begins, and how long the whole is: `bytes 100-199/200`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let from = range.split_once('-')?.0.trim().parse().ok()?;
    Some((from, total.trim().parse().ok()))
}

// === impl Head ===

impl Head {
    /// `told` where the first bytes were seen by a former attempt.
    pub(super) fn new(form: Form, told: bool) -> Self {
        Self { form, bytes: Vec::new(), told }
    }

    /// Looks at the next bytes, and says what speaks against the file.
    pub(super) fn see(&mut self, chunk: &[u8]) -> Result<(), &'static str> {
        if self.told {
            return Ok(());
        }
        let room = HEAD - self.bytes.len();
        self.bytes.extend_from_slice(&chunk[..room.min(chunk.len())]);
        let text = self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes).trim_ascii_start();
        match self.form {
            _ if text.first() == Some(&b'<') => return Err(PAGE),
            Form::Zip if self.bytes.len() >= 4 => {
                if !matches!(self.bytes[..4], [b'P', b'K', 3..=8, _]) {
                    return Err("it is no zip");
                }
                self.told = true;
            }
            Form::Zip => {}
            // A mark of the encoding may be on its way, and a page behind it.
            Form::Any => self.told = (!text.is_empty() && self.bytes.len() >= 4) || self.bytes.len() == HEAD,
        }
        Ok(())
    }

    /// Whether there was enough to tell.
    pub(super) fn is_whole(&self) -> bool {
        self.told || (self.form == Form::Any && !self.bytes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (text, expected) in [
            ("bytes 100-199/200", Some((100, Some(200)))),
            ("bytes 0-0/*", Some((0, None))),
            ("bytes */200", None),
            ("lines 1-2/3", None),
            ("", None),
        ] {
            assert_eq!(content_range(text), expected, "{text}");
        }
    }

    #[test]
    fn the_first_bytes_tell_what_a_file_is_however_they_arrive() {
        check(Form::Zip, b"PK\x03\x04 and so on", Ok(true));
        check(Form::Zip, b"PK\x03", Ok(false));
        check(Form::Zip, b"RUC|NOMBRE", Err("it is no zip"));
        check(Form::Any, b"RUC|NOMBRE", Ok(true));
        check(Form::Any, b"", Ok(false));
        for page in [&b"<!DOCTYPE html>"[..], b"\r\n <html>", b"\xef\xbb\xbf<html>"] {
            check(Form::Any, page, Err(PAGE));
            check(Form::Zip, page, Err(PAGE));
        }
    }

    #[track_caller]
    fn check(form: Form, bytes: &[u8], expected: Result<bool, &'static str>) {
        // A byte at a time gives the same, unless what is no zip shows before it could be a page.
        for size in [1, 3, 600] {
            let mut head = Head::new(form, false);
            let seen = bytes.chunks(size).try_for_each(|chunk| head.see(chunk));
            assert_eq!(seen.map(|()| head.is_whole()), expected, "{size}");
        }
    }
}
