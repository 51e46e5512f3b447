//! Headers that say where an answer comes from.
//!
//! They are headers so that a cached body is the same bytes each time.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use chasqui_core::{Answer, CacheUse};
use chasqui_types::time::{Timestamp, to_rfc3339};
use chasqui_types::{Freshness, SourceId};

use crate::body::slot;

pub(crate) const SOURCE: HeaderName = HeaderName::from_static("x-chasqui-source");
pub(crate) const AS_OF: HeaderName = HeaderName::from_static("x-chasqui-as-of");
pub(crate) const FRESHNESS: HeaderName = HeaderName::from_static("x-chasqui-freshness");
pub(crate) const CACHE: HeaderName = HeaderName::from_static("x-cache");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Says where one answer comes from.
pub(crate) fn describe(headers: &mut HeaderMap, answer: &Answer) {
    let provenance = answer.record.provenance();
    headers.insert(SOURCE, source(&provenance.source));
    let as_of = answer.record.body(slot::AS_OF, || to_rfc3339(provenance.as_of).into());
    headers.insert(AS_OF, HeaderValue::from_maybe_shared(as_of).expect("a date fits a header"));
    headers.insert(FRESHNESS, HeaderValue::from_static(answer.freshness.as_str()));
    headers.insert(CACHE, HeaderValue::from_static(answer.cache.as_str()));
}

/// Says that the registry on this machine answered, of an edition that describes that moment.
pub(crate) fn describe_registry(headers: &mut HeaderMap, as_of: Timestamp, freshness: Freshness) {
    headers.insert(SOURCE, source(&SourceId::PADRON));
    headers.insert(AS_OF, HeaderValue::try_from(to_rfc3339(as_of)).expect("a date fits a header"));
    headers.insert(FRESHNESS, HeaderValue::from_static(freshness.as_str()));
    headers.insert(CACHE, HeaderValue::from_static(CacheUse::Hit.as_str()));
}

/// Says where many answers come from, together: the source they share or `mixed`, the oldest moment, stale if any is,
/// and the most expensive use of memory.
#[derive(Debug, Default)]
pub(crate) struct Blend {
    source: Option<SourceId>,
    mixed: bool,
    as_of: Option<Timestamp>,
    stale: bool,
    cache: Option<CacheUse>,
}

// === impl Blend ===

impl Blend {
    pub(crate) fn add(&mut self, answer: &Answer) {
        let provenance = answer.record.provenance();
        match &self.source {
            None => self.source = Some(provenance.source.clone()),
            Some(source) => self.mixed |= *source != provenance.source,
        }
        self.as_of = Some(self.as_of.map_or(provenance.as_of, |as_of| as_of.min(provenance.as_of)));
        self.stale |= answer.freshness == Freshness::Stale;
        let cost = |cache: CacheUse| match cache {
            CacheUse::Hit | CacheUse::AbsentHit => 0,
            CacheUse::Shared => 1,
            CacheUse::Miss => 2,
        };
        self.cache = Some(match self.cache {
            Some(before) if cost(before) >= cost(answer.cache) => before,
            _ => answer.cache,
        });
    }

    /// Says it. Nothing at all where nothing was answered.
    pub(crate) fn describe(&self, headers: &mut HeaderMap) {
        let (Some(shared), Some(as_of), Some(cache)) = (&self.source, self.as_of, self.cache) else { return };
        let source = if self.mixed { HeaderValue::from_static("mixed") } else { source(shared) };
        headers.insert(SOURCE, source);
        headers.insert(AS_OF, HeaderValue::try_from(to_rfc3339(as_of)).expect("a date fits a header"));
        let freshness = if self.stale { Freshness::Stale } else { Freshness::Fresh };
        headers.insert(FRESHNESS, HeaderValue::from_static(freshness.as_str()));
        headers.insert(CACHE, HeaderValue::from_static(cache.as_str()));
    }
}

fn source(source: &SourceId) -> HeaderValue {
    match source.as_str() {
        "migo" => HeaderValue::from_static("migo"),
        "sandbox" => HeaderValue::from_static("sandbox"),
        other => HeaderValue::from_maybe_shared(Bytes::copy_from_slice(other.as_bytes()))
            .unwrap_or(HeaderValue::from_static("unknown")),
    }
}
