//! SUNAT's registry on this machine, from the file to the answer.

use std::io::{BufRead as _, Read as _, Write as _};
use std::process::Command;

use crate::program::{Run, World};

const HEADER: &str = "RUC|NOMBRE O RAZON SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICION DE DOMICILIO|UBIGEO|TIPO DE VIA|\
    NOMBRE DE VIA|CODIGO DE ZONA|TIPO DE ZONA|NUMERO|INTERIOR|LOTE|DEPARTAMENTO|MANZANA|KILOMETRO|\n";
const YARA: &str =
    "20100193117|YARA PERU S.R.L.|ACTIVO|HABIDO|150140|CAL.|MONTERREY|URB.|CHACARILLA|355|-|-|501|-|-|\n";
const PERSON: &str = "10101174102|PRUEBA SANDBOX UNO|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n";
const NOT_LISTED: &str = "20131312955";

fn world(rows: &[&str]) -> World {
    World::new().with_file("padron.txt", &format!("{HEADER}{}", rows.concat()))
}

/// A world with an edition of that date; of today where none is given.
fn imported(rows: &[&str], date: Option<&str>) -> World {
    let world = world(rows);
    let edition = date.map(|date| ["--edition", date]);
    let arguments = [&["padron", "import", "padron.txt"][..], edition.as_ref().map_or(&[], |flags| flags)].concat();
    let run = world.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    world
}

fn source(run: &Run) -> String {
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    format!(
        "{} {}",
        answer["meta"]["source"].as_str().unwrap_or("none"),
        answer["meta"]["freshness"].as_str().unwrap_or("")
    )
}

#[test]
fn an_edition_answers_taxpayers_and_people_without_a_call() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = imported(&[YARA, PERSON], None).with_migo(&sandbox.base);
    for command in [&["ruc", "20100193117"][..], &["dni", "10117410"]] {
        let run = world.run(&[command, &["--format", "json"]].concat());
        assert_eq!((run.code, source(&run).as_str()), (0, "padron fresh"), "{}", run.everything());
    }
    assert!(sandbox.request("GET", "/_sandbox/calls").1.contains("\"connections\":1"), "only this question came");
    let run = world.run(&["ruc", NOT_LISTED, "--format", "json"]);
    assert_eq!((run.code, source(&run).as_str()), (0, "migo fresh"), "{}", run.everything());
    let run = world.run(&["ruc", "20100193117", "--refresh", "--format", "json"]);
    assert_eq!(source(&run), "migo fresh");
}

#[test]
fn an_old_edition_lets_the_provider_speak_first_and_stands_in_for_it() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = imported(&[YARA], Some("2026-01-05")).with_migo(&sandbox.base);
    let run = world.run(&["ruc", "20100193117", "--format", "json"]);
    assert_eq!(source(&run), "migo fresh");
    drop(sandbox);
    let run = world.run(&["ruc", "20100193117", "--format", "json"]);
    assert_eq!((run.code, source(&run).as_str()), (0, "padron stale"), "{}", run.everything());
    let run = world.run(&["ruc", NOT_LISTED]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("2026-01-05 does not list it"), "{}", run.stderr);
}

#[test]
fn offline_what_is_not_listed_is_absent_and_nobody_is_asked() {
    let world = imported(&[YARA], None).with_migo("http://127.0.0.1:9");
    assert_eq!(world.run(&["ruc", "20100193117", "--offline"]).code, 0);
    let run = world.run(&["ruc", NOT_LISTED, "--offline"]);
    assert_eq!(run.code, 1, "{}", run.everything());
    assert!(run.stdout.contains("padron said so"), "{}", run.stdout);
    assert_eq!(world.run(&["dni", "40000001", "--offline"]).code, 3, "who is no taxpayer may have a document");
}

#[test]
fn a_trusted_edition_decides_by_itself() {
    let world = imported(&[YARA], None).with_migo("http://127.0.0.1:9").with("CHASQUI_PADRON__ABSENT", "trust");
    assert_eq!(world.run(&["ruc", NOT_LISTED]).code, 1);
}

