//! Writing the index of an edition's names.
//!
//! All rows are read once, in the order of their numbers, so persons come first and legal entities last; each of the
//! two becomes a part that knows nothing of the other. Inside a part, entries stand in the order in which answers are
//! preferred (active first, then shorter names, then smaller numbers): the first ones found are the best ones, and a
//! search may stop there.
//! Left out: rows that are kept apart, because no well-formed number is theirs alone, and rows without a name.

use std::hash::BuildHasher as _;
use std::io;
use std::ops::ControlFlow;

use chasqui_types::Status;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::corrupt::put_length;
use crate::error::PadronError;
use crate::key::Key;
use crate::padron::Padron;
use crate::row::{Column, Row};
use crate::text::decode;

use super::bucket;
use super::error::NamesError;
use super::file::{N_PARTS, Section, Writer};
use super::fold::Folded;
use super::part::{ENTRIES_PER_BLOCK, KEY_OF_ENTITIES};
use super::{postings, typo};

/// Rows between two reports.
const STEP: u64 = 1 << 16;
/// Entries of lists that are held in memory at a time.
const ENTRIES_AT_ONCE: usize = 24_000_000;
const PIECE: usize = 1 << 20;

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamesProgress {
    /// Rows read and rows written.
    pub done: u64,
    /// How many of both there are.
    pub total: u64,
}

/// Watches a build, and may break it off.
pub(crate) struct Watch<'a> {
    progress: &'a mut dyn FnMut(NamesProgress) -> ControlFlow<()>,
    now: NamesProgress,
}

/// Why a build ended early, before anybody knows which file it is about.
#[derive(Debug)]
pub(crate) enum Stop {
    Cancelled,
    Rows(PadronError),
    Io(io::Error),
}

/// What is gathered of one part.
#[derive(Default)]
struct Gathered {
    words: Strings,
    kinds: Strings,
    /// Whether taxpayers of a kind are active.
    active: Vec<bool>,
    /// The words of all rows, one after the other, and how many each has.
    tokens: Vec<u32>,
    n_tokens: Vec<u8>,
    keys: Vec<u32>,
    states: Vec<u32>,
    buckets: Vec<u16>,
}

/// Strings, each once, by number.
#[derive(Default)]
struct Strings {
    hasher: RandomState,
    table: HashTable<u32>,
    text: Vec<u8>,
    ends: Vec<u32>,
}

/// Words by their numbers: the more frequent, the smaller.
struct Ranked {
    /// The number of each word as it was gathered.
    numbers: Vec<u32>,
    /// Words as they were gathered, by place in the alphabet.
    sorted: Vec<u32>,
    /// How often each number occurs.
    counts: Vec<u32>,
}

/// Writes both parts.
pub(crate) fn build(padron: &Padron, writer: &mut Writer, watch: &mut Watch<'_>) -> Result<(), Stop> {
    let mut rows = padron.rows()?;
    let mut folded = Folded::default();
    let (mut part, mut gathered, mut last) = (0, Gathered::default(), None);
    while let Some(row) = rows.next()? {
        watch.step(1)?;
        // Behind the last number stand the rows kept apart, which repeat smaller numbers or have none.
        let Some(key) = Key::parse(row.bytes(Column::Ruc)).filter(|&key| last.is_none_or(|last| last < key)) else {
            break;
        };
        last = Some(key);
        if part == 0 && key.index() >= KEY_OF_ENTITIES {
            std::mem::take(&mut gathered).write(part, writer, watch)?;
            part = 1;
        }
        gathered.add(key, row, &mut folded);
    }
    for part in part..N_PARTS {
        std::mem::take(&mut gathered).write(part, writer, watch)?;
    }
    Ok(())
}

// === impl Watch ===

impl<'a> Watch<'a> {
    pub(crate) fn new(n_rows: u64, progress: &'a mut dyn FnMut(NamesProgress) -> ControlFlow<()>) -> Self {
        Self { progress, now: NamesProgress { done: 0, total: 2 * n_rows } }
    }

