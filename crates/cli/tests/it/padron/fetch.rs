//! SUNAT's file and lists from the hosts that have them, and nothing twice.

use super::host::{Host, Reply};
use super::{HEADER, PERSON, YARA, list, synthetic, zipped};
use crate::program::{Run, World};

const FILE: &str = "/padron.zip";

/// A host that has a registry of so many rows.
fn host(n_rows: u64) -> Host {
    Host::new().with(FILE, registry("\"v1\"", n_rows))
}

fn registry(etag: &'static str, n_rows: u64) -> Reply {
    Reply::File { etag, body: zipped(&synthetic(n_rows, 1)) }
}

/// A world that fetches from there, and no lists.
fn world(host: &Host) -> World {
    World::new()
        .with("CHASQUI_PADRON__MIRRORS", &format!("{}{FILE}", host.base))
        .with("CHASQUI_PADRON__LISTS", "")
        .with("CHASQUI_PADRON__NAMES", "false")
}

/// A text that is no registry and does not become short when it is packed.
fn noise() -> Vec<u8> {
    (0..1_000).flat_map(|i: u32| i.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect()
}

#[track_caller]
fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{}", run.everything());
    for words in words {
        assert!(run.stderr.contains(words), "{words:?} in {}", run.stderr);
    }
}

#[test]
fn fetching_imports_what_is_new_and_downloads_nothing_twice() {
    let host = host(500);
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 0, &["edition 2026-11-20 is in use: 500 rows"]);
    check(&world.run(&["padron", "fetch"]), 0, &["nothing newer"]);
    assert_eq!(host.statuses(FILE), [200, 304]);
    host.says(FILE, registry("\"v2\"", 510));
    check(&world.run(&["padron", "fetch"]), 0, &["edition 2026-11-20-2 is in use: 510 rows", "rows came"]);
    assert_eq!(host.statuses(FILE), [200]);
    check(&world.run(&["padron", "fetch", "--force"]), 0, &["edition 2026-11-20-3 is in use"]);
    assert_eq!(host.statuses(FILE), [200], "what is forced is downloaded again");
    // Without an edition it is of no use to know that nothing is newer.
    std::fs::remove_file(world.path().join("padron/current")).expect("it is there");
    check(&world.run(&["padron", "fetch"]), 0, &["already imported"]);
    assert_eq!(host.statuses(FILE), [200]);
}

#[test]
fn nobody_to_fetch_from_is_an_outage_and_nothing_to_fetch_from_a_matter_of_configuration() {
    let dead = World::new().with("CHASQUI_PADRON__MIRRORS", "http://127.0.0.1:9/padron.zip");
    check(&dead.run(&["padron", "fetch"]), 3, &["could not be reached"]);
    let none = World::new().with("CHASQUI_PADRON__MIRRORS", "").with("CHASQUI_PADRON__LISTS", "");
    check(&none.run(&["padron", "fetch"]), 4, &["padron.mirrors is empty"]);
    check(&none.run(&["padron", "agents", "fetch"]), 4, &["padron.lists is empty"]);
}

#[test]
fn a_file_that_was_refused_is_kept_and_imported_without_another_download() {
    let host = host(1_000);
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 0, &[]);
    host.says(FILE, registry("\"v9\"", 500));
    check(&world.run(&["padron", "fetch"]), 3, &["was not put into use", "--force", "the file is kept as"]);
    check(&world.run(&["padron", "fetch"]), 3, &["is there still", "was not put into use"]);
    check(&world.run(&["padron", "fetch", "--force"]), 0, &["is there still", "overridden by --force"]);
    assert_eq!(host.statuses(FILE), [200, 200, 304, 304]);
    assert!(!world.path().join("padron/download.zip").exists());
    check(&world.run(&["padron", "fetch"]), 0, &["nothing newer"]);
}

#[test]
fn a_file_that_is_no_registry_is_fetched_anew_the_next_time() {
    let host = Host::new().with(FILE, Reply::File { etag: "\"v8\"", body: zipped(&noise()) });
    let world = world(&host);
    for _ in 0..2 {
        check(&world.run(&["padron", "fetch"]), 3, &["does not begin with the registry's columns", "is kept as"]);
    }
    assert_eq!(host.statuses(FILE), [200, 200]);
}

#[test]
fn a_line_that_breaks_is_picked_up_where_it_broke() {
    let body = zipped(&synthetic(2_000, 1));
    let (etag, after) = ("\"v1\"", body.len() / 7);
    let host = Host::new().with(FILE, Reply::Broken { etag, body: body.clone(), after });
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 3, &["the line to 127.0.0.1 broke after"]);
    let statuses = host.statuses(FILE);
    assert!(statuses[0] == 200 && statuses[1..].iter().all(|status| *status == 206), "{statuses:?}");
    host.says(FILE, Reply::File { etag, body });
    check(&world.run(&["padron", "fetch"]), 0, &["of them from before", "2,000 rows"]);
    assert_eq!(host.statuses(FILE), [206]);
}

