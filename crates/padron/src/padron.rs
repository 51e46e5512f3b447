//! An open edition, and the questions it answers.
//!
//! Opening maps the file and checks all of it, unless a note beside it says that these very bytes were found whole
//! before. An open edition stays as it is, whatever is imported or removed meanwhile; who wants the newest opens again.
//! Left out: what an absent number means. Here it is certain that the edition does not have it, and no more.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use chasqui_types::{Dni, Ruc};

use crate::apart::Apart;
use crate::checked;
use crate::container::HASH;
use crate::corrupt::{Corrupt, RECORDS};
use crate::edition::Edition;
use crate::error::PadronError;
use crate::file::{Header, Section};
use crate::folder::{self, CHECKED, REPORT, ROWS};
use crate::key::Key;
use crate::map::Map;
use crate::members::Members;
use crate::record;
use crate::report::Report;
use crate::row::Row;
use crate::words::Words;

/// Records between two known positions.
pub(crate) const BLOCK: u32 = 16;
/// Fewer numbers than this are looked up in less time than it takes to begin a thread for them.
const MIN_SHARE: usize = 1000;
/// An edition may be removed between learning its name and opening it; the name is learnt anew so often.
const TRIES: usize = 5;

/// An open edition of the registry. Any number of threads may ask it at once.
pub struct Padron {
    folder: PathBuf,
    map: Map,
    header: Header,
    sections: Sections,
}

struct Sections {
    members: Range<usize>,
    offsets: Range<usize>,
    records: Range<usize>,
    shapes: Range<usize>,
    words: Range<usize>,
    apart: Range<usize>,
}

/// The sections of an open file, ready to be read.
#[derive(Clone, Copy)]
struct View<'a> {
    members: Members<'a>,
    offsets: &'a [[u8; 4]],
    records: &'a [u8],
    shapes: Words<'a>,
    words: Words<'a>,
}

/// Walks through all rows in the order of their numbers; those kept apart come last.
pub struct Cursor<'a> {
    padron: &'a Padron,
    view: View<'a>,
    from: Option<Key>,
    records: &'a [u8],
    apart: usize,
    row: Row,
}

// === impl Padron ===

