//! Numbers that nobody is to be told about.
//!
//! Somebody may ask not to be shown. What is kept of that is a keyed hash of their number, because a list of numbers
//! would itself be what they asked not to be; the key lies beside it, readable by us alone. A DNI and the RUC that holds
//! it are one entry, so whoever asked by one is not shown by the other.
//! The list is asked with every answer, so it takes effect at once, and nothing has to be built anew. A list that cannot
//! be read, that is gone, or whose key is missing, is an error and never an empty one: a key that ends its line says that
//! there is a list.
//! Left out: answering; callers pass over what [`Suppressed::hides`].

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chasqui_types::{Number, Ruc};

use crate::error::PadronError;
use crate::row::{Column, Row};
use crate::swap;

const LIST: &str = "suppressed.chq";
const KEY: &str = "suppressed.key";
/// The last byte is raised by every change of what the bytes mean.
const MAGIC: &[u8; 16] = b"chq\0suppressed\0\x01";
const HASH: usize = 32;
/// Of a number's hash so much is kept, which no two of any number of numbers share.
const ENTRY: usize = 16;

type Entry = [u8; ENTRY];

/// The numbers that are not shown.
pub struct Suppressed {
    dir: PathBuf,
    key: [u8; HASH],
    /// In order.
    entries: Vec<Entry>,
    /// `None` where there was no list.
    stamp: Option<Stamp>,
}

/// What the system says of the list, by which a change is seen without reading it.
#[derive(PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Clocks of file systems are coarse, and a list whose length stays may change twice in a moment.
    #[cfg(unix)]
    identity: (u64, i64, i64),
}

/// Why the list could not be read or changed. Nothing may be shown until it can.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuppressionError {
    /// The system refused to read or write.
    #[error(transparent)]
    Folder(#[from] PadronError),
    /// There is a list, and not the key it was made with.
    #[error("{} is missing or damaged, and without it nobody knows who is not to be shown; put it back from a copy", path.display())]
    NoKey {
        /// Where the key belongs.
        path: PathBuf,
    },
    /// There is a key, and not the list that was made with it.
    #[error(
        "{} is missing, so nobody knows who is not to be shown; put it back from a copy, or remove the key beside it as \
         well if everybody may be shown",
        path.display()
    )]
    NoList {
        /// Where the list belongs.
        path: PathBuf,
    },
    /// The list is not what was written.
    #[error("{} is damaged, so nobody knows who is not to be shown; put it back from a copy", path.display())]
    Damaged {
        /// The list.
        path: PathBuf,
    },
}

// === impl Suppressed ===

impl Suppressed {
    /// Reads the list in `dir`; where there never was one, nothing is suppressed.
    pub fn open(dir: &Path) -> Result<Self, SuppressionError> {
        let path = dir.join(LIST);
        let mut file = match open(&path)? {
            Some(file) => file,
            None if !is_settled(&read_key(dir)?) => {
                return Ok(Self { dir: dir.to_owned(), key: [0; HASH], entries: Vec::new(), stamp: None });
            }
            // Somebody may have made the first one since.
            None => open(&path)?.ok_or_else(|| SuppressionError::NoList { path: path.clone() })?,
        };
        let mut bytes = Vec::new();
        let metadata = file.metadata().and_then(|metadata| {
            file.read_to_end(&mut bytes)?;
            Ok(metadata)
        });
        let stamp = stamp(&metadata.map_err(PadronError::read(&path))?);
        let key = parse_key(&read_key(dir)?).ok_or_else(|| SuppressionError::NoKey { path: dir.join(KEY) })?;
        let damaged = || SuppressionError::Damaged { path: path.clone() };
        let (said, hash) = bytes.split_last_chunk::<HASH>().ok_or_else(damaged)?;
        let entries = said.strip_prefix(MAGIC).ok_or_else(damaged)?;
        // With the key, so that a list of another key is found out as well.
        if blake3::keyed_hash(&key, said) != *hash {
            return Err(damaged());
        }
        let (entries, rest) = entries.as_chunks();
        if !rest.is_empty() || !entries.is_sorted() {
            return Err(damaged());
        }
        Ok(Self { dir: dir.to_owned(), key, entries: entries.to_vec(), stamp: Some(stamp) })
    }

