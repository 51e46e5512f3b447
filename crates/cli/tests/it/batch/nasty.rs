//! Twenty files nobody would wish for: each gives the right output or one clear sentence, and the input stays as it is.

use std::io::{Cursor, Write as _};
use std::process::Command;

use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

use super::{KNOWN, NOBODY, assert_code, world};
use crate::program::World;

/// A file, and what comes of it: the column `resultado`, or what the one sentence says.
struct Nasty {
    name: &'static str,
    content: Vec<u8>,
    flags: &'static [&'static str],
    outcome: Result<Vec<&'static str>, &'static str>,
}

const FOUND: &str = "ENCONTRADO";
const ABSENT: &str = "NO EXISTE";
const INVALID: &str = "INVALIDO";

fn nasty(name: &'static str, content: impl Into<Vec<u8>>, rows: &[&'static str]) -> Nasty {
    Nasty { name, content: content.into(), flags: &[], outcome: Ok(rows.to_vec()) }
}

fn refused(name: &'static str, content: impl Into<Vec<u8>>, words: &'static str) -> Nasty {
    Nasty { name, content: content.into(), flags: &[], outcome: Err(words) }
}

/// A workbook whose sheet is filled by `fill`.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().expect("the workbook is sound")
}

/// A workbook whose one sheet unpacks to a gigabyte and more.
fn bomb() -> Vec<u8> {
    let whole = workbook(|sheet| {
        sheet.write(0, 0, "RUC").expect("it fits");
    });
    let mut from = zip::ZipArchive::new(Cursor::new(whole)).expect("it is an archive");
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..from.len() {
        let entry = from.by_index_raw(i).expect("it is there");
        if entry.name().is_ok_and(|name| name.ends_with("sheet1.xml")) {
            drop(entry);
            to.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).expect("it is written to memory");
            to.write_all(b"<worksheet><sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>").expect("so is this");
            let blank = vec![b' '; 1 << 20];
            for _ in 0..1_100 {
                to.write_all(&blank).expect("and this");
            }
        } else {
            to.raw_copy_file(entry).expect("it is copied as it is");
        }
    }
    to.finish().expect("it is finished").into_inner()
}

