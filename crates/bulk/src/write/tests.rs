//! Outputs of every format on disks of every size.

use chasqui_types::Ruc;
use rust_xlsxwriter::Workbook;

use super::*;
use crate::ReadOptions;

fn workbook(n_rows: u32) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "ruc").unwrap();
    for row in 1..=n_rows {
        sheet.write(row, 0, Ruc::from_body(20, row).unwrap().as_str()).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn attempt(input: &Input, format: OutFormat, room: usize) -> Result<(), WriteError> {
    let options = WriteOptions { lang: Lang::Es, format, delimiter: None };
    let mut writer = Writer::begin(Output::small(room), None, input, &options)?;
    let (mut rows, mut row) = (input.rows()?, Row::default());
    while rows.next_into(&mut row)? {
        writer.write(&row, Some(&Finding::Unknown("deadline".into())))?;
    }
    writer.finish()
}

#[test]
fn a_disk_that_is_full_at_any_moment_is_told_as_such() {
    let workbook = Input::of_bytes(workbook(500), &ReadOptions::default()).unwrap();
    let text = (1..=500).map(|body| Ruc::from_body(20, body).unwrap().to_string()).collect::<Vec<_>>().join("\n");
    let text = Input::of_bytes(text.into_bytes(), &ReadOptions::default()).unwrap();
    let cases =
        [(&text, OutFormat::Csv), (&text, OutFormat::Ndjson), (&text, OutFormat::Xlsx), (&workbook, OutFormat::Xlsx)];
    for (input, format) in cases {
        assert!(attempt(input, format, usize::MAX).is_ok());
        let mut n_full = 0;
        for room in (0..12_000).step_by(997) {
            match attempt(input, format, room) {
                Err(WriteError::Full { .. }) => n_full += 1,
                Ok(()) => {}
                Err(other) => panic!("{format:?} with {room} bytes: {other:?}"),
            }
        }
        assert!(n_full > 5, "{format:?}");
    }
}
