//! Workbooks that are added to, and workbooks that are made.

use chasqui_bulk::{Input, Lang, N_COLUMNS, OutFormat, ReadOptions, WriteError, WriteOptions};
use rust_xlsxwriter::{Format, Formula, Workbook};

use crate::support;
use crate::world::{ABSENT, FOUND, UNKNOWN, create, open, options, part, parts, sheet};

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// The sheet that comes out where `xml` goes in.
fn patched(xml: &str) -> String {
    let workbook = patched_workbook(xml);
    part(&workbook, SHEET)
}

fn patched_workbook(xml: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let input = open(support::workbook("", &[(SHEET, xml)]));
    create(&folder.path().join("out.xlsx"), &input, &options(OutFormat::Xlsx)).unwrap()
}

/// The texts of the cells that were added to a row, with their places.
fn added<'a>(xml: &'a str, row: &str) -> Vec<(&'a str, &'a str)> {
    let row = xml.split_once(row).unwrap().1;
    let row = row.split_once("row>").unwrap().0;
    row.split("c r=\"")
        .filter_map(|cell| {
            let text = cell.split_once("xml:space=\"preserve\">")?.1;
            Some((cell.split_once('"')?.0, text.split_once('<')?.0))
        })
        .collect()
}

#[track_caller]
fn check(xml: &str, row: &str, first: &str, last: &str) {
    let written = patched(xml);
    let added = added(&written, row);
    let places = (added.first().unwrap().0, added.last().unwrap().0);
    assert_eq!(places, (first, last), "{written}");
}

#[test]
fn a_workbook_keeps_everything_and_gets_columns() {
    let mut book = Workbook::new();
    let (bold, money) = (Format::new().set_bold(), Format::new().set_num_format("0.00"));
    let clients = book.add_worksheet();
    clients.set_name("Clientes").unwrap();
    clients.merge_range(0, 0, 0, 2, "REPORTE", &bold).unwrap();
    clients.set_column_width(1, 33).unwrap();
    for (column, name) in (0..).zip(["Cliente", "RUC", "Total"]) {
        clients.write_with_format(2, column, name, &bold).unwrap();
    }
    for (row, number) in (3..).zip([FOUND, ABSENT, "123", UNKNOWN]) {
        clients.write(row, 0, format!("Ñandú & Cía {row}")).unwrap();
        clients.write(row, 1, number).unwrap();
        clients.write_formula_with_format(row, 2, Formula::new("ROW()*1.5").set_result("6"), &money).unwrap();
    }
    clients.autofilter(2, 0, 6, 2).unwrap();
    book.add_worksheet().set_name("Otra").unwrap().write(0, 0, "intacta").unwrap();
    let original = book.save_to_buffer().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let input = open(original.clone());
    let written = create(&folder.path().join("out.xlsx"), &input, &options(OutFormat::Xlsx)).unwrap();

    let (before, after) = (parts(&original), parts(&written));
    let names = |parts: &[(String, Vec<u8>)]| parts.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        assert_eq!(name != SHEET, before == after, "{name}");
    }
    let xml = part(&written, SHEET);
    for kept in [
        "<f>ROW()*1.5</f><v>6</v>",
        "<mergeCells count=\"1\"><mergeCell ref=\"A1:C1\"/></mergeCells>",
        "<autoFilter ref=\"A3:C7\"/>",
    ] {
        assert!(xml.contains(kept), "{kept}");
    }
    assert!(xml.contains("<dimension ref=\"A1:P7\"/>"), "{xml}");
    let rows = sheet(&written, "Clientes");
    assert_eq!(rows[2][..5], ["Cliente", "RUC", "Total", "resultado", "nombre_o_razon_social"]);
    assert_eq!(rows[3][..5], ["Ñandú & Cía 3", FOUND, "6", "ENCONTRADO", "=EMPRESA \"UNO\""]);
    assert_eq!(rows[3][7], "040101");
    let outcomes: Vec<&str> = rows[3..].iter().map(|row| row[3].as_str()).collect();
    assert_eq!(outcomes, ["ENCONTRADO", "NO EXISTE", "INVALIDO", "SIN RESPUESTA"]);
    assert_eq!(rows[0][0], "REPORTE");
    assert_eq!(sheet(&written, "Otra"), [["intacta"]]);

    let again = create(&folder.path().join("again.xlsx"), &input, &options(OutFormat::Xlsx)).unwrap();
    assert!(written == again, "the same bytes each time");
}

