//! SUNAT's registry on this machine: what is taken up while it is asked, and what is never told.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use chasqui::config::Config;
use chasqui::padron::{Past, Query, Suppressed, What};
use chasqui::{AgentList, Dni, OfflineRegistry, RegistryError, Ruc};
use chasqui_core::{Holder, Registry};
use chasqui_padron::{AgentOptions, Names, Options, Padron, import_agents, synth, write_changes};

const BANK: &str = "20100047218";
const COMPANY: &str = "20100193117";
const PERSON: &str = "10101174102";

/// A folder with one edition of three rows.
struct World {
    folder: tempfile::TempDir,
    config: Config,
}

// === impl World ===

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default_config();
        config.padron.dir = folder.path().join("padron");
        config.padron.search_persons = true;
        let world = Self { folder, config };
        world.import("2026-11-20", "ACTIVO");
        world
    }

    fn dir(&self) -> &Path {
        &self.config.padron.dir
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Three rows, and the state of one of them.
    fn import(&self, date: &str, status: &str) {
        let mut text = synth::HEADER.to_vec();
        for (ruc, name, status) in [
            (PERSON, "PRUEBA SINTETICA JUAN", "ACTIVO"),
            (BANK, "BANCO DE PRUEBA S.A.", "ACTIVO"),
            (COMPANY, "YARA DE PRUEBA S.R.L.", status),
        ] {
            text.extend(format!("{ruc}|{name}|{status}|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n").bytes());
        }
        let date = date.parse().unwrap();
        let options = Options { date: Some(date), today: date, force: true, keep: 3, threads: NonZeroUsize::MIN };
        let before = Padron::open(self.dir()).unwrap();
        let text = self.file("padron.txt", &text);
        chasqui_padron::import(&text, self.dir(), &options, &mut |_| ControlFlow::Continue(())).unwrap();
        if let Some(before) = before {
            write_changes(self.dir(), &before, &self.padron()).unwrap();
        }
    }

    fn padron(&self) -> Padron {
        Padron::open(self.dir()).unwrap().unwrap()
    }

    fn index(&self) {
        Names::build(&self.padron(), &mut |_| ControlFlow::Continue(())).unwrap();
    }

    fn registry(&self) -> OfflineRegistry {
        OfflineRegistry::open(&self.config.padron)
    }
}

fn ruc(number: &str) -> Ruc {
    number.parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the library takes the clock as an argument, and this is who has one")]
fn search(registry: &OfflineRegistry, text: &str) -> Result<Vec<Ruc>, RegistryError> {
    let query = Query { persons: true, ..Query::new(text) };
    let page = registry.search(&query, &|| Instant::now())?;
    Ok(page.hits.iter().map(|hit| hit.taxpayer.ruc).collect())
}

/// `listed`, `unlisted`, `suppressed`, or `silent` where nothing is told at all.
fn says(registry: &OfflineRegistry, number: &str) -> &'static str {
    match registry.taxpayer(ruc(number)).map(|listing| listing.holder) {
        Some(Holder::Listed(_)) => "listed",
        Some(Holder::Unlisted) => "unlisted",
        Some(Holder::Suppressed) => "suppressed",
        None => "silent",
    }
}

#[test]
fn what_is_suppressed_is_told_nowhere_and_nothing_is_built_anew() {
    let world = World::new();
    world.import("2026-11-21", "SUSPENSION TEMPORAL");
    world.index();
    let registry = world.registry();
    assert_eq!((says(&registry, COMPANY), says(&registry, PERSON)), ("listed", "listed"));
    assert_eq!(search(&registry, "prueba").unwrap().len(), 3);
    assert_eq!(registry.history(ruc(COMPANY)).unwrap().changes.len(), 1);
    assert_eq!(registry.changes().unwrap().page(None, 10).unwrap().changes.len(), 1);

    let mut list = Suppressed::open(world.dir()).unwrap();
    list.add(ruc(COMPANY)).unwrap();
    let dni: Dni = Dni::of_ruc(ruc(PERSON)).unwrap();
    list.add(dni).unwrap();
    assert!(!registry.reload(), "the edition is the same");
    assert_eq!((says(&registry, COMPANY), says(&registry, PERSON)), ("suppressed", "suppressed"));
    assert!(matches!(registry.person(dni).unwrap().holder, Holder::Suppressed));
    assert_eq!(says(&registry, BANK), "listed");
    assert_eq!(search(&registry, "prueba").unwrap(), [ruc(BANK)]);
    assert!(matches!(registry.history(ruc(COMPANY)), Err(RegistryError::Suppressed)));
    let day = "2026-11-20".parse().unwrap();
    assert!(matches!(registry.on(ruc(COMPANY), day), Err(RegistryError::Suppressed)));
    let page = registry.changes().unwrap().page(None, 10).unwrap();
    assert!(page.changes.is_empty() && page.is_last);

    list.remove(ruc(COMPANY)).unwrap();
    registry.reload();
    assert_eq!(says(&registry, COMPANY), "listed");
}

