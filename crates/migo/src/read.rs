//! Questions about taxpayers: what came back for the numbers that were asked.
//!
//! A record is taken only for the number that it names, so a mixed-up reply cannot answer for another taxpayer.
//! Left out: deriving absence from a collection. MIGO tells it by leaving a number out, and whether to believe that is
//! policy.

use std::collections::HashMap;

use chasqui_types::{Ruc, Taxpayer};
use serde_json::{Map, Value};

use crate::record::{number_of, taxpayer_of};
use crate::reply::{Question, RawReply, Verdict, refusal, token_or};

/// What a well-formed collection reply says of the numbers that were asked.
///
/// Each list is in the order of asking, without repeats, and a number is in at most one of them.
/// One that is in none was left out of the reply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collection {
    /// The records that came back.
    pub found: Vec<Taxpayer>,
    /// Numbers about which the reply says something that cannot be read; nothing follows for them.
    ///
    /// Where an item does not even say whose it is, every number that the reply left out is here.
    pub unreadable: Vec<Ruc>,
    /// Numbers that the reply itself calls unknown.
    pub not_found: Vec<Ruc>,
    /// How many items were about numbers that were not asked. They are dropped.
    pub foreign: usize,
}

/// What is known of one number while items are read.
enum Known {
    Nothing,
    Found(Box<Taxpayer>),
    NotFound,
    Unreadable,
}

/// Reads the reply to a question about one taxpayer, v1 and v2 alike.
pub fn read_taxpayer(reply: &RawReply<'_>, asked: Ruc) -> Verdict<Taxpayer> {
    reply.judge(Question::One, |value| match value {
        Value::Object(object) => read_one(&object, asked),
        _ => Verdict::Malformed { why: "the body is not an object" },
    })
}

/// Reads the reply to a question about several taxpayers.
///
/// Repeats are folded, order does not matter, numbers that were not asked are dropped. An empty array is
/// [`Verdict::Found`] with nothing in it, for a question of any size.
pub fn read_taxpayers(reply: &RawReply<'_>, asked: &[Ruc]) -> Verdict<Collection> {
    reply.judge(Question::Several, |value| match value {
        Value::Array(items) => Verdict::Found(read_items(&items, asked)),
        Value::Object(object) => read_wrapped(&object, asked),
        _ => Verdict::Malformed { why: "the body is not an array" },
    })
}

fn read_one(object: &Map<String, Value>, asked: Ruc) -> Verdict<Taxpayer> {
    if let Some(verdict) = refusal(object) {
        return verdict;
    }
    match number_of(object) {
        Some(ruc) if ruc == asked => match taxpayer_of(ruc, object) {
            Ok(taxpayer) => Verdict::Found(taxpayer),
            Err(why) => Verdict::Malformed { why },
        },
        Some(_) => Verdict::Malformed { why: "the record is another number's" },
        None => token_or(object, "the record does not say whose it is"),
    }
}

/// The older form, `{"success": true, "data": [...]}`.
fn read_wrapped(object: &Map<String, Value>, asked: &[Ruc]) -> Verdict<Collection> {
    match (object.get("success"), object.get("data")) {
        (None | Some(Value::Null | Value::Bool(true)), Some(Value::Array(items))) => {
            Verdict::Found(read_items(items, asked))
        }
        _ => token_or(object, "the body is not an array of records"),
    }
}

fn read_items(items: &[Value], asked: &[Ruc]) -> Collection {
    let mut known: Vec<(Ruc, Known)> = Vec::with_capacity(asked.len());
    let mut places = HashMap::with_capacity(asked.len());
    for &ruc in asked {
        places.entry(ruc).or_insert_with(|| {
            known.push((ruc, Known::Nothing));
            known.len() - 1
        });
    }

    let mut collection = Collection::default();
    let mut nameless = false;
    for item in items {
        let named = item.as_object().and_then(|object| Some((object, number_of(object)?)));
        let Some((object, ruc)) = named else {
            nameless = true;
            continue;
        };
        match places.get(&ruc) {
            Some(&place) => known[place].1.learn(read_one(object, ruc)),
            None => collection.foreign += 1,
        }
    }

    for (ruc, known) in known {
        match known {
            Known::Found(taxpayer) => collection.found.push(*taxpayer),
            Known::NotFound => collection.not_found.push(ruc),
            Known::Unreadable => collection.unreadable.push(ruc),
            // A reply with numbers that nobody asked for is not believed in what it leaves out.
            Known::Nothing if nameless || collection.foreign > 0 => collection.unreadable.push(ruc),
            Known::Nothing => {}
        }
    }
    collection
}

// === impl Known ===

impl Known {
    /// The first record stands against a broken repeat; a record and a "not found" cancel each other out.
    fn learn(&mut self, verdict: Verdict<Taxpayer>) {
        let said = match verdict {
            Verdict::Found(taxpayer) => Self::Found(Box::new(taxpayer)),
            Verdict::NotFound { .. } => Self::NotFound,
            _ => Self::Unreadable,
        };
        let before = std::mem::replace(self, Self::Unreadable);
        *self = match (before, said) {
            (Self::Nothing, said) | (Self::Unreadable, said @ Self::Found(_)) => said,
            (before @ Self::Found(_), Self::Found(_) | Self::Unreadable | Self::Nothing)
            | (before @ Self::NotFound, Self::NotFound) => before,
            _ => Self::Unreadable,
        };
    }
}