#[test]
fn the_header_looks_like_the_one_that_is_there() {
    let xml = format!(
        r#"<worksheet><sheetData><row r="1"><c r="A1" s="3" t="inlineStr"><is><t>RUC</t></is></c><c r="B1" s="7"/></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>{FOUND}</t></is></c></row></sheetData></worksheet>"#
    );
    let written = patched(&xml);
    assert!(written.contains(r#"<c r="B1" s="3" t="inlineStr"><is><t xml:space="preserve">resultado</t></is></c>"#));
    assert!(written.contains(r#"<c r="B2" t="inlineStr"><is><t xml:space="preserve">ENCONTRADO</t></is></c>"#));
    assert_eq!(written.matches("r=\"B1\"").count(), 1, "the empty cell gave way");
}

#[test]
fn what_is_not_touched_keeps_its_bytes() {
    let head = concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- ñ --><x:worksheet xmlns:x='m' a = \"b\" >",
        "<x:sheetPr ><x:tabColor rgb=\"FF\"/></x:sheetPr><x:sheetFormatPr  a='1\"2'/>"
    );
    let rows = format!(
        "<x:row r=\"1\" spans=\"1:2\" ht='15'><x:c r=\"A1\" t=\"inlineStr\"><x:is><x:t>ruc</x:t></x:is></x:c></x:row>\
         <x:row r=\"2\"  spans=\"1:2\"><x:c r=\"A2\" t='inlineStr'><x:is><x:t>{FOUND}</x:t></x:is></x:c></x:row>"
    );
    let tail = "<x:ext>&amp;&#10;<![CDATA[<x>]]></x:ext><?p q?></x:worksheet>\n";
    let xml = format!("{head}<x:sheetData>{rows}</x:sheetData>{tail}");
    let written = patched(&xml);
    assert!(written.starts_with(&format!("{head}<x:cols><x:col min=\"2\" max=\"2\" ")), "{written}");
    assert!(written.ends_with(&format!("</x:sheetData>{tail}")), "{written}");
    assert!(
        written.contains("<x:sheetData><x:row r=\"1\" ht=\"15\"><x:c r=\"A1\" t=\"inlineStr\"><x:is>"),
        "{written}"
    );
    assert!(written.contains("<x:row r=\"2\"><x:c r=\"A2\" t='inlineStr'>"), "{written}");
    assert_eq!(added(&written, "<x:row r=\"2\"")[0], ("B2", "ENCONTRADO"));
}

#[test]
fn new_columns_stand_behind_everything_that_holds_something() {
    let cell = |place: &str, text: &str| format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let (ruc, number) = (cell("A1", "ruc"), cell("A2", FOUND));
    let sheet = |rows: &str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let header = format!("<row r=\"1\">{ruc}</row>");
    // A formula without a value, which no reader shows, and cells that only have a look.
    let row =
        format!("<row r=\"2\">{number}<c r=\"D2\"><f>A1</f></c><c r=\"G2\" s=\"1\"/><c r=\"AZ2\" s=\"1\"></c></row>");
    check(&sheet(&format!("{header}{row}")), "<row r=\"2\">", "E2", "Q2");
    let written = patched(&sheet(&format!("{header}{row}")));
    assert!(written.contains("<c r=\"D2\"><f>A1</f></c><c r=\"E2\" t="), "{written}");
    assert!(!written.contains("\"G2\" s=") && written.contains("<c r=\"AZ2\" s=\"1\"></c></row>"), "{written}");
    // Rows and cells that do not say where they stand, and a row with nothing in it.
    let bare = format!(
        "<row><c t=\"inlineStr\"><is><t>ruc</t></is></c></row><row/><row><c t=\"inlineStr\"><is><t>{FOUND}</t></is></c>\
         <extLst><ext/></extLst></row>"
    );
    let written = patched(&sheet(&bare));
    assert_eq!(added(&written, "<row/><row>")[0], ("B3", "ENCONTRADO"));
    assert!(written.contains("</c><extLst><ext/></extLst></row>"), "{written}");
    // What stands above the header has no say.
    let title = format!("<row r=\"1\">{}</row>", cell("Z1", "REPORTE"));
    let below = format!("{title}<row r=\"3\">{}</row><row r=\"4\">{}</row>", cell("A3", "ruc"), cell("A4", FOUND));
    check(&sheet(&below), "<row r=\"4\">", "B4", "N4");
}

#[test]
fn widths_never_overlap() {
    type Bounds<'a> = &'a [(usize, usize)];
    let rows = format!("<row r=\"1\"><c r=\"B1\" t=\"inlineStr\"><is><t>{FOUND}</t></is></c></row>");
    let ours: Vec<(usize, usize)> = (3..3 + N_COLUMNS).map(|column| (column, column)).collect();
    let cases: [(&str, Bounds<'_>, Bounds<'_>); 5] = [
        ("<cols><col min=\"1\" max=\"2\" width=\"9\"/></cols>", &[(1, 2)], &[]),
        ("<cols><col min=\"1\" max=\"16384\" width=\"9\" hidden=\"1\"></col></cols>", &[(1, 2)], &[(16, 16_384)]),
        ("<cols><col min=\"3\" max=\"5\"/><col min=\"20\" max=\"21\"/></cols>", &[], &[(20, 21)]),
        ("<cols/>", &[], &[]),
        ("", &[], &[]),
    ];
    for (cols, left, right) in cases {
        let written = patched(&format!("<worksheet>{cols}<sheetData>{rows}</sheetData></worksheet>"));
        let bound = |col: &str, name: &str| -> usize {
            col.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().parse().unwrap()
        };
        let found: Vec<(usize, usize)> =
            written.split("<col ").skip(1).map(|col| (bound(col, "min"), bound(col, "max"))).collect();
        assert_eq!(found, [left, &ours, right].concat(), "{cols}");
        assert_eq!(written.matches("<cols>").count(), 1);
    }
}

#[test]
fn a_sheet_without_a_header_gets_none() {
    let xml = format!(
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{FOUND}</t></is></c></row>\
         <row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>{ABSENT}</t></is></c></row></sheetData></worksheet>"
    );
    let rows = sheet(&patched_workbook(&xml), "Hoja1");
    assert_eq!((rows.len(), &*rows[0][1], &*rows[1][1]), (2, "ENCONTRADO", "NO EXISTE"));
}

#[test]
fn a_text_becomes_a_workbook_whose_numbers_keep_their_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let input = open(format!("REPORTE;;\nnombre;dni;nota\n<ñ> & \"b\";01234567;=1+1\n;{ABSENT};\n"));
    let path = folder.path().join("out.xlsx");
    let written = create(&path, &input, &options(OutFormat::Xlsx)).unwrap();
    let rows = sheet(&written, "Resultado");
    assert_eq!(rows[0][0], "REPORTE");
    assert_eq!(rows[1][..4], ["nombre", "dni", "nota", "resultado"]);
    assert_eq!(rows[2][..4], ["<ñ> & \"b\"", "01234567", "=1+1", "ENCONTRADO"]);
    assert_eq!(rows[2][7], "040101");
    assert_eq!(rows[3][..4], ["", ABSENT, "", "NO EXISTE"]);
    let xml = part(&written, SHEET);
    assert!(xml.contains("<pane ySplit=\"2\" topLeftCell=\"A3\""), "{xml}");
    assert!(xml.contains("<autoFilter ref=\"A2:P4\"/>"), "{xml}");
    assert!(!xml.contains("<f>"), "a text stays a text");
    assert!(written == create(&path, &input, &options(OutFormat::Xlsx)).unwrap(), "the same bytes each time");
    let english = WriteOptions { lang: Lang::En, ..options(OutFormat::Xlsx) };
    assert_eq!(sheet(&create(&path, &input, &english).unwrap(), "Result")[1][3], "result");
}

#[test]
fn objects_become_a_workbook_that_keeps_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let input =
        open(format!("{{\"ruc\":\"{FOUND}\",\"n\":1.50,\"id\":12345678901234567890,\"b\":true,\"e\":1e999}}\n"));
    let written = create(&folder.path().join("out.xlsx"), &input, &options(OutFormat::Xlsx)).unwrap();
    let xml = part(&written, SHEET);
    assert!(xml.contains("<c r=\"B2\"><v>1.50</v></c>") && xml.contains("<c r=\"D2\" t=\"b\"><v>1</v></c>"), "{xml}");
    assert!(xml.contains(">12345678901234567890</t>") && xml.contains(">1e999</t>"), "{xml}");
}

#[test]
fn what_a_workbook_cannot_hold_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("ruc;nota\n{FOUND};{}\n", "x".repeat(32_768));
    let macros = support::workbook(
        &format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{FOUND}</t></is></c></row>"),
        &[("xl/vbaProject.bin", "x")],
    );
    let wide = support::workbook(
        &format!(
            "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{FOUND}</t></is></c><c r=\"XFA1\"><v>1</v></c></row>"
        ),
        &[],
    );
    let cases = [
        (
            text.into_bytes(),
            "out.xlsx",
            "a text at line 2 is longer than the 32767 characters of a sheet's cell; name an output that ends in .csv",
        ),
        (macros.clone(), "out.xlsx", "the workbook holds macros; name an output that ends in .xlsm"),
        (FOUND.into(), "out.xlsm", "the output holds no macros; name one that ends in .xlsx"),
        (wide, "out.xlsx", "a sheet has room for 16384 columns, and there are 16394; name an output that ends in .csv"),
    ];
    for (content, name, expected) in cases {
        let input = open(content);
        let path = folder.path().join(name);
        assert_eq!(create(&path, &input, &options(OutFormat::Xlsx)).unwrap_err().to_string(), expected);
        assert!(!path.exists());
    }
    assert!(create(&folder.path().join("out.xlsm"), &open(macros), &options(OutFormat::Xlsx)).is_ok());
}

