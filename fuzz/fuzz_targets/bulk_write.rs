//! Any input that can be read, written back in every format: each output is refused in words, or reads back with the
//! same numbers.
//!
//! Left out: what the results say, and disks that are full.

#![no_main]

use std::io::{Cursor, Write as _};

use chasqui_bulk::{Finding, Input, Lang, OutFormat, ReadOptions, Row, WriteOptions, Writer};
use chasqui_types::Number;
use libfuzzer_sys::fuzz_target;
use zip::write::{SimpleFileOptions, ZipWriter};

const PARTS: [(&str, &[u8]); 3] = [
    ("xl/workbook.xml", b"<workbook><sheets><sheet name=\"A\" id=\"a\"/></sheets></workbook>"),
    (
        "xl/_rels/workbook.xml.rels",
        b"<R><Relationship Id=\"a\" Type=\"/worksheet\" Target=\"worksheets/sheet1.xml\"/></R>",
    ),
    ("_rels/.rels", b"<R><Relationship Id=\"a\" Type=\"/officeDocument\" Target=\"xl/workbook.xml\"/></R>"),
];

fuzz_target!(|bytes: &[u8]| {
    // XML is taken for the sheet of a workbook, everything else as it is.
    let content = if bytes.starts_with(b"<") { workbook(bytes) } else { bytes.to_vec() };
    let options = ReadOptions { column: Some("A".to_owned()), ..ReadOptions::default() };
    let Ok(input) = Input::of_bytes(content, &options) else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, format) in [("csv", OutFormat::Csv), ("ndjson", OutFormat::Ndjson), ("xlsx", OutFormat::Xlsx)] {
        let path = folder.path().join("out").with_extension(name);
        let Some(written) = write(&path, &input, format) else { continue };
        if format == OutFormat::like(&input) {
            // What a spreadsheet program cannot tell apart may read as another column.
            if let Ok(again) = Input::of_bytes(written, &options) {
                assert_eq!(again.shape().n_rows, input.shape().n_rows);
                if again.shape().column == input.shape().column {
                    assert_eq!(numbers(&again), numbers(&input));
                }
            }
        }
    }
});

/// `None` where the output is refused.
fn write(path: &std::path::Path, input: &Input, format: OutFormat) -> Option<Vec<u8>> {
    let options = WriteOptions { lang: Lang::Es, format, delimiter: None };
    let mut writer = Writer::create(path, input, &options).ok()?;
    let (mut row, mut rows) = (Row::default(), input.rows().expect("it was read before"));
    while rows.next_into(&mut row).expect("it was read before") {
        writer.write(&row, Some(&Finding::Unknown("deadline".into()))).ok()?;
    }
    writer.finish().ok()?;
    Some(std::fs::read(path).expect("it was written"))
}

fn numbers(input: &Input) -> Vec<Option<Number>> {
    let (mut row, mut rows, mut numbers) = (Row::default(), input.rows().expect("it was read before"), Vec::new());
    while rows.next_into(&mut row).expect("it was read before") {
        numbers.push(row.number.and_then(Result::ok));
    }
    numbers
}

fn workbook(sheet: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in PARTS.into_iter().chain([("xl/worksheets/sheet1.xml", sheet)]) {
        archive.start_file(name, SimpleFileOptions::default()).expect("memory takes it");
        archive.write_all(content).expect("memory takes it");
    }
    archive.finish().expect("memory takes it").into_inner()
}