#[test]
fn while_nobody_knows_who_is_suppressed_nothing_is_told() {
    let world = World::new();
    world.index();
    Suppressed::open(world.dir()).unwrap().add(ruc(COMPANY)).unwrap();
    let before = world.registry();
    let path = world.dir().join("suppressed.chq");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();

    let after = world.registry();
    assert_eq!((says(&after, COMPANY), says(&after, BANK)), ("silent", "silent"));
    assert!(matches!(search(&after, "prueba"), Err(RegistryError::Closed { .. })));
    assert!(matches!(after.changes(), Err(RegistryError::Closed { .. })));
    assert!(matches!(after.on(ruc(BANK), "2026-11-20".parse().unwrap()), Err(RegistryError::Closed { .. })));
    let trouble = after.trouble().unwrap();
    assert!(trouble.contains("suppressed.chq is damaged"), "{trouble}");

    // Who had read it before goes by what it said.
    before.reload();
    assert_eq!((says(&before, COMPANY), says(&before, BANK)), ("suppressed", "listed"));
    assert!(before.trouble().is_some());

    fs::write(&path, whole).unwrap();
    after.reload();
    assert_eq!((says(&after, COMPANY), says(&after, BANK), after.trouble()), ("suppressed", "listed", None));
}

#[test]
fn a_folder_that_is_half_gone_takes_nobody_off_the_list() {
    let world = World::new();
    Suppressed::open(world.dir()).unwrap().add(ruc(COMPANY)).unwrap();
    let registry = world.registry();
    let whole = fs::read(world.dir().join("current")).unwrap();
    fs::write(world.dir().join("current"), "nothing that names an edition").unwrap();
    for name in ["suppressed.chq", "suppressed.key"] {
        fs::remove_file(world.dir().join(name)).unwrap();
    }
    registry.reload();
    assert!(registry.trouble().is_some());
    assert_eq!((says(&registry, COMPANY), says(&registry, BANK)), ("suppressed", "listed"));

    // Where all else is whole, whoever removed both files meant it.
    fs::write(world.dir().join("current"), whole).unwrap();
    registry.reload();
    assert_eq!((says(&registry, COMPANY), registry.trouble()), ("listed", None));
}

#[test]
fn building_the_names_makes_an_edition_no_newer() {
    let world = World::new();
    let fetched_at = || world.registry().edition().unwrap().fetched_at();
    let imported = fetched_at();
    let later = SystemTime::UNIX_EPOCH + Duration::from_hours(80 * 365 * 24);
    world.index();
    fs::File::open(world.padron().path().parent().unwrap()).unwrap().set_modified(later).unwrap();
    assert_eq!(fetched_at(), imported);
}

#[test]
fn an_index_of_names_may_come_later_and_a_damaged_one_says_so() {
    let world = World::new();
    let registry = world.registry();
    assert!(matches!(search(&registry, "banco"), Err(RegistryError::NoNames { .. })));
    world.index();
    let path = Names::path(&world.padron());
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() - 70;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    for _ in 0..2 {
        let error = search(&registry, "banco").unwrap_err();
        assert!(
            matches!(error, RegistryError::Unreadable { .. }) && error.to_string().contains("is damaged"),
            "{error}"
        );
    }
    assert_eq!(says(&registry, BANK), "listed", "look-ups do not need it");
    world.index();
    assert_eq!(search(&registry, "banco").unwrap(), [ruc(BANK)]);
}

