//! What was asked of the sandbox, so that a test can say "exactly one call".
//!
//! A call counts when its request arrives, before any fault strikes it.
//! Left out: who asked, and for which number.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::endpoint::Endpoint;

/// Calls since the start or since the last reset, by endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Calls {
    /// v1 `POST ruc`.
    pub ruc: u64,
    /// v1 `POST ruc/collection`.
    pub collection: u64,
    /// v1 `GET ruc/{ruc}`.
    pub v1_get_ruc: u64,
    /// v2 `GET ruc/{ruc}`.
    pub v2_ruc: u64,
    /// v1 `POST dni`.
    pub dni: u64,
    /// v2 `GET dni/{dni}`.
    pub v2_dni: u64,
    /// v1 `POST exchange/latest`.
    pub latest_rate: u64,
    /// v1 `POST exchange/date`.
    pub rate: u64,
    /// v1 `POST exchange`.
    pub rates: u64,
    /// v2 `GET tipo-cambio/sunat/ultimo`.
    pub v2_latest_rate: u64,
    /// v2 `GET tipo-cambio/sunat`.
    pub v2_rate: u64,
    /// v1 `POST ruc/representantes-legales`.
    pub representatives: u64,
    /// v1 `POST account`.
    pub account: u64,
    /// v1 `POST cpe`.
    pub cpe: u64,
    /// Any other address.
    pub other: u64,
    /// Connections accepted, those refused in an outage included. Not part of the total.
    pub connections: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    by_endpoint: [AtomicU64; Endpoint::ALL.len()],
    connections: AtomicU64,
}

// === impl Calls ===

impl Calls {
    /// All calls.
    pub fn total(&self) -> u64 {
        let taxpayers = self.ruc + self.collection + self.v1_get_ruc + self.v2_ruc;
        let rates = self.latest_rate + self.rate + self.rates + self.v2_latest_rate + self.v2_rate;
        let people = self.dni + self.v2_dni + self.representatives;
        taxpayers + people + rates + self.account + self.cpe + self.other
    }
}

// === impl Counters ===

impl Counters {
    pub(crate) fn count(&self, endpoint: Endpoint) {
        self.by_endpoint[endpoint as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Calls {
        let of = |endpoint: Endpoint| self.by_endpoint[endpoint as usize].load(Ordering::Relaxed);
        Calls {
            ruc: of(Endpoint::Ruc),
            collection: of(Endpoint::Collection),
            v1_get_ruc: of(Endpoint::V1GetRuc),
            v2_ruc: of(Endpoint::V2Ruc),
            dni: of(Endpoint::Dni),
            v2_dni: of(Endpoint::V2Dni),
            latest_rate: of(Endpoint::LatestRate),
            rate: of(Endpoint::Rate),
            rates: of(Endpoint::Rates),
            v2_latest_rate: of(Endpoint::V2LatestRate),
            v2_rate: of(Endpoint::V2Rate),
            representatives: of(Endpoint::Representatives),
            account: of(Endpoint::Account),
            cpe: of(Endpoint::Cpe),
            other: of(Endpoint::Other),
            connections: self.connections.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn reset(&self) {
        for counter in &self.by_endpoint {
            counter.store(0, Ordering::Relaxed);
        }
        self.connections.store(0, Ordering::Relaxed);
    }
}