    fn step(&mut self, n: u64) -> Result<(), Stop> {
        let before = self.now.done / STEP;
        self.now.done += n;
        if self.now.done / STEP > before && (self.progress)(self.now).is_break() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

// === impl Gathered ===

impl Gathered {
    fn add(&mut self, key: Key, row: &Row, folded: &mut Folded) {
        folded.read_bytes(row.bytes(Column::Name));
        if folded.len() == 0 {
            return;
        }
        let state = self.state(key, row);
        for word in folded.iter() {
            self.tokens.push(self.words.number(word));
        }
        self.n_tokens.push(u8::try_from(folded.len()).expect("a folded name has few words"));
        self.keys.push(key.index());
        self.states.push(state);
        self.buckets.push(bucket::of(self.active[state as usize], folded.len(), folded.n_letters()));
    }

    fn state(&mut self, key: Key, row: &Row) -> u32 {
        let prefix = key.ruc();
        let mut text = prefix.as_str().as_bytes()[..2].to_vec();
        for column in [Column::Status, Column::Condition, Column::Ubigeo] {
            text.push(b'|');
            text.extend(row.bytes(column).iter().filter(|&&byte| byte != b'|'));
        }
        let state = self.kinds.number(&text);
        if state as usize == self.active.len() {
            self.active.push(Status::from_text(&decode(row.bytes(Column::Status))).is_active());
        }
        state
    }

    /// The rows, in the order of entries.
    fn order(&self) -> Vec<u32> {
        let mut next = vec![0_u32; usize::from(u16::MAX) + 2];
        for &bucket in &self.buckets {
            next[usize::from(bucket) + 1] += 1;
        }
        for bucket in 1..next.len() {
            next[bucket] += next[bucket - 1];
        }
        let mut order = vec![0; self.buckets.len()];
        for (row, &bucket) in (0..).zip(&self.buckets) {
            let next = &mut next[usize::from(bucket)];
            order[*next as usize] = row;
            *next += 1;
        }
        order
    }

    fn rank(&self) -> Ranked {
        let n_words = self.words.len();
        let mut counts = vec![0_u32; n_words];
        for &token in &self.tokens {
            counts[token as usize] += 1;
        }
        let gathered = || (0..u32::try_from(n_words).expect("words were numbered so")).collect::<Vec<_>>();
        let mut sorted = gathered();
        sorted.sort_unstable_by_key(|&word| self.words.get(word));
        // By the alphabet where they are equally frequent, so that the same rows give the same bytes.
        let mut ranked = sorted.clone();
        ranked.sort_by_key(|&word| std::cmp::Reverse(counts[word as usize]));
        let mut numbers = vec![0; n_words];
        for (number, &word) in (0..).zip(&ranked) {
            numbers[word as usize] = number;
        }
        let counts = ranked.iter().map(|&word| counts[word as usize]).collect();
        Ranked { numbers, sorted, counts }
    }

    fn write(mut self, part: usize, writer: &mut Writer, watch: &mut Watch<'_>) -> Result<(), Stop> {
        self.words.table = HashTable::new();
        let ranked = self.rank();
        let order = self.order();
        self.write_words(part, &ranked, writer)?;
        self.tokens.iter_mut().for_each(|token| *token = ranked.numbers[*token as usize]);
        (self.words.text, self.words.ends) = (Vec::new(), Vec::new());

        let mut starts = Vec::with_capacity(order.len());
        let mut start = 0_u32;
        for &n in &self.n_tokens {
            starts.push(start);
            start += u32::from(n);
        }
        let names = Names { order: &order, starts: &starts, tokens: &self.tokens, n_tokens: &self.n_tokens };
        names.write_lists(part, &ranked.counts, writer)?;
        names.write_names(part, writer, watch)?;

        put_numbers(order.iter().map(|&row| self.keys[row as usize]), writer)?;
        writer.end(part, Section::Keys)?;
        // One byte for each where there are few states, which is so for persons.
        let width = width(self.kinds.len());
        let mut piece = Vec::with_capacity(PIECE + 4);
        for &row in &order {
            piece.extend(&self.states[row as usize].to_le_bytes()[..width]);
            put_piece(&mut piece, PIECE, writer)?;
        }
        put_piece(&mut piece, 0, writer)?;
        writer.end(part, Section::States)?;
        for kind in 0..self.kinds.len() {
            writer.put(self.kinds.get(u32::try_from(kind).expect("kinds were numbered so")))?;
            writer.put(b"\n")?;
        }
        writer.end(part, Section::Kinds)?;
        let mut last = None;
        for (entry, &row) in (0_u32..).zip(&order) {
            let bucket = self.buckets[row as usize];
            if last.replace(bucket) != Some(bucket) {
                put_numbers([u32::from(bucket), entry].into_iter(), writer)?;
            }
        }
        writer.end(part, Section::Buckets)?;
        Ok(())
    }

    fn write_words(&self, part: usize, ranked: &Ranked, writer: &mut Writer) -> Result<(), Stop> {
        let words = || ranked.sorted.iter().map(|&word| self.words.get(word));
        for word in words() {
            writer.put(word)?;
        }
        writer.end(part, Section::Text)?;
        let mut end = 0_u32;
        let ends = words().map(|word| {
            end += u32::try_from(word.len()).expect("words are short");
            end
        });
        put_numbers(ends, writer)?;
        writer.end(part, Section::Ends)?;
        put_numbers(ranked.sorted.iter().map(|&word| ranked.numbers[word as usize]), writer)?;
        writer.end(part, Section::Numbers)?;
        let mut places = vec![0; ranked.sorted.len()];
        for (place, &word) in (0..).zip(&ranked.sorted) {
            places[ranked.numbers[word as usize] as usize] = place;
        }
        put_numbers(places.into_iter(), writer)?;
        writer.end(part, Section::Places)?;
        put_numbers(words().map(typo::mask), writer)?;
        writer.end(part, Section::Masks)?;
        Ok(())
    }
}

/// The bytes that tell so many states apart.
pub(crate) fn width(n_kinds: usize) -> usize {
    match n_kinds {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

fn put_numbers(numbers: impl Iterator<Item = u32>, writer: &mut Writer) -> io::Result<()> {
    let mut piece = Vec::new();
    for number in numbers {
        piece.extend(number.to_le_bytes());
        put_piece(&mut piece, PIECE, writer)?;
    }
    put_piece(&mut piece, 0, writer)
}

fn put_piece(piece: &mut Vec<u8>, more_than: usize, writer: &mut Writer) -> io::Result<()> {
    if piece.len() > more_than {
        writer.put(piece)?;
        piece.clear();
    }
    Ok(())
}

/// The names of a part, in the order of entries.
struct Names<'a> {
    order: &'a [u32],
    starts: &'a [u32],
    tokens: &'a [u32],
    n_tokens: &'a [u8],
}

// === impl Names ===

impl Names<'_> {
    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.order.iter().map(|&row| {
            let start = self.starts[row as usize] as usize;
            &self.tokens[start..start + usize::from(self.n_tokens[row as usize])]
        })
    }

    /// Goes through all names once for so many lists as fit into memory.
    fn write_lists(&self, part: usize, counts: &[u32], writer: &mut Writer) -> Result<(), Stop> {
        let mut directory = Vec::with_capacity(counts.len() * 2);
        let mut postings = Vec::new();
        let mut from = 0;
        while from < counts.len() {
            let (mut to, mut n_entries) = (from, 0);
            while to < counts.len() && (to == from || n_entries + counts[to] as usize <= ENTRIES_AT_ONCE) {
                n_entries += counts[to] as usize;
                to += 1;
            }
            // Where the next entry of each list goes; a word that stands twice in a name leaves one place empty.
            let mut next = Vec::with_capacity(to - from);
            let mut start = 0;
            for &count in &counts[from..to] {
                next.push(start);
                start += count;
            }
            let starts = next.clone();
            let mut entries = vec![0_u32; n_entries];
            for (entry, name) in (0_u32..).zip(self.iter()) {
                for &number in name {
                    let Some(list) = (number as usize).checked_sub(from).filter(|&list| list < to - from) else {
                        continue;
                    };
                    let at = next[list];
                    if at == starts[list] || entries[at as usize - 1] != entry {
                        entries[at as usize] = entry;
                        next[list] = at + 1;
                    }
                }
            }
            for (&start, &end) in starts.iter().zip(&next) {
                let at = u32::try_from(postings.len()).map_err(|_| io::Error::other("more names than fit"))?;
                directory.extend([at, end - start]);
                postings::write(&entries[start as usize..end as usize], &mut postings);
            }
            from = to;
        }
        put_numbers(directory.into_iter(), writer)?;
        writer.end(part, Section::Lists)?;
        writer.put(&postings)?;
        writer.end(part, Section::Postings)?;
        Ok(())
    }

    fn write_names(&self, part: usize, writer: &mut Writer, watch: &mut Watch<'_>) -> Result<(), Stop> {
        let mut blocks = Vec::with_capacity(self.order.len() / ENTRIES_PER_BLOCK + 1);
        let mut piece = Vec::with_capacity(PIECE + 1024);
        let mut written = 0;
        for (entry, name) in self.iter().enumerate() {
            watch.step(1)?;
            if entry % ENTRIES_PER_BLOCK == 0 {
                let at = written + piece.len();
                blocks.push(u32::try_from(at).map_err(|_| io::Error::other("more names than fit"))?);
            }
            piece.push(u8::try_from(name.len()).expect("a folded name has few words"));
            for &number in name {
                put_length(number as usize, &mut piece);
            }
            if piece.len() > PIECE {
                written += piece.len();
                put_piece(&mut piece, 0, writer)?;
            }
        }
        put_piece(&mut piece, 0, writer)?;
        writer.end(part, Section::Names)?;
        put_numbers(blocks.into_iter(), writer)?;
        writer.end(part, Section::Blocks)?;
        Ok(())
    }
}

// === impl Strings ===

impl Strings {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, number: u32) -> &[u8] {
        get(&self.text, &self.ends, number)
    }

    /// The number of a string, a new one if it was not met before.
    fn number(&mut self, string: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(string);
        let (text, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        let found = self.table.find(hash, |&number| get(text, ends, number) == string);
        if let Some(&number) = found {
            return number;
        }
        let number = u32::try_from(self.ends.len()).expect("there are fewer words than rows");
        self.table.insert_unique(hash, number, |&number| hasher.hash_one(get(text, ends, number)));
        self.text.extend_from_slice(string);
        self.ends.push(u32::try_from(self.text.len()).expect("all words together are far shorter than 4 GB"));
        number
    }
}

fn get<'a>(text: &'a [u8], ends: &[u32], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[number] as usize]
}

// === impl Stop ===

impl Stop {
    /// Says what the file is.
    pub(crate) fn about(self, path: &std::path::Path) -> NamesError {
        match self {
            Self::Cancelled => NamesError::Cancelled,
            Self::Rows(error) => error.into(),
            Self::Io(error) => PadronError::write(path)(error).into(),
        }
    }
}

impl From<PadronError> for Stop {
    fn from(error: PadronError) -> Self {
        Self::Rows(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
