//! Whatever is wrong with a file, the message says what, the exit code says whose fault it is, and the edition in use stays.

use super::host::{Host, Reply};
use super::{YARA, imported, synthetic, zipped};
use crate::program::World;

/// An edition that answers, of so many rows that half of them would be noticed.
fn world() -> World {
    let world = World::new().with("CHASQUI_PADRON__NAMES", "false").with("CHASQUI_PADRON__LISTS", "");
    std::fs::write(world.path().join("good.txt"), whole()).expect("the folder is ours");
    let run = world.run(&["padron", "import", "good.txt", "--edition", "2026-11-10"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    world
}

fn whole() -> Vec<u8> {
    [synthetic(2_000, 1), YARA.as_bytes().to_vec()].concat()
}

/// What may come instead of a registry: its name, its bytes, how an import of it ends, and what is said.
fn cases() -> Vec<(&'static str, Vec<u8>, i32, &'static str)> {
    let zip = zipped(&whole());
    let mut flipped = zip.clone();
    flipped[zip.len() / 2] ^= 0x10;
    let text = String::from_utf8_lossy(&whole()).into_owned();
    let mut bomb = chasqui_padron::synth::HEADER.to_vec();
    bomb.resize(40 << 20, b'A');
    let half: Vec<u8> = synthetic(900, 1);
    let bad = [whole(), b"no row\n".repeat(200)].concat();
    vec![
        ("a zip that is cut short", zip[..zip.len() / 2].to_vec(), 2, "is not a whole zip; fetch it again"),
        ("a zip that is cut at its end", zip[..zip.len() - 1].to_vec(), 2, "is not a whole zip; fetch it again"),
        ("a zip with a flipped byte", flipped, 2, "is not a whole zip; fetch it again"),
        ("a zip bomb", zipped(&bomb), 2, "unpacks to more than any registry could have"),
        ("another header", zipped(text.replace("UBIGEO|", "UBIGEOS|").as_bytes()), 2, "SUNAT has changed its form"),
        ("a header alone", zipped(chasqui_padron::synth::HEADER), 2, "has no rows"),
        ("half the rows", zipped(&half), 3, "--force takes it all the same"),
        ("too many bad lines", zipped(&bad), 3, "--force takes it all the same"),
    ]
}

/// The edition in use is the one from before, whole, and answers.
#[track_caller]
fn assert_it_stays(world: &World, what: &str) {
    let info = world.run(&["padron", "info", "--format", "json"]);
    let info: serde_json::Value = serde_json::from_str(&info.stdout).expect("it is JSON");
    assert_eq!(info["in_use"]["edition"], "2026-11-10", "{what}");
    assert_eq!(info["kept"], serde_json::json!(["2026-11-10"]), "{what}");
    assert_eq!(world.run(&["padron", "verify"]).code, 0, "{what}");
    assert!(world.run(&["ruc", "20100193117", "--offline"]).stdout.contains("YARA"), "{what}");
    let folder = std::fs::read_dir(world.path().join("padron")).expect("it is there");
    let building = folder.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned());
    let left: Vec<String> = building.filter(|name| name.starts_with(".building") || name.starts_with(".new")).collect();
    assert!(left.is_empty(), "{what}: {left:?}");
}

#[test]
fn a_file_that_is_no_registry_leaves_the_edition_in_use() {
    let world = world();
    for (what, bytes, code, words) in cases() {
        std::fs::write(world.path().join("bad.zip"), bytes).expect("the folder is ours");
        let run = world.run(&["padron", "import", "bad.zip", "--edition", "2026-11-20"]);
        assert_eq!(run.code, code, "{what}: {}", run.everything());
        assert!(run.stderr.contains(words), "{what}: {}", run.stderr);
        assert_it_stays(&world, what);
    }
}

#[test]
fn a_host_that_has_no_registry_leaves_the_edition_in_use() {
    let host = Host::new();
    let world = world().with("CHASQUI_PADRON__MIRRORS", &format!("{}/padron.zip", host.base));
    let elsewhere = format!("{}/padron.zip", host.base.replace("127.0.0.1", "localhost"));
    let mut replies: Vec<(&str, Reply, &str)> = vec![
        (
            "another host",
            Reply::Elsewhere(elsewhere),
            "sends on to http://localhost, which is none of the configured mirrors",
        ),
        ("a page", Reply::Page, "sent something else than the file"),
        (
            "a line that breaks",
            Reply::Broken { etag: "\"0\"", body: zipped(&whole()), after: 900 },
            "the line to 127.0.0.1 broke",
        ),
    ];
    let etags = ["\"1\"", "\"2\"", "\"3\"", "\"4\"", "\"5\"", "\"6\"", "\"7\"", "\"8\""];
    for ((what, body, _, words), etag) in cases().into_iter().zip(etags) {
        // What is too short to be one is not even downloaded.
        let words = if body.len() < 512 { "and it should have between" } else { words };
        replies.push((what, Reply::File { etag, body }, words));
    }
    for (what, reply, words) in replies {
        host.says("/padron.zip", reply);
        let run = world.run(&["padron", "fetch"]);
        assert_eq!(run.code, 3, "{what}: {}", run.everything());
        assert!(run.stderr.contains(words), "{what}: {}", run.stderr);
        assert_it_stays(&world, what);
    }
    host.says("/padron.zip", Reply::File { etag: "\"9\"", body: zipped(&whole()) });
    let run = world.run(&["padron", "fetch"]);
    assert!(run.code == 0 && run.stderr.contains("edition 2026-11-20 is in use: 2,001 rows"), "{}", run.stderr);
}

#[test]
fn two_imports_at_once_do_not_get_into_each_others_way() {
    let world = imported(&[YARA], Some("2026-11-10")).with("CHASQUI_PADRON__NAMES", "false");
    std::fs::write(world.path().join("large.txt"), synthetic(20_000, 5)).expect("the folder is ours");
    let mut first = world.spawn(&["padron", "import", "large.txt", "--edition", "2026-11-20", "--force"]);
    first.wait_until_it_says("counting");
    let start = crate::program::now();
    for command in [&["padron", "import", "padron.txt"][..], &["padron", "rollback"], &["padron", "prune"]] {
        let second = world.run(command);
        assert_eq!(second.code, 3, "{command:?}: {}", second.everything());
        assert!(second.stderr.contains("somebody else is changing"), "{command:?}: {}", second.stderr);
    }
    assert!(start.elapsed().as_secs() < 10, "they are refused at once");
    assert!(world.run(&["ruc", "20100193117", "--offline"]).stdout.contains("YARA"), "who asks is answered meanwhile");
    let first = first.wait();
    assert!(first.code == 0 && first.stderr.contains("edition 2026-11-20 is in use"), "{}", first.everything());
}
