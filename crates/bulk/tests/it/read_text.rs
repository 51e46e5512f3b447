//! Delimited texts and plain lists, as programs and people write them.

use chasqui_bulk::{Content, Input, ReadOptions};
use proptest::prelude::*;

use crate::support::{column, contents, read, read_with};

#[track_caller]
fn check(content: &str, expected: &str) {
    assert_eq!(read(content.as_bytes()), expected, "{content:?}");
}

#[test]
fn delimiters_are_found() {
    for (delimiter, shown) in [(',', "','"), (';', "';'"), ('\t', "'\\t'"), ('|', "'|'")] {
        let content = "RUC;NOMBRE\n20131312955;SUNAT\n20100038146;CONTINENTAL\n".replace(';', &delimiter.to_string());
        let expected =
            "Utf8, header RUC|NOMBRE@1, column 0 by Header, 2 columns, 2 rows\n2: 20131312955\n3: 20100038146\n";
        check(&content, &format!("csv {shown} {expected}"));
    }
    // Commas in names and amounts; the first line says it; a name without any delimiter around it.
    let rows = "RUC;NOMBRE;MONTO\n20131312955;A, B, C;1,50\n20100038146;D;2,00\n";
    assert!(read(rows.as_bytes()).starts_with("csv ';'"));
    assert_eq!(
        read(b"sep=;\r\nRUC;N\r\n20131312955;a,b\r\n"),
        "csv ';' Utf8, header RUC|N@2, column 0 by Header, 2 columns, 1 rows\n3: 20131312955\n"
    );
    let asked = ReadOptions { delimiter: Some(b'#'), ..ReadOptions::default() };
    assert!(read_with(b"RUC#N\n20131312955#x\n", &asked).starts_with("csv '#' Utf8, header RUC|N@1"));
}

#[test]
fn letters_are_decoded() {
    let expected = "header RUC|RAZÓN@1, column 0 by Header, 2 columns, 1 rows\n2: 20131312955\n";
    let text = "RUC;RAZÓN\r\n20131312955;PEÑA Ñ\r\n";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    for (content, name) in [
        (text.as_bytes().to_vec(), "Utf8"),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "Utf8Bom"),
        (latin, "Windows1252"),
        (wide(true, u16::to_le_bytes), "Utf16Le"),
        (wide(true, u16::to_be_bytes), "Utf16Be"),
        (wide(false, u16::to_le_bytes), "Utf16Le"),
    ] {
        assert_eq!(read(&content), format!("csv ';' {name}, {expected}"));
        let input = Input::of_bytes(content, &ReadOptions::default()).unwrap();
        let Content::Text(record) = &contents(&input)[0] else { panic!("a text") };
        assert_eq!(record, vec!["20131312955", "PEÑA Ñ"]);
    }
}

#[test]
fn one_letter_at_the_far_end_decides_for_the_whole_file() {
    let mut content = b"RUC;NOMBRE\n".to_vec();
    while content.len() < 5 << 20 {
        content.extend_from_slice(b"20131312955;PENA\n");
    }
    content.extend_from_slice(b"20131312955;PE\xd1A\n");
    let input = Input::of_bytes(content, &ReadOptions::default()).unwrap();
    let rows = contents(&input);
    let Some(Content::Text(record)) = rows.last() else { panic!("a text") };
    assert_eq!(&record[1], "PEÑA");
}