#[test]
fn persons_are_searched_only_where_the_configuration_says_so() {
    let mut world = World::new();
    world.index();
    assert_eq!(search(&world.registry(), "sintetica").unwrap(), [ruc(PERSON)]);
    world.config.padron.search_persons = false;
    assert!(matches!(search(&world.registry(), "sintetica"), Err(RegistryError::PersonsNotSearched)));
}

#[test]
fn a_newer_edition_its_changes_and_the_past_are_taken_up() {
    let world = World::new();
    let registry = world.registry();
    let (early, first) = ("2026-11-19".parse().unwrap(), "2026-11-20".parse().unwrap());
    assert!(registry.history(ruc(COMPANY)).unwrap().changes.is_empty());
    let end = registry.changes().unwrap().page(None, 10).unwrap().next;

    world.import("2026-11-21", "BAJA DEFINITIVA");
    assert!(registry.reload());
    let page = registry.changes().unwrap().page(Some(end), 10).unwrap();
    assert_eq!(page.changes.len(), 1, "who was at the end goes on from there");
    let full = registry.changes().unwrap().page(Some(end), 1).unwrap();
    assert_eq!((full.is_last, full.next), (true, page.next), "a page that is just full is the last all the same");
    assert!(matches!(page.changes[0].what(), What::Changed(cells) if cells[0].after() == "BAJA DEFINITIVA"));
    assert!(registry.changes().unwrap().page(Some(page.next), 10).unwrap().changes.is_empty());
    assert!(matches!(registry.on(ruc(COMPANY), early).unwrap(), Past::BeforeFirstEdition { .. }));
    match registry.on(ruc(COMPANY), first).unwrap() {
        Past::Known { row, edition } => assert!(String::from_utf8_lossy(row.raw()).contains("ACTIVO"), "{edition}"),
        other => panic!("{other:?}"),
    }
    // A file that came after somebody asked is seen as well.
    let file = world.dir().join("changes-2026-11-20-2026-11-21.chq");
    let aside = world.folder.path().join("aside");
    fs::rename(&file, &aside).unwrap();
    assert!(registry.history(ruc(COMPANY)).unwrap().changes.is_empty());
    fs::rename(&aside, &file).unwrap();
    assert_eq!(registry.history(ruc(COMPANY)).unwrap().changes.len(), 1);
}

#[test]
fn lists_of_agents_are_taken_up_and_say_no_only_where_there_is_a_list() {
    let world = World::new();
    let registry = world.registry();
    assert!(registry.standings(ruc(COMPANY)).is_none());
    let mut list = "Ruc|Nombre/Razon|A partir del|Resolucion|\r".to_owned();
    for body in 0..20 {
        let number = Ruc::from_body(20, 30_000_000 + body).unwrap();
        write!(list, "{}|EMPRESA|01/02/2016|RS 1|\r", number.as_str()).unwrap();
    }
    write!(list, "{COMPANY}|YARA|01/06/2012|RS R.S.096-2012|\r").unwrap();
    let options = AgentOptions { as_of: "2026-11-18".parse().unwrap(), force: false };
    let file = world.file("list.txt", list.as_bytes());
    import_agents(AgentList::GoodTaxpayer, &file, world.dir(), &options).unwrap();
    registry.reload();
    let standing = |number| registry.standings(ruc(number)).unwrap().on(AgentList::GoodTaxpayer).cloned().unwrap();
    assert!(standing(COMPANY).is_listed && !standing(BANK).is_listed);
    assert_eq!(standing(COMPANY).resolution.as_deref(), Some("RS R.S.096-2012"));
    assert_eq!(standing(COMPANY).since.unwrap().to_string(), "2012-06-01");
    assert_eq!(standing(BANK).as_of.to_string(), "2026-11-18");
    assert_eq!(registry.standings(ruc(COMPANY)).unwrap().on(AgentList::Retention), None);
    let Some(Holder::Listed(taxpayer)) = registry.taxpayer(ruc(COMPANY)).map(|listing| listing.holder) else {
        panic!("it is listed")
    };
    assert!(taxpayer.padrones.is_some());
}