fn files() -> Vec<Nasty> {
    let mut big = format!("ruc,nota\n{KNOWN},\"").into_bytes();
    big.extend(std::iter::repeat_n(b'x', 5 << 20));
    big.extend_from_slice(format!("\"\n{NOBODY},corta\n").as_bytes());
    let sheet = workbook(|sheet| {
        sheet.write(0, 0, "RUC").expect("it fits");
        sheet.write(1, 0, KNOWN).expect("it fits");
    });
    let truncated = sheet[..sheet.len() * 2 / 3].to_vec();
    let formulas = workbook(|sheet| {
        sheet.write(0, 0, "RUC").expect("it fits");
        sheet.write(1, 0, Formula::new("=A3").set_result(KNOWN)).expect("it fits");
        sheet.write(2, 0, Formula::new("=NA()").set_result("#N/A")).expect("it fits");
    });
    let merged = workbook(|sheet| {
        let title = Format::new().set_bold();
        sheet.merge_range(0, 0, 0, 2, "REPORTE DE CLIENTES", &title).expect("it fits");
        sheet.write(2, 0, "Código").expect("it fits");
        sheet.write(2, 1, "Nro. RUC").expect("it fits");
        sheet.write(3, 0, 1).expect("it fits");
        sheet.write(3, 1, KNOWN).expect("it fits");
    });
    let floats = workbook(|sheet| {
        sheet.write(0, 0, "documento").expect("it fits");
        sheet.write(1, 0, 20_131_312_955_f64).expect("it fits");
        sheet.write(2, 0, 1_234_567_f64).expect("it fits");
        sheet.write(3, 0, 20_131_312_955.5).expect("it fits");
    });
    let dates = workbook(|sheet| {
        let day = Format::new().set_num_format("dd/mm/yyyy");
        sheet.write(0, 0, "ruc").expect("it fits");
        sheet.write(0, 1, "emitido").expect("it fits");
        sheet.write(1, 0, KNOWN).expect("it fits");
        sheet.write_with_format(1, 1, 46_000, &day).expect("it fits");
        sheet.write_with_format(2, 0, 46_000, &day).expect("it fits");
    });
    let list = format!("\u{feff}{KNOWN}\r\n{NOBODY}\r\n");
    vec![
        nasty("bom.csv", format!("\u{feff}RUC;nombre\r\n{KNOWN};Ñandú\r\n"), &[FOUND]),
        nasty("semicolons.csv", format!("nombre;RUC\n\"a;b\";{KNOWN}\n\"c,d\";{NOBODY}\n"), &[FOUND, ABSENT]),
        nasty("quoted.csv", format!("ruc,dir\n{KNOWN},\"calle 1\nlima\"\n{NOBODY},\"\"\"x\"\"\"\n"), &[FOUND, ABSENT]),
        nasty(
            "ansi.csv",
            [format!("ruc;raz\u{f3}n\n{KNOWN};"), "\n".into()]
                .concat()
                .chars()
                .map(|c| c as u8)
                .chain(*b"20000000001;\xd1and\xfa\n")
                .collect::<Vec<u8>>(),
            &[FOUND, ABSENT],
        ),
        refused("empty.csv", "", "the file is empty"),
        nasty("header.csv", "codigo,ruc,nombre\n", &[]),
        nasty("column.csv", list, &[FOUND, ABSENT]),
        nasty("twice.csv", format!("ruc,ruc,x\n{KNOWN},,1\n{NOBODY},,2\n"), &[FOUND, ABSENT]),
        nasty("big.csv", big, &[FOUND, ABSENT]),
        nasty("formulas.csv", format!("ruc,x\n=\"{KNOWN}\",=1+1\n{NOBODY},@SUM(A1)\n"), &[FOUND, ABSENT]),
        nasty("formulas.xlsx", formulas, &[FOUND, INVALID]),
        nasty("merged.xlsx", merged, &[FOUND]),
        nasty("dates.xlsx", dates, &[FOUND, INVALID]),
        nasty("floats.xlsx", floats, &[FOUND, FOUND, INVALID]),
        nasty("floats.csv", format!("ruc\n{KNOWN}.0\n2.0131312955E10\n2.01313E+10\n"), &[FOUND, FOUND, INVALID]),
        nasty("mixed.csv", format!("documento,tipo\n{KNOWN},6\n10117410,1\nA1234567,7\n"), &[FOUND, FOUND, INVALID]),
        refused("bomb.xlsx", bomb(), "unpacks to more than we read"),
        refused("truncated.xlsx", truncated, "damaged or not complete"),
        refused("report.csv", "%PDF-1.7\n1 0 obj\n<<>>\n", "PDF"),
        Nasty {
            flags: &["--column", "cliente"],
            ..refused("columns.csv", format!("ruc,x\n{KNOWN},1\n"), "there is no column `cliente`")
        },
    ]
}

#[test]
fn each_gives_the_right_output_or_one_clear_sentence_and_stays_as_it_is() {
    std::thread::scope(|scope| {
        for nasty in files() {
            scope.spawn(move || check(&nasty));
        }
    });
}

fn check(nasty: &Nasty) {
    let Nasty { name, content, flags, outcome } = nasty;
    let world = world(name, content);
    let arguments: Vec<&str> = ["batch", name, "-o", "salida.csv"].iter().chain(*flags).copied().collect();
    let run = world.run(&arguments);
    assert!(std::fs::read(world.file(name)).expect("it is there") == *content, "{name}: the input was touched");
    match outcome {
        Ok(expected) => {
            let output = world.text("salida.csv");
            let mut reader = Records::of(&output);
            let place = reader.place("resultado");
            let found: Vec<String> = reader.by_ref().map(|record| record[place].clone()).collect();
            assert_eq!(found, *expected, "{name}: {}", run.everything());
        }
        Err(words) => {
            assert_code(&run, 2);
            let errors: Vec<&str> = run.stderr.lines().filter(|line| line.contains("error:")).collect();
            assert!(errors.len() == 1 && errors[0].contains(words) && errors[0].contains(name), "{name}: {errors:?}");
            assert_eq!(world.files(), [*name], "{name}");
        }
    }
}

