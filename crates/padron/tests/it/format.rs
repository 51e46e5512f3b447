//! Files stay what they are: the same text gives the same bytes, which editions that are kept already rely on.
//!
//! Left out: what the bytes mean.

use std::fs;
use std::ops::ControlFlow;

use chasqui_padron::{Edition, Names, Padron, write_changes};

use crate::{SAMPLE, World, date};

/// Rows of every kind: as they should be, repeated, of no well-formed number, and with a `|` in the name.
fn text(status: &str) -> Vec<u8> {
    let mut text = SAMPLE.to_vec();
    for n in 0..2_000_u32 {
        let (prefix, body) = ([10, 15, 17, 20][n as usize % 4], 10_000_000 + n / 4 * 977);
        let ruc = chasqui_types::Ruc::from_body(prefix, body).unwrap();
        let name = ["QUISPE MAMANI", "INVERSIONES", "PESCA | PERU", "COMERCIAL"][n as usize % 7 % 4];
        let status = if n % 100 == 0 { status } else { "ACTIVO" };
        let line = format!("{}|{name} {} S.A.C.|{status}|HABIDO|-|-|-|-|-|{n}|-|-|-|-|-|\n", ruc.as_str(), n % 97);
        text.extend_from_slice(line.as_bytes());
    }
    let first = SAMPLE.split(|&byte| byte == b'\n').nth(1).unwrap();
    text.extend_from_slice(first);
    text.extend_from_slice(b"\n00123456789|AJENO|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n");
    text
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    // Threads share the text in any way; the bytes do not show it.
    for threads in [1, 2, 5] {
        let mut world = World::new();
        world.options.threads = threads.try_into().unwrap();
        let padrons = ["SUSPENSION TEMPORAL", "BAJA DE OFICIO"].map(|status| {
            let day = if status.starts_with('S') { "2026-11-20" } else { "2026-11-21" };
            world.options.date = Some(date(day));
            world.import(&text(status)).unwrap();
            Padron::open_edition(&world.dir(), Edition::first_of(date(day))).unwrap()
        });
        Names::build(&padrons[0], &mut |_| ControlFlow::Continue(())).unwrap();
        write_changes(&world.dir(), &padrons[0], &padrons[1]).unwrap();
        let files = ["2026-11-20/rows.chq", "2026-11-20/names.chq", "changes-2026-11-20-2026-11-21.chq"];
        let hashes = files.map(|file| blake3::hash(&fs::read(world.dir().join(file)).unwrap()).to_string());
        // Where one of them is another, an older version cannot read what this one writes, or the other way round, and
        // the number of its format has to be raised; or words are chosen otherwise, and the hash alone is new.
        let expected = [
            "114f4d3730eb6e6ffe3db4c0f69b5b02e384b0b3f2db1560473d1775c6570527",
            "e19de57411f753956f06790c09789d2b0cc93ed9194a6c141f6654e7cd49957f",
            "2b1cad3caa9f2ca902c452becf94f9ddae7be846fb01fe3f1396018d76e5d551",
        ];
        assert_eq!(hashes, expected, "on {threads} threads");
    }
}
