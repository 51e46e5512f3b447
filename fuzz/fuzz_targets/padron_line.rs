//! Lines of SUNAT's registry with anything in them: a row or no row, and every byte of a row comes back.
//!
//! Left out: whole files, which `padron_import` makes.

#![no_main]

use chasqui_padron::{Column, Row, Ubigeos};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let Ok(row) = Row::parse(line) else { return };
    assert_eq!(row.raw(), line);
    for column in Column::ALL {
        let _ = (row.text(column), row.clean(column));
    }
    let _ = (row.person(), row.taxpayer(&Ubigeos::none()));
});
