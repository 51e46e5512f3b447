//! What goes in comes out, in order, in every format.

use super::{KNOWN, NOBODY, assert_code, outcomes, world};
use crate::program::World;

#[test]
fn a_spreadsheet_comes_back_row_for_row_with_the_columns_that_were_promised() {
    let input = format!("codigo;RUC;nota\n1;{KNOWN};a\n2;{NOBODY};b\n3;123;c\n4;{KNOWN};d\n5;10117410;\"e;f\"\n");
    let world = world("clientes.csv", &input);
    let run = world.run(&["batch", "clientes.csv"]);
    assert_code(&run, 2);
    insta::assert_snapshot!("enriched", world.text("clientes.resultado.csv"));
    assert_eq!(world.text("clientes.csv"), input, "the input is never touched");
    assert_eq!(world.files(), ["clientes.csv", "clientes.resultado.csv"]);
}

#[test]
fn the_summary_says_what_there_is_and_never_a_number() {
    let world = world("clientes.csv", format!("ruc,x\n{KNOWN},1\n{NOBODY},2\n10101174103,3\n"));
    let run = world.run(&["batch", "clientes.csv", "--lang", "en"]);
    assert_code(&run, 2);
    for words in [
        "3 rows; numbers in column \"ruc\" (by its header)",
        "row 4:",
        "3 rows: 1 found, 1 absent, 1 invalid, 0 unknown; 1 upstream call",
        "written to clientes.result.csv",
    ] {
        assert!(run.stderr.contains(words), "{words:?} is missing in {}", run.stderr);
    }
    assert!(!run.stderr.contains("10101174103") && run.stdout.is_empty());
}

#[test]
fn standard_input_goes_to_standard_output_and_the_codes_are_those_of_a_look_up() {
    let world = World::new();
    for (input, code, outcome) in [(KNOWN, 0, "ENCONTRADO"), (NOBODY, 1, "NO EXISTE"), ("20131312954", 2, "INVALIDO")] {
        let run = world.run_with_input(&["batch", "-"], &format!("{input}\n"));
        assert_code(&run, code);
        assert_eq!(outcomes(&run.stdout, ';'), [outcome]);
    }
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn json_lines_keep_their_own_members() {
    let world = world("a.ndjson", format!("{{\"id\": 1.50, \"ruc\": \"{KNOWN}\"}}\n{{\"id\": 2, \"ruc\": 123}}\n"));
    assert_code(&world.run(&["batch", "a.ndjson"]), 2);
    let text = world.text("a.resultado.ndjson");
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|line| line.starts_with(&format!("{{\"id\": 1.50, \"ruc\": \"{KNOWN}\""))));
    let second: serde_json::Value = serde_json::from_str(lines.next().expect("two lines")).expect("it is JSON");
    assert_eq!((&second["resultado"], &second["id"]), (&"INVALIDO".into(), &2.into()));
}

#[test]
fn a_list_becomes_a_table_and_any_format_another() {
    let world = world("numeros.txt", format!("{KNOWN}\n{NOBODY}\n"));
    for output in ["a.csv", "a.xlsx", "a.ndjson"] {
        assert_code(&world.run(&["batch", "numeros.txt", "-o", output]), 1);
    }
    assert_eq!(outcomes(&world.text("a.csv"), ';'), ["ENCONTRADO", "NO EXISTE"]);
    assert_code(&world.run(&["batch", "a.xlsx", "-o", "b.csv"]), 1);
    let again = world.text("b.csv");
    assert!(again.lines().next().is_some_and(|header| header.contains("resultado_2")), "{again}");
}

#[test]
fn nobody_is_asked_with_offline_and_every_row_says_so() {
    let world = world("clientes.csv", format!("ruc\n{KNOWN}\n"));
    let run = world.run(&["batch", "clientes.csv", "--offline"]);
    assert_code(&run, 3);
    assert_eq!(outcomes(&world.text("clientes.resultado.csv"), ';'), ["SIN RESPUESTA"]);
    assert!(run.stderr.contains("0 upstream calls") && run.stderr.contains("--offline"), "{}", run.stderr);
}

#[test]
fn an_output_that_exists_is_replaced_only_when_told_to() {
    let world = world("clientes.csv", format!("ruc\n{KNOWN}\n"));
    std::fs::write(world.file("out.csv"), "mine").expect("the folder is ours");
    let arguments = ["batch", "clientes.csv", "-o", "out.csv"];
    let run = world.run(&arguments);
    assert_code(&run, 2);
    assert!(run.stderr.contains("--force") && world.text("out.csv") == "mine", "{}", run.stderr);
    assert_code(&world.run(&[&arguments[..], &["--force"]].concat()), 0);
    assert_eq!(outcomes(&world.text("out.csv"), ';'), ["ENCONTRADO"]);
}

