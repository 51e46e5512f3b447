//! Taxpayers, errors and records to test with.
//!
//! Made up, or public institutions; no private person. Left out: wire bodies, which their own crate knows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chasqui_core::{Family, ProviderError, Record, RestCause, Subject, Value};
use chasqui_types::time::Timestamp;
use chasqui_types::{Absence, AbsenceReason, Condition, Provenance, Ruc, SourceId, Status, Taxpayer};

/// The tax authority itself.
pub fn company() -> Ruc {
    "20131312955".parse().expect("its check digit is right")
}

/// A number of a natural person, made from a DNI that serves as an example everywhere.
pub fn person() -> Ruc {
    "10101174102".parse().expect("its check digit is right")
}

/// The `n`-th company of a long row of distinct ones.
pub fn ruc(n: u32) -> Ruc {
    Ruc::from_body(20, 50_000_000 + n).expect("the body has eight digits")
}

/// The first `n` companies of that row.
pub fn rucs(n: u32) -> Vec<Ruc> {
    (0..n).map(ruc).collect()
}

/// An active taxpayer with an address.
pub fn taxpayer(ruc: Ruc) -> Taxpayer {
    let mut taxpayer = Taxpayer::new(ruc);
    taxpayer.nombre_o_razon_social = Some(format!("EMPRESA {ruc} S.A.C.").into());
    taxpayer.estado_del_contribuyente = Some(Status::from_text("ACTIVO"));
    taxpayer.condicion_de_domicilio = Some(Condition::from_text("HABIDO"));
    taxpayer.set_ubigeo("150101");
    taxpayer.distrito = Some("LIMA".into());
    taxpayer.provincia = Some("LIMA".into());
    taxpayer.departamento = Some("LIMA".into());
    taxpayer.direccion_simple = Some("AV. DE LA PRUEBA NRO. 100".into());
    taxpayer.direccion = Some("AV. DE LA PRUEBA NRO. 100 - LIMA LIMA LIMA".into());
    taxpayer
}

/// A record of a taxpayer that was found at `now` and is fresh for `fresh`, then stale for `stale`.
pub fn found_record(ruc: Ruc, now: Timestamp, fresh: Duration, stale: Duration) -> Arc<Record> {
    record(Subject::Ruc(ruc), Value::Taxpayer(Box::new(taxpayer(ruc))), now, fresh, stale)
}

/// A record of a number that was absent at `now`, for `fresh`.
pub fn absent_record(ruc: Ruc, reason: AbsenceReason, now: Timestamp, fresh: Duration) -> Arc<Record> {
    record(Subject::Ruc(ruc), Value::Absent(Absence { reason, as_of: now }), now, fresh, Duration::ZERO)
}

/// A record of bytes stored under a name, for `fresh`.
pub fn bytes_record(name: &str, bytes: impl Into<Bytes>, now: Timestamp, fresh: Duration) -> Arc<Record> {
    record(Subject::Named(name.into()), Value::Bytes(bytes.into()), now, fresh, Duration::ZERO)
}

fn record(subject: Subject, value: Value, now: Timestamp, fresh: Duration, stale: Duration) -> Arc<Record> {
    let provenance = Provenance { source: SourceId::new("sample"), as_of: now, fetched_at: now };
    Arc::new(Record::new(subject, value, provenance, now + fresh, now + fresh + stale))
}

/// One error of every kind there is, as `provider` would give it.
pub fn every_error(provider: &SourceId) -> Vec<ProviderError> {
    let provider = || provider.clone();
    let second = Duration::from_secs(1);
    vec![
        unreachable(&provider()),
        ProviderError::TimedOut { provider: provider(), limit: second },
        ProviderError::Failed { provider: provider(), status: 500 },
        ProviderError::Failed { provider: provider(), status: 404 },
        ProviderError::Malformed { provider: provider(), why: "it is a page for people".into() },
        ProviderError::Throttled { provider: provider(), retry_after: None },
        ProviderError::Throttled { provider: provider(), retry_after: Some(second) },
        ProviderError::TokenRefused { provider: provider() },
        ProviderError::Denied { provider: provider() },
        ProviderError::Rejected { provider: provider(), status: 422 },
        ProviderError::Limited { provider: provider(), family: Family::Ruc, retry_after: second },
        ProviderError::Resting { provider: provider(), for_another: second, because: RestCause::Failures },
        ProviderError::Resting { provider: provider(), for_another: second, because: RestCause::Auth },
        ProviderError::OutOfTime { provider: provider() },
    ]
}

/// The error of a network that is down.
pub fn unreachable(provider: &SourceId) -> ProviderError {
    let source = Arc::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
    ProviderError::Unreachable { provider: provider.clone(), source }
}
