//! SUNAT's small lists, imported and asked.

use std::fmt::Write as _;
use std::fs;

use chasqui_padron::{Agent, AgentOptions, Agents, AgentsError, ListReport, import_agents};
use chasqui_types::{AgentList, Ruc};

use crate::{World, date, zipped};

const HEADER: &str = "Ruc|Nombre/Razon|A partir del|Resolucion|";

/// A list of so many made-up companies, with the line ends that SUNAT's have.
fn list(from: u32, n_rows: u32, day: &str) -> Vec<u8> {
    let mut text = format!("{HEADER}\r");
    for body in from..from + n_rows {
        let ruc = Ruc::from_body(20, body).unwrap();
        write!(text, "{}|\"EMPRESA\" {body} S.A.|{day}|RS R.S.{}-2012|\r", ruc.as_str(), body % 7).unwrap();
    }
    text.into_bytes()
}

fn import(world: &World, list: AgentList, bytes: &[u8], force: bool) -> Result<ListReport, AgentsError> {
    let options = AgentOptions { as_of: date("2026-11-20"), force };
    import_agents(list, &world.file("list", bytes), &world.dir(), &options)
}

fn agents(world: &World) -> Agents {
    Agents::open(&world.dir()).unwrap().expect("a list was imported")
}

fn ruc(body: u32) -> Ruc {
    Ruc::from_body(20, body).unwrap()
}

#[test]
fn a_taxpayer_is_on_the_lists_that_name_it() {
    let world = World::new();
    assert!(Agents::open(&world.dir()).unwrap().is_none());
    let zip = zipped(&[("AgenRet_TXT.txt", &list(10_000_000, 1_200, "01/06/2012"))], None);
    let report = import(&world, AgentList::Retention, &zip, false).unwrap();
    assert_eq!((report.rows, report.bad, report.as_of), (1_200, 0, date("2026-11-20")));
    import(&world, AgentList::GoodTaxpayer, &list(10_001_000, 300, "01/02/2016"), false).unwrap();

    let agents = agents(&world);
    let retention = |resolution| Agent { list: AgentList::Retention, since: Some(date("2012-06-01")), resolution };
    let good = |resolution| Agent { list: AgentList::GoodTaxpayer, since: Some(date("2016-02-01")), resolution };
    assert_eq!(agents.of(ruc(10_000_005)).collect::<Vec<_>>(), [retention("RS R.S.1-2012")]);
    let both = [retention("RS R.S.5-2012"), good("RS R.S.5-2012")];
    assert_eq!(agents.of(ruc(10_001_003)).collect::<Vec<_>>(), both);
    assert_eq!(agents.of(ruc(10_001_299)).next().map(|agent| agent.list), Some(AgentList::GoodTaxpayer));
    assert_eq!(agents.of(ruc(10_001_300)).next(), None);
    let lists: Vec<AgentList> = agents.lists().iter().map(|report| report.list).collect();
    assert_eq!(lists, [AgentList::Retention, AgentList::GoodTaxpayer]);
}

#[test]
fn a_list_is_replaced_as_a_whole_and_the_others_stay() {
    let world = World::new();
    import(&world, AgentList::Retention, &list(10_000_000, 1_200, "01/06/2012"), false).unwrap();
    import(&world, AgentList::Perception, &list(10_000_000, 500, "01/06/2013"), false).unwrap();
    import(&world, AgentList::Retention, &list(10_000_100, 1_200, "01/06/2014"), false).unwrap();
    let agents = agents(&world);
    let lists = |body| agents.of(ruc(body)).map(|agent| (agent.list, agent.since.unwrap().year())).collect::<Vec<_>>();
    assert_eq!(lists(10_000_000), [(AgentList::Perception, 2013)]);
    assert_eq!(lists(10_000_100), [(AgentList::Retention, 2014), (AgentList::Perception, 2013)]);
    assert_eq!(lists(10_001_299), [(AgentList::Retention, 2014)]);
    assert_eq!(world.names(), ["agents.chq"], "nothing is left over");
}

#[test]
fn a_list_out_of_the_ordinary_is_refused_unless_it_is_forced() {
    let world = World::new();
    check(&world, &list(1, 999, "01/06/2012"), &["it has 999 rows, and should have 1000 at least"]);
    import(&world, AgentList::Retention, &list(1, 3_000, "01/06/2012"), false).unwrap();
    check(&world, &list(1, 2_000, "01/06/2012"), &["it has 2000 rows, and the one before had 3000"]);
    let torn = [list(1, 3_000, "01/06/2012"), b"pie de pagina\r".repeat(50)].concat();
    check(&world, &torn, &["50 of its lines could not be used"]);
    assert_eq!(agents(&world).lists()[0].rows, 3_000);
    let report = import(&world, AgentList::Retention, &torn, true).unwrap();
    assert_eq!((report.bad, report.overridden.len()), (50, 1));
}

#[track_caller]
fn check(world: &World, bytes: &[u8], expected: &[&str]) {
    match import(world, AgentList::Retention, bytes, false) {
        Err(AgentsError::Refused { objections }) => assert_eq!(objections, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_list_says_so() {
    let world = World::new();
    let said = |bytes: &[u8]| import(&world, AgentList::Retention, bytes, true).unwrap_err().to_string();
    assert!(said(b"<html>403 Forbidden</html>").contains("does not begin with the columns of a list"));
    assert!(said(b"").contains("does not begin with the columns of a list"));
    let zip = zipped(&[("a.txt", &list(1, 2_000, "01/06/2012"))], None);
    assert!(said(&zip[..zip.len() / 2]).contains("is not a whole zip"));
    let two = zipped(&[("a.txt", b"x"), ("b.txt", b"y")], None);
    assert!(said(&two).contains("with one list in it"));
    let bomb = zipped(&[("a.txt", &vec![b' '; 65 << 20])], None);
    assert!(said(&bomb).contains("larger than any list"));
    assert!(Agents::open(&world.dir()).unwrap().is_none());
}

#[test]
fn damage_is_found_wherever_it_is() {
    let world = World::new();
    import(&world, AgentList::FuelPerception, &list(1, 20, "01/06/2012"), false).unwrap();
    let path = world.dir().join("agents.chq");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Agents::open(&world.dir()), Err(AgentsError::Damaged { .. })), "byte {at}");
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let refused = import(&world, AgentList::FuelPerception, &list(1, 20, "01/06/2012"), false);
    assert!(matches!(refused, Err(AgentsError::Damaged { .. })), "the other lists in it may be worth a look first");
    import(&world, AgentList::FuelPerception, &list(1, 20, "01/06/2012"), true).unwrap();
    assert_eq!(agents(&world).lists().len(), 1);
}
