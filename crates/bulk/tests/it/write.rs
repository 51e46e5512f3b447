//! Texts and JSON, written back with their results.

use chasqui_bulk::{Lang, OutFormat, Row, WriteOptions, Writer};

use crate::support::workbook;
use crate::world::{ABSENT, FOUND, FOUND_CELLS, UNKNOWN, create, open, options, stream};

const NAMES: &str = "resultado;nombre_o_razon_social;estado_del_contribuyente;condicion_de_domicilio;ubigeo;\
    departamento;provincia;distrito;direccion;apto_facturacion;motivos;fuente;datos_al";

/// The found number's cells in a text: quoted where they must be, and no formula.
fn found(delimiter: &str) -> String {
    FOUND_CELLS.replace("=EMPRESA \"UNO\"", "\"'=EMPRESA \"\"UNO\"\"\"").replace(';', delimiter)
}

#[track_caller]
fn check(content: &str, expected: &str) {
    assert_eq!(stream(&open(content), &options(OutFormat::Csv)), expected);
}

#[test]
fn a_table_keeps_its_cells_its_order_and_its_delimiter() {
    let absent = "NO EXISTE,,,,,,,,,NO,El RUC no existe,migo,2026-11-20";
    let unknown = "SIN RESPUESTA,,,,,,,,,NO VERIFICADO,El proveedor no respondió a tiempo: vuelva a intentar,,";
    let invalid = "INVALIDO,,,,,,,,,NO,No es un número de RUC ni de DNI,,";
    check(
        &format!("ruc,nota\n{ABSENT},=1+1\n{FOUND},\" a, b \"\nx,\"dos\nlineas\"\n{UNKNOWN},\n{FOUND},\n"),
        &format!(
            "ruc,nota,{}\n{ABSENT},=1+1,{absent}\n{FOUND},\" a, b \",{found}\nx,\"dos\nlineas\",{invalid}\n\
             {UNKNOWN},,{unknown}\n{FOUND},,{found}\n",
            NAMES.replace(';', ","),
            found = found(","),
        ),
    );
}

#[test]
fn results_line_up_whatever_the_width_of_a_row() {
    let found = found(";");
    check(
        &format!("nombre;ruc\na;{FOUND}\na;{FOUND};b;c\n;{FOUND}\n"),
        &format!("nombre;ruc;;;{NAMES}\na;{FOUND};;;{found}\na;{FOUND};b;c;{found}\n;{FOUND};;;{found}\n"),
    );
}

#[test]
fn what_stands_above_the_header_stays_there() {
    let found = found(";");
    check(
        &format!("REPORTE DE CLIENTES;;\nnombre;ruc;nota\na;{FOUND};\n"),
        &format!("REPORTE DE CLIENTES;;\nnombre;ruc;nota;{NAMES}\na;{FOUND};;{found}\n"),
    );
}

#[test]
fn a_file_without_a_header_gets_one() {
    let found = found(";");
    check(&format!("a;{FOUND}\n"), &format!("columna_1;columna_2;{NAMES}\na;{FOUND};{found}\n"));
    check(&format!("{FOUND}\n"), &format!("numero;{NAMES}\n{FOUND};{found}\n"));
    let english = WriteOptions { lang: Lang::En, ..options(OutFormat::Csv) };
    let written = stream(&open(format!("{ABSENT}\n")), &english);
    assert_eq!(
        written,
        format!(
            "number,result,nombre_o_razon_social,estado_del_contribuyente,condicion_de_domicilio,ubigeo,departamento,\
             provincia,distrito,direccion,may_be_invoiced,reasons,source,data_as_of\n\
             {ABSENT},ABSENT,,,,,,,,,NO,The RUC does not exist,migo,2026-11-20\n"
        )
    );
}

#[test]
fn names_that_are_taken_are_counted_on() {
    let written = stream(&open(format!("RUC;Resultado;UBIGEO;ubigeo_2\n{FOUND};x;y;z\n")), &options(OutFormat::Csv));
    let header = written.lines().next().unwrap();
    assert!(header.starts_with("RUC;Resultado;UBIGEO;ubigeo_2;resultado_2;nombre_o_razon_social;"), "{header}");
    assert!(header.contains(";ubigeo_3;departamento;"), "{header}");
}