    /// Reads the list anew if somebody changed it since it was read; costs a question to the system where nobody did.
    pub fn refresh(&mut self) -> Result<(), SuppressionError> {
        let path = self.dir.join(LIST);
        let now = match fs::metadata(&path) {
            Ok(metadata) => Some(stamp(&metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(PadronError::read(path)(error).into()),
        };
        if now != self.stamp {
            *self = Self::open(&self.dir)?;
        }
        Ok(())
    }

    /// Whether a number is suppressed.
    pub fn contains(&self, number: impl Into<Number>) -> bool {
        self.hides_text(number.into().as_str())
    }

    /// Whether a row is of a number that is suppressed, be it the one that counts or kept apart.
    pub fn hides(&self, row: &Row) -> bool {
        !self.entries.is_empty() && self.hides_text(&row.text(Column::Ruc))
    }

    /// Whether digits as they stand in a row or a change are of a number that is suppressed, well formed or not.
    pub fn hides_text(&self, number: &str) -> bool {
        // Most lists are empty, and then a look-up is to cost nothing.
        !self.entries.is_empty() && self.entries.binary_search(&self.entry(number)).is_ok()
    }

    /// How many numbers are suppressed; a DNI and the RUC that holds it are one.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Suppresses a number, and says whether it was not before.
    pub fn add(&mut self, number: impl Into<Number>) -> Result<bool, SuppressionError> {
        let number = number.into();
        self.change(|list| {
            let entry = list.entry(number.as_str());
            let place = list.entries.binary_search(&entry).err();
            if let Some(place) = place {
                list.entries.insert(place, entry);
            }
            place.is_some()
        })
    }

    /// Lets a number be shown again, and says whether it was suppressed.
    pub fn remove(&mut self, number: impl Into<Number>) -> Result<bool, SuppressionError> {
        let number = number.into();
        self.change(|list| {
            let place = list.entries.binary_search(&list.entry(number.as_str())).ok();
            if let Some(place) = place {
                list.entries.remove(place);
            }
            place.is_some()
        })
    }

    /// Changes what is on the disk now, and then this list. Waits for whoever is changing it at the moment.
    fn change(&mut self, change: impl FnOnce(&mut Self) -> bool) -> Result<bool, SuppressionError> {
        let _lock = self.lock()?;
        let mut list = Self::open(&self.dir)?;
        let changed = change(&mut list);
        if changed {
            let path = self.dir.join(LIST);
            write(&self.dir, &list.key, &list.entries).map_err(PadronError::write(&path))?;
            list.stamp = Some(stamp(&fs::metadata(&path).map_err(PadronError::read(&path))?));
        }
        *self = list;
        Ok(changed)
    }

    /// The right to change the list; with it the key and the list are there.
    fn lock(&self) -> Result<File, SuppressionError> {
        fs::create_dir_all(&self.dir).map_err(PadronError::write(&self.dir))?;
        let path = self.dir.join(KEY);
        let open = || {
            let mut options = File::options();
            options.create(true).truncate(false).read(true).write(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path)?;
            file.lock()?;
            Ok(file)
        };
        let mut file = open().map_err(PadronError::write(&path))?;
        let text = read_key(&self.dir)?;
        if !is_settled(&text) {
            if !self.dir.join(LIST).try_exists().map_err(PadronError::read(&path))? {
                self.begin(&mut file).map_err(PadronError::write(&path))?;
            } else if parse_key(&text).is_none() {
                // Beside a list this is a key that was lost, and making another would lose the list for good.
                return Err(SuppressionError::NoKey { path });
            }
            // The last step, so that a key which ends its line has a list.
            let settled =
                file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(b"\n")).and_then(|()| file.sync_all());
            settled.map_err(PadronError::write(&path))?;
        }
        Ok(file)
    }

    /// Makes a key, in place of what may be there of one, and an empty list.
    fn begin(&self, file: &mut File) -> io::Result<()> {
        let mut key = [0; HASH];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(blake3::Hash::from_bytes(key).to_hex().as_bytes())?;
        file.sync_all()?;
        write(&self.dir, &key, &[])
    }

    fn entry(&self, number: &str) -> Entry {
        let hash = blake3::keyed_hash(&self.key, person(number).as_bytes());
        *hash.as_bytes().first_chunk().expect("a hash is longer than an entry")
    }
}

/// Says how many, and nothing of the key.
impl std::fmt::Debug for Suppressed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suppressed").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// What a number has in common with the others of the same person: the DNI, if it holds one.
fn person(number: &str) -> &str {
    if number.len() == Ruc::LEN && number.starts_with("10") { number.get(2..10).unwrap_or(number) } else { number }
}

/// The list, if there is any.
fn open(path: &Path) -> Result<Option<File>, PadronError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PadronError::read(path)(error)),
    }
}

fn write(dir: &Path, key: &[u8; HASH], entries: &[Entry]) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(entries.iter().flatten());
    let hash = blake3::keyed_hash(key, &bytes);
    bytes.extend(hash.as_bytes());
    swap::write(dir, ".new-suppressed", &dir.join(LIST), &bytes)
}

/// What there is of a key; nothing where there is none.
fn read_key(dir: &Path) -> Result<Vec<u8>, PadronError> {
    let path = dir.join(KEY);
    match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(PadronError::read(path)),
    }
}

/// Whether a list was made with this key; if not, it was being made when the power went, or still is.
fn is_settled(text: &[u8]) -> bool {
    text.ends_with(b"\n")
}

fn parse_key(text: &[u8]) -> Option<[u8; HASH]> {
    blake3::Hash::from_hex(text.trim_ascii()).ok().map(Into::into)
}

fn stamp(metadata: &Metadata) -> Stamp {
    Stamp {
        length: metadata.len(),
        modified: metadata.modified().ok(),
        #[cfg(unix)]
        identity: {
            use std::os::unix::fs::MetadataExt as _;
            (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
        },
    }
}