impl Padron {
    /// Opens the edition in use, if there is any.
    pub fn open(dir: &Path) -> Result<Option<Self>, PadronError> {
        for _ in 1..TRIES {
            let Some(edition) = folder::current(dir)? else {
                return Ok(None);
            };
            match Self::open_edition(dir, edition) {
                Err(PadronError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => {}
                outcome => return outcome.map(Some),
            }
        }
        folder::current(dir)?.map(|edition| Self::open_edition(dir, edition)).transpose()
    }

    /// Opens one edition, in use or not.
    pub fn open_edition(dir: &Path, edition: Edition) -> Result<Self, PadronError> {
        let padron = Self::open_folder(folder::of(dir, edition))?;
        if padron.header.edition == edition {
            Ok(padron)
        } else {
            Err(PadronError::damaged(padron.path(), format!("it is the edition {}", padron.header.edition)))
        }
    }

    pub(crate) fn open_folder(folder: PathBuf) -> Result<Self, PadronError> {
        let path = folder.join(ROWS);
        let file = File::open(&path).map_err(PadronError::read(&path))?;
        let metadata = file.metadata().map_err(PadronError::read(&path))?;
        let map = Map::of(&file).map_err(PadronError::read(&path))?;
        let header = Header::read(&path, &map)?;
        checked::once(&folder.join(CHECKED), &metadata, header.hash(), || header.check(&path, &map))?;
        Self::assemble(folder, map, header)
    }

    /// Of bytes that were checked, or that a test damaged afterwards.
    fn assemble(folder: PathBuf, map: Map, header: Header) -> Result<Self, PadronError> {
        let sections = Sections::of(&header);
        let padron = Self { folder, map, header, sections };
        padron.view().and_then(|_| padron.apart()).map_err(|corrupt| padron.corrupt(corrupt))?;
        Ok(padron)
    }

    /// Which edition this is.
    pub fn edition(&self) -> Edition {
        self.header.edition
    }

    /// How many rows it has, those kept apart included.
    pub fn n_rows(&self) -> u64 {
        self.header.n_rows
    }

    /// How many bytes its file has.
    pub fn n_bytes(&self) -> u64 {
        self.map.len() as u64
    }

    /// What the import had to say.
    ///
    /// Refused where it is of other rows: nothing hashes it, but these know how many they are.
    pub fn report(&self) -> Result<Report, PadronError> {
        let report = Report::read(&self.folder)?;
        let known = (self.header.edition, self.header.n_rows, self.n_bytes());
        if (report.edition, report.rows, report.file_bytes) == known {
            Ok(report)
        } else {
            Err(PadronError::damaged(self.folder.join(REPORT), "it is not about the rows beside it"))
        }
    }

    /// Reads every byte of the file and every row of it.
    pub fn verify(&self) -> Result<(), PadronError> {
        self.header.check(&self.path(), &self.map)?;
        let mut rows = self.rows()?;
        let mut n_rows = 0;
        while rows.next()?.is_some() {
            n_rows += 1;
        }
        if n_rows == self.header.n_rows {
            Ok(())
        } else {
            Err(PadronError::damaged(self.path(), format!("it has {n_rows} of {} rows", self.header.n_rows)))
        }
    }

    /// Whether the edition has a number. Certain, either way.
    pub fn contains(&self, ruc: Ruc) -> Result<bool, PadronError> {
        let rank = self.view().and_then(|view| view.members.rank(Key::of(ruc)));
        Ok(rank.map_err(|corrupt| self.corrupt(corrupt))?.is_some())
    }

    /// The row of a number.
    pub fn find(&self, ruc: Ruc) -> Result<Option<Row>, PadronError> {
        let mut row = Row::new();
        Ok(self.find_into(ruc, &mut row)?.then_some(row))
    }

    /// Reads the row of a number into `row`, and says whether there is one.
    pub fn find_into(&self, ruc: Ruc, row: &mut Row) -> Result<bool, PadronError> {
        let found = self.view().and_then(|view| view.find(ruc, row));
        found.map_err(|corrupt| self.corrupt(corrupt))
    }

    /// The row of the person who has a DNI, if they have a RUC of the kind that holds it.
    pub fn find_dni(&self, dni: Dni) -> Result<Option<Row>, PadronError> {
        self.find(dni.ruc())
    }

    /// Every row whose first column is `number`, whether or not that is a well-formed number.
    ///
    /// The row that counts comes first; behind it, or alone, those that were kept apart, as they stood in the text.
    pub fn find_raw(&self, number: &str) -> Result<Vec<Row>, PadronError> {
        let mut rows = Vec::new();
        if let Ok(ruc) = number.parse() {
            rows.extend(self.find(ruc)?);
        }
        let apart = self.apart().and_then(|apart| apart.find(number.as_bytes(), &mut rows));
        apart.map_err(|corrupt| self.corrupt(corrupt))?;
        Ok(rows)
    }

    /// Looks up many numbers, in the order in which they lie in the file, on up to `n_threads` threads.
    ///
    /// Hands to `each` the place of a number in `rucs`, and its row if there is one; in no particular order.
    pub fn find_many(
        &self,
        rucs: &[Ruc],
        n_threads: usize,
        each: impl Fn(usize, Option<&Row>) + Sync,
    ) -> Result<(), PadronError> {
        let mut wanted: Vec<(Key, usize)> =
            rucs.iter().enumerate().map(|(place, &ruc)| (Key::of(ruc), place)).collect();
        wanted.sort_unstable();
        let view = self.view().map_err(|corrupt| self.corrupt(corrupt))?;
        let share = wanted.len().div_ceil(n_threads.max(1)).max(MIN_SHARE);
        let outcome = std::thread::scope(|scope| {
            let search = |share: &[(Key, usize)]| {
                let mut row = Row::new();
                for &(key, place) in share {
                    let found = view.find_key(key, key.ruc(), &mut row)?;
                    each(place, found.then_some(&row));
                }
                Ok(())
            };
            let mut shares = wanted.chunks(share);
            let own = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|share| scope.spawn(move || search(share))).collect();
            let mut outcome = search(own);
            for other in others {
                let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                outcome = outcome.and(other);
            }
            outcome
        });
        outcome.map_err(|corrupt| self.corrupt(corrupt))
    }

