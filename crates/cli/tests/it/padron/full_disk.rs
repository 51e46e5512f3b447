//! A full disk: the message says so, what answered answers on, and once there is room the same command works.

use super::host::{Host, Reply};
use super::{HEADER, PERSON, YARA, list, synthetic, zipped};
use crate::disk::SmallDisk;
use crate::program::{Run, World};

/// A registry in use on a small disk, and files to go on with on a large one.
fn world(disk: &SmallDisk) -> World {
    let dir = disk.path().join("padron");
    let world = World::new()
        .with("CHASQUI_PADRON__DIR", dir.to_str().expect("it is a plain name"))
        .with("CHASQUI_PADRON__LISTS", "")
        .with_file("padron.txt", &format!("{HEADER}{YARA}{PERSON}"))
        .with_file("list.txt", &list(1_200));
    check(&world.run(&["padron", "import", "padron.txt", "--edition", "2026-11-10"]), 0, "can be searched");
    world
}

#[track_caller]
fn check(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code, code, "{}", run.everything());
    assert!(run.everything().contains(words), "{words:?} in {}", run.everything());
}

#[test]
fn what_does_not_fit_on_the_disk_changes_nothing() {
    let Some(disk) = SmallDisk::new(64 << 10) else { return };
    let world = world(&disk);
    std::fs::write(world.path().join("large.txt"), synthetic(5_000, 3)).expect("there is room");
    for (room, command, words) in [
        (
            100_000,
            &["padron", "import", "large.txt", "--force", "--edition", "2026-11-20"][..],
            "is in use: 5,000 rows",
        ),
        (4_096, &["padron", "index"], "can be searched"),
        (0, &["padron", "suppress", "10117410"], "1 number newly suppressed"),
        (0, &["padron", "agents", "import", "agente_de_retencion", "list.txt"], "1,200 taxpayers"),
    ] {
        disk.leave(room);
        let run = world.run(command);
        assert_eq!(run.code, 3, "{command:?}: {}", run.everything());
        for said in ["could not write", "see that there is room", "No space left on device"] {
            assert!(run.stderr.contains(said), "{command:?}: {said:?} in {}", run.stderr);
        }
        let ruc = world.run(&["ruc", "20100193117", "--offline"]);
        assert!(
            ruc.code == 0 && ruc.stdout.contains("YARA") || command[1] == "suppress",
            "{command:?}: {}",
            ruc.everything()
        );
        disk.empty();
        let again = world.run(command);
        assert!(again.code == 0 && again.everything().contains(words), "{command:?}: {}", again.everything());
        if command[1] == "import" {
            check(&world.run(&["padron", "use", "2026-11-10"]), 0, "2026-11-10");
        }
    }
    let left = std::fs::read_dir(disk.path().join("padron")).expect("it is there");
    let left: Vec<String> =
        left.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
    assert!(left.iter().all(|name| !name.starts_with(".building") && !name.starts_with(".new")), "{left:?}");
}

#[test]
fn a_download_that_does_not_fit_goes_on_once_there_is_room() {
    let Some(disk) = SmallDisk::new(64 << 10) else { return };
    let host = Host::new().with("/padron.zip", Reply::File { etag: "\"v1\"", body: zipped(&synthetic(20_000, 3)) });
    let world = world(&disk).with("CHASQUI_PADRON__MIRRORS", &format!("{}/padron.zip", host.base));
    disk.leave(100_000);
    check(&world.run(&["padron", "fetch"]), 3, "the disk is full");
    assert!(world.run(&["ruc", "20100193117", "--offline"]).stdout.contains("YARA"));
    disk.empty();
    check(&world.run(&["padron", "fetch", "--force"]), 0, "of them from before");
    assert_eq!(host.statuses("/padron.zip"), [200, 206]);
}
