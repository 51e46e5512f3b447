//! Every line comes back as it was, byte for byte.

use std::collections::BTreeMap;

use chasqui_padron::synth::{HEADER, Synth};
use chasqui_padron::{Column, Row};
use chasqui_types::Ruc;
use proptest::prelude::*;

use crate::{SAMPLE, World, synthetic};

/// Imports a text and asks for every line of it, by number and by walking through.
#[track_caller]
fn check(text: &[u8]) {
    let world = World::new();
    let report = world.report(text);
    let padron = world.padron();
    padron.verify().unwrap();

    let lines = text.split(|&byte| byte == b'\n').skip(1).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut expected: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
    let mut n_bad = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        match Row::parse(line) {
            Ok(row) => expected.entry(row.text(Column::Ruc).into_owned()).or_default().push(line),
            Err(_) => n_bad += 1,
        }
    }
    let n_rows: usize = expected.values().map(Vec::len).sum();
    assert_eq!((report.rows, report.bad.count()), (n_rows as u64, n_bad), "counted otherwise");
    for counts in [&report.by_prefix, &report.by_status, &report.by_condition] {
        assert_eq!(counts.values().sum::<u64>(), report.rows, "every row has one of these");
    }
    let n_foreign = expected.iter().filter(|(number, _)| number.parse::<Ruc>().is_err());
    assert_eq!(report.foreign, n_foreign.map(|(_, lines)| lines.len() as u64).sum::<u64>());
    let is_repeated = |(number, lines): &(&String, &Vec<&[u8]>)| lines.len() > 1 && number.parse::<Ruc>().is_ok();
    assert_eq!(report.repeated, expected.iter().filter(is_repeated).count() as u64);

    let mut n_walked = 0;
    let mut rows = padron.rows().unwrap();
    while let Some(row) = rows.next().unwrap() {
        n_walked += 1;
        assert!(expected[&*row.text(Column::Ruc)].contains(&row.raw()), "{row:?} was never there");
    }
    assert_eq!(n_walked, n_rows, "walking passes every row once");

    for (number, mut lines) in expected {
        if let Ok(ruc) = number.parse() {
            let row = padron.find(ruc).unwrap().unwrap_or_else(|| panic!("{ruc:?} is missing"));
            assert_eq!(row.raw(), *lines.last().unwrap(), "the last one counts");
            let again = Row::parse(row.raw()).unwrap();
            assert!(Column::ALL.iter().all(|&column| again.bytes(column) == row.bytes(column)), "{row:?}");
            lines.rotate_right(1);
        }
        let found = padron.find_raw(&number).unwrap();
        assert_eq!(found.iter().map(Row::raw).collect::<Vec<_>>(), lines, "all rows of a number");
    }
}

#[test]
fn sunats_own_lines_come_back() {
    check(SAMPLE);
}