    /// All rows, in the order of their numbers.
    pub fn rows(&self) -> Result<Cursor<'_>, PadronError> {
        let view = self.view().map_err(|corrupt| self.corrupt(corrupt))?;
        let from = Key::from_index(0);
        Ok(Cursor { padron: self, view, from, records: view.records, apart: 0, row: Row::new() })
    }

    /// Hands all rows to `each` until it breaks off.
    pub fn for_each(&self, mut each: impl FnMut(&Row) -> ControlFlow<()>) -> Result<(), PadronError> {
        let mut rows = self.rows()?;
        while let Some(row) = rows.next()? {
            if each(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Where what is derived from this edition lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Tells these rows from all others.
    pub(crate) fn hash(&self) -> &[u8; HASH] {
        self.header.hash()
    }

    /// The file of its rows.
    pub fn path(&self) -> PathBuf {
        self.folder.join(ROWS)
    }

    fn corrupt(&self, corrupt: Corrupt) -> PadronError {
        PadronError::corrupt(self.path(), corrupt)
    }

    #[inline]
    fn view(&self) -> Result<View<'_>, Corrupt> {
        Ok(View {
            members: Members::read(&self.map[self.sections.members.clone()])?,
            offsets: self.map[self.sections.offsets.clone()].as_chunks().0,
            records: &self.map[self.sections.records.clone()],
            shapes: Words::read(&self.map[self.sections.shapes.clone()])?,
            words: Words::read(&self.map[self.sections.words.clone()])?,
        })
    }

    fn apart(&self) -> Result<Apart<'_>, Corrupt> {
        Apart::read(&self.map[self.sections.apart.clone()])
    }
}

// === impl Sections ===

impl Sections {
    fn of(header: &Header) -> Self {
        Self {
            members: header.section(Section::Members),
            offsets: header.section(Section::Offsets),
            records: header.section(Section::Records),
            shapes: header.section(Section::Shapes),
            words: header.section(Section::Words),
            apart: header.section(Section::Apart),
        }
    }
}

// === impl View ===

impl View<'_> {
    #[inline]
    fn find(&self, ruc: Ruc, row: &mut Row) -> Result<bool, Corrupt> {
        self.find_key(Key::of(ruc), ruc, row)
    }

    #[inline]
    fn find_key(&self, key: Key, ruc: Ruc, row: &mut Row) -> Result<bool, Corrupt> {
        let Some(rank) = self.members.rank(key)? else {
            return Ok(false);
        };
        let offset = self.offsets.get((rank / BLOCK) as usize).ok_or(RECORDS)?;
        let mut records = self.records.get(u32::from_le_bytes(*offset) as usize..).ok_or(RECORDS)?;
        for _ in 0..rank % BLOCK {
            record::next(&mut records)?;
        }
        let body = record::next(&mut records)?;
        row.refill(|text| record::read(ruc.as_str().as_bytes(), body, self.shapes, self.words, text))?;
        Ok(true)
    }
}

// === impl Cursor ===

