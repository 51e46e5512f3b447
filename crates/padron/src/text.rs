//! The registry's encoding.
//!
//! The text is Windows-1252 (Latin-1 with a few more letters), where every byte means something, so decoding never
//! fails. Left out: damage done before publication; such bytes are shown as they are.

use std::borrow::Cow;

/// What bytes of the registry say.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0
}
