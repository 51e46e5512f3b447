//! Inputs, findings and outputs for the tests of writing.

use std::io::{self, Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use chasqui_bulk::{
    Facts, Finding, Input, Lang, Origin, OutFormat, ReadOptions, Row, WriteError, WriteOptions, Writer,
};
use chasqui_types::{Billing, Number, SourceId};

/// A number that is found, one that is absent, and one of which nothing can be learnt.
pub(crate) const FOUND: &str = "20131312955";
pub(crate) const ABSENT: &str = "20100070970";
pub(crate) const UNKNOWN: &str = "20100047218";

/// The result cells of a number that is found, in a table.
pub(crate) const FOUND_CELLS: &str =
    "ENCONTRADO;=EMPRESA \"UNO\";ACTIVO;HABIDO;040101;AREQUIPA;AREQUIPA;AREQUIPA;AV. LIMA 10;SI;;migo;2026-11-20";

pub(crate) fn open(content: impl Into<Vec<u8>>) -> Input {
    Input::of_bytes(content.into(), &ReadOptions::default()).unwrap()
}

pub(crate) fn options(format: OutFormat) -> WriteOptions {
    WriteOptions { lang: Lang::Es, format, delimiter: None }
}

/// What became of a number.
pub(crate) fn finding(number: Number) -> Finding {
    let origin = Origin { source: SourceId::MIGO, as_of: Some("2026-11-20".parse().unwrap()) };
    match number.as_str() {
        ABSENT => Finding::Absent(origin),
        UNKNOWN => Finding::Unknown("deadline".into()),
        _ => Finding::Found(Box::new(Facts {
            nombre_o_razon_social: Some("=EMPRESA \"UNO\"".into()),
            estado_del_contribuyente: Some("ACTIVO".into()),
            condicion_de_domicilio: Some("HABIDO".into()),
            ubigeo: Some("040101".into()),
            departamento: Some("AREQUIPA".into()),
            provincia: Some("AREQUIPA".into()),
            distrito: Some("AREQUIPA".into()),
            direccion: Some("AV. LIMA 10".into()),
            billing: Some(Billing { obstacles: Vec::new(), warnings: Vec::new() }),
            origin,
        })),
    }
}

pub(crate) fn write_rows(writer: &mut Writer, input: &Input) -> Result<(), WriteError> {
    let (mut rows, mut row) = (input.rows()?, Row::default());
    while rows.next_into(&mut row)? {
        let found = row.number.and_then(Result::ok).map(finding);
        writer.write(&row, found.as_ref())?;
    }
    Ok(())
}

/// The output at `path`.
pub(crate) fn create(path: &Path, input: &Input, options: &WriteOptions) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::create(path, input, options)?;
    write_rows(&mut writer, input)?;
    writer.finish()?;
    Ok(std::fs::read(path).unwrap())
}

/// The output as it goes to standard output.
pub(crate) fn stream(input: &Input, options: &WriteOptions) -> String {
    let out = Shared::default();
    let mut writer = Writer::to(Box::new(out.clone()), input, options).unwrap();
    write_rows(&mut writer, input).unwrap();
    writer.finish().unwrap();
    String::from_utf8(out.0.lock().unwrap().clone()).unwrap()
}

#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The parts of a workbook, unpacked, in their order.
pub(crate) fn parts(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(workbook)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (part.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// One part of a workbook.
pub(crate) fn part(workbook: &[u8], name: &str) -> String {
    let (_, content) = parts(workbook).into_iter().find(|(part, _)| part == name).unwrap();
    String::from_utf8(content).unwrap()
}

/// The cells of a sheet as a spreadsheet program shows them, row by row from its first one that holds something.
pub(crate) fn sheet(workbook: &[u8], name: &str) -> Vec<Vec<String>> {
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(io::Cursor::new(workbook)).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}
