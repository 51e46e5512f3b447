//! JSON, one value a line.

use crate::support::{column, read, read_with};

#[track_caller]
fn check(content: &str, expected: &str) {
    assert_eq!(read(content.as_bytes()), expected, "{content:?}");
}

#[test]
fn the_key_is_found_by_name_then_by_content() {
    check(
        "{\"nombre\":\"A\",\"nroDocumento\":\"20131312955\"}\n\n{\"nroDocumento\":1234567}\n{\"nombre\":\"B\"}\n",
        "ndjson nroDocumento, header nombre|nroDocumento, column 1 by Header, 0 columns, 3 rows\n\
         1: 20131312955\n3: 01234567+\n4: Empty\n",
    );
    check(
        "{\"a\":\"x\",\"b\":20131312955}\n{\"a\":\"y\",\"b\":20100038146}\n",
        "ndjson b, header a|b, column 1 by Content, 0 columns, 2 rows\n1: 20131312955\n2: 20100038146\n",
    );
    check(
        "{\"a\":1,\"b\":\"x\"}\n",
        "refused: no column holds RUC or DNI numbers; say which one with --column; there are: A `a`, B `b`\n",
    );
}

#[test]
fn a_key_can_be_asked_for() {
    let content = b"{\"ruc\":\"20131312955\",\"Otro\":\"10117410\"}\n";
    assert!(read_with(content, &column("otro")).ends_with("1: 10117410\n"));
    assert_eq!(
        read_with(content, &column("nada")),
        "refused: there is no column `nada`; there are: A `ruc`, B `Otro`\n"
    );
}

#[test]
fn lines_that_are_no_objects_are_rows_too() {
    check(
        "{\"ruc\":\"20131312955\"}\n\"20100038146\"\n10117410\n[1]\n{\"ruc\":\nnull\n",
        "ndjson ruc, header ruc, column 0 by Header, 0 columns, 6 rows\n\
         1: 20131312955\n2: 20100038146\n3: 10117410\n4: NotANumber\n5: NotANumber\n6: Empty\n",
    );
}

#[test]
fn json_over_several_lines_says_what_to_do() {
    let sentence = "refused: this is JSON that is not written line by line; write one object per line (NDJSON)\n";
    for content in ["[\n{\"ruc\":1}\n]", "[{\"ruc\":1},{\"ruc\":2}]", "{\n\"ruc\":1\n}", "[]", "[1,2]", " [ \"1\" ]"] {
        check(content, sentence);
    }
}

#[test]
fn deep_and_long_lines_are_bounded() {
    let deep = format!("{{\"ruc\":\"20131312955\",\"a\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(deep.as_bytes()).ends_with("1: 20131312955\n"));
    let long = format!("{{\"ruc\":\"20131312955\"}}\n{{\"a\":\"{}\"}}\n", "x".repeat(17 << 20));
    check(&long, "refused: the record at line 2 is longer than 16 MiB; look for a quote that is never closed\n");
}