#[test]
fn lines_that_end_the_way_of_windows_come_back() {
    check(
        &SAMPLE
            .iter()
            .flat_map(|&byte| if byte == b'\n' { vec![b'\r', b'\n'] } else { vec![byte] })
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_last_line_needs_no_end() {
    let text = synthetic(3, 1);
    check(&text[..text.len() - 1]);
}

#[test]
fn made_up_rows_come_back_however_odd() {
    check(&synthetic(20_000, 5));
    let mut odd = HEADER.to_vec();
    Synth::new(20_000, 6).with_odd_rows(100_000).write(0..20_000, &mut odd);
    // More bad lines than an import takes.
    let good = odd.split(|&byte| byte == b'\n').skip(1).filter(|line| Row::parse(line).is_ok());
    let mut kept = HEADER.to_vec();
    for line in good {
        kept.extend_from_slice(line);
        kept.push(b'\n');
    }
    check(&kept);
}

#[test]
fn the_last_row_of_a_number_counts_however_many_threads_there_are() {
    // Many pieces, with the rows of one number far from each other and next to each other.
    let once = synthetic(15_000, 7);
    let rows: Vec<&[u8]> = once.split(|&byte| byte == b'\n').skip(1).filter(|row| !row.is_empty()).collect();
    let mut text = once.clone();
    for (round, status) in ["ACTIVO", "BAJA DEFINITIVA", "OTROS OBLIGADOS"].into_iter().enumerate() {
        for row in rows.iter().skip(round).step_by(5) {
            let mut cells: Vec<&[u8]> = row.split(|&byte| byte == b'|').collect();
            cells[2] = status.as_bytes();
            for _ in 0..=round {
                text.extend(cells.join(&b'|'));
                text.push(b'\n');
            }
        }
    }
    assert!(text.len() > 2 << 20, "{}", text.len());
    let mut files = Vec::new();
    for threads in [1, 2, 3, 8] {
        let mut world = World::new();
        world.options.threads = threads.try_into().unwrap();
        world.import(&text).unwrap();
        files.push(std::fs::read(world.dir().join("2026-11-21/rows.chq")).unwrap());
    }
    assert!(files.windows(2).all(|two| two[0] == two[1]), "the same bytes");
    check(&text);
}

#[test]
fn the_first_and_the_last_number_there_can_be_are_found() {
    let [first, last] = [(10, 0), (20, 99_999_999)].map(|(prefix, body)| ruc(prefix, body));
    let [second, before_last] = [(10, 1), (20, 99_999_998)].map(|(prefix, body)| ruc(prefix, body));
    let row = |number: Ruc| format!("{}|UNA|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n", number.as_str());
    for numbers in [&[first][..], &[last], &[last, first]] {
        let rows: String = numbers.iter().map(|&number| row(number)).collect();
        let text = [HEADER, rows.as_bytes()].concat();
        check(&text);
        let world = World::new();
        world.import(&text).unwrap();
        let padron = world.padron();
        for number in [first, second, before_last, last, ruc(15, 0), ruc(17, 99_999_999)] {
            assert_eq!(padron.contains(number).unwrap(), numbers.contains(&number), "{number:?}");
            assert_eq!(padron.find(number).unwrap().is_some(), numbers.contains(&number), "{number:?}");
        }
    }
}

#[test]
fn rows_of_no_well_formed_number_may_be_alone() {
    let rows = ["00123456789", "20100000130", "10000000000", "00123456789", "99999999999"]
        .map(|number| format!("{number}|AJENO {number}|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n"));
    check(&[HEADER, rows.concat().as_bytes()].concat());
}

fn ruc(prefix: u8, body: u32) -> Ruc {
    Ruc::from_body(prefix, body).unwrap()
}

fn cell() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => Just(b"-".to_vec()),
        1 => Just(b"----".to_vec()),
        1 => Just(Vec::new()),
        3 => prop::collection::vec(prop::sample::select(b"AB  1.\"\\\xd1\xa0-|".to_vec()), 0..12),
        1 => prop::collection::vec(any::<u8>().prop_filter("a line has no end inside", |byte| !b"\n\r".contains(byte)), 0..300),
    ]
}

fn number() -> impl Strategy<Value = Vec<u8>> {
    let valid = (prop::sample::select(vec![10_u8, 15, 16, 17, 20]), prop_oneof![0..20_u32, 0..100_000_000_u32])
        .prop_map(|(prefix, body)| ruc(prefix, body).as_str().as_bytes().to_vec());
    prop_oneof![8 => valid, 1 => "[0-9]{11}".prop_map(String::into_bytes), 1 => "[0-9A]{9,12}".prop_map(String::into_bytes)]
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    (number(), prop::collection::vec(cell(), 13..17), any::<bool>()).prop_map(|(number, cells, ends)| {
        let mut line = number;
        for cell in cells {
            line.push(b'|');
            line.extend(cell);
        }
        line.extend_from_slice(if ends { b"|" } else { b"" });
        line
    })
}

/// How a line may end.
#[derive(Debug, Clone, Copy)]
enum End {
    Whole,
    WithoutBar,
    /// The last column is lost, as in SUNAT's line with a `|` in its name.
    WithoutColumn,
}

