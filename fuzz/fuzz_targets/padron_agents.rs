//! SUNAT's lists of agents: any bytes are read without a panic, and what is read is a list of distinct numbers, however
//! the lines end.
//!
//! Left out: zips, and what a list is measured against; those are the import's.

#![no_main]

use chasqui_padron::ParsedAgents;
use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] = b"Ruc|Nombre/Razon|A partir del|Resolucion|\r";

fuzz_target!(|input: &[u8]| {
    let _ = ParsedAgents::parse(input);
    // Behind a header, so that the fuzzer need not find one before anything else is tried.
    let Some(list) = ParsedAgents::parse(&[HEADER, input].concat()) else { panic!("it has a header") };
    let rucs: Vec<_> = list.rucs().collect();
    assert!(rucs.windows(2).all(|two| two[0] < two[1]), "a number twice, or out of order");
    let n_lines = input.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()).count();
    assert!(rucs.len() + list.bad().len() <= n_lines, "more was read than there is");

    // Where no name is torn, which only an end of line of its own can do, all three ends of line mean the same.
    let other_ends: Vec<u8> = input.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect();
    let other = ParsedAgents::parse(&[HEADER, &other_ends].concat()).expect("it has a header");
    assert!(other.rucs().eq(rucs), "the end of a line changed what it says");
});
