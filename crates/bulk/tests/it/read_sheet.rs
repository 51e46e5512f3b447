//! Workbooks, as spreadsheet programs write them and as nobody should.

use std::io::Write;

use chasqui_bulk::{Cell, Content, Format, Input, ReadError, ReadOptions};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};
use zip::CompressionMethod;

use crate::support::{archive, column, contents, read, read_with, refused, workbook, workbook_by};

fn cells(input: &Input) -> Vec<Vec<Cell>> {
    contents(input)
        .into_iter()
        .map(|content| match content {
            Content::Sheet(cells) => cells,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn open(content: &[u8]) -> Input {
    Input::of_bytes(content.to_vec(), &ReadOptions::default()).unwrap()
}

/// A workbook as a spreadsheet program makes it: a merged title, a header, numbers in every form, a day and a formula.
fn clients() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Clientes").unwrap();
    let day = CellFormat::new().set_num_format("dd/mm/yyyy");
    sheet.merge_range(0, 0, 0, 3, "REPORTE DE CLIENTES", &CellFormat::new()).unwrap();
    for (column, name) in ["Nombre", "RUC", "Fecha", "Total"].into_iter().enumerate() {
        sheet.write(2, u16::try_from(column).unwrap(), name).unwrap();
    }
    sheet.write(3, 0, "PEÑA & HIJOS <SAC>").unwrap();
    sheet.write(3, 1, 20_131_312_955_u64).unwrap();
    sheet.write_with_format(3, 2, ExcelDateTime::from_ymd(2024, 1, 31).unwrap(), &day).unwrap();
    sheet.write(3, 3, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write(4, 1, "10117410").unwrap();
    sheet.write(4, 3, true).unwrap();
    sheet.write(5, 1, 1_234_567).unwrap();
    sheet.write(7, 1, Formula::new("=\"20100038146\"").set_result("20100038146")).unwrap();
    sheet.write(8, 1, 20_131_300_000_u64).unwrap();
    sheet.write_with_format(9, 1, ExcelDateTime::from_ymd(2024, 1, 31).unwrap(), &day).unwrap();
    book.add_worksheet().set_name("Otra").unwrap().write(0, 0, "20100038146").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_is_read_by_what_its_cells_are() {
    assert_eq!(
        read(&clients()),
        "xlsx Clientes, header Nombre|RUC|Fecha|Total@3, above [[\"REPORTE DE CLIENTES\"]], \
         column 1 by Header, 4 columns, 6 rows\n\
         4: 20131312955\n5: 10117410\n6: 01234567+\n8: 20100038146\n9: Rounded\n10: NotANumber\n"
    );
    let rows = cells(&open(&clients()));
    assert_eq!(
        rows[0],
        [
            Cell::Text("PEÑA & HIJOS <SAC>".into()),
            Cell::Number(20_131_312_955.0),
            Cell::DateTime(45_322.0),
            Cell::Number(2.0)
        ]
    );
    assert_eq!(rows[1], [Cell::Empty, Cell::Text("10117410".into()), Cell::Empty, Cell::Bool(true)]);
    assert_eq!(rows[5], [Cell::Empty, Cell::DateTime(45_322.0)]);
}

#[test]
fn a_sheet_can_be_asked_for() {
    let sheet = |name: &str| ReadOptions { sheet: Some(name.to_owned()), ..ReadOptions::default() };
    let expected = "xlsx Otra, header -, column 0 by OnlyOne, 1 columns, 1 rows\n1: 20100038146\n";
    assert_eq!(read_with(&clients(), &sheet("Otra")), expected);
    assert_eq!(read_with(&clients(), &sheet("otra ")), expected);
    assert_eq!(
        read_with(&clients(), &sheet("Hoja1")),
        "refused: there is no sheet `Hoja1`; there are: `Clientes`, `Otra`\n"
    );
    let input = Input::of_bytes(clients(), &sheet("Otra")).unwrap();
    let Format::Xlsx { entry, from_1904, .. } = &input.shape().format else { panic!("a workbook") };
    assert_eq!((entry.as_str(), *from_1904), ("xl/worksheets/sheet2.xml", false));
}

#[test]
fn a_hidden_sheet_is_not_the_first() {
    let main = "<workbook xmlns:r=\"r\"><workbookPr date1904=\"1\"/><sheets>\
                <sheet name=\"Grafico\" r:id=\"rId9\"/><sheet name=\"Oculta\" state=\"hidden\" r:id=\"rId1\"/>\
                <sheet name=\"V &amp; B\" r:id=\"rId1\"/></sheets></workbook>";
    let content = workbook("<row><c><v>20131312955</v></c></row>", &[("xl/workbook.xml", main)]);
    assert!(read(&content).starts_with("xlsx V & B, header -"));
    let input = open(&content);
    assert!(matches!(input.shape().format, Format::Xlsx { from_1904: true, .. }));
}

#[test]
fn cells_are_read_in_every_writing() {
    let texts = "<sst uniqueCount=\"99999999999999\"><si><t>20131312955</t></si>\
                 <si><r><t>rico </t></r><r><t xml:space=\"preserve\">texto_x000D_</t></r><rPh><t>no</t></rPh></si><si/></sst>";
    let sheet = "<row r=\"2\" spans=\"1:3\"><c r=\"B2\" t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c></row>\
                 <row/><row><c t=\"e\"><v>#SPILL!</v></c><c t=\"str\"><f>A1&amp;\"x\"</f><v>a&lt;b&#241;</v></c>\
                 <c t=\"inlineStr\"><is><t>en línea</t></is></c><c t=\"b\"><v>1</v></c><c><v>1.5E3</v></c><c><v>x</v></c>\
                 <c t=\"d\"><v>2024-01-31</v></c><c s=\"7\"/><c/></row><row r=\"9\"><c r=\"A9\" s=\"1\"/></row>";
    let input = open(&workbook(sheet, &[("xl/sharedStrings.xml", texts)]));
    let text = |text: &str| Cell::Text(text.into());
    assert_eq!(
        cells(&input),
        [
            vec![Cell::Empty, text("20131312955"), text("rico texto\r"), Cell::Empty],
            vec![
                Cell::Error("#SPILL!".into()),
                text("a<bñ"),
                text("en línea"),
                Cell::Bool(true),
                Cell::Number(1500.0),
                text("x"),
                text("2024-01-31"),
                Cell::Empty,
                Cell::Empty
            ],
        ]
    );
    let shape = input.shape();
    assert_eq!((shape.column, shape.n_columns, shape.n_rows), (1, 9, 2), "empty cells are cells");
}

#[test]
fn prefixes_of_names_make_no_difference() {
    let sheet = "<x:worksheet xmlns:x=\"x\"><x:sheetData><x:row r=\"1\"><x:c r=\"A1\" t=\"n\"><x:v>20131312955</x:v></x:c></x:row>\
                 </x:sheetData></x:worksheet>";
    let content = workbook("", &[("xl/worksheets/sheet1.xml", sheet)]);
    assert_eq!(read(&content), "xlsx Hoja1, header -, column 0 by OnlyOne, 1 columns, 1 rows\n1: 20131312955\n");
}

#[test]
fn a_column_of_a_sheet_is_asked_for_by_letter() {
    assert!(read_with(&clients(), &column("B")).contains("column 1 by Asked"));
    assert!(read_with(&clients(), &column("ruc")).contains("header Nombre|RUC|Fecha|Total@3"));
    assert_eq!(
        read_with(&clients(), &column("AA")),
        "refused: there is no column `AA`; there are: A `Nombre`, B `RUC`, C `Fecha`, D `Total`\n"
    );
}

#[test]
fn a_sheet_without_cells_is_empty() {
    for sheet in ["", "<row r=\"1\"/>", "<row r=\"1\"><c r=\"A1\" s=\"1\"/></row>"] {
        assert!(matches!(refused(&workbook(sheet, &[])), ReadError::Empty), "{sheet}");
    }
    let none = "<workbook><sheets/></workbook>";
    assert!(matches!(refused(&workbook("", &[("xl/workbook.xml", none)])), ReadError::NoSheets));
}

#[test]
fn a_damaged_workbook_says_so() {
    let sentence = "refused: the file is damaged or not complete; save it again\n";
    let whole = clients();
    for n in [4, 30, whole.len() / 2, whole.len() - 1] {
        assert_eq!(read(&whole[..n]), sentence, "{n} bytes");
    }
    for sheet in [
        "<row><c t=\"s\"><v>7</v></c></row>",
        "<row><c r=\"XFE1\"><v>1</v></c></row>",
        "<row r=\"1048577\"><c><v>1</v></c></row>",
        "<row r=\"0\"><c><v>1</v></c></row>",
        "<row><c><v>1</c></row>",
        "<row><c><v>1",
    ] {
        assert_eq!(read(&workbook(sheet, &[])), sentence, "{sheet}");
    }
    assert_eq!(read(&workbook("", &[("xl/worksheets/sheet1.xml", "<worksheet/>")])), sentence);
    // One letter of a stored part is another one: its checksum tells.
    let mut book = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    book.start_file("xl/workbook.xml", stored).unwrap();
    book.write_all(b"<workbook><sheets><sheet name=\"ABCDEF\"/></sheets></workbook>").unwrap();
    let mut content = book.finish().unwrap().into_inner();
    let at = content.windows(6).position(|window| window == b"ABCDEF").unwrap();
    content[at] = b'Z';
    assert_eq!(read(&content), sentence);
}

#[test]
fn a_workbook_made_to_fill_the_memory_is_refused() {
    let zeros = "0".repeat(20 << 20);
    let bomb = workbook(&format!("<row><c><v>{zeros}</v></c></row>"), &[]);
    assert_eq!(
        read(&bomb),
        "refused: the workbook unpacks to more than we read (a part that unpacks to more than 400 times its size); \
         save the sheet as CSV\n"
    );
    // A text that is too long for any cell, not packed at all.
    let long = workbook_by(CompressionMethod::Stored, &format!("<row><c t=\"str\"><v>{zeros}</v></c></row>"), &[]);
    assert_eq!(
        read(&long),
        "refused: the workbook unpacks to more than we read (a cell of more than 16 MiB); save the sheet as CSV\n"
    );
    // An archive that says less than it unpacks to.
    let mut liar = workbook("<row><c><v>20131312955</v></c></row>", &[]);
    let size =
        u32::try_from("<worksheet><sheetData><row><c><v>20131312955</v></c></row></sheetData></worksheet>".len())
            .unwrap();
    let sizes: Vec<usize> =
        liar.windows(4).enumerate().filter(|(_, four)| *four == size.to_le_bytes()).map(|(at, _)| at).collect();
    assert!(!sizes.is_empty());
    for at in sizes {
        liar[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert_eq!(
        read(&liar),
        "refused: the workbook unpacks to more than we read (a part larger than it says); save the sheet as CSV\n"
    );
    let many: Vec<String> = (0..10_001).map(|n| n.to_string()).collect();
    let parts: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
    assert!(matches!(refused(&archive(&parts)), ReadError::TooBig { what: "more than 10,000 parts" }));
}

#[test]
fn archives_that_are_no_workbook_are_named() {
    let relations = |target: &str| {
        format!("<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"{target}\"/></Relationships>")
    };
    for (parts, sentence) in [
        (vec![("a.txt", "hola".to_owned())], "this is a zip archive; unpack it, and name a file in it"),
        (
            vec![("mimetype", String::new()), ("content.xml", String::new())],
            "this is an OpenDocument file (.ods); save it as XLSX",
        ),
        (
            vec![("_rels/.rels", relations("xl/workbook.bin")), ("xl/workbook.bin", String::new())],
            "this is a binary workbook (.xlsb); save it as XLSX",
        ),
        (
            vec![("_rels/.rels", relations("word/document.xml")), ("word/document.xml", String::new())],
            "this is a text document (.docx); save the table as CSV or XLSX",
        ),
    ] {
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, content)| (*name, content.as_str())).collect();
        assert_eq!(refused(&archive(&parts)).to_string(), sentence);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever cells there are, a spreadsheet library writes them and they are read back as they were.
    #[test]
    fn what_is_written_as_a_sheet_is_read_back(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 0..6), 1..12),
        is_streamed in any::<bool>(),
    ) {
        let mut book = Workbook::new();
        let sheet = if is_streamed { book.add_worksheet_with_constant_memory().unwrap() } else { book.add_worksheet() };
        sheet.write(0, 0, "RUC").unwrap();
        for (place, cells) in (1..).zip(&rows) {
            sheet.write(place, 0, 20_131_312_955_u64).unwrap();
            for (column, cell) in (1..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write(place, column, &**text).unwrap(),
                    Cell::Number(number) => sheet.write(place, column, *number).unwrap(),
                    Cell::Bool(is_true) => sheet.write(place, column, *is_true).unwrap(),
                    _ => sheet.write_blank(place, column, &CellFormat::new().set_bold()).unwrap(),
                };
            }
        }
        let read: Vec<Vec<Cell>> = cells(&open(&book.save_to_buffer().unwrap()));
        let read: Vec<Vec<Cell>> = read.into_iter().map(|cells| cells[1..].to_vec()).collect();
        prop_assert_eq!(read, rows);
    }
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        any::<bool>().prop_map(Cell::Bool),
        (-1e15..1e15).prop_map(Cell::Number),
        (0_u32..u32::MAX).prop_map(|number| Cell::Number(number.into())),
        "[a-zñ <>&\"'\n\t;_x0D41]{1,12}".prop_map(|text| Cell::Text(text.into())),
    ]
}
