//! Workbooks: any bytes as an archive, and any text as a part of a whole one, so that the fuzzer gets past the zip.
//!
//! Left out: files on a disk. The first byte chooses which part the rest is; the other parts are as they should be.

#![no_main]

use std::io::{Cursor, Write};

use chasqui_bulk::{Input, ReadOptions, Row};
use libfuzzer_sys::fuzz_target;
use zip::write::{SimpleFileOptions, ZipWriter};

const PARTS: [(&str, &[u8]); 6] = [
    (
        "xl/worksheets/sheet1.xml",
        b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>",
    ),
    ("xl/sharedStrings.xml", b"<sst><si><t>20131312955</t></si></sst>"),
    ("xl/styles.xml", b"<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>"),
    ("xl/workbook.xml", b"<workbook><sheets><sheet name=\"A\" id=\"a\"/></sheets></workbook>"),
    (
        "xl/_rels/workbook.xml.rels",
        b"<R><Relationship Id=\"a\" Type=\"/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
          <Relationship Id=\"b\" Type=\"/sharedStrings\" Target=\"sharedStrings.xml\"/>\
          <Relationship Id=\"c\" Type=\"/styles\" Target=\"styles.xml\"/></R>",
    ),
    ("_rels/.rels", b"<R><Relationship Id=\"a\" Type=\"/officeDocument\" Target=\"xl/workbook.xml\"/></R>"),
];

fuzz_target!(|input: &[u8]| {
    // As given: what is no archive goes another way, and is the other target's.
    if input.starts_with(b"PK") {
        go_through(input.to_vec());
        return;
    }
    let Some((first, content)) = input.split_first() else { return };
    let chosen = usize::from(*first) % PARTS.len();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, whole)) in PARTS.into_iter().enumerate() {
        archive.start_file(name, SimpleFileOptions::default()).expect("memory takes it");
        archive.write_all(if at == chosen { content } else { whole }).expect("memory takes it");
    }
    go_through(archive.finish().expect("memory takes it").into_inner());
});

fn go_through(content: Vec<u8>) {
    match Input::of_bytes(content, &ReadOptions { column: Some("A".to_owned()), ..ReadOptions::default() }) {
        Ok(input) => {
            let (mut rows, mut row) = (input.rows().expect("it could be opened before"), Row::default());
            let mut n_rows = 0;
            while rows.next_into(&mut row).expect("it could be read before") {
                n_rows += 1;
            }
            assert_eq!(n_rows, input.shape().n_rows, "not as many rows as were promised");
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "a reason of several lines"),
    }
}
