//! What is said about bytes that make no sense.
//!
//! The file is checked when it is opened, so this is about damage done afterwards, or about a mistake of ours: reading
//! never trusts a length or a position, and ends here instead of in a panic.

/// A part of the file does not hold what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {part} make no sense")]
pub(crate) struct Corrupt {
    pub(crate) part: &'static str,
}

pub(crate) const RECORDS: Corrupt = Corrupt { part: "records" };
pub(crate) const WORDS: Corrupt = Corrupt { part: "words" };
pub(crate) const MEMBERS: Corrupt = Corrupt { part: "members" };
pub(crate) const APART: Corrupt = Corrupt { part: "rows kept apart" };

/// Takes the first `n` bytes off `input`.
pub(crate) fn take<'a>(input: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(n)?;
    *input = rest;
    Some(taken)
}

/// Takes a number of one to five bytes, seven bits each, low ones first.
pub(crate) fn take_length(input: &mut &[u8]) -> Option<usize> {
    let mut number = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return usize::try_from(number).ok();
        }
    }
    None
}

/// Writes what [`take_length`] reads.
pub(crate) fn put_length(mut number: usize, output: &mut Vec<u8>) {
    while number >= 0x80 {
        output.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    output.push(number.to_le_bytes()[0]);
}
