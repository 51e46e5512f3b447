//! One row as bytes.
//!
//! A record is its length, its shape and its words. The shape says which cells of the address are blank and holds the
//! status and the condition, because few combinations exist; it is coded like a word. A word that ends a cell carries
//! the cell's `|`, so nothing else has to say where cells end. A line that is not canonical has an empty shape, and is
//! kept as it is.
//! Left out: where records lie.

use crate::corrupt::{Corrupt, RECORDS, take, take_length};
use crate::line::{self, CELLS, Cells, NAME, STATUS, UBIGEO, part};
use crate::words::Words;

/// Names have up to fifteen words; the rest of one with more is taken as one word.
const MAX_TOKENS: usize = 64;

/// What a cell without content holds.
const BLANK: &[u8] = b"-";

/// Writes the shape of a canonical line into `shape`.
pub(crate) fn shape(line: &[u8], cells: &Cells, shape: &mut Vec<u8>) {
    shape.clear();
    if !cells.canonical {
        return;
    }
    let mut mask = 0_u16;
    for (bit, &span) in cells.spans[UBIGEO..].iter().enumerate() {
        mask |= u16::from(part(line, span) == BLANK) << bit;
    }
    shape.extend(mask.to_le_bytes());
    // Status, condition, and the bars behind each.
    shape.extend_from_slice(&line[cells.spans[STATUS].0 as usize..cells.spans[UBIGEO].0 as usize]);
}

/// Hands every word of a canonical line to `each`, in the order of the record.
pub(crate) fn for_each_word(line: &[u8], cells: &Cells, mut each: impl FnMut(&[u8])) {
    let address = cells.spans[UBIGEO..].iter().filter(|&&span| part(line, span) != BLANK);
    for &(start, end) in std::iter::once(&cells.spans[NAME]).chain(address) {
        // With its bar, which is there because the line is canonical.
        line[start as usize..=end as usize].splitn(MAX_TOKENS, |&byte| byte == b' ').for_each(&mut each);
    }
}

/// Reads the body of the record of `number` into `text`, as the line it was, and says where its cells are.
pub(crate) fn read<'a>(
    number: &[u8],
    mut body: &'a [u8],
    shapes: Words<'a>,
    words: Words<'a>,
    text: &mut Vec<u8>,
) -> Result<Cells, Corrupt> {
    text.clear();
    let shape = shapes.next(&mut body)?;
    if shape.is_empty() {
        text.extend_from_slice(body);
        return line::cut(text).map_err(|_| RECORDS);
    }
    let (mask, both) = shape.split_first_chunk().ok_or(RECORDS)?;
    let mask = u16::from_le_bytes(*mask);
    let bar = both.iter().position(|&byte| byte == b'|').ok_or(RECORDS)?;
    let (status, condition) = both.split_at(bar + 1);

    let mut cells = Cells { canonical: true, ..Cells::default() };
    let mut start = 0;
    let mut close = |cell: usize, text: &[u8]| -> Result<(), Corrupt> {
        let bar = text.len().checked_sub(1).filter(|&last| text[last] == b'|').ok_or(RECORDS)?;
        let bar = u32::try_from(bar).map_err(|_| RECORDS)?;
        // A shape that lost a bar has nothing for this cell, and what ends it is the cell's before.
        if bar < start {
            return Err(RECORDS);
        }
        cells.spans[cell] = (start, bar);
        start = bar + 1;
        Ok(())
    };
    text.extend_from_slice(number);
    text.push(b'|');
    close(0, text)?;
    read_cell(&mut body, words, text)?;
    close(NAME, text)?;
    text.extend_from_slice(status);
    close(STATUS, text)?;
    text.extend_from_slice(condition);
    close(STATUS + 1, text)?;
    for cell in UBIGEO..CELLS {
        if mask >> (cell - UBIGEO) & 1 == 1 {
            text.extend_from_slice(b"-|");
        } else {
            read_cell(&mut body, words, text)?;
        }
        close(cell, text)?;
    }
    if body.is_empty() { Ok(cells) } else { Err(RECORDS) }
}

/// Reads words until one ends the cell.
#[inline]
fn read_cell<'a>(body: &mut &'a [u8], words: Words<'a>, text: &mut Vec<u8>) -> Result<(), Corrupt> {
    loop {
        let word = words.next(body)?;
        text.extend_from_slice(word);
        if word.last() == Some(&b'|') {
            return Ok(());
        }
        text.push(b' ');
    }
}

/// Takes the next record's body off `records`.
#[inline]
pub(crate) fn next<'a>(records: &mut &'a [u8]) -> Result<&'a [u8], Corrupt> {
    let length = take_length(records).ok_or(RECORDS)?;
    take(records, length).ok_or(RECORDS)
}