/// A line, and the fifteen cells it is made of.
#[derive(Debug, Clone)]
struct Made {
    line: Vec<u8>,
    cells: Vec<Vec<u8>>,
}

/// Anything that neither ends a cell nor looks like a district code, which tells where a name with a `|` ends.
fn plain(lengths: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let is_code = |cell: &[u8]| cell.len() == 6 && cell.iter().all(u8::is_ascii_digit);
    let byte = prop_oneof![
        3 => prop::sample::select(b"AZ  \xd1\xe9\xa0\"\\.-19".to_vec()),
        1 => any::<u8>().prop_filter("it ends a cell", |byte| !b"\n\r|".contains(byte)),
    ];
    prop::collection::vec(byte, lengths).prop_filter("it is a district code", move |cell| !is_code(cell))
}

fn made() -> impl Strategy<Value = Made> {
    let filled = || prop_oneof![1 => Just(b"-".to_vec()), 1 => Just(b"----".to_vec()), 2 => plain(1..30)];
    let name = prop_oneof![4 => prop::collection::vec(plain(0..40), 1), 1 => prop::collection::vec(plain(0..20), 2..5)];
    let code = prop_oneof![2 => "[0-9]{6}".prop_map(String::into_bytes), 1 => Just(b"-".to_vec())];
    let end = prop_oneof![4 => Just(End::Whole), 1 => Just(End::WithoutBar), 1 => Just(End::WithoutColumn)];
    let states = (plain(2..30), plain(2..30));
    (0..100_000_000_u32, name, states, code, prop::collection::vec(filled(), 10), end).prop_map(
        |(body, name, (status, condition), code, address, mut end)| {
            // A lost column is seen by the code, and only beside a name that has one too many.
            if name.len() == 1 || code == b"-" {
                end = if matches!(end, End::WithoutColumn) { End::Whole } else { end };
            }
            let number = ruc([10, 15, 17, 20][body as usize % 4], body).as_str().as_bytes().to_vec();
            let mut cells = vec![number, name.join(&b'|'), status, condition, code];
            cells.extend(address);
            let mut line = cells.join(&b'|');
            match end {
                End::Whole => line.push(b'|'),
                End::WithoutBar => {}
                End::WithoutColumn => {
                    let last = cells.last_mut().unwrap();
                    line.truncate(line.len() - last.len());
                    last.clear();
                }
            }
            Made { line, cells }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_cell_is_what_it_was_made_of(rows in prop::collection::vec(made(), 1..60)) {
        let rows: BTreeMap<Vec<u8>, Made> = rows.into_iter().map(|made| (made.cells[0].clone(), made)).collect();
        let mut text = HEADER.to_vec();
        for made in rows.values() {
            text.extend_from_slice(&made.line);
            text.push(b'\n');
        }
        let world = World::new();
        let report = world.report(&text);
        prop_assert_eq!((report.rows, report.bad.count()), (rows.len() as u64, 0));
        let padron = world.padron();
        let mut walked = padron.rows().unwrap();
        for made in rows.values() {
            let number: Ruc = std::str::from_utf8(&made.cells[0]).unwrap().parse().unwrap();
            let found = padron.find(number).unwrap().unwrap();
            for row in [&found, walked.next().unwrap().unwrap()] {
                let cells: Vec<&[u8]> = Column::ALL.iter().map(|&column| row.bytes(column)).collect();
                prop_assert_eq!(&cells, &made.cells, "{}", made.line.escape_ascii());
            }
        }
        prop_assert!(walked.next().unwrap().is_none());
    }

    #[test]
    fn any_lines_come_back(lines in prop::collection::vec(line(), 1..60)) {
        let mut text = HEADER.to_vec();
        // One row at least, because a registry without any is none.
        text.extend_from_slice(b"20100000131|PRUEBA|ACTIVO|HABIDO|150101|AV.|LIMA|-|-|1|-|-|-|-|-|\n");
        for line in lines {
            text.extend(line);
            text.push(b'\n');
        }
        check(&text);
    }
}
