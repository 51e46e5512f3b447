//! Where an output lands: whole or not at all, and never on its input.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use chasqui_bulk::{Input, OutFormat, ReadOptions, Row, WriteError, Writer};

use crate::world::{FOUND, create, finding, open, options, write_rows};

fn input() -> Input {
    open(format!("ruc\n{FOUND}\n"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[track_caller]
fn check_refused(out: &Path, input: &Input, expected: &str) {
    let error = Writer::create(out, input, &options(OutFormat::Csv)).unwrap_err();
    assert_eq!(error.to_string(), expected.replace("OUT", &out.display().to_string()));
}

#[test]
fn a_former_output_stays_until_the_new_one_is_whole() {
    for name in ["out.csv", "out.xlsx", "out.ndjson"] {
        let folder = tempfile::tempdir().unwrap();
        let (path, input) = (folder.path().join(name), input());
        let options = options(OutFormat::of(&path).unwrap());
        fs::write(&path, "viejo").unwrap();
        let mut writer = Writer::create(&path, &input, &options).unwrap();
        write_rows(&mut writer, &input).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"viejo");
        drop(writer);
        assert_eq!(fs::read(&path).unwrap(), b"viejo");
        assert_eq!(names(folder.path()), [name], "nothing is left behind");
        assert_ne!(create(&path, &input, &options).unwrap(), b"viejo");
        assert_eq!(names(folder.path()), [name]);
    }
}

#[test]
fn what_a_killed_run_left_is_replaced_and_what_a_living_one_writes_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (path, input) = (folder.path().join("out.csv"), input());
    fs::write(folder.path().join("out.csv.chasqui-partial"), "medio").unwrap();
    let writer = Writer::create(&path, &input, &options(OutFormat::Csv)).unwrap();
    check_refused(&path, &input, "another run is writing `OUT`; wait until it ends, or name another file with -o");
    drop(writer);
    create(&path, &input, &options(OutFormat::Csv)).unwrap();
    assert_eq!(names(folder.path()), ["out.csv"]);
}

#[test]
fn an_output_that_cannot_be_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    check_refused(folder.path(), &input(), "`OUT` is a folder; name a file in it with -o");
    check_refused(
        &folder.path().join("nada/out.csv"),
        &input(),
        "the folder of `OUT` does not exist; make it first, or name another one with -o",
    );
    fs::write(folder.path().join("plano"), "").unwrap();
    check_refused(
        &folder.path().join("plano/out.csv"),
        &input(),
        "the folder of `OUT` does not exist; make it first, or name another one with -o",
    );
    let error = Writer::to(Box::new(io::sink()), &input(), &options(OutFormat::Xlsx)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a workbook cannot go to standard output; name a file with -o, or choose csv or ndjson"
    );
}

#[test]
fn an_input_is_never_written_over_by_whatever_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.csv");
    let content = format!("ruc\n{FOUND}\n");
    fs::write(&path, &content).unwrap();
    let input = Input::open(&path, &ReadOptions::default()).unwrap();
    let refused = "`OUT` is the input itself; name another file with -o";
    check_refused(&path, &input, refused);
    check_refused(&folder.path().join("./in.csv"), &input, refused);
    fs::hard_link(&path, folder.path().join("hard.csv")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&path, folder.path().join("soft.csv")).unwrap();
        check_refused(&folder.path().join("hard.csv"), &input, refused);
        check_refused(&folder.path().join("soft.csv"), &input, refused);
    }
    // Its name is that of what would be written first.
    let partial = folder.path().join("out.csv.chasqui-partial");
    fs::rename(&path, &partial).unwrap();
    let input = Input::open(&partial, &ReadOptions::default()).unwrap();
    check_refused(&folder.path().join("out.csv"), &input, refused);
    assert_eq!(fs::read_to_string(&partial).unwrap(), content);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay_what_they_were() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target.csv"), folder.path().join("link.csv"));
    fs::write(&target, "viejo").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    create(&link, &input(), &options(OutFormat::Csv)).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains(FOUND));
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
}

/// Takes so many bytes, then is full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.min(bytes.len()) {
            0 => Err(io::ErrorKind::StorageFull.into()),
            n_bytes => {
                self.0 -= n_bytes;
                Ok(n_bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_and_never_taken_for_success() {
    let input = input();
    for room in [0, 10, 70_000] {
        let row = Row { number: Some(Ok(FOUND.parse::<chasqui_types::Ruc>().unwrap().into())), ..Row::default() };
        let mut writer = Writer::to(Box::new(Full(room)), &input, &options(OutFormat::Csv)).unwrap();
        let found = finding(row.number.unwrap().unwrap());
        let written = (0..2_000).try_for_each(|_| writer.write(&row, Some(&found)));
        let first = written.unwrap_err();
        assert_eq!(first.to_string(), "the disk is full; free space and run again with --resume");
        let _ = writer.write(&row, Some(&found));
        assert!(writer.finish().is_err(), "{room}");
    }
    // Seen only at the end.
    let writer = Writer::to(Box::new(Full(10)), &input, &options(OutFormat::Csv)).unwrap();
    assert!(matches!(writer.finish(), Err(WriteError::Full { .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let full = Path::new("/dev/full");
    let mut writer = Writer::create(full, &input(), &options(OutFormat::Ndjson)).unwrap();
    write_rows(&mut writer, &input()).unwrap();
    assert!(matches!(writer.finish(), Err(WriteError::Full { .. })));
    let mut writer = Writer::create(Path::new("/dev/null"), &input(), &options(OutFormat::Csv)).unwrap();
    write_rows(&mut writer, &input()).unwrap();
    writer.finish().unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn whoever_reads_no_more_is_no_full_disk() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let writer = Writer::to(Box::new(Gone), &input(), &options(OutFormat::Csv)).unwrap();
    assert!(writer.finish().unwrap_err().is_broken_pipe());
}
