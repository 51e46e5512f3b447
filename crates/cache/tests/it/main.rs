//! What memory does for those who use it.

mod bounds;
mod lifetimes;
mod old_service;

use std::sync::Arc;

use chasqui_cache::MemoryCache;
use chasqui_core::{Cache, Keys};
use chasqui_testkit::{TestRuntime, contract};
use chasqui_types::time::Timestamp;

const AMPLE: u64 = 16 * 1024 * 1024;

fn now() -> Timestamp {
    TestRuntime::START.parse().expect("START is a timestamp")
}

fn keys(service: &str) -> Keys {
    Keys::new(service, [7; 32]).expect("a word of lower-case letters")
}

#[test]
fn memory_keeps_the_contract_of_a_cache() {
    contract::cache(&|| Arc::new(MemoryCache::new(AMPLE)) as Arc<dyn Cache>);
}