#[test]
fn beside_an_edition_no_made_up_taxpayer_is_given_unless_it_is_written_out() {
    let world = imported(&[YARA], None);
    let run = world.run(&["ruc", NOT_LISTED]);
    assert_eq!((run.code, run.everything().contains("SANDBOX")), (3, false), "{}", run.everything());
    let world = world.with("CHASQUI_SANDBOX__ENABLED", "true");
    assert!(world.run(&["ruc", NOT_LISTED]).stdout.contains("SANDBOX"));
}

#[test]
fn the_same_file_is_recognised_and_a_suspicious_one_refused() {
    let rows = [YARA, PERSON];
    let world = imported(&rows, Some("2026-11-10"));
    let again = world.run(&["padron", "import", "padron.txt"]);
    assert_eq!(again.code, 0);
    assert!(again.stderr.contains("already imported"), "{}", again.stderr);
    let world = world.with_file("half.txt", &format!("{HEADER}{YARA}"));
    let half = world.run(&["padron", "import", "half.txt", "--edition", "2026-11-11"]);
    assert_eq!(half.code, 3);
    assert!(half.stderr.contains("--force"), "{}", half.stderr);
    let info = world.run(&["padron", "info"]);
    assert!(info.stdout.contains("2026-11-10"), "{}", info.stdout);
    let forced = world.run(&["padron", "import", "half.txt", "--edition", "2026-11-11", "--force"]);
    assert_eq!(forced.code, 0);
    assert!(forced.stderr.contains("overridden by --force"), "{}", forced.stderr);
    let back = world.run(&["padron", "rollback"]);
    assert!(back.stderr.contains("2026-11-10 again"), "{}", back.stderr);
    assert_eq!(world.run(&["padron", "use", "2026-11-11"]).code, 0);
    assert_eq!(world.run(&["padron", "prune", "--keep", "1"]).code, 0);
    assert_eq!(world.run(&["padron", "rollback"]).code, 3, "there is nothing older");
}

