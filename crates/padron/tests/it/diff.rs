//! What differs between two editions, against a comparison of the texts that holds everything in memory.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;

use chasqui_padron::synth::{HEADER, Synth};
use chasqui_padron::{
    Change, ChangeFile, ChangesError, Column, Differences, Edition, Padron, Row, What, diff, write_changes,
};
use chasqui_types::Ruc;
use proptest::prelude::*;

use crate::{World, date, synthetic};

/// Number, whether kept apart, kind, column, before, after.
type Told = (String, bool, &'static str, &'static str, String, String);

/// Imports texts as the editions of following days, without looking at how far they are from each other.
pub(crate) fn editions(texts: &[&[u8]]) -> (World, Vec<Padron>) {
    let mut world = World::new();
    (world.options.force, world.options.keep) = (true, 100);
    let padrons = (1_i8..).zip(texts).map(|(day, text)| {
        let day = date(&format!("2026-11-{day:02}"));
        world.options.date = Some(day);
        world.import(text).unwrap();
        Padron::open_edition(&world.dir(), Edition::first_of(day)).unwrap()
    });
    let padrons = padrons.collect();
    (world, padrons)
}

/// A text with its header in front.
pub(crate) fn text(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut text = HEADER.to_vec();
    for line in lines {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text
}

pub(crate) fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    text.split(|&byte| byte == b'\n').skip(1).filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Made-up rows of which one of a hundred is another one a day later: changed, gone, new, or kept apart.
pub(crate) fn a_day_later(text: &[u8], seed: u64) -> Vec<u8> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut new = Vec::new();
    for line in lines(text) {
        match dice.u32(..1000) {
            0 => {}
            1 => new.push(line[..line.len() - 1].to_vec()),
            2 => new.extend([line.clone(), line]),
            3..=9 => {
                let mut cells: Vec<&[u8]> = line.split(|&byte| byte == b'|').collect();
                let cell = dice.usize(1..cells.len() - 1);
                cells[cell] = [&b"SUSPENSION TEMPORAL"[..], b"-", b"NUEVO \xd1ANDU", b"150101"][dice.usize(..4)];
                new.push(cells.join(&b'|'));
            }
            _ => new.push(line),
        }
    }
    let extra = synthetic(u64::try_from(new.len()).unwrap() / 500, seed + 1_000);
    new.extend(lines(&extra));
    self::text(&new)
}

fn told(change: &Change) -> Vec<Told> {
    let told = |kind, field, before: String, after: String| {
        (change.number().to_owned(), change.is_apart(), kind, field, before, after)
    };
    match change.what() {
        What::Added(row) => vec![told("added", "*", String::new(), raw(row))],
        What::Removed(row) => vec![told("removed", "*", raw(row), String::new())],
        What::Changed(cells) => {
            let cell = |cell: &chasqui_padron::FieldChange| {
                told("changed", cell.column().name(), cell.before().into_owned(), cell.after().into_owned())
            };
            cells.iter().map(cell).collect()
        }
    }
}

fn raw(row: &Row) -> String {
    row.raw().iter().map(|&byte| char::from(byte)).collect()
}

/// The rows of a text by number: the one that counts, and those kept apart.
fn by_number(text: &[u8]) -> BTreeMap<String, (Option<Row>, Vec<Row>)> {
    let mut rows: BTreeMap<String, (Option<Row>, Vec<Row>)> = BTreeMap::new();
    for row in lines(text).iter().filter_map(|line| Row::parse(line).ok()) {
        let (counts, apart) = rows.entry(row.text(Column::Ruc).into_owned()).or_default();
        if row.ruc().is_some() {
            apart.extend(counts.replace(row));
        } else {
            apart.push(row);
        }
    }
    rows
}