#[test]
fn a_file_gets_a_byte_order_mark_and_the_delimiter_of_its_ending() {
    let folder = tempfile::tempdir().unwrap();
    let input = open(format!("ruc,nota\n{FOUND},Ñandú\n"));
    for (name, delimiter) in [("out.csv", ","), ("out.tsv", "\t")] {
        let written = create(&folder.path().join(name), &input, &options(OutFormat::Csv)).unwrap();
        let expected =
            format!("\u{feff}ruc;nota;{NAMES}\n{FOUND};Ñandú;").replace(';', delimiter) + &found(delimiter) + "\n";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
    let pipes = WriteOptions { delimiter: Some(b'|'), ..options(OutFormat::Csv) };
    assert!(stream(&input, &pipes).starts_with("ruc|nota|resultado|"));
}

#[test]
fn cells_of_a_former_run_are_copied_as_they_are() {
    let input = open(format!("ruc\n{FOUND}\n"));
    let out = crate::world::Shared::default();
    let mut writer = Writer::to(Box::new(out.clone()), &input, &options(OutFormat::Csv)).unwrap();
    let (mut rows, mut row) = (input.rows().unwrap(), Row::default());
    assert!(rows.next_into(&mut row).unwrap());
    let cells: Vec<String> = FOUND_CELLS.replace("=E", "'=E").split(';').map(str::to_owned).collect();
    writer.copy(&row, &cells).unwrap();
    writer.finish().unwrap();
    let written = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    assert_eq!(written.lines().nth(1).unwrap(), format!("{FOUND};{}", found(";")));
}

#[test]
fn an_object_keeps_its_bytes_and_gets_members() {
    let lines = [
        format!(r#"{{"ruc": "{FOUND}",  "n":1.50, "d": {{"a":[1,{{}}]}} }}"#),
        format!(r#"  {{"ruc":"{ABSENT}","resultado":"viejo"}}  "#),
        "{}".to_owned(),
        format!("\"{ABSENT}\""),
        "{\"ruc\": roto".to_owned(),
    ];
    let written = stream(&open(lines.join("\n")), &options(OutFormat::Ndjson));
    let written: Vec<&str> = written.lines().collect();
    let absent = concat!(
        r#""resultado_2":"NO EXISTE","nombre_o_razon_social":null,"estado_del_contribuyente":null,"#,
        r#""condicion_de_domicilio":null,"ubigeo":null,"departamento":null,"provincia":null,"distrito":null,"#,
        r#""direccion":null,"apto_facturacion":"NO","motivos":"El RUC no existe","fuente":"migo","#,
        r#""datos_al":"2026-11-20"}"#
    );
    let found = format!(r#"{{"ruc": "{FOUND}",  "n":1.50, "d": {{"a":[1,{{}}]}},"resultado_2":"ENCONTRADO","#);
    assert!(written[0].starts_with(&found), "{}", written[0]);
    assert!(written[0].contains(r#""nombre_o_razon_social":"=EMPRESA \"UNO\"","#), "a formula means nothing here");
    assert_eq!(written[1], format!(r#"{{"ruc":"{ABSENT}","resultado":"viejo",{absent}"#));
    assert!(written[2].starts_with(r#"{"resultado_2":"INVALIDO","#), "{}", written[2]);
    assert_eq!(written[3], format!(r#"{{"ruc":"{ABSENT}",{absent}"#));
    assert!(written[4].starts_with(r#"{"ruc":"{\"ruc\": roto","resultado_2":"INVALIDO","#), "{}", written[4]);
    let bare = stream(&open(format!("{ABSENT}\n\"{FOUND}\"\n")), &options(OutFormat::Ndjson));
    assert!(bare.lines().all(|line| line.contains("\"numero\"")), "{bare}");
    for line in written {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn a_table_becomes_objects_with_a_name_for_each_column() {
    let input = open(format!("ruc;;nota;nota\n{FOUND};a;b;c\n{FOUND}\n"));
    let written = stream(&input, &options(OutFormat::Ndjson));
    let lines: Vec<&str> = written.lines().collect();
    let start = format!(r#"{{"ruc":"{FOUND}","columna_2":"a","nota":"b","nota_2":"c","resultado":"ENCONTRADO","#);
    assert!(lines[0].starts_with(&start), "{}", lines[0]);
    let start = format!(r#"{{"ruc":"{FOUND}","columna_2":null,"nota":null,"nota_2":null,"#);
    assert!(lines[1].starts_with(&start), "{}", lines[1]);
}

#[test]
fn objects_become_a_table_with_every_key_there_is() {
    let lines = [
        format!(r#"{{"ruc":"{FOUND}","n":1.50,"d":{{"a":[1]}}}}"#),
        format!("\"{FOUND}\""),
        format!(r#"{{"tarde":true,"ruc":"{FOUND}","nada":null,"n":"a;b"}}"#),
    ];
    let written = stream(&open(lines.join("\n")), &options(OutFormat::Csv));
    let found = found(";");
    assert_eq!(
        written,
        format!(
            "ruc;n;d;tarde;nada;{NAMES}\n{FOUND};1.50;\"{{\"\"a\"\":[1]}}\";;;{found}\n{FOUND};;;;;{found}\n\
             {FOUND};\"a;b\";;VERDADERO;;{found}\n"
        )
    );
}

#[test]
fn a_sheet_becomes_a_text_as_a_person_reads_it() {
    let text = |place: &str, text: &str| format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let header = [text("A1", "ruc"), text("B1", "a"), text("C1", "b")].concat();
    let sheet = format!(
        "<row r=\"1\">{header}</row><row r=\"2\"><c r=\"A2\"><v>{FOUND}</v></c>\
         <c r=\"B2\" t=\"b\"><v>1</v></c><c r=\"C2\"><v>0.30000000000000004</v></c></row>"
    );
    let input = open(workbook(&sheet, &[]));
    let written = stream(&input, &options(OutFormat::Csv));
    assert_eq!(written, format!("ruc;a;b;{NAMES}\n{FOUND};VERDADERO;0.3;{}\n", found(";")));
    let written = stream(&input, &options(OutFormat::Ndjson));
    assert!(
        written.starts_with(&format!(r#"{{"ruc":{FOUND},"a":true,"b":0.3,"resultado":"ENCONTRADO","#)),
        "{written}"
    );
}

#[test]
fn an_output_read_again_gives_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let input = open(format!("ruc,nota\n{FOUND},\"a\nb\"\n{ABSENT},\"\"\"\"\n"));
    for name in ["out.csv", "out.xlsx", "out.ndjson"] {
        let path = folder.path().join(name);
        let format = OutFormat::of(&path).unwrap();
        let again = open(create(&path, &input, &options(format)).unwrap());
        assert_eq!(OutFormat::like(&again), format);
        let (mut rows, mut row, mut numbers) = (again.rows().unwrap(), Row::default(), Vec::new());
        while rows.next_into(&mut row).unwrap() {
            numbers.push(row.number.unwrap().unwrap().to_string());
        }
        assert_eq!(numbers, [FOUND, ABSENT], "{name}");
    }
}
