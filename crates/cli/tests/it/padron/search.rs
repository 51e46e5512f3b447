//! Who has a name like this?

use chasqui_types::Ruc;

use super::{PERSON, YARA, imported, world};

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
    assert_eq!(page["results"][0]["ruc"], "10101174102", "{}", run.everything());
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

const OTHER: &str =
    "20512963545|YARA NORTE S.A.C.|BAJA DE OFICIO|NO HABIDO|130101|AV.|SAN LUIS|-|-|2076|-|-|403|-|-|\n";

#[test]
fn filters_narrow_a_search_and_words_nobody_has_are_refused_with_those_there_are() {
    let world = imported(&[YARA, OTHER, PERSON], None).with("CHASQUI_PADRON__SEARCH_PERSONS", "true");
    for (filter, found) in [
        (&["--status", "activo"][..], "20100193117"),
        (&["--status", "BAJA DE OFICIO"], "20512963545"),
        (&["--condition", "no habido"], "20512963545"),
        (&["--ubigeo", "15"], "20100193117"),
        (&["--ubigeo", "130101"], "20512963545"),
    ] {
        let run = world.run(&[&["padron", "search", "yara"], filter].concat());
        let numbers: Vec<&str> = run.stdout.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
        assert_eq!((run.code, numbers), (0, vec![found]), "{filter:?}: {}", run.everything());
    }
    for (filter, words) in [
        (&["--status", "ACTIVA"][..], "--status takes ACTIVO, BAJA PROVISIONAL, "),
        (&["--condition", "HABIDA"], "--condition takes HABIDO, NO HALLADO, "),
        (&["--ubigeo", "Lima"], "--ubigeo takes two digits"),
        (&["--ubigeo", "1501401"], "--ubigeo takes two digits"),
        (&["--kind", "empresa"], "--kind takes natural, juridica, otro"),
        (&["--kind", "natural"], "without --persons"),
        (&["--limit", "101"], "1..=100"),
    ] {
        let run = world.run(&[&["padron", "search", "yara"], filter].concat());
        assert_eq!(run.code, 2, "{filter:?}: {}", run.everything());
        assert!(run.stderr.contains(words), "{filter:?}: {}", run.stderr);
    }
}

#[test]
fn a_kind_of_taxpayer_is_asked_for_in_the_countrys_own_words() {
    let [person, other] = [10, 15].map(|prefix| Ruc::from_body(prefix, 40_000_001).expect("a body has eight digits"));
    let [namesake, foreign] = [(person, "YARA QUISPE JUANA"), (other, "YARA SUCESION")]
        .map(|(ruc, name)| format!("{ruc}|{name}|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n"));
    let world = imported(&[YARA, &namesake, &foreign], None).with("CHASQUI_PADRON__SEARCH_PERSONS", "true");
    for (kind, found) in [
        ("natural", person.as_str()),
        ("NATURAL", person.as_str()),
        ("10", person.as_str()),
        ("otro", other.as_str()),
        ("juridica", "20100193117"),
        ("jurídica", "20100193117"),
    ] {
        let run = world.run(&["padron", "search", "yara", "--persons", "--kind", kind, "--format", "csv"]);
        let numbers: Vec<&str> = run.stdout.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!((run.code, numbers), (0, vec![found]), "{kind}: {}", run.everything());
    }
}

#[test]
fn hits_are_told_to_spreadsheets_and_to_programs() {
    let world = imported(&[YARA, OTHER], None);
    let run = world.run(&["padron", "search", "yarra", "peru", "--format", "csv"]);
    let (header, row) = run.stdout.split_once('\n').expect("there is a hit");
    assert_eq!(header, "ruc,nombre_o_razon_social,estado_del_contribuyente,condicion_de_domicilio,ubigeo,score,reason");
    assert!(
        row.starts_with("20100193117,YARA PERU S.R.L.,ACTIVO,HABIDO,150140,0.") && row.ends_with(",typo\n"),
        "{row}"
    );
    let run = world.run(&["padron", "search", "yarra", "per", "--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(
        page["results"][0]["words"],
        serde_json::json!([
            {"asked": "YARRA", "found": "YARA", "likeness": "typo", "edits": 1},
            {"asked": "PER", "found": "PERU", "likeness": "prefix", "edits": 0},
        ]),
        "{}",
        run.everything()
    );
    assert_eq!(page["results"][0]["reason"], "typo");
    let first = world.run(&["padron", "search", "yara", "--limit", "1"]);
    let (_, cursor) = first.stderr.rsplit_once("--cursor ").expect("there is another");
    let next = world.run(&["padron", "search", "yara", "--limit", "1", "--cursor", cursor.trim()]);
    assert!(next.code == 0 && next.stdout.contains("20512963545"), "{}", next.everything());
    assert_eq!(world.run(&["padron", "search", "peru", "--cursor", cursor.trim()]).code, 2);
}
