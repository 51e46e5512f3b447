//! A workbook of one sheet, made from scratch, row by row.
//!
//! Written by hand: it takes a few fixed texts, and a library that keeps nothing in memory spools the sheet to the disk
//! first and panics where that is full. Nothing in it tells when it was made.
//! Left out: workbooks that are there already, which keep all that is theirs.

use std::io::{BufWriter, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::error::WriteError;
use super::layout::Layout;
use super::output::Output;
use super::value::Value;
use super::xml::{self, Letters, MAX_COLUMNS, MAX_ROWS, Place, RESULT_WIDTHS};
use super::{Sink, into_output};
use crate::{Input, Lang, N_COLUMNS, ResultCells, Row};

const CONTENT_TYPES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="xml" ContentType="application/xml"/>"#,
    r#"<Override PartName="/xl/workbook.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
    r#"<Override PartName="/xl/worksheets/sheet1.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
    r#"<Override PartName="/xl/styles.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>"#,
    "</Types>"
);
const ROOT: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Target="xl/workbook.xml" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>"#,
    "</Relationships>"
);
const PARTS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Target="worksheets/sheet1.xml" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>"#,
    r#"<Relationship Id="rId2" Target="styles.xml" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/>"#,
    "</Relationships>"
);
/// Two looks: plain, and bold for the header.
const STYLES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>"#,
    r#"<fills count="2"><fill><patternFill patternType="none"/></fill>"#,
    r#"<fill><patternFill patternType="gray125"/></fill></fills>"#,
    r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
    r#"<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
    r#"<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>"#,
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>"#,
    "</styleSheet>"
);
const BOLD: &str = "1";

/// What is gathered before it is packed.
const CHUNK: usize = 1 << 16;

pub(super) struct Book {
    zip: ZipWriter<BufWriter<Output>>,
    layout: Layout,
    xml: String,
    /// The last row that was written, from 1.
    row: u64,
}

// === impl Book ===

impl Book {
    pub(super) fn begin(out: Output, input: &Input, lang: Lang) -> Result<Self, WriteError> {
        let layout = Layout::of_table(input, lang)?;
        let n_columns = layout.header.len() + N_COLUMNS;
        if n_columns > MAX_COLUMNS {
            return Err(WriteError::TooManyColumns { n_columns });
        }
        let n_rows = layout.preamble.len() as u64 + 1 + input.shape().n_rows;
        if n_rows > MAX_ROWS {
            return Err(WriteError::TooManyRows { n_rows });
        }
        let zip = ZipWriter::new(BufWriter::with_capacity(CHUNK, out));
        let mut book = Self { zip, layout, xml: String::new(), row: 0 };
        let parts = [
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", ROOT),
            ("xl/_rels/workbook.xml.rels", PARTS),
            ("xl/styles.xml", STYLES),
        ];
        for (name, content) in parts {
            book.part(name, content)?;
        }
        book.zip.start_file("xl/worksheets/sheet1.xml", options())?;
        book.push_head()?;
        Ok(book)
    }

