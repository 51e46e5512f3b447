//! The XML of a workbook's part, event by event.
//!
//! Names are compared without their prefix, because programs differ in it. No entity is known but XML's own five.
//! Left out: what the elements mean.

use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::errors::Error as XmlError;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::error::ReadError;
use super::lines::MAX_RECORD;
use super::package::{Part, failed};

pub(super) struct Xml {
    reader: Reader<BufReader<Part>>,
    buffer: Vec<u8>,
}

impl Xml {
    pub(super) fn new(part: Part) -> Self {
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, part));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::with_capacity(1 << 10) }
    }

    pub(super) fn next(&mut self) -> Result<Event<'_>, ReadError> {
        self.buffer.clear();
        self.reader.get_mut().get_mut().allow(MAX_RECORD);
        self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
            XmlError::Io(error) => failed(&error),
            error => ReadError::damaged(error),
        })
    }

    pub(super) fn progress(&self) -> u64 {
        self.reader.get_ref().get_ref().progress()
    }

    /// Reads what is left, for its checksum.
    pub(super) fn drain(&mut self) -> Result<(), ReadError> {
        let part = self.reader.get_mut();
        let mut buffer = [0; 8 << 10];
        loop {
            part.get_mut().allow(MAX_RECORD);
            if part.read(&mut buffer).map_err(|error| failed(&error))? == 0 {
                return Ok(());
            }
        }
    }
}

/// The value of an attribute, with its entities resolved.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let value = attributes.with_checks(false).flatten().find(|found| found.key.local_name().as_ref() == name)?;
    Some(
        value.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_or_else(|_| value.value.to_string(), Into::into),
    )
}

/// Appends what an entity or a character reference stands for.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) {
    let known = match reference.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    text.extend(known);
}

/// Resolves `_x000D_`, by which a workbook writes a character that XML does not take.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 7).and_then(|code| code.strip_suffix('_'));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let c = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(c) = c {
            plain.push(c);
            rest = &rest[7..];
        } else {
            plain.push_str("_x");
            rest = &rest[2..];
        }
    }
    plain.push_str(rest);
    plain
}
