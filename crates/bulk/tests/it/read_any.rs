//! Any file: what it is not, who may not read it, and what happens to it meanwhile.

use std::fs;

use chasqui_bulk::{FormatKind, Input, ReadError, ReadOptions, Row};
use proptest::prelude::*;

use crate::support::{read, read_with, told};

#[test]
fn what_is_no_table_is_named() {
    let ole = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 600]].concat();
    let name: Vec<u8> = b"EncryptedPackage".iter().flat_map(|&letter| [letter, 0]).collect();
    let locked = [ole.as_slice(), &vec![0; 65_000], &name].concat();
    for (content, sentence) in [
        (b"%PDF-1.7\n1 0 obj".as_slice(), "this is a PDF; save the table as CSV or XLSX"),
        (&ole, "this is an old Excel workbook (.xls); open it in the spreadsheet program and save it as XLSX"),
        (&locked, "this is a workbook with a password; save it without the password"),
        (b"\x1f\x8b\x08\x00", "this is a compressed file (gzip); unpack it first"),
        (b"\x89PNG\r\n\x1a\n....", "this is an image; save the table as CSV or XLSX"),
        (b"\xff\xd8\xff\xe0....", "this is an image; save the table as CSV or XLSX"),
        (b"{\\rtf1 20131312955}", "this is a text document (RTF); save the table as CSV or XLSX"),
        (
            b"\n <!DOCTYPE HTML><table><tr><td>RUC",
            "this is a web page (HTML); open it in the spreadsheet program and save it as XLSX",
        ),
        (
            b"\xef\xbb\xbf<?xml version=\"1.0\"?><Workbook/>",
            "this is an XML file; open it in the spreadsheet program and save it as XLSX",
        ),
        (b"RUC\n2013\x001312955\n", "this is neither a text nor a workbook; save the table as CSV or XLSX"),
        (&[7; 200], "this is neither a text nor a workbook; save the table as CSV or XLSX"),
    ] {
        assert_eq!(read(content), format!("refused: {sentence}\n"));
    }
}

#[test]
fn a_format_that_is_asked_for_is_taken() {
    let asked = |format| ReadOptions { format: Some(format), ..ReadOptions::default() };
    let content = b"20131312955\n10117410\n";
    assert!(read_with(content, &asked(FormatKind::Csv)).starts_with("csv ',' Utf8, header -, column 0 by OnlyOne"));
    assert!(read_with(content, &asked(FormatKind::List)).starts_with("list Utf8"));
    assert_eq!(
        read_with(content, &asked(FormatKind::Ndjson)),
        "ndjson -, header -, column 0 by OnlyOne, 0 columns, 2 rows\n1: 20131312955\n2: 10117410\n"
    );
    assert_eq!(
        read_with(content, &asked(FormatKind::Xlsx)),
        "refused: this is a text and no workbook; leave its format out\n"
    );
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Input::open(&folder.path().join(name), &ReadOptions::default()).unwrap_err();
    let path = |name: &str| folder.path().join(name).display().to_string();
    assert_eq!(
        open("no.csv").to_string(),
        format!("there is no file `{}`; check its name and its folder", path("no.csv"))
    );
    fs::create_dir(folder.path().join("carpeta")).unwrap();
    assert_eq!(open("carpeta").to_string(), format!("`{}` is a folder; name a file in it", path("carpeta")));
    fs::write(folder.path().join("vacio.csv"), "").unwrap();
    assert!(matches!(open("vacio.csv"), ReadError::Empty));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_what_to_do() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ajeno.csv");
    fs::write(&path, "RUC\n20131312955\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything cannot be refused.
    if fs::File::open(&path).is_err() {
        let error = Input::open(&path, &ReadOptions::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`{}` may not be read; ask its owner for permission, or copy it to a folder of yours",
                path.display()
            )
        );
    }
    let device = Input::open("/dev/null".as_ref(), &ReadOptions::default()).unwrap_err();
    assert_eq!(device.to_string(), "`/dev/null` is no ordinary file; save it first, or pipe it in");
}

#[test]
fn a_file_is_gone_through_as_often_as_one_likes_and_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clientes.csv");
    let content = "RUC;NOMBRE\n20131312955;A\n10117410;B\n";
    fs::write(&path, content).unwrap();
    let input = Input::open(&path, &ReadOptions::default()).unwrap();
    let (mut first, mut second) = (input.rows().unwrap(), input.rows().unwrap());
    let (mut row, mut other) = (Row::default(), Row::default());
    while first.next_into(&mut row).unwrap() {
        assert!(second.next_into(&mut other).unwrap());
        assert_eq!((row.place, row.number), (other.place, other.number));
    }
    assert!(!second.next_into(&mut other).unwrap());
    assert_eq!(told(&input), read(content.as_bytes()));
    assert_eq!(input.fingerprint().unwrap(), blake3::hash(content.as_bytes()));
    assert_eq!((input.size(), first.bytes_read()), (content.len() as u64, content.len() as u64));
    assert_eq!((input.path(), fs::read_to_string(&path).unwrap().as_str()), (Some(path.as_path()), content));
}

#[test]
fn a_file_that_changes_is_not_read_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clientes.csv");
    fs::write(&path, "RUC\n20131312955\n").unwrap();
    let input = Input::open(&path, &ReadOptions::default()).unwrap();
    let mut rows = input.rows().unwrap();
    fs::write(&path, "RUC\n20131312955\n10117410\n").unwrap();
    let sentence = "the file changed while it was read; close it in other programs and run again";
    assert_eq!(input.rows().unwrap_err().to_string(), sentence);
    assert_eq!(input.fingerprint().unwrap_err().to_string(), sentence);
    let mut row = Row::default();
    let last = loop {
        match rows.next_into(&mut row) {
            Ok(true) => {}
            last => break last,
        }
    };
    assert_eq!(last.unwrap_err().to_string(), sentence);
}

#[test]
fn what_is_shown_of_an_input_holds_nothing_of_its_content() {
    let input = Input::of_bytes(b"10117410;JUAN\n".to_vec(), &ReadOptions::default()).unwrap();
    let (mut rows, mut row) = (input.rows().unwrap(), Row::default());
    assert!(rows.next_into(&mut row).unwrap());
    let shown = format!("{input:?} {rows:?} {row:?}");
    assert!(!shown.contains("JUAN") && !shown.contains("10117410"), "{shown}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(content in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&content);
    }

    #[test]
    fn no_near_table_does_either(
        content in "(RUC|dni|20131312955|10117410|\\{\"ruc\":|\"|;|,|\t|\r|\n|\\[|ñ|sep=;|=|E10| |\\}){0,40}",
        pad_dni in any::<bool>(),
    ) {
        read_with(content.as_bytes(), &ReadOptions { pad_dni, ..ReadOptions::default() });
    }
}