#[test]
fn rows_without_an_answer_are_asked_again_and_the_others_are_kept() {
    for name in ["clientes.csv", "clientes.ndjson", "clientes.xlsx"] {
        let world = world("numeros.txt", format!("{KNOWN}\n{NOBODY}\n20100038146\n123\n"));
        if name == "clientes.csv" {
            std::fs::copy(world.file("numeros.txt"), world.file(name)).expect("the folder is ours");
        } else {
            let bare = World::new();
            std::fs::copy(world.file("numeros.txt"), bare.file("n.txt")).expect("the folder is ours");
            assert_code(&bare.run(&["batch", "n.txt", "-o", name, "--offline"]), 3);
            std::fs::copy(bare.file(name), world.file(name)).expect("the folder is ours");
        }
        let ending = name.rsplit('.').next().expect("it has one");
        let output = format!("salida.{ending}");
        let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "20100038146:status=500"]);
        let asking = world.with_migo(&sandbox.base);
        let run = asking.run(&["batch", name, "-o", &output, "--give-up-after", "1s"]);
        assert_code(&run, 3);
        assert!(run.stderr.contains("--only-unknown"), "{}", run.stderr);
        let (status, _) = sandbox.request("DELETE", "/_sandbox/faults");
        assert_eq!(status, 200);
        let (status, _) = sandbox.request("DELETE", "/_sandbox/calls");
        assert_eq!(status, 200);
        let run = asking.run(&["batch", name, "-o", &output, "--only-unknown"]);
        assert_code(&run, 2);
        assert!(
            run.stderr.contains("4 rows: 2 found, 1 absent, 1 invalid, 0 unknown; 1 upstream call"),
            "{}",
            run.stderr
        );
        assert!(asking.files().iter().all(|file| !file.ends_with("-journal")), "{:?}", asking.files());
        if ending == "csv" {
            let expected = ["ENCONTRADO", "NO EXISTE", "ENCONTRADO", "INVALIDO"];
            assert_eq!(outcomes(&asking.text(&output), ';'), expected);
        }
    }
}

#[test]
fn an_output_that_a_spreadsheet_program_saved_anew_is_taken_up_again() {
    let world = world("clientes.csv", format!("Cartera;\nDNI;Nota\n01234567;\"a;b\"\n{KNOWN};\n1234567;\n"));
    assert_code(&world.run(&["batch", "clientes.csv", "--offline", "--lang", "en", "-o", "out.csv"]), 3);
    // Another delimiter, everything in quotes, and the zeros of the documents gone.
    let saved: String = world.text("out.csv").lines().fold(String::new(), |saved, line| {
        let cells = line.replace("\"a;b\"", "a,b").replace("01234567;", "1234567;").replace(';', "\",\"");
        saved + "\"" + &cells + "\"\r\n"
    });
    std::fs::write(world.file("out.csv"), saved.replace("a,b", "a;b")).expect("the folder is ours");
    let run = world.run(&["batch", "clientes.csv", "-o", "out.csv", "--only-unknown"]);
    assert_code(&run, 2);
    assert!(run.stderr.contains("2 found, 0 absent, 1 invalid, 0 unknown"), "{}", run.stderr);
    // What was no number then is one now.
    let run = world.run(&["batch", "clientes.csv", "-o", "out.csv", "--only-unknown", "--pad-dni"]);
    assert_code(&run, 0);
    assert!(run.stderr.contains("3 found, 0 absent, 0 invalid, 0 unknown; 1 upstream call"), "{}", run.stderr);
}

#[test]
fn an_output_that_was_sorted_meanwhile_is_not_mixed_up() {
    let world = world("clientes.csv", format!("ruc\n{KNOWN}\n{NOBODY}\n"));
    assert_code(&world.run(&["batch", "clientes.csv", "--offline"]), 3);
    std::fs::write(world.file("clientes.csv"), format!("ruc\n{NOBODY}\n{KNOWN}\n")).expect("the folder is ours");
    let before = world.text("clientes.resultado.csv");
    let run = world.run(&["batch", "clientes.csv", "--only-unknown"]);
    assert_code(&run, 2);
    assert!(run.stderr.contains("sorted or edited"), "{}", run.stderr);
    assert_eq!(world.text("clientes.resultado.csv"), before);
}

#[test]
fn a_refused_token_ends_the_run_soon_and_marks_nobody() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0", "--fault", "unauthorized"]);
    let world = world("clientes.csv", format!("ruc\n{KNOWN}\n{NOBODY}\n")).with_migo(&sandbox.base);
    let run = world.run(&["batch", "clientes.csv"]);
    assert_code(&run, 3);
    assert!(run.stderr.contains("check the token"), "{}", run.stderr);
    assert_eq!(outcomes(&world.text("clientes.resultado.csv"), ';'), ["SIN RESPUESTA", "SIN RESPUESTA"]);
}