#[test]
fn an_address_is_imported_as_the_mirrors_are() {
    let host = host(500);
    let world = World::new().with("CHASQUI_PADRON__MIRRORS", "").with("CHASQUI_PADRON__NAMES", "false");
    let url = format!("{}{FILE}", host.base);
    check(&world.run(&["padron", "import", &url]), 0, &["fetched ", "edition 2026-11-20 is in use: 500 rows"]);
    check(&world.run(&["padron", "import", &url]), 0, &["nothing newer"]);
    assert_eq!(host.statuses(FILE), [200, 304]);
    host.says(FILE, registry("\"v2\"", 501));
    check(&world.run(&["padron", "import", &url, "--edition", "2026-11-21"]), 0, &["edition 2026-11-21 is in use"]);
    let elsewhere = format!("{}{FILE}", host.base.replace("127.0.0.1", "localhost"));
    host.says("/moved.zip", Reply::Elsewhere(elsewhere));
    let moved = world.run(&["padron", "import", &format!("{}/moved.zip", host.base)]);
    check(&moved, 3, &["sends on to http://localhost, which is none of the configured mirrors"]);
    check(&world.run(&["padron", "import", "http://"]), 2, &["no http or https address"]);
}

#[test]
fn ctrl_c_ends_a_download_and_says_that_it_goes_on() {
    // Somebody who takes the question and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}/padron.zip", silent.local_addr().expect("it listens"));
    let world = World::new().with("CHASQUI_PADRON__MIRRORS", &url);
    let running = world.spawn(&["padron", "fetch"]);
    let (_held, _) = silent.accept().expect("it asks");
    running.signal("INT");
    check(&running.wait(), 130, &["the download was broken off; fetching again goes on where it ended"]);
}

const LISTS: [(&str, &str, u32); 4] = [
    ("agente_de_retencion", "/descarga/AgentRet/AgenRet_TXT.zip", 1_200),
    ("agente_de_percepcion", "/descarga/AgentRet/AgenPercVI_TXT.zip", 300),
    ("agente_de_percepcion_combustible", "/descarga/AgentRet/AgenPerc_TXT.zip", 200),
    ("buen_contribuyente", "/descarga/BueCont/BueCont_TXT.zip", 400),
];

/// A host that has the lists, for those who look like a browser.
fn lists() -> Host {
    let host = Host::new();
    for (_, path, n_rows) in LISTS {
        host.says(path, Reply::Picky { etag: "\"l1\"", body: zipped(list(n_rows).as_bytes()) });
    }
    host
}

#[test]
fn lists_are_fetched_where_they_changed() {
    let host = lists();
    let world = World::new().with("CHASQUI_PADRON__LISTS", &host.base);
    let none = world.run(&["padron", "agents"]);
    assert_eq!((none.code, none.stdout.matches(" - ").count() >= 4), (0, true), "{}", none.everything());
    let run = world.run(&["padron", "agents", "fetch"]);
    check(&run, 0, &["agente_de_retencion of 2026-11-20: 1,200 taxpayers", "buen_contribuyente of 2026-11-20"]);
    let shown = world.run(&["padron", "agents"]);
    assert!(shown.stdout.contains("agente_de_percepcion_combustible  2026-11-20  200"), "{}", shown.stdout);
    assert_eq!(world.files(), ["padron"]);
    let again = world.run(&["padron", "agents", "fetch"]);
    check(&again, 0, &["agente_de_retencion: nothing newer"]);
    assert_eq!(host.statuses(LISTS[0].1), [200, 304]);
    check(&world.run(&["padron", "agents", "fetch", "--force"]), 0, &["1,200 taxpayers"]);
    assert_eq!(host.statuses(LISTS[0].1), [200]);
    // What was lost is fetched again, whatever is known of what was fetched.
    std::fs::remove_file(world.path().join("padron/agents.chq")).expect("it is there");
    check(&world.run(&["padron", "agents", "fetch"]), 0, &["1,200 taxpayers"]);
}

#[test]
fn a_list_that_fails_keeps_no_other_back_and_no_registry() {
    let host = lists().with(FILE, registry("\"v1\"", 500));
    host.says(LISTS[1].1, Reply::Page);
    host.says(LISTS[2].1, Reply::File { etag: "\"l1\"", body: zipped(list(3).as_bytes()) });
    let world = world(&host).with("CHASQUI_PADRON__LISTS", &host.base);
    let run = world.run(&["padron", "fetch"]);
    check(&run, 0, &["500 rows", "warning: agente_de_percepcion stays as it was: ", "something else than the file"]);
    check(
        &run,
        0,
        &["warning: agente_de_percepcion_combustible stays as it was: ", "1,200 taxpayers", "400 taxpayers"],
    );
    check(&world.run(&["padron", "agents", "fetch"]), 3, &["agente_de_percepcion stays as it was"]);
    host.statuses(LISTS[0].1);
    check(&world.run(&["padron", "fetch", "--no-lists"]), 0, &[]);
    assert_eq!(host.statuses(LISTS[0].1), [0_u16; 0], "nobody asked for it");
    let folder = std::fs::read_dir(world.path().join("padron")).expect("it is there");
    let left = folder.map(|entry| entry.expect("it is there").file_name()).filter(|name| {
        let name = name.to_string_lossy();
        name.ends_with(".zip") || name.ends_with(".part")
    });
    assert_eq!(left.count(), 0, "nothing is left behind");
}

