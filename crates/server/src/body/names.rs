//! The body of a search by name.
//!
//! Left out: names that do not fit well enough to be shown, which the search leaves out.

use bytes::Bytes;
use chasqui::padron::{Likeness, NameHit, NamePage, WordMatch};
use chasqui_types::{Freshness, Provenance, SourceId};

use super::{fields, meta};
use crate::wire::{Object, list};

/// `{"results": [{…fields, "score", "reason", "words"}], "cursor", "is_complete", "edition", "meta"}`.
pub fn names(page: &NamePage, freshness: Freshness) -> Bytes {
    let hits: Vec<Vec<u8>> = page.hits.iter().map(hit).collect();
    let provenance = Provenance { source: SourceId::PADRON, as_of: page.as_of, fetched_at: page.fetched_at };
    Object::with_capacity(hits.iter().map(Vec::len).sum::<usize>() + hits.len() + 384)
        .json("results", &list(hits))
        .text_or_null("cursor", page.cursor.as_deref())
        .plain("is_complete", page.is_complete)
        .text("edition", &page.edition.to_string())
        .json("meta", &meta(&provenance, freshness))
        .finish()
        .into()
}

fn hit(NameHit { taxpayer, hit }: &NameHit) -> Vec<u8> {
    fields(taxpayer)
        // More digits than anybody compares would only look exact.
        .plain("score", (hit.score * 1_000.0).round() / 1_000.0)
        .text("reason", hit.reason.as_str())
        .json("words", &list(hit.words.iter().map(word)))
        .finish()
}

/// A word that was asked for, and the one it was found as.
fn word(word: &WordMatch) -> Vec<u8> {
    let (likeness, edits) = match word.likeness {
        Likeness::Whole => ("whole", 0),
        Likeness::Typo { edits } => ("typo", edits),
        // Anything new is at least a likeness, and a beginning is the weakest.
        _ => ("prefix", 0),
    };
    Object::with_capacity(96)
        .text("asked", &word.asked)
        .text("found", &word.found)
        .text("likeness", likeness)
        .plain("edits", edits)
        .finish()
}