#[test]
fn files_of_two_programs_put_together_are_read_line_by_line() {
    for mark in [b"".as_slice(), b"\xef\xbb\xbf"] {
        let content = [mark, "RUC;RAZÓN\n20131312955;PEÑA SEÑOR\n".as_bytes(), b"20100038146;NU\xd1EZ\n"].concat();
        let input = Input::of_bytes(content, &ReadOptions::default()).unwrap();
        assert_eq!(input.shape().header.as_ref().unwrap(), &["RUC", "RAZÓN"]);
        let names: Vec<String> = contents(&input)
            .iter()
            .map(|content| match content {
                Content::Text(record) => record[1].to_owned(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(names, ["PEÑA SEÑOR", "NUÑEZ"]);
    }
}

#[test]
fn names_in_a_message_stay_in_one_line() {
    check(
        "\"A\nB\";C\nx;y\n",
        "refused: no column holds RUC or DNI numbers; say which one with --column; there are: A `A B`, B `C`\n",
    );
}

#[test]
fn quotes_hold_line_ends_delimiters_and_quotes() {
    check(
        "RUC,NOMBRE\n20131312955,\"LA \"\"CASA\"\"\nSAC, LIMA\"\n\n20100038146,TUBO 1/2\" PVC\n",
        "csv ',' Utf8, header RUC|NOMBRE@1, column 0 by Header, 2 columns, 2 rows\n2: 20131312955\n5: 20100038146\n",
    );
    let content = "RUC,NOMBRE\r\n\"20131312955\",\"LA \"\"CASA\"\"\r\nSAC, LIMA\"\r\n20100038146,\"a\"b\r\n";
    let input = Input::of_bytes(content.into(), &ReadOptions::default()).unwrap();
    let cells: Vec<Vec<String>> = contents(&input)
        .iter()
        .map(|content| match content {
            Content::Text(record) => record.iter().map(str::to_owned).collect(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(cells, [["20131312955", "LA \"CASA\"\r\nSAC, LIMA"], ["20100038146", "ab"]]);
    check(
        "RUC,NOMBRE\n20131312955,a\n20100038146,\"b\n20131312955,c\n",
        "refused: the quote that opens in line 3 is never closed; close it or take it out\n",
    );
}

#[test]
fn every_line_end_ends_a_line() {
    for end in ["\n", "\r\n", "\r"] {
        let content = ["RUC;N", "20131312955;a", "", "20100038146;b"].join(end);
        check(
            &content,
            "csv ';' Utf8, header RUC|N@1, column 0 by Header, 2 columns, 2 rows\n2: 20131312955\n4: 20100038146\n",
        );
    }
}

#[test]
fn ragged_rows_duplicate_headers_and_empty_cells_are_kept() {
    check(
        "RUC,N,N\n20131312955\n20100038146,a,b,c\n,,\n",
        "csv ',' Utf8, header RUC|N|N@1, column 0 by Header, 4 columns, 3 rows\n\
         2: 20131312955\n3: 20100038146\n4: Empty\n",
    );
    // Of two with the same name, the one with numbers in it.
    check(
        "RUC,RUC\nx,20131312955\ny,20100038146\n",
        "csv ',' Utf8, header RUC|RUC@1, column 1 by Header, 2 columns, 2 rows\n2: 20131312955\n3: 20100038146\n",
    );
}

#[test]
fn a_file_without_rows_is_empty_or_has_none() {
    check("", "refused: the file is empty; there is nothing to look up\n");
    check("\u{feff}", "refused: the file is empty; there is nothing to look up\n");
    check("\n\r\n\n", "refused: the file is empty; there is nothing to look up\n");
    check("RUC;NOMBRE\n", "csv ';' Utf8, header RUC|NOMBRE@1, column 0 by Header, 2 columns, 0 rows\n");
    check("RUC", "list Utf8, header RUC@1, column 0 by Header, 1 columns, 0 rows\n");
}

#[test]
fn a_list_needs_no_header() {
    check(
        "20131312955\n10117410\nabc\n20131312954\n",
        "list Utf8, header -, column 0 by OnlyOne, 1 columns, 4 rows\n\
         1: 20131312955\n2: 10117410\n3: NotANumber\n4: Ruc(CheckDigit)\n",
    );
    check(
        "Proveedores\n20131312955\n",
        "list Utf8, header Proveedores@1, column 0 by OnlyOne, 1 columns, 1 rows\n2: 20131312955\n",
    );
    check(
        "20131312955,00\n2,0131312955E+10\n",
        "list Utf8, header -, column 0 by OnlyOne, 1 columns, 2 rows\n1: 20131312955+\n2: 20131312955+\n",
    );
    check("20131312955", "list Utf8, header -, column 0 by OnlyOne, 1 columns, 1 rows\n1: 20131312955\n");
    check(
        "20131312955,20100038146\n10117410,x\n",
        "csv ',' Utf8, header -, column 0 by Content, 2 columns, 2 rows\n1: 20131312955\n2: 10117410\n",
    );
    check(
        "\"20131312955\"\n\"10117410\"\n",
        "list Utf8, header -, column 0 by OnlyOne, 1 columns, 2 rows\n1: 20131312955\n2: 10117410\n",
    );
}

#[test]
fn a_number_with_its_name_is_no_header() {
    check(
        "RUC: 20131312955\nDNI: 10117410\n",
        "list Utf8, header -, column 0 by OnlyOne, 1 columns, 2 rows\n1: 20131312955\n2: 10117410\n",
    );
}

#[test]
fn the_column_is_found_by_name_then_by_content() {
    check(
        "Nombre;Nº Documento;Fecha\nA;20131312955;2024-01-31\nB;10117410;20240131\n",
        "csv ';' Utf8, header Nombre|Nº Documento|Fecha@1, column 1 by Header, 3 columns, 2 rows\n2: 20131312955\n3: 10117410\n",
    );
    // Dates without separators are eight digits too.
    check(
        "Nombre;Quien;Fecha\nA;20131312955;20240131\nB;10117410;20240131\n",
        "csv ';' Utf8, header Nombre|Quien|Fecha@1, column 1 by Content, 3 columns, 2 rows\n2: 20131312955\n3: 10117410\n",
    );
    check(
        "Fecha,Quien\n20240131,10117410\n20240201,10117411\n",
        "csv ',' Utf8, header Fecha|Quien@1, column 1 by Content, 2 columns, 2 rows\n2: 10117410\n3: 10117411\n",
    );
    check(
        "DNI,Otro\n20240131,10117410\n",
        "csv ',' Utf8, header DNI|Otro@1, column 0 by Header, 2 columns, 1 rows\n2: 20240131\n",
    );
    // The number of an invoice is not the number of a taxpayer.
    check(
        "Numero;Quien\nF001-1;20131312955\nF001-2;20100038146\n",
        "csv ';' Utf8, header Numero|Quien@1, column 1 by Content, 2 columns, 2 rows\n2: 20131312955\n3: 20100038146\n",
    );
    check(
        "A;20131312955\nB;20100038146\n",
        "csv ';' Utf8, header -, column 1 by Content, 2 columns, 2 rows\n1: 20131312955\n2: 20100038146\n",
    );
    check(
        "tipo;quien\nRUC;20131312955\nDNI;10117410\n",
        "csv ';' Utf8, header tipo|quien@1, column 1 by Content, 2 columns, 2 rows\n2: 20131312955\n3: 10117410\n",
    );
    check(
        "Nombre;Monto\nA;10\nB;20\n",
        "refused: no column holds RUC or DNI numbers; say which one with --column; there are: A `Nombre`, B `Monto`\n",
    );
    check(
        "hola\nmundo\n",
        "refused: no column holds RUC or DNI numbers; say which one with --column; there are: A `hola`\n",
    );
}

#[test]
fn a_title_above_the_table_is_no_row() {
    check(
        "REPORTE DE CLIENTES;;\n;;\nNombre;RUC;Monto\nA;20131312955;1\nB;malo;2\n",
        "csv ';' Utf8, header Nombre|RUC|Monto@3, above [[\"REPORTE DE CLIENTES\", \"\", \"\"], [\"\", \"\", \"\"]], \
         column 1 by Header, 3 columns, 2 rows\n4: 20131312955\n5: NotANumber\n",
    );
    check(
        "LISTA DE RUC;\nRUC;Nombre\n20131312955;A\n",
        "csv ';' Utf8, header RUC|Nombre@2, above [[\"LISTA DE RUC\", \"\"]], column 0 by Header, 2 columns, 1 rows\n\
         3: 20131312955\n",
    );
    // Who made the report is no row either, and a first bad number does not become the header.
    check(
        "RUC;20100038146;\nNombre;Quien;Monto\nA;PENDIENTE;1\nB;20131312955;2\nC;20131312955;2\n",
        "csv ';' Utf8, header -, column 1 by Content, 3 columns, 5 rows\n\
         1: 20100038146\n2: NotANumber\n3: NotANumber\n4: 20131312955\n5: 20131312955\n",
    );
    check(
        "LISTA\nNombre;Quien\nA;PENDIENTE\nB;20131312955\nC;20131312955\n",
        "csv ';' Utf8, header Nombre|Quien@2, above [[\"LISTA\"]], column 1 by Content, 2 columns, 3 rows\n\
         3: NotANumber\n4: 20131312955\n5: 20131312955\n",
    );
}

#[test]
fn a_column_is_asked_for_by_name_letter_or_place() {
    let content = b"Cliente;C\xc3\xb3digo N\xc2\xba;RUC\nA;10117410;20131312955\n";
    for (asked, at) in [("codigo n", 1), ("CÓDIGO Nº", 1), ("b", 1), ("2", 1), ("C", 2), ("ruc", 2), ("cliente", 0)] {
        let read = read_with(content, &column(asked));
        assert!(read.contains(&format!("column {at} by Asked")), "{asked}: {read}");
        assert!(read.contains("header Cliente|Código Nº|RUC@1"), "{asked}: {read}");
    }
    for asked in ["Z", "9", "0", "nada"] {
        assert_eq!(
            read_with(content, &column(asked)),
            format!("refused: there is no column `{asked}`; there are: A `Cliente`, B `Código Nº`, C `RUC`\n")
        );
    }
}

#[test]
fn cells_of_megabytes_are_read_and_bounded() {
    let content =
        format!("RUC,NOTA\n20131312955,\"{}\"\n20100038146,b\n", format!("{}\n", "x".repeat(99)).repeat(52_429));
    let read_back = read(content.as_bytes());
    assert!(read_back.ends_with("2: 20131312955\n52432: 20100038146\n"), "{read_back}");
    let sentence = "refused: the record at line 2 is longer than 16 MiB; look for a quote that is never closed\n";
    for filling in [format!("{}\n", "x".repeat(1023)).repeat(17 << 10), "x".repeat(17 << 20)] {
        assert_eq!(read(format!("RUC,NOTA\n20131312955,\"{filling}\"\n").as_bytes()), sentence);
    }
}

#[test]
fn short_documents_are_padded_where_that_is_asked_for() {
    let content = b"DNI\n1234567\n01234567\n";
    assert!(read(content).ends_with("2: ShortDni { found: 7 }\n3: 01234567\n"));
    let options = ReadOptions { pad_dni: true, ..ReadOptions::default() };
    assert!(read_with(content, &options).ends_with("2: 01234567+\n3: 01234567\n"));
}

proptest! {
    /// Whatever cells there are, a CSV library writes them and they are read back as they were.
    #[test]
    fn what_is_written_as_csv_is_read_back(
        rows in prop::collection::vec(prop::collection::vec("[a-zñ \",;\r\n|']{0,8}", 3), 1..20),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["RUC", "a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(std::iter::once("20131312955").chain(row.iter().map(String::as_str))).unwrap();
        }
        let options = ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() };
        let input = Input::of_bytes(writer.into_inner().unwrap(), &options).unwrap();
        let read: Vec<Vec<String>> = contents(&input)
            .iter()
            .map(|content| match content {
                Content::Text(record) => record.iter().skip(1).map(str::to_owned).collect(),
                other => panic!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(read, rows);
    }
}
