//! Numbers that nobody is to be told about.

use std::fs;
use std::time::{Duration, SystemTime};

use chasqui_padron::{Row, Suppressed, SuppressionError};
use chasqui_types::{Dni, Ruc};

use crate::World;

fn open(world: &World) -> Suppressed {
    Suppressed::open(&world.dir()).unwrap()
}

fn company() -> Ruc {
    "20131312955".parse().unwrap()
}

fn person() -> Ruc {
    "10101174102".parse().unwrap()
}

fn dni() -> Dni {
    "10117410".parse().unwrap()
}

#[test]
fn nothing_is_suppressed_until_somebody_asks() {
    let world = World::new();
    let list = open(&world);
    assert!(list.is_empty() && !list.contains(company()) && !list.contains(dni()));
    assert!(!world.dir().exists(), "asking makes nothing");
}

#[test]
fn a_number_is_suppressed_until_it_is_removed() {
    let world = World::new();
    let mut list = open(&world);
    assert!(list.add(company()).unwrap());
    assert!(!list.add(company()).unwrap(), "it was already");
    assert!(list.contains(company()) && !list.contains(person()));
    let mut again = open(&world);
    assert!(again.contains(company()) && again.len() == 1);
    assert!(again.remove(company()).unwrap() && !again.remove(company()).unwrap());
    assert!(!again.contains(company()) && !open(&world).contains(company()));
}

#[test]
fn a_person_is_hidden_by_either_number_and_in_every_row() {
    let world = World::new();
    let mut list = open(&world);
    list.add(dni()).unwrap();
    assert!(list.contains(dni()) && list.contains(person()));
    // A row kept apart, whose check digit is wrong, is about the same person.
    let tail = "APELLIDO NOMBRE|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|";
    for number in ["10101174102", "10101174109"] {
        assert!(list.hides(&Row::parse(format!("{number}|{tail}").as_bytes()).unwrap()), "{number}");
    }
    assert!(!list.hides(&Row::parse(format!("20131312955|{tail}").as_bytes()).unwrap()));
    assert!(!list.add(person()).unwrap(), "the same person");
    assert!(list.remove(person()).unwrap() && !list.contains(dni()));
    list.add(person()).unwrap();
    assert!(list.contains(dni()));
}