#[test]
fn what_is_no_registry_is_refused_in_a_sentence() {
    let world = World::new().with_file("a.txt", "RUC;NOMBRE\n").with_file("b.zip", "PK\u{3}\u{4}half a zip");
    for (file, words) in [
        ("a.txt", "does not begin with the registry's columns"),
        ("b.zip", "not a whole zip"),
        ("c.zip", "could not read"),
    ] {
        let run = world.run(&["padron", "import", file]);
        assert_eq!(run.code, 2, "{file}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{file}: {}", run.stderr);
    }
    let run = world.run(&["padron", "info"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("chasqui padron import"), "{}", run.stderr);
}

#[test]
fn a_flipped_byte_is_found_and_told_and_never_an_answer() {
    let world = imported(&[YARA, PERSON], None).with_migo("http://127.0.0.1:9");
    let current = std::fs::read_to_string(world.path().join("padron/current")).expect("it is there");
    let rows = world.path().join("padron").join(current.trim()).join("rows.chq");
    let mut bytes = std::fs::read(&rows).expect("it is there");
    let middle = bytes.len() - 50;
    bytes[middle] ^= 0x20;
    std::fs::write(&rows, bytes).expect("it is ours");
    let run = world.run(&["padron", "verify"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("is damaged"), "{}", run.stderr);
    let run = world.run(&["ruc", "20100193117"]);
    assert_eq!(run.code, 3, "{}", run.everything());
    assert!(run.stderr.contains("padrón cannot be opened"), "{}", run.stderr);
}

#[test]
fn a_sample_is_a_registry_itself() {
    let world = imported(&[YARA, PERSON], None);
    let mut command = Command::new(env!("CARGO_BIN_EXE_chasqui"));
    let sample = command.args(["padron", "sample", "--rows", "1"]).current_dir(world.path()).env_clear().output();
    // The registry's own letters are not UTF-8.
    std::fs::write(world.path().join("sample.txt"), sample.expect("it runs").stdout).expect("the folder is ours");
    let run = world.run(&["padron", "import", "sample.txt", "--edition", "2026-12-31", "--force"]);
    assert!(run.code == 0 && run.stderr.contains("is in use: 1 row,"), "{}", run.stderr);
}

#[test]
fn a_server_takes_up_a_new_edition_by_itself_and_says_which_answers() {
    // Nobody reads what it says meanwhile.
    let world =
        imported(&[YARA], None).with_file("more.txt", &format!("{HEADER}{YARA}{PERSON}")).with("CHASQUI_LOG", "error");
    let server = world.start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(server.request("GET", "/v1/dni/10117410").0, 503);
    assert!(server.request("GET", "/readyz").1.contains("\"rows\":1"));
    assert!(server.request("GET", "/metrics").1.contains("chasqui_padron_age_seconds"));
    assert_eq!(world.run(&["padron", "import", "more.txt", "--force"]).code, 0);
    while server.request("GET", "/v1/dni/10117410").0 != 200 {}
    assert!(server.request("GET", "/readyz").1.contains("\"rows\":2"));
}

#[test]
fn a_file_is_answered_from_the_edition_first_and_the_sums_say_by_whom() {
    let sandbox = World::new().start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let world = imported(&[YARA, PERSON], None)
        .with_migo(&sandbox.base)
        .with_file("a.csv", &format!("numero\n20100193117\n{NOT_LISTED}\n10117410\n20000000001\n"));
    let run = world.run(&["batch", "a.csv"]);
    assert_eq!(run.code, 1, "{}", run.everything());
    for words in ["3 found, 1 absent, 0 invalid, 0 unknown; 1 upstream call", "rows answered by padron 2, migo 2"] {
        assert!(run.stderr.contains(words), "{words:?}: {}", run.stderr);
    }
    let run = world.run(&["batch", "a.csv", "--offline", "--force"]);
    assert_eq!(run.code, 1, "{}", run.everything());
    assert!(run.stderr.contains("2 found, 2 absent, 0 invalid, 0 unknown; 0 upstream calls"), "{}", run.stderr);
    let text = std::fs::read_to_string(world.path().join("a.resultado.csv")).expect("it is there");
    assert!(text.contains("YARA PERU S.R.L.") && text.contains(";padron;"), "{text}");
}

/// A mirror on this machine that has one zip, of Friday 20 November 2026, and says so to who knows it.
fn mirror(text: &str) -> String {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("padron_reducido_ruc.txt", zip::write::SimpleFileOptions::default()).expect("it is memory");
    // Enough that it is no error page.
    let filler = (0..400).map(|i| (i * 7_919).to_string()).collect::<Vec<_>>().join("\n");
    zip.write_all(format!("{text}{filler}").as_bytes()).expect("it is memory");
    let body = zip.finish().expect("it is memory").into_inner();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let base = format!("http://{}/padron.zip", listener.local_addr().expect("it listens"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("somebody asks");
            let mut request = std::io::BufReader::new(stream.try_clone().expect("it is open"));
            let mut knows = false;
            for line in request.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
                knows |= line.to_ascii_lowercase().starts_with("if-none-match: \"v1\"");
            }
            let head = "ETag: \"v1\"\r\nLast-Modified: Fri, 20 Nov 2026 12:38:00 GMT\r\nConnection: close\r\n";
            // Whoever asked may have gone meanwhile.
            let _ = if knows {
                write!(stream, "HTTP/1.1 304 Not Modified\r\n{head}\r\n")
            } else {
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n{head}Content-Length: {}\r\n\r\n",
                    body.len()
                )
                .and_then(|()| stream.write_all(&body))
            };
        }
    });
    base
}

