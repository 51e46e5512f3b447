//! How a value as written becomes the value of its key.
//!
//! A file gives typed values, everything else gives plain text; both end in the same readers.
//! A reader says what it expected; what it found is added here, unless the key is a secret.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::registry::{Key, Kind};
use super::sections::SourceName;
use super::url::{self, HttpUrl, MASK};
use super::values::{self, Limit};

/// A value as written.
#[derive(Clone)]
pub(super) enum Raw {
    /// From a variable, a flag or a default: stands for any kind.
    Plain(String),
    /// A text in a file.
    Text(String),
    /// A whole number in a file.
    Integer(i64),
    /// A truth in a file.
    Boolean(bool),
    /// A list in a file.
    List(Vec<Raw>),
    /// Something in a file that no key takes.
    Other(&'static str),
}

/// Why a value was refused.
pub(super) struct Refusal {
    expected: String,
    /// The part of the value at fault, where it is not the whole.
    found: Option<Raw>,
}

impl<T: Into<String>> From<T> for Refusal {
    fn from(expected: T) -> Self {
        Self { expected: expected.into(), found: None }
    }
}

pub(super) type Reading<T> = Result<T, Refusal>;

// === impl Refusal ===

impl Refusal {
    /// The whole sentence.
    pub(super) fn sentence(&self, key: &Key, raw: &Raw) -> String {
        let found = self.found.as_ref().unwrap_or(raw);
        match found.shown(key) {
            Some(found) => format!("{}, found {found}", self.expected),
            None => {
                format!("{} (value hidden)", self.expected)
            }
        }
    }
}

// === impl Raw ===

impl Raw {
    /// What kind of thing it is, in words.
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Self::Plain(_) | Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Other(sort) => sort,
        }
    }

    /// The value for a message; `None` if it may hold a secret.
    fn shown(&self, key: &Key) -> Option<String> {
        const LONGEST: usize = 60;
        match self {
            Self::Plain(text) | Self::Text(text) => {
                let may_hold_secret = key.secret || text.contains('@') || (key.takes_urls() && text.contains('?'));
                if may_hold_secret {
                    return None;
                }
                let cut: String = text.chars().take(LONGEST).collect();
                let rest = if cut.len() < text.len() { "…" } else { "" };
                Some(format!("{:?}", cut + rest))
            }
            Self::Integer(_) if key.secret => None,
            Self::Integer(number) => Some(number.to_string()),
            Self::Boolean(truth) => Some(truth.to_string()),
            Self::List(items) if items.is_empty() => Some("an empty list".to_owned()),
            Self::List(_) | Self::Other(_) => Some(self.sort().to_owned()),
        }
    }

    /// The value as `config show` gives it, written as in a variable.
    pub(super) fn setting(&self, key: &Key) -> String {
        let shown = |text: &str| match key.kind {
            Kind::Token if !text.is_empty() => MASK.to_owned(),
            _ if key.takes_urls() => url::masked(text),
            _ => text.to_owned(),
        };
        match self {
            Self::Plain(text) if key.kind == Kind::HttpUrls => {
                text.split(',').map(|item| shown(item.trim())).collect::<Vec<_>>().join(",")
            }
            Self::Plain(text) | Self::Text(text) => shown(text.trim()),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(truth) => truth.to_string(),
            // Each item is masked by itself, because a comma in one would hide where its query goes on.
            Self::List(items) => items.iter().map(|item| item.setting(key)).collect::<Vec<_>>().join(","),
            Self::Other(_) => String::new(),
        }
    }

    fn text(&self) -> Reading<&str> {
        match self {
            Self::Plain(text) => Ok(text.trim()),
            Self::Text(text) => Ok(text),
            _ => Err("expected a text in quotes".into()),
        }
    }

    fn items(&self) -> Reading<Vec<Raw>> {
        match self {
            Self::Plain(text) if text.trim().is_empty() => Ok(Vec::new()),
            Self::Plain(text) => Ok(text.split(',').map(|item| Self::Plain(item.trim().to_owned())).collect()),
            Self::List(items) => Ok(items.clone()),
            _ => Err(r#"expected a list, such as ["a", "b"]"#.into()),
        }
    }

    /// Reads each item, and blames the first one that is wrong.
    fn each<T>(&self, read: impl Fn(&str) -> Result<T, String>) -> Reading<Vec<T>> {
        let items = self.items()?;
        items
            .into_iter()
            .map(|item| {
                let value = item.text().and_then(|text| read(text).map_err(Refusal::from));
                value.map_err(|refusal| Refusal { found: Some(item), ..refusal })
            })
            .collect()
    }
}

