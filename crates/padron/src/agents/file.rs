//! The lists as bytes.
//!
//! A header, the reports as JSON, fixed entries in the order of numbers, the texts of resolutions, and a hash of it
//! all. The whole file is read at once, because it is small.
//! Left out: where it lies.

use std::collections::HashMap;

use chasqui_types::time::Date;
use chasqui_types::{AgentList, Ruc};

use super::list::ParsedAgents;
use super::{Agents, Entry, ListReport};
use crate::corrupt::take;
use crate::key::Key;

/// The last byte is raised by every change of what the bytes mean.
const MAGIC: &[u8; 12] = b"chq\0agents\0\x01";
const HASH: usize = 32;
/// Key, list, nothing, day, where the resolution begins and ends.
const ENTRY: usize = 20;

impl Agents {
    /// What was there, with one list replaced.
    pub(super) fn merged(before: Option<Self>, report: ListReport, parsed: &ParsedAgents) -> Self {
        let (mut lists, old) = before.map_or_else(Default::default, |agents| {
            (agents.lists.clone(), agents.entries.iter().map(|&entry| (entry, agents.text(entry))).collect())
        });
        let list = report.list;
        lists.retain(|report| report.list != list);
        lists.push(report);
        lists.sort_unstable_by_key(|report| report.list);
        let new = parsed
            .rows()
            .iter()
            .map(|row| (Entry { ruc: row.ruc, list, since: row.since, text: (0, 0) }, row.resolution.clone()));
        let old: Vec<(Entry, String)> = old;
        let mut rows: Vec<(Entry, String)> =
            old.into_iter().filter(|(entry, _)| entry.list != list).chain(new).collect();
        rows.sort_unstable_by_key(|&(entry, _)| (entry.ruc, entry.list));
        let (mut texts, mut places) = (String::new(), HashMap::new());
        let entries = rows.into_iter().map(|(entry, resolution)| {
            let text = *places.entry(resolution).or_insert_with_key(|resolution| {
                let start = length(texts.len());
                texts.push_str(resolution);
                (start, length(texts.len()))
            });
            Entry { text, ..entry }
        });
        let entries = entries.collect();
        Self { lists, entries, texts }
    }

    fn text(&self, entry: Entry) -> String {
        self.texts.get(entry.text.0 as usize..entry.text.1 as usize).unwrap_or("").to_owned()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let lists = serde_json::to_vec(&self.lists).expect("reports are texts and numbers");
        let mut bytes = MAGIC.to_vec();
        for length in [lists.len(), self.entries.len(), self.texts.len()].map(length) {
            bytes.extend(length.to_le_bytes());
        }
        bytes.extend(lists);
        for entry in &self.entries {
            bytes.extend(Key::of(entry.ruc).index().to_le_bytes());
            bytes.extend([entry.list as u8, 0, 0, 0]);
            let (year, month, day) = entry.since.map_or((0, 0, 0), |day| (day.year(), day.month(), day.day()));
            bytes.extend(year.to_le_bytes());
            bytes.extend(month.to_le_bytes());
            bytes.extend(day.to_le_bytes());
            bytes.extend(entry.text.0.to_le_bytes());
            bytes.extend(entry.text.1.to_le_bytes());
        }
        bytes.extend(self.texts.as_bytes());
        let hash = blake3::hash(&bytes);
        bytes.extend(hash.as_bytes());
        bytes
    }

    /// `None` if these are not bytes that [`Agents::encode`] gave.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut said, hash) = bytes.split_last_chunk::<HASH>()?;
        if blake3::hash(said) != *hash || take(&mut said, MAGIC.len())? != MAGIC {
            return None;
        }
        let mut length = || take(&mut said, 4)?.try_into().ok().map(u32::from_le_bytes).map(|n| n as usize);
        let (n_lists, n_entries, n_texts) = (length()?, length()?, length()?);
        let lists = serde_json::from_slice(take(&mut said, n_lists)?).ok()?;
        let entries = take(&mut said, n_entries.checked_mul(ENTRY)?)?;
        let entries = entries.as_chunks().0.iter().map(entry).collect::<Option<Vec<_>>>()?;
        let texts = str::from_utf8(take(&mut said, n_texts)?).ok()?.to_owned();
        said.is_empty().then_some(Self { lists, entries, texts })
    }
}

fn entry(bytes: &[u8; ENTRY]) -> Option<Entry> {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let ruc: Ruc = Key::from_index(number(0))?.ruc();
    let list = *AgentList::ALL.get(usize::from(bytes[4]))?;
    let (year, month, day) = (i16::from_le_bytes([bytes[8], bytes[9]]), bytes[10], bytes[11]);
    // A year without months is how a missing day is written.
    let since = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    Some(Entry { ruc, list, since, text: (number(12), number(16)) })
}

fn length(length: usize) -> u32 {
    u32::try_from(length).expect("a list is far smaller than four gigabytes")
}