#[test]
fn fetching_imports_what_is_new_and_downloads_nothing_twice() {
    let world = World::new().with("CHASQUI_PADRON__MIRRORS", &mirror(&format!("{HEADER}{YARA}{PERSON}")));
    let refused = world.run(&["padron", "fetch"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("the file is kept as"), "{}", refused.stderr);
    let run = world.run(&["padron", "fetch", "--force"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("edition 2026-11-20 is in use: 2 rows"), "{}", run.stderr);
    let again = world.run(&["padron", "fetch"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stderr.contains("nothing newer"), "{}", again.stderr);
    let dead = World::new().with("CHASQUI_PADRON__MIRRORS", "http://127.0.0.1:9/padron.zip").run(&["padron", "fetch"]);
    assert_eq!(dead.code, 3);
    assert!(dead.stderr.contains("could not be reached"), "{}", dead.stderr);
}

#[test]
fn what_changed_from_edition_to_edition_is_kept_and_told() {
    let later = YARA.replace("|ACTIVO|", "|BAJA DE OFICIO|");
    let world =
        imported(&[YARA, PERSON], Some("2026-11-10")).with_file("later.txt", &format!("{HEADER}{later}{PERSON}"));
    let run = world.run(&["padron", "import", "later.txt", "--edition", "2026-11-12", "--force"]);
    assert!(run.stderr.contains("since 2026-11-10: 0 rows came, 0 went, 1 changed"), "{}", run.stderr);
    let diff = world.run(&["padron", "diff", "2026-11-10", "2026-11-12"]);
    let expected = "\"field\":\"estado_del_contribuyente\",\"from\":\"ACTIVO\",\"to\":\"BAJA DE OFICIO\"";
    assert_eq!(diff.stdout.lines().count(), 1);
    assert!(diff.code == 0 && diff.stdout.contains(expected), "{}", diff.everything());
    let history = world.run(&["padron", "history", "20100193117"]);
    assert!(history.stdout.contains(expected) && history.stderr.contains("1 change since"), "{}", history.everything());
    for (on, code, words) in
        [("2026-11-11", 0, "ACTIVO"), ("2026-11-12", 0, "BAJA DE OFICIO"), ("2026-11-09", 3, "nothing is known")]
    {
        let run = world.run(&["padron", "history", "20100193117", "--on", on]);
        assert_eq!(run.code, code, "{on}: {}", run.everything());
        assert!(run.everything().contains(words), "{on}: {}", run.everything());
    }
}

#[test]
fn a_name_is_found_by_its_words_and_a_person_only_where_that_is_allowed() {
    let world = imported(&[YARA, PERSON], None);
    for words in [&["yara", "peru", "srl"][..], &["PERU", "yar"], &["yarra", "peru"]] {
        let run = world.run(&[&["padron", "search"], words].concat());
        assert_eq!(run.code, 0, "{words:?}: {}", run.everything());
        assert!(run.stdout.contains("20100193117") && run.stdout.contains("YARA PERU S.R.L."), "{}", run.stdout);
    }
    let nobody = world.run(&["padron", "search", "prueba", "sandbox"]);
    assert_eq!(nobody.code, 1, "{}", nobody.everything());
    assert_eq!(world.run(&["padron", "search", "prueba", "--persons"]).code, 4);
    let allowed = world.with("CHASQUI_PADRON__SEARCH_PERSONS", "true");
    let run = allowed.run(&["padron", "search", "prueba", "sandbox", "--persons", "--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(page["hits"][0]["ruc"], "10101174102", "{}", run.everything());
}

#[test]
fn without_an_index_the_search_says_how_to_make_one() {
    let world = world(&[YARA]).with("CHASQUI_PADRON__NAMES", "false");
    assert_eq!(world.run(&["padron", "import", "padron.txt"]).code, 0);
    let run = world.run(&["padron", "search", "yara"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("chasqui padron index"), "{}", run.stderr);
    assert_eq!(world.run(&["padron", "index"]).code, 0);
    assert_eq!(world.run(&["padron", "search", "yara"]).code, 0);
}