#[test]
fn a_list_of_a_file_is_shown_with_the_taxpayer() {
    let of_yara = format!("{}20100193117|YARA PERU S.R.L.|01/06/2012|RS R.S.096-2012|\r\n", list(1_100));
    let world = super::imported(&[YARA, PERSON], None)
        .with_file("retencion.txt", &of_yara)
        .with_file("buenos.txt", &list(50))
        .with_file("other.txt", &format!("{HEADER}{YARA}"));
    let import = |list, file| world.run(&["padron", "agents", "import", list, file, "--as-of", "2026-11-18"]);
    check(&import("agente_de_retencion", "retencion.txt"), 0, &["agente_de_retencion of 2026-11-18: 1,101 taxpayers"]);
    check(&import("buen_contribuyente", "buenos.txt"), 0, &[]);
    check(&import("buen_contribuyente", "other.txt"), 2, &["does not begin with the columns of a list"]);
    check(&import("buen_contribuyente", "nothing.txt"), 2, &["could not read nothing.txt"]);
    check(&import("retencion", "retencion.txt"), 2, &["agente_de_retencion"]);
    let run = world.run(&["ruc", "20100193117", "--offline"]);
    let shown: Vec<&str> = run.stdout.lines().filter(|line| line.contains("(lista al")).collect();
    assert_eq!(
        shown,
        [
            "Agente de retención       sí, desde 2012-06-01 (lista al 2026-11-18)",
            "Buen contribuyente        no (lista al 2026-11-18)",
        ],
        "{}",
        run.everything()
    );
    let run = world.run(&["ruc", "20100193117", "--offline", "--format", "json"]);
    assert!(run.stdout.contains("\"agente_de_retencion\":{"), "{}", run.stdout);
    check(&world.run(&["padron", "info"]), 0, &[]);
    let info = world.run(&["padron", "info", "--format", "json"]);
    let info: serde_json::Value = serde_json::from_str(&info.stdout).expect("it is JSON");
    assert_eq!((&info["lists"][0]["rows"], &info["suppressed"]), (&1_101.into(), &0.into()));
    // A list that lost most of its rows is refused.
    let world = world.with_file("buenos.txt", &list(20));
    let few = world.run(&["padron", "agents", "import", "buen_contribuyente", "buenos.txt"]);
    check(&few, 3, &["the one before had 50", "--force takes it all the same"]);
}

#[test]
fn what_was_fetched_from_elsewhere_says_nothing_of_this_address() {
    let other = "/other.zip";
    let host = host(1_000).with(other, registry("\"v1\"", 500));
    let world = world(&host);
    let [here, elsewhere] = [FILE, other].map(|path| format!("{}{path}", host.base));
    check(&world.run(&["padron", "import", &here]), 0, &["1,000 rows"]);
    check(&world.run(&["padron", "import", &elsewhere]), 3, &["was not put into use"]);
    check(
        &world.run(&["padron", "import", &here, "--force"]),
        0,
        &["fetched", "edition 2026-11-20-2 is in use: 1,000"],
    );
    check(&world.run(&["padron", "import", &elsewhere, "--force"]), 0, &["edition 2026-11-20-3 is in use: 500 rows"]);
    check(&world.run(&["padron", "fetch"]), 0, &["fetched", "already imported"]);
    let note = std::fs::read_to_string(world.path().join("padron/download.json")).expect("it was written");
    assert!(!note.contains(&host.base), "an address may hold a secret: {note}");
}

#[test]
fn an_edition_that_is_damaged_or_that_nobody_can_name_is_made_anew() {
    let host = host(500);
    let world = world(&host);
    check(&world.run(&["padron", "fetch"]), 0, &[]);
    let padron = world.path().join("padron");
    std::fs::write(padron.join("current"), "junk").expect("it can be written");
    check(&world.run(&["padron", "fetch"]), 0, &["already imported"]);
    check(&world.run(&["padron", "verify"]), 0, &["the rows of edition 2026-11-20 are whole"]);
    let rows = padron.join("2026-11-20/rows.chq");
    let mut bytes = std::fs::read(&rows).expect("it is there");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&rows, bytes).expect("it can be written");
    check(&world.run(&["padron", "fetch"]), 0, &["edition 2026-11-20-2 is in use: 500 rows"]);
    assert_eq!(host.statuses(FILE), [200, 200, 200]);
}