// === readers ===

pub(super) fn filter(_: &Key, raw: &Raw) -> Reading<String> {
    const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
    let text = raw.text()?;
    let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let is_target = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-'))
    };
    let right = text.split(',').all(|directive| match directive.split_once('=') {
        Some((target, level)) => is_target(target.trim()) && is_level(level.trim()),
        None => is_level(directive.trim()),
    });
    if right {
        Ok(text.split(',').map(str::trim).collect::<Vec<_>>().join(","))
    } else {
        Err("expected off, error, warn, info, debug, trace or TARGET=LEVEL".into())
    }
}

pub(super) fn path(_: &Key, raw: &Raw) -> Reading<PathBuf> {
    let text = raw.text()?;
    if text.trim().is_empty() || text.contains(char::is_control) {
        return Err("expected a path".into());
    }
    Ok(PathBuf::from(text))
}

pub(super) fn address(_: &Key, raw: &Raw) -> Reading<SocketAddr> {
    Ok(url::address(raw.text()?)?)
}

/// Reads an empty text as none, and anything else with `read`.
pub(super) fn optional<T>(read: impl Fn(&Key, &Raw) -> Reading<T>) -> impl Fn(&Key, &Raw) -> Reading<Option<T>> {
    move |key, raw| match raw {
        Raw::Plain(text) | Raw::Text(text) if text.trim().is_empty() => Ok(None),
        _ => read(key, raw).map(Some),
    }
}

/// Reads one of a few words.
pub(super) fn choice<T>(
    words: &'static [&'static str],
    from_word: impl Fn(&str) -> Option<T>,
) -> impl Fn(&Key, &Raw) -> Reading<T> {
    move |_, raw| {
        let word = match raw {
            // `enabled = true` is how people write the word `true` in a file.
            Raw::Boolean(truth) if words.contains(&"true") => {
                if *truth {
                    "true"
                } else {
                    "false"
                }
            }
            _ => raw.text().map_err(|_| format!("expected {}, in quotes", one_of(words)))?,
        };
        from_word(word).ok_or_else(|| format!("expected {}", one_of(words)).into())
    }
}

pub(super) fn boolean(_: &Key, raw: &Raw) -> Reading<bool> {
    match raw {
        Raw::Boolean(truth) => Ok(*truth),
        Raw::Plain(text) if text.trim() == "true" => Ok(true),
        Raw::Plain(text) if text.trim() == "false" => Ok(false),
        Raw::Text(_) => Err("expected true or false, without quotes".into()),
        _ => Err("expected true or false".into()),
    }
}

pub(super) fn count(key: &Key, raw: &Raw) -> Reading<u32> {
    let Kind::Count { least, most } = key.kind else { unreachable!("{} is no count", key.path) };
    let number = match raw {
        Raw::Integer(number) => u32::try_from(*number).ok(),
        Raw::Plain(text) if text.trim().bytes().all(|byte| byte.is_ascii_digit()) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        let quotes = if matches!(raw, Raw::Text(_)) { ", without quotes" } else { "" };
        format!("expected a whole number from {least} to {most}{quotes}").into()
    })
}