#[test]
fn a_part_is_found_under_the_name_that_its_program_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    let rows = format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{FOUND}</t></is></c></row>");
    let xml = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let name = "xl\\worksheets\\sheet1.xml";
    let mut archive: Vec<(String, Vec<u8>)> = parts(&support::workbook(&rows, &[]));
    archive.retain(|(part, _)| part != SHEET);
    archive.push((name.to_owned(), xml.into_bytes()));
    let archive: Vec<(&str, &str)> =
        archive.iter().map(|(part, content)| (part.as_str(), std::str::from_utf8(content).unwrap())).collect();
    let input = open(support::archive(&archive));
    let written = create(&folder.path().join("out.xlsx"), &input, &options(OutFormat::Xlsx)).unwrap();
    assert!(parts(&written).iter().any(|(part, _)| part == name));
}

#[test]
fn a_sheet_that_is_no_xml_is_refused_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let xml = format!(
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{FOUND}</t></is></c></row>\
         </sheetData></worksheet"
    );
    let workbook = support::workbook("", &[(SHEET, &xml)]);
    // Its reader may have refused it already, for the same reason.
    let Ok(input) = Input::of_bytes(workbook, &ReadOptions::default()) else { return };
    let error = create(&folder.path().join("out.xlsx"), &input, &options(OutFormat::Xlsx)).unwrap_err();
    assert!(matches!(error, WriteError::Sheet { .. }), "{error:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
