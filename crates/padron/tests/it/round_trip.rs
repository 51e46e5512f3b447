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
        .prop_map(|(prefix, body)| chasqui_types::Ruc::from_body(prefix, body).unwrap().as_str().as_bytes().to_vec());
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

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