/// The records of a CSV text, whatever its delimiter.
struct Records {
    header: Vec<String>,
    records: std::vec::IntoIter<Vec<String>>,
}

impl Records {
    fn of(text: &str) -> Self {
        let delimiter = if text.lines().any(|line| line.contains(";resultado;")) { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("the output is sound").iter().map(str::to_owned).collect())
            .collect();
        let at =
            records.iter().position(|record| record.iter().any(|cell| cell == "resultado")).expect("it has a header");
        let body = records.split_off(at + 1);
        Self { header: records.pop().expect("it has a header"), records: body.into_iter() }
    }

    fn place(&self, name: &str) -> usize {
        self.header.iter().position(|header| header == name).expect("there is such a column")
    }
}

impl Iterator for Records {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.records.next()
    }
}

#[test]
fn an_output_on_top_of_its_input_is_refused_by_whatever_name() {
    let content = format!("ruc\n{KNOWN}\n");
    let world = world("clientes.csv", &content);
    std::fs::hard_link(world.file("clientes.csv"), world.file("hard.csv")).expect("the folder is ours");
    #[cfg(unix)]
    std::os::unix::fs::symlink("clientes.csv", world.file("soft.csv")).expect("the folder is ours");
    for output in [
        "clientes.csv",
        "./clientes.csv",
        "hard.csv",
        #[cfg(unix)]
        "soft.csv",
    ] {
        let run = world.run(&["batch", "clientes.csv", "-o", output, "--force"]);
        assert_code(&run, 2);
        assert_eq!(world.text("clientes.csv"), content, "{output}: {}", run.everything());
        assert!(run.stderr.contains("input"), "{}", run.stderr);
    }
}

#[test]
fn what_may_not_be_read_or_is_not_there_is_named() {
    let world = World::new().with_file("secreto.csv", "ruc\n");
    let run = world.run(&["batch", "nadie.csv"]);
    assert_code(&run, 2);
    assert!(run.stderr.contains("there is no file `nadie.csv`"), "{}", run.stderr);
    let run = world.run(&["batch", "."]);
    assert_code(&run, 2);
    assert!(run.stderr.contains("is a folder"), "{}", run.stderr);
    let run = world.run(&["batch", "secreto.csv", "-o", "no/salida.csv"]);
    assert!(run.code != 0 && run.stderr.contains("no"), "{}", run.stderr);
    forbid(&world);
    // Whoever runs the tests as root may read everything, so a lesser user does it where one can be had.
    let lesser = Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            env!("CARGO_BIN_EXE_chasqui"),
            "batch",
            "secreto.csv",
        ])
        .current_dir(world.path())
        .env_clear()
        .output();
    match lesser {
        // 126 and 127 say that the program itself may not be run by somebody else here, 1 that nobody else can be had.
        Ok(output) if !matches!(output.status.code(), Some(1 | 126 | 127)) => {
            assert_eq!(output.status.code(), Some(2));
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(words.contains("may not be read"), "{words}");
        }
        _ => eprintln!("SKIPPED: no lesser user can be had here"),
    }
}

#[cfg(unix)]
fn forbid(world: &World) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(world.path(), mode(0o755)).expect("the folder is ours");
    std::fs::set_permissions(world.file("secreto.csv"), mode(0o000)).expect("the file is ours");
}

#[cfg(not(unix))]
fn forbid(_: &World) {}