fn naive(old: &[u8], new: &[u8]) -> Vec<Told> {
    let (mut old, mut new) = (by_number(old), by_number(new));
    let (mut told, mut told_apart) = (Vec::new(), Vec::new());
    let numbers: std::collections::BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    for number in numbers {
        let (old_row, mut old_apart) = old.remove(&number).unwrap_or_default();
        let (new_row, mut new_apart) = new.remove(&number).unwrap_or_default();
        pair(&number, false, old_row.as_ref(), new_row.as_ref(), &mut told);
        old_apart.retain(|row| {
            let same = new_apart.iter().position(|other| other.raw() == row.raw());
            same.map(|place| new_apart.remove(place)).is_none()
        });
        for place in 0..old_apart.len().max(new_apart.len()) {
            pair(&number, true, old_apart.get(place), new_apart.get(place), &mut told_apart);
        }
    }
    told.extend(told_apart);
    told
}

fn pair(number: &str, apart: bool, old: Option<&Row>, new: Option<&Row>, told: &mut Vec<Told>) {
    let mut tell = |kind, field, before, after| told.push((number.to_owned(), apart, kind, field, before, after));
    match (old, new) {
        (None, None) => {}
        (None, Some(new)) => tell("added", "*", String::new(), raw(new)),
        (Some(old), None) => tell("removed", "*", raw(old), String::new()),
        (Some(old), Some(new)) => {
            for column in Column::ALL.into_iter().filter(|&column| old.bytes(column) != new.bytes(column)) {
                let (before, after) = (old.text(column).into_owned(), new.text(column).into_owned());
                tell("changed", column.name(), before, after);
            }
        }
    }
}

