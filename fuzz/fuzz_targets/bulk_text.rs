//! Any bytes as a file of numbers: read to the end or refused with a reason, and read the same the second time.
//!
//! Left out: files on a disk, and workbooks, which have a target of their own. The first byte chooses the options.

#![no_main]

use chasqui_bulk::{FormatKind, Input, ReadOptions, Row};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, content)) = input.split_first() else { return };
    let bit = |at: u8| first >> at & 1 == 1;
    let options = ReadOptions {
        column: bit(0).then(|| "A".to_owned()),
        sheet: None,
        delimiter: bit(1).then_some(b';'),
        format: bit(2).then_some(if bit(3) { FormatKind::Ndjson } else { FormatKind::Csv }),
        pad_dni: bit(4),
    };
    match Input::of_bytes(content.to_vec(), &options) {
        Ok(input) => {
            assert_eq!(numbers(&input), numbers(&input), "two passes differ");
            assert_eq!(numbers(&input).len() as u64, input.shape().n_rows, "not as many rows as were promised");
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "a reason of several lines"),
    }
});

/// Where each row stands and what its number is.
fn numbers(input: &Input) -> Vec<String> {
    let (mut rows, mut row) = (input.rows().expect("it could be opened before"), Row::default());
    let mut numbers = Vec::new();
    while rows.next_into(&mut row).expect("it could be read before") {
        numbers.push(format!("{} {:?}", row.place, row.number));
    }
    assert!(rows.bytes_read() <= input.size(), "more bytes than there are");
    numbers
}