impl Cursor<'_> {
    /// The next row, or `None` behind the last one.
    #[expect(clippy::should_implement_trait, reason = "the row is lent, so that walking costs no memory")]
    pub fn next(&mut self) -> Result<Option<&Row>, PadronError> {
        let found = self.step().map_err(|corrupt| self.padron.corrupt(corrupt))?;
        Ok(found.then_some(&self.row))
    }

    fn step(&mut self) -> Result<bool, Corrupt> {
        if let Some(from) = self.from
            && let Some(key) = self.view.members.first_from(from)?
        {
            self.from = Key::from_index(key.index() + 1);
            let (shapes, words) = (self.view.shapes, self.view.words);
            let body = record::next(&mut self.records)?;
            self.row.refill(|text| record::read(key.ruc().as_str().as_bytes(), body, shapes, words, text))?;
            return Ok(true);
        }
        self.from = None;
        let found = self.padron.apart()?.get(self.apart, &mut self.row)?;
        self.apart += 1;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::num::NonZeroUsize;

    use proptest::prelude::*;

    use super::*;
    use crate::synth::{HEADER, Synth};

    /// An edition of made-up rows, and the bytes of its file.
    fn edition(dir: &Path) -> (Padron, Vec<u8>) {
        let mut text = HEADER.to_vec();
        Synth::new(2_000, 1).with_odd_rows(50_000).write(0..2_000, &mut text);
        let path = dir.join("padron.txt");
        fs::write(&path, text).unwrap();
        let options = crate::Options {
            date: None,
            today: "2026-11-21".parse().unwrap(),
            force: true,
            keep: 1,
            threads: NonZeroUsize::MIN,
        };
        crate::import(&path, dir, &options, &mut |_| ControlFlow::Continue(())).unwrap();
        let padron = Padron::open(dir).unwrap().unwrap();
        let bytes = padron.map.to_vec();
        (padron, bytes)
    }

    /// Asks everything of an edition whose bytes changed after they were checked.
    fn ask_everything(dir: &Path, whole: &Padron, bytes: &[u8]) {
        let path = dir.join("damaged");
        fs::write(&path, bytes).unwrap();
        let map = Map::of(&File::open(&path).unwrap()).unwrap();
        let Ok(damaged) = Padron::assemble(dir.to_owned(), map, whole.header.clone()) else { return };
        let synth = Synth::new(2_000, 1);
        for row in (0..2_000).step_by(7) {
            let ruc = synth.number(row);
            if let Ok(Some(row)) = damaged.find(ruc) {
                for column in crate::Column::ALL {
                    drop(row.text(column));
                }
            }
            let _ = damaged.find_raw(ruc.as_str());
        }
        if let Ok(mut rows) = damaged.rows() {
            while let Ok(Some(_)) = rows.next() {}
        }
        assert!(damaged.verify().is_err());
    }

    #[test]
    fn a_shape_that_lost_a_bar_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let (whole, bytes) = edition(folder.path());
        let shapes = whole.header.section(Section::Shapes);
        let bars: Vec<usize> = shapes.filter(|&place| bytes[place] == b'|').collect();
        assert!(bars.len() > 4, "status and condition each end with one");
        for bar in bars.into_iter().take(60) {
            let mut bytes = bytes.clone();
            bytes[bar] = b'x';
            ask_everything(folder.path(), &whole, &bytes);
        }
    }

    #[test]
    fn bytes_that_change_after_they_were_checked_are_errors_and_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let (whole, bytes) = edition(folder.path());
        let sections =
            [Section::Members, Section::Offsets, Section::Records, Section::Shapes, Section::Words, Section::Apart];
        let places: Vec<Range<usize>> = sections.iter().map(|&section| whole.header.section(section)).collect();
        assert!(places.iter().all(|place| !place.is_empty()));
        let damage =
            (prop::sample::select(places), prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..200));
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
        runner
            .run(&damage, |(place, changes)| {
                let mut bytes = bytes.clone();
                for (at, change) in changes {
                    // Beginnings matter most: counts and directories are there.
                    let at = at.index(place.len().min(if change % 2 == 0 { 64 } else { usize::MAX }));
                    bytes[place.start + at] = bytes[place.start + at].wrapping_add(change);
                }
                if bytes != *whole.map {
                    ask_everything(folder.path(), &whole, &bytes);
                }
                Ok(())
            })
            .unwrap();
    }
}