/// Compares two texts in every way there is.
#[track_caller]
fn check(old: &[u8], new: &[u8]) -> (World, Differences) {
    let expected = naive(old, new);
    let (world, padrons) = editions(&[old, new]);
    let mut found = Vec::new();
    let differences = diff(&padrons[0], &padrons[1], |change| {
        found.extend(told(change));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found, expected);

    let written = write_changes(&world.dir(), &padrons[0], &padrons[1]).unwrap();
    assert_eq!(written, differences);
    let file = ChangeFile::open(&path(&world)).unwrap();
    assert_eq!((file.differences(), file.editions()), (differences, [padrons[0].edition(), padrons[1].edition()]));
    file.verify().unwrap();
    let (mut read, mut changes) = (Vec::new(), file.changes(0));
    let mut by_number: BTreeMap<Ruc, Vec<Told>> = BTreeMap::new();
    while let Some(change) = changes.next().unwrap() {
        read.extend(told(&change));
        if let Some(ruc) = change.ruc().filter(|_| !change.is_apart()) {
            by_number.insert(ruc, told(&change));
        }
    }
    assert_eq!(read, expected);
    for (ruc, told) in by_number {
        assert_eq!(file.find(ruc).unwrap().map(|change| self::told(&change)), Some(told));
    }
    (world, differences)
}

fn path(world: &World) -> std::path::PathBuf {
    world.dir().join("changes-2026-11-01-2026-11-02.chq")
}

#[test]
fn one_row_of_a_hundred_differs_and_all_of_them_are_found() {
    let mut old = HEADER.to_vec();
    Synth::new(30_000, 3).with_odd_rows(2_000).write(0..30_000, &mut old);
    let (_, differences) = check(&old, &a_day_later(&old, 7));
    assert!(differences.changed > 150 && differences.added > 50 && differences.removed > 20, "{differences:?}");
}

#[test]
fn one_row_of_a_hundred_that_was_changed_on_purpose_is_told_cell_for_cell() {
    let mut old = HEADER.to_vec();
    Synth::new(20_000, 5).with_odd_rows(0).write(0..20_000, &mut old);
    let (mut new, mut expected) = (Vec::new(), Vec::new());
    for (place, line) in lines(&old).into_iter().enumerate() {
        let mut cells: Vec<String> =
            line.split(|&byte| byte == b'|').map(|cell| cell.iter().copied().map(char::from).collect()).collect();
        // Each column in its turn, in rows of every kind.
        if place % 100 == 37 {
            let column = 1 + place / 100 % 14;
            let after = format!("NUEVO {place}");
            let before = std::mem::replace(&mut cells[column], after.clone());
            expected.push((cells[0].clone(), false, "changed", Column::ALL[column].name(), before, after));
        }
        new.push(cells.join("|").chars().map(|letter| u8::try_from(letter).unwrap()).collect());
    }
    expected.sort_unstable();
    assert_eq!(expected.len(), 200);
    let (_, padrons) = editions(&[&old, &text(&new)]);
    let mut found = Vec::new();
    let differences = diff(&padrons[0], &padrons[1], |change| {
        found.extend(told(change));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found, expected);
    assert_eq!(differences, Differences { added: 0, removed: 0, changed: 200, cells: 200 });
}

#[test]
fn an_edition_does_not_differ_from_itself() {
    let text = synthetic(500, 1);
    let (_, differences) = check(&text, &{
        let mut same = lines(&text);
        same.reverse();
        self::text(&same)
    });
    // Turned round, another of the rows of a number that stands there twice may count; here none does.
    assert_eq!(differences, Differences::default());
}

#[test]
fn nothing_in_common_is_a_difference_in_every_row() {
    let (old, new) = (synthetic(300, 1), synthetic(400, 2));
    let (_, differences) = check(&old, &new);
    assert_eq!((differences.removed, differences.added), (300, 400));
}

const ROW: &str = "20100000131|PRUEBA S.A.|ACTIVO|HABIDO|150101|AV.|LIMA|-|-|1|-|-|-|-|-|";

fn rows(rows: &[&str]) -> Vec<u8> {
    text(&rows.iter().map(|row| row.as_bytes().to_vec()).collect::<Vec<_>>())
}

#[test]
fn any_number_of_rows_of_one_number_is_compared_in_time() {
    let foreign = |rows: std::ops::Range<u32>| {
        let row = |n| format!("00000000000|AJENO {n}|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|");
        let lines: Vec<String> = rows.map(row).chain([ROW.to_owned()]).collect();
        self::rows(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (_, padrons) = editions(&[&foreign(0..60_000), &foreign(59_990..120_000)]);
    let differences = diff(&padrons[0], &padrons[1], |_| ControlFlow::Continue(())).unwrap();
    // Ten are in both; of the others each that went stands for one that came.
    assert_eq!((differences.changed, differences.added, differences.removed), (59_990, 10, 0));
}

#[test]
fn a_line_spelt_otherwise_is_no_difference() {
    let (_, differences) = check(&rows(&[ROW]), &rows(&[ROW.strip_suffix('|').unwrap()]));
    assert_eq!(differences, Differences::default());
}

#[test]
fn lines_of_json_have_one_shape() {
    let foreign = "00123456789|AJENO|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|";
    let new = "20131312955|NUEVA|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|";
    let later = ROW.replace("ACTIVO|HABIDO", "BAJA DE OFICIO|NO HABIDO");
    let (_, padrons) = editions(&[&rows(&[ROW, foreign]), &rows(&[&later, new])]);
    let mut text = Vec::new();
    diff(&padrons[0], &padrons[1], |change| {
        change.write_ndjson(&mut text).unwrap();
        ControlFlow::Continue(())
    })
    .unwrap();
    let editions = r#""editions":["2026-11-01","2026-11-02"]"#;
    let blank = r#""estado_del_contribuyente":"ACTIVO","condicion_de_domicilio":"HABIDO","ubigeo":"-","tipo_de_via":"-","nombre_de_via":"-","codigo_de_zona":"-","tipo_de_zona":"-","numero":"-","interior":"-","lote":"-","dpto":"-","manzana":"-","kilometro":"-""#;
    let expected = [
        format!(
            r#"{{"ruc":"20100000131","kind":"changed","field":"estado_del_contribuyente","from":"ACTIVO","to":"BAJA DE OFICIO",{editions}}}"#
        ),
        format!(
            r#"{{"ruc":"20100000131","kind":"changed","field":"condicion_de_domicilio","from":"HABIDO","to":"NO HABIDO",{editions}}}"#
        ),
        format!(
            r#"{{"ruc":"20131312955","kind":"added","field":"*","from":null,"to":{{"nombre_o_razon_social":"NUEVA",{blank}}},{editions}}}"#
        ),
        format!(
            r#"{{"ruc":"00123456789","kind":"removed","field":"*","from":{{"nombre_o_razon_social":"AJENO",{blank}}},"to":null,{editions},"apart":true}}"#
        ),
    ];
    assert_eq!(String::from_utf8(text).unwrap().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn nothing_shows_a_name_by_accident() {
    let person = "10101174102|APELLIDO NOMBRE|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|";
    let later = person.replace("NOMBRE", "OTRO").replace("ACTIVO", "SUSPENSION TEMPORAL");
    let (_, padrons) = editions(&[&rows(&[ROW, person]), &rows(&[ROW, &later])]);
    diff(&padrons[0], &padrons[1], |change| {
        let shown = format!("{change:?}");
        assert!(!shown.contains("APELLIDO") && !shown.contains("OTRO") && !shown.contains("101174"), "{shown}");
        ControlFlow::Break(())
    })
    .unwrap();
}

#[test]
fn changes_go_forward_only() {
    let (world, padrons) = editions(&[&rows(&[ROW]), &rows(&[&ROW.replace("LIMA", "CUSCO")])]);
    for (old, new) in [(1, 0), (0, 0)] {
        let refused = write_changes(&world.dir(), &padrons[old], &padrons[new]);
        assert!(matches!(refused, Err(ChangesError::Backwards { .. })), "{refused:?}");
    }
    assert!(!world.names().iter().any(|name| name.contains("changes")), "{:?}", world.names());
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is() {
    let old = synthetic(1_500, 1);
    let (world, differences) = check(&old, &a_day_later(&old, 2));
    assert!(differences.rows() > 10);
    let (path, copy) = (path(&world), world.dir().join("copy.chq"));
    let whole = fs::read(&path).unwrap();
    let spoilt = |bytes: &[u8]| {
        fs::write(&copy, bytes).unwrap();
        ChangeFile::open(&copy).and_then(|file| file.verify())
    };
    spoilt(&whole).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let found = spoilt(&bytes);
        let is_told = matches!(found, Err(ChangesError::Damaged { .. } | ChangesError::Format { .. }));
        assert!(is_told, "byte {at} of {}: {found:?}", whole.len());
    }
    for length in (0..whole.len()).step_by(37) {
        assert!(spoilt(&whole[..length]).is_err(), "cut at {length}");
    }
    assert!(spoilt(&[&whole[..], b"\0"].concat()).is_err(), "longer");
    let said = spoilt(&whole[..whole.len() - 1]).unwrap_err().to_string();
    assert!(said.contains("copy.chq is damaged") && said.contains("compare the two editions again"), "{said}");
}

fn few_numbers() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "20100000131",
        "20131312955",
        "10101174102",
        "20100193117",
        "00100193117",
        "20100193118",
        "99999999999",
    ])
}

fn row() -> impl Strategy<Value = Vec<u8>> {
    let cell = || prop::sample::select(vec!["-", "", "A", "\u{f1} B|C", "----"]);
    (few_numbers(), prop::collection::vec(cell(), 4), any::<bool>()).prop_map(|(number, cells, ends)| {
        let [name, status, street, last] = &cells[..] else { unreachable!("there are four") };
        let (name, last) = (name.replace('\u{f1}', "N"), last.replace(['|', '\u{f1}'], ""));
        let (status, street) = (status.replace(['|', '\u{f1}'], ""), street.replace(['|', '\u{f1}'], ""));
        let end = if ends { "|" } else { "" };
        format!("{number}|{name}|{status}|HABIDO|150101|{street}|-|-|-|-|-|-|-|-|{last}{end}").into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_two_texts_are_compared_exactly(
        old in prop::collection::vec(row(), 1..20),
        new in prop::collection::vec(row(), 1..20),
    ) {
        // One row at least that can be used, because a registry without any is none.
        let with_one = |mut lines: Vec<Vec<u8>>| {
            lines.push(b"20512345673|UNA|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|".to_vec());
            text(&lines)
        };
        let (old, new) = (with_one(old), with_one(new));
        if old != new {
            check(&old, &new);
        }
    }
}
