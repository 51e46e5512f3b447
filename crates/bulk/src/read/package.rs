//! The archive that a workbook is: its parts, unpacked as they are read.
//!
//! What an archive says about itself is not believed. Each part is measured and its checksum taken while it is read,
//! so that neither a part that unpacks without end nor a wrong digit gets through.
//! Left out: what the parts mean.

use std::io::{self, BufReader, Read, SeekFrom, Take};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::error::ReadError;
use super::source::{Bytes, Counted, Source};

/// A workbook has some dozens of parts; one with many drawings some thousands.
const MAX_PARTS: usize = 10_000;
/// All parts together, unpacked.
const MAX_SIZE: u64 = 1 << 30;
/// Texts are kept in memory, so there may be fewer of them.
pub(super) const MAX_TEXTS: u64 = 256 << 20;
/// A large part that unpacks to so many times its size was made to do harm.
const MAX_RATIO: u64 = 400;
const RATIO_FROM: u64 = 10 << 20;

pub(super) struct Package {
    archive: ZipArchive<Box<dyn Bytes>>,
    names: Vec<String>,
}

/// Where a part stands in the archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    start: u64,
    packed: u64,
    pub(super) size: u64,
    checksum: u32,
    is_stored: bool,
}

/// A part that is being read.
pub(super) struct Part {
    unpacker: Unpacker,
    /// What is still to come, by what the archive says.
    left: u64,
    /// What may be read before [`Part::allow`] is called again.
    allowance: usize,
    crc: Crc,
    place: Place,
}

enum Unpacker {
    Stored(BufReader<Packed>),
    Deflated(Box<DeflateDecoder<Packed>>),
}

type Packed = Take<Counted<Box<dyn Bytes>>>;

/// A bound that a part broke.
#[derive(Debug, thiserror::Error)]
enum Bound {
    #[error("a part is larger than the archive says")]
    Size,
    #[error("a single piece of a part is too long")]
    Piece,
}

// === impl Package ===

impl Package {
    pub(super) fn open(source: &Source) -> Result<Self, ReadError> {
        let mut archive = ZipArchive::new(source.open()?).map_err(ReadError::damaged)?;
        if archive.len() > MAX_PARTS {
            return Err(ReadError::TooBig { what: "more than 10,000 parts" });
        }
        let (mut names, mut total) = (Vec::with_capacity(archive.len()), 0_u64);
        for at in 0..archive.len() {
            let part = archive.by_index_raw(at).map_err(ReadError::damaged)?;
            total = total.saturating_add(part.size());
            if part.size() > RATIO_FROM && part.size() / part.compressed_size().max(1) > MAX_RATIO {
                return Err(ReadError::TooBig { what: "a part that unpacks to more than 400 times its size" });
            }
            names.push(String::from_utf8_lossy(part.name_raw()).replace('\\', "/"));
        }
        if total > MAX_SIZE {
            return Err(ReadError::TooBig { what: "more than 1 GiB" });
        }
        Ok(Self { archive, names })
    }

    /// The name of a part as the archive writes it.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.position(name).map(|at| self.names[at].as_str())
    }

    /// Case aside, as spreadsheet programs look for parts.
    fn position(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/');
        let exact = self.names.iter().position(|known| known == name);
        exact.or_else(|| self.names.iter().position(|known| known.eq_ignore_ascii_case(name)))
    }

    pub(super) fn place(&mut self, name: &str) -> Result<Option<Place>, ReadError> {
        let Some(at) = self.position(name) else { return Ok(None) };
        let part = self.archive.by_index_raw(at).map_err(ReadError::damaged)?;
        let is_stored = match part.compression() {
            CompressionMethod::Stored => true,
            CompressionMethod::Deflated => false,
            _ => return Err(ReadError::damaged("a part is packed in a way that no workbook is")),
        };
        let start = part.data_start().ok_or_else(|| ReadError::damaged("a part has no beginning"))?;
        if part.encrypted() {
            return Err(ReadError::Foreign {
                what: "a workbook with a password",
                advice: "save it without the password",
            });
        }
        Ok(Some(Place { start, packed: part.compressed_size(), size: part.size(), checksum: part.crc32(), is_stored }))
    }
}

// === impl Part ===

impl Part {
    pub(super) fn open(source: &Source, place: Place) -> Result<Self, ReadError> {
        let mut content = source.open()?;
        content.seek(SeekFrom::Start(place.start)).map_err(|source| ReadError::Io { source })?;
        let packed = Counted::new(content).take(place.packed);
        let unpacker = if place.is_stored {
            Unpacker::Stored(BufReader::new(packed))
        } else {
            Unpacker::Deflated(Box::new(DeflateDecoder::new(packed)))
        };
        Ok(Self { unpacker, left: place.size, allowance: usize::MAX, crc: Crc::new(), place })
    }

    /// Lets so many bytes through.
    pub(super) fn allow(&mut self, n_bytes: usize) {
        self.allowance = n_bytes;
    }

    /// How much of the part was read, of a thousand.
    pub(super) fn progress(&self) -> u64 {
        let n_read = match &self.unpacker {
            Unpacker::Stored(reader) => reader.get_ref().get_ref().n_read(),
            Unpacker::Deflated(reader) => reader.get_ref().get_ref().n_read(),
        };
        n_read.saturating_mul(1000) / self.place.packed.max(1)
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance == 0 {
            return Err(io::Error::other(Bound::Piece));
        }
        let room = buffer.len().min(self.allowance);
        let n = match &mut self.unpacker {
            Unpacker::Stored(reader) => reader.read(&mut buffer[..room])?,
            Unpacker::Deflated(reader) => reader.read(&mut buffer[..room])?,
        };
        if n == 0 && room > 0 && (self.left > 0 || self.crc.sum() != self.place.checksum) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of a part is wrong"));
        }
        self.allowance -= n;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| io::Error::other(Bound::Size))?;
        self.crc.update(&buffer[..n]);
        Ok(n)
    }
}

/// What a failure while reading a part means.
pub(super) fn failed(error: &io::Error) -> ReadError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Bound>()) {
        Some(Bound::Size) => ReadError::TooBig { what: "a part larger than it says" },
        Some(Bound::Piece) => ReadError::TooBig { what: "a cell of more than 16 MiB" },
        None => ReadError::damaged(io::Error::new(error.kind(), error.to_string())),
    }
}