#[test]
fn no_number_can_be_read_from_the_disk() {
    let world = World::new();
    let mut list = open(&world);
    list.add(dni()).unwrap();
    list.add(company()).unwrap();
    assert_eq!(world.names(), ["suppressed.chq", "suppressed.key"]);
    for name in world.names() {
        let bytes = fs::read(world.dir().join(name)).unwrap();
        for number in [dni().as_str(), company().as_str()] {
            assert!(!bytes.windows(number.len()).any(|part| part == number.as_bytes()));
        }
    }
    assert!(!format!("{list:?}").contains("key"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(world.dir().join("suppressed.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn who_has_the_list_open_sees_what_others_change() {
    let world = World::new();
    let mut reader = open(&world);
    let mut writer = open(&world);
    for n in 1..20_u32 {
        writer.add(Ruc::from_body(20, n).unwrap()).unwrap();
        // Clocks of file systems are coarse; a change that keeps the length is told by the time alone.
        let file = fs::File::options().write(true).open(world.dir().join("suppressed.chq")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(n))).unwrap();
        reader.refresh().unwrap();
        assert_eq!(reader.len(), usize::try_from(n).unwrap());
    }
    // One that leaves and one that comes in the same moment.
    writer.remove(Ruc::from_body(20, 19).unwrap()).unwrap();
    writer.add(person()).unwrap();
    let file = fs::File::options().write(true).open(world.dir().join("suppressed.chq")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(19)).unwrap();
    reader.refresh().unwrap();
    assert!(reader.contains(person()) || cfg!(not(unix)));
    writer.remove(person()).unwrap();
    writer.add(Ruc::from_body(20, 19).unwrap()).unwrap();
    // Neither takes back what the other did.
    reader.add(company()).unwrap();
    writer.add(dni()).unwrap();
    assert!(writer.contains(company()) && writer.len() == 21);
}

#[test]
fn a_list_that_was_lost_is_no_empty_one() {
    let world = World::new();
    let mut list = open(&world);
    list.add(company()).unwrap();
    list.remove(company()).unwrap();
    assert!(open(&world).is_empty(), "an empty list is one");
    list.add(company()).unwrap();
    let (path, key) = (world.dir().join("suppressed.chq"), world.dir().join("suppressed.key"));
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let said = Suppressed::open(&world.dir()).err().unwrap().to_string();
    assert!(said.contains("suppressed.chq is missing") && said.contains("from a copy"), "{said}");
    assert!(list.refresh().is_err() && list.contains(company()), "what is known stays known");
    assert!(list.add(person()).is_err(), "and no new list takes its place");
    assert!(!path.exists());
    fs::write(&path, whole).unwrap();
    list.refresh().unwrap();
    assert!(list.contains(company()));
    // Whoever means it takes both away.
    fs::remove_file(&path).unwrap();
    fs::remove_file(&key).unwrap();
    list.refresh().unwrap();
    assert!(list.is_empty());
}

#[test]
fn a_first_entry_that_was_cut_off_is_made_again() {
    let of = |world: &World, name: &str| fs::read(world.dir().join(name)).ok();
    let whole = World::new();
    open(&whole).add(company()).unwrap();
    let key = of(&whole, "suppressed.key").unwrap();
    // The key is being made; then there is an empty list; then the key is complete.
    for n_bytes in [0, 1, key.len() / 2, key.len() - 1] {
        let world = World::new();
        fs::create_dir(world.dir()).unwrap();
        fs::write(world.dir().join("suppressed.key"), &key[..n_bytes]).unwrap();
        assert!(open(&world).is_empty(), "nobody was ever suppressed");
        assert!(open(&world).add(company()).unwrap());
        assert!(open(&world).contains(company()));
    }
    let world = World::new();
    let mut list = open(&world);
    list.add(company()).unwrap();
    fs::write(world.dir().join("suppressed.key"), of(&world, "suppressed.key").unwrap().trim_ascii_end()).unwrap();
    assert!(open(&world).contains(company()));
    list.add(person()).unwrap();
    assert!(of(&world, "suppressed.key").unwrap().ends_with(b"\n"));
}

#[test]
fn many_at_once_lose_nothing() {
    let world = World::new();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let dir = world.dir();
            scope.spawn(move || {
                for n in 0..10 {
                    let mut list = Suppressed::open(&dir).unwrap();
                    assert!(list.add(Ruc::from_body(20, thread * 100 + n).unwrap()).unwrap());
                }
            });
        }
    });
    assert_eq!(open(&world).len(), 40);
}

#[test]
fn a_list_that_cannot_be_read_is_no_empty_one() {
    let world = World::new();
    open(&world).add(company()).unwrap();
    let (list, key) = (world.dir().join("suppressed.chq"), world.dir().join("suppressed.key"));
    let whole = fs::read(&list).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&list, bytes).unwrap();
        let opened = Suppressed::open(&world.dir());
        assert!(matches!(opened, Err(SuppressionError::Damaged { .. })), "byte {at}: {opened:?}");
    }
    fs::write(&list, &whole).unwrap();
    let right = fs::read_to_string(&key).unwrap();
    for wrong in ["", "zz", "0000000000000000000000000000000000000000000000000000000000000000"] {
        fs::write(&key, wrong).unwrap();
        assert!(Suppressed::open(&world.dir()).is_err(), "{wrong:?}");
    }
    fs::remove_file(&key).unwrap();
    let said = Suppressed::open(&world.dir()).err().unwrap().to_string();
    assert!(said.contains("suppressed.key is missing") && said.contains("from a copy"), "{said}");
    fs::write(&key, right).unwrap();
    assert!(open(&world).contains(company()));
}