pub(super) fn counted(key: &Key, raw: &Raw) -> Reading<usize> {
    count(key, raw).map(|number| usize::try_from(number).expect("a pointer has 32 bits at least"))
}

pub(super) fn duration(key: &Key, raw: &Raw) -> Reading<Duration> {
    let Kind::Duration { zero } = key.kind else { unreachable!("{} is no time", key.path) };
    let text = number_as_text(raw);
    Ok(values::duration(text.text()?, zero)?)
}

pub(super) fn size(key: &Key, raw: &Raw) -> Reading<u64> {
    let Kind::Size { least, most } = key.kind else { unreachable!("{} is no size", key.path) };
    let text = number_as_text(raw);
    Ok(values::size(text.text()?, least, most)?)
}

/// Where a unit is missing, quotes are too; the unit is the better thing to say.
fn number_as_text(raw: &Raw) -> Raw {
    match raw {
        Raw::Integer(number) => Raw::Plain(number.to_string()),
        other => other.clone(),
    }
}

pub(super) fn limit(key: &Key, raw: &Raw) -> Reading<Option<Limit>> {
    let Kind::Limit { unset } = key.kind else { unreachable!("{} is no limit", key.path) };
    let text = raw.text()?;
    if text == unset {
        return Ok(None);
    }
    match values::limit(text) {
        Ok(limit) => Ok(Some(limit)),
        Err(expected) if unset.is_empty() => Err(expected.into()),
        Err(expected) => Err(format!("{expected}, or {unset}").into()),
    }
}

pub(super) fn http_url(_: &Key, raw: &Raw) -> Reading<HttpUrl> {
    Ok(HttpUrl::try_new(raw.text()?, false)?)
}

pub(super) fn http_urls(_: &Key, raw: &Raw) -> Reading<Vec<HttpUrl>> {
    raw.each(|text| HttpUrl::try_new(text, true))
}

/// Reads URLs that a path is put behind, so that they have no query.
pub(super) fn base_urls(_: &Key, raw: &Raw) -> Reading<Vec<HttpUrl>> {
    raw.each(|text| HttpUrl::try_new(text, false))
}

pub(super) fn store_url(_: &Key, raw: &Raw) -> Reading<super::StoreUrl> {
    Ok(url::store(raw.text()?)?)
}

pub(super) fn cache_url(_: &Key, raw: &Raw) -> Reading<super::CacheUrl> {
    Ok(url::cache(raw.text()?)?)
}

pub(super) fn hosts(_: &Key, raw: &Raw) -> Reading<Vec<String>> {
    raw.each(url::host)
}

pub(super) fn token(_: &Key, raw: &Raw) -> Reading<SecretString> {
    let text = match raw {
        // Not trimmed: a blank within a token is a slip that the provider would answer with a riddle.
        Raw::Plain(text) => text,
        _ => raw.text()?,
    };
    if text.trim().is_empty() {
        return Err("expected a token that is not blank; leave the key out to have none".into());
    }
    if text.chars().any(|c| !c.is_ascii_graphic()) {
        return Err("expected a token of visible ASCII characters, without blanks".into());
    }
    Ok(SecretString::from(text))
}

pub(super) fn source_names(key: &Key, raw: &Raw) -> Reading<Vec<SourceName>> {
    let Kind::SourceNames(known) = key.kind else { unreachable!("{} lists no sources", key.path) };
    let names = raw.each(|text| {
        let name = SourceName::from_word(text).filter(|name| known.contains(&name.as_str()));
        name.ok_or_else(|| format!("expected {}", one_of(known)))
    })?;
    if names.is_empty() {
        return Err("expected at least one source".into());
    }
    match names.iter().enumerate().find(|(index, name)| names[..*index].contains(name)) {
        Some((_, twice)) => {
            let found = Some(Raw::Plain(twice.as_str().to_owned()));
            Err(Refusal { expected: "expected each source once".to_owned(), found })
        }
        None => Ok(names),
    }
}

/// `a`, `a or b`, `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
