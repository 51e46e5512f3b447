//! What the tests of this crate share: files made in memory, and what is read out of them as one text.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use chasqui_bulk::{Content, Encoding, Format, Input, ReadError, ReadOptions, Row};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// The shape in a line, then a line for each row: its place, its number (`+` where it was recovered) or what is wrong.
pub(crate) fn told(input: &Input) -> String {
    let shape = input.shape();
    let encoding = |encoding: &Encoding| format!("{encoding:?}");
    let format = match &shape.format {
        Format::Csv { delimiter, encoding: letters } => {
            format!("csv {:?} {}", char::from(*delimiter), encoding(letters))
        }
        Format::List { encoding: letters } => format!("list {}", encoding(letters)),
        Format::Ndjson { key } => format!("ndjson {}", key.as_deref().unwrap_or("-")),
        Format::Xlsx { sheet, .. } => format!("xlsx {sheet}"),
    };
    let header = shape.header.as_ref().map_or("-".to_owned(), |header| header.join("|"));
    let place = shape.header_place.map_or(String::new(), |place| format!("@{place}"));
    let preamble = if shape.preamble.is_empty() { String::new() } else { format!(", above {:?}", shape.preamble) };
    let mut text = format!(
        "{format}, header {header}{place}{preamble}, column {} by {:?}, {} columns, {} rows\n",
        shape.column, shape.chosen, shape.n_columns, shape.n_rows
    );
    let (mut rows, mut row, mut n_rows) = (input.rows().unwrap(), Row::default(), 0);
    while rows.next_into(&mut row).unwrap() {
        n_rows += 1;
        let number = match row.number.expect("a row has one") {
            Ok(number) => format!("{number}{}", if row.is_recovered { "+" } else { "" }),
            Err(reason) => format!("{reason:?}"),
        };
        writeln!(text, "{}: {number}", row.place).unwrap();
    }
    assert_eq!(n_rows, shape.n_rows, "as many rows as were promised");
    assert!(rows.bytes_read() <= input.size());
    text
}

/// What is read out of some content.
pub(crate) fn read(content: &[u8]) -> String {
    read_with(content, &ReadOptions::default())
}

pub(crate) fn read_with(content: &[u8], options: &ReadOptions) -> String {
    match Input::of_bytes(content.to_vec(), options) {
        Ok(input) => told(&input),
        Err(error) => format!("refused: {error}\n"),
    }
}

/// The rows themselves.
pub(crate) fn contents(input: &Input) -> Vec<Content> {
    let (mut rows, mut contents) = (input.rows().unwrap(), Vec::new());
    loop {
        let mut row = Row::default();
        if !rows.next_into(&mut row).unwrap() {
            return contents;
        }
        contents.push(row.content);
    }
}

pub(crate) fn refused(content: &[u8]) -> ReadError {
    Input::of_bytes(content.to_vec(), &ReadOptions::default()).unwrap_err()
}

pub(crate) fn column(name: &str) -> ReadOptions {
    ReadOptions { column: Some(name.to_owned()), ..ReadOptions::default() }
}

/// The least that a workbook with one sheet is made of; `parts` replace or join them.
pub(crate) fn workbook(sheet: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    workbook_by(CompressionMethod::Deflated, sheet, parts)
}

pub(crate) fn workbook_by(method: CompressionMethod, sheet: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    let root = format!(
        "<Relationships {relations}><Relationship Id=\"rId1\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.xml\"/>\
         </Relationships>"
    );
    let own = format!(
        "<Relationships {relations}>\
         <Relationship Id=\"rId1\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{relation}/sharedStrings\" Target=\"sharedStrings.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{relation}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    let main =
        "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Hoja1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
    let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
    let mut all: Vec<(&str, &str)> = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        ("xl/workbook.xml", main),
        ("xl/_rels/workbook.xml.rels", &own),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    all.retain(|(name, _)| parts.iter().all(|(other, _)| other != name));
    all.extend(parts);
    archive_by(method, &all)
}

pub(crate) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    archive_by(CompressionMethod::Deflated, parts)
}

pub(crate) fn archive_by(method: CompressionMethod, parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
