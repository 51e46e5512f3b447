//! Lines of SUNAT's registry with anything in them: a row or no row, and every byte of a row comes back, in one cell.
//!
//! Left out: whole files, which `padron_import` makes.

#![no_main]

use chasqui_padron::{Column, Row, Ubigeos};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let Ok(row) = Row::parse(line) else { return };
    assert_eq!(row.raw(), line);
    // Whatever is glued or missing, nothing is in no cell or in two; columns that are missing are empty.
    let cells: Vec<&[u8]> = Column::ALL.iter().map(|&column| row.bytes(column)).collect();
    assert_eq!(without_last_bars(&cells.join(&b'|')), without_last_bars(line));
    for column in Column::ALL {
        let _ = (row.text(column), row.clean(column));
    }
    let _ = (row.person(), row.taxpayer(&Ubigeos::none()));
});

fn without_last_bars(line: &[u8]) -> &[u8] {
    &line[..line.iter().rposition(|&byte| byte != b'|').map_or(0, |last| last + 1)]
}