    /// Everything above the rows, and the header.
    fn push_head(&mut self) -> Result<(), WriteError> {
        let Self { xml, layout, row, .. } = self;
        let n_frozen = layout.preamble.len() + 1;
        xml.push_str(concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
        ));
        xml::push(
            xml,
            format_args!(
                concat!(
                    r#"<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="{}" "#,
                    r#"topLeftCell="A{}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>"#,
                ),
                n_frozen,
                n_frozen + 1
            ),
        );
        let widths = layout.header.iter().map(|name| name.chars().count().clamp(14, 40) + 2);
        for (column, width) in (1..).zip(widths.chain(RESULT_WIDTHS.map(usize::from))) {
            xml::push(xml, format_args!(r#"<col min="{column}" max="{column}" width="{width}" customWidth="1"/>"#));
        }
        xml.push_str("</cols><sheetData>");
        for record in &layout.preamble {
            *row += 1;
            push_texts(xml, *row, None, record.iter())?;
        }
        *row += 1;
        push_texts(xml, *row, Some(BOLD), layout.header.iter().chain(&layout.results))
    }

    fn part(&mut self, name: &str, content: &str) -> Result<(), WriteError> {
        self.zip.start_file(name, options())?;
        self.zip.write_all(content.as_bytes())?;
        Ok(())
    }

    /// All cells from the header on, as a formula names them.
    fn table(&self, mark: &str) -> String {
        let (first, last) = (self.layout.preamble.len() + 1, self.row);
        let column = Letters(self.layout.header.len() + N_COLUMNS - 1);
        format!("{mark}A{mark}{first}:{mark}{column}{mark}{last}")
    }

    fn write(&mut self) -> Result<(), WriteError> {
        self.zip.write_all(self.xml.as_bytes())?;
        self.xml.clear();
        Ok(())
    }
}

impl Sink for Book {
    fn row(&mut self, row: &Row, results: &ResultCells) -> Result<(), WriteError> {
        self.row += 1;
        let Self { xml, layout, row: n, .. } = self;
        let mut is_too_long = false;
        let n_columns = layout.header.len();
        xml::push(xml, format_args!(r#"<row r="{n}">"#));
        layout.each(row, |column, value| {
            is_too_long |= !push_value(xml, Place { prefix: "", row: *n, column, style: None }, &value, layout.lang);
        });
        for (column, text) in (n_columns..).zip(results.iter()) {
            if !text.is_empty() {
                xml::push_text(xml, Place { prefix: "", row: *n, column, style: None }, text);
            }
        }
        xml.push_str("</row>");
        if is_too_long {
            return Err(WriteError::TextTooLong { place: row.place });
        }
        if self.xml.len() >= CHUNK { self.write() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<Output, WriteError> {
        let table = self.table("");
        // RUC and DNI are texts on purpose, which spreadsheet programs would mark as a mistake.
        xml::push(
            &mut self.xml,
            format_args!(
                concat!(
                    r#"</sheetData><autoFilter ref="{table}"/>"#,
                    r#"<ignoredErrors><ignoredError sqref="{table}" numberStoredAsText="1"/></ignoredErrors>"#,
                    "</worksheet>",
                ),
                table = table
            ),
        );
        self.write()?;
        let sheet = match self.layout.lang {
            Lang::Es => "Resultado",
            Lang::En => "Result",
        };
        let workbook = format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
                r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" "#,
                r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">"#,
                r#"<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets><definedNames>"#,
                r#"<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">"#,
                "{sheet}!{table}</definedName></definedNames></workbook>",
            ),
            sheet = sheet,
            table = self.table("$")
        );
        self.part("xl/workbook.xml", &workbook)?;
        into_output(self.zip.finish()?)
    }
}

/// The same moment in every workbook.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(DateTime::default())
}

fn push_texts<'a>(
    xml: &mut String,
    row: u64,
    style: Option<&str>,
    texts: impl Iterator<Item = &'a String>,
) -> Result<(), WriteError> {
    xml::push(xml, format_args!(r#"<row r="{row}">"#));
    for (column, text) in texts.enumerate() {
        if !push_value(xml, Place { prefix: "", row, column, style }, &Value::of_text(text), Lang::Es) {
            return Err(WriteError::TextTooLong { place: row });
        }
    }
    xml.push_str("</row>");
    Ok(())
}

/// False if the cell has no room for the text.
fn push_value(xml: &mut String, place: Place<'_>, value: &Value<'_>, lang: Lang) -> bool {
    match value {
        Value::Blank => {}
        Value::Bool(truth) => xml::push_bool(xml, place, *truth),
        Value::Digits(digits) if is_exact(digits) => xml::push_number(xml, place, digits),
        _ => {
            let text = value.text(lang);
            if !xml::fits(&text) {
                return false;
            }
            if !text.is_empty() {
                xml::push_text(xml, place, &text);
            }
        }
    }
    true
}

/// A sheet keeps fifteen digits of a number; one with more stays a text.
fn is_exact(digits: &str) -> bool {
    digits.bytes().filter(u8::is_ascii_digit).count() <= 15 && digits.parse().is_ok_and(f64::is_finite)
}
