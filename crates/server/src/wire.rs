//! Writing JSON members in order, straight into the bytes that are sent.
//!
//! Bodies are rendered once per answer and then shared, and their members have an order that clients see; both are
//! plain this way. Left out: reading JSON, which serde does.

use std::fmt::Display;

/// An object under construction.
pub(crate) struct Object {
    bytes: Vec<u8>,
}

// === impl Object ===

impl Object {
    pub(crate) fn new() -> Self {
        Self::with_capacity(1024)
    }

    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity);
        bytes.push(b'{');
        Self { bytes }
    }

    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        push_text(&mut self.bytes, text);
        self
    }

    pub(crate) fn text_or_null(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self.plain(name, "null"),
        }
    }

    /// A member whose value prints as JSON: a number, `true`, `null`.
    pub(crate) fn plain(mut self, name: &str, value: impl Display) -> Self {
        self.name(name);
        self.bytes.extend_from_slice(value.to_string().as_bytes());
        self
    }

    /// A member whose value is JSON already.
    pub(crate) fn json(mut self, name: &str, value: &[u8]) -> Self {
        self.name(name);
        self.bytes.extend_from_slice(value);
        self
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(b'}');
        self.bytes
    }

    fn name(&mut self, name: &str) {
        if self.bytes.len() > 1 {
            self.bytes.push(b',');
        }
        push_text(&mut self.bytes, name);
        self.bytes.push(b':');
    }
}

/// A list of values that are JSON already.
pub(crate) fn list(items: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut bytes = vec![b'['];
    for item in items {
        if bytes.len() > 1 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(item.as_ref());
    }
    bytes.push(b']');
    bytes
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(bytes, text).expect("writing text to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_texts_are_escaped() {
        let inner = Object::new().text("z", "a\"b").finish();
        let outer = Object::new().json("inner", &inner).text_or_null("none", None).plain("n", 3).finish();
        assert_eq!(outer, br#"{"inner":{"z":"a\"b"},"none":null,"n":3}"#);
        assert_eq!(list(["1", "2"]), b"[1,2]");
        assert_eq!(list(Vec::<&[u8]>::new()), b"[]");
    }
}
