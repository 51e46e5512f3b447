//! Numbers of taxpayers and documents, and the codes beside them: any text is read or refused, and what was read is
//! written as it was.
//!
//! Left out: what the numbers mean to anybody.

#![no_main]

use chasqui_types::{Condition, CpeKind, CpeState, Dni, Ruc, Status, Ubigeo};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(ruc) = text.parse::<Ruc>() {
        assert_eq!(ruc.to_string(), text);
        assert!(!format!("{ruc:?}").contains(text), "a number shows itself");
        if let Some(dni) = Dni::of_ruc(ruc) {
            assert_eq!(dni.ruc(), ruc);
        }
    }
    if let Ok(dni) = text.parse::<Dni>() {
        assert_eq!(dni.to_string(), text);
        assert!(!format!("{dni:?}").contains(text), "a number shows itself");
        assert_eq!(Dni::of_ruc(dni.ruc()), Some(dni));
        assert!(dni.verification_digit().is_ascii_digit());
    }
    if let Ok(ubigeo) = text.parse::<Ubigeo>() {
        assert_eq!(ubigeo.as_str(), text);
    }
    // These never refuse; whatever they make of a text stays what it is when it is read again.
    let status = Status::from_text(text);
    assert_eq!(Status::from_text(status.as_str()), status);
    let condition = Condition::from_text(text);
    assert_eq!(Condition::from_text(condition.as_str()), condition);
    let state = CpeState::from_code(text);
    assert_eq!(CpeState::from_code(state.code()), state);
    if let Some(kind) = CpeKind::from_code(text) {
        assert_eq!(CpeKind::from_code(kind.code()), Some(kind));
    }
});
